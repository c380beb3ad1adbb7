package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/rivo/uniseg"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-a6e4e5a4/imbot/imbottest"
	"github.com/seed-a6e4e5a4/imbot/internal/version"
)

// asMain is the environment of who works with [imbottest.BotMain].
func asMain(portal *imbottest.Portal) map[string]string {
	env := environment(portal)
	env["BITRIX24_BOT_ID"] = "39"
	return env
}

// call runs a command, with a terminal of so many columns, or none with 0.
func call(t *testing.T, env map[string]string, columns int, args ...string) result {
	t.Helper()
	var out, errs bytes.Buffer
	std := streams{strings.NewReader("from standard input\n"), &out, &errs}
	if columns > 0 {
		shown := &screen{width: columns}
		std.out = shown
		defer func() { assertFits(t, shown.String(), columns) }()
		code := run(t.Context(), args, func(name string) string { return env[name] }, nil, std)
		assertNoSecrets(t, shown.String(), errs.String())
		return result{code, shown.String(), errs.String()}
	}
	code := run(t.Context(), args, func(name string) string { return env[name] }, nil, std)
	assertNoSecrets(t, out.String(), errs.String())
	return result{code, out.String(), errs.String()}
}

func assertFits(t *testing.T, text string, columns int) {
	t.Helper()
	for line := range strings.Lines(text) {
		assert.LessOrEqual(t, uniseg.StringWidth(strings.TrimSuffix(line, "\n")), columns, line)
	}
}

// TestCommands goes through what each command says, and by which exit code, for people and for programs.
func TestCommands(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name    string
		prepare func(*imbottest.Portal)
		args    string
		code    int
		out     string // what a person reads
		json    string // what a program reads
		err     string // what stands beside it
	}{
		{name: "leave", args: "leave chat13", out: "Bot 39 has left chat 13.\n", json: `{"outcome":"left","chat":13,"bot":39,"verified":false,"attempts":1}`},
		{name: "leave again", args: "leave 14", out: "Bot 39 was not in chat 14. Its members were looked at.\n", json: `{"outcome":"already out","chat":14,"bot":39,"verified":true,"attempts":1}`},
		{name: "leave by v2", args: "leave 1 --v2", out: "Bot 39 has left chat 1.\n", json: `{"outcome":"left","chat":1,"bot":39,"verified":false,"attempts":1}`},
		{
			name: "leave, refused", args: "leave 17", code: exitRefused, err: "imbot leave: imbot.chat.leave: LEAVE_OWNER_FORBIDDEN",
			json: `{"outcome":"refused","error":{"code":"LEAVE_OWNER_FORBIDDEN"}}`,
		},
		{
			name: "leave, unknown", args: "leave 13 --timeout 100ms", code: exitUnknown, err: "imbot leave: ",
			prepare: func(p *imbottest.Portal) { p.Fault("imbot.chat.leave", imbottest.SlowBefore(time.Hour)) },
			json:    `{"outcome":"unknown","error":{}}`,
		},
		{
			name: "leave, lost", args: "leave 13", out: "Bot 39 is out of chat 13. An answer was lost, so it may have been out before. Its members were looked at.\n",
			prepare: func(p *imbottest.Portal) { p.Fault("imbot.chat.leave", imbottest.LoseAfter()) },
			json:    `{"outcome":"out","chat":13,"bot":39,"verified":true,"attempts":2}`,
		},
		{
			name: "leave, later", args: "leave 13 --timeout 1s", code: exitFailed, err: "imbot leave: ",
			prepare: func(p *imbottest.Portal) {
				p.On("imbot.chat.leave", imbottest.Refuse(429, "OPERATION_TIME_LIMIT", "Method is blocked due to operation time limit."))
			},
			json: `{"outcome":"failed","error":{"code":"OPERATION_TIME_LIMIT"}}`,
		},
		{name: "can leave", args: "can-leave 13", out: "Bot 39 may leave chat 13.\n", json: `{"allowed":true,"is_owner":false,"chat":13,"bot":39}`},
		{name: "can leave what it owns", args: "can-leave 15", out: "Bot 39 may leave chat 15, which it owns.\n", json: `{"allowed":true,"is_owner":true}`},
		{
			name: "can not leave", args: "can-leave 16", code: exitRefused, json: `{"allowed":false,"is_owner":false}`,
			out: "Bot 39 may not leave chat 16. The chat is that of a workgroup, a call or a support session, whose members are managed there. Remove the bot or user from the workgroup, call or session.\n",
		},
		{name: "can leave nothing", args: "can-leave 999", code: exitRefused, err: "imbot can-leave: imbot.dialog.get: ", json: `{"outcome":"refused","error":{"code":"ACCESS_ERROR"}}`},
		{name: "members", args: "members 13", out: "ID\n1\n39\n50\n3 members\n", json: `{"chat":13}`},
		{
			name: "members by name", args: "members 13 --names", json: `{"chat":13}`,
			out: "ID  KIND  NAME\n1   user  Example Person\n39  bot   Main bot\n50  bot   Bot of an application\n3 members\n",
		},
		{name: "no members", args: "members 14", out: "The portal shows no member: bot 39 is not in the chat, or there is no such chat.\n", json: `{"chat":14}`},
		{
			name: "bots", args: "bots", json: `{}`,
			out: "ID  CODE    OPEN LINES  NAME\n39  main    no          Main bot\n41  second  yes         Second bot\n50  app     no          Bot of an application\n3 bots\n",
		},
		{name: "register", args: "register helper --name Helper --type supervisor", out: "Bot 456 has the code helper.\nUse it by: export BITRIX24_BOT_ID=456\n", json: `{"bot":456,"code":"helper","type":"supervisor","event_mode":"fetch"}`},
		{
			name: "register what is there", args: "register main", json: `{"bot":39,"differs":["eventMode","properties.name"]}`,
			out: "Bot 39 has the code main.\nIt was there before, and is not what was asked for: eventMode, properties.name. imbot.v2.Bot.update changes that.\nUse it by: export BITRIX24_BOT_ID=39\n",
		},
		{name: "unregister", args: "unregister --yes", out: "Bot 39 is deleted.\n", json: `{"outcome":"deleted","bot":39}`},
		{
			name: "unregister, unknown", args: "unregister -y", code: exitUnknown, err: "imbot unregister: imbot.v2.Bot.unregister: ",
			prepare: func(p *imbottest.Portal) { p.Fault("imbot.v2.Bot.unregister", imbottest.HTMLAfter(502)) },
			json:    `{"outcome":"unknown","error":{"status":502}}`,
		},
		{name: "unregister, nobody to ask", args: "unregister", code: exitUsage, err: "say so by --yes", json: `{"outcome":"usage"}`},
		{name: "say", args: "say 13 Hello", out: "Message 4711 is in 13.\n", json: `{"message":4711,"dialog":"chat13"}`},
		{name: "say to a user", args: "say user1 -", out: "Message 4711 is in user1.\n", json: `{"message":4711,"dialog":"1"}`},
		{name: "say nowhere", args: "say user Hello", code: exitUsage, err: "want a chat such as chat13", json: `{"outcome":"usage"}`},
		{name: "say nothing", args: "say 999 Hello", code: exitRefused, err: "imbot say: imbot.v2.Chat.Message.send: CHAT_NOT_FOUND: Chat not found (HTTP 400)\n", json: `{"outcome":"refused"}`},
		{name: "no chat", args: "leave chatty", code: exitUsage, err: "imbot leave: <chat>: want a chat such as 13 or chat13\nNothing was sent. imbot leave --help tells more.", json: `{"outcome":"usage"}`},
		{name: "no such bot", args: "leave 13 --bot 99", code: exitRefused, err: "The portal has no such bot;", json: `{"outcome":"refused","error":{"code":"BOT_ID_ERROR"}}`},
		{name: "no command", args: "", code: exitUsage, err: "imbot: want one of the commands leave, can-leave, ", json: ``},
		{name: "no such command", args: "membership", code: exitUsage, err: "imbot: want one of the commands leave, can-leave, ", json: `{"outcome":"usage"}`},
		{name: "a flag before the command", args: "--v2 leave 13", code: exitUsage, err: "imbot: unknown flag --v2\n", json: `{"outcome":"usage"}`},
		{name: "no time for one chat", args: "leave 13 --timeout=-1s", code: exitUsage, err: "imbot leave: --timeout may not be negative\n", json: `{"outcome":"usage"}`},
		{name: "no time to tell", args: "can-leave 13 --timeout=-1s", code: exitUsage, err: "imbot can-leave: --timeout may not be negative\n", json: `{"outcome":"usage"}`},
		{name: "no time for events", args: "events --timeout=-1s", code: exitUsage, err: "imbot events: --timeout may not be negative\n", json: `{"outcome":"usage"}`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			for _, isJSON := range []bool{false, true} {
				if isJSON && tt.json == "" {
					continue
				}
				portal := imbottest.NewPortal(t)
				if tt.prepare != nil {
					tt.prepare(portal)
				}
				args := strings.Fields(tt.args)
				if isJSON {
					args = append(args, "--json")
				}
				got := call(t, asMain(portal), 0, args...)
				assert.Equal(t, tt.code, got.code, got.err)
				assert.Contains(t, got.err, tt.err)
				if isJSON {
					assertJSON(t, tt.json, got.out)
				} else {
					assert.Equal(t, tt.out, got.out)
				}
			}
		})
	}
}

// TestBots_v2 holds that the second generation tells more of one's own bots.
func TestBots_v2(t *testing.T) {
	t.Parallel()
	portal := imbottest.NewPortal(t)
	portal.AddBot(imbottest.Bot{ID: 60, Code: "with-a-code-that-is-rather-long", Name: "Fetching", ClientID: imbottest.ClientID, Type: "personal", EventMode: "fetch"})
	got := call(t, asMain(portal), 60, "bots", "--v2")
	assert.Equal(t, exitDone, got.code, got.err)
	assert.Contains(t, got.out, "TYPE      EVENTS   CHATS  MESSAGES\n")
	assert.Contains(t, got.out, "  personal  fetch    0      0\n    -rather-long\n")
	var told struct {
		Bots []struct {
			ID        int    `json:"id"`
			EventMode string `json:"event_mode"`
			Chats     int    `json:"chats"`
		} `json:"bots"`
	}
	require.NoError(t, json.Unmarshal([]byte(call(t, asMain(portal), 0, "bots", "--v2", "--json").out), &told))
	require.Len(t, told.Bots, 3)
	assert.Equal(t, 60, told.Bots[2].ID)
	assert.Equal(t, "fetch", told.Bots[2].EventMode)
}

// TestUnreachable holds that a portal which cannot be reached is no refusal.
func TestUnreachable(t *testing.T) {
	t.Parallel()
	portal := imbottest.NewPortal(t)
	env := asMain(portal)
	portal.Close()
	for _, args := range []string{"members 13", "can-leave 13", "bots", "events --once"} {
		got := call(t, env, 0, strings.Fields(args+" --timeout 20s")...)
		assert.Contains(t, []int{exitFailed, exitUnknown}, got.code, "%s: %s", args, got.err)
	}
}

// TestSayCommand holds what is written: codes only where that was asked for.
func TestSayCommand(t *testing.T) {
	t.Parallel()
	portal := imbottest.NewPortal(t)
	for _, args := range [][]string{{"say", "13", "[B]x[/B]"}, {"say", "13", "[B]x[/B]", "--bb"}, {"say", "chat13", "-"}} {
		got := call(t, asMain(portal), 0, args...)
		require.Equal(t, exitDone, got.code, got.err)
	}
	written := portal.Messages(imbottest.ChatGroup)
	require.Len(t, written, 3)
	assert.NotContains(t, written[0].Text, "[B]")
	assert.Equal(t, "[B]x[/B]", written[1].Text)
	assert.Equal(t, "from standard input", written[2].Text)
}

// TestRegister_handler holds that a handler's address is no secret, and goes along.
func TestRegister_handler(t *testing.T) {
	t.Parallel()
	portal := imbottest.NewPortal(t)
	got := call(t, asMain(portal), 0, "register", "posted", "--handler", "https://bot.example/events", "--json")
	assert.Equal(t, exitDone, got.code, got.err)
	assertJSON(t, `{"event_mode":"webhook"}`, got.out)
	got = call(t, asMain(portal), 0, "events", "--bot", "456")
	assert.Equal(t, exitUsage, got.code)
	assert.Contains(t, got.err, "the events of this bot are posted")
}

// TestSecrets_file holds that credentials may come from a file that nobody else can read.
func TestSecrets_file(t *testing.T) {
	t.Parallel()
	portal := imbottest.NewPortal(t)
	write := func(text string, mode os.FileMode) string {
		name := filepath.Join(t.TempDir(), "secrets")
		require.NoError(t, os.WriteFile(name, []byte(text), mode))
		return name
	}
	good := "# of the portal\nexport BITRIX24_WEBHOOK_URL=\"" + portal.ServerWebhookURL() + "\"\n\nBITRIX24_CLIENT_ID = " + imbottest.ClientID + "\n"
	got := call(t, nil, 0, "leave", "13", "--bot", "39", "--secrets", write(good, 0o600))
	assert.Equal(t, exitDone, got.code, got.err)
	assert.False(t, portal.Has(imbottest.ChatGroup, imbottest.BotMain))

	withBot := write(good+"BITRIX24_BOT_ID=39\n", 0o600)
	for _, args := range []string{"leave 13", "can-leave 15", "members 15", "say 15 Hello", "bulk --chats - --outcomes " + filepath.Join(t.TempDir(), "outcomes.csv"), "unregister --yes"} {
		got = call(t, nil, 0, append(strings.Fields(args), "--secrets", withBot)...)
		assert.NotContains(t, got.err, "which bot?", args)
	}
	assert.Equal(t, "Bot 39 is deleted.\n", got.out)
	got = call(t, nil, 0, "leave", "13", "--secrets", write(good+"BITRIX24_BOT_ID=main\n", 0o600))
	assert.Contains(t, got.err, "BITRIX24_BOT_ID has to be a positive number")

	renamed := strings.Replace(good, "CLIENT_ID", "BOT_TOKEN", 1)
	got = call(t, nil, 0, "members", "13", "--bot", "41", "--secrets", write(renamed, 0o600))
	assert.Equal(t, exitDone, got.code, got.err)
	got = call(t, map[string]string{"BITRIX24_CLIENT_ID": "other"}, 0, "members", "13", "--bot", "41", "--secrets", write(renamed, 0o600))
	assert.Equal(t, exitUsage, got.code)
	assert.Contains(t, got.err, "two names of one thing, and differ")

	env := map[string]string{"BITRIX24_CLIENT_ID": "wrong", "BITRIX24_BOT_ID": "41"}
	got = call(t, env, 0, "leave", "13", "--secrets", withBot)
	assert.Contains(t, got.err, "APP_ID_ERROR", "the environment comes first")
	delete(env, "BITRIX24_BOT_ID")
	got = call(t, env, 0, "leave", "13", "--bot", "39", "--secrets", write(good, 0o600))
	assert.Equal(t, exitRefused, got.code, "the environment comes first")

	for text, says := range map[string]string{"BITRIX24_WEBHOOK=" + imbottest.Secret: "line 1 does not begin with", imbottest.Secret: "line 1 does not begin"} {
		got = call(t, nil, 0, "leave", "13", "--bot", "39", "--secrets", write(text, 0o600))
		assert.Equal(t, exitUsage, got.code)
		assert.Contains(t, got.err, says)
	}
	got = call(t, nil, 0, "leave", "13", "--bot", "39", "--secrets", write(good, 0o600)+"x")
	assert.Contains(t, got.err, "--secrets: no such file")
	if os.PathSeparator == '/' {
		got = call(t, nil, 0, "leave", "13", "--bot", "39", "--secrets", write(good, 0o644))
		assert.Equal(t, exitUsage, got.code)
		assert.Contains(t, got.err, "chmod 600")
	}
}

// TestSecrets_arguments holds that a webhook on the command line is refused whatever the command, and not repeated.
func TestSecrets_arguments(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{
		{"leave", "13", "--webhook", "https://portal.example/rest/1/EXAMPLEsecret/"},
		{"https://portal.example/rest/1/EXAMPLEsecret/imbot.chat.leave"},
		{"say", "13", "look: https://portal.example/rest/1/EXAMPLEsecret/"},
		{"register", "x", "--handler=portal.example/rest/1/EXAMPLEsecret"},
	} {
		got := call(t, nil, 0, args...)
		assert.Equal(t, exitUsage, got.code)
		assert.Contains(t, got.err, "looks like the URL of a webhook")
		assert.Contains(t, got.err, "Nothing was sent.")
		assert.NotContains(t, got.err, "EXAMPLE")
	}
	assert.False(t, hasWebhook([]string{"https://bot.example/rest/", "say", "13", "the rest/ of it", "docs/rest/1"}))
}

// TestHelp holds that the help of each command fits the terminal, and tells its exit codes.
func TestHelp(t *testing.T) {
	t.Parallel()
	for _, command := range []string{"", "leave", "can-leave", "bulk", "members", "bots", "register", "unregister", "say", "events", "portal"} {
		got := call(t, nil, 80, append(strings.Fields(command), "--help")...)
		assert.Equal(t, exitDone, got.code)
		assert.Regexp(t, "(?s)Exit\\s+code", got.out, command)
	}
}

// assertJSON compares those fields that want has.
func assertJSON(t *testing.T, want, got string) {
	t.Helper()
	var wanted, found map[string]any
	require.NoError(t, json.Unmarshal([]byte(want), &wanted))
	require.NoError(t, json.Unmarshal([]byte(got), &found), got)
	assertPart(t, wanted, found)
}

func assertPart(t *testing.T, want, got map[string]any) {
	t.Helper()
	for name, value := range want {
		if part, isObject := value.(map[string]any); isObject {
			inner, _ := got[name].(map[string]any)
			assertPart(t, part, inner)
			continue
		}
		assert.Equal(t, value, got[name], name)
	}
}

// The version is that of the release, here and in what portals see.
func TestVersion(t *testing.T) {
	t.Parallel()
	portal := imbottest.NewPortal(t)
	got := call(t, nil, 0, "--version")
	assert.Equal(t, exitDone, got.code, got.err)
	assert.Equal(t, version.Version+"\n", got.out)

	got = call(t, asMain(portal), 0, "members", "13")
	assert.Equal(t, exitDone, got.code, got.err)
	assert.Contains(t, portal.Calls()[0].Header.Get("User-Agent"), "imbot-members/"+version.Version)
}

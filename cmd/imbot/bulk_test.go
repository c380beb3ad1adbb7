package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/imbottest"
)

// portalWith is a portal with the bot in the chats 1001 to 1000+n, some of which it may not leave, and some of which it
// is not in.
func portalWith(t *testing.T, n int, opts ...imbottest.Option) *imbottest.Portal {
	t.Helper()
	portal := imbottest.NewPortal(t, opts...)
	bot := imbot.UserID(imbottest.BotMain)
	for i := range n {
		chat := imbottest.Chat{ID: imbot.ChatID(1001 + i), Kind: imbottest.Group, Owner: imbottest.Employee, Members: []imbot.UserID{imbottest.Employee, bot}}
		switch i % 10 {
		case 3:
			chat.Kind, chat.Owner = imbottest.CRM, bot
		case 5:
			chat.Kind = imbottest.Workgroup
		case 7:
			chat.Members = []imbot.UserID{imbottest.Employee}
		}
		portal.AddChat(chat)
	}
	return portal
}

// result is what a run printed and how it ended.
type result struct {
	code     int
	out, err string
}

// environment is that of a user of the portal's webhook.
func environment(portal *imbottest.Portal) map[string]string {
	return map[string]string{"BITRIX24_WEBHOOK_URL": portal.ServerWebhookURL(), "BITRIX24_CLIENT_ID": imbottest.ClientID}
}

func start(t *testing.T, env map[string]string, stdin string, interrupts <-chan os.Signal, args ...string) result {
	t.Helper()
	var out, errs bytes.Buffer
	code := run(t.Context(), append([]string{"bulk"}, args...), func(name string) string { return env[name] }, interrupts, streams{strings.NewReader(stdin), &out, &errs})
	assertNoSecrets(t, out.String(), errs.String())
	for i, arg := range args {
		if arg == "--outcomes" {
			content, _ := os.ReadFile(args[i+1]) // if there is one
			assertNoSecrets(t, string(content))
		}
	}
	return result{code, out.String(), errs.String()}
}

func assertNoSecrets(t *testing.T, texts ...string) {
	t.Helper()
	for _, text := range texts {
		for _, secret := range []string{imbottest.Secret, "/rest/1/", imbottest.ClientID, imbottest.TokenOK} {
			assert.NotContains(t, text, secret)
		}
	}
}

// idsOf is a file with n chats.
func idsOf(t *testing.T, n int) string {
	t.Helper()
	var lines strings.Builder
	for i := range n {
		lines.WriteString(string(imbot.ChatID(1001+i).DialogID()) + "\n")
	}
	name := filepath.Join(t.TempDir(), "chats.txt")
	require.NoError(t, os.WriteFile(name, []byte(lines.String()), 0o600))
	return name
}

func outcomesFile(t *testing.T) string {
	t.Helper()
	return filepath.Join(t.TempDir(), "outcomes.csv")
}

// wholeTable is what 100 chats come to.
const wholeTable = `80   out of the chat
10   refused: ACCESS_ERROR: It is forbidden to delete users of this chat
     it has the members of a workgroup, a call or the like: leave that
10   refused: LEAVE_OWNER_FORBIDDEN
     the bot owns it: hand it over (imbot.chat.setOwner), then --refused
100  chats
`

func TestRun(t *testing.T) {
	t.Parallel()
	portal := portalWith(t, 100)
	file := outcomesFile(t)
	chats := idsOf(t, 100)

	got := start(t, environment(portal), "", nil, "--chats", chats, "--bot", "39", "--outcomes", file, "--yes")

	assert.Equal(t, exitSomeAreIn, got.code)
	assert.Equal(t, wholeTable, got.out)
	assert.Contains(t, got.err, "Leave 100 chats.")
	assert.Contains(t, got.err, "leaving: 100/100 chats")
	for i := range 100 {
		stays := i%10 == 3 || i%10 == 5
		assert.Equal(t, stays, portal.Has(imbot.ChatID(1001+i), imbottest.BotMain))
	}
	content, err := os.ReadFile(file)
	require.NoError(t, err)
	lines := strings.Split(strings.TrimSpace(string(content)), "\n")
	assert.Len(t, lines, 101)
	assert.True(t, strings.HasPrefix(lines[1], "1001,39,"+portal.URL()+",left,false,1,,,2"), lines[1])
	assert.True(t, strings.HasPrefix(lines[4], "1004,39,"+portal.URL()+",refused,false,1,LEAVE_OWNER_FORBIDDEN,"), lines[4])
	assert.True(t, strings.HasPrefix(lines[8], "1008,39,"+portal.URL()+",already out,true,1,,,2"), lines[8])

	calls := len(portal.Calls())
	again := start(t, environment(portal), "", nil, "--chats", chats, "--bot", "39", "--outcomes", file)
	assert.Equal(t, wholeTable, again.out, "there is nothing left to do, and so nothing to ask")
	assert.Equal(t, exitSomeAreIn, again.code)
	assert.Len(t, portal.Calls(), calls)
}

func TestRun_allOut(t *testing.T) {
	t.Parallel()
	portal := imbottest.NewPortal(t)
	got := start(t, environment(portal), "13 # a group\n\nchat15\n13\n", nil, "--chats", "-", "--bot", "39", "--outcomes", outcomesFile(t), "-y")
	assert.Equal(t, exitAllOut, got.code, got.err)
	assert.Equal(t, "2  out of the chat\n2  chats\n", got.out)
}

func TestRun_byToken(t *testing.T) {
	t.Parallel()
	portal := imbottest.NewPortal(t)
	env := map[string]string{"BITRIX24_ENDPOINT": portal.ServerEndpoint(), "BITRIX24_TOKEN": imbottest.TokenOK, "BITRIX24_BOT_ID": "50"}
	got := start(t, env, "13", nil, "--chats", "-", "--outcomes", outcomesFile(t), "-y")
	assert.Equal(t, exitAllOut, got.code, got.err)
	assert.False(t, portal.Has(13, imbottest.BotOfApp))
}

func TestRun_probe(t *testing.T) {
	t.Parallel()
	portal := portalWith(t, 100)
	got := start(t, environment(portal), "", nil, "--probe", "1-1100", "--bot", "39", "--outcomes", outcomesFile(t), "--yes", "--enterprise")
	assert.Contains(t, got.err, "Leave 95 chats.", "ten are without the bot, and five of every portal are with it")
	assert.False(t, portal.Has(1001, imbottest.BotMain))
}

// A probe of a run that was refused by its user has made no file, and one that finds nothing has nothing to do.
func TestRun_probeNothing(t *testing.T) {
	t.Parallel()
	portal := portalWith(t, 3)
	file, env := outcomesFile(t), environment(portal)
	var out, errs bytes.Buffer
	code := run(t.Context(), []string{"bulk", "--probe", "1001-1003", "--bot", "39", "--outcomes", file},
		func(name string) string { return env[name] }, nil, streams{person{strings.NewReader("no\n")}, &out, &errs})
	assert.Equal(t, exitUsage, code)
	assert.Contains(t, errs.String(), "Leave 3 chats? [y/N] ")
	assert.Contains(t, errs.String(), "No chat was left.")
	assert.NotContains(t, errs.String(), "Nothing was sent.")
	assert.NoFileExists(t, file)

	got := start(t, env, "", nil, "--probe", "2001-2120", "--bot", "39", "--outcomes", file, "--yes")
	assert.Equal(t, exitAllOut, got.code)
	assert.Contains(t, got.err, "Bot 39 is in none of the chats 2001 to 2120.")
	assert.Contains(t, got.err, "looking: 120/120 ids, ")
	assert.Contains(t, got.err, ", in 0\n")
	assert.NoFileExists(t, file)
}

// A probe ends when the time is up, as leaving does.
func TestRun_probeTimeout(t *testing.T) {
	t.Parallel()
	portal := portalWith(t, 3)
	portal.FaultFunc(func(imbottest.Call) imbottest.Fault { return imbottest.SlowBefore(time.Hour) })
	got := start(t, environment(portal), "", nil, "--probe", "1001-1003", "--bot", "39", "--outcomes", outcomesFile(t), "--yes", "--timeout", "100ms")
	assert.Equal(t, exitInterrupted, got.code)
	assert.Contains(t, got.err, "the time was up before anything was left")
	assert.Empty(t, portal.Calls("imbot.chat.leave"))
}

// The demonstration needs no credentials, and is had for the asking where there are some.
func TestRun_demonstration(t *testing.T) {
	t.Parallel()
	file := outcomesFile(t)
	secrets := map[string]string{"BITRIX24_WEBHOOK_URL": "https://portal.example/rest/1/" + imbottest.Secret + "/", "BITRIX24_BOT_ID": "39"}
	for _, env := range []map[string]string{nil, secrets} {
		got := start(t, env, "", nil, "--demo", "--yes", "--outcomes", file)
		assert.Equal(t, exitSomeAreIn, got.code)
		assert.Contains(t, got.err, "nothing leaves this machine")
		assert.Contains(t, got.out, "303  out of the chat")
	}
	content, err := os.ReadFile(file)
	require.NoError(t, err)
	assert.Contains(t, string(content), "\n1000,39,demonstration,left,")

	got := start(t, environment(imbottest.NewPortal(t)), "13", nil, "--chats", "-", "--bot", "39", "--yes", "--outcomes", file)
	assert.Equal(t, exitUsage, got.code)
	assert.Contains(t, got.err, "this file is of the portal demonstration, and not of http://127.0.0.1:")
	after, err := os.ReadFile(file)
	require.NoError(t, err)
	assert.Equal(t, string(content), string(after))
}

// The demonstration writes no file that a real run reads.
func TestRun_demonstrationOfAPerson(t *testing.T) {
	t.Parallel()
	var out, errs bytes.Buffer
	code := run(t.Context(), []string{"bulk", "--demo"}, func(string) string { return "" }, nil, streams{person{strings.NewReader("yes\n")}, &out, &errs})
	assert.Equal(t, exitSomeAreIn, code)
	assert.Contains(t, errs.String(), "Leave 360 chats? [y/N] ")
	_, name, _ := strings.Cut(errs.String(), "The outcomes are in ")
	name, _, _ = strings.Cut(name, "\n")
	require.FileExists(t, name)
	require.NoError(t, os.RemoveAll(filepath.Dir(name)))

	got := start(t, nil, "", nil, "--demo")
	assert.Equal(t, exitUsage, got.code, "there is nobody to ask")
	_, name, _ = strings.Cut(got.err, "The outcomes are in ")
	name, _, _ = strings.Cut(name, "\n")
	assert.NoDirExists(t, filepath.Dir(name))
	assert.NoFileExists(t, "outcomes.csv")
}

func TestRun_help(t *testing.T) {
	t.Parallel()
	got := start(t, nil, "", nil, "--help")
	assert.Equal(t, exitAllOut, got.code)
	assert.Contains(t, got.out, "BITRIX24_WEBHOOK_URL")
}

// What was refused is not asked for again, unless somebody says that the reason is out of the way.
func TestRun_refused(t *testing.T) {
	t.Parallel()
	portal := portalWith(t, 4)
	chats := idsOf(t, 4)
	args := []string{"--chats", chats, "--bot", "39", "--outcomes", outcomesFile(t), "--yes"}
	assert.Equal(t, exitSomeAreIn, start(t, environment(portal), "", nil, args...).code)
	require.NoError(t, setOwner(t, portal, 1004))
	assert.Equal(t, exitSomeAreIn, start(t, environment(portal), "", nil, args...).code)
	assert.Equal(t, exitAllOut, start(t, environment(portal), "", nil, append(args, "--refused")...).code)
	assert.False(t, portal.Has(1004, imbottest.BotMain))
}

func setOwner(t *testing.T, portal *imbottest.Portal, chat imbot.ChatID) error {
	t.Helper()
	_, err := portal.Client(imbot.WithClientID(imbottest.ClientID)).Chat.SetOwner(t.Context(),
		imbot.ChatSetOwnerRequest{ChatID: chat, UserID: imbottest.Employee, BotID: imbottest.BotMain})
	return err
}

// Why nothing could be done is told.
func TestRun_unreachable(t *testing.T) {
	t.Parallel()
	portal := imbottest.NewPortal(t)
	env := environment(portal)
	portal.Close()
	got := start(t, env, "13", nil, "--chats", "-", "--bot", "39", "--outcomes", outcomesFile(t), "--yes")
	assert.Equal(t, exitSomeAreIn, got.code)
	assert.Contains(t, got.err, "imbot bulk: not done: batch: not sent: ")
	assert.Contains(t, got.out, "1  failed\n   start again\n")
}

func TestRun_timeout(t *testing.T) {
	t.Parallel()
	portal := portalWith(t, 100)
	portal.FaultFunc(func(imbottest.Call) imbottest.Fault { return imbottest.SlowBefore(time.Minute) })
	file, chats := outcomesFile(t), idsOf(t, 100)
	got := start(t, environment(portal), "", nil, "--chats", chats, "--bot", "39", "--outcomes", file, "--yes", "--timeout", "300ms")
	assert.Equal(t, exitInterrupted, got.code)
	assert.Contains(t, got.out, "unknown", "the one that was at the portal")
	assert.Contains(t, got.err, "The time is up.")
	portal.FaultFunc(nil)
	got = start(t, environment(portal), "", nil, "--chats", chats, "--bot", "39", "--outcomes", file, "--yes")
	assert.Equal(t, wholeTable, got.out)
}

// canceled is a context that has ended.
func canceled(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	return ctx
}

func TestRun_canceled(t *testing.T) {
	t.Parallel()
	portal := imbottest.NewPortal(t)
	var out, errs bytes.Buffer
	env := environment(portal)
	code := run(canceled(t), []string{"bulk", "--chats", "-", "--bot", "39", "--yes", "--outcomes", outcomesFile(t)}, func(name string) string { return env[name] }, nil, streams{strings.NewReader("13"), &out, &errs})
	assert.Equal(t, exitInterrupted, code)
	assert.Empty(t, portal.Calls())
}

package e2e_test

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/imbottest"
)

// The portal answers a client that is not ours: a bot talks with people through Bitrix24's JavaScript SDK. It is in
// jssdk/conversation.mjs, where the answers are checked. What came of it on the portal is checked here.
func TestJSSDK(t *testing.T) {
	t.Parallel()
	installJSSDK(t)
	const chat, person = imbot.ChatID(20), imbot.UserID(27)
	portal := imbottest.NewPortal(t)
	portal.AddChat(imbottest.Chat{ID: chat, Title: "Club", Owner: person, Members: []imbot.UserID{1, person}})
	portal.On("server.time", imbottest.Refuse(http.StatusServiceUnavailable, "QUERY_LIMIT_EXCEEDED", "Too many requests"),
		imbottest.Result("2026-11-28T12:00:00+00:00"))
	address, certificates := serveTLS(t, portal)
	grant := portal.IssueTokens(imbottest.App)
	portal.Expire(grant.AccessToken)

	var bot, appBot imbot.BotID
	converse(t, certificates, map[string]func(asked) any{
		"start": func(asked) any {
			return map[string]any{
				"webhook":        address + "/rest/1/" + imbottest.Secret + "/",
				"webhookUnknown": address + "/rest/1/EXAMPLEunknown/",
				"webhookNoScope": address + "/rest/1/" + imbottest.SecretNoScope + "/",
				"chat":           imbottest.ChatGroup,
				"older":          map[string]any{"CLIENT_ID": imbottest.ClientID, "BOT_ID": imbottest.BotMain},
				"ofApp":          imbottest.BotOfApp,
				"endpoint":       address + "/rest/",
				"app":            map[string]any{"clientId": imbottest.App, "clientSecret": imbottest.AppSecret},
				"grant":          grant,
			}
		},
		"ask": func(a asked) any {
			portal.AddMember(chat, imbot.UserID(a.Bot), person)
			message := portal.PostMessage(chat, person, a.Text)
			return map[string]any{"message": message, "from": person, "title": "Club", "members": portal.Members(chat)}
		},
		"command": func(a asked) any {
			portal.PostMessage(chat, person, a.Text)
			portal.PressButton(a.Message, imbottest.Employee, a.Button)
			return nil
		},
		"end": func(a asked) any {
			bot, appBot = a.Bot, a.AppBot
			return nil
		},
	})

	var texts []string
	messages := portal.Messages(chat)
	for _, message := range messages {
		if message.Author == imbot.UserID(bot) {
			texts = append(texts, message.Text)
		}
	}
	require.Equal(t, []string{
		"Sunny & 20° – „nice“ [b]today[/b]", "Rain in Paris", "Rain in Berlin", "The figures",
		"a+b = 100% & more?", "Yes",
	}, texts)
	answer, last := messages[1], messages[len(messages)-3:]
	figures, said, reply := last[0], last[1], last[2]
	assert.Equal(t, messages[0].ID, answer.ReplyTo)
	assert.JSONEq(t, fmt.Sprintf(`[
		{"BLOCK":"N","BOT_ID":%[1]d,"CONTEXT":"ALL","DISABLED":"N","DISPLAY":"LINE","TEXT":"Berlin","TYPE":"BUTTON",
			"COMMAND":"weather","COMMAND_PARAMS":"Berlin","BG_COLOR_TOKEN":"primary"},
		{"CONTEXT":"ALL","TYPE":"NEWLINE"},
		{"BLOCK":"N","BOT_ID":%[1]d,"CONTEXT":"ALL","DISABLED":"N","DISPLAY":"BLOCK","TEXT":"Forecast","TYPE":"BUTTON",
			"LINK":"https://site.example/forecast?days=3&unit=C"}
	]`, bot), string(answer.Keyboard))
	assert.JSONEq(t, `[{"ID":1,"COLOR":"#29619b","BLOCKS":[
		{"MESSAGE":"The next days"},
		{"GRID":[{"NAME":"Monday","VALUE":"18°","DISPLAY":"LINE"},{"NAME":"Tuesday","VALUE":"12°","DISPLAY":"LINE"}]},
		{"LINK":{"NAME":"More","LINK":"https://site.example/"}}
	]}]`, string(answer.Attach))
	require.Len(t, figures.Files, 1)
	assert.Equal(t, "city;rain\nParis;1\n", string(figures.Files[0].Content))
	assert.JSONEq(t, fmt.Sprintf(`[
		{"BLOCK":"N","BOT_ID":%d,"CONTEXT":"ALL","DISABLED":"N","DISPLAY":"BLOCK","TEXT":"Ä & ?","TYPE":"BUTTON",
			"LINK":"https://site.example/?a=1&b=2"}
	]`, bot), string(said.Keyboard))
	assert.Equal(t, said.ID, reply.ReplyTo)

	assert.Equal(t, []imbot.UserID{imbottest.Employee, person}, portal.Members(chat), "the bot has left")
	assert.False(t, portal.Has(imbottest.ChatGroup, imbottest.BotMain))
	assert.False(t, portal.Has(imbottest.ChatGroup, imbottest.BotOfApp))
	private := portal.Messages(portal.PrivateChat(appBot, imbottest.Employee))
	require.Len(t, private, 1)
	assert.Equal(t, "By OAuth", private[0].Text)
	assert.Len(t, portal.TokenCalls(), 1, "the SDK has refreshed the token once")
	assert.Len(t, portal.Calls("server.time"), 2, "and repeated the call that was refused")
	for _, call := range portal.Calls() {
		assert.Equal(t, http.MethodPost, call.HTTPMethod)
		assert.Contains(t, call.Header.Get("User-Agent"), "b24-js-sdk/")
	}
}

// asked is what the conversation asks people to do.
type asked struct {
	Action, Text, Button string
	Bot, AppBot          imbot.BotID
	Message              imbot.MessageID
}

// converse runs the conversation, in which people act. The SDK speaks nothing but TLS to a webhook.
func converse(t *testing.T, certificates string, people map[string]func(asked) any) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	t.Cleanup(cancel)
	node := exec.CommandContext(ctx, "node", "conversation.mjs")
	node.Dir = "jssdk"
	node.Env = append(os.Environ(), "NODE_EXTRA_CA_CERTS="+certificates, "NO_PROXY=127.0.0.1", "no_proxy=127.0.0.1")
	var failure bytes.Buffer
	node.Stderr = &failure
	answers, err := node.StdinPipe()
	require.NoError(t, err)
	lines, err := node.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, node.Start())
	for scanner := bufio.NewScanner(lines); scanner.Scan(); {
		var line asked
		require.NoError(t, json.Unmarshal(scanner.Bytes(), &line), "%s", scanner.Bytes())
		require.Contains(t, people, line.Action)
		assert.NoError(t, json.NewEncoder(answers).Encode(people[line.Action](line)))
	}
	require.NoError(t, node.Wait(), "%s", &failure)
}

// serveTLS serves a portal on this machine, and returns its address and the file with the certificate of its authority.
func serveTLS(t *testing.T, portal http.Handler) (address, certificates string) {
	t.Helper()
	authority := newAuthority(t)
	server := httptest.NewUnstartedServer(portal)
	server.TLS = &tls.Config{Certificates: []tls.Certificate{authority.sign(t, time.Now().Add(time.Hour), "127.0.0.1")}}
	server.StartTLS()
	t.Cleanup(server.Close)
	certificates = filepath.Join(t.TempDir(), "authority.pem")
	block := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: authority.cert.Raw})
	require.NoError(t, os.WriteFile(certificates, block, 0o600))
	return server.URL, certificates
}

// unreachable is what npm says where there is no way to its registry.
var unreachable = regexp.MustCompile(`code (ENOTFOUND|EAI_AGAIN|ECONN[A-Z]+|E[A-Z]*TIMEDOUT|ENETUNREACH|EHOSTUNREACH)`)

// installJSSDK installs what jssdk/package-lock.json names, unless it is there already. Where that cannot be had, the
// test is skipped, but not in CI.
func installJSSDK(t *testing.T) {
	t.Helper()
	missing := t.Skipf
	if os.Getenv("CI") != "" {
		missing = t.Fatalf
	}
	for _, program := range []string{"node", "npm"} {
		if _, err := exec.LookPath(program); err != nil {
			missing("NOT TESTED with Bitrix24's JavaScript SDK: no %s. Install Node.js 20 or later, with npm.", program)
		}
	}
	if maps.Equal(installed(t, "jssdk/package-lock.json"), installed(t, "jssdk/node_modules/.package-lock.json")) {
		return
	}
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	npm := exec.CommandContext(ctx, "npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--fetch-retries=1")
	npm.Dir = "jssdk"
	out, err := npm.CombinedOutput()
	if err != nil && (ctx.Err() != nil || unreachable.Match(out)) {
		missing("NOT TESTED with Bitrix24's JavaScript SDK, which cannot be installed:\n%s", out)
	}
	require.NoError(t, err, "%s", out)
}

// installed returns the packages that a lock file names, and their hashes.
func installed(t *testing.T, file string) map[string]string {
	t.Helper()
	content, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	require.NoError(t, err)
	var lock struct {
		Packages map[string]struct{ Integrity string }
	}
	require.NoError(t, json.Unmarshal(content, &lock), file)
	hashes := make(map[string]string)
	for name, locked := range lock.Packages {
		if name != "" { // the project itself
			hashes[name] = locked.Integrity
		}
	}
	return hashes
}

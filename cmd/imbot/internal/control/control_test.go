package control_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-a6e4e5a4/imbot/cmd/imbot/internal/control"
	"github.com/seed-a6e4e5a4/imbot/imbottest"
)

const webhook = "/rest/1/" + imbottest.Secret + "/"

// world is a server, and the events that it has posted.
type world struct {
	*control.Server

	t      *testing.T
	events []string
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{t: t}
	bot := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		assert.NoError(t, r.ParseForm())
		w.events = append(w.events, r.PostForm.Get("event"))
	}))
	t.Cleanup(bot.Close)
	w.Server = control.New(control.Settings{Chats: 2, Events: bot.URL}, control.Spec{Address: "http://127.0.0.1:8024"})
	t.Cleanup(w.Close)
	return w
}

// ask makes a request of the interface, "PUT chats/5", or a call of a method, "imbot.chat.leave".
func (w *world) ask(what, body string) (int, string) {
	w.t.Helper()
	method, path, isControl := strings.Cut(what, " ")
	target := control.Prefix + path
	if !isControl {
		method, target = http.MethodPost, webhook+what
	}
	r := httptest.NewRequestWithContext(w.t.Context(), method, "http://127.0.0.1:8024"+target, strings.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	answer := httptest.NewRecorder()
	w.ServeHTTP(answer, r)
	return answer.Code, strings.TrimSpace(answer.Body.String())
}

// TestRoutes goes through what the interface does, each step after those before it.
func TestRoutes(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	const as = `"BOT_ID":39,"CLIENT_ID":"my"`
	for _, step := range []struct{ what, body, says string }{
		{"GET chats/1002", "", `"members":[1,39]`},
		{"GET chats/1003", "", `{"error":"there is no such chat"}`},
		{"PUT chats/5", `{"kind":"workgroup","title":"Five","entity_id":"7","owner":2,"members":[2,39],"managers":[2]}`, `"kind":"Workgroup","title":"Five","entity_id":"7","owner":2,"members":[2,39],"managers":[2]`},
		{"imbot.chat.leave", `{"CHAT_ID":5,` + as + `}`, "It is forbidden to delete users of this chat"},
		{"POST chats/14/members", `{"member":39}`, `"members":[1,41,39]`},
		{"POST chats/14/messages", `{"text":"Hello","mentioned":[39]}`, `{"id":4712}`},
		{"GET chats/14/messages", "", `{"messages":[{"id":4712,"author":1,"text":"Hello"}]}`},
		{"POST events", `{"kind":"message","chat":13,"text":"x","bot":39,"by":1}`, `{"id":4713}`},
		{"POST events", `{"kind":"edit","message":4713,"text":"y"}`, `{"ok":true}`},
		{"POST events", `{"kind":"reply","message":4713,"text":"z"}`, `{"id":4714}`},
		{"POST events", `{"kind":"delete","message":4713}`, `{"ok":true}`},
		{"POST events", `{"kind":"private_message","bot":39,"text":"z"}`, `{"id":4715}`},
		{"POST events", `{"kind":"open","bot":39,"context":{"a":1}}`, `{"ok":true}`},
		{"PUT bots/60", `{"code":"new","client_id":"my","event_mode":"fetch"}`, `{"ok":true}`},
		{"POST events", `{"kind":"join","chat":13,"bot":60}`, `{"ok":true}`},
		{"imbot.v2.Event.get", `{"botId":60,"botToken":"my"}`, `ONIMBOTV2JOINCHAT`},
		{"imbot.v2.Chat.Message.send", `{"botId":60,"botToken":"my","dialogId":"chat13","fields":{"message":"from the bot"}}`, `"id":4717`},
		{"POST events", `{"kind":"add_reaction","message":4717,"reaction":"like"}`, `{"ok":true}`},
		{"POST events", `{"kind":"remove_reaction","message":4717,"reaction":"like"}`, `{"ok":true}`},
		{"DELETE bots/60", "", `{"ok":true}`},
		{"POST events", `{"kind":"delete_bot","bot":41}`, `{"ok":true}`},
		{"POST tokens/expire", `{"token":"tok-ok"}`, `{"ok":true}`},
		{"POST events", `{"kind":"install"}`, `{"ok":true}`},
		{"POST events", `{"kind":"uninstall"}`, `{"ok":true}`},
		{"PUT users/9", `{"inactive":true}`, `{"ok":true}`},
		{"imbot.chat.setOwner", `{"CHAT_ID":15,"USER_ID":9,` + as + `}`, "error"},
		{"PUT webhooks", `{"secret":"another1","scopes":["imbot"]}`, `{"ok":true}`},
		{"PUT applications", `{"id":"app.2","secret":"x","scopes":["imbot"]}`, `{"ok":true}`},
		{"POST tokens", `{"app":"app.2"}`, `"access_token":"access-`},
		{"GET token-calls", "", `{"calls":[]}`},
		{"POST site", `{"state":"closed"}`, `{"ok":true}`},
		{"imbot.bot.list", "{}", "PORTAL_DELETED"},
		{"POST site", `{"state":"overloaded","status":503}`, `{"ok":true}`},
		{"POST site", `{"state":"open"}`, `{"ok":true}`},
		{"imbot.bot.list", "{}", `"result"`},
		{"POST site", `{"host":"localhost:1"}`, `{"ok":true}`},
		{"imbot.bot.list", "{}", "Found"},
		{"POST reset", "", `{"ok":true}`},
		{"imbot.bot.list", "{}", `"result"`},
		{"GET calls?method=imbot.bot.list", "", `"count":1`},
		{"GET chats/5", "", `{"error":"there is no such chat"}`},
	} {
		_, said := w.ask(step.what, step.body)
		assert.Contains(t, said, step.says, "%s %s", step.what, step.body)
	}
	assert.Subset(t, w.events, []string{"ONIMBOTJOINCHAT", "ONIMBOTMESSAGEADD", "ONIMBOTMESSAGEUPDATE", "ONIMBOTMESSAGEDELETE", "ONIMBOTCONTEXTGET", "ONIMBOTDELETE", "ONAPPINSTALL", "ONAPPUNINSTALL"})
}

// TestFaults holds that every kind of fault can be asked for, and does something.
func TestFaults(t *testing.T) {
	t.Parallel()
	for kind, more := range map[string]string{
		"none": "", "refuse_dial": "", "lose_before": "", "lose_after": "", "slow_before": `,"seconds":0.01`, "slow_after": `,"seconds":0.01`,
		"html": `,"status":502`, "html_after": `,"status":502`, "truncate": `,"bytes":3`, "wrong_length": "", "cut_json": `,"bytes":3`,
		"redirect": `,"location":"https://elsewhere.example/"`, "inside_200": `,"code":"INTERNAL","description":"x"`,
	} {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			_, said := w.ask("POST faults", `{"method":"imbot.bot.list","faults":[{"kind":"`+kind+`"`+more+`}]}`)
			require.Equal(t, `{"ok":true}`, said)
			_, said = w.ask("GET unmet", "")
			assert.Equal(t, kind != "none", strings.Contains(said, "0 of 1 faults for imbot.bot.list were met"), said)
			func() {
				defer func() { _ = recover() }() // a connection that is cut
				w.ask("imbot.bot.list", `{}`)
			}()
			_, said = w.ask("GET unmet", "")
			assert.JSONEq(t, `{"unmet":[]}`, said)
		})
	}
	w := newWorld(t)
	w.ask("POST faults", `{"method":"oauth/token","faults":[{"kind":"html","status":502},{"kind":"lose_after","optional":true}]}`)
	_, said := w.ask("GET unmet", "")
	assert.JSONEq(t, `{"unmet":["FaultTokens: 0 of 1 faults for oauth/token were met"]}`, said)
}

// TestAnswers holds that every kind of answer can be prepared.
func TestAnswers(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for prepared, says := range map[string]string{
		`{"result":{"a":[1]}}`:                               `{"result":{"a":[1]},"time":`,
		`{"error":"NEW_CODE","description":"x"}`:             `{"error":"NEW_CODE","error_description":"x"}`,
		`{"raw":"<html>","content_type":"text/html"}`:        "<html>",
		`{"raw":"","status":502}`:                            "",
		`{"status":403,"error":"ACCESS_ERROR"},{"result":1}`: `{"error":"ACCESS_ERROR"`,
	} {
		_, said := w.ask("POST answers", `{"method":"crm.deal.get","answers":[`+prepared+`]}`)
		require.Equal(t, `{"ok":true}`, said)
		_, said = w.ask("crm.deal.get", `{}`)
		assert.Contains(t, said, says)
	}
	w.ask("POST answers", `{"method":"crm.deal.get","answers":[]}`)
	_, said := w.ask("crm.deal.get", `{}`)
	assert.Contains(t, said, "ERROR_METHOD_NOT_FOUND")
}

// TestMistakes holds that what cannot be done is told, and harms nothing.
func TestMistakes(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, tt := range []struct{ what, body, says string }{
		{"GET chats/x", "", `is no id`},
		{"PUT chats/5", `{"kind":"none"}`, "want one of Group, OpenChat"},
		{"PUT chats/5", `{"memebrs":[1]}`, `unknown field \"memebrs\"`},
		{"PUT chats/5", `[`, "the body is not the JSON"},
		{"PUT chats/5x", `{}`, `\"5x\" is no id`},
		{"PUT chats/0x5", `{}`, `is no id`},
		{"PUT chats/5", ``, "the body is empty"},
		{"PUT chats/5", `{} {"owner":2}`, "something follows it"},
		{"POST chats/999/members", `{"member":1}`, `{"error":"there is no chat 999, make it by PUT chats/ID first"}`},
		{"POST faults", `{"method":"x","faults":[{"kind":"html"}]}`, "want a status from 200 to 599"},
		{"POST faults", `{"method":"x","faults":[{"kind":"slow_before"}]}`, "slow_before: want seconds"},
		{"POST faults", `{"method":"x","faults":[{"kind":"slow_after","seconds":-1}]}`, "slow_after: want seconds"},
		{"POST faults", `{"method":"x","faults":[{"kind":"slow_after","seconds":1e300}]}`, "slow_after: want seconds"},
		{"POST faults", `{"method":"x","faults":[{"kind":"truncate","bytes":-1}]}`, "truncate: want a number of bytes"},
		{"POST faults", `{"method":"x","faults":[{"kind":"lose_after","seconds":1}]}`, "lose_after has no seconds"},
		{"POST faults", `{"method":"x","faults":[{"kind":"redirect"}]}`, "redirect: want a location"},
		{"POST faults", `{"method":"x","faults":[{"kind":"inside_200"}]}`, "inside_200: want a code"},
		{"POST answers", `{"method":"x","answers":[{"result":1,"error":"X"}]}`, "an answer has one of"},
		{"POST site", `{}`, "want a state or a host"},
		{"POST site", `{"host":"a b"}`, "is no host"},
		{"POST site", `{"host":"a/b"}`, "is no host"},
		{"POST faults", `{"method":"x"}`, "want a method and faults"},
		{"POST faults", `{"method":"x","faults":[{"kind":"y"}]}`, "want one of cut_json, html"},
		{"POST faults", `{"method":"x","faults":[{"kind":"html","status":1}]}`, "want a status from 200 to 599"},
		{"POST answers", `{"answers":[]}`, "want a method"},
		{"POST answers", `{"method":"oauth/token","answers":[{"error":"invalid_grant"}]}`, "requests for tokens have no answers"},
		{"POST answers", `{"method":"x","answers":[{}]}`, "an answer has a result"},
		{"POST answers", `{"method":"x","answers":[{"error":"Y","status":700}]}`, "want a status from 200 to 599"},
		{"POST events", `{"kind":"message","chat":13,"bot":4444,"text":"x"}`, "there is no bot 4444, make it by PUT bots/ID first"},
		{"POST events", `{"kind":"dance"}`, "want one of add_reaction"},
		{"POST events", `{"kind":"edit","message":1}`, "there is no message 1"},
		{"POST tokens", `{"app":"x"}`, "no such application"},
		{"POST tokens/expire", `{"token":"x"}`, "no such token"},
		{"PUT handler", `{"url":"x"}`, "want the URL of a handler"},
		{"PUT bots/5", `{}`, "want a positive id and either a client_id or an app, got id 5, client_id"},
		{"POST site", `{"state":"gone"}`, "want open, closed or overloaded"},
	} {
		status, said := w.ask(tt.what, tt.body)
		assert.Equal(t, http.StatusBadRequest, status, "%s %s", tt.what, tt.body)
		assert.Contains(t, said, tt.says)
		assert.True(t, json.Valid([]byte(said)), said)
	}
	status, said := w.ask("GET nothing", "")
	assert.Equal(t, http.StatusNotFound, status)
	assert.Contains(t, said, "docs/portal.md")

	r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "http://rebound.example/_imbottest/", http.NoBody)
	answer := httptest.NewRecorder()
	w.ServeHTTP(answer, r)
	assert.Equal(t, http.StatusForbidden, answer.Code)
}

// TestServer_otherNames holds that a portal is found by its port, however this machine is named, and by its host where
// several share the port.
func TestServer_otherNames(t *testing.T) {
	t.Parallel()
	s := control.New(control.Settings{},
		control.Spec{MemberID: "first", Address: "http://127.0.0.1:8024"}, control.Spec{MemberID: "second", Address: "http://127.0.0.1:8025"},
		control.Spec{MemberID: "third", Address: "http://a.localhost:8026"}, control.Spec{MemberID: "fourth", Address: "http://b.localhost:8026"})
	t.Cleanup(s.Close)
	ask := func(method, url, body string) (int, string) {
		r := httptest.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
		r.Header.Set("Content-Type", "application/json")
		answer := httptest.NewRecorder()
		s.ServeHTTP(answer, r)
		return answer.Code, answer.Body.String()
	}
	for i, member := range []string{"first", "second", "third", "fourth"} {
		status, said := ask(http.MethodPut, fmt.Sprintf("http://127.0.0.1:8024/_imbottest/chats/%d?portal=%s", 501+i, member), `{"members":[39]}`)
		require.Equal(t, http.StatusOK, status, said)
	}
	for host, chat := range map[string]int{
		"127.0.0.1:8024": 501, "localhost:8024": 501, "[::1]:8025": 502, "LOCALHOST:8025": 502, "127.0.0.1:8025": 502,
		"a.localhost:8026": 503, "b.localhost:8026": 504, "localhost:8026": 501, "localhost:9999": 501,
	} {
		status, said := ask(http.MethodGet, fmt.Sprintf("http://%s/_imbottest/chats/%d", host, chat), "")
		assert.Equal(t, http.StatusOK, status, "%s: %s", host, said)
		_, said = ask(http.MethodPost, "http://"+host+webhook+"imbot.chat.user.list", fmt.Sprintf(`{"CHAT_ID":%d,"BOT_ID":39,"CLIENT_ID":"my"}`, chat))
		assert.Contains(t, said, `"result":[39]`, host)
	}
}

// TestElsewhere holds that a page of another origin, which a browser lets send a form without asking first, changes
// nothing, and that a page of the portal itself and programs do.
func TestElsewhere(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		header map[string]string
		status int
	}{
		"a program":              {nil, http.StatusOK},
		"Node.js":                {map[string]string{"Sec-Fetch-Mode": "cors"}, http.StatusOK},
		"the portal's own page":  {map[string]string{"Sec-Fetch-Site": "same-origin", "Origin": "http://127.0.0.1:8024"}, http.StatusOK},
		"another site":           {map[string]string{"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example"}, http.StatusForbidden},
		"another port":           {map[string]string{"Sec-Fetch-Site": "same-site", "Origin": "http://127.0.0.1:3000"}, http.StatusForbidden},
		"an older browser":       {map[string]string{"Origin": "https://evil.example"}, http.StatusForbidden},
		"a page without origin":  {map[string]string{"Origin": "null"}, http.StatusForbidden},
		"a form as a plain text": {map[string]string{"Sec-Fetch-Site": "cross-site", "Content-Type": "text/plain"}, http.StatusForbidden},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			for _, tried := range []struct{ path, body string }{
				{"chats/14/members", `{"member":39}`}, {"faults", `{"method":"imbot.chat.leave","faults":[{"kind":"lose_after","optional":true}]}`}, {"reset", ""},
			} {
				r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "http://127.0.0.1:8024"+control.Prefix+tried.path, strings.NewReader(tried.body))
				for name, value := range tt.header {
					r.Header.Set(name, value)
				}
				answer := httptest.NewRecorder()
				w.ServeHTTP(answer, r)
				assert.Equal(t, tt.status, answer.Code, tried.path)
				if tt.status == http.StatusForbidden {
					assert.Empty(t, w.events)
				}
			}
		})
	}
}

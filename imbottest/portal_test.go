package imbottest_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/imbottest"
)

// recorder is a test that notes its failures instead of failing.
type recorder struct {
	testing.TB

	mu       sync.Mutex
	errors   []string
	fatals   []string
	cleanups []func()

	failed, skipped bool
}

// end does what the end of the test does.
func (r *recorder) end() {
	for _, cleanup := range slices.Backward(r.cleanups) {
		cleanup()
	}
}

func (r *recorder) Helper() {}

func (r *recorder) Failed() bool { return r.failed }

func (r *recorder) Skipped() bool { return r.skipped }

func (r *recorder) Cleanup(f func()) { r.cleanups = append(r.cleanups, f) }

func (r *recorder) Errorf(format string, args ...any) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.errors = append(r.errors, fmt.Sprintf(format, args...))
}

func (r *recorder) Fatalf(format string, args ...any) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.fatals = append(r.fatals, fmt.Sprintf(format, args...))
}

func TestNewPortal_unexpectedCall(t *testing.T) {
	t.Parallel()
	test := new(recorder)
	portal := imbottest.NewPortal(test)
	unknown := leave(botTrue).at("/rest/1/s3cr3t00/imbot.Chat.levae.json")

	assertError(t, noMethod.status, noMethod.code, noMethod.description, send(t, portal, unknown))
	require.Len(t, test.errors, 1)
	assert.Contains(t, test.errors[0], "imbot.Chat.levae:", "the method's name as it was sent")
	assert.NotContains(t, test.errors[0], "user id")

	send(t, portal, leave(botTrue).at("/rest/s3cr3t00/imbot.chat.leave"))
	require.Len(t, test.errors, 2)
	assert.Contains(t, test.errors[1], "is the user id missing in the webhook's path?")
	test.errors = test.errors[:1]

	portal.On("imbot.chat.levae", imbottest.Result(1))
	assertResult(t, "1", send(t, portal, unknown))
	send(t, portal, leave(botTrue).at("/rest/1/bad/imbot.chat.leave"))
	assert.Len(t, test.errors, 1, "a prepared call and a known method are no surprise")

	test.end()
	_, err := try(t, portal, unknown)
	require.ErrorContains(t, err, "no such host", "a closed portal is gone")
	late := httptest.NewRequestWithContext(t.Context(), http.MethodPost, portal.WebhookURL()+"late", nil)
	assert.PanicsWithError(t, http.ErrAbortHandler.Error(), func() { portal.ServeHTTP(httptest.NewRecorder(), late) }, "it hangs up")
	assert.Len(t, test.errors, 1, "a test that has ended is left alone")
}

func TestStart(t *testing.T) {
	t.Parallel()
	portal := imbottest.Start(imbottest.WithPlan(imbot.PlanStandard), nil)
	assertResult(t, "true", send(t, portal, leave(botTrue)))
	assertError(t, noMethod.status, noMethod.code, noMethod.description,
		send(t, portal, leave("").at("/rest/1/s3cr3t00/crm.deal.list")))
	portal.Close()
	portal.Close()
	_, err := try(t, portal, leave(botTrue))
	require.ErrorContains(t, err, "no such host")
}

// TestPortal_misuse holds that the test reports mistakes in a test, and that a program gets to know them, too.
func TestPortal_misuse(t *testing.T) {
	t.Parallel()
	mistakes := map[string]func(*imbottest.Portal){
		"AddBot: ":     func(p *imbottest.Portal) { p.AddBot(imbottest.Bot{ID: 7}) },
		"AddBot: want": func(p *imbottest.Portal) { p.AddBot(imbottest.Bot{ID: 7, ClientID: "a", App: "b"}) },
		`Type "x"`:     func(p *imbottest.Portal) { p.AddBot(imbottest.Bot{ID: 7, ClientID: "a", Type: "x"}) },
		`Mode "push"`:  func(p *imbottest.Portal) { p.AddBot(imbottest.Bot{ID: 7, ClientID: "a", EventMode: "push"}) },
		"AddUser: ":    func(p *imbottest.Portal) { p.AddUser(imbottest.User{}) },
		"AddChat: ":    func(p *imbottest.Portal) { p.AddChat(imbottest.Chat{}) },
		"Kind(99)":     func(p *imbottest.Portal) { p.AddChat(imbottest.Chat{ID: 1, Kind: 99}) },
		"AddWebhook: ": func(p *imbottest.Portal) { p.AddWebhook(imbottest.Webhook{}) },
		"AddToken: ":   func(p *imbottest.Portal) { p.AddToken(imbottest.Token{}) },
		"Expire: ":     func(p *imbottest.Portal) { p.Expire("tok-x") },
		"On: ":         func(p *imbottest.Portal) { p.On(chatLeave, imbottest.Answer{}) },
		"Refuse: ":     func(p *imbottest.Portal) { p.On(chatLeave, imbottest.Refuse(0, "A", "")) },
		"Raw: ":        func(p *imbottest.Portal) { p.On(chatLeave, imbottest.Result(1), imbottest.Raw(199, "", "")) },
		"HTML: ":       func(p *imbottest.Portal) { p.Fault(chatLeave, imbottest.NoFault(), imbottest.HTML(600)) },
		"HTMLAfter: ":  func(p *imbottest.Portal) { p.Fault(chatLeave, imbottest.HTMLAfter(-1)) },
		"Tokens: ":     func(p *imbottest.Portal) { p.FaultTokens(imbottest.RefuseTokens(100, "", "")) },
		"CloseSite: ":  func(p *imbottest.Portal) { p.CloseSite(99) },
		"Overload: ":   func(p *imbottest.Portal) { p.Overload(1000) },
		"Result: ":     func(p *imbottest.Portal) { p.On(chatLeave, imbottest.Result(make(chan int))) },
	}
	for text, mistake := range mistakes {
		t.Run(text, func(t *testing.T) {
			t.Parallel()
			test := new(recorder)
			mistake(imbottest.NewPortal(test))
			require.Len(t, test.fatals, 1)
			assert.Contains(t, test.fatals[0], text)

			portal := started(t)
			assert.Panics(t, func() { mistake(portal) })
		})
	}
}

func TestPortal_population(t *testing.T) {
	t.Parallel()
	portal := imbottest.NewPortal(t, imbottest.Empty())
	portal.AddBot(imbottest.Bot{ID: 9, Code: "nine", Name: "Nine", ClientID: "c"})
	portal.AddBot(imbottest.Bot{ID: 8, Code: "eight", Name: "Eight", ClientID: "c"})
	portal.AddChat(imbottest.Chat{ID: 3, Owner: 9, Members: []imbot.UserID{9, 8, 5, 6, 7, 2}, FromStructure: []imbot.UserID{8}})
	portal.AddUser(imbottest.User{ID: 5, Extranet: true})
	portal.AddUser(imbottest.User{ID: 6, Connector: true})
	portal.AddUser(imbottest.User{ID: 7, Inactive: true})
	portal.AddWebhook(imbottest.Webhook{UserID: 2, Secret: "other", Scopes: []string{imbottest.ScopeBots}})
	portal.AddToken(imbottest.Token{AccessToken: "tok-new", App: "app.2", UserID: 2, Scopes: []string{imbottest.ScopeBots}})
	portal.AddToken(imbottest.Token{AccessToken: "tok-bare", App: "app.2", UserID: 2})

	call := request{path: "/rest/2/other/imbot.chat.leave", body: `{"CHAT_ID":3,"CLIENT_ID":"c"}`}
	assertResult(t, "true", send(t, portal, call))
	chat, found := portal.Chat(3)
	require.True(t, found)
	assert.Equal(t, []imbot.UserID{8, 5, 6, 7, 2}, chat.Members, "the bot registered first is the one")
	assert.Equal(t, imbot.UserID(2), chat.Owner, "bots, guests, customers and the dismissed own nothing")
	chat.Members[0] = 100
	assert.True(t, portal.Has(3, 8), "what was looked at is a copy")

	call.body = `{"CHAT_ID":3,"CLIENT_ID":"c","BOT_ID":8}`
	assertError(t, fromStructure.status, fromStructure.code, fromStructure.description, send(t, portal, call))

	call = leaveOAuth(`{"auth":"tok-new","CHAT_ID":3}`)
	assertError(t, botNotFound.status, botNotFound.code, botNotFound.description, send(t, portal, call))
	portal.Expire("tok-new")
	assertError(t, expiredToken.status, expiredToken.code, expiredToken.description, send(t, portal, call))
	assertError(t, 401, "insufficient_scope", "The request requires higher privileges than provided by the access token",
		send(t, portal, leaveOAuth(`{"auth":"tok-bare","CHAT_ID":3}`)))

	portal.AddChat(imbottest.Chat{ID: 3, Owner: 9, Members: []imbot.UserID{9, 8}})
	assert.Zero(t, portal.Removals(3), "a chat that is added again has forgotten everything")
	call = request{path: "/rest/2/other/imbot.chat.leave", body: `{"CHAT_ID":3,"CLIENT_ID":"c"}`}
	assertResult(t, "true", send(t, portal, call))
	chat, _ = portal.Chat(3)
	assert.Equal(t, imbot.UserID(9), chat.Owner, "with nobody to inherit it, a chat keeps its author")

	portal.AddBot(imbottest.Bot{ID: 9, Code: "nine", Name: "Nine", App: "app.3"})
	assertError(t, foreignBot.status, foreignBot.code, foreignBot.description,
		send(t, portal, request{path: "/rest/2/other/imbot.chat.leave", body: `{"CHAT_ID":3,"CLIENT_ID":"c","BOT_ID":9}`}))

	_, found = portal.Chat(99)
	assert.False(t, found)
	assert.Empty(t, portal.Members(99))
	assert.Zero(t, portal.Removals(99))
}

// TestKinds holds which kinds of chats a bot can leave, as a member and as the owner.
func TestKinds(t *testing.T) {
	t.Parallel()
	tests := []struct {
		kind          imbottest.Kind
		name          string
		member, owner failed
	}{
		{imbottest.Group, "Group", failed{}, failed{}},
		{imbottest.OpenChat, "OpenChat", failed{}, failed{}},
		{imbottest.General, "General", unavailable, unavailable},
		{imbottest.GeneralChannel, "GeneralChannel", failed{}, ownerStays},
		{imbottest.Workgroup, "Workgroup", noDeleting, noDeleting},
		{imbottest.CallChat, "CallChat", noDeleting, noDeleting},
		{imbottest.Support, "Support", noDeleting, noDeleting},
		{imbottest.Network, "Network", noDeleting, noDeleting},
		{imbottest.CRM, "CRM", failed{}, ownerStays},
		{imbottest.OpenLine, "OpenLine", failed{}, ownerStays},
		{imbottest.Copilot, "Copilot", failed{}, ownerStays},
		{imbottest.ExternalTask, "ExternalTask", failed{}, ownerStays},
		{imbottest.Private, "Private", notMember, notMember},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			assert.Equal(t, tt.name, tt.kind.String())
			for owner, want := range map[imbot.UserID]failed{1: tt.member, bot: tt.owner} {
				portal := imbottest.NewPortal(t)
				portal.AddChat(imbottest.Chat{ID: 100, Kind: tt.kind, Owner: owner, Members: []imbot.UserID{1, bot}})
				got := send(t, portal, leave(`{"CHAT_ID":100,"BOT_ID":39,"CLIENT_ID":"my"}`))
				if want == (failed{}) {
					assertResult(t, "true", got)
					continue
				}
				assertError(t, want.status, want.code, want.description, got)
			}
		})
	}
}

func TestPortal_calls(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		portal := imbottest.NewPortal(t)
		start := time.Now()
		send(t, portal, leave(botTrue).at("/rest/1/s3cr3t00/Imbot.Chat.Leave.json?chat_id=7&a[]=x&a[]=y").with("X-Test", "1"))
		time.Sleep(time.Second) // fake clock
		send(t, portal, request{method: http.MethodGet, path: "/rest/imbot.bot.list?auth=tok-x&start=50&state=s&aplogin=1&ap=&method=x&auth_connector=y&access_token=z"})
		send(t, portal, request{path: "/rest/imbot.bot.list", body: `{"n":{"x":1}}`})

		calls := portal.Calls()
		require.Len(t, calls, 3)
		first := calls[0]
		assert.Equal(t, "Imbot.Chat.Leave", first.Method)
		assert.Equal(t, map[string]any{
			"chat_id": "7", "a": []any{"x", "y"}, "CHAT_ID": int64(13), "BOT_ID": int64(39), "CLIENT_ID": "my",
		}, first.Params)
		assertBytes(t, botTrue, string(first.Body))
		assert.Equal(t, "7", first.Query.Get("chat_id"))
		assert.Equal(t, "1", first.Header.Get("X-Test"))
		assert.Equal(t, http.MethodPost, first.HTTPMethod)
		assert.Equal(t, imbottest.Host, first.Host)
		assert.Equal(t, "/rest/1/s3cr3t00/Imbot.Chat.Leave.json", first.Path)
		assert.Equal(t, imbottest.AuthWebhook, first.Auth)
		assert.Equal(t, http.StatusOK, first.Status)
		assert.Empty(t, first.Code)
		assert.Equal(t, start, first.At)

		assert.Equal(t, imbottest.AuthOAuth, calls[1].Auth)
		assert.Empty(t, calls[1].Params, "what the server keeps for itself is not a parameter")
		assert.Equal(t, "invalid_token", calls[1].Code)
		assert.Equal(t, start.Add(time.Second), calls[1].At)
		assert.Equal(t, imbottest.AuthNone, calls[2].Auth)
		assert.Equal(t, map[string]any{"n": map[string]any{"x": int64(1)}}, calls[2].Params)

		assert.Len(t, portal.Calls(chatLeave), 1)
		assert.Len(t, portal.Calls("IMBOT.BOT.LIST", chatLeave), 3)
		assert.Empty(t, portal.Calls("batch"))
	})
}

func TestPortal_On(t *testing.T) {
	t.Parallel()
	portal := imbottest.NewPortal(t)
	call := leave(botTrue).at("/rest/1/any/imbot.chat.leave")
	portal.On("IMBOT.chat.leave", imbottest.Refuse(503, "QUERY_LIMIT_EXCEEDED", "a/b"), imbottest.Broken(),
		imbottest.Raw(418, "text/plain", "no"), imbottest.Result(map[string]any{"url": "https://x/y", "list": []int{}}))

	got := send(t, portal, call)
	assertBytes(t, `{"error":"QUERY_LIMIT_EXCEEDED","error_description":"a\/b"}`, got.body)
	_, err := try(t, portal, call)
	require.ErrorContains(t, err, "EOF")
	got = send(t, portal, call)
	assert.Equal(t, answer{418, http.Header{"Content-Type": {"text/plain"}, "Content-Length": {"2"}}, "no"}, got)
	for range 2 {
		got = send(t, portal, call)
		assertResult(t, `{"url":"https://x/y","list":[]}`, got)
		assert.Contains(t, got.body, `https:\/\/x\/y`)
	}
	assert.Equal(t, []int{503, 0, 418, 200, 200}, statuses(portal))

	portal.On(chatLeave, imbottest.Refuse(400, "A", ""))
	assertError(t, 400, "A", "", send(t, portal, call))
	portal.On(chatLeave)
	assertError(t, badHook.status, badHook.code, badHook.description, send(t, portal, call))
}

func statuses(portal *imbottest.Portal) []int {
	var list []int
	for _, call := range portal.Calls() {
		list = append(list, call.Status)
	}
	return list
}

// TestPortal_concurrent is for the race detector.
func TestPortal_concurrent(t *testing.T) {
	t.Parallel()
	portal := imbottest.NewPortal(t, imbottest.WithPlan(imbottest.Enterprise), imbottest.WithOperatingLimit(time.Hour))
	portal.FaultFunc(func(imbottest.Call) imbottest.Fault { return imbottest.NoFault() })
	var group sync.WaitGroup
	var left sync.Map
	for i := range 20 {
		group.Go(func() {
			id := imbot.ChatID(100 + i%4)
			portal.AddChat(imbottest.Chat{ID: 1000 + id, Members: []imbot.UserID{bot}})
			portal.AddBot(imbottest.Bot{ID: imbot.BotID(1000 + i), ClientID: "x"})
			portal.AddUser(imbottest.User{ID: imbot.UserID(2000 + i)})
			portal.AddToken(imbottest.Token{AccessToken: "t", App: "a"})
			portal.Expire("t")
			portal.Fault("other", imbottest.LoseAfter().Optional())
			portal.On("other", imbottest.Result(i).Optional())
			portal.Unmet()
			got := send(t, portal, leave(botTrue))
			left.Store(i, got.status)
			portal.Calls()
			portal.Members(13)
		})
	}
	group.Wait()
	succeeded := 0
	for _, status := range left.Range {
		if status == http.StatusOK {
			succeeded++
		}
	}
	assert.Equal(t, 1, succeeded, "a bot leaves once")
	assert.Equal(t, 1, portal.Removals(13))
}

func TestNames(t *testing.T) {
	t.Parallel()
	assert.Equal(t, "Current", imbottest.Current.String())
	assert.Equal(t, "Documented", imbottest.Documented.String())
	assert.Equal(t, "Wire(7)", imbottest.Wire(7).String())
	assert.Equal(t, "AuthNone", imbottest.AuthNone.String())
	assert.Equal(t, "AuthWebhook", imbottest.AuthWebhook.String())
	assert.Equal(t, "AuthOAuth", imbottest.AuthOAuth.String())
	assert.Equal(t, "AuthKind(7)", imbottest.AuthKind(7).String())
}

// TestKind_String holds that each kind of chat is the one of its name to the methods as well.
func TestKind_String(t *testing.T) {
	t.Parallel()
	for kind, name := range map[imbottest.Kind]string{
		imbottest.Group: "Group", imbottest.OpenChat: "OpenChat", imbottest.General: "General",
		imbottest.GeneralChannel: "GeneralChannel", imbottest.Workgroup: "Workgroup", imbottest.CallChat: "CallChat",
		imbottest.Support: "Support", imbottest.Network: "Network", imbottest.CRM: "CRM", imbottest.OpenLine: "OpenLine",
		imbottest.Copilot: "Copilot", imbottest.ExternalTask: "ExternalTask", imbottest.Private: "Private",
		imbottest.Private + 1: "Kind(13)", -1: "Kind(-1)",
	} {
		assert.Equal(t, name, kind.String())
	}
}

package imbottest_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/imbottest"
)

const (
	botMain  = imbot.UserID(imbottest.BotMain)
	botOfApp = imbot.UserID(imbottest.BotOfApp)
)

// inbox is a handler that keeps what it is posted.
type inbox struct {
	mu    sync.Mutex
	posts []posted
}

type posted struct {
	method, contentType, query string
	form                       url.Values
}

func (i *inbox) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	form, _ := url.ParseQuery(string(body))
	i.mu.Lock()
	defer i.mu.Unlock()
	i.posts = append(i.posts, posted{r.Method, r.Header.Get("Content-Type"), r.URL.RawQuery, form})
	w.WriteHeader(http.StatusAccepted)
}

// last returns what came last.
func (i *inbox) last(t *testing.T) posted {
	t.Helper()
	i.mu.Lock()
	defer i.mu.Unlock()
	require.NotEmpty(t, i.posts)
	return i.posts[len(i.posts)-1]
}

// event returns a portal, and what its events go to.
func withEvents(t *testing.T) (*imbottest.Portal, *inbox) {
	t.Helper()
	portal := imbottest.NewPortal(t)
	box := new(inbox)
	portal.SendEventsTo(box)
	return portal, box
}

// assertFields checks that the form has these fields, and under each prefix that ends in "[" no others.
func assertFields(t *testing.T, want map[string]string, form url.Values, prefixes ...string) {
	t.Helper()
	for name, value := range want {
		assert.Equal(t, []string{value}, form[name], name)
	}
	for name := range form {
		for _, prefix := range prefixes {
			if _, known := want[name]; strings.HasPrefix(name, prefix) {
				assert.True(t, known, "%s is one too many", name)
			}
		}
	}
}

func TestAddMember_webhookBotInAGroup(t *testing.T) {
	t.Parallel()
	portal, box := withEvents(t)
	portal.AddMember(imbottest.ChatElsewhere, botMain, 27)

	assert.True(t, portal.Has(imbottest.ChatElsewhere, imbottest.BotMain))
	got := box.last(t)
	assert.Equal(t, posted{"POST", "application/x-www-form-urlencoded", "CLIENT_ID=my", got.form}, got)
	assertFields(t, map[string]string{
		"event": "ONIMBOTJOINCHAT", "event_handler_id": "459",
		"data[BOT][39][BOT_ID]": "39", "data[BOT][39][BOT_CODE]": "main",
		"data[PARAMS][CHAT_TYPE]": "C", "data[PARAMS][MESSAGE_TYPE]": "C", "data[PARAMS][BOT_ID]": "39", "data[PARAMS][USER_ID]": "27",
		"data[PARAMS][CHAT_ID]": "14", "data[PARAMS][CHAT_AUTHOR_ID]": "1", "data[PARAMS][CHAT_ENTITY_TYPE]": "", "data[PARAMS][CHAT_ENTITY_ID]": "",
		"data[PARAMS][ACCESS_HISTORY]": "1", "data[PARAMS][DIALOG_ID]": "chat14", "data[PARAMS][LANGUAGE]": "en",
		"data[USER][ID]": "27", "auth[domain]": "portal.example", "auth[client_endpoint]": "https://portal.example/rest/",
		"auth[server_endpoint]": "https://oauth.example/rest/", "auth[member_id]": imbottest.MemberID, "auth[application_token]": "my",
	}, got.form, "data[BOT][", "data[PARAMS][", "auth[")
	assert.NotEmpty(t, got.form.Get("ts"))
}

func TestAddMember_botOfAnApplicationInPrivate(t *testing.T) {
	t.Parallel()
	portal, box := withEvents(t)
	portal.AddChat(imbottest.Chat{ID: 88, Kind: imbottest.Private, Owner: 27, Members: []imbot.UserID{27}})
	portal.AddMember(88, botOfApp, 27)

	got := box.last(t)
	assert.Empty(t, got.query)
	assertFields(t, map[string]string{
		"data[PARAMS][CHAT_TYPE]": "P", "data[PARAMS][MESSAGE_TYPE]": "P", "data[PARAMS][BOT_ID]": "50", "data[PARAMS][USER_ID]": "27",
		"data[PARAMS][DIALOG_ID]": "27", "data[PARAMS][TO_USER_ID]": "50", "data[PARAMS][FROM_USER_ID]": "27", "data[PARAMS][LANGUAGE]": "en",
	}, got.form, "data[PARAMS][")
	tokens := []string{
		"access_token", "expires", "expires_in", "scope", "domain", "server_endpoint", "status", "client_endpoint", "member_id", "user_id", "application_token",
	}
	for _, name := range tokens {
		assert.NotEmpty(t, got.form.Get("auth["+name+"]"), name)
		assert.NotEmpty(t, got.form.Get("data[BOT][50]["+name+"]"), name)
		assert.Equal(t, got.form["data[BOT][50]["+name+"]"], got.form["data[BOT][50][AUTH]["+name+"]"], name)
	}
	assert.Equal(t, imbottest.ApplicationToken, got.form.Get("auth[application_token]"))
	assert.NotEmpty(t, got.form.Get("data[BOT][50][refresh_token]"))
	assert.False(t, got.form.Has("auth[refresh_token]"), "the acting user's is not sent here")
	assert.Equal(t, imbottest.App, got.form.Get("data[BOT][50][client_id]"))
	assert.Equal(t, "50", got.form.Get("data[BOT][50][user_id]"))
	assert.Equal(t, "27", got.form.Get("auth[user_id]"))

	client := portal.OAuthClient(imbot.StaticToken(got.form.Get("data[BOT][50][access_token]")))
	_, err := client.Chat.Leave(t.Context(), imbot.ChatLeaveRequest{ChatID: imbottest.ChatGroup, BotID: imbottest.BotOfApp})
	require.NoError(t, err, "the tokens of events are real")
}

func TestAddMember_withoutAnEvent(t *testing.T) {
	t.Parallel()
	portal, _ := withEvents(t)
	portal.AddMember(imbottest.ChatGroup, botMain, 1)
	portal.AddMember(imbottest.ChatGroup, 27, 1)
	assert.Empty(t, portal.Deliveries(), "neither for who is there already, nor for people")
	assert.Equal(t, []imbot.UserID{1, botMain, botOfApp, 27}, portal.Members(imbottest.ChatGroup))

	quiet := imbottest.NewPortal(t)
	quiet.AddMember(imbottest.ChatElsewhere, botMain, 1)
	quiet.PostMessage(imbottest.ChatGroup, 1, "hello", imbottest.BotMain)
	quiet.DeleteBot(imbottest.BotMain)
	quiet.InstallApp(imbottest.App)
	quiet.UninstallApp(imbottest.App)
	assert.Empty(t, quiet.Deliveries(), "as long as nobody wants them")
}

func TestPostMessage(t *testing.T) {
	t.Parallel()
	portal, box := withEvents(t)
	second := imbot.UserID(imbottest.BotSecond)
	portal.AddChat(imbottest.Chat{ID: 90, Kind: imbottest.OpenChat, Title: "Open", Owner: 1, Members: []imbot.UserID{1, botMain, second, botOfApp}})

	portal.PostMessage(90, 1, "nobody is meant")
	assert.Empty(t, portal.Deliveries())

	portal.PostMessage(90, 1, "a & b", imbottest.BotSecond, imbottest.BotMain, imbottest.BotOfApp)
	sent := portal.Deliveries("ONIMBOTMESSAGEADD")
	require.Len(t, sent, 2, "one for each application")
	assert.Equal(t, "https://bot.example/?CLIENT_ID=my", sent[0].URL)
	form, err := url.ParseQuery(sent[0].Body)
	require.NoError(t, err)
	assertFields(t, map[string]string{
		"data[PARAMS][MESSAGE]": "a & b", "data[PARAMS][MESSAGE_TYPE]": "O", "data[PARAMS][CHAT_ID]": "90", "data[PARAMS][DIALOG_ID]": "chat90",
		"data[PARAMS][FROM_USER_ID]": "1", "data[PARAMS][TO_USER_ID]": "39", "data[PARAMS][MENTIONED_LIST][41]": "41", "data[PARAMS][CHAT_TITLE]": "Open",
		"data[BOT][39][BOT_ID]": "39", "data[BOT][41][BOT_ID]": "41", "data[USER][IS_BOT]": "N",
	}, form)
	assert.False(t, form.Has("data[PARAMS][BOT_ID]"))
	assert.NotEmpty(t, box.last(t).form.Get("data[BOT][50][access_token]"))
	assert.NotEmpty(t, box.last(t).form.Get("auth[refresh_token]"), "here it is sent")

	portal.PostMessage(imbottest.ChatPrivate, 1, "hello")
	assertFields(t, map[string]string{"data[PARAMS][DIALOG_ID]": "1", "data[PARAMS][TO_CHAT_ID]": "18", "data[PARAMS][CHAT_TYPE]": "P"}, box.last(t).form)
	assert.False(t, box.last(t).form.Has("data[PARAMS][CHAT_ID]"))
	assert.NotContains(t, sent[0].Body, "MENTIONED_LIST%5D=", "what is empty vanishes")
}

func TestDeleteBot(t *testing.T) {
	t.Parallel()
	portal, box := withEvents(t)
	portal.DeleteBot(imbottest.BotMain)

	assert.Equal(t, "CLIENT_ID=my", box.last(t).query)
	assertFields(t, map[string]string{"event": "ONIMBOTDELETE", "data[BOT_ID]": "39", "data[BOT_CODE]": "main", "auth[application_token]": "my"}, box.last(t).form, "data[")
	assert.False(t, portal.Has(imbottest.ChatGroup, imbottest.BotMain))
	_, err := portal.Client(imbot.WithClientID(imbottest.ClientID)).Chat.Leave(t.Context(), imbot.ChatLeaveRequest{ChatID: imbottest.ChatGroup, BotID: imbottest.BotMain})
	require.ErrorIs(t, err, imbot.ErrBotID)
}

func TestInstallApp(t *testing.T) {
	t.Parallel()
	portal, box := withEvents(t)
	portal.InstallApp(imbottest.App)
	installed := box.last(t).form
	assertFields(t, map[string]string{
		"event": "ONAPPINSTALL", "data[VERSION]": "1", "data[ACTIVE]": "Y", "data[INSTALLED]": "Y", "data[LANGUAGE_ID]": "en",
		"auth[application_token]": imbottest.ApplicationToken, "auth[user_id]": "1", "auth[status]": "L", "auth[expires_in]": "3600",
	}, installed, "data[")
	assert.NotEmpty(t, installed.Get("auth[refresh_token]"))

	portal.UninstallApp(imbottest.App)
	assertFields(t, map[string]string{
		"event": "ONAPPUNINSTALL", "data[LANGUAGE_ID]": "en", "data[CLEAN]": "0", "auth[domain]": "portal.example",
		"auth[client_endpoint]": "https://portal.example/rest/", "auth[server_endpoint]": "https://oauth.example/rest/",
		"auth[member_id]": imbottest.MemberID, "auth[application_token]": imbottest.ApplicationToken,
	}, box.last(t).form, "data[", "auth[")
	client := portal.OAuthClient(imbot.StaticToken(installed.Get("auth[access_token]")))
	_, err := client.Chat.Leave(t.Context(), imbot.ChatLeaveRequest{ChatID: imbottest.ChatGroup, BotID: imbottest.BotOfApp})
	require.ErrorIs(t, err, imbot.ErrInvalidToken)
}

func TestSendEvents_overLoopback(t *testing.T) {
	t.Parallel()
	portal := imbottest.NewPortal(t)
	box := new(inbox)
	server := httptest.NewServer(box)
	defer server.Close()
	portal.SendEvents(server.URL + "/events?secret=x")
	portal.AddMember(imbottest.ChatElsewhere, botMain, 1)
	portal.AddMember(imbottest.ChatElsewhere, botOfApp, 1)

	sent := portal.Deliveries()
	require.Len(t, sent, 2)
	assert.Equal(t, http.StatusAccepted, sent[0].Status)
	require.NoError(t, sent[0].Err)
	assert.Equal(t, server.URL+"/events?secret=x&CLIENT_ID=my", sent[0].URL)
	assert.Equal(t, portal.ServerEndpoint(), box.last(t).form.Get("data[BOT][50][client_endpoint]"))
	assert.Equal(t, strings.TrimPrefix(portal.URL(), "http://"), box.last(t).form.Get("auth[domain]"))

	server.Close()
	portal.DeleteBot(imbottest.BotMain)
	require.Error(t, portal.Deliveries("ONIMBOTDELETE")[0].Err)
}

func TestEvents_mistakes(t *testing.T) {
	t.Parallel()
	portal := started(t)
	portal.SendEventsTo(new(inbox))
	portal.AddBot(imbottest.Bot{ID: 60, App: "nobody's"})
	for name, mistake := range map[string]func(){
		"no URL":         func() { portal.SendEvents("/events") },
		"no chat":        func() { portal.AddMember(999, botMain, 1) },
		"no chat either": func() { portal.PostMessage(999, 1, "hello") },
		"no bot":         func() { portal.DeleteBot(999) },
		"no application": func() { portal.AddMember(imbottest.ChatElsewhere, 60, 1) },
		"none to remove": func() { portal.UninstallApp("nobody's") },
	} {
		assert.Panics(t, mistake, name)
	}
}

// TestEvents_clientID holds how the CLIENT_ID of a bot stands in the address of its events: as it is, where it can be.
func TestEvents_clientID(t *testing.T) {
	t.Parallel()
	tests := []struct{ clientID, url, seen string }{
		{"my-id_1", "https://bot.example/?CLIENT_ID=my-id_1", "my-id_1"},
		{"a+b", "https://bot.example/?CLIENT_ID=a+b", "a b"},
		{"a&b", "https://bot.example/?CLIENT_ID=a&b", "a"},
		{"a#b", "https://bot.example/?CLIENT_ID=a#b", "a"},
		{"a%2Fb", "https://bot.example/?CLIENT_ID=a%2Fb", "a/b"},
		{"a b", "https://bot.example/?CLIENT_ID=a+b", "a b"},
		{"a\nb", "https://bot.example/?CLIENT_ID=a%0Ab", "a\nb"},
	}
	for _, tt := range tests {
		t.Run(tt.clientID, func(t *testing.T) {
			t.Parallel()
			portal, box := withEvents(t)
			portal.AddBot(imbottest.Bot{ID: 60, ClientID: tt.clientID})
			portal.AddMember(imbottest.ChatGroup, 60, 1)
			sent := portal.Deliveries()
			require.Len(t, sent, 1)
			require.NoError(t, sent[0].Err)
			assert.Equal(t, tt.url, sent[0].URL)
			query, err := url.ParseQuery(box.last(t).query)
			require.NoError(t, err)
			assert.Equal(t, tt.seen, query.Get("CLIENT_ID"))
		})
	}
}

// TestEvents_byREST holds that bots that a method adds to a chat are told, as by AddMember.
func TestEvents_byREST(t *testing.T) {
	t.Parallel()
	addAll := `{"CHAT_ID":13,"USERS":[41,39,50,7],"CLIENT_ID":"my"}`
	tests := []struct {
		name    string
		request request
		want    []string // the bots that were told, and in which chat
		history string
	}{
		{"user.add", post("imbot.chat.user.add", addAll), []string{"41 chat13"}, "1"},
		{"user.add without history", post("imbot.chat.user.add", `{"CHAT_ID":13,"USERS":[41],"HIDE_HISTORY":"Y","CLIENT_ID":"my"}`), []string{"41 chat13"}, "0"},
		{"add", post("imbot.chat.add", `{"USERS":[41,7,50,39],"CLIENT_ID":"my"}`), []string{"41 chat19", "50 chat19"}, "1"},
		{"in a batch", batchOf(`{"cmd":{"a":"imbot.chat.user.add?CHAT_ID=13&USERS[]=41&CLIENT_ID=my"}}`), []string{"41 chat13"}, "1"},
		{"refused", post("imbot.chat.user.add", `{"CHAT_ID":14,"USERS":[50],"CLIENT_ID":"my"}`), nil, ""},
		{"leave", leave(botTrue), nil, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			portal, box := withEvents(t)
			send(t, portal, tt.request)
			var told []string
			for _, post := range box.posts {
				assert.Equal(t, "ONIMBOTJOINCHAT", post.form.Get("event"))
				assert.Equal(t, "39", post.form.Get("data[PARAMS][USER_ID]"), "the bot has added them")
				assert.Equal(t, tt.history, post.form.Get("data[PARAMS][ACCESS_HISTORY]"))
				told = append(told, post.form.Get("data[PARAMS][BOT_ID]")+" "+post.form.Get("data[PARAMS][DIALOG_ID]"))
			}
			assert.Equal(t, tt.want, told)
		})
	}

	t.Run("by a handler that calls the portal", func(t *testing.T) {
		t.Parallel()
		portal := imbottest.NewPortal(t)
		portal.SendEventsTo(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			req := imbot.ChatLeaveRequest{ChatID: imbottest.ChatGroup, BotID: imbottest.BotSecond, ClientID: imbottest.ClientID}
			_, err := portal.Client().Chat.Leave(r.Context(), req)
			assert.NoError(t, err)
		}))
		assertResult(t, "true", send(t, portal, post("imbot.chat.user.add", addAll)))
		assert.Len(t, portal.Deliveries(), 1)
		assert.False(t, portal.Has(imbottest.ChatGroup, imbottest.BotSecond))
	})

	t.Run("of an application that is not there", func(t *testing.T) {
		t.Parallel()
		test := new(recorder)
		portal := imbottest.NewPortal(test)
		portal.SendEventsTo(new(inbox))
		portal.AddBot(imbottest.Bot{ID: 60, App: "nobody's"})
		assertResult(t, "true", send(t, portal, post("imbot.chat.user.add", `{"CHAT_ID":13,"USERS":[60],"CLIENT_ID":"my"}`)))
		assert.NotEmpty(t, test.errors)
		assert.Contains(t, test.errors[0], `"nobody's"`)
		assert.Empty(t, test.fatals, "a call may come from any goroutine")
	})
}

package imbottest_test

import (
	"maps"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/imbottest"
)

const appPoster imbot.BotID = 64

// posting returns a portal with bots of version 2 that have their events posted, and what they go to.
func posting(t *testing.T, opts ...imbottest.Option) (*imbottest.Portal, *inbox) {
	t.Helper()
	portal := imbottest.NewPortal(t, opts...)
	portal.AddBot(imbottest.Bot{ID: poster, Code: "poster", Name: "Poster", ClientID: "t", EventMode: "webhook", WebhookURL: "https://elsewhere.example/"})
	portal.AddBot(imbottest.Bot{ID: appPoster, Code: "of_app", Name: "Of an application", App: imbottest.App, EventMode: "webhook"})
	portal.AddChat(imbottest.Chat{ID: club, Title: "Club", Owner: 1, Members: []imbot.UserID{1, 27, imbot.UserID(poster), imbot.UserID(appPoster)}})
	portal.AddChat(imbottest.Chat{ID: office, Owner: 1, Members: []imbot.UserID{1}})
	box := new(inbox)
	portal.SendEventsTo(box)
	return portal, box
}

// TestPosted holds what the events look like that are posted to a bot with a token.
func TestPosted(t *testing.T) {
	t.Parallel()
	common := map[string]string{
		"event_handler_id": "459", "data[bot][id]": "62", "data[bot][code]": "poster",
		"auth[domain]": "portal.example", "auth[client_endpoint]": "https://portal.example/rest/",
		"auth[server_endpoint]": "https://oauth.example/rest/", "auth[member_id]": imbottest.MemberID, "auth[application_token]": "customt",
	}
	say := func(portal *imbottest.Portal, fields string) imbot.MessageID {
		call(portal, v2Send, `{"botId":62,"botToken":"t","dialogId":"chat20","fields":{"message":"Hello"`+fields+`}}`)
		return portal.Messages(club)[0].ID
	}
	tests := []struct {
		event  string
		act    func(portal *imbottest.Portal)
		want   map[string]string
		absent string
	}{
		{
			"ONIMBOTV2MESSAGEADD", func(portal *imbottest.Portal) { portal.PostMessage(club, 27, "a & b", poster) }, map[string]string{
				"data[message][id]": "4711", "data[message][chatId]": "20", "data[message][chat_id]": "20", "data[message][author_id]": "27",
				"data[message][text]": "a & b", "data[message][isSystem]": "0", "data[message][forward]": "",
				"data[chat][dialogId]": "chat20", "data[chat][parentChatId]": "0", "data[chat][backgroundId]": "", "data[chat][textFieldEnabled]": "1",
				"data[user][id]": "27", "data[user][bot]": "0", "data[user][active]": "1", "data[user][phones]": "0", "data[user][email]": "",
				"data[user][lastActivityDate]": "0", "data[user][departments][0]": "1", "data[language]": "en",
			}, "data[message][params]",
		},
		{"ONIMBOTV2MESSAGEUPDATE", func(portal *imbottest.Portal) {
			portal.EditMessage(portal.PostMessage(club, 27, "a", poster), "b")
		}, map[string]string{"data[message][text]": "b"}, "data[additionalMessages]"},
		{"ONIMBOTV2MESSAGEDELETE", func(portal *imbottest.Portal) {
			portal.DeleteMessage(portal.PostMessage(club, 27, "a", poster))
		}, map[string]string{"data[messageId]": "4711", "data[user][id]": "27"}, "data[message]"},
		{"ONIMBOTV2JOINCHAT", func(portal *imbottest.Portal) {
			portal.AddMember(office, imbot.UserID(poster), 27)
		}, map[string]string{"data[dialogId]": "chat21", "data[chat][id]": "21", "data[user][id]": "27"}, "data[message]"},
		{"ONIMBOTV2CONTEXTGET", func(portal *imbottest.Portal) {
			portal.OpenDialog(poster, 27, map[string]any{"a": []any{true, 5}})
		}, map[string]string{"data[dialogId]": "27", "data[context][a][0]": "1", "data[context][a][1]": "5", "data[chat][dialogId]": "27"}, "data[message]"},
		{"ONIMBOTV2REACTIONCHANGE", func(portal *imbottest.Portal) {
			portal.AddReaction(say(portal, ""), 27, "like")
		}, map[string]string{"data[reaction]": "like", "data[action]": "add", "data[message][authorId]": "62", "data[user][id]": "27"}, "data[messageId]"},
		{"ONIMBOTV2COMMANDADD", func(portal *imbottest.Portal) {
			call(portal, "imbot.v2.Command.register", `{"botId":62,"botToken":"t","fields":{"command":"help","hidden":true}}`)
			call(portal, v2Send, `{"botId":62,"botToken":"t","dialogId":"27","fields":{"message":"Hello","keyboard":[{"TEXT":"Help","COMMAND":"help"}]}}`)
			portal.PressButton(portal.Messages(portal.PrivateChat(poster, 27))[0].ID, 27, "Help")
		}, map[string]string{"data[command][id]": "42", "data[command][command]": "/help", "data[command][params]": "", "data[command][context]": "keyboard", "data[chat][dialogId]": "27"}, "data[additionalMessages]"},
		{"ONIMBOTV2DELETE", func(portal *imbottest.Portal) { portal.DeleteBot(poster) }, nil, "data[user]"},
	}
	for _, tt := range tests {
		t.Run(tt.event, func(t *testing.T) {
			t.Parallel()
			portal, box := posting(t)
			tt.act(portal)
			sent := portal.Deliveries(tt.event)
			require.Len(t, sent, 1)
			assert.Equal(t, "https://bot.example/", sent[0].URL, "it has no CLIENT_ID")
			want := maps.Clone(common)
			want["event"] = tt.event
			maps.Copy(want, tt.want)
			form := box.last(t).form
			assertFields(t, want, form, "auth[", "data[bot]", tt.absent)
			assert.NotEmpty(t, form.Get("ts"))
		})
	}
}

// TestPosted_application holds which tokens come with the events for the bot of an application.
func TestPosted_application(t *testing.T) {
	t.Parallel()
	portal, box := posting(t)
	fields := []string{
		"access_token", "expires", "expires_in", "scope", "domain", "server_endpoint", "status", "client_endpoint", "member_id", "application_token",
	}
	for event, act := range map[string]func(){
		"ONIMBOTV2MESSAGEADD": func() { portal.PostMessage(club, 27, "a", appPoster) },
		"ONIMBOTV2JOINCHAT":   func() { portal.AddMember(office, imbot.UserID(appPoster), 27) },
	} {
		act()
		form := box.last(t).form
		assert.Equal(t, event, form.Get("event"))
		for _, name := range fields {
			assert.NotEmpty(t, form.Get("auth["+name+"]"), name)
			assert.NotEmpty(t, form.Get("data[bot][auth]["+name+"]"), name)
		}
		assert.Equal(t, []string{"27"}, form["auth[user_id]"])
		assert.Equal(t, []string{"64"}, form["data[bot][auth][user_id]"])
		assert.Equal(t, []string{imbottest.App}, form["data[bot][auth][client_id]"])
		assert.False(t, form.Has("auth[client_id]"))
		assert.Equal(t, imbottest.ApplicationToken, form.Get("auth[application_token]"))
		assert.Equal(t, event == "ONIMBOTV2MESSAGEADD", form.Has("auth[refresh_token]"), event)
		assert.True(t, form.Has("data[bot][auth][refresh_token]"))
		got := send(t, portal, request{path: "/rest/imbot.v2.Bot.get?auth=" + form.Get("data[bot][auth][access_token]"), body: `{"botId":64}`})
		assert.Equal(t, 200, got.status, "the tokens of events are real")
	}
}

// TestPosted_toEach holds that each bot has a post of its own, and that no other generation hears of it.
func TestPosted_toEach(t *testing.T) {
	t.Parallel()
	portal, box := posting(t)
	portal.AddBot(imbottest.Bot{ID: 65, ClientID: strings.Repeat("x", 48), EventMode: "webhook", Type: "supervisor"})
	portal.AddMember(club, 65, 1)
	portal.AddMember(club, botMain, 1)
	portal.PostMessage(club, 1, "hello", poster, appPoster, imbottest.BotMain)

	var told []string
	for _, sent := range portal.Deliveries("ONIMBOTMESSAGEADD", "ONIMBOTV2MESSAGEADD") {
		form, err := url.ParseQuery(sent.Body)
		require.NoError(t, err)
		told = append(told, sent.Event+" "+form.Get("data[bot][id]"))
	}
	assert.Equal(t, []string{"ONIMBOTMESSAGEADD ", "ONIMBOTV2MESSAGEADD 62", "ONIMBOTV2MESSAGEADD 64", "ONIMBOTV2MESSAGEADD 65"}, told)
	assert.Equal(t, "custom"+strings.Repeat("x", 44), box.last(t).form.Get("auth[application_token]"), "it is cut")

	send(t, portal, post("imbot.v2.Bot.unregister", `{"botId":62,"botToken":"t"}`))
	assert.Equal(t, "ONIMBOTV2DELETE", box.last(t).form.Get("event"))
	assert.Empty(t, portal.Deliveries("ONIMBOTDELETE"))
}

func TestDoubleEvents(t *testing.T) {
	t.Parallel()
	portal, _ := posting(t, imbottest.DoubleEvents())
	portal.PostMessage(club, 1, "hello", poster)
	sent := portal.Deliveries()
	require.Len(t, sent, 2)
	assert.Equal(t, sent[0].Body, sent[1].Body)
}

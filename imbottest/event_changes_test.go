package imbottest_test

import (
	"net/url"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/imbottest"
)

// TestPosted_changes holds what bots of version 1 hear of messages that are changed or deleted, and of dialogs that are
// opened with a context.
func TestPosted_changes(t *testing.T) {
	t.Parallel()
	const private = imbot.ChatID(88)
	group := func(more map[string]string) map[string]string {
		want := map[string]string{
			"data[PARAMS][ID]": "4711", "data[PARAMS][MESSAGE_ID]": "4711", "data[PARAMS][CHAT_ID]": "13", "data[PARAMS][AUTHOR_ID]": "27",
			"data[PARAMS][MESSAGE_TYPE]": "C", "data[PARAMS][CHAT_TYPE]": "C", "data[PARAMS][CHAT_AUTHOR_ID]": "1",
			"data[PARAMS][CHAT_ENTITY_TYPE]": "", "data[PARAMS][CHAT_ENTITY_ID]": "", "data[PARAMS][CHAT_ENTITY_DATA_1]": "",
			"data[PARAMS][CHAT_ENTITY_DATA_2]": "", "data[PARAMS][CHAT_ENTITY_DATA_3]": "",
			"data[PARAMS][DIALOG_ID]": "chat13", "data[PARAMS][LANGUAGE]": "en",
		}
		for name, value := range more {
			want[name] = value
		}
		return want
	}
	tests := []struct {
		name, event string
		act         func(portal *imbottest.Portal)
		want        map[string]string
		more        []string // what the form has nothing else of
	}{
		{
			"changed", "ONIMBOTMESSAGEUPDATE", func(portal *imbottest.Portal) {
				portal.EditMessage(portal.PostMessage(imbottest.ChatGroup, 27, "a"), "[USER=39]Main[/USER], ask [USER=7]Somebody[/USER] twice")
			}, group(map[string]string{
				"data[PARAMS][MESSAGE]":            "ask  twice",
				"data[PARAMS][MESSAGE_ORIGINAL]":   "[USER=39]Main[/USER], ask [USER=7]Somebody[/USER] twice",
				"data[PARAMS][MENTIONED_LIST][39]": "39", "data[PARAMS][MENTIONED_LIST][7]": "7", "data[PARAMS][TO_USER_ID]": "39",
				"data[PARAMS][CHAT_USER_COUNT]": "3", "data[PARAMS][PLATFORM_CONTEXT]": "web", "data[BOT][39][BOT_ID]": "39", "data[BOT][39][BOT_CODE]": "main",
			}), []string{"data["},
		},
		{
			"changed in private", "ONIMBOTMESSAGEUPDATE", func(portal *imbottest.Portal) {
				portal.EditMessage(portal.PostMessage(private, 27, "a"), "b")
			}, map[string]string{
				"data[PARAMS][MESSAGE]": "b", "data[PARAMS][FROM_USER_ID]": "27", "data[PARAMS][TO_USER_ID]": "39", "data[PARAMS][DIALOG_ID]": "27",
				"data[PARAMS][CHAT_USER_COUNT]": "2", "data[USER][ID]": "27", "data[USER][IS_BOT]": "N",
			}, []string{"data[PARAMS][MESSAGE_ORIGINAL", "data[PARAMS][CHAT_ENTITY_TYPE"},
		},
		{
			"deleted", "ONIMBOTMESSAGEDELETE", func(portal *imbottest.Portal) {
				portal.DeleteMessage(portal.PostMessage(imbottest.ChatGroup, 27, "a", imbottest.BotMain))
			}, group(map[string]string{
				"data[PARAMS][MESSAGE]": "Message deleted (01/01/2000 12:00:00 am)", "data[BOT][39][BOT_ID]": "39", "data[BOT][39][BOT_CODE]": "main",
			}), []string{"data["},
		},
		{
			"deleted in private", "ONIMBOTMESSAGEDELETE", func(portal *imbottest.Portal) {
				portal.DeleteMessage(portal.PostMessage(private, 27, "a"))
			}, map[string]string{
				"data[PARAMS][FROM_USER_ID]": "27", "data[PARAMS][TO_USER_ID]": "39", "data[PARAMS][DIALOG_ID]": "27", "data[USER][ID]": "27",
			}, []string{"data[PARAMS][CHAT_USER_COUNT"},
		},
		{
			"context", "ONIMBOTCONTEXTGET", func(portal *imbottest.Portal) {
				portal.OpenDialog(imbottest.BotMain, 27, map[string]any{"entityId": 164, "source": []any{"link", true}})
			}, map[string]string{
				"data[PARAMS][CONTEXT][entityId]": "164", "data[PARAMS][CONTEXT][source][0]": "link", "data[PARAMS][CONTEXT][source][1]": "1",
				"data[PARAMS][DIALOG_ID]": "27", "data[PARAMS][USER_ID]": "27", "data[PARAMS][CHAT_TYPE]": "P", "data[PARAMS][MESSAGE_TYPE]": "P",
				"data[PARAMS][CHAT_AUTHOR_ID]": "27", "data[PARAMS][CHAT_ENTITY_ID]": "", "data[PARAMS][LANGUAGE]": "en",
				"data[USER][ID]": "27", "data[BOT][39][BOT_ID]": "39", "data[BOT][39][BOT_CODE]": "main",
			}, []string{"data[PARAMS]", "data[BOT]"},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) { // the time is fake: the first second of 2000
				portal, box := withEvents(t)
				portal.AddChat(imbottest.Chat{ID: private, Kind: imbottest.Private, Owner: 27, Members: []imbot.UserID{27, botMain}})
				tt.act(portal)
				sent := portal.Deliveries(tt.event)
				require.Len(t, sent, 1)
				assert.Equal(t, "https://bot.example/?CLIENT_ID=my", sent[0].URL)
				tt.want["auth[application_token]"] = "my"
				assertFields(t, tt.want, box.last(t).form, tt.more...)
			})
		})
	}
}

// TestPosted_changesBound holds that bots of version 1 hear of changes and contexts only if their application has given
// an address for the event, by any of its bots.
func TestPosted_changesBound(t *testing.T) {
	t.Parallel()
	const mandatory = `"EVENT_MESSAGE_ADD":"https://bot.example/","EVENT_WELCOME_MESSAGE":"https://bot.example/","EVENT_BOT_DELETE":"https://bot.example/"`
	const update, erased, opened = "ONIMBOTMESSAGEUPDATE", "ONIMBOTMESSAGEDELETE", "ONIMBOTCONTEXTGET"
	register := func(code, addresses string) func(*imbottest.Portal) {
		return func(portal *imbottest.Portal) {
			call(portal, "imbot.register", `{"CLIENT_ID":"t","CODE":"`+code+`","PROPERTIES":{"NAME":"B"},`+addresses+`}`)
		}
	}
	change := func(addresses string) func(*imbottest.Portal) {
		return func(portal *imbottest.Portal) {
			call(portal, "imbot.update", `{"CLIENT_ID":"t","FIELDS":{`+addresses+`}}`)
		}
	}
	nothing := func(*imbottest.Portal) {}
	tests := []struct {
		name          string
		register, act func(*imbottest.Portal)
		want          []string
	}{
		{"only those that have to be there", register("a", mandatory), nothing, nil},
		{"one for all", register("a", handlers), nothing, []string{update, erased, opened}},
		{"changes", register("a", mandatory+`,"EVENT_MESSAGE_UPDATE":"https://bot.example/"`), nothing, []string{update}},
		{"deletions", register("a", mandatory+`,"EVENT_MESSAGE_DELETE":"https://bot.example/"`), nothing, []string{erased}},
		{"contexts", register("a", mandatory+`,"EVENT_CONTEXT_GET":"https://bot.example/"`), nothing, []string{opened}},
		{"later", register("a", mandatory), change(`"EVENT_MESSAGE_DELETE":"https://bot.example/"`), []string{erased}},
		{"all later", register("a", mandatory), change(handlers), []string{update, erased, opened}},
		{"not again", register("a", handlers), change(`"EVENT_MESSAGE_ADD":"https://bot.example/"`), []string{update, erased, opened}},
		{"by another bot", register("a", mandatory), register("b", handlers), []string{update, erased, opened}},
		{"by the same again", register("a", mandatory), register("a", handlers), []string{update, erased, opened}},
		{"by another application", register("a", mandatory), func(portal *imbottest.Portal) {
			portal.AddBot(imbottest.Bot{ID: 70, ClientID: "other"})
		}, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			portal, _ := withEvents(t)
			tt.register(portal)
			tt.act(portal)
			chat := portal.PrivateChat(456, 27)
			message := portal.PostMessage(chat, 27, "a")
			portal.EditMessage(message, "b")
			portal.DeleteMessage(message)
			portal.OpenDialog(456, 27, map[string]any{"a": 1})
			require.Len(t, portal.Deliveries("ONIMBOTMESSAGEADD"), 1, "it is there")
			var told []string
			for _, sent := range portal.Deliveries(update, erased, opened) {
				told = append(told, sent.Event)
			}
			assert.Equal(t, tt.want, told)
		})
	}
}

// TestPosted_changesTogether holds that the bots of one application hear of a change by one event, with the tokens of
// each, and that those who the message is not for hear nothing.
func TestPosted_changesTogether(t *testing.T) {
	t.Parallel()
	portal, _ := withEvents(t)
	portal.AddBot(imbottest.Bot{ID: 70, Type: "supervisor", App: imbottest.App})
	portal.AddMember(imbottest.ChatGroup, 70, 1)
	portal.EditMessage(portal.PostMessage(imbottest.ChatGroup, 27, "a", imbottest.BotOfApp), "b")
	sent := portal.Deliveries("ONIMBOTMESSAGEUPDATE")
	require.Len(t, sent, 1)
	form, err := url.ParseQuery(sent[0].Body)
	require.NoError(t, err)
	for _, bot := range []string{"50", "70"} {
		assert.Equal(t, bot, form.Get("data[BOT]["+bot+"][BOT_ID]"))
		assert.Equal(t, bot, form.Get("data[BOT]["+bot+"][AUTH][user_id]"))
	}
	assert.Equal(t, "27", form.Get("auth[user_id]"))
	assert.True(t, form.Has("auth[refresh_token]"))
	assert.Equal(t, "50", form.Get("data[PARAMS][TO_USER_ID]"))

	portal.DeleteMessage(portal.PostMessage(imbottest.ChatGroup, 27, "nobody is mentioned"))
	sent = portal.Deliveries("ONIMBOTMESSAGEDELETE")
	require.Len(t, sent, 1)
	form, err = url.ParseQuery(sent[0].Body)
	require.NoError(t, err)
	assert.True(t, form.Has("data[BOT][70][BOT_ID]"))
	assert.False(t, form.Has("data[BOT][50][BOT_ID]"))
}

package imbottest_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/imbottest"
)

// TestMessages_ids holds that the ids of messages count over all chats, in events and in what imbot.dialog.get shows.
func TestMessages_ids(t *testing.T) {
	t.Parallel()
	portal, box := withEvents(t)
	portal.AddChat(imbottest.Chat{ID: 91, Owner: 1, Members: []imbot.UserID{1, botMain}})
	ids := map[string]string{"chat13": "4711", "chat91": "4712", "chat18": "4713"}
	portal.PostMessage(imbottest.ChatGroup, 1, "one", imbottest.BotMain)
	assert.Equal(t, ids["chat13"], box.last(t).form.Get("data[PARAMS][MESSAGE_ID]"))
	portal.PostMessage(91, 1, "two", imbottest.BotMain)
	assert.Equal(t, ids["chat91"], box.last(t).form.Get("data[PARAMS][MESSAGE_ID]"))
	portal.PostMessage(imbottest.ChatPrivate, 1, "three")
	assert.Equal(t, ids["chat18"], box.last(t).form.Get("data[PARAMS][MESSAGE_ID]"))

	portal.PostMessage(imbottest.ChatGroup, 1, "four", imbottest.BotMain, imbottest.BotOfApp)
	for _, sent := range portal.Deliveries("ONIMBOTMESSAGEADD")[3:] {
		assert.Contains(t, sent.Body, "data%5BPARAMS%5D%5BMESSAGE_ID%5D=4714&", "one message, however many events tell of it")
	}
	assert.InDelta(t, 4714, dialog(t, portal, "chat13")["last_message_id"], 0)
	assert.InDelta(t, 2, dialog(t, portal, "chat13")["message_count"], 0)
	assert.InDelta(t, 4712, dialog(t, portal, "chat91")["last_message_id"], 0)
	assert.InDelta(t, 1, dialog(t, portal, "chat91")["message_count"], 0)
}

// TestMessages_system holds which acts are written into their chat by the portal itself, and how many messages they
// make.
func TestMessages_system(t *testing.T) {
	t.Parallel()
	call := func(method, body string) func(*testing.T, *imbottest.Portal) {
		return func(t *testing.T, portal *imbottest.Portal) {
			t.Helper()
			send(t, portal, post(method, body))
		}
	}
	tests := []struct {
		name string
		act  func(*testing.T, *imbottest.Portal)
		want float64
	}{
		{"leave", call(chatLeave, botTrue), 1},
		{"leave by version 2", call("imbot.v2.Chat.leave", `{"botId":39,"botToken":"my","chatId":13}`), 1},
		{"leave twice", func(t *testing.T, portal *imbottest.Portal) {
			call(chatLeave, botTrue)(t, portal)
			call(chatLeave, botTrue)(t, portal)
		}, 1},
		{"refused", call(chatLeave, `{"CHAT_ID":13,"BOT_ID":999,"CLIENT_ID":"my"}`), 0},
		{"add two", call("imbot.chat.user.add", `{"CHAT_ID":13,"USERS":[7,8],"CLIENT_ID":"my"}`), 1},
		{"add nobody", call("imbot.chat.user.add", `{"CHAT_ID":13,"USERS":[1],"CLIENT_ID":"my"}`), 0},
		{"AddMember", func(_ *testing.T, portal *imbottest.Portal) { portal.AddMember(imbottest.ChatGroup, 7, 1) }, 1},
		{"AddMember of a member", func(_ *testing.T, portal *imbottest.Portal) { portal.AddMember(imbottest.ChatGroup, 1, 1) }, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			portal := imbottest.NewPortal(t)
			tt.act(t, portal)
			assert.InDelta(t, tt.want, dialog(t, portal, "chat13")["message_count"], 0)
		})
	}

	t.Run("a new member of a private chat", func(t *testing.T) {
		t.Parallel()
		portal := imbottest.NewPortal(t)
		portal.AddChat(imbottest.Chat{ID: 88, Kind: imbottest.Private, Owner: 1, Members: []imbot.UserID{1}})
		portal.AddMember(88, 41, 1)
		assert.InDelta(t, 0, dialog(t, portal, "41")["message_count"], 0)
	})
}

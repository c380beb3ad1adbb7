package imbottest_test

import (
	"encoding/json"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/imbottest"
)

const dialog13 = `{"id":13,"parent_chat_id":0,"parent_message_id":0,"name":"Group","description":"","owner":1,"extranet":false,` +
	`"avatar":"","color":"#4ba984","type":"chat","counter":0,"user_counter":3,"message_count":0,"unread_id":0,` +
	`"restrictions":{"avatar":true,"rename":true,"extend":true,"call":true,"mute":true,"leave":true,"leave_owner":true,"send":true,"user_list":true},` +
	`"last_message_id":0,"last_id":0,"marked_id":0,"disk_folder_id":0,"entity_type":"","entity_id":"",` +
	`"entity_data_1":"","entity_data_2":"","entity_data_3":"","mute_list":[],"date_create":null,"message_type":"C",` +
	`"public":"","role":"owner","entity_link":{"type":"","url":"","id":""},"text_field_enabled":true,"background_id":null,` +
	`"permissions":{"manage_users_add":"member","manage_users_delete":"manager","manage_ui":"member","manage_settings":"owner","manage_messages":"member","can_post":"member"},` +
	`"is_new":false,"readed_list":[],"manager_list":[1],` +
	`"last_message_views":{"message_id":0,"first_viewers":[],"count_of_viewers":0},"dialog_id":"chat13"}`

var (
	noDialog = failed{403, "ACCESS_ERROR", "You do not have access to the specified dialog"}
	noChat   = failed{400, "ACCESS_ERROR", "You don't have access to this chat"}
)

func TestRows_dialogGet(t *testing.T) {
	t.Parallel()
	foreign := func(kind imbottest.Kind) func(*imbottest.Portal) {
		return func(portal *imbottest.Portal) {
			portal.AddChat(imbottest.Chat{ID: 19, Kind: kind, Owner: bot, Members: []imbot.UserID{bot}})
		}
	}
	guest := func(portal *imbottest.Portal) {
		foreign(imbottest.OpenChat)(portal)
		portal.AddUser(imbottest.User{ID: 1, Extranet: true})
	}
	testMethod(t, "imbot.dialog.get", []methodRow{
		{name: "chat", body: `{"DIALOG_ID":"chat13"}`, result: dialog13},
		{name: "through chat.get", method: "imbot.chat.get", body: `{"DIALOG_ID":"chat13","ENTITY_TYPE":"CRM","ENTITY_ID":"5"}`, result: dialog13},
		{name: "bot plays no part", body: `{"dialog_id":"chat13","BOT_ID":999,"CLIENT_ID":"none"}`, result: dialog13},
		{name: "no dialog", body: `{}`, failure: dialogIDEmpty},
		{name: "chat id", body: `{"CHAT_ID":13}`, failure: dialogIDEmpty},
		{name: "dialog empty", body: `{"DIALOG_ID":""}`, failure: dialogIDEmpty},
		{name: "dialog zero", body: `{"DIALOG_ID":"0"}`, failure: dialogIDEmpty},
		{name: "dialog negative", body: `{"DIALOG_ID":-1}`, failure: dialogIDEmpty},
		{name: "no dialog at all", body: `{"DIALOG_ID":"chat13x"}`, failure: dialogIDEmpty},
		{name: "unknown chat", body: `{"DIALOG_ID":"chat99"}`, failure: noDialog},
		{name: "unknown workgroup", body: `{"DIALOG_ID":"sg8"}`, failure: noDialog},
		{name: "user not in the chat", body: `{"DIALOG_ID":"chat19"}`, prepare: foreign(imbottest.Group), failure: noDialog},
		{name: "guest not in an open chat", body: `{"DIALOG_ID":"chat19"}`, prepare: guest, failure: noDialog},
		{name: "no private chat", body: `{"DIALOG_ID":41}`, failure: noChat},
		{name: "oneself", body: `{"DIALOG_ID":"1"}`, failure: noChat},
	})
}

// dialog is imbot.dialog.get by the user's webhook.
func dialog(t *testing.T, portal *imbottest.Portal, id string) map[string]any {
	t.Helper()
	got := send(t, portal, post("imbot.dialog.get", `{"DIALOG_ID":"`+id+`"}`))
	var envelope struct{ Result map[string]any }
	require.NoError(t, json.Unmarshal([]byte(got.body), &envelope), got.body)
	return envelope.Result
}

// TestDialogGet_kinds holds what each kind of chat is called, and what is restricted there.
func TestDialogGet_kinds(t *testing.T) {
	t.Parallel()
	all := []string{"avatar", "rename", "extend", "call", "mute", "leave", "leave_owner", "send", "user_list"}
	tests := []struct {
		kind               imbottest.Kind
		dialog, entity     string
		messageType, alias string
		restricted         []string
	}{
		{imbottest.Group, "chat", "", "C", "chat19", nil},
		{imbottest.OpenChat, "open", "", "O", "chat19", nil},
		{imbottest.General, "general", "GENERAL", "O", "chat19", []string{"avatar", "rename", "extend", "leave", "leave_owner", "send"}},
		{imbottest.GeneralChannel, "generalChannel", "GENERAL_CHANNEL", "C", "chat19", []string{"leave_owner"}},
		{imbottest.Workgroup, "sonetGroup", "SONET_GROUP", "C", "sg77", []string{"avatar", "rename", "extend", "leave", "leave_owner"}},
		{imbottest.CallChat, "call", "CALL", "C", "chat19", []string{"extend", "call", "mute", "leave", "leave_owner"}},
		{imbottest.Support, "support24Question", "SUPPORT24_QUESTION", "C", "chat19", []string{"avatar", "extend", "call", "mute", "leave", "leave_owner", "user_list"}},
		{imbottest.Network, "networkDialog", "NETWORK_DIALOG", "C", "chat19", []string{"avatar", "extend", "call", "mute", "leave", "leave_owner", "user_list"}},
		{imbottest.CRM, "crm", "CRM", "C", "crm77", []string{"avatar", "rename", "leave_owner"}},
		{imbottest.OpenLine, "lines", "LINES", "C", "chat19", []string{"leave_owner"}},
		{imbottest.Copilot, "copilot", "", "C", "chat19", []string{"leave_owner"}},
		{imbottest.ExternalTask, "tasksTask", "TASKS_TASK", "C", "chat19", []string{"leave_owner"}},
		{imbottest.Private, "private", "", "P", "41", nil},
	}
	for _, tt := range tests {
		t.Run(tt.kind.String(), func(t *testing.T) {
			t.Parallel()
			portal := imbottest.NewPortal(t)
			portal.AddChat(imbottest.Chat{ID: 19, Kind: tt.kind, EntityID: "77", Owner: 1, Members: []imbot.UserID{1, 41}})
			got := dialog(t, portal, tt.alias)
			assert.InDelta(t, 19, got["id"], 0)
			assert.Equal(t, tt.dialog, got["type"])
			assert.Equal(t, tt.messageType, got["message_type"])
			assert.Equal(t, tt.entity, got["entity_type"])
			assert.Equal(t, "77", got["entity_id"])
			assert.Equal(t, map[string]any{"type": tt.entity, "url": "", "id": "77"}, got["entity_link"])
			assert.Equal(t, tt.alias, got["dialog_id"])
			restrictions, _ := got["restrictions"].(map[string]any)
			assert.Len(t, restrictions, len(all))
			for _, name := range all {
				assert.Equal(t, !slices.Contains(tt.restricted, name), restrictions[name], name)
			}
		})
	}
}

// TestDialogGet_view holds how what happens in a chat shows, to its owner, a manager, a member and a guest.
func TestDialogGet_view(t *testing.T) {
	t.Parallel()
	portal := imbottest.NewPortal(t)
	portal.AddChat(imbottest.Chat{
		ID: 20, Kind: imbottest.OpenChat, Title: "Open", Description: "About", HasAvatar: true, PublicCode: "c0de",
		EntityType: "APP", EntityID: "13", Owner: bot, Members: []imbot.UserID{bot, 7}, Managers: []imbot.UserID{7, bot},
	})
	got := dialog(t, portal, "chat20")
	assert.Equal(t, "guest", got["role"])
	assert.Equal(t, "About", got["description"])
	assert.Equal(t, "https://portal.example/upload/im/20/avatar.png", got["avatar"])
	assert.Equal(t, "#ab7761", got["color"])
	assert.Equal(t, map[string]any{"code": "c0de", "link": "https://portal.example/online/c0de"}, got["public"])
	assert.Equal(t, []any{39.0, 7.0}, got["manager_list"])
	assert.Equal(t, false, got["extranet"])
	assert.Equal(t, []any{}, got["readed_list"])

	portal.AddUser(imbottest.User{ID: 7, Extranet: true})
	assertResult(t, "true", send(t, portal, post("imbot.chat.user.add", `{"CHAT_ID":20,"USERS":[1],"CLIENT_ID":"my"}`)))
	assertResult(t, "true", send(t, portal, post("imbot.chat.updateColor", `{"CHAT_ID":20,"COLOR":"PINK","CLIENT_ID":"my"}`)))
	portal.PostMessage(20, 7, "hello")
	got = dialog(t, portal, "chat20")
	assert.Equal(t, "member", got["role"])
	assert.Equal(t, true, got["extranet"])
	assert.Equal(t, "#f76187", got["color"])
	assert.InDelta(t, 3, got["user_counter"], 0)
	assert.InDelta(t, 3, got["message_count"], 0)
	assert.InDelta(t, 4713, got["last_message_id"], 0)
	assert.Equal(t, []any{
		map[string]any{"user_id": 39.0, "user_name": "Main bot", "message_id": 4713.0, "date": nil},
		map[string]any{"user_id": 7.0, "user_name": "Example Person", "message_id": 4713.0, "date": nil},
	}, got["readed_list"])

	assertResult(t, "true", send(t, portal, post("imbot.chat.setManager", `{"CHAT_ID":20,"USER_ID":1,"CLIENT_ID":"my"}`)))
	assert.Equal(t, "manager", dialog(t, portal, "chat20")["role"])
	assertResult(t, `{"result":true}`, send(t, portal, post("imbot.v2.Chat.leave", `{"botId":39,"botToken":"my","chatId":20}`)))
	got = dialog(t, portal, "chat20")
	assert.Equal(t, "owner", got["role"])
	assert.Equal(t, []any{1.0, 7.0}, got["manager_list"])
}

// TestDialogGet_token holds that the dialog is that of the token's user.
func TestDialogGet_token(t *testing.T) {
	t.Parallel()
	portal := imbottest.NewPortal(t)
	portal.AddToken(imbottest.Token{AccessToken: "tok-2", App: imbottest.App, UserID: 2, Scopes: []string{imbottest.ScopeBots}})
	call := request{path: "/rest/imbot.dialog.get?auth=tok-2", body: `{"DIALOG_ID":"chat13"}`}
	assertError(t, noDialog.status, noDialog.code, noDialog.description, send(t, portal, call))
	call.path = "/rest/imbot.dialog.get?auth=tok-ok"
	assertResult(t, dialog13, send(t, portal, call))
	portal.DeleteBot(39)
	assert.InDelta(t, 2, dialog(t, portal, "chat13")["user_counter"], 0)
}

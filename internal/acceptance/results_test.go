package acceptance_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/imbottest"
	"github.com/seed-a6e4e5a4/imbot/internal/clienttest"
)

// documentedDialog is the answer of Bitrix24's documentation.
var documentedDialog = imbot.Dialog{
	ID: 2725, DialogID: "chat2725", Name: "New Chat Name", Description: "Important News", Type: "chat", MessageType: "C",
	Owner: 1291, Role: imbot.RoleMember, Managers: imbot.UserIDs{1291}, Muted: imbot.UserIDs{},
	Avatar: "https://cdn.example/avatar.png", Color: "#f76187",
	Created:          mustTime("2026-02-24T13:19:39+02:00"),
	TextFieldEnabled: true,
	EntityType:       "CHAT", EntityID: "13", EntityLink: imbot.DialogEntityLink{Type: "CHAT", ID: "13"},
	UserCounter: 2, MessageCount: 11, LastMessageID: 33807, LastID: 33807,
	Restrictions: imbot.DialogRestrictions{
		Known: true, Leave: true, LeaveOwner: true, Avatar: true, Rename: true, Extend: true, Call: true, Mute: true, Send: true, UserList: true,
	},
	Permissions: imbot.DialogPermissions{
		ManageUsersAdd: imbot.RoleMember, ManageUsersDelete: imbot.RoleManager, ManageUI: imbot.RoleMember,
		ManageSettings: imbot.RoleOwner, ManageMessages: imbot.RoleMember, CanPost: imbot.RoleMember,
	},
	ReadBy: []imbot.DialogReader{{UserID: 1291, UserName: "MyBot", MessageID: 33807}},
	LastMessageViews: imbot.DialogViews{
		MessageID:    33807,
		FirstViewers: []imbot.DialogReader{{UserID: 1271, UserName: "Employee", Date: mustTime("2026-02-24T15:41:17+02:00")}},
	},
}

func mustTime(text string) time.Time {
	t, _ := time.Parse(time.RFC3339, text)
	return t
}

func TestDialog_reads(t *testing.T) {
	t.Parallel()
	raw := func(text string) map[string]json.RawMessage {
		var extra map[string]json.RawMessage
		require.NoError(t, json.Unmarshal([]byte(text), &extra))
		return extra
	}
	tests := []struct {
		name, json string
		want       imbot.Dialog
	}{
		{"ids as texts", `{"id":"13","owner":"39","last_id":"5"}`, imbot.Dialog{ID: 13, Owner: 39, LastID: 5}},
		{"nulls", `{"id":13,"owner":null,"date_create":null,"public":null,"restrictions":null,"readed_list":null,"manager_list":null,"name":null}`, imbot.Dialog{ID: 13}},
		{"texts as numbers", `{"entity_id":13,"background_id":7,"entity_data_1":false}`, imbot.Dialog{EntityID: "13", Background: "7"}},
		{"public is an object", `{"public":{"code":"abc","link":"https://portal.example/online/abc"}}`, imbot.Dialog{Public: imbot.DialogPublic{Code: "abc", Link: "https://portal.example/online/abc"}}},
		{"public is a text", `{"public":"abc"}`, imbot.Dialog{Public: imbot.DialogPublic{Code: "abc"}}},
		{"public is empty", `{"id":13,"public":[]}`, imbot.Dialog{ID: 13}},
		{"muted by map", `{"mute_list":{"7":true,"9":false,"11":"Y"}}`, imbot.Dialog{Muted: imbot.UserIDs{7, 11}}},
		{"muted by numbers", `{"mute_list":{"27":1,"30":0,"31":"1"}}`, imbot.Dialog{Muted: imbot.UserIDs{27, 31}}},
		{"muted by null", `{"mute_list":{"5":true,"6":null}}`, imbot.Dialog{Muted: imbot.UserIDs{5}}},
		{"muted with holes", `{"mute_list":{"0":7,"2":"9"}}`, imbot.Dialog{Muted: imbot.UserIDs{7, 9}}},
		{"managers with holes", `{"manager_list":{"3":39,"1":7}}`, imbot.Dialog{Managers: imbot.UserIDs{39, 7}}},
		{"booleans of PHP", `{"extranet":"Y","is_new":"1","text_field_enabled":0}`, imbot.Dialog{Extranet: true, IsNew: true}},
		{"no restrictions", `{"id":13,"restrictions":[]}`, imbot.Dialog{ID: 13}},
		{"some restrictions", `{"restrictions":{"leave":false,"leave_owner":"Y"}}`, imbot.Dialog{Restrictions: imbot.DialogRestrictions{Known: true, LeaveOwner: true}}},
		{"roles in capitals", `{"role":"MEMBER","permissions":{"can_post":"NONE"}}`, imbot.Dialog{Role: imbot.RoleMember, Permissions: imbot.DialogPermissions{CanPost: imbot.RoleNone}}},
		{"readers by map", `{"readed_list":{"7":{"user_id":"7","date":""},"9":{"user_id":9}}}`, imbot.Dialog{ReadBy: []imbot.DialogReader{{UserID: 7}, {UserID: 9}}}},
		{"no views", `{"id":13,"last_message_views":[]}`, imbot.Dialog{ID: 13}},
		{"unknown fields", `{"id":13,"new":{"a":[1]},"other":1}`, imbot.Dialog{ID: 13, Extra: raw(`{"new":{"a":[1]},"other":1}`)}},
		{
			"an unknown field further down", `{"restrictions":{"leave":true,"fly":true}}`,
			imbot.Dialog{Restrictions: imbot.DialogRestrictions{Known: true, Leave: true}, Extra: raw(`{"restrictions":{"fly":true,"leave":true}}`)},
		},
		{
			"forms that nobody has described", `{"owner":"me","date_create":"yesterday","name":[],"restrictions":"all","manager_list":[null],"mute_list":{"a":true},"is_new":"maybe","readed_list":5}`,
			imbot.Dialog{Extra: raw(`{"owner":"me","date_create":"yesterday","name":[],"restrictions":"all","manager_list":[null],"mute_list":{"a":true},"is_new":"maybe","readed_list":5}`)},
		},
		{
			"a reader that is none", `{"readed_list":[{"user_id":7},{"user_id":0},5]}`,
			imbot.Dialog{ReadBy: []imbot.DialogReader{{UserID: 7}}, Extra: raw(`{"readed_list":[{"user_id":7},{"user_id":0},5]}`)},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			portal := imbottest.NewPortal(t)
			portal.On("imbot.dialog.get", imbottest.Raw(200, "application/json", `{"result":`+tt.json+`}`))

			response, err := portal.Client().Dialog.Get(t.Context(), imbot.DialogGetRequest{DialogID: "chat13"})

			require.NoError(t, err)
			got := response.Result
			assert.Len(t, got.Extra, len(tt.want.Extra))
			for name, value := range tt.want.Extra {
				assert.JSONEq(t, string(value), string(got.Extra[name]), name)
			}
			got.Extra = tt.want.Extra
			assert.Equal(t, tt.want, got)
		})
	}
}

func TestDialog_isAnObjectWithSomethingInIt(t *testing.T) {
	t.Parallel()
	for _, text := range []string{`{}`, `[]`, `null`, `true`, `"chat13"`, `[{"id":13}]`} {
		var dialog imbot.Dialog
		assert.Error(t, json.Unmarshal([]byte(text), &dialog), text)
	}
}

func TestBotList_reads(t *testing.T) {
	t.Parallel()
	tests := []struct {
		json string
		want imbot.BotList
	}{
		{`[]`, imbot.BotList{}},
		{`{}`, imbot.BotList{}},
		{
			`{"101":{"ID":101,"NAME":"c","CODE":"c","OPENLINE":"N"},"41":{"ID":"41","NAME":"b","CODE":"b","OPENLINE":"Y"},"9":{"ID":9,"NAME":"a","CODE":5,"OPENLINE":true}}`,
			imbot.BotList{{ID: 9, Name: "a", Code: "5", OpenLine: true}, {ID: 41, Name: "b", Code: "b", OpenLine: true}, {ID: 101, Name: "c", Code: "c"}},
		},
		{`[{"ID":41},{"ID":39}]`, imbot.BotList{{ID: 39}, {ID: 41}}},
		{`{"39":{"ID":39,"NAME":null,"CODE":false,"OPENLINE":null,"NEW":[]}}`, imbot.BotList{{ID: 39}}},
	}
	for _, tt := range tests {
		t.Run(tt.json, func(t *testing.T) {
			t.Parallel()
			portal := imbottest.NewPortal(t)
			portal.On("imbot.bot.list", imbottest.Raw(200, "application/json", `{"result":`+tt.json+`}`))

			response, err := portal.Client().Bot.List(t.Context(), imbot.BotListRequest{})

			require.NoError(t, err)
			assert.Equal(t, tt.want, response.Result)
		})
	}
	for _, text := range []string{`5`, `"x"`, `[5]`, `{"39":{}}`, `{"39":{"ID":"x"}}`, `{"39":{"ID":39,"NAME":[]}}`, `{"39":{"ID":39,"OPENLINE":"?"}}`} {
		var bots imbot.BotList
		assert.Error(t, json.Unmarshal([]byte(text), &bots), text)
	}
}

func TestUserIDs_reads(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]imbot.UserIDs{
		`[]`:                          {},
		`{}`:                          {},
		`[7,"9"]`:                     {7, 9},
		`{"0":7,"2":9,"10":"11"}`:     {7, 9, 11},
		`{"10": 7, "2": "9"}`:         {7, 9}, // the order is that of the answer
		`[9223372036854775807,7,7,1]`: {9223372036854775807, 7, 7, 1},
	} {
		var ids imbot.UserIDs
		require.NoError(t, json.Unmarshal([]byte(text), &ids), text)
		assert.Equal(t, want, ids, text)
	}
	for _, text := range []string{`null`, `5`, `"7"`, `true`, `[null]`, `[0]`, `[-7]`, `["x"]`, `[[7]]`, `{"a":{}}`, `[1.5]`} {
		ids := imbot.UserIDs{5}
		require.Error(t, json.Unmarshal([]byte(text), &ids), text)
		assert.Equal(t, imbot.UserIDs{5}, ids, text)
	}
}

func TestChatGet_reads(t *testing.T) {
	t.Parallel()
	tests := []struct {
		json string
		want imbot.ChatID
		err  error
	}{
		{`{"ID":2725}`, 2725, nil},
		{`{"ID":"2725"}`, 2725, nil},
		{`{"id":2725,"name":"all of the chat"}`, 2725, nil},
		{`null`, 0, imbot.ErrNotFound},
		{`{}`, 0, imbot.ErrUnexpectedResult},
		{`[]`, 0, imbot.ErrUnexpectedResult},
		{`{"ID":0}`, 0, imbot.ErrUnexpectedResult},
		{`{"ID":null}`, 0, imbot.ErrUnexpectedResult},
		{`{"ID":"chat13"}`, 0, imbot.ErrUnexpectedResult},
	}
	for _, tt := range tests {
		t.Run(tt.json, func(t *testing.T) {
			t.Parallel()
			portal := imbottest.NewPortal(t)
			portal.On("imbot.chat.get", imbottest.Raw(200, "application/json", `{"result":`+tt.json+`}`))

			response, err := portal.Client().Chat.Get(t.Context(), imbot.ChatGetRequest{EntityType: "CRM", EntityID: "LEAD|13"})

			if tt.err != nil {
				clienttest.MatchesOnly(t, err, tt.err)
				assert.Nil(t, response)
				return
			}
			require.NoError(t, err)
			assert.Equal(t, tt.want, response.Result.ID)
		})
	}
}

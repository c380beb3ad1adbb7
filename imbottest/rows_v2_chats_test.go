package imbottest_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/imbottest"
)

// errorText returns the description of a failure, where it is not what a test is about.
func errorText(t *testing.T, got answer) string {
	t.Helper()
	var failure struct {
		Text string `json:"error_description"`
	}
	require.NoError(t, json.Unmarshal([]byte(got.body), &failure))
	return failure.Text
}

// openChat adds an open chat without the bot.
func openChat(portal *imbottest.Portal) {
	portal.AddChat(imbottest.Chat{ID: 19, Kind: imbottest.OpenChat, Owner: 1, Members: []imbot.UserID{1}})
}

// v2ChatRows are the mistakes in the chat of a method of version 2 that a bot calls for one. The parameters are right
// but for those, and end with a comma.
func v2ChatRows(params string) []methodRow {
	return []methodRow{
		{name: "no dialog", body: as + params + `"x":1}`, failure: noValue("dialogId")},
		{name: "dialog null", body: as + params + `"dialogId":null}`, failure: noValue("dialogId")},
		{name: "dialog as a number", body: as + params + `"dialogId":13}`, failure: wrongValue("dialogId")},
		{name: "no dialog at all", body: as + params + `"dialogId":"x13"}`, failure: v2Chat},
		{name: "unknown chat", body: as + params + `"dialogId":"chat99"}`, failure: v2Chat},
		{name: "closed chat without the bot", body: as + params + `"dialogId":"chat14"}`, failure: v2Access},
	}
}

var v2ChatAddRows = []methodRow{
	{
		name: "defaults", body: `{"botId":39,"botToken":"my"}`,
		part: `{"chat":{"id":19,"dialogId":"chat19","name":"Chat #19","type":"chat","messageType":"C","owner":39,"role":"owner",
			"isNew":true,"userCounter":1,"messageCount":0,"textFieldEnabled":true},"users":[{"id":39}]}`,
	},
	{
		name: "everything", body: as + `"fields":{"title":"Chat","description":"About","color":"lightBlue","type":"open","userIds":[7,"8",39],"ownerId":9,"message":"Hello"}}`,
		part: `{"chat":{"name":"Chat","description":"About","color":"#4ba5c3","type":"open","messageType":"O","owner":9,"userCounter":4,"messageCount":2},
			"users":[{"id":39},{"id":7},{"id":8},{"id":9}]}`,
		check: func(t *testing.T, portal *imbottest.Portal) {
			t.Helper()
			written := portal.Messages(19)
			require.Len(t, written, 1)
			assert.Equal(t, "Hello", written[0].Text)
		},
	},
	{name: "upper case", body: as + `"fields":{"TITLE":"Chat","USER_IDS":[7],"COLOR":"none"}}`, part: `{"chat":{"name":"Chat","userCounter":2}}`},
	{
		name: "guest", body: as + `"fields":{"avatar":5}}`, failure: v2Access,
		prepare: func(portal *imbottest.Portal) { portal.AddUser(imbottest.User{ID: 1, Extranet: true}) },
	},
	{name: "avatar by its id", body: as + `"fields":{"avatar":"5","userIds":1}}`, failure: failed{400, "WRONG_PARAMETER", "Wrong parameter"}},
	{name: "users", body: as + `"fields":{"userIds":1}}`, failure: failed{400, "100", "User IDs are no list"}},
	{name: "fields null", body: as + `"fields":null}`, failure: wrongValue("fields")},
}

var v2ChatGetRows = append(v2ChatRows(``), []methodRow{
	{
		name: "group", body: as + `"dialogId":"chat13"}`,
		part: `{"chat":{"id":13,"dialogId":"chat13","name":"Group","type":"chat","messageType":"C","owner":1,"role":"member","userCounter":3,
			"muteList":[],"lastMessageViews":"{}","public":"","isNew":false}}`,
	},
	{name: "private", body: as + `"dialogId":"1"}`, part: `{"chat":{"id":18,"dialogId":"1","type":"private","messageType":"P"}}`},
	{name: "private made for it", body: as + `"dialogId":"27"}`, part: `{"chat":{"id":19,"dialogId":"27","type":"private","userCounter":2}}`},
	{name: "open chat without the bot", body: as + `"dialogId":"chat19"}`, part: `{"chat":{"id":19,"type":"open","role":"guest"}}`, prepare: openChat},
}...)

var v2ChatUpdateRows = append(v2ChatRows(`"fields":{},`), []methodRow{
	{
		name: "everything", body: as + `"dialogId":"chat15","fields":{"title":" New ","description":"About","color":"azure"}}`, result: `{"result":true}`,
		check: chatOf(15, func(a *assert.Assertions, chat imbottest.Chat) {
			a.Equal([]string{"New", "About", "AZURE"}, []string{chat.Title, chat.Description, chat.Color})
		}),
	},
	{name: "nothing", body: as + `"dialogId":"chat15","fields":{"TITLE":"x","color":"none"}}`, result: `{"result":true}`},
	{name: "no fields", body: as + `"dialogId":"chat99"}`, failure: noValue("fields")},
	{name: "avatar by its id", body: as + `"dialogId":"chat13","fields":{"avatar":5}}`, failure: failed{400, "WRONG_PARAMETER", "Wrong parameter"}},
	{name: "another's chat", body: as + `"dialogId":"chat13","fields":{"title":"x"}}`, failure: v2Access},
	{name: "chat of a CRM item", body: as + `"dialogId":"chat17","fields":{"title":"x"}}`, failure: v2Access},
}...)

var v2SetOwnerRows = append(v2ChatRows(`"userId":1,`), []methodRow{
	{name: "done", body: as + `"dialogId":"chat15","userId":"7"}`, result: `{"result":true}`, check: chatOf(15, func(a *assert.Assertions, chat imbottest.Chat) {
		a.Equal(imbot.UserID(7), chat.Owner)
	})},
	{name: "another's chat", body: as + `"dialogId":"chat13","userId":1}`, failure: v2Access},
	{name: "private chat", body: as + `"dialogId":"1","userId":1}`, failure: v2Access},
	{name: "no user", body: as + `"dialogId":"chat99"}`, failure: noValue("userId")},
}...)

var managerRows = append(v2ChatRows(`"userIds":[1],`), []methodRow{
	{name: "another's chat", body: as + `"dialogId":"chat13","userIds":[1]}`, failure: v2Access},
	{name: "private chat", body: as + `"dialogId":"1","userIds":[1]}`, failure: failed{400, "WRONG_MESSAGE_TYPE", "Wrong chat type"}},
	{name: "nobody", body: as + `"dialogId":"chat15","userIds":[]}`, failure: failed{400, "EMPTY_USER_IDS", "Empty user IDs"}},
	{name: "one user", body: as + `"dialogId":"chat15","userIds":1}`, failure: wrongValue("userIds")},
}...)

var managerAddRows = append(slices.Clip(managerRows), methodRow{
	name: "done", body: as + `"dialogId":"chat15","userIds":[1,"7",39,1]}`, result: `{"result":true}`,
	check: chatOf(15, func(a *assert.Assertions, chat imbottest.Chat) { a.Equal([]imbot.UserID{1}, chat.Managers) }),
})

var managerDeleteRows = append(slices.Clip(managerRows), methodRow{
	name: "done", body: as + `"dialogId":"chat19","userIds":[1,8]}`, result: `{"result":true}`,
	prepare: func(portal *imbottest.Portal) {
		portal.AddChat(imbottest.Chat{ID: 19, Owner: bot, Members: []imbot.UserID{bot, 1, 7}, Managers: []imbot.UserID{1, 7}})
	},
	check: chatOf(19, func(a *assert.Assertions, chat imbottest.Chat) { a.Equal([]imbot.UserID{7}, chat.Managers) }),
})

var v2UserListRows = append(v2ChatRows(``), []methodRow{
	{
		name: "as they came", body: as + `"dialogId":"chat15"}`,
		part: `[{"id":39,"bot":true,"type":"bot","externalAuthId":"bot"},{"id":1,"active":true,"name":"Example Person","bot":false,"type":"employee",
			"phones":false,"idle":false,"departments":[1]}]`,
	},
	{name: "by user", body: as + `"dialogId":"chat15","order":{"userId":"ASC"}}`, part: `[{"id":1},{"id":39}]`},
	{name: "first order that is known", body: as + `"dialogId":"chat15","order":{"name":"x","userId":"asc","id":"desc"}}`, part: `[{"id":1},{"id":39}]`},
	{
		name: "by last message", body: as + `"dialogId":"chat15","order":{"lastSendMessageId":"desc"}}`, part: `[{"id":1},{"id":39}]`,
		prepare: func(portal *imbottest.Portal) { portal.PostMessage(15, 1, "hello") },
	},
	{name: "limit", body: as + `"dialogId":"chat15","limit":"1"}`, part: `[{"id":39}]`},
	{
		name: "limit too large", body: as + `"dialogId":"chat19","limit":201}`, check: nil, prepare: func(portal *imbottest.Portal) {
			members := []imbot.UserID{bot}
			for user := range imbot.UserID(60) {
				members = append(members, 100+user)
			}
			portal.AddChat(imbottest.Chat{ID: 19, Owner: bot, Members: members})
		}, part: fifty(),
	},
	{name: "direction", body: as + `"dialogId":"chat15","order":{"id":"up"}}`, failure: failed{400, "0", "Invalid order"}},
	{name: "limit as text", body: as + `"dialogId":"chat99","limit":"all"}`, failure: wrongValue("limit")},
	{name: "order as text", body: as + `"dialogId":"chat99","order":"id"}`, failure: wrongValue("order")},
	{name: "open chat without the bot", body: as + `"dialogId":"chat19"}`, part: `[{"id":1}]`, prepare: openChat},
}...)

// fifty is a list of as many objects.
func fifty() string { return "[{}" + strings.Repeat(",{}", 49) + "]" }

var v2UserAddRows = append(v2ChatRows(`"userIds":[7],`), []methodRow{
	{
		name: "added", body: as + `"dialogId":"chat13","userIds":[7,"8",1,-1,12]}`, result: `{"result":true}`,
		prepare: func(portal *imbottest.Portal) { portal.AddUser(imbottest.User{ID: 12, Inactive: true}) },
		check: chatOf(13, func(a *assert.Assertions, chat imbottest.Chat) {
			a.Equal([]imbot.UserID{1, bot, app, 7, 8}, chat.Members)
		}),
	},
	{name: "nobody", body: as + `"dialogId":"chat13","userIds":[]}`, result: `{"result":true}`},
	{name: "no users", body: as + `"dialogId":"chat99"}`, failure: noValue("userIds")},
	{name: "one user", body: as + `"dialogId":"chat13","userIds":7}`, failure: wrongValue("userIds")},
	{name: "workgroup", body: as + `"dialogId":"sg7","userIds":[7]}`, failure: v2Access},
	{name: "general chat", body: as + `"dialogId":"chat1","userIds":[7]}`, failure: v2Access},
	{name: "private chat", body: as + `"dialogId":"1","userIds":[7]}`, failure: v2Access},
	{name: "open chat without the bot", body: as + `"dialogId":"chat19","userIds":[7]}`, failure: v2Access, prepare: openChat},
}...)

var v2UserDeleteRows = append(v2ChatRows(`"userId":7,`), []methodRow{
	{name: "of the bot's chat", body: as + `"dialogId":"chat15","userId":"1"}`, result: `{"result":true}`, check: chatOf(15, func(a *assert.Assertions, chat imbottest.Chat) {
		a.Equal([]imbot.UserID{bot}, chat.Members)
	})},
	{name: "not there", body: as + `"dialogId":"chat15","userId":7}`, result: `{"result":true}`},
	{name: "itself", body: as + `"dialogId":"chat13","userId":39}`, result: `{"result":true}`, check: chatOf(13, func(a *assert.Assertions, chat imbottest.Chat) {
		a.NotContains(chat.Members, bot)
	})},
	{
		name: "as a manager", body: as + `"dialogId":"chat19","userId":7}`, result: `{"result":true}`,
		prepare: func(portal *imbottest.Portal) {
			portal.AddChat(imbottest.Chat{ID: 19, Owner: 1, Members: []imbot.UserID{1, bot, 7}, Managers: []imbot.UserID{bot}})
		},
	},
	{name: "of another's chat", body: as + `"dialogId":"chat13","userId":1}`, failure: v2Access},
	{name: "itself as an owner that stays", body: as + `"dialogId":"chat17","userId":39}`, failure: v2Access},
	{name: "itself in the general chat", body: as + `"dialogId":"chat1","userId":39}`, failure: v2Access},
	{name: "no user", body: as + `"dialogId":"chat13"}`, failure: noValue("userId")},
	{
		name: "from the structure", body: as + `"dialogId":"chat19","userId":7}`, failure: v2Structure,
		prepare: func(portal *imbottest.Portal) {
			portal.AddChat(imbottest.Chat{ID: 19, Owner: bot, Members: []imbot.UserID{bot, 7}, FromStructure: []imbot.UserID{7}})
		},
	},
}...)

// textField is a check of what a chat says about its text field.
func textField(enabled string) func(*testing.T, *imbottest.Portal) {
	return func(t *testing.T, portal *imbottest.Portal) {
		t.Helper()
		shown := send(t, portal, post("imbot.v2.Chat.get", as+`"dialogId":"chat13"}`))
		assertPart(t, `{"chat":{"textFieldEnabled":`+enabled+`}}`, shown)
		assertPart(t, `{"uuidMap":[]}`, send(t, portal, post("imbot.v2.Chat.Message.send", as+`"dialogId":"chat13","fields":{"message":"a bot may write"}}`)))
	}
}

var textFieldRows = append(v2ChatRows(``), []methodRow{
	{name: "off", body: as + `"dialogId":"chat13","enabled":false}`, result: `{"result":true}`, check: textField("false")},
	{name: "off by a word", body: as + `"dialogId":"chat13","enabled":"on"}`, result: `{"result":true}`, check: textField("false")},
	{name: "on", body: as + `"dialogId":"chat13","enabled":"y"}`, result: `{"result":true}`, check: textField("true")},
	{name: "missing", body: as + `"dialogId":"chat13"}`, result: `{"result":true}`, check: textField("true")},
}...)

var notifyRows = append(v2ChatRows(``), []methodRow{
	{name: "typing", body: as + `"dialogId":"chat13"}`, result: `{"result":true}`},
	{name: "unknown action", body: as + `"dialogId":"chat13","statusMessageCode":"x","duration":"9999"}`, result: `{"result":true}`},
	{name: "duration", body: as + `"dialogId":"chat99","duration":"long"}`, failure: wrongValue("duration")},
}...)

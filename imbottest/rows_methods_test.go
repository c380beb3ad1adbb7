package imbottest_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/imbottest"
)

// methodRow is a call of a method on a fresh portal, by the user's webhook, and its answer. A number at the beginning
// of a name is that of the case.
type methodRow struct {
	name    string
	method  string // that of the table if empty
	body    string
	prepare func(*imbottest.Portal)

	result     string  // JSON of a success
	part       string  // or JSON that is in it, of which objects may have more
	failure    failed  // or the failure
	documented *failed // where the documentation says otherwise

	check func(*testing.T, *imbottest.Portal) // what has become of the portal
}

// everyChat are the chats of a new portal, and the one that would be made next.
var everyChat = []imbot.ChatID{1, 13, 14, 15, 16, 17, 18, 19}

// testMethod runs each row in both forms of the wire. A failure must change nothing. The rows of a method for chats have
// each error that is documented.
func testMethod(t *testing.T, method string, rows []methodRow) {
	t.Helper()
	if slices.ContainsFunc(chatMethods, func(prefix string) bool { return strings.HasPrefix(method, prefix) }) {
		assertErrors(t, method, documentedMethods(t, method)[method].Errors, rows)
	}
	for _, wire := range []imbottest.Wire{imbottest.Current, imbottest.Documented} {
		for _, tt := range rows {
			t.Run(wire.String()+"/"+tt.name, func(t *testing.T) {
				t.Parallel()
				portal := imbottest.NewPortal(t, imbottest.WithWire(wire))
				if tt.prepare != nil {
					tt.prepare(portal)
				}
				if tt.method == "" {
					tt.method = method
				}
				before := chats(portal)
				got := send(t, portal, post(tt.method, tt.body))
				if tt.result == "" && tt.part == "" {
					want := tt.failure
					if wire == imbottest.Documented && tt.documented != nil {
						want = *tt.documented
					}
					assertError(t, want.status, want.code, want.description, got)
					assert.Equal(t, before, chats(portal))
					return
				}
				if tt.part != "" {
					assertPart(t, tt.part, got)
				} else {
					assertResult(t, tt.result, got)
				}
				if tt.check != nil {
					tt.check(t, portal)
				}
			})
		}
	}
}

func post(method, body string) request {
	return request{path: "/rest/1/s3cr3t00/" + method, body: body}
}

func chats(portal *imbottest.Portal) map[imbot.ChatID]imbottest.Chat {
	all := make(map[imbot.ChatID]imbottest.Chat)
	for _, id := range everyChat {
		if chat, found := portal.Chat(id); found {
			all[id] = chat
		}
	}
	return all
}

// addChat prepares a chat of a kind that belongs to the bot.
func addChat(kind imbottest.Kind) func(*imbottest.Portal) {
	return func(portal *imbottest.Portal) {
		portal.AddChat(imbottest.Chat{ID: 19, Kind: kind, Owner: bot, Members: []imbot.UserID{bot, 1}})
	}
}

// chatOf is a check of one chat.
func chatOf(id imbot.ChatID, check func(*assert.Assertions, imbottest.Chat)) func(*testing.T, *imbottest.Portal) {
	return func(t *testing.T, portal *imbottest.Portal) {
		t.Helper()
		chat, found := portal.Chat(id)
		require.True(t, found)
		check(assert.New(t), chat)
	}
}

// botRows are the mistakes in bot and client that every method of version 1 for a bot has in common. The parameters are
// right but for those.
func botRows(params string) []methodRow {
	return []methodRow{
		{name: "no client id", body: `{` + params + `,"BOT_ID":39}`, failure: noClientID},
		{name: "client id zero", body: `{` + params + `,"BOT_ID":39,"CLIENT_ID":"0"}`, failure: noClientID},
		{name: "unknown bot", body: `{` + params + `,"BOT_ID":999,"CLIENT_ID":"my"}`, failure: botNotFound},
		{name: "bot empty", body: `{` + params + `,"BOT_ID":"","CLIENT_ID":"my"}`, failure: botNotFound},
		{name: "unknown client id", body: `{` + params + `,"CLIENT_ID":"none"}`, failure: botNotFound},
		{name: "foreign bot", body: `{` + params + `,"BOT_ID":50,"CLIENT_ID":"my"}`, failure: foreignBot},
	}
}

// chatRows are the mistakes in the chat that the methods for a chat have in common. They come before all others.
func chatRows() []methodRow {
	return []methodRow{
		{name: "nothing", body: `{}`, failure: chatIDEmpty},
		{name: "chat zero", body: `{"CHAT_ID":0}`, failure: chatIDEmpty},
		{name: "chat negative", body: `{"CHAT_ID":-13}`, failure: chatIDEmpty},
		{name: "dialog for a chat", body: `{"CHAT_ID":"chat13"}`, failure: chatIDEmpty},
		{name: "dialog of a user", body: `{"CHAT_ID":13,"DIALOG_ID":"39"}`, failure: dialogIDEmpty},
		{name: "dialog of an unknown workgroup", body: `{"CHAT_ID":13,"DIALOG_ID":"sg8"}`, failure: chatIDEmpty},
	}
}

var (
	userIDEmpty  = failed{400, "USER_ID_EMPTY", "User ID can't be empty"}
	noExtending  = failed{403, "ACCESS_ERROR", "It is forbidden to add users to this chat"}
	usersNoList  = failed{400, "WRONG_REQUEST", "User IDs must be passed in array format"}
	mayNotAdd    = failed{400, "ACCESS_DENIED_EXTEND", "Insufficient permissions to add participants to the chat"}
	mayNotAddDoc = &failed{400, "WRONG_REQUEST", "You don't have access or user already member in chat"}
)

func TestRows_chatUserAdd(t *testing.T) {
	t.Parallel()
	added := func(want ...imbot.UserID) func(*testing.T, *imbottest.Portal) {
		return chatOf(13, func(a *assert.Assertions, chat imbottest.Chat) {
			a.Equal(append([]imbot.UserID{1, bot, app}, want...), chat.Members)
			a.Empty(chat.WithoutHistory)
		})
	}
	hidden := chatOf(13, func(a *assert.Assertions, chat imbottest.Chat) { a.Equal([]imbot.UserID{7}, chat.WithoutHistory) })
	rows := append(append(chatRows(), botRows(`"CHAT_ID":13,"USERS":[7]`)...), []methodRow{
		{name: "added", body: `{"CHAT_ID":13,"USERS":[7,"8",7],"BOT_ID":39,"CLIENT_ID":"my"}`, result: "true", check: added(7, 8)},
		{name: "by dialog", body: `{"DIALOG_ID":"chat13","USERS":[7],"CLIENT_ID":"my"}`, result: "true", check: added(7)},
		{name: "list as text", body: `{"CHAT_ID":13,"USERS":"[7,8]","CLIENT_ID":"my"}`, result: "true", check: added(7, 8)},
		{name: "map", body: `{"CHAT_ID":13,"USERS":{"a":7},"CLIENT_ID":"my"}`, result: "true", check: added(7)},
		{name: "members already", body: `{"CHAT_ID":13,"USERS":[1,39],"CLIENT_ID":"my"}`, result: "true", check: added()},
		{name: "nobody", body: `{"CHAT_ID":13,"USERS":[],"CLIENT_ID":"my"}`, result: "true", check: added()},
		{name: "no users", body: `{"CHAT_ID":13,"USERS":[0,-1,"x"],"CLIENT_ID":"my"}`, result: "true", check: added()},
		{
			name: "dismissed", body: `{"CHAT_ID":13,"USERS":[7,8],"CLIENT_ID":"my"}`, result: "true", check: added(8),
			prepare: func(portal *imbottest.Portal) { portal.AddUser(imbottest.User{ID: 7, Inactive: true}) },
		},
		{name: "to a CRM chat", body: `{"CHAT_ID":17,"USERS":[7],"CLIENT_ID":"my"}`, result: "true"},
		{name: "history hidden", body: `{"CHAT_ID":13,"USERS":[7],"HIDE_HISTORY":"Y","CLIENT_ID":"my"}`, result: "true", check: hidden},
		{name: "history hidden by true", body: `{"CHAT_ID":13,"USERS":[7,1],"HIDE_HISTORY":true,"CLIENT_ID":"my"}`, result: "true", check: hidden},
		{name: "history shown", body: `{"CHAT_ID":13,"USERS":[7],"HIDE_HISTORY":"N","CLIENT_ID":"my"}`, result: "true", check: added(7)},
		{name: "history shown by an empty text", body: `{"CHAT_ID":13,"USERS":[7],"HIDE_HISTORY":"","CLIENT_ID":"my"}`, result: "true", check: added(7)},
		{name: "general chat before client id", body: `{"CHAT_ID":1}`, failure: unavailable},
		{name: "workgroup before client id", body: `{"CHAT_ID":16}`, failure: noExtending},
		{name: "call before users", body: `{"CHAT_ID":19,"CLIENT_ID":"my"}`, prepare: addChat(imbottest.CallChat), failure: noExtending},
		{name: "client id before users", body: `{"CHAT_ID":13}`, failure: noClientID},
		{name: "users before access", body: `{"CHAT_ID":14,"CLIENT_ID":"my"}`, failure: usersNoList},
		{name: "users are a number", body: `{"CHAT_ID":13,"USERS":7,"CLIENT_ID":"my"}`, failure: usersNoList},
		{name: "users are a text", body: `{"CHAT_ID":13,"USERS":"7","CLIENT_ID":"my"}`, failure: usersNoList},
		{name: "not a member", body: `{"CHAT_ID":14,"USERS":[7],"CLIENT_ID":"my"}`, failure: mayNotAdd, documented: mayNotAddDoc},
		{name: "unknown chat", body: `{"CHAT_ID":99,"USERS":[7],"CLIENT_ID":"my"}`, failure: mayNotAdd, documented: mayNotAddDoc},
		{name: "private chat", body: `{"CHAT_ID":18,"USERS":[7],"CLIENT_ID":"my"}`, failure: mayNotAdd, documented: mayNotAddDoc},
	}...)
	testMethod(t, "imbot.chat.user.add", rows)
}

// TestForms holds that lists of users come in as forms, too.
func TestForms(t *testing.T) {
	t.Parallel()
	portal := imbottest.NewPortal(t)
	add := post("imbot.chat.user.add", "CHAT_ID=13&USERS[]=7&USERS[3]=8&BOT_ID=39&CLIENT_ID=my").with("Content-Type", form)
	assertResult(t, "true", send(t, portal, add))
	assert.Equal(t, []imbot.UserID{1, bot, app, 7, 8}, portal.Members(13))
	made := post("imbot.chat.add", "USERS[0]=7&USERS[1]=0&CLIENT_ID=my").with("Content-Type", form)
	assertResult(t, "19", send(t, portal, made))
	assert.Equal(t, []imbot.UserID{bot, 7}, portal.Members(19))
}

func TestRows_chatUserDelete(t *testing.T) {
	t.Parallel()
	rows := append(append(chatRows(), botRows(`"CHAT_ID":15,"USER_ID":1`)...), []methodRow{
		{name: "75 no user", body: `{"CHAT_ID":13,"BOT_ID":39,"CLIENT_ID":"my"}`, failure: userIDEmpty},
		{name: "75 no user, not a member", body: `{"CHAT_ID":14,"USER_ID":0,"CLIENT_ID":"my"}`, failure: userIDEmpty},
		{name: "75 neither user nor client id", body: `{"CHAT_ID":13}`, failure: noClientID},
		{name: "75 neither user nor bot", body: `{"CHAT_ID":13,"BOT_ID":50,"CLIENT_ID":"my"}`, failure: foreignBot},
		{
			name: "deleted", body: `{"CHAT_ID":15,"USER_ID":1,"CLIENT_ID":"my"}`, result: "true",
			check: chatOf(15, func(a *assert.Assertions, chat imbottest.Chat) { a.Equal([]imbot.UserID{bot}, chat.Members) }),
		},
		{
			name: "the bot itself", body: `{"CHAT_ID":15,"USER_ID":39,"CLIENT_ID":"my"}`, result: "true",
			check: chatOf(15, func(a *assert.Assertions, chat imbottest.Chat) {
				a.Equal([]imbot.UserID{1}, chat.Members)
				a.Equal(imbot.UserID(1), chat.Owner)
			}),
		},
		{name: "general chat", body: `{"CHAT_ID":1}`, failure: unavailable},
		{name: "workgroup", body: `{"CHAT_ID":16}`, failure: noDeleting},
		{name: "chat of another", body: `{"CHAT_ID":13,"USER_ID":1,"CLIENT_ID":"my"}`, failure: mayNotKick, documented: wrongRequest},
		{name: "user is no member", body: `{"CHAT_ID":15,"USER_ID":7,"CLIENT_ID":"my"}`, failure: userNotFound, documented: wrongRequest},
		{name: "bot is no member", body: `{"CHAT_ID":14,"USER_ID":1,"CLIENT_ID":"my"}`, failure: notMember, documented: wrongRequest},
		{name: "owner of a CRM chat", body: `{"CHAT_ID":17,"USER_ID":39,"CLIENT_ID":"my"}`, failure: ownerStays, documented: ownerDocumented},
	}...)
	testMethod(t, "imbot.chat.user.delete", rows)
}

func TestRows_chatUserList(t *testing.T) {
	t.Parallel()
	rows := append(append(chatRows(), botRows(`"CHAT_ID":13`)...), []methodRow{
		{name: "74 by dialog", body: `{"DIALOG_ID":"chat13","CHAT_ID":14,"CLIENT_ID":"my"}`, result: "[1,39,50]"},
		{name: "74 not in the chat", body: `{"CHAT_ID":14,"BOT_ID":39,"CLIENT_ID":"my"}`, result: "[]"},
	}...)
	testMethod(t, "imbot.chat.user.list", rows)
}

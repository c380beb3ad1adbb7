package imbottest_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/imbottest"
)

var (
	ownerOnly   = failed{400, "WRONG_REQUEST", "Change owner can only owner and user must be member in chat"}
	managerOnly = failed{400, "WRONG_REQUEST", "Change manager can only owner and user must be member in chat"}
)

func TestRows_chatSetOwner(t *testing.T) {
	t.Parallel()
	handedOver := chatOf(15, func(a *assert.Assertions, chat imbottest.Chat) {
		a.Equal(imbot.UserID(1), chat.Owner)
		a.Equal([]imbot.UserID{bot, 1}, chat.Members)
		a.Empty(chat.Managers, "the new owner needs no mention, and the old one is none")
	})
	rows := append(append(chatRows(), botRows(`"CHAT_ID":15,"USER_ID":1`)...), []methodRow{
		{name: "handed over", body: `{"CHAT_ID":15,"USER_ID":"1","BOT_ID":39,"CLIENT_ID":"my"}`, result: "true", check: handedOver},
		{
			name: "to a manager", body: `{"CHAT_ID":15,"USER_ID":1,"CLIENT_ID":"my"}`, result: "true", check: handedOver,
			prepare: func(portal *imbottest.Portal) {
				portal.AddChat(imbottest.Chat{ID: 15, Owner: bot, Members: []imbot.UserID{bot, 1}, Managers: []imbot.UserID{1, bot}})
			},
		},
		{name: "of a CRM chat", body: `{"CHAT_ID":17,"USER_ID":1,"CLIENT_ID":"my"}`, result: "true"},
		{name: "to the owner", body: `{"CHAT_ID":15,"USER_ID":39,"CLIENT_ID":"my"}`, result: "true", check: chatOf(15, func(a *assert.Assertions, chat imbottest.Chat) { a.Equal(bot, chat.Owner) })},
		{name: "user before client id", body: `{"CHAT_ID":15}`, failure: userIDEmpty},
		{name: "user negative", body: `{"CHAT_ID":15,"USER_ID":-1,"CLIENT_ID":"my"}`, failure: userIDEmpty},
		{name: "general chat after client id", body: `{"CHAT_ID":1,"USER_ID":1}`, failure: noClientID},
		{name: "general chat", body: `{"CHAT_ID":1,"USER_ID":1,"CLIENT_ID":"my"}`, failure: unavailable},
		{name: "chat of another", body: `{"CHAT_ID":13,"USER_ID":39,"CLIENT_ID":"my"}`, failure: ownerOnly},
		{name: "user is no member", body: `{"CHAT_ID":15,"USER_ID":7,"CLIENT_ID":"my"}`, failure: ownerOnly},
		{name: "unknown chat", body: `{"CHAT_ID":99,"USER_ID":1,"CLIENT_ID":"my"}`, failure: ownerOnly},
		{name: "private chat", body: `{"CHAT_ID":18,"USER_ID":1,"CLIENT_ID":"my"}`, failure: ownerOnly},
	}...)
	testMethod(t, "imbot.chat.setOwner", rows)
}

func TestRows_chatSetManager(t *testing.T) {
	t.Parallel()
	managers := func(want ...imbot.UserID) func(*testing.T, *imbottest.Portal) {
		return chatOf(15, func(a *assert.Assertions, chat imbottest.Chat) { a.ElementsMatch(want, chat.Managers) })
	}
	promoted := func(portal *imbottest.Portal) {
		portal.AddChat(imbottest.Chat{ID: 15, Owner: bot, Members: []imbot.UserID{bot, 1}, Managers: []imbot.UserID{1}})
	}
	rows := append(append(chatRows(), botRows(`"CHAT_ID":15,"USER_ID":1`)...), []methodRow{
		{name: "yes", body: `{"CHAT_ID":15,"USER_ID":1,"IS_MANAGER":"Y","BOT_ID":39,"CLIENT_ID":"my"}`, result: "true", check: managers(1)},
		{name: "absent", body: `{"CHAT_ID":15,"USER_ID":1,"CLIENT_ID":"my"}`, result: "true", check: managers(1)},
		{name: "anything", body: `{"CHAT_ID":15,"USER_ID":1,"IS_MANAGER":"n","CLIENT_ID":"my"}`, result: "true", check: managers(1)},
		{name: "by dialog", body: `{"DIALOG_ID":"chat15","USER_ID":1,"CLIENT_ID":"my"}`, result: "true", check: managers(1)},
		{name: "twice", body: `{"CHAT_ID":15,"USER_ID":1,"CLIENT_ID":"my"}`, prepare: promoted, result: "true", check: managers(1)},
		{name: "no", body: `{"CHAT_ID":15,"USER_ID":1,"IS_MANAGER":"N","CLIENT_ID":"my"}`, prepare: promoted, result: "true", check: managers()},
		{name: "owner", body: `{"CHAT_ID":15,"USER_ID":39,"IS_MANAGER":"N","CLIENT_ID":"my"}`, result: "true", check: managers()},
		{name: "user before client id", body: `{"CHAT_ID":15}`, failure: userIDEmpty},
		{name: "chat of another", body: `{"CHAT_ID":13,"USER_ID":1,"CLIENT_ID":"my"}`, failure: managerOnly},
		{name: "general chat", body: `{"CHAT_ID":1,"USER_ID":1,"CLIENT_ID":"my"}`, failure: managerOnly},
		{name: "user is no member", body: `{"CHAT_ID":15,"USER_ID":7,"CLIENT_ID":"my"}`, failure: managerOnly},
		{name: "unknown chat", body: `{"CHAT_ID":99,"USER_ID":1,"CLIENT_ID":"my"}`, failure: managerOnly},
		{name: "private chat", body: `{"CHAT_ID":18,"USER_ID":1,"CLIENT_ID":"my"}`, failure: managerOnly},
	}...)
	testMethod(t, "imbot.chat.setManager", rows)
}

func TestRows_chatSendTyping(t *testing.T) {
	t.Parallel()
	rows := append(botRows(`"DIALOG_ID":"chat13"`), []methodRow{
		{name: "chat", body: `{"DIALOG_ID":"chat13","BOT_ID":39,"CLIENT_ID":"my"}`, result: "true"},
		{name: "user", body: `{"DIALOG_ID":1,"CLIENT_ID":"my"}`, result: "true"},
		{name: "unknown chat", body: `{"DIALOG_ID":"chat99","CLIENT_ID":"my"}`, result: "true"},
		{name: "letter case", method: "IMBOT.CHAT.SENDTYPING", body: `{"dialog_id":"CHAT13","client_id":"my"}`, result: "true"},
		{name: "client id before dialog", body: `{}`, failure: noClientID},
		{name: "bot before dialog", body: `{"BOT_ID":999,"CLIENT_ID":"my"}`, failure: botNotFound},
		{name: "no dialog", body: `{"CLIENT_ID":"my"}`, failure: dialogIDEmpty},
		{name: "dialog empty", body: `{"DIALOG_ID":"","CLIENT_ID":"my"}`, failure: dialogIDEmpty},
		{name: "dialog zero", body: `{"DIALOG_ID":0,"CLIENT_ID":"my"}`, failure: dialogIDEmpty},
		{name: "no dialog at all", body: `{"DIALOG_ID":"chat","CLIENT_ID":"my"}`, failure: dialogIDEmpty},
	}...)
	testMethod(t, "imbot.chat.sendTyping", rows)
}

// TestHandOver holds that an owner who may not leave may leave after handing the chat over, and that whoever leaves is
// a manager no more.
func TestHandOver(t *testing.T) {
	t.Parallel()
	portal := imbottest.NewPortal(t)
	leave17 := post("imbot.chat.leave", `{"CHAT_ID":17,"CLIENT_ID":"my"}`)
	assertError(t, ownerStays.status, ownerStays.code, ownerStays.description, send(t, portal, leave17))
	assertResult(t, "true", send(t, portal, post("imbot.chat.user.add", `{"CHAT_ID":17,"USERS":[7],"HIDE_HISTORY":"Y","CLIENT_ID":"my"}`)))
	assertResult(t, "true", send(t, portal, post("imbot.chat.setManager", `{"CHAT_ID":17,"USER_ID":7,"CLIENT_ID":"my"}`)))
	chat, _ := portal.Chat(17)
	assert.Equal(t, []imbot.UserID{7}, chat.Managers)
	assert.Equal(t, []imbot.UserID{7}, chat.WithoutHistory)
	chat.Managers[0], chat.WithoutHistory[0] = 100, 100

	assertResult(t, "true", send(t, portal, post("imbot.chat.user.delete", `{"CHAT_ID":17,"USER_ID":7,"CLIENT_ID":"my"}`)))
	chat, _ = portal.Chat(17)
	assert.Empty(t, chat.Managers)
	assert.Empty(t, chat.WithoutHistory)

	assertResult(t, "true", send(t, portal, post("imbot.chat.setOwner", `{"CHAT_ID":17,"USER_ID":1,"CLIENT_ID":"my"}`)))
	assertResult(t, "true", send(t, portal, leave17))
	assert.Equal(t, []imbot.UserID{1}, portal.Members(17))
}

package imbottest_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/imbottest"
)

var (
	v2NoToken   = failed{400, "BOT_TOKEN_NOT_SPECIFIED", "Bot token is not specified"}
	v2NoBot     = failed{400, "BOT_ID_REQUIRED", "Bot ID is required"}
	v2Bot       = failed{400, "BOT_NOT_FOUND", "Bot not found"}
	v2Foreign   = failed{400, "BOT_OWNERSHIP_ERROR", "Bot was installed by another rest application"}
	v2NoChat    = failed{400, "100", "Could not find value for parameter {dialogId}"}
	v2Chat      = failed{400, "CHAT_NOT_FOUND", "Chat not found"}
	v2Type      = failed{400, "100", "Invalid value to match with parameter {dialogId}"}
	v2NotMember = failed{400, "USER_NOT_FOUND", "User not found"}
	v2Access    = failed{400, "ACCESS_DENIED", "Access denied"}
	v2Structure = failed{400, "USER_INVITED_FROM_STRUCTURE", "User was added to the chat with their department"}

	v2ForeignDoc = &failed{400, "BOT_OWNERSHIP_ERROR", "Bot is registered by another application"}
)

func TestRows_v2ChatLeave(t *testing.T) {
	t.Parallel()
	const done = `{"result":true}`
	left := func(id imbot.ChatID) func(*testing.T, *imbottest.Portal) {
		return chatOf(id, func(a *assert.Assertions, chat imbottest.Chat) { a.NotContains(chat.Members, bot) })
	}
	testMethod(t, "imbot.v2.Chat.leave", []methodRow{
		{name: "76 leave", body: `{"botId":39,"botToken":"my","dialogId":"chat13"}`, result: done, check: left(13)},
		{name: "76 older names", body: `{"BOT_ID":"39","BOT_TOKEN":"my","dialogId":"CHAT13"}`, result: done, check: left(13)},
		{name: "76 clientId", body: `{"botId":39,"clientId":"my","chatId":13}`, result: done, check: left(13)},
		{name: "76 CLIENT_ID", body: `{"botId":39,"CLIENT_ID":"my","chatId":"13"}`, result: done, check: left(13)},
		{name: "76 letter case", method: "imbot.V2.chat.LEAVE", body: `{"botId":39,"botToken":"my","dialogId":"chat13"}`, result: done, check: left(13)},
		{name: "76 first token that is not empty", body: `{"botId":39,"botToken":"","BOT_TOKEN":[],"clientId":"my","dialogId":"chat13"}`, result: done, check: left(13)},
		{name: "76 owner of a CRM chat", body: `{"botId":39,"botToken":"my","dialogId":"chat17"}`, result: done, check: chatOf(17, func(a *assert.Assertions, chat imbottest.Chat) {
			a.NotContains(chat.Members, bot)
			a.Equal(imbot.UserID(1), chat.Owner)
		})},
		{name: "76 workgroup", body: `{"botId":39,"botToken":"my","dialogId":"sg7"}`, result: done, check: left(16)},
		{name: "76 general chat", body: `{"botId":39,"botToken":"my","dialogId":"chat1"}`, result: done, check: left(1)},
		{name: "76 private chat", body: `{"botId":39,"botToken":"my","dialogId":"1"}`, result: done, check: left(18)},
		{name: "76 private chat by its number", body: `{"botId":39,"botToken":"my","dialogId":"chat18"}`, result: done, check: left(18)},
		{name: "76 a private chat that is made for it", body: `{"botId":39,"botToken":"my","dialogId":"7"}`, result: done, check: chatOf(19, func(a *assert.Assertions, chat imbottest.Chat) {
			a.Equal(imbottest.Private, chat.Kind)
			a.Equal([]imbot.UserID{7}, chat.Members)
		})},
		{
			name: "76 CRM item", body: `{"botId":39,"botToken":"my","dialogId":"CRM|deal|5"}`, result: done, check: left(19),
			prepare: func(portal *imbottest.Portal) {
				portal.AddChat(imbottest.Chat{ID: 19, Kind: imbottest.CRM, EntityID: "DEAL|5", Owner: bot, Members: []imbot.UserID{1, bot}})
			},
		},
		{
			name: "76 the last one", body: `{"botId":39,"botToken":"my","dialogId":"chat19"}`, result: done,
			check: chatOf(19, func(a *assert.Assertions, chat imbottest.Chat) { a.Empty(chat.Members); a.Equal(bot, chat.Owner) }),
			prepare: func(portal *imbottest.Portal) {
				portal.AddChat(imbottest.Chat{ID: 19, Owner: bot, Members: []imbot.UserID{bot}})
			},
		},
		{
			name: "77 again", body: `{"botId":39,"botToken":"my","dialogId":"chat13"}`, failure: v2Access,
			prepare: func(portal *imbottest.Portal) {
				portal.AddChat(imbottest.Chat{ID: 13, Owner: 1, Members: []imbot.UserID{1}})
			},
		},
		{name: "77 not a member", body: `{"botId":39,"botToken":"my","dialogId":"chat14"}`, failure: v2Access},
		{
			name: "77 not a member of an open chat", body: `{"botId":39,"botToken":"my","dialogId":"chat19"}`, failure: v2NotMember,
			prepare: func(portal *imbottest.Portal) {
				portal.AddChat(imbottest.Chat{ID: 19, Kind: imbottest.OpenChat, Owner: 1, Members: []imbot.UserID{1}})
			},
		},
		{
			name: "77 not a member of a private chat", body: `{"botId":39,"botToken":"my","dialogId":"chat19"}`, failure: v2Access,
			prepare: func(portal *imbottest.Portal) {
				portal.AddChat(imbottest.Chat{ID: 19, Kind: imbottest.Private, Members: []imbot.UserID{1, 2}})
			},
		},
		{name: "78 no token", body: `{"botId":39,"dialogId":"chat13"}`, failure: v2NoToken},
		{name: "78 token empty", body: `{"botId":39,"botToken":"","dialogId":"chat13"}`, failure: v2NoToken},
		{name: "78 nothing", body: `{}`, failure: v2NoToken},
		{name: "78 names in other letters", body: `{"BOTID":39,"BOTTOKEN":"my","dialogId":"chat13"}`, failure: v2NoToken},
		{name: "79 no bot", body: `{"botToken":"my","dialogId":"chat13"}`, failure: v2NoBot},
		{name: "79 bot negative", body: `{"botId":-39,"botToken":"my"}`, failure: v2NoBot},
		{name: "79 bot zero", body: `{"botId":0,"botToken":"my"}`, failure: v2NoBot},
		{name: "79 unknown bot", body: `{"botId":999,"botToken":"my"}`, failure: v2Bot},
		{name: "79 foreign bot", body: `{"botId":50,"botToken":"my"}`, failure: v2Foreign, documented: v2ForeignDoc},
		{name: "79 other token", body: `{"botId":39,"botToken":"other"}`, failure: v2Foreign, documented: v2ForeignDoc},
		{name: "79 no dialog", body: `{"botId":39,"botToken":"my"}`, failure: v2NoChat},
		{name: "79 dialog as a number", body: `{"botId":39,"botToken":"my","dialogId":13}`, failure: v2Type},
		{name: "79 chat that is no number", body: `{"botId":39,"botToken":"my","chatId":"chat13"}`, failure: failed{400, "100", "Invalid value to match with parameter {chatId}"}},
		{name: "79 dialog empty", body: `{"botId":39,"botToken":"my","dialogId":""}`, failure: v2Chat},
		{name: "79 CRM item as in version 1", body: `{"botId":39,"botToken":"my","dialogId":"crm5"}`, failure: v2Chat},
		{name: "79 dialog with itself", body: `{"botId":39,"botToken":"my","dialogId":"39"}`, failure: v2Chat},
		{name: "79 no dialog at all", body: `{"botId":39,"botToken":"my","dialogId":"chat"}`, failure: v2Chat},
		{name: "79 unknown chat", body: `{"botId":39,"botToken":"my","dialogId":"chat99"}`, failure: v2Chat},
		{name: "79 unknown workgroup", body: `{"botId":39,"botToken":"my","dialogId":"sg8"}`, failure: v2Chat},
		{
			name: "79 from the structure", body: `{"botId":39,"botToken":"my","chatId":19}`, failure: v2Structure,
			prepare: func(portal *imbottest.Portal) {
				portal.AddChat(imbottest.Chat{ID: 19, Owner: 1, Members: []imbot.UserID{1, bot}, FromStructure: []imbot.UserID{bot}})
			},
		},
	})
}

// TestV2ChatLeave_again holds that leaving twice does nothing more, and that an application needs no token of the bot.
func TestV2ChatLeave_again(t *testing.T) {
	t.Parallel()
	portal := imbottest.NewPortal(t)
	call := request{path: "/rest/imbot.v2.Chat.leave?auth=tok-ok", body: `{"botId":50,"dialogId":"chat13","botToken":"my"}`}
	assertResult(t, `{"result":true}`, send(t, portal, call))
	assertError(t, v2Access.status, v2Access.code, v2Access.description, send(t, portal, call))
	assert.Equal(t, 1, portal.Removals(13))

	call.body = `{"botId":39,"dialogId":"chat13","botToken":"my"}`
	assertError(t, v2Foreign.status, v2Foreign.code, v2Foreign.description, send(t, portal, call))
}

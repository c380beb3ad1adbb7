package imbottest_test

import (
	"encoding/json"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/imbottest"
)

var (
	emptyMessage  = failed{400, "EMPTY_MESSAGE", "Message is empty"}
	badKeyboard   = failed{400, "PARAM_KEYBOARD_ERROR", "Incorrect keyboard params"}
	badAttach     = failed{400, "PARAM_ATTACH_ERROR", "Incorrect attach params"}
	wrongUUID     = failed{400, "WRONG_UUID", "Wrong UUID"}
	noMessage     = failed{400, "MESSAGE_NOT_FOUND", "Message not found"}
	sentID        = `{"id":4711,"uuidMap":[]}`
	exampleUUID   = "9f3b1c52-7a60-4f0e-9d1b-2c6a5e8f4d10"
	exampleButton = `{"BOT_ID":39,"TYPE":"BUTTON","TEXT":"Open","LINK":"https://site.example/","DISPLAY":"BLOCK","CONTEXT":"ALL","BLOCK":"N","DISABLED":"N"}`
)

// sending is a call of Chat.Message.send for [imbottest.ChatGroup].
func sending(fields string) string { return as + `"dialogId":"chat13","fields":{` + fields + `}}` }

// wrote is a check of the only message in [imbottest.ChatGroup].
func wrote(check func(*assert.Assertions, imbottest.Message)) func(*testing.T, *imbottest.Portal) {
	return func(t *testing.T, portal *imbottest.Portal) {
		t.Helper()
		written := portal.Messages(imbottest.ChatGroup)
		require.Len(t, written, 1)
		assert.Equal(t, imbottest.ChatGroup, written[0].ChatID)
		check(assert.New(t), written[0])
	}
}

func wroteText(want string) func(*testing.T, *imbottest.Portal) {
	return wrote(func(a *assert.Assertions, m imbottest.Message) { a.Equal(want, m.Text) })
}

func wroteButtons(want string) func(*testing.T, *imbottest.Portal) {
	return wrote(func(a *assert.Assertions, m imbottest.Message) { a.JSONEq(want, string(m.Keyboard)) })
}

func wroteAttach(want string) func(*testing.T, *imbottest.Portal) {
	return wrote(func(a *assert.Assertions, m imbottest.Message) { a.JSONEq(want, string(m.Attach)) })
}

// someMessages are 4711 in [imbottest.ChatGroup], 4712 in [imbottest.ChatElsewhere] and 4713 in [imbottest.ChatOwned].
func someMessages(portal *imbottest.Portal) {
	portal.PostMessage(imbottest.ChatGroup, 1, "one")
	portal.PostMessage(imbottest.ChatElsewhere, 1, "two")
	portal.PostMessage(imbottest.ChatOwned, 1, "three")
}

var sendRows = append(v2ChatRows(`"fields":{"message":"Hello"},`), []methodRow{
	{name: "text", body: sending(`"message":" Hello \n"`), result: sentID, check: wrote(func(a *assert.Assertions, m imbottest.Message) {
		a.Equal(imbottest.Message{ID: 4711, ChatID: 13, Author: bot, Text: "Hello", Reactions: m.Reactions, Written: m.Written}, m)
		a.False(m.Written.IsZero())
	})},
	{name: "line breaks", body: sending(`"message":"a[BR]b[br]c#BR#d[Br]"`), result: sentID, check: wroteText("a\nb\nc\nd[Br]")},
	{name: "long", body: sending(`"message":"` + strings.Repeat("ä", 20006) + `"`), result: sentID, check: wroteText(strings.Repeat("ä", 20006))},
	{name: "too long", body: sending(`"message":"` + strings.Repeat("ä", 20007) + `"`), result: sentID, check: wroteText(strings.Repeat("ä", 20000) + " (...)")},
	{name: "system", body: sending(`"message":"Hello","system":"y"`), result: sentID, check: wrote(func(a *assert.Assertions, m imbottest.Message) {
		a.True(m.System)
		a.Equal("Hello", m.Text)
	})},
	{name: "no system", body: sending(`"message":"Hello","system":"on"`), result: sentID, check: wrote(func(a *assert.Assertions, m imbottest.Message) { a.False(m.System) })},
	{name: "unknown members", body: sending(`"message":"Hello","MESSAGE":"x","menu":"x","replyId":-1,"templateId":"x","attach":null,"keyboard":null`), result: sentID, check: wroteText("Hello")},
	{name: "new private chat", body: as + `"dialogId":"27","fields":{"message":"Hello"}}`, result: sentID, check: func(t *testing.T, portal *imbottest.Portal) {
		t.Helper()
		assert.Equal(t, imbot.ChatID(19), portal.PrivateChat(imbottest.BotMain, 27))
		assert.Equal(t, []imbot.UserID{bot, 27}, portal.Members(19))
		assert.Equal(t, "Hello", portal.Messages(19)[0].Text)
	}},

	{name: "fields null", body: as + `"dialogId":"chat99","fields":null}`, failure: wrongValue("fields")},
	{name: "fields as JSON", body: as + `"dialogId":"chat99","fields":"{}"}`, failure: wrongValue("fields")},
	{name: "open chat without the bot", body: as + `"dialogId":"chat19","fields":{}}`, failure: v2Access, prepare: openChat},
	{name: "no fields", body: as + `"dialogId":"chat13"}`, failure: emptyMessage},
	{name: "blank", body: sending(`"message":" \n"`), failure: emptyMessage},
	{name: "in upper case", body: sending(`"MESSAGE":"Hello"`), failure: emptyMessage},
	{name: "keyboard alone", body: sending(`"keyboard":[{"TEXT":"Open","LINK":"/"}]`), failure: emptyMessage},
	{name: "text as a number", body: sending(`"message":5`), failure: failed{400, "EMPTY_MESSAGE", "Wrong message type"}},

	{name: "keyboard as a list", body: sending(`"message":"a","keyboard":[{"TEXT":"Open","LINK":"https://site.example/"}]`), result: sentID, check: wroteButtons(`[` + exampleButton + `]`)},
	{name: "keyboard as an object", body: sending(`"message":"a","keyboard":{"BOT_ID":41,"BUTTONS":[{"TEXT":"Open","LINK":"https://site.example/"}]}`), result: sentID, check: wroteButtons(`[` + exampleButton + `]`)},
	{name: "keyboard as JSON", body: sending(`"message":"a","keyboard":"[{\"TEXT\":\"Open\",\"LINK\":\"https://site.example/\"}]"`), result: sentID, check: wroteButtons(`[` + exampleButton + `]`)},
	{name: "keyboard empty", body: sending(`"message":"a","keyboard":[]`), result: sentID, check: wrote(func(a *assert.Assertions, m imbottest.Message) { a.Nil(m.Keyboard) })},
	{
		name: "buttons", result: sentID, body: sending(`"message":"a","keyboard":[{"TEXT":"Help","COMMAND":"/help","COMMAND_PARAMS":"x","BLOCK":true,"DISPLAY":"LINE"},
			{"TYPE":"NEWLINE"},{"TEXT":"no target"},{"COMMAND":"no text"},{"TEXT":"a","LINK":"mailto:a","ACTION":"NONE"},
			{"TEXT":"Put","ACTION":"PUT","ACTION_VALUE":"x","COMMAND":"help","DISABLED":"Y","CONTEXT":"MOBILE","WIDTH":5}]`),
		check: wroteButtons(`[{"BOT_ID":39,"TYPE":"BUTTON","TEXT":"Help","COMMAND":"help","COMMAND_PARAMS":"x","DISPLAY":"LINE","CONTEXT":"ALL","BLOCK":"N","DISABLED":"N"},
			{"TYPE":"NEWLINE","CONTEXT":"ALL"},
			{"BOT_ID":39,"TYPE":"BUTTON","TEXT":"Put","ACTION":"PUT","ACTION_VALUE":"x","WIDTH":5,"DISPLAY":"BLOCK","CONTEXT":"MOBILE","BLOCK":"N","DISABLED":"Y"}]`),
	},
	{name: "keyboard N", body: sending(`"message":"a","keyboard":"N"`), failure: badKeyboard},
	{name: "no valid button", body: sending(`"message":"a","keyboard":[{"TEXT":"a"}]`), failure: badKeyboard},
	{name: "keyboard too large", body: sending(`"message":"a","keyboard":[{"LINK":"/","TEXT":"` + strings.Repeat("a", 60000) + `"}]`), failure: badKeyboard},
	{name: "attach before keyboard", body: sending(`"message":"a","keyboard":"N","attach":"N"`), failure: badAttach},

	{name: "attach alone", body: sending(`"attach":{"ID":1,"BLOCKS":[{"MESSAGE":"a"},{"OTHER":1},{"DELIMITER":true}]}`), result: sentID, check: wroteAttach(`[{"ID":1,"BLOCKS":[{"MESSAGE":"a"},{"DELIMITER":true}]}]`)},
	{name: "attach as a list", body: sending(`"attach":[{"LINK":{"LINK":"/"}},{"IMAGE":[{"LINK":"/"}]}]`), result: sentID, check: wroteAttach(`[{"BLOCKS":[{"LINK":{"LINK":"/"}},{"IMAGE":[{"LINK":"/"}]}]}]`)},
	{name: "attach as JSON", body: sending(`"attach":"{\"BLOCKS\":[{\"MESSAGE\":\"a\"}]}"`), result: sentID, check: wroteAttach(`[{"BLOCKS":[{"MESSAGE":"a"}]}]`)},
	{name: "attach empty", body: sending(`"message":"a","attach":[]`), failure: badAttach},
	{name: "attach N", body: sending(`"message":"a","attach":"N"`), failure: badAttach},
	{name: "attach too large", body: sending(`"attach":[{"MESSAGE":"` + strings.Repeat("a", 60000) + `"}]`), failure: badAttach},

	{
		name: "reply", body: sending(`"message":"a","replyId":"4711"`), result: `{"id":4714,"uuidMap":[]}`, prepare: someMessages,
		check: func(t *testing.T, portal *imbottest.Portal) {
			t.Helper()
			assert.Equal(t, imbot.MessageID(4711), portal.Messages(13)[1].ReplyTo)
		},
	},
	{name: "reply to nothing", body: sending(`"message":"a","replyId":9`), failure: noMessage},
	{name: "reply to another chat", body: sending(`"message":"a","replyId":4713`), failure: failed{400, "REPLY_ERROR", "Message is in another chat"}, prepare: someMessages},
	{name: "reply to what it may not see", body: sending(`"message":"a","replyId":4712`), failure: v2Access, prepare: someMessages},

	{
		name: "forward", body: sending(`"forwardIds":{"` + exampleUUID + `":4713}`), result: `{"id":null,"uuidMap":{"` + exampleUUID + `":4714}}`, prepare: someMessages,
		check: func(t *testing.T, portal *imbottest.Portal) {
			t.Helper()
			copied := portal.Messages(13)[1]
			assert.Equal(t, imbottest.Message{ID: 4714, ChatID: 13, Author: bot, Text: "three", Forwarded: 4713, Reactions: copied.Reactions, Written: copied.Written}, copied)
		},
	},
	{name: "forward with a text", body: sending(`"message":"a","forwardIds":{"` + exampleUUID + `":4711}`), result: `{"id":4715,"uuidMap":{"` + exampleUUID + `":4714}}`, prepare: someMessages},
	{name: "forward a list of one", body: sending(`"forwardIds":[4711]`), result: `{"id":null,"uuidMap":[]}`, prepare: someMessages},
	{name: "forward a list", body: as + `"dialogId":"chat99","fields":{"forwardIds":[4711,4711]}}`, failure: wrongUUID},
	{name: "forward by an upper case UUID", body: sending(`"forwardIds":{"` + strings.ToUpper(exampleUUID) + `":4711}`), failure: wrongUUID},
	{name: "forward too many", body: sending(`"forwardIds":` + manyForwards()), failure: failed{400, "TOO_MANY_MESSAGES", "Too many messages"}},
	{name: "forward nothing", body: sending(`"forwardIds":[9]`), failure: noMessage},
	{name: "forward what it may not see", body: sending(`"forwardIds":[4712]`), failure: v2Access, prepare: someMessages},
	{
		name: "forward from two chats", body: sending(`"forwardIds":{"` + exampleUUID + `":4711,"` + "8" + exampleUUID[1:] + `":4713}`), prepare: someMessages,
		failure: failed{400, "MESSAGES_IN_DIFFERENT_CHAT_ERROR", "Messages are in different chats"},
	},
}...)

func manyForwards() string { return "[0" + strings.Repeat(",0", 100) + "]" }

// TestV2Message_again holds that a message with a templateId is sent once.
func TestV2Message_again(t *testing.T) {
	t.Parallel()
	portal := imbottest.NewPortal(t)
	call := post("imbot.v2.Chat.Message.send", sending(`"message":"Hello","templateId":"`+exampleUUID+`"`))
	assertResult(t, sentID, send(t, portal, call))
	assertResult(t, sentID, send(t, portal, call))
	assert.Len(t, portal.Messages(13), 1)
	assertResult(t, `{"id":4712,"uuidMap":[]}`, send(t, portal, post("imbot.v2.Chat.Message.send", sending(`"message":"Hello","system":true,"templateId":"`+exampleUUID+`"`))))
}

// TestV2Message_sameTime holds that a message is not sent by two calls with one templateId that are at work at the same
// time, and that a UUID is forgotten in the end: after how long, only real portals know.
func TestV2Message_sameTime(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		portal := imbottest.NewPortal(t, imbottest.CostTakesTime(), imbottest.WithCost(imbottest.ConstantCost(2*time.Second)))
		call := post("imbot.v2.Chat.Message.send", sending(`"message":"Hello","templateId":"`+exampleUUID+`"`))
		first := make(chan error, 1)
		go func() {
			method := imbot.Method[json.RawMessage, json.RawMessage]{Name: "imbot.v2.Chat.Message.send"}
			_, err := imbot.Call(t.Context(), portal.Client(), method, json.RawMessage(call.body))
			first <- err
		}()
		time.Sleep(time.Second) // fake clock

		assertError(t, 400, "MESSAGE_DUPLICATED_BY_UUID", "Message is duplicated by UUID", send(t, portal, call))

		require.NoError(t, <-first)
		assertResult(t, sentID, send(t, portal, call))
		time.Sleep(30 * 24 * time.Hour) // fake clock
		assertResult(t, sentID, send(t, portal, call))
		assert.Len(t, portal.Messages(13), 1)
		time.Sleep(2 * 24 * time.Hour) // fake clock
		assertResult(t, `{"id":4712,"uuidMap":[]}`, send(t, portal, call))
	})
}

// TestV2Message_forwardAgain holds that a copy is made once for a UUID, also beside a message with another.
func TestV2Message_forwardAgain(t *testing.T) {
	t.Parallel()
	portal := imbottest.NewPortal(t)
	someMessages(portal)
	other := "8" + exampleUUID[1:]
	call := post("imbot.v2.Chat.Message.send", sending(`"message":"Hello","templateId":"`+exampleUUID+`","forwardIds":{"`+other+`":4711}`))
	for range 2 {
		assertResult(t, `{"id":4715,"uuidMap":{"`+other+`":4714}}`, send(t, portal, call))
	}
}

// TestV2Message_systemOfAnApplication holds that a message of the portal says which application it is of, in a group.
func TestV2Message_systemOfAnApplication(t *testing.T) {
	t.Parallel()
	portal := imbottest.NewPortal(t)
	for _, dialog := range []string{"chat13", "27"} {
		send(t, portal, request{path: "/rest/imbot.v2.Chat.Message.send?auth=tok-ok", body: `{"botId":50,"dialogId":"` + dialog + `","fields":{"message":"a","system":1}}`})
	}
	assert.Equal(t, "[B]app.1[/B]\na", portal.Messages(13)[0].Text)
	assert.Equal(t, "a", portal.Messages(portal.PrivateChat(imbottest.BotOfApp, 27))[0].Text)
}

package imbottest_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/imbottest"
)

const example = `{"TEXT":"Open","LINK":"/"}`

var (
	messageAccess = failed{400, "MESSAGE_ACCESS_DENIED", "Message access denied"}
	typeForbidden = failed{400, "BOT_TYPE_NOT_ALLOWED", "Bot type not allowed"}
	noReaction    = failed{400, "REACTION_NOT_FOUND", "Reaction not found"}
)

// sent is a message 4711 of [imbottest.BotMain] in [imbottest.ChatGroup], with a keyboard and an attachment, for a test
// that begins with one.
func sent(portal *imbottest.Portal) {
	call(portal, v2Send, sending(`"message":"Hello","keyboard":[`+example+`],"attach":[{"MESSAGE":"a"}]`))
}

// supervised are [someMessages], and a bot 60 that may read them.
func supervised(portal *imbottest.Portal) {
	someMessages(portal)
	portal.AddBot(imbottest.Bot{ID: 60, ClientID: "t", Type: "supervisor", EventMode: "fetch"})
	portal.AddMember(imbottest.ChatGroup, 60, 1)
	for _, text := range []string{"four", "five", "six"} {
		portal.PostMessage(imbottest.ChatGroup, 1, text)
	}
}

// v2MessageRows are the mistakes in the message of a method of version 2. The parameters are right but for those, and
// end with a comma.
func v2MessageRows(params string) []methodRow {
	return []methodRow{
		{name: "no message", body: as + params + `"x":1}`, failure: noValue("messageId")},
		{name: "message as a word", body: as + params + `"messageId":"first"}`, failure: wrongValue("messageId")},
		{name: "unknown message", body: as + params + `"messageId":9}`, failure: noMessage},
		{name: "message of a closed chat without the bot", body: as + params + `"messageId":4712}`, failure: v2Access, prepare: someMessages},
	}
}

// updated is a check of the only message in [imbottest.ChatGroup]: its text, and whether it has a keyboard and an
// attachment.
func updated(text string, keyboard, attach bool) func(*testing.T, *imbottest.Portal) {
	return wrote(func(a *assert.Assertions, m imbottest.Message) {
		a.Equal(text, m.Text)
		a.Equal(keyboard, m.Keyboard != nil, "keyboard")
		a.Equal(attach, m.Attach != nil, "attach")
		a.True(m.Edited)
		a.False(m.Deleted)
	})
}

// update is a call that changes the message of [sent].
func update(fields string) string { return as + `"messageId":4711,"fields":{` + fields + `}}` }

var messageUpdateRows = append(v2MessageRows(`"fields":{},`), []methodRow{
	{name: "text", body: update(`"message":" New ","urlPreview":"N"`), result: `{"result":true}`, prepare: sent, check: updated("New", true, true)},
	{name: "nothing", body: update(`"keyboard":[],"attach":null`), result: `{"result":true}`, prepare: sent, check: updated("Hello", true, true)},
	{name: "keyboard N", body: update(`"keyboard":"N"`), result: `{"result":true}`, prepare: sent, check: updated("Hello", false, true)},
	{name: "keyboard without a valid button", body: update(`"keyboard":[{"TEXT":"a"}]`), result: `{"result":true}`, prepare: sent, check: updated("Hello", true, true)},
	{name: "keyboard as a list", body: update(`"keyboard":[{"TEXT":"a","LINK":"/"},{"TEXT":"b","COMMAND":"c"}]`), result: `{"result":true}`, prepare: sent, check: wroteButtons(`[{"BOT_ID":0,"TYPE":"BUTTON","TEXT":"a","LINK":"/","DISPLAY":"BLOCK","CONTEXT":"ALL","BLOCK":"N","DISABLED":"N"}]`)},
	{name: "keyboard as JSON", body: update(`"keyboard":"[{\"TEXT\":\"a\",\"LINK\":\"/\"}]"`), result: `{"result":true}`, prepare: sent, check: wrote(func(a *assert.Assertions, m imbottest.Message) {
		a.Contains(string(m.Keyboard), "Open", "the old one stays")
	})},
	{name: "keyboard with its bot as JSON", body: update(`"keyboard":"{\"BOT_ID\":39,\"BUTTONS\":[{\"TEXT\":\"a\",\"COMMAND\":\"b\"}]}"`), result: `{"result":true}`, prepare: sent, check: wrote(func(a *assert.Assertions, m imbottest.Message) {
		a.Contains(string(m.Keyboard), `"COMMAND":"b"`)
	})},
	{name: "attach empty", body: update(`"attach":[]`), result: `{"result":true}`, prepare: sent, check: updated("Hello", true, false)},
	{name: "attach N", body: update(`"attach":"N"`), result: `{"result":true}`, prepare: sent, check: updated("Hello", true, false)},
	{name: "attach as a list", body: update(`"attach":[{"MESSAGE":"b"}]`), result: `{"result":true}`, prepare: sent, check: updated("Hello", true, false)},
	{name: "attach as an object", body: update(`"attach":{"BLOCKS":[{"MESSAGE":"b"}]}`), result: `{"result":true}`, prepare: sent, check: wroteAttach(`[{"BLOCKS":[{"MESSAGE":"b"}]}]`)},
	{name: "attach as JSON", body: update(`"attach":"[{\"MESSAGE\":\"b\"}]"`), result: `{"result":true}`, prepare: sent, check: wroteAttach(`[{"BLOCKS":[{"MESSAGE":"b"}]}]`)},
	{name: "all gone", body: update(`"message":"","keyboard":"N","attach":[]`), result: `{"result":true}`, prepare: sent, check: wrote(func(a *assert.Assertions, m imbottest.Message) { a.True(m.Deleted) })},
	{name: "keyboard too large", body: update(`"keyboard":[{"LINK":"/","TEXT":"` + strings.Repeat("a", 60000) + `"}]`), failure: badKeyboard, prepare: sent},
	{name: "attach too large", body: update(`"attach":{"BLOCKS":[{"MESSAGE":"` + strings.Repeat("a", 60000) + `"}]}`), failure: badAttach, prepare: sent},
	{name: "no fields", body: as + `"messageId":4711}`, failure: noValue("fields")},
	{name: "another's", body: update(`"message":"x"`), failure: messageAccess, prepare: someMessages},
	{name: "forwarded", body: as + `"messageId":4714,"fields":{"message":"x"}}`, failure: messageAccess, prepare: func(portal *imbottest.Portal) {
		someMessages(portal)
		call(portal, v2Send, sending(`"forwardIds":[4711]`))
	}},
}...)

// gone is a check of whether a message was deleted.
func gone(chat imbot.ChatID, at int, want bool) func(*testing.T, *imbottest.Portal) {
	return func(t *testing.T, portal *imbottest.Portal) {
		t.Helper()
		require.Greater(t, len(portal.Messages(chat)), at)
		assert.Equal(t, want, portal.Messages(chat)[at].Deleted)
	}
}

var messageDeleteRows = append(v2MessageRows(``), []methodRow{
	{name: "own", body: as + `"messageId":"4711"}`, result: `{"result":true}`, prepare: sent, check: gone(13, 0, true)},
	{name: "another's", body: as + `"messageId":4711}`, result: `{"result":true}`, prepare: someMessages, check: gone(13, 0, false)},
	{name: "another's in the bot's chat", body: as + `"messageId":4713}`, result: `{"result":true}`, prepare: someMessages, check: gone(15, 0, true)},
	{name: "complete", body: as + `"messageId":4711,"complete":"Y"}`, result: `{"result":true}`, prepare: someMessages, check: gone(13, 0, true)},
	{name: "again", body: as + `"messageId":4711}`, failure: noMessage, prepare: func(portal *imbottest.Portal) {
		sent(portal)
		portal.DeleteMessage(4711)
	}},
}...)

// reader is the beginning of a call for the bot of [supervised].
const reader = `{"botId":60,"botToken":"t",`

var messageGetRows = append(v2MessageRows(``), []methodRow{
	{
		name: "done", body: reader + `"messageId":4711}`, prepare: supervised,
		part: `{"message":{"id":4711,"chatId":13,"authorId":1,"text":"one","unread":true,"viewed":false,"forward":null},"user":{"id":1}}`,
	},
	{name: "by a bot of type bot", body: as + `"messageId":4711}`, failure: typeForbidden, prepare: someMessages},
}...)

var messageContextRows = append(v2MessageRows(``), []methodRow{
	{
		name: "all", body: reader + `"messageId":4715}`, prepare: supervised,
		part: `{"messages":[{"text":"one"},{"text":"four"},{"text":"five"},{"text":"six"}],"users":[{"id":1}],"hasPrevPage":false,"hasNextPage":false}`,
	},
	{
		name: "a page", body: reader + `"messageId":4716,"range":0}`, prepare: supervised,
		part: `{"messages":[{"text":"four"},{"text":"five"},{"text":"six"}],"hasPrevPage":true,"hasNextPage":false}`,
	},
	{
		name: "the first", body: reader + `"messageId":4711,"range":"1"}`, prepare: supervised,
		part: `{"messages":[{"text":"one"},{"text":"four"}],"hasPrevPage":false,"hasNextPage":true}`,
	},
	{
		name: "what was deleted", body: reader + `"messageId":4711}`, part: `{"messages":[{"text":"one"},{"text":"five"},{"text":"six"}]}`,
		prepare: func(portal *imbottest.Portal) { supervised(portal); portal.DeleteMessage(4715) },
	},
	{name: "by a bot of type bot", body: as + `"messageId":4711}`, failure: typeForbidden, prepare: someMessages},
	{name: "range", body: as + `"messageId":4711,"range":"x"}`, failure: wrongValue("range")},
}...)

var messageReadRows = append(v2ChatRows(``), []methodRow{
	{name: "up to one", body: reader + `"dialogId":"chat13","messageId":4715}`, result: `{"chatId":13,"lastId":4715,"counter":2,"viewedMessages":[4711,4715]}`, prepare: supervised},
	{name: "all", body: as + `"dialogId":"chat13"}`, result: `{"chatId":13,"lastId":4711,"counter":0,"viewedMessages":[4711]}`, prepare: someMessages},
	{
		name: "again", body: as + `"dialogId":"chat13"}`, result: `{"chatId":13,"lastId":4711,"counter":0,"viewedMessages":[]}`,
		prepare: func(portal *imbottest.Portal) {
			someMessages(portal)
			call(portal, "imbot.v2.Chat.Message.read", as+`"dialogId":"chat13"}`)
		},
	},
	{name: "own messages", body: as + `"dialogId":"chat13"}`, result: `{"chatId":13,"lastId":4711,"counter":0,"viewedMessages":[]}`, prepare: sent},
	{name: "unknown message", body: as + `"dialogId":"chat13","messageId":9}`, failure: noMessage},
	{name: "message as a word", body: as + `"dialogId":"chat99","messageId":""}`, failure: wrongValue("messageId")},
}...)

// reacted is a check of the reactions of [imbottest.BotMain] to the only message.
func reacted(want ...string) func(*testing.T, *imbottest.Portal) {
	return wrote(func(a *assert.Assertions, m imbottest.Message) { a.Equal(want, m.Reactions[bot]) })
}

// liked is a message 4711 that [imbottest.BotMain] likes.
func liked(portal *imbottest.Portal) {
	someMessages(portal)
	call(portal, "imbot.v2.Chat.Message.Reaction.add", as+`"messageId":4711,"reaction":"like"}`)
}

var reactionAddRows = append(v2MessageRows(`"reaction":"x",`), []methodRow{
	{name: "done", body: as + `"messageId":4711,"reaction":"like"}`, result: `{"result":true}`, prepare: someMessages, check: reacted("like")},
	{name: "another one", body: as + `"messageId":4711,"reaction":"RedHeart"}`, result: `{"result":true}`, prepare: liked, check: reacted("like", "redHeart")},
	{name: "again", body: as + `"messageId":4711,"reaction":"Like"}`, failure: failed{400, "REACTION_ALREADY_SET", "Reaction already set"}, prepare: liked},
	{name: "letter case", body: as + `"messageId":4711,"reaction":"LIKE"}`, failure: noReaction, prepare: someMessages},
	{name: "number", body: as + `"messageId":4711,"reaction":5}`, failure: wrongValue("reaction")},
}...)

var reactionDeleteRows = append(v2MessageRows(`"reaction":"x",`), []methodRow{
	{name: "done", body: as + `"messageId":4711,"reaction":"like"}`, result: `{"result":true}`, prepare: liked, check: reacted()},
	{name: "not set", body: as + `"messageId":4711,"reaction":"like"}`, failure: noReaction, prepare: someMessages},
	{name: "number", body: as + `"messageId":4711,"reaction":null}`, failure: noValue("reaction")},
}...)

// TestIM_files holds that users send files as bots do, to bots as well.
func TestIM_files(t *testing.T) {
	t.Parallel()
	portal := fetching(t)
	call := func(method, body string) answer {
		return send(t, portal, request{path: "/rest/1/both0000/im.v2.File." + method, body: body})
	}
	assertPart(t, `{"file":{"id":138,"name":"a.txt","size":5,"authorId":1,"status":"done","progress":100},"dialogId":"60"}`, call("upload", `{"dialogId":"60",`+file+`}`))
	chat := portal.PrivateChat(fetcher, 1)
	require.Len(t, portal.Messages(chat), 1)
	assert.Equal(t, []byte("hello"), portal.Messages(chat)[0].Files[0].Content)
	assert.Equal(t, []string{"ONIMBOTV2JOINCHAT", "ONIMBOTV2MESSAGEADD"}, fetchFor(t, portal, fetcher, ``).types())
	address := addressIn(t, call("download", `{"dialogId":"60","fileId":138}`))
	assert.Equal(t, "hello", send(t, portal, getOf(address)).body)
}

// withIM lets the user's webhook use im, and adds a chat without the user.
func withIM(portal *imbottest.Portal) {
	portal.AddWebhook(imbottest.Webhook{UserID: 1, Secret: imbottest.Secret, Scopes: []string{"imbot", "im"}})
	portal.AddChat(imbottest.Chat{ID: 19, Owner: 7, Members: []imbot.UserID{7, bot}})
	upload(portal, file)
}

var imUploadRows = []methodRow{
	{name: "done", prepare: withIM, body: `{"dialogId":"chat13",` + file + `}`, part: `{"file":{"name":"a (1).txt","authorId":1},"chatId":13,"dialogId":"chat13"}`},
	{name: "no content", prepare: withIM, body: `{"dialogId":"chat13","fields":{"name":"a"}}`, failure: fileEmpty},
	{name: "no base64", prepare: withIM, body: `{"dialogId":"chat13","fields":{"name":"a","content":"?"}}`, failure: fileContent},
	{name: "unknown chat", prepare: withIM, body: `{"dialogId":"chat99",` + file + `}`, failure: v2Chat},
	{name: "another's chat", prepare: withIM, body: `{"dialogId":"chat19",` + file + `}`, failure: v2Access},
	{name: "no scope", body: `{}`, failure: hookScope},
}

var imDownloadRows = []methodRow{
	{name: "done", prepare: withIM, body: `{"dialogId":"chat13","fileId":138}`, part: `{}`},
	{name: "file of another chat", prepare: withIM, body: `{"dialogId":"chat15","fileId":138}`, failure: failed{400, "FILE_NOT_FOUND", "File not found"}},
	{name: "another's chat", prepare: withIM, body: `{"dialogId":"chat19","fileId":138}`, failure: v2Access},
	{name: "unknown chat", prepare: withIM, body: `{"dialogId":"chat99","fileId":138}`, failure: v2Chat},
	{name: "no dialog", prepare: withIM, body: `{"fileId":138}`, failure: noValue("dialogId")},
}

package imbottest_test

import (
	"encoding/json"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/imbottest"
)

// v1Rows are the calls of the methods of version 1 for bots, messages and commands, by method.
var v1Rows = map[string][]methodRow{
	"imbot.register":           v1RegisterRows,
	"imbot.update":             append(botRows(`"x":1`), v1UpdateRows...),
	"imbot.unregister":         append(botRows(`"x":1`), v1UnregisterRows...),
	"imbot.message.add":        append(botRows(`"x":1`), v1AddRows...),
	"imbot.message.update":     append(botRows(`"x":1`), v1EditRows...),
	"imbot.message.delete":     append(botRows(`"x":1`), v1DeleteRows...),
	"imbot.message.like":       append(botRows(`"x":1`), v1LikeRows...),
	"imbot.command.register":   append(botRows(`"x":1`), v1CommandRows...),
	"imbot.command.update":     append(v1CommandOwnerRows, v1CommandUpdateRows...),
	"imbot.command.unregister": append(v1CommandOwnerRows, v1CommandUnregisterRows...),
	"imbot.command.answer":     append(v1CommandOwnerRows, v1AnswerRows...),
}

func TestRows_v1(t *testing.T) {
	t.Parallel()
	for method, rows := range v1Rows {
		t.Run(strings.TrimPrefix(method, "imbot."), func(t *testing.T) {
			t.Parallel()
			testMethod(t, method, rows)
		})
	}
}

func TestV1_errors(t *testing.T) {
	t.Parallel()
	for method, documented := range documentedMethods(t, "imbot.register", "imbot.update", "imbot.unregister", "imbot.message.", "imbot.command.") {
		assertErrors(t, method, documented.Errors, v1Rows[method])
	}
}

// TestV1_examples holds that the requests of the documentation are answered as it is documented there.
func TestV1_examples(t *testing.T) {
	t.Parallel()
	for method, documented := range documentedMethods(t, "imbot.register", "imbot.update", "imbot.unregister", "imbot.message.", "imbot.command.") {
		t.Run(method, func(t *testing.T) {
			t.Parallel()
			const bot = imbot.UserID(39)
			portal := imbottest.NewPortal(t, imbottest.Empty())
			portal.AddBot(imbottest.Bot{ID: 39, ClientID: "EXAMPLE_CLIENT_ID"})
			portal.AddBot(imbottest.Bot{ID: 1291, ClientID: "EXAMPLE_CLIENT_ID"})
			portal.AddChat(imbottest.Chat{ID: 123, Members: []imbot.UserID{bot, 1}})
			call(portal, "imbot.message.add", `{"BOT_ID":39,"CLIENT_ID":"EXAMPLE_CLIENT_ID","DIALOG_ID":"chat123","MESSAGE":"a"}`)
			call(portal, "imbot.command.register", `{"BOT_ID":39,"CLIENT_ID":"EXAMPLE_CLIENT_ID","COMMAND":"known","LANG":[{"TITLE":"a"}],"EVENT_COMMAND_ADD":"https://bot.example/"}`)
			for name, id := range map[string]int{"MESSAGE_ID": 4711, "COMMAND_ID": 42} {
				if documented.Request[name] != nil {
					documented.Request[name] = id
				}
			}
			body, err := json.Marshal(documented.Request)
			require.NoError(t, err)
			for _, request := range []request{
				post(method, string(body)), post(method, brackets(documented.Request)).with("Content-Type", form),
			} {
				got := send(t, portal, request)
				var envelope struct{ Result any }
				require.NoError(t, json.Unmarshal([]byte(got.body), &envelope))
				if want, isTrue := documented.Result.(bool); isTrue {
					assert.Equal(t, want, envelope.Result, got.body)
				} else if method != "imbot.command.answer" { // nobody has given the command: true
					assert.IsType(t, 0., envelope.Result, got.body)
				}
				if strings.HasSuffix(method, "unregister") || strings.HasSuffix(method, "delete") || strings.HasSuffix(method, "update") {
					break // once
				}
			}
		})
	}
}

const (
	asMain   = `{"BOT_ID":39,"CLIENT_ID":"my",`
	handlers = `"EVENT_HANDLER":"https://bot.example/"`
)

var (
	badURL = func(event string) failed { return failed{400, event + "_ERROR", "Wrong handler URL"} }
	noURL  = func(event, name string) failed {
		return failed{400, event + "_ERROR", `Handler for "` + name + `" event isn't specified`}
	}
	noName      = failed{400, "NAME_ERROR", "Bot name isn't specified"}
	noFields    = failed{400, "WRONG_REQUEST", "Update fields can't be empty"}
	notAdded    = failed{400, "WRONG_REQUEST", "Message isn't added"}
	noText      = failed{400, "MESSAGE_EMPTY", "Message can't be empty"}
	noMessageID = failed{400, "MESSAGE_ID_ERROR", "Message ID can't be empty"}
	cannotEdit  = failed{403, "CANT_EDIT_MESSAGE", "Time has expired for modification or you don't have access"}
	v1Attach    = failed{400, "ATTACH_ERROR", "Incorrect attach params"}
	v1AttachBig = failed{400, "ATTACH_OVERSIZE", "You have exceeded the maximum allowable size of attach"}
	v1Keys      = failed{400, "KEYBOARD_ERROR", "Incorrect keyboard params"}
	v1KeysBig   = failed{400, "KEYBOARD_OVERSIZE", "You have exceeded the maximum allowable size of keyboard"}
	large       = strings.Repeat("a", 60000)
)

var v1RegisterRows = []methodRow{
	{
		name: "new", body: `{"CLIENT_ID":"t","CODE":"new","TYPE":"S","OPENLINE":"Y",` + handlers + `,"PROPERTIES":{"NAME":"New","COLOR":"MINT","PERSONAL_PHOTO":"AAAA"}}`, result: `456`,
		check: func(t *testing.T, portal *imbottest.Portal) {
			t.Helper()
			assertPart(t, `{"bot":{"id":456,"code":"new","type":"supervisor","isSupportOpenline":true,"eventMode":"webhook"},"users":[{"name":"New","color":"#4ba984","avatar":""}]}`,
				send(t, portal, post("imbot.v2.Bot.get", `{"botToken":"t","botId":456}`)))
		},
	},
	{name: "each handler", body: `{"CLIENT_ID":"t","CODE":"new","TYPE":"x","EVENT_MESSAGE_ADD":"https://bot.example/","EVENT_WELCOME_MESSAGE":"https://bot.example/","EVENT_BOT_DELETE":"https://bot.example/","PROPERTIES":{"LAST_NAME":"New"}}`, result: `456`},
	{name: "code of an application", body: `{"CLIENT_ID":"t","CODE":"app",` + handlers + `,"PROPERTIES":{"NAME":"New"}}`, result: `50`},
	{name: "no client id", body: `{"CODE":"new"}`, failure: noClientID},
	{name: "no handler", body: `{"CLIENT_ID":"t"}`, failure: noURL("EVENT_MESSAGE_ADD", "Message add")},
	{name: "wrong handler", body: `{"CLIENT_ID":"t","EVENT_HANDLER":"bot"}`, failure: badURL("EVENT_MESSAGE_ADD")},
	{name: "wrong handler for updates", body: `{"CLIENT_ID":"t",` + handlers + `,"EVENT_MESSAGE_UPDATE":"bot"}`, failure: badURL("EVENT_MESSAGE_UPDATE")},
	{name: "wrong handler for deletions", body: `{"CLIENT_ID":"t",` + handlers + `,"EVENT_MESSAGE_DELETE":"bot"}`, failure: badURL("EVENT_MESSAGE_DELETE")},
	{name: "wrong handler for the context", body: `{"CLIENT_ID":"t",` + handlers + `,"EVENT_CONTEXT_GET":"bot"}`, failure: badURL("EVENT_CONTEXT_GET")},
	{name: "no handler for the welcome", body: `{"CLIENT_ID":"t","EVENT_MESSAGE_ADD":"https://bot.example/"}`, failure: noURL("EVENT_WELCOME_MESSAGE", "Welcome message")},
	{name: "wrong handler for the end", body: `{"CLIENT_ID":"t",` + handlers + `,"EVENT_BOT_DELETE":"bot"}`, failure: badURL("EVENT_BOT_DELETE")},
	{name: "no code", body: `{"CLIENT_ID":"t",` + handlers + `}`, failure: failed{400, "CODE_ERROR", "Bot code isn't specified"}},
	{name: "no name", body: `{"CLIENT_ID":"t","CODE":"new",` + handlers + `,"PROPERTIES":{"COLOR":"MINT"}}`, failure: noName},
}

var v1UpdateRows = []methodRow{
	{
		name: "profile", body: asMain + `"FIELDS":{"CODE":"other","PROPERTIES":{"NAME":"Other","WORK_POSITION":"Helper"}}}`, result: `true`,
		check: func(t *testing.T, portal *imbottest.Portal) {
			t.Helper()
			got := send(t, portal, post("imbot.v2.Bot.get", `{"botToken":"my","botId":39}`))
			assertPart(t, `{"bot":{"code":"other"},"users":[{"name":"Other","workPosition":"Helper"}]}`, got)
		},
	},
	{name: "no fields", body: asMain + `"x":1}`, failure: noFields},
	{name: "wrong handler", body: asMain + `"FIELDS":{"EVENT_HANDLER":"bot"}}`, failure: badURL("EVENT_MESSAGE_ADD")},
	{name: "wrong handler for updates", body: asMain + `"FIELDS":{"EVENT_MESSAGE_UPDATE":"bot"}}`, failure: badURL("EVENT_MESSAGE_UPDATE")},
	{name: "wrong handler for deletions", body: asMain + `"FIELDS":{"EVENT_MESSAGE_DELETE":"bot"}}`, failure: badURL("EVENT_MESSAGE_DELETE")},
	{name: "wrong handler for the context", body: asMain + `"FIELDS":{"EVENT_CONTEXT_GET":"bot"}}`, failure: badURL("EVENT_CONTEXT_GET")},
	{name: "wrong handler for the welcome", body: asMain + `"FIELDS":{"EVENT_WELCOME_MESSAGE":"bot"}}`, failure: badURL("EVENT_WELCOME_MESSAGE")},
	{name: "wrong handler for the end", body: asMain + `"FIELDS":{"EVENT_BOT_DELETE":"bot"}}`, failure: badURL("EVENT_BOT_DELETE")},
	{name: "no name", body: asMain + `"FIELDS":{"PROPERTIES":{"COLOR":"MINT"}}}`, failure: noName},
}

var v1UnregisterRows = []methodRow{
	{name: "done", body: asMain + `"x":1}`, result: `true`, check: func(t *testing.T, portal *imbottest.Portal) {
		t.Helper()
		assertError(t, botNotFound.status, botNotFound.code, botNotFound.description, send(t, portal, post("imbot.unregister", asMain+`"x":1}`)))
	}},
}

// adding is a call of imbot.message.add for [imbottest.ChatGroup].
func adding(params string) string { return asMain + `"DIALOG_ID":"chat13",` + params + `}` }

var v1AddRows = []methodRow{
	{name: "text", body: adding(`"MESSAGE":" Hello[br]you ","SYSTEM":"Y"`), result: `4711`, check: wrote(func(a *assert.Assertions, m imbottest.Message) {
		a.Equal("Hello\nyou", m.Text)
		a.True(m.System)
	})},
	{name: "parts", body: adding(`"MESSAGE":"a","ATTACH":[{"MESSAGE":"a"}],"KEYBOARD":{"BUTTONS":[{"TEXT":"a","COMMAND":"b"}]},"MENU":{"ITEMS":[{"TEXT":"a","LINK":"/"}]}`), result: `4711`, check: wrote(func(a *assert.Assertions, m imbottest.Message) {
		a.JSONEq(`[{"BLOCKS":[{"MESSAGE":"a"}]}]`, string(m.Attach))
		a.Contains(string(m.Keyboard), `"BOT_ID":39`)
		a.JSONEq(`[{"TEXT":"a","LINK":"/"}]`, string(m.Menu))
	})},
	{name: "private", body: asMain + `"DIALOG_ID":"27","MESSAGE":"a"}`, result: `4711`},
	{name: "between users", body: asMain + `"FROM_USER_ID":7,"TO_USER_ID":8,"MESSAGE":"a"}`, result: `4711`, check: func(t *testing.T, portal *imbottest.Portal) {
		t.Helper()
		assert.True(t, portal.Messages(portal.PrivateChat(7, 8))[0].System)
	}},
	{name: "no dialog", body: asMain + `"MESSAGE":"a"}`, failure: dialogIDEmpty},
	{name: "no text", body: adding(`"MESSAGE":" ","ATTACH":[{"MESSAGE":"a"}]`), failure: noText},
	{name: "attach", body: adding(`"MESSAGE":"a","ATTACH":[{"x":1}],"KEYBOARD":"N"`), failure: v1Attach},
	{name: "attach too large", body: adding(`"MESSAGE":"a","ATTACH":[{"MESSAGE":"` + large + `"}]`), failure: v1AttachBig},
	{name: "keyboard", body: adding(`"MESSAGE":"a","KEYBOARD":"N","MENU":"N"`), failure: v1Keys},
	{name: "keyboard too large", body: adding(`"MESSAGE":"a","KEYBOARD":[{"LINK":"/","TEXT":"` + large + `"}]`), failure: badKeyboard, documented: &notAdded},
	{name: "menu", body: adding(`"MESSAGE":"a","MENU":"N"`), failure: failed{400, "MENU_ERROR", "Incorrect menu params"}},
	{name: "not there", body: asMain + `"DIALOG_ID":"chat14","MESSAGE":"a"}`, failure: notAdded},
}

// editing is a call of imbot.message.update for the message of [sent].
func editing(params string) string { return asMain + `"MESSAGE_ID":4711,` + params + `}` }

var v1EditRows = []methodRow{
	{name: "text", body: editing(`"MESSAGE":"New"`), result: `true`, prepare: sent, check: updated("New", true, true)},
	{name: "parts gone", body: editing(`"KEYBOARD":"N","ATTACH":""`), result: `true`, prepare: sent, check: updated("Hello", false, false)},
	{name: "parts", body: editing(`"ATTACH":[{"MESSAGE":"b"}],"MENU":[{"TEXT":"a"}],"KEYBOARD":[{"TEXT":"b","COMMAND":"c"}]`), result: `true`, prepare: sent, check: wrote(func(a *assert.Assertions, m imbottest.Message) {
		a.JSONEq(`[{"BLOCKS":[{"MESSAGE":"b"}]}]`, string(m.Attach))
		a.Contains(string(m.Keyboard), `"COMMAND":"c"`)
		a.NotNil(m.Menu)
	})},
	{name: "all gone", body: editing(`"MESSAGE":""`), result: `true`, prepare: sent, check: gone(13, 0, true)},
	{name: "no message", body: asMain + `"MESSAGE":"a"}`, failure: noMessageID},
	{name: "another's", body: editing(`"MESSAGE":"a"`), failure: cannotEdit, prepare: someMessages},
	{name: "another's keyboard", body: editing(`"KEYBOARD":"N"`), failure: cannotEdit, prepare: someMessages},
	{name: "attach", body: editing(`"ATTACH":[{"x":1}]`), failure: v1Attach, prepare: sent},
	{name: "attach too large", body: editing(`"ATTACH":[{"MESSAGE":"` + large + `"}]`), failure: v1AttachBig, prepare: sent},
	{name: "keyboard", body: editing(`"KEYBOARD":[{"x":1}]`), failure: v1Keys, prepare: sent},
	{name: "keyboard too large", body: editing(`"KEYBOARD":[{"LINK":"/","TEXT":"` + large + `"}]`), failure: v1KeysBig, prepare: sent},
	{name: "menu", body: editing(`"MENU":"x"`), failure: failed{400, "menu_ERROR", "Incorrect menu params"}, prepare: sent},
	{name: "menu too large", body: editing(`"MENU":[{"TEXT":"` + large + `"}]`), failure: failed{400, "MENU_OVERSIZE", "You have exceeded the maximum allowable size of menu"}, prepare: sent},
}

var v1DeleteRows = []methodRow{
	{name: "own", body: editing(`"x":1`), result: `true`, prepare: sent, check: gone(13, 0, true)},
	{name: "no message", body: asMain + `"x":1}`, failure: noMessageID},
	{name: "another's", body: editing(`"x":1`), failure: cannotEdit, prepare: someMessages},
}

var v1LikeRows = []methodRow{
	{name: "like", body: editing(`"x":1`), result: `true`, prepare: someMessages, check: reacted("like")},
	{name: "and not any more", body: editing(`"ACTION":"auto"`), result: `true`, prepare: liked, check: reacted()},
	{name: "minus", body: editing(`"ACTION":"minus"`), result: `true`, prepare: liked, check: reacted()},
	{name: "again", body: editing(`"ACTION":"plus"`), failure: failed{400, "WITHOUT_CHANGES", "Action completed without changes"}, prepare: liked},
	{name: "no message", body: asMain + `"x":1}`, failure: noMessageID},
}

const lang = `"LANG":[{"LANGUAGE_ID":"en","TITLE":"Echo","PARAMS":"text"}]`

var v1CommandRows = []methodRow{
	{name: "new", body: asMain + handlers + `,"COMMAND":"/echo","COMMON":"Y",` + lang + `}`, result: `42`, check: commands(`{"id":42,"command":"/echo","title":"Echo","params":"text","common":"Y"}`)},
	{name: "again", body: asMain + handlers + `,"COMMAND":"help",` + lang + `}`, result: `42`, prepare: withCommand, check: commands(`{"title":"Help"}`)},
	{name: "no handler", body: asMain + `"COMMAND":"echo"}`, failure: noURL("EVENT_COMMAND_ADD", "Command add")},
	{name: "wrong handler", body: asMain + `"EVENT_COMMAND_ADD":"bot"}`, failure: badURL("EVENT_COMMAND_ADD")},
	{name: "no command", body: asMain + handlers + `,` + lang + `}`, failure: failed{400, "COMMAND_ERROR", "Command isn't specified"}},
	{name: "no languages", body: asMain + handlers + `,"COMMAND":"echo","HIDDEN":"Y","LANG":[]}`, failure: failed{400, "LANG_ERROR", "Lang set can't be empty"}},
}

var v1CommandOwnerRows = []methodRow{
	{name: "no client id", body: `{"COMMAND_ID":42}`, failure: noClientID, prepare: withCommand},
	{name: "unknown", body: `{"COMMAND_ID":42,"CLIENT_ID":"my"}`, failure: failed{400, "COMMAND_ID_ERROR", "Command not found"}},
	{name: "another's", body: `{"COMMAND_ID":42,"CLIENT_ID":"t"}`, failure: failed{400, "APP_ID_ERROR", "Command was installed by another rest application"}, prepare: withCommand},
}

var v1CommandUpdateRows = []methodRow{
	{name: "done", body: `{"COMMAND_ID":42,"CLIENT_ID":"my","FIELDS":{"COMMAND":"echo","EXTRANET_SUPPORT":"Y",` + lang + `}}`, result: `true`, prepare: withCommand, check: commands(`{"command":"/echo","title":"Echo","extranet":"Y"}`)},
	{name: "no fields", body: `{"COMMAND_ID":42,"CLIENT_ID":"my"}`, failure: noFields, prepare: withCommand},
	{name: "wrong handler", body: `{"COMMAND_ID":42,"CLIENT_ID":"my","FIELDS":{"EVENT_COMMAND_ADD":"bot"}}`, failure: badURL("EVENT_COMMAND_ADD"), prepare: withCommand},
}

var v1CommandUnregisterRows = []methodRow{
	{name: "done", body: `{"COMMAND_ID":42,"CLIENT_ID":"my"}`, result: `true`, prepare: withCommand},
}

// asked is the command of [withCommand], which somebody has given in [imbottest.ChatGroup].
func asked(portal *imbottest.Portal) {
	withCommand(portal)
	portal.PostMessage(imbottest.ChatGroup, 1, "/help")
}

// answering is a call of imbot.command.answer after [asked].
func answering(params string) string {
	return `{"COMMAND_ID":42,"CLIENT_ID":"my","MESSAGE_ID":4711` + params + `}`
}

var v1AnswerRows = []methodRow{
	{name: "done", body: answering(`,"MESSAGE":"Here"`), result: `4712`, prepare: asked},
	{name: "by its word", body: `{"COMMAND":"help","CLIENT_ID":"my","MESSAGE_ID":4711,"MESSAGE":"Here"}`, result: `4712`, prepare: asked},
	{name: "not asked", body: answering(`,"MESSAGE":"Here"`), result: `true`, prepare: func(portal *imbottest.Portal) { withCommand(portal); someMessages(portal) }},
	{name: "no message", body: `{"COMMAND_ID":42,"CLIENT_ID":"my"}`, failure: failed{400, "MESSAGE_ID_EMPTY", "Message ID can't be empty"}, prepare: asked},
	{name: "unknown message", body: `{"COMMAND_ID":42,"CLIENT_ID":"my","MESSAGE_ID":9,"MESSAGE":"a"}`, failure: notAdded, prepare: asked},
	{name: "no text", body: answering(`,"ATTACH":[{"MESSAGE":"a"}]`), failure: noText, prepare: asked},
	{name: "attach", body: answering(`,"MESSAGE":"a","ATTACH":"x"`), failure: v1Attach, prepare: asked},
	{name: "attach too large", body: answering(`,"MESSAGE":"a","ATTACH":[{"MESSAGE":"` + large + `"}]`), failure: v1AttachBig, prepare: asked},
	{name: "keyboard", body: answering(`,"MESSAGE":"a","KEYBOARD":"x"`), failure: v1Keys, prepare: asked},
	{name: "keyboard too large", body: answering(`,"MESSAGE":"a","KEYBOARD":[{"LINK":"/","TEXT":"` + large + `"}]`), failure: v1KeysBig, prepare: asked},
	{name: "menu", body: answering(`,"MESSAGE":"a","MENU":"x"`), failure: failed{400, "MENU_ERROR", "Incorrect menu params"}, prepare: asked},
}

// TestV1Message_old holds for how long a message may be changed.
func TestV1Message_old(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		portal := imbottest.NewPortal(t)
		sent(portal)
		time.Sleep(72*time.Hour - time.Second) // fake clock
		assertResult(t, `true`, send(t, portal, post("imbot.message.update", editing(`"MESSAGE":"a"`))))
		time.Sleep(time.Second) // fake clock
		assertError(t, cannotEdit.status, cannotEdit.code, cannotEdit.description, send(t, portal, post("imbot.message.update", editing(`"MESSAGE":"b"`))))
		assertResult(t, `true`, send(t, portal, post("imbot.message.delete", editing(`"x":1`))))
	})
}

// TestV1Command_event holds how bots of version 1 hear of commands: those of one application by one event.
func TestV1Command_event(t *testing.T) {
	t.Parallel()
	portal, box := withEvents(t)
	withCommand(portal)
	call(portal, "imbot.command.register", `{"BOT_ID":41,"CLIENT_ID":"my","COMMAND":"help","COMMON":"Y",`+handlers+`,`+lang+`}`)
	portal.PostMessage(imbottest.ChatGroup, 1, "/help one\n/help two", imbottest.BotMain)
	sent := portal.Deliveries()
	require.Len(t, sent, 1)
	assert.Equal(t, "https://bot.example/?CLIENT_ID=my", sent[0].URL)
	form, err := url.ParseQuery(sent[0].Body)
	require.NoError(t, err)
	assertFields(t, map[string]string{
		"event": "ONIMCOMMANDADD", "data[COMMAND][42][BOT_ID]": "39", "data[COMMAND][42][BOT_CODE]": "main", "data[COMMAND][42][COMMAND]": "help",
		"data[COMMAND][42][COMMAND_ID]": "42", "data[COMMAND][42][COMMAND_PARAMS]": "two", "data[COMMAND][42][COMMAND_CONTEXT]": "TEXTAREA",
		"data[COMMAND][42][MESSAGE_ID]": "4711", "data[COMMAND][43][BOT_ID]": "41", "data[PARAMS][MESSAGE_ID]": "4711",
		"data[PARAMS][CHAT_TYPE]": "C", "data[PARAMS][LANGUAGE]": "en", "data[USER][ID]": "1", "auth[application_token]": "my",
	}, form, "data[COMMAND][42]")
	assert.False(t, form.Has("data[USER][IS_BOT]"))

	portal.AddBot(imbottest.Bot{ID: 70, Type: "supervisor", App: imbottest.App})
	portal.AddMember(imbottest.ChatGroup, 70, 1)
	portal.PostMessage(imbottest.ChatGroup, 1, "nobody is mentioned")
	assert.Equal(t, "70", box.last(t).form.Get("data[BOT][70][BOT_ID]"), "a supervisor hears everything")
}

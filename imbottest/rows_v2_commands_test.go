package imbottest_test

import (
	"testing"

	"github.com/seed-a6e4e5a4/imbot/imbottest"
)

const helpCommand = `{"command":{"id":42,"botId":39,"command":"/help","common":false,"hidden":false,"extranetSupport":false}}`

// withCommand adds the command 42 of [imbottest.BotMain], for a test that begins with one.
func withCommand(portal *imbottest.Portal) {
	call(portal, "imbot.v2.Command.register", as+`"fields":{"command":"help","title":{"ru":"Помощь","en":"Help"},"params":"topic"}}`)
}

var (
	noTitle   = failed{400, "COMMAND_TITLE_REQUIRED", "Command title is required"}
	noCommand = failed{400, "COMMAND_NOT_FOUND", "Command not found"}
	noAnswer  = failed{400, "COMMAND_ANSWER_FAILED", "Command answer failed"}
)

var commandRegisterRows = []methodRow{
	{name: "new", body: as + `"fields":{"command":"/help","title":{"en":"Help"}}}`, result: helpCommand},
	{name: "flat", body: as + `"command":"help","title":{"en":"Help"},"fields":[]}`, result: helpCommand},
	{
		name: "switches", body: as + `"fields":{"command":"help","hidden":true,"common":"Y","extranetSupport":"N"}}`,
		result: `{"command":{"id":42,"botId":39,"command":"/help","common":true,"hidden":true,"extranetSupport":false}}`,
	},
	{name: "again", body: as + `"fields":{"command":"help","common":true}}`, result: helpCommand, prepare: withCommand},
	{
		name: "another bot", body: `{"botId":41,"botToken":"my","fields":{"command":"help","title":{"en":"Help"}}}`, prepare: withCommand,
		result: `{"command":{"id":43,"botId":41,"command":"/help","common":false,"hidden":false,"extranetSupport":false}}`,
	},
	{name: "fields as JSON", body: as + `"fields":"{}"}`, failure: wrongValue("fields")},
	{name: "number", body: as + `"fields":{"command":5}}`, failure: failed{400, "COMMAND_NAME_INVALID", "Command name is invalid"}},
	{name: "missing", body: as + `"fields":{"title":{"en":"Help"}}}`, failure: failed{400, "COMMAND_REQUIRED", "Command is required"}},
	{name: "slash alone", body: as + `"fields":{"command":"/"}}`, failure: failed{400, "COMMAND_REQUIRED", "Command is required"}},
	{name: "no title", body: as + `"fields":{"command":"help"}}`, failure: noTitle},
	{name: "empty title", body: as + `"fields":{"command":"help","title":{"en":" "}}}`, failure: noTitle},
}

// commands is a check of what the list says about the command 42, which is the last one.
func commands(want string) func(*testing.T, *imbottest.Portal) {
	return func(t *testing.T, portal *imbottest.Portal) {
		t.Helper()
		list := send(t, portal, post("imbot.v2.Command.list", `{"botId":39,"botToken":"my"}`))
		assertPart(t, `{"commands":[{},{},{},{},{},{},`+want+`]}`, list)
	}
}

var commandUpdateRows = []methodRow{
	{name: "nothing", body: as + `"commandId":42,"fields":{}}`, result: helpCommand, prepare: withCommand},
	{
		name: "everything", body: as + `"commandId":"42","fields":{"command":"/info","common":1,"hidden":true,"extranetSupport":"Y"}}`, prepare: withCommand,
		result: `{"command":{"id":42,"botId":39,"command":"/info","common":true,"hidden":true,"extranetSupport":true}}`,
	},
	{name: "title", body: as + `"commandId":42,"fields":{"title":{"en":"Info"},"params":{"en":"what"}}}`, result: helpCommand, prepare: withCommand, check: commands(`{"title":"Info","params":"what"}`)},
	{name: "its own word", body: as + `"commandId":42,"fields":{"command":"/help"}}`, result: helpCommand, prepare: withCommand},
	{name: "params alone", body: as + `"commandId":42,"fields":{"params":{"en":"what"}}}`, result: helpCommand, prepare: withCommand, check: commands(`{"params":"topic"}`)},
	{name: "title taken away", body: as + `"commandId":42,"fields":{"title":{"en":null}}}`, result: helpCommand, prepare: withCommand, check: commands(`{"title":"Помощь"}`)},
	{name: "no fields", body: as + `"commandId":42}`, failure: noValue("fields")},
	{name: "unknown", body: as + `"commandId":42,"fields":{"command":5}}`, failure: noCommand},
	{name: "number", body: as + `"commandId":42,"fields":{"command":5}}`, failure: failed{400, "COMMAND_NAME_INVALID", "Command name is invalid"}, prepare: withCommand},
	{name: "empty", body: as + `"commandId":42,"fields":{"command":"/","title":"x"}}`, failure: failed{400, "COMMAND_NAME_EMPTY", "Command name is empty"}, prepare: withCommand},
	{
		name: "taken", body: as + `"commandId":42,"fields":{"command":"other"}}`, failure: failed{400, "COMMAND_ALREADY_EXISTS", "Command already exists"},
		prepare: func(portal *imbottest.Portal) {
			withCommand(portal)
			call(portal, "imbot.v2.Command.register", as+`"fields":{"command":"other","hidden":true}}`)
		},
	},
	{name: "title as a text", body: as + `"commandId":42,"fields":{"title":"x"}}`, failure: failed{400, "COMMAND_TITLE_INVALID", "Command title is invalid"}, prepare: withCommand},
}

var commandUnregisterRows = []methodRow{
	{name: "own", body: as + `"commandId":"42"}`, result: `{"result":true}`, prepare: withCommand},
	{name: "unknown", body: as + `"commandId":42}`, failure: noCommand},
	{name: "of another bot", body: `{"botId":41,"botToken":"my","commandId":42}`, failure: noCommand, prepare: withCommand},
	{name: "missing", body: `{"botId":39,"botToken":"my"}`, failure: noValue("commandId")},
}

var commandListRows = []methodRow{
	{
		name: "own and built-in", body: `{"botId":39,"botToken":"my"}`, prepare: withCommand,
		part: `{"commands":[{"id":"def0","botId":0,"command":"/me","common":"Y","extranet":"N"},{"id":"def1"},{"id":"def2","command":"/>>"},
			{"command":"/rename","context":"chat"},{"command":"/getDialogId"},{"id":"def5","context":"call"},
			{"id":42,"botId":39,"command":"/help","title":"Help","params":"topic","category":"Main bot","context":"","common":"N","extranet":"N"}]}`,
	},
	{
		name: "of another bot", body: `{"botId":41,"botToken":"my"}`, prepare: withCommand,
		part: `{"commands":[{},{},{},{},{},{}]}`,
	},
}

var commandAnswerRows = []methodRow{
	{
		name: "nobody has given a command", body: as + `"commandId":42,"messageId":4711,"fields":{"message":""}}`, result: `{"result":true}`,
		prepare: func(portal *imbottest.Portal) { withCommand(portal); someMessages(portal) },
	},
	{name: "unknown", body: as + `"commandId":42,"messageId":4711}`, failure: noCommand},
	{name: "no message", body: as + `"commandId":42,"messageId":4711,"fields":{"message":"a"}}`, failure: noAnswer, prepare: withCommand},
	{name: "message missing", body: as + `"commandId":42}`, failure: noValue("messageId")},
	{name: "fields null", body: as + `"commandId":42,"messageId":1,"fields":null}`, failure: wrongValue("fields")},
}

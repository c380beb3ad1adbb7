package imbottest_test

import "github.com/seed-a6e4e5a4/imbot/imbottest"

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

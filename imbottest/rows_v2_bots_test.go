package imbottest_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/seed-a6e4e5a4/imbot/imbottest"
)

// v2Rows are the calls of the methods of version 2 with one bot, by method. Those in [v2BotRows] come besides.
var v2Rows = map[string][]methodRow{
	"imbot.v2.Bot.register":                 registerRows,
	"imbot.v2.Bot.get":                      botGetRows,
	"imbot.v2.Bot.list":                     botListRows,
	"imbot.v2.Bot.update":                   botUpdateRows,
	"imbot.v2.Bot.unregister":               unregisterRows,
	"imbot.v2.Chat.add":                     v2ChatAddRows,
	"imbot.v2.Chat.get":                     v2ChatGetRows,
	"imbot.v2.Chat.User.list":               v2UserListRows,
	"imbot.v2.Chat.User.add":                v2UserAddRows,
	"imbot.v2.Chat.User.delete":             v2UserDeleteRows,
	"imbot.v2.Chat.TextField.enabled":       textFieldRows,
	"imbot.v2.Chat.InputAction.notify":      notifyRows,
	"imbot.v2.Chat.Message.send":            sendRows,
	"imbot.v2.Command.register":             commandRegisterRows,
	"imbot.v2.Command.unregister":           commandUnregisterRows,
	"imbot.v2.Command.list":                 commandListRows,
	"imbot.v2.Command.answer":               commandAnswerRows,
	"imbot.v2.File.upload":                  uploadRows,
	"imbot.v2.File.download":                downloadRows,
	"imbot.v2.Chat.update":                  v2ChatUpdateRows,
	"imbot.v2.Chat.setOwner":                v2SetOwnerRows,
	"imbot.v2.Chat.Manager.add":             managerAddRows,
	"imbot.v2.Chat.Manager.delete":          managerDeleteRows,
	"imbot.v2.Chat.Message.update":          messageUpdateRows,
	"imbot.v2.Chat.Message.delete":          messageDeleteRows,
	"imbot.v2.Chat.Message.get":             messageGetRows,
	"imbot.v2.Chat.Message.getContext":      messageContextRows,
	"imbot.v2.Chat.Message.read":            messageReadRows,
	"imbot.v2.Chat.Message.Reaction.add":    reactionAddRows,
	"imbot.v2.Chat.Message.Reaction.delete": reactionDeleteRows,
	"imbot.v2.Command.update":               commandUpdateRows,
	"imbot.v2.Event.get":                    eventGetRows,
	"im.v2.File.upload":                     imUploadRows,
	"im.v2.File.download":                   imDownloadRows,
	"imbot.v2.Revision.get":                 {{name: "anybody", body: `{}`, result: `{"rest":35,"web":130,"mobile":25,"desktop":6}`}},
}

// withoutBot are the methods that find bot and token in their own way, or need none.
var withoutBot = []string{"imbot.v2.Bot.register", "imbot.v2.Bot.get", "imbot.v2.Bot.list", "imbot.v2.Revision.get", "im.v2.File.upload", "im.v2.File.download"}

// v2BotRows are the mistakes in token and bot, which come before all others.
var v2BotRows = []methodRow{
	{name: "no token", body: `{"botId":39}`, failure: v2NoToken},
	{name: "token among the fields", body: `{"botId":39,"fields":{"botToken":"my"}}`, failure: v2NoToken},
	{name: "no bot", body: `{"botToken":"my"}`, failure: v2NoBot},
	{name: "unknown bot", body: `{"botId":999,"BOT_TOKEN":"my"}`, failure: v2Bot},
	{name: "bot of an application", body: `{"botId":50,"clientId":"my"}`, failure: v2Foreign, documented: v2ForeignDoc},
	{name: "letter case of the token", body: `{"botId":39,"CLIENT_ID":"MY"}`, failure: v2Foreign, documented: v2ForeignDoc},
}

func TestRows_v2(t *testing.T) {
	t.Parallel()
	for method, rows := range v2Rows {
		t.Run(strings.TrimPrefix(method, "imbot.v2."), func(t *testing.T) {
			t.Parallel()
			testMethod(t, method, rows)
			if !slices.Contains(withoutBot, method) {
				testMethod(t, method, v2BotRows)
			}
		})
	}
}

// as is the beginning of a call for [imbottest.BotMain].
const as = `{"botId":39,"botToken":"my",`

var (
	noValue = func(name string) failed {
		return failed{400, "100", "Could not find value for parameter {" + name + "}"}
	}
	wrongValue = func(name string) failed {
		return failed{400, "100", "Invalid value to match with parameter {" + name + "}"}
	}
	codeTaken    = failed{400, "BOT_CODE_ALREADY_TAKEN", "Bot code is already taken"}
	noProperties = failed{400, "BOT_PROPERTIES_REQUIRED", "Bot properties are required"}
	badMode      = failed{400, "BOT_INVALID_EVENT_MODE", "Invalid event mode"}
	badCallback  = failed{400, "BOT_INVALID_CALLBACK", "Invalid callback URL"}
	noRotation   = failed{400, "BOT_TOKEN_ROTATION_FAILED", "Bot token rotation failed"}
	botAvatar    = failed{400, "BOT_AVATAR_INCORRECT_TYPE", "Avatar must be an image"}
	botAvatarBig = failed{400, "BOT_AVATAR_INCORRECT_SIZE", "Avatar exceeds maximum size"}
)

// wide is a picture of 5001 x 1 pixels.
const wide = "R0lGODlhiRMBAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7"

var registerRows = []methodRow{
	{
		name: "defaults", body: `{"fields":{"code":"new","botToken":"t","properties":{"name":"New"}}}`,
		part: `{"bot":{"id":456,"code":"new","type":"bot","isHidden":false,"isSupportOpenline":false,"isReactionsEnabled":true,
			"backgroundId":null,"language":"en","moduleId":"rest","eventMode":"fetch","countMessage":0,"countCommand":0,"countChat":0,
			"countUser":0},"users":[{"id":456,"name":"New","bot":true,"type":"bot","workPosition":"Chat bot"}]}`,
	},
	{
		name: "everything", body: `{"botToken":"t","fields":{"code":"new","botToken":"other","type":"PERSONAL","eventMode":"webhook",
			"webhookUrl":"http://bot.example:8080/x","isHidden":"Y","isReactionsEnabled":"no","isSupportOpenline":1,"backgroundId":"sky",
			"properties":{"name":"New","lastName":"Bot","workPosition":"Helper","color":"lightBlue","gender":"F"}}}`,
		part: `{"bot":{"type":"personal","isHidden":true,"isSupportOpenline":true,"isReactionsEnabled":false,"backgroundId":"sky",
			"eventMode":"webhook"},"users":[{"name":"New Bot","firstName":"New","lastName":"Bot","workPosition":"Helper",
			"color":"#4ba5c3","gender":"F"}]}`,
	},
	{
		name: "upper case", body: `{"fields":{"CODE":"new","BOT_TOKEN":"t","PROPERTIES":{"NAME":"New"},"EVENT_MODE":"fetch","TYPE":"supervisor"}}`,
		part: `{"bot":{"code":"new","type":"supervisor","eventMode":"fetch"}}`,
	},
	{
		name: "own code again", body: `{"botToken":"my","fields":{"code":"main","properties":{"name":"Other"},"type":"unknown","eventMode":"fetch"}}`,
		part: `{"bot":{"id":39,"type":"bot","eventMode":"webhook"},"users":[{"name":"Main bot"}]}`,
	},
	{name: "token zero", body: `{"botToken":0,"fields":{"code":"new","properties":{"name":"New"}}}`, part: `{"bot":{"id":456}}`},
	{name: "no token", body: `{"fields":{"code":"new","properties":{"name":"New"}}}`, failure: v2NoToken},
	{name: "no fields", body: `{"botToken":"t"}`, failure: noValue("fields")},
	{name: "fields as JSON", body: `{"botToken":"t","fields":"{}"}`, failure: wrongValue("fields")},
	{name: "no code", body: `{"botToken":"t","fields":{"properties":{"name":"New"}}}`, failure: failed{400, "BOT_CODE_REQUIRED", "Bot code is required"}},
	{name: "no name", body: `{"botToken":"t","fields":{"code":"new","properties":{"lastName":"Bot"}}}`, failure: noProperties},
	{name: "no properties", body: `{"botToken":"t","fields":{"code":"new"}}`, failure: noProperties},
	{name: "event mode", body: `{"botToken":"t","fields":{"code":"main","eventMode":"push","properties":{"name":"New"}}}`, failure: badMode},
	{name: "no URL", body: `{"botToken":"t","fields":{"code":"main","eventMode":"webhook","properties":{"name":"New"}}}`, failure: failed{400, "BOT_WEBHOOK_URL_REQUIRED", "Webhook URL is required"}},
	{name: "URL without a dot", body: `{"botToken":"t","fields":{"code":"main","eventMode":"webhook","webhookUrl":"https://localhost/","properties":{"name":"New"}}}`, failure: badCallback},
	{name: "URL of another scheme", body: `{"botToken":"t","fields":{"code":"main","eventMode":"webhook","webhookUrl":"ftp://bot.example/","properties":{"name":"New"}}}`, failure: badCallback},
	{name: "code of another token", body: `{"botToken":"t","fields":{"code":"main","type":"unknown","properties":{"name":"New"}}}`, failure: codeTaken},
	{name: "code of an application", body: `{"botToken":"my","fields":{"code":"app","properties":{"name":"New"}}}`, failure: codeTaken},
	{name: "type", body: `{"botToken":"t","fields":{"code":"new","type":"unknown","properties":{"name":"New","avatar":"AAAA"}}}`, failure: failed{400, "BOT_INVALID_TYPE", "Invalid bot type"}},
	{name: "avatar", body: `{"botToken":"t","fields":{"code":"new","properties":{"name":"New","avatar":"AAAA"}}}`, failure: botAvatar},
	{name: "avatar too wide", body: `{"botToken":"t","fields":{"code":"new","properties":{"name":"New","avatar":"` + wide + `"}}}`, failure: botAvatarBig},
}

var botGetRows = []methodRow{
	{name: "own", body: `{"botToken":"my","botId":39}`, part: `{"bot":{"id":39,"code":"main","moduleId":"rest"},"users":[{"id":39,"name":"Main bot"}]}`},
	{name: "by its code", body: `{"botToken":"my","code":"second"}`, part: `{"bot":{"id":41,"isSupportOpenline":true}}`},
	{name: "another's", body: `{"botToken":"my","code":"app"}`, part: `{"bot":{"id":50,"code":"app","type":"bot","isHidden":false,"language":"en"}}`},
	{name: "no token", body: `{"botId":39}`, failure: v2NoToken},
	{name: "unknown", body: `{"botToken":"my","botId":999,"code":"main"}`, failure: v2Bot},
	{name: "unknown code", body: `{"botToken":"my","code":"MAIN"}`, failure: v2Bot},
	{name: "neither", body: `{"botToken":"my","botId":0}`, failure: failed{400, "PARAMS_REQUIRED", "Required parameters are missing"}},
}

var botListRows = []methodRow{
	{name: "all", body: `{"botToken":"my"}`, part: `{"bots":[{"id":39},{"id":41}],"users":[{"id":39},{"id":41}],"hasNextPage":false}`},
	{name: "a full page", body: `{"botToken":"my","limit":"2"}`, part: `{"bots":[{"id":39},{"id":41}],"hasNextPage":true}`},
	{name: "the last page", body: `{"botToken":"my","limit":2,"offset":2}`, part: `{"bots":[],"users":[],"hasNextPage":false}`},
	{name: "of a type", body: `{"botToken":"my","filter":{"type":"personal"}}`, part: `{"bots":[]}`},
	{name: "of an unknown type", body: `{"botToken":"my","filter":{"type":"x"}}`, part: `{"bots":[{"id":39},{"id":41}]}`},
	{name: "no token", body: `{}`, failure: v2NoToken},
	{name: "limit", body: `{"botToken":"my","limit":""}`, failure: wrongValue("limit")},
	{name: "offset null", body: `{"botToken":"my","offset":null}`, failure: wrongValue("offset")},
	{name: "filter", body: `{"botToken":"my","filter":"bot"}`, failure: wrongValue("filter")},
}

var botUpdateRows = []methodRow{
	{
		name: "profile", body: as + `"fields":{"properties":{"lastName":"Bot","color":"none"},"isHidden":true,"backgroundId":""}}`,
		part: `{"bot":{"isHidden":true,"isReactionsEnabled":true},"users":[{"name":"Main bot Bot","gender":"","workPosition":"Chat bot"}]}`,
	},
	{name: "mode", body: as + `"fields":{"eventMode":"fetch","webhookUrl":"https://bot.example/"}}`, part: `{"bot":{"eventMode":"fetch"}}`},
	{name: "nothing", body: as + `"fields":{"type":"x","code":"x"}}`, part: `{"bot":{"id":39,"code":"main","type":"bot"}}`},
	{
		name: "new token", body: `{"botId":41,"botToken":"second","fields":{"botToken":" new "}}`, part: `{"bot":{"id":41}}`,
		prepare: func(portal *imbottest.Portal) {
			portal.AddBot(imbottest.Bot{ID: 41, Code: "second", ClientID: "second"})
		},
		check: func(t *testing.T, portal *imbottest.Portal) {
			t.Helper()
			old := send(t, portal, post("imbot.v2.Bot.unregister", `{"botId":41,"botToken":"second"}`))
			assertError(t, v2Foreign.status, "BOT_OWNERSHIP_ERROR", errorText(t, old), old)
			assertResult(t, `{"result":true}`, send(t, portal, post("imbot.v2.Bot.unregister", `{"botId":41,"botToken":"new"}`)))
		},
	},
	{name: "no fields", body: `{"botId":39,"botToken":"my"}`, failure: noValue("fields")},
	{name: "avatar before the mode", body: as + `"fields":{"eventMode":"x","properties":{"avatar":"AAAA"}}}`, failure: botAvatar},
	{name: "avatar too wide", body: as + `"fields":{"properties":{"avatar":"` + wide + `"}}}`, failure: botAvatarBig},
	{name: "event mode", body: as + `"fields":{"eventMode":"x","webhookUrl":"x"}}`, failure: badMode},
	{name: "token too long", body: as + `"fields":{"botToken":"` + strings.Repeat("a", 41) + `"}}`, failure: failed{400, "BOT_TOKEN_INVALID_LENGTH", "Bot token is too long"}},
	{name: "token of a sibling", body: as + `"fields":{"botToken":"my"}}`, failure: noRotation},
	{name: "URL", body: as + `"fields":{"webhookUrl":"bot.example"}}`, failure: badCallback},
}

var unregisterRows = []methodRow{
	{name: "done", body: `{"botId":39,"botToken":"my"}`, result: `{"result":true}`, check: func(t *testing.T, portal *imbottest.Portal) {
		t.Helper()
		assert.False(t, portal.Has(imbottest.ChatGroup, imbottest.BotMain))
		again := send(t, portal, post("imbot.v2.Bot.unregister", `{"botId":39,"botToken":"my"}`))
		assertError(t, 400, "BOT_NOT_FOUND", "Bot not found", again)
	}},
}

// TestV2Bot_application holds whose a bot is that an OAuth application registers.
func TestV2Bot_application(t *testing.T) {
	t.Parallel()
	portal := imbottest.NewPortal(t)
	call := func(method, body string) answer {
		return send(t, portal, request{path: "/rest/imbot.v2." + method + "?auth=tok-ok", body: body})
	}
	assertPart(t, `{"bot":{"id":456}}`, call("Bot.register", `{"fields":{"code":"one","botToken":"t","properties":{"name":"One"}}}`))
	assertPart(t, `{"bots":[{"id":50},{"id":456}]}`, call("Bot.list", `{"botToken":"t"}`))
	portal.AddBot(imbottest.Bot{ID: 70, Code: "other", App: "app.2"})
	taken := call("Bot.register", `{"fields":{"code":"other","properties":{"name":"One"}}}`)
	assertError(t, 400, "BOT_CODE_ALREADY_TAKEN", codeTaken.description, taken)
	assertPart(t, `{"bot":{"id":457}}`, call("Bot.register", `{"botToken":"t","fields":{"code":"two","properties":{"name":"Two"}}}`))
	lost := call("Bot.unregister", `{"botId":457,"botToken":"t"}`)
	assertError(t, 400, "BOT_OWNERSHIP_ERROR", v2Foreign.description, lost)
	assertError(t, 400, "BOT_TOKEN_ROTATION_FAILED", noRotation.description, call("Bot.update", `{"botId":456,"fields":{"botToken":"u"}}`))
	assertResult(t, `{"result":true}`, send(t, portal, post("imbot.v2.Bot.unregister", `{"botId":457,"botToken":"t"}`)))
	assertPart(t, `{"bot":{"id":458}}`, send(t, portal, post("imbot.v2.Bot.register", `{"botToken":"t","fields":{"code":"two","properties":{"name":"Two"}}}`)))
}

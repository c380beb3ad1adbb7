package acceptance_test

import (
	"context"
	"strings"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/content"
)

// refused returns a refusal with this status, by the file that has it, for each code that has no other meaning.
func refused(status int, codes ...imbot.Code) map[string]refusal {
	rows := map[string]refusal{}
	for _, code := range codes {
		rows[strings.ToLower(string(code))+".json"] = refusal{status, []error{code}}
	}
	return rows
}

// with adds rows to those of a table.
func with(rows map[string]refusal, more ...map[string]refusal) map[string]refusal {
	for _, table := range more {
		for file, row := range table {
			rows[file] = row
		}
	}
	return rows
}

// noURL has the refusals of addresses that are none, by the names of the parameters.
func noURL(params ...string) map[string]refusal {
	rows := map[string]refusal{}
	for _, param := range params {
		rows[strings.ToLower(param)+"_error_url.json"] = refusal{400, []error{imbot.Code(param + "_ERROR")}}
	}
	return rows
}

var (
	wrongAuth = map[string]refusal{"wrong_auth_type.json": {403, []error{imbot.ErrWrongAuthType}}}
	noChange  = map[string]refusal{"wrong_request_fields.json": wrongOne}
	ofCommand = map[string]refusal{
		"command_id_error.json":        {400, []error{imbot.ErrCommandID}},
		"app_id_error.json":            {400, []error{imbot.ErrAppID}},
		"access_denied_client_id.json": {403, []error{imbot.ErrClientIDMissing, imbot.ErrAccessDenied}},
	}
)

// familyOfBots has the methods that make, change and delete a bot.
var familyOfBots = map[string]familyRow{
	"imbot.register": {
		call: func(ctx context.Context, c *imbot.Client, clientID string) (any, error) {
			return resultOf(c.Bot.Register(ctx, imbot.BotRegisterRequest{
				Code: "newbot", Type: imbot.BotTypeBot, EventHandler: "https://bot.example/bot/events", OpenLine: new(imbot.No),
				Properties: imbot.BotProperties{Name: "NewBot", WorkPosition: "Support bot"}, ClientID: clientID,
			}))
		},
		repeatable: true,
		want:       imbot.BotID(39),
		noBot:      true,
		refusals: with(
			refused(400, "EVENT_MESSAGE_ADD_ERROR", "EVENT_WELCOME_MESSAGE_ERROR", "EVENT_BOT_DELETE_ERROR", "CODE_ERROR", "NAME_ERROR", "MAX_COUNT_ERROR", imbot.ErrWrongRequest),
			noURL("EVENT_MESSAGE_ADD", "EVENT_MESSAGE_UPDATE", "EVENT_MESSAGE_DELETE", "EVENT_WELCOME_MESSAGE", "EVENT_BOT_DELETE"),
			wrongAuth, map[string]refusal{"access_denied_client_id.json": botRefusals["access_denied_client_id.json"]},
		),
	},
	"imbot.update": {
		call: func(ctx context.Context, c *imbot.Client, clientID string) (any, error) {
			return resultOf(c.Bot.Update(ctx, imbot.BotUpdateRequest{BotID: 39, Fields: imbot.BotUpdateFields{
				Code: "newbot_v2", EventHandler: "https://bot.example/bot/events",
				Properties: &imbot.BotProperties{Name: "UpdatedBot", WorkPosition: "Updated description"},
			}, ClientID: clientID}))
		},
		want: true,
		refusals: with(
			refused(400, "NAME_ERROR", imbot.ErrWrongRequest), wrongAuth, noChange,
			noURL("EVENT_MESSAGE_ADD", "EVENT_MESSAGE_UPDATE", "EVENT_MESSAGE_DELETE", "EVENT_WELCOME_MESSAGE", "EVENT_BOT_DELETE"),
		),
	},
	"imbot.unregister": {
		call: func(ctx context.Context, c *imbot.Client, clientID string) (any, error) {
			return resultOf(c.Bot.Unregister(ctx, imbot.BotUnregisterRequest{BotID: 39, ClientID: clientID}))
		},
		want:     true,
		refusals: with(refused(400, imbot.ErrWrongRequest), wrongAuth),
	},
}

// familyOfMessages has the methods of messages.
var familyOfMessages = map[string]familyRow{
	"imbot.message.add": {
		call: func(ctx context.Context, c *imbot.Client, clientID string) (any, error) {
			return resultOf(c.Message.Add(ctx, imbot.MessageAddRequest{
				BotID: 39, DialogID: "chat123", Message: "Text", System: new(imbot.No), URLPreview: new(imbot.Yes), ClientID: clientID,
			}))
		},
		want: imbot.MessageID(19880117),
		refusals: refused(400, imbot.ErrDialogIDEmpty, imbot.ErrMessageEmpty, "ATTACH_ERROR", "ATTACH_OVERSIZE", "KEYBOARD_ERROR",
			"KEYBOARD_OVERSIZE", "PARAM_KEYBOARD_ERROR", "MENU_ERROR", "MENU_OVERSIZE", imbot.ErrWrongRequest),
	},
	"imbot.message.update": {
		call: func(ctx context.Context, c *imbot.Client, clientID string) (any, error) {
			return resultOf(c.Message.Update(ctx, imbot.MessageUpdateRequest{
				BotID: 39, MessageID: 19880117, Message: "Updated text", URLPreview: new(imbot.Yes), ClientID: clientID,
			}))
		},
		want: true,
		refusals: with(
			refused(400, imbot.ErrMessageID, "ATTACH_ERROR", "ATTACH_OVERSIZE", "KEYBOARD_ERROR", "KEYBOARD_OVERSIZE", "MENU_ERROR", "MENU_OVERSIZE"),
			refused(403, imbot.ErrCantEditMessage),
		),
	},
	"imbot.message.delete": {
		call: func(ctx context.Context, c *imbot.Client, clientID string) (any, error) {
			return resultOf(c.Message.Delete(ctx, imbot.MessageDeleteRequest{BotID: 39, MessageID: 19880117, Complete: new(imbot.No), ClientID: clientID}))
		},
		want:     true,
		refusals: with(refused(400, imbot.ErrMessageID), refused(403, imbot.ErrCantEditMessage)),
	},
	"imbot.message.like": {
		call: func(ctx context.Context, c *imbot.Client, clientID string) (any, error) {
			return resultOf(c.Message.Like(ctx, imbot.MessageLikeRequest{BotID: 39, MessageID: 19880117, Action: imbot.LikeToggle, ClientID: clientID}))
		},
		want:     true,
		refusals: refused(400, imbot.ErrMessageID, imbot.ErrWithoutChanges),
	},
}

// echo is a command of the documentation.
func echo(word string) []imbot.CommandLang {
	return []imbot.CommandLang{
		{LanguageID: "ru", Title: word + " (ru)", Params: "text (ru)"},
		{LanguageID: "en", Title: word, Params: "text"},
	}
}

// familyOfCommands has the methods of commands.
var familyOfCommands = map[string]familyRow{
	"imbot.command.register": {
		call: func(ctx context.Context, c *imbot.Client, clientID string) (any, error) {
			return resultOf(c.Command.Register(ctx, imbot.CommandRegisterRequest{
				BotID: 1291, Command: "echo", EventCommandAdd: "https://bot.example/bot/command.php", Lang: echo("Echo"),
				Common: new(imbot.Yes), Hidden: new(imbot.No), ExtranetSupport: new(imbot.No), ClientID: clientID,
			}))
		},
		repeatable: true,
		want:       imbot.CommandID(99),
		refusals: with(
			refused(400, "EVENT_COMMAND_ADD_ERROR", "COMMAND_ERROR", "LANG_ERROR", imbot.ErrWrongRequest), noURL("EVENT_COMMAND_ADD"),
		),
	},
	"imbot.command.update": {
		call: func(ctx context.Context, c *imbot.Client, clientID string) (any, error) {
			return resultOf(c.Command.Update(ctx, imbot.CommandUpdateRequest{CommandID: 99, Fields: imbot.CommandUpdateFields{
				Command: "echo2", EventCommandAdd: "https://bot.example/bot/command.php", Hidden: new(imbot.No),
				ExtranetSupport: new(imbot.Yes), Lang: echo("Echo 2"),
			}, ClientID: clientID}))
		},
		want:     true,
		noBot:    true,
		refusals: with(refused(400, imbot.ErrWrongRequest, "FETCH_NOT_SUPPORTED"), noURL("EVENT_COMMAND_ADD"), noChange, ofCommand),
	},
	"imbot.command.unregister": {
		call: func(ctx context.Context, c *imbot.Client, clientID string) (any, error) {
			return resultOf(c.Command.Unregister(ctx, imbot.CommandUnregisterRequest{CommandID: 99, ClientID: clientID}))
		},
		want:     true,
		noBot:    true,
		refusals: with(refused(400, imbot.ErrWrongRequest), ofCommand),
	},
	"imbot.command.answer": {
		call: func(ctx context.Context, c *imbot.Client, clientID string) (any, error) {
			return resultOf(c.Command.Answer(ctx, imbot.CommandAnswerRequest{
				CommandID: 99, MessageID: 33871, Message: "Accepted.", System: new(imbot.No), URLPreview: new(imbot.Yes),
				Attach: content.NewAttach(
					content.MessageBlock("Details"), content.DelimiterBlock(), content.LinkBlock("Open", "https://site.example/"),
				),
				Keyboard: content.NewKeyboard(content.Row(content.CommandButton("Repeat", "echo repeat", ""))),
				Menu:     content.NewMenu(content.LinkItem("Site", "https://site.example/")), ClientID: clientID,
			}))
		},
		want:  imbot.CommandAnswerResult{MessageID: 33879},
		noBot: true,
		refusals: with(
			refused(400, "MESSAGE_ID_EMPTY", imbot.ErrMessageEmpty, "ATTACH_ERROR", "ATTACH_OVERSIZE", "KEYBOARD_ERROR", "KEYBOARD_OVERSIZE", "MENU_ERROR", imbot.ErrWrongRequest),
			ofCommand,
		),
	},
}

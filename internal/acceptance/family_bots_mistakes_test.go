package acceptance_test

import (
	"context"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/content"
	"github.com/seed-a6e4e5a4/imbot/imbottest"
	"github.com/seed-a6e4e5a4/imbot/internal/clienttest"
)

const handlerURL = "https://bot.example/events"

// changed returns a request that is right, with a mistake in it.
func changed[Req any](right Req, mistake func(*Req)) Req {
	mistake(&right)
	return right
}

// mistake is a request that is refused before it is sent. The error matches want, or no sentinel where that is nil.
type mistake struct {
	name  string
	call  func(ctx context.Context, c *imbot.Client) (any, error)
	param string
	want  error
}

func registering(name string, change func(*imbot.BotRegisterRequest), param string, want error) mistake {
	right := imbot.BotRegisterRequest{Code: "x", EventHandler: handlerURL, Properties: imbot.BotProperties{Name: "x"}}
	return mistake{"register: " + name, func(ctx context.Context, c *imbot.Client) (any, error) {
		return resultOf(c.Bot.Register(ctx, changed(right, change)))
	}, param, want}
}

func updating(name string, change func(*imbot.BotUpdateRequest), param string, want error) mistake {
	right := imbot.BotUpdateRequest{BotID: 39, Fields: imbot.BotUpdateFields{Code: "x"}}
	return mistake{"update: " + name, func(ctx context.Context, c *imbot.Client) (any, error) {
		return resultOf(c.Bot.Update(ctx, changed(right, change)))
	}, param, want}
}

func adding(name string, change func(*imbot.MessageAddRequest), param string, want error) mistake {
	right := imbot.MessageAddRequest{DialogID: "chat13", Message: "x"}
	return mistake{"message add: " + name, func(ctx context.Context, c *imbot.Client) (any, error) {
		return resultOf(c.Message.Add(ctx, changed(right, change)))
	}, param, want}
}

func editing(name string, change func(*imbot.MessageUpdateRequest), param string, want error) mistake {
	right := imbot.MessageUpdateRequest{MessageID: 7, Message: "x"}
	return mistake{"message update: " + name, func(ctx context.Context, c *imbot.Client) (any, error) {
		return resultOf(c.Message.Update(ctx, changed(right, change)))
	}, param, want}
}

func commanding(name string, change func(*imbot.CommandRegisterRequest), param string, want error) mistake {
	right := imbot.CommandRegisterRequest{BotID: 39, Command: "echo", EventCommandAdd: handlerURL, Lang: echo("Echo")}
	return mistake{"command register: " + name, func(ctx context.Context, c *imbot.Client) (any, error) {
		return resultOf(c.Command.Register(ctx, changed(right, change)))
	}, param, want}
}

func changing(name string, change func(*imbot.CommandUpdateRequest), param string, want error) mistake {
	right := imbot.CommandUpdateRequest{CommandID: 3, Fields: imbot.CommandUpdateFields{Hidden: new(imbot.Yes)}}
	return mistake{"command update: " + name, func(ctx context.Context, c *imbot.Client) (any, error) {
		return resultOf(c.Command.Update(ctx, changed(right, change)))
	}, param, want}
}

func answering(name string, change func(*imbot.CommandAnswerRequest), param string, want error) mistake {
	right := imbot.CommandAnswerRequest{CommandID: 3, MessageID: 7, Message: "x"}
	return mistake{"command answer: " + name, func(ctx context.Context, c *imbot.Client) (any, error) {
		return resultOf(c.Command.Answer(ctx, changed(right, change)))
	}, param, want}
}

var (
	tooLong     = strings.Repeat("x", content.MaxTextLength+1)
	tooLarge    = strings.Repeat("x", 60_000)
	bigKeyboard = content.NewKeyboard(content.Row(content.ActionButton("x", content.ActionPut, tooLarge)))
	bigMenu     = content.NewMenu(content.ActionItem("x", content.ActionPut, tooLarge))
	bigAttach   = content.NewAttach(content.MessageBlock(tooLarge))
)

var mistakesOfBots = []mistake{
	registering("code", func(r *imbot.BotRegisterRequest) { r.Code = " " }, "CODE", imbot.ErrBotCodeEmpty),
	registering("type", func(r *imbot.BotRegisterRequest) { r.Type = "b" }, "TYPE", nil),
	registering("no name", func(r *imbot.BotRegisterRequest) { r.Properties.Name = "" }, "PROPERTIES[NAME]", imbot.ErrBotNameEmpty),
	registering("color", func(r *imbot.BotRegisterRequest) { r.Properties.Color = "red" }, "PROPERTIES[COLOR]", imbot.ErrWrongColor),
	registering("picture", func(r *imbot.BotRegisterRequest) { r.Properties.Photo = imbot.Image("x") }, "PROPERTIES[PERSONAL_PHOTO]", imbot.ErrAvatar),
	registering("birthday", func(r *imbot.BotRegisterRequest) { r.Properties.Birthday = "1.2.2006" }, "PROPERTIES[PERSONAL_BIRTHDAY]", nil),
	registering("gender", func(r *imbot.BotRegisterRequest) { r.Properties.Gender = "X" }, "PROPERTIES[PERSONAL_GENDER]", nil),
	registering("no address", func(r *imbot.BotRegisterRequest) { r.EventHandler = "" }, "EVENT_MESSAGE_ADD", imbot.ErrEventMessageAdd),
	registering("no address for joining", func(r *imbot.BotRegisterRequest) {
		r.EventHandler, r.EventMessageAdd, r.EventBotDelete = "", handlerURL, handlerURL
	}, "EVENT_WELCOME_MESSAGE", imbot.ErrEventWelcomeMessage),
	registering("no address for deletion", func(r *imbot.BotRegisterRequest) {
		r.EventHandler, r.EventMessageAdd, r.EventWelcomeMessage = "", handlerURL, handlerURL
	}, "EVENT_BOT_DELETE", imbot.ErrEventBotDelete),
	registering("address", func(r *imbot.BotRegisterRequest) { r.EventHandler = "bot.example" }, "EVENT_HANDLER", imbot.ErrEventMessageAdd),
	registering("address without a host", func(r *imbot.BotRegisterRequest) { r.EventHandler = "https:///x" }, "EVENT_HANDLER", imbot.ErrEventMessageAdd),
	registering("address with a fragment", func(r *imbot.BotRegisterRequest) { r.EventHandler = handlerURL + "#x" }, "EVENT_HANDLER", imbot.ErrEventMessageAdd),
	registering("address besides", func(r *imbot.BotRegisterRequest) { r.EventMessageDelete = handlerURL }, "EVENT_MESSAGE_DELETE", nil),
	registering("address of one event", func(r *imbot.BotRegisterRequest) {
		r.EventHandler, r.EventMessageAdd, r.EventWelcomeMessage, r.EventBotDelete = "", handlerURL, handlerURL, handlerURL
		r.EventMessageUpdate = "ftp://bot.example"
	}, "EVENT_MESSAGE_UPDATE", imbot.ErrEventMessageUpdate),

	updating("bot", func(r *imbot.BotUpdateRequest) { r.BotID = 0 }, "BOT_ID", imbot.ErrBotID),
	updating("nothing", func(r *imbot.BotUpdateRequest) { r.Fields.Code = "" }, "FIELDS", imbot.ErrWrongRequest),
	updating("no properties", func(r *imbot.BotUpdateRequest) { r.Fields.Properties = new(imbot.BotProperties) }, "FIELDS[PROPERTIES]", imbot.ErrWrongRequest),
	updating("color", func(r *imbot.BotUpdateRequest) { r.Fields.Properties = &imbot.BotProperties{Color: "x"} }, "FIELDS[PROPERTIES][COLOR]", imbot.ErrWrongColor),
	updating("address", func(r *imbot.BotUpdateRequest) { r.Fields.EventBotDelete = "x" }, "FIELDS[EVENT_BOT_DELETE]", imbot.ErrEventBotDelete),
	updating("address for all", func(r *imbot.BotUpdateRequest) { r.Fields.EventHandler = "x" }, "FIELDS[EVENT_HANDLER]", imbot.ErrEventMessageAdd),
	{"unregister: bot", func(ctx context.Context, c *imbot.Client) (any, error) {
		return resultOf(c.Bot.Unregister(ctx, imbot.BotUnregisterRequest{}))
	}, "BOT_ID", imbot.ErrBotID},
}

var mistakesOfMessages = []mistake{
	adding("bot", func(r *imbot.MessageAddRequest) { r.BotID = -1 }, "BOT_ID", imbot.ErrBotID),
	adding("dialog", func(r *imbot.MessageAddRequest) { r.DialogID = "" }, "DIALOG_ID", imbot.ErrDialogIDEmpty),
	adding("one user", func(r *imbot.MessageAddRequest) { r.DialogID, r.FromUserID = "", 7 }, "FROM_USER_ID", imbot.ErrUserIDEmpty),
	adding("negative user", func(r *imbot.MessageAddRequest) { r.DialogID, r.FromUserID, r.ToUserID = "", 7, -8 }, "FROM_USER_ID", imbot.ErrUserIDEmpty),
	adding("users and a dialog", func(r *imbot.MessageAddRequest) { r.FromUserID, r.ToUserID = 7, 8 }, "DIALOG_ID", nil),
	adding("no text", func(r *imbot.MessageAddRequest) {
		r.Message, r.Attach = " \n", content.NewAttach(content.MessageBlock("x"))
	}, "MESSAGE", imbot.ErrMessageEmpty),
	adding("text", func(r *imbot.MessageAddRequest) { r.Message = tooLong }, "MESSAGE", nil),
	adding("attachment", func(r *imbot.MessageAddRequest) { r.Attach = bigAttach }, "ATTACH", nil),
	adding("no attachment", func(r *imbot.MessageAddRequest) { r.Attach = new(content.Attach) }, "ATTACH", nil),
	adding("keyboard", func(r *imbot.MessageAddRequest) { r.Keyboard = bigKeyboard }, "KEYBOARD", nil),
	adding("no keyboard", func(r *imbot.MessageAddRequest) { r.Keyboard = new(content.Keyboard) }, "KEYBOARD", nil),
	adding("menu", func(r *imbot.MessageAddRequest) { r.Menu = bigMenu }, "MENU", nil),
	adding("no menu", func(r *imbot.MessageAddRequest) { r.Menu = new(content.Menu) }, "MENU", nil),

	editing("bot", func(r *imbot.MessageUpdateRequest) { r.BotID = -1 }, "BOT_ID", imbot.ErrBotID),
	editing("message", func(r *imbot.MessageUpdateRequest) { r.MessageID = 0 }, "MESSAGE_ID", imbot.ErrMessageID),
	editing("nothing", func(r *imbot.MessageUpdateRequest) { r.Message, r.URLPreview = "", new(imbot.No) }, "MESSAGE", imbot.ErrMessageEmpty),
	editing("blank text", func(r *imbot.MessageUpdateRequest) { r.Message = " \t" }, "MESSAGE", imbot.ErrMessageEmpty),
	editing("text", func(r *imbot.MessageUpdateRequest) { r.Message = tooLong }, "MESSAGE", nil),
	editing("attachment", func(r *imbot.MessageUpdateRequest) { r.Attach = bigAttach }, "ATTACH", nil),
	editing("keyboard", func(r *imbot.MessageUpdateRequest) { r.Keyboard = bigKeyboard }, "KEYBOARD", nil),
	editing("menu", func(r *imbot.MessageUpdateRequest) { r.Menu = bigMenu }, "MENU", nil),

	{"message delete: message", func(ctx context.Context, c *imbot.Client) (any, error) {
		return resultOf(c.Message.Delete(ctx, imbot.MessageDeleteRequest{MessageID: -7}))
	}, "MESSAGE_ID", imbot.ErrMessageID},
	{"message delete: bot", func(ctx context.Context, c *imbot.Client) (any, error) {
		return resultOf(c.Message.Delete(ctx, imbot.MessageDeleteRequest{MessageID: 7, BotID: -1}))
	}, "BOT_ID", imbot.ErrBotID},
	{"message like: message", func(ctx context.Context, c *imbot.Client) (any, error) {
		return resultOf(c.Message.Like(ctx, imbot.MessageLikeRequest{}))
	}, "MESSAGE_ID", imbot.ErrMessageID},
	{"message like: bot", func(ctx context.Context, c *imbot.Client) (any, error) {
		return resultOf(c.Message.Like(ctx, imbot.MessageLikeRequest{MessageID: 7, BotID: -1}))
	}, "BOT_ID", imbot.ErrBotID},
	{"message like: action", func(ctx context.Context, c *imbot.Client) (any, error) {
		return resultOf(c.Message.Like(ctx, imbot.MessageLikeRequest{MessageID: 7, Action: "like"}))
	}, "ACTION", nil},
}

var mistakesOfCommands = []mistake{
	commanding("bot", func(r *imbot.CommandRegisterRequest) { r.BotID = 0 }, "BOT_ID", imbot.ErrBotID),
	commanding("no address", func(r *imbot.CommandRegisterRequest) { r.EventCommandAdd = "" }, "EVENT_COMMAND_ADD", imbot.ErrEventCommandAdd),
	commanding("address", func(r *imbot.CommandRegisterRequest) { r.EventCommandAdd = "/x" }, "EVENT_COMMAND_ADD", imbot.ErrEventCommandAdd),
	commanding("no word", func(r *imbot.CommandRegisterRequest) { r.Command = "/" }, "COMMAND", imbot.ErrCommandEmpty),
	commanding("word", func(r *imbot.CommandRegisterRequest) { r.Command = "a b" }, "COMMAND", imbot.ErrCommandEmpty),
	commanding("no text", func(r *imbot.CommandRegisterRequest) { r.Lang = nil }, "LANG", imbot.ErrLang),
	commanding("no title", func(r *imbot.CommandRegisterRequest) { r.Lang = []imbot.CommandLang{{LanguageID: "en"}} }, "LANG", imbot.ErrLang),
	commanding("no language", func(r *imbot.CommandRegisterRequest) { r.Lang = []imbot.CommandLang{{Title: "x"}} }, "LANG", imbot.ErrLang),

	changing("command", func(r *imbot.CommandUpdateRequest) { r.CommandID = 0 }, "COMMAND_ID", imbot.ErrCommandID),
	changing("nothing", func(r *imbot.CommandUpdateRequest) { r.Fields.Hidden = nil }, "FIELDS", imbot.ErrWrongRequest),
	changing("address", func(r *imbot.CommandUpdateRequest) { r.Fields.EventCommandAdd = "x" }, "FIELDS[EVENT_COMMAND_ADD]", imbot.ErrEventCommandAdd),
	changing("word", func(r *imbot.CommandUpdateRequest) { r.Fields.Command = "a\n" }, "FIELDS[COMMAND]", imbot.ErrCommandEmpty),
	changing("texts", func(r *imbot.CommandUpdateRequest) { r.Fields.Lang = []imbot.CommandLang{} }, "FIELDS[LANG]", imbot.ErrLang),
	{"command unregister: command", func(ctx context.Context, c *imbot.Client) (any, error) {
		return resultOf(c.Command.Unregister(ctx, imbot.CommandUnregisterRequest{}))
	}, "COMMAND_ID", imbot.ErrCommandID},

	answering("no command", func(r *imbot.CommandAnswerRequest) { r.CommandID = 0 }, "COMMAND_ID", imbot.ErrCommandID),
	answering("command", func(r *imbot.CommandAnswerRequest) { r.CommandID = -3 }, "COMMAND_ID", imbot.ErrCommandID),
	answering("message", func(r *imbot.CommandAnswerRequest) { r.MessageID = 0 }, "MESSAGE_ID", imbot.ErrMessageIDEmpty),
	answering("no text", func(r *imbot.CommandAnswerRequest) { r.Message = "" }, "MESSAGE", imbot.ErrMessageEmpty),
	answering("text", func(r *imbot.CommandAnswerRequest) { r.Message = tooLong }, "MESSAGE", nil),
	answering("attachment", func(r *imbot.CommandAnswerRequest) { r.Attach = bigAttach }, "ATTACH", nil),
	answering("keyboard", func(r *imbot.CommandAnswerRequest) { r.Keyboard = bigKeyboard }, "KEYBOARD", nil),
	answering("menu", func(r *imbot.CommandAnswerRequest) { r.Menu = bigMenu }, "MENU", nil),
	answering("bot", func(r *imbot.CommandAnswerRequest) { r.BotID = -1 }, "BOT_ID", imbot.ErrBotID),
	answering("menu without a bot", func(r *imbot.CommandAnswerRequest) { r.Menu = content.NewMenu(content.CommandItem("x", "y", "")) }, "BOT_ID", nil),
}

func TestFamily_findsMistakesOfBotsBeforeSending(t *testing.T) {
	t.Parallel()
	for _, mistakes := range [][]mistake{mistakesOfBots, mistakesOfMessages, mistakesOfCommands} {
		for _, tt := range mistakes {
			t.Run(tt.name, func(t *testing.T) {
				t.Parallel()
				portal := imbottest.NewPortal(t)

				_, err := tt.call(t.Context(), portal.Client())

				var paramErr *imbot.ParamError
				require.ErrorAs(t, err, &paramErr)
				assert.NotEmpty(t, paramErr.Method)
				assert.Equal(t, tt.param, paramErr.Param)
				if tt.want == nil {
					clienttest.MatchesOnly(t, err)
					assert.NotErrorAs(t, err, new(imbot.Code))
				} else {
					clienttest.MatchesOnly(t, err, tt.want)
				}
				assert.Empty(t, portal.Calls())
			})
		}
	}
}

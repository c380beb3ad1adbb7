package imbotv2

import (
	"cmp"
	"context"
	"errors"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/content"
)

// CommandAnswerRequest is an answer to a command that somebody gave.
type CommandAnswerRequest struct {
	BotID     imbot.BotID         `json:"botId"`     // the bot that answers; zero: that of [Client.As]
	CommandID CommandID           `json:"commandId"` // the command, as the event has it; required, or [ErrCommandNotFound]
	MessageID imbot.MessageID     `json:"messageId"` // the message with the command, likewise; required, or [ErrCommandAnswerFailed]
	DialogID  imbot.DialogID      `json:"dialogId"`  // where it was given; required, or [imbot.ErrDialogIDEmpty]. The portal goes by the message
	Fields    CommandAnswerFields `json:"fields"`    // the answer; required, or [ErrEmptyMessage]
}

// CommandAnswerFields is the answer of a [CommandAnswerRequest]: a Message or an Attach, or both.
type CommandAnswerFields struct {
	Message    string            `json:"message,omitempty"`    // with BB codes, at most 20,000 characters; see [content.Escape] for what others wrote
	Attach     *content.Attach   `json:"attach,omitempty"`     // below the text
	Keyboard   *content.Keyboard `json:"keyboard,omitempty"`   // buttons below that; one with commands has to name the bot
	System     *bool             `json:"system,omitempty"`     // as a message of the portal, which the bot can never change; nil: as one of the bot
	URLPreview *bool             `json:"urlPreview,omitempty"` // shows a card for a link; nil: it does
}

// CommandAnswerResponse is the answer to [CommandService.Answer]; its Result is always true.
type CommandAnswerResponse = imbot.Response[Result]

// MethodCommandAnswer is the method of [CommandService.Answer].
var MethodCommandAnswer = imbot.Method[CommandAnswerRequest, Result]{
	Name: "imbot.v2.Command.answer", Validate: validateCommandAnswer, Refusals: refusedBot(), Check: imbot.MustBeTrue[Result],
}

// Answer answers a command in the chat where it was given, also where the bot is not in that chat. A nil error does not
// mean that the answer is there: ten minutes after the last command in the chat the portal confirms, and sends nothing.
// To be certain, use [MessageService.Send] where the bot is in the chat. The answer may be there after the answer of
// the portal was lost, and is not sent again.
//
// It is refused where the bot has no such command ([ErrCommandNotFound]), where the message is not known
// ([ErrCommandAnswerFailed]), and where the text is empty ([ErrEmptyMessage]). The portal's older layers may put a code
// of their own in place of [ErrCommandAnswerFailed].
//
// Scope: imbot.
//
// Bitrix24 docs: https://apidocs.bitrix24.com/api-reference/chat-bots/chat-bots-v2/imbot.v2/commands/command-answer.html
func (s *CommandService) Answer(ctx context.Context, req CommandAnswerRequest) (*CommandAnswerResponse, error) {
	req.BotID = cmp.Or(req.BotID, s.bot.id)
	req.Fields.Keyboard = keyboardOf(req.BotID, req.Fields.Keyboard)
	return imbot.Call(ctx, s.bot.client, MethodCommandAnswer, req)
}

// keyboardOf returns a keyboard that names its bot, as every method but that of sending a message needs.
func keyboardOf(bot imbot.BotID, keyboard *content.Keyboard) *content.Keyboard {
	if keyboard == nil || keyboard.BotID != 0 {
		return keyboard
	}
	named := *keyboard
	named.BotID = int64(bot)
	return &named
}

var errNoOwner = errors.New("names no bot, and the portal would drop its buttons with commands")

func validateCommandAnswer(r CommandAnswerRequest) error {
	f := r.Fields
	problems := []*imbot.ParamError{
		requireBot(r.BotID), requireID("commandId", r.CommandID, ErrCommandNotFound),
		requireID("messageId", r.MessageID, ErrCommandAnswerFailed), requireDialog(r.DialogID),
		allowText("fields.message", f.Message), allowAttach(f.Attach), allowKeyboard(f.Keyboard), requireOwner(f.Keyboard),
	}
	if f.Message == "" && f.Attach == nil {
		problems = append(problems, requireText("fields.message", "", ErrEmptyMessage))
	}
	return firstProblem(problems...)
}

package imbotv2

import (
	"cmp"
	"context"
	"slices"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/content"
)

// MessageUpdateRequest is a change of a message.
type MessageUpdateRequest struct {
	BotID     imbot.BotID         `json:"botId"`     // the bot that wrote it; zero: that of [Client.As]
	MessageID imbot.MessageID     `json:"messageId"` // the message; required, or [ErrMessageNotFound]
	Fields    MessageUpdateFields `json:"fields"`    // what is changed; required, or [ErrEmptyMessage]
}

// MessageUpdateFields is what a [MessageUpdateRequest] changes. What is not set stays as it is.
type MessageUpdateFields struct {
	Message    string            `json:"message,omitempty"`    // with BB codes, at most 20,000 characters; blanks alone take the text away
	Attach     *content.Attach   `json:"attach,omitempty"`     // instead of the one that is there; one without blocks takes that away
	Keyboard   *content.Keyboard `json:"keyboard,omitempty"`   // instead of the one that is there; one without buttons takes that away
	URLPreview *imbot.YesNo      `json:"urlPreview,omitempty"` // shows a card for a link; portals take it, and change nothing
}

// MessageUpdateResponse is the answer to [MessageService.Update]; its Result is always true.
type MessageUpdateResponse = imbot.Response[Result]

// MethodMessageUpdate is the method of [MessageService.Update].
var MethodMessageUpdate = imbot.Method[MessageUpdateRequest, Result]{
	Name: "imbot.v2.Chat.Message.update", Validate: validateMessageUpdate, Refusals: refusedChat(), Check: imbot.MustBeTrue[Result],
}

// Update changes a message of the bot, however old it is. A message that has nothing left, neither text nor file,
// keyboard or attachment, is deleted by that. The buttons are made those of the bot, as [CommandService.Answer] does.
//
// It is refused where the message is somebody else's, was forwarded, or is out of reach ([ErrMessageAccessDenied]),
// where there is no such message ([ErrMessageNotFound]), where the bot is not in the chat ([imbot.ErrNotInChat]), and
// where the portal does not take a part of it ([ErrParamKeyboard], [ErrParamAttach]).
//
// Scope: imbot.
//
// Bitrix24 docs: https://apidocs.bitrix24.com/api-reference/chat-bots/chat-bots-v2/imbot.v2/messages/chat-message-update.html
func (s *MessageService) Update(ctx context.Context, req MessageUpdateRequest) (*MessageUpdateResponse, error) {
	req.BotID = cmp.Or(req.BotID, s.bot.id)
	req.Fields.Keyboard = keyboardOf(req.BotID, req.Fields.Keyboard)
	return imbot.Call(ctx, s.bot.client, MethodMessageUpdate, req)
}

func validateMessageUpdate(r MessageUpdateRequest) error {
	f := r.Fields
	problems := []*imbot.ParamError{
		requireBot(r.BotID), requireMessage(r.MessageID), paramError("fields.message", content.CheckText(f.Message)),
	}
	if f == (MessageUpdateFields{}) {
		problems = append(problems, requireText("fields", "", ErrEmptyMessage))
	}
	if f.Attach != nil && len(f.Attach.Blocks) > 0 {
		problems = append(problems, allowAttach(f.Attach))
	}
	if f.Keyboard != nil && len(f.Keyboard.Buttons) > 0 {
		problems = append(problems, allowKeyboard(f.Keyboard), requireOwner(f.Keyboard))
	}
	return firstProblem(problems...)
}

// requireMessage returns what is wrong with the id of a message that has to be there.
func requireMessage(id imbot.MessageID) *imbot.ParamError {
	return requireID("messageId", id, ErrMessageNotFound)
}

// requireOwner returns what is wrong with a keyboard that has commands and names no bot.
func requireOwner(keyboard *content.Keyboard) *imbot.ParamError {
	hasCommand := func(b content.Button) bool { return b.Command != "" }
	if keyboard == nil || keyboard.BotID != 0 || !slices.ContainsFunc(keyboard.Buttons, hasCommand) {
		return nil
	}
	return paramError("fields.keyboard", errNoOwner)
}

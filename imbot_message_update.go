package imbot

import (
	"context"
	"fmt"

	"github.com/seed-a6e4e5a4/imbot/content"
)

// MessageUpdateRequest has what to change of a message. What is nil or empty stays as it is.
type MessageUpdateRequest struct {
	BotID         BotID             `json:"BOT_ID,omitempty"`         // the bot that wrote the message; zero: the first bot of the application
	MessageID     MessageID         `json:"MESSAGE_ID"`               // the message; required, or [ErrMessageID]
	Message       string            `json:"MESSAGE,omitempty"`        // the new text, with BB codes, at most 20,000 characters
	Attach        *content.Attach   `json:"ATTACH,omitempty"`         // the new attachment; one without blocks takes it away
	Keyboard      *content.Keyboard `json:"KEYBOARD,omitempty"`       // the new buttons; a keyboard without any takes them away
	Menu          *content.Menu     `json:"MENU,omitempty"`           // the new items; a menu without any takes them away
	URLPreview    *YesNo            `json:"URL_PREVIEW,omitempty"`    // with Message: shows a card for a link; nil: it does
	SkipConnector *YesNo            `json:"SKIP_CONNECTOR,omitempty"` // with Message: keeps the change from the customer of an open line; nil: it is sent there
	ClientID      string            `json:"CLIENT_ID,omitempty"`      // see [WithClientID]
}

// MessageUpdateResponse is the answer to [MessageService.Update]; its Result is always true.
type MessageUpdateResponse = Response[bool]

// MethodMessageUpdate is the method of [MessageService.Update].
var MethodMessageUpdate = Method[MessageUpdateRequest, bool]{
	Name: "imbot.message.update", Validate: validateMessageUpdate, Refusals: refusedByBot, Check: MustBeTrue[bool],
}

// Update changes a message that the bot wrote in the last three days; any other is refused ([ErrCantEditMessage]). The
// portal changes the attachment, the keyboard, the menu and the text, in this order. Where it refuses one of them
// ([ErrAttach], [ErrKeyboard], [ErrMenu]), it has changed those before. The text cannot be emptied, as that would
// delete the message: [MessageService.Delete] does so.
//
// Scope: imbot. Superseded by imbot.v2.Chat.Message.update, without a date for its end.
//
// Bitrix24 docs: https://apidocs.bitrix24.com/api-reference/chat-bots/outdated/messages/imbot-message-update.html
func (s *MessageService) Update(ctx context.Context, req MessageUpdateRequest) (*MessageUpdateResponse, error) {
	req.Keyboard, req.Menu = keyboardOf(req.BotID, req.Keyboard), menuOf(req.BotID, req.Menu)
	return Call(ctx, s.client, MethodMessageUpdate, req)
}

func validateMessageUpdate(r MessageUpdateRequest) error {
	problems := []*ParamError{allowID("BOT_ID", r.BotID, ErrBotID), requireID("MESSAGE_ID", r.MessageID, ErrMessageID)}
	if r.Message == "" && r.Attach == nil && r.Keyboard == nil && r.Menu == nil {
		problems = append(problems, &ParamError{Param: "MESSAGE", Err: fmt.Errorf("and all other parts are empty, and nothing would change: %w", ErrMessageEmpty)})
	}
	if r.Message != "" {
		problems = append(problems, requireMessage(r.Message))
	}
	attach, keyboard, menu := r.Attach, r.Keyboard, r.Menu
	if attach != nil && len(attach.Blocks) == 0 {
		attach = nil
	}
	if keyboard != nil && len(keyboard.Buttons) == 0 {
		keyboard = nil
	}
	if menu != nil && len(menu.Items) == 0 {
		menu = nil
	}
	return firstProblem(append(problems, allowParts(attach, keyboard, menu))...)
}

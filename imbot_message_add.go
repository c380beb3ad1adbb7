package imbot

import (
	"context"
	"errors"
	"fmt"

	"github.com/seed-a6e4e5a4/imbot/content"
)

// MessageService has the methods imbot.message.*, as [Client.Message]. They fail as those of [ChatService], and none of
// them is repeated after a lost answer.
//
// Example: https://pkg.go.dev/github.com/seed-a6e4e5a4/imbot#example-MessageService.Add
type MessageService struct{ client *Client }

// MessageAddRequest is a message to send, and where.
type MessageAddRequest struct {
	BotID         BotID             `json:"BOT_ID,omitempty"`         // the bot that writes; zero: the first bot of the application
	DialogID      DialogID          `json:"DIALOG_ID,omitempty"`      // the chat ("chat13") or the user ("27"); required, or [ErrDialogIDEmpty], unless FromUserID is set
	FromUserID    UserID            `json:"FROM_USER_ID,omitempty"`   // with ToUserID, in place of DialogID: into the private chat of two users, as a message of the system
	ToUserID      UserID            `json:"TO_USER_ID,omitempty"`     // see FromUserID
	Message       string            `json:"MESSAGE"`                  // with BB codes, at most 20,000 characters, see [content.Escape]; required, or [ErrMessageEmpty]
	Attach        *content.Attach   `json:"ATTACH,omitempty"`         // below the text
	Keyboard      *content.Keyboard `json:"KEYBOARD,omitempty"`       // buttons below that
	Menu          *content.Menu     `json:"MENU,omitempty"`           // items for the context menu of the message
	System        *YesNo            `json:"SYSTEM,omitempty"`         // as a message of the portal, which the bot can never change; nil: as one of the bot
	URLPreview    *YesNo            `json:"URL_PREVIEW,omitempty"`    // shows a card for a link; nil: it does
	SkipConnector *YesNo            `json:"SKIP_CONNECTOR,omitempty"` // keeps it from the customer of an open line; nil: it is sent there
	ClientID      string            `json:"CLIENT_ID,omitempty"`      // see [WithClientID]
}

// MessageAddResponse is the answer to [MessageService.Add]; its Result is the message.
type MessageAddResponse = Response[MessageID]

// MethodMessageAdd is the method of [MessageService.Add].
var MethodMessageAdd = Method[MessageAddRequest, MessageID]{
	Name: "imbot.message.add", Validate: validateMessageAdd, Refusals: refusedByBot, Check: mustBeID[MessageID],
}

// Add sends a message. It may be there after a lost answer, and is not sent again, as there could be two of it then. A
// text is needed also beside an attachment ([ErrMessageEmpty]). A text of more than 20,000 characters is a
// [*ParamError], as the portal would cut it without a word. So is an attachment, a keyboard or a menu of 60,000
// characters, or one that the portal would drop parts of.
//
// It is refused where the bot is not in the chat ([ErrWrongRequest], or a code of its own), and where the portal does
// not take a part of the message ([ErrAttach], [ErrKeyboard], [ErrMenu]).
//
// Scope: imbot. Superseded by imbot.v2.Chat.Message.send, without a date for its end.
//
// Bitrix24 docs: https://apidocs.bitrix24.com/api-reference/chat-bots/outdated/messages/imbot-message-add.html
func (s *MessageService) Add(ctx context.Context, req MessageAddRequest) (*MessageAddResponse, error) {
	req.Keyboard, req.Menu = keyboardOf(req.BotID, req.Keyboard), menuOf(req.BotID, req.Menu)
	return Call(ctx, s.client, MethodMessageAdd, req)
}

func validateMessageAdd(r MessageAddRequest) error {
	return firstProblem(allowID("BOT_ID", r.BotID, ErrBotID), checkTarget(r), requireMessage(r.Message), allowParts(r.Attach, r.Keyboard, r.Menu))
}

// checkTarget returns what is wrong with where a message is to go.
func checkTarget(r MessageAddRequest) *ParamError {
	switch {
	case r.FromUserID == 0 && r.ToUserID == 0:
		return requireDialogID("DIALOG_ID", r.DialogID)
	case r.FromUserID <= 0 || r.ToUserID <= 0:
		return &ParamError{Param: "FROM_USER_ID", Err: fmt.Errorf("and TO_USER_ID have to be positive numbers, both or none of them: %w", ErrUserIDEmpty)}
	case r.DialogID != "":
		return &ParamError{Param: "DIALOG_ID", Err: errors.New("would be ignored beside FROM_USER_ID and TO_USER_ID")}
	default:
		return nil
	}
}

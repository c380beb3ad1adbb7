package imbot

import (
	"context"
	"fmt"
	"strings"
)

// ChatUpdateTitleRequest has the new title of a chat.
type ChatUpdateTitleRequest struct {
	ChatID   ChatID `json:"CHAT_ID"`             // the chat; required, or [ErrChatIDEmpty]
	Title    string `json:"TITLE"`               // the new title, which the portal trims; required, or [ErrTitleEmpty]
	BotID    BotID  `json:"BOT_ID,omitempty"`    // the bot that changes it; zero: the first bot of the application
	ClientID string `json:"CLIENT_ID,omitempty"` // see [WithClientID]
}

// ChatUpdateTitleResponse is the answer to [ChatService.UpdateTitle]; its Result is always true.
type ChatUpdateTitleResponse = Response[bool]

// MethodChatUpdateTitle is the method of [ChatService.UpdateTitle].
var MethodChatUpdateTitle = Method[ChatUpdateTitleRequest, bool]{
	Name: "imbot.chat.updateTitle", Validate: validateChatUpdateTitle, Refusals: refusedByChat, Check: MustBeTrue[bool],
}

// UpdateTitle gives the chat another title. A nil error does not mean that the chat has it now: the portal answers the
// same where the bot is not in the chat. It is refused where the chat cannot be renamed ([ErrAccess], for the general
// chat [ErrActionUnavailable]).
//
// Scope: imbot. Superseded by imbot.v2.Chat.update, without a date for its end.
//
// Bitrix24 docs: https://apidocs.bitrix24.com/api-reference/chat-bots/outdated/chats/imbot-chat-update-title.html
func (s *ChatService) UpdateTitle(ctx context.Context, req ChatUpdateTitleRequest) (*ChatUpdateTitleResponse, error) {
	return Call(ctx, s.client, MethodChatUpdateTitle, req)
}

func validateChatUpdateTitle(r ChatUpdateTitleRequest) error {
	return firstProblem(
		requireID("CHAT_ID", r.ChatID, ErrChatIDEmpty),
		requireTitle("TITLE", r.Title),
		allowID("BOT_ID", r.BotID, ErrBotID),
	)
}

// requireTitle returns what is wrong with a title that has to be there.
func requireTitle(param, title string) *ParamError {
	if strings.TrimSpace(title) != "" {
		return nil
	}
	return &ParamError{Param: param, Err: fmt.Errorf("is blank: %w", ErrTitleEmpty)}
}

package imbot

import (
	"context"
	"errors"

	"github.com/seed-a6e4e5a4/imbot/internal/envelope"
)

// ChatUserListRequest names the chat whose members are listed.
type ChatUserListRequest struct {
	ChatID   ChatID `json:"CHAT_ID"`             // the chat; required, or [ErrChatIDEmpty]
	BotID    BotID  `json:"BOT_ID,omitempty"`    // the bot that asks; zero: the first bot of the application
	ClientID string `json:"CLIENT_ID,omitempty"` // see [WithClientID]
}

// ChatUserListResponse is the answer to [ChatUserService.List]; its Result is the members of the chat.
type ChatUserListResponse = Response[UserIDs]

// MethodChatUserList is the method of [ChatUserService.List].
var MethodChatUserList = Method[ChatUserListRequest, UserIDs]{
	Name: "imbot.chat.user.list", Idempotent: true, Validate: validateChatUserList, Refusals: refusedByChat,
}

// List returns the members of the chat, bots among them. An empty list is also the answer for a chat that the bot has
// no access to, or that is not there. It is refused for the general chat ([ErrActionUnavailable], an [ErrAccess]).
//
// Scope: imbot. Superseded by imbot.v2.Chat.User.list, without a date for its end.
//
// Bitrix24 docs: https://apidocs.bitrix24.com/api-reference/chat-bots/outdated/chats/imbot-chat-user-list.html
func (s *ChatUserService) List(ctx context.Context, req ChatUserListRequest) (*ChatUserListResponse, error) {
	return Call(ctx, s.client, MethodChatUserList, req)
}

func validateChatUserList(r ChatUserListRequest) error {
	return firstProblem(requireID("CHAT_ID", r.ChatID, ErrChatIDEmpty), allowID("BOT_ID", r.BotID, ErrBotID))
}

// UserIDs is a list of users. PHP writes a list with holes as an object.
type UserIDs []UserID

var errNoUsers = errors.New("not a list of users")

// UnmarshalJSON reads an array, or an object whose names do not matter. A list that is null, or has something else than
// users in it, proves nothing about who is not in it, and is an error.
func (l *UserIDs) UnmarshalJSON(data []byte) error {
	ids := UserIDs{}
	if !envelope.Elements(data, func(_ int, _ string, value []byte) bool {
		var id UserID
		err := id.UnmarshalJSON(value)
		ids = append(ids, id)
		return err == nil && id > 0
	}) {
		return errNoUsers
	}
	*l = ids
	return nil
}

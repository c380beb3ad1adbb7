package imbot

import (
	"context"
	"errors"

	"github.com/seed-a6e4e5a4/imbot/internal/envelope"
)

// ChatUserListRequest names the chat, and the bot that asks for its members. Printed or logged, it masks its ClientID;
// as JSON it is the request itself, ClientID and all.
type ChatUserListRequest struct {
	// ChatID is the chat whose members are listed. Required.
	ChatID ChatID `json:"CHAT_ID"`
	// BotID is the bot that asks. Where it is zero the portal takes the first bot of the application.
	BotID BotID `json:"BOT_ID,omitempty"`
	// ClientID is what the bot was registered with. It is needed under a webhook, unless the client has one by
	// [WithClientID], and not read under OAuth.
	ClientID string `json:"CLIENT_ID,omitempty"`
}

// ChatUserListResponse is the answer to [ChatUserService.List]; its Result is the members of the chat.
type ChatUserListResponse = Response[UserIDs]

// MethodChatUserList is imbot.chat.user.list, for [Call].
//
// Bitrix24 docs: https://apidocs.bitrix24.com/api-reference/chat-bots/outdated/chats/imbot-chat-user-list.html
var MethodChatUserList = Method[ChatUserListRequest, UserIDs]{
	Name:       "imbot.chat.user.list",
	Idempotent: true,
	Validate:   validateChatUserList,
	Refusals:   chatUserListRefusals,
}

// chatUserListRefusals has the situations behind the codes.
var chatUserListRefusals = []Refusal{
	refusedGeneralChat,
	refusedClientID,
}

// List returns the members of the chat, bots among them.
//
// A nil error means that the portal answered. An empty list is also what it says of a chat that the bot has no access
// to, or that is not there. Otherwise the error tells why not: it is the general chat ([ErrActionUnavailable], an
// [ErrAccess]); the bot or its owner is not known ([ErrBotID], [ErrAppID], [ErrClientIDMissing]); or any code of the
// REST interface.
//
// A ChatID that is not positive ([ErrChatIDEmpty]) or a negative BotID ([ErrBotID]) is a [*ParamError], and nothing is
// sent.
//
// Scope: imbot. Bitrix24 develops the method no further and names imbot.v2.Chat.User.list as its successor; no date is
// set for its end.
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

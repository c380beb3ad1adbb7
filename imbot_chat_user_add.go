package imbot

import "context"

// ChatUserService has the methods imbot.chat.user.*, as [ChatService.User].
//
// Example: https://pkg.go.dev/github.com/seed-a6e4e5a4/imbot#example-ChatUserService.Add
type ChatUserService struct{ client *Client }

// ChatUserAddRequest names the users to add to a chat.
type ChatUserAddRequest struct {
	ChatID      ChatID   `json:"CHAT_ID"`                // the chat; required, or [ErrChatIDEmpty]
	Users       []UserID `json:"USERS"`                  // each positive; required, or [ErrWrongRequest]
	HideHistory *YesNo   `json:"HIDE_HISTORY,omitempty"` // whether they see no earlier messages; say which, as portals differ where it is nil
	BotID       BotID    `json:"BOT_ID,omitempty"`       // the bot that adds them; zero: the first bot of the application
	ClientID    string   `json:"CLIENT_ID,omitempty"`    // see [WithClientID]
}

// ChatUserAddResponse is the answer to [ChatUserService.Add]; its Result is always true.
type ChatUserAddResponse = Response[bool]

// MethodChatUserAdd is the method of [ChatUserService.Add].
var MethodChatUserAdd = Method[ChatUserAddRequest, bool]{
	Name: "imbot.chat.user.add", Validate: validateChatUserAdd, Refusals: chatUserAddRefusals, Check: MustBeTrue[bool],
}

// chatUserAddRefusals has the situations behind the codes. Documentation and servers word one of them differently.
var chatUserAddRefusals = []Refusal{
	refusedGeneralChat,
	{Code: ErrAccess, Description: "It is forbidden to add users to this chat", Means: ErrUserAddForbidden},
	{Code: ErrWrongRequest, Description: "User IDs must be passed in array format", Means: ErrWrongRequest},
	{Code: ErrWrongRequest, Means: ErrUserNotAdded},
	{Code: "ACCESS_DENIED_EXTEND", Means: ErrUserNotAdded},
	refusedClientID,
}

// Add makes users members of the chat; newer portals confirm it where all of them were members before. It is refused
// where the chat takes no new members ([ErrUserAddForbidden], for the general chat [ErrActionUnavailable], both of them
// [ErrAccess]), and where the bot has no access to the chat, or the users are members ([ErrUserNotAdded], an
// [ErrWrongRequest]).
//
// Scope: imbot. Superseded by imbot.v2.Chat.User.add, without a date for its end.
//
// Bitrix24 docs: https://apidocs.bitrix24.com/api-reference/chat-bots/outdated/chats/imbot-chat-user-add.html
func (s *ChatUserService) Add(ctx context.Context, req ChatUserAddRequest) (*ChatUserAddResponse, error) {
	return Call(ctx, s.client, MethodChatUserAdd, req)
}

func validateChatUserAdd(r ChatUserAddRequest) error {
	return firstProblem(
		requireID("CHAT_ID", r.ChatID, ErrChatIDEmpty),
		requireUserIDs("USERS", r.Users, ErrWrongRequest),
		allowID("BOT_ID", r.BotID, ErrBotID),
	)
}

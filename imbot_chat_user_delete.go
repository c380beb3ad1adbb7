package imbot

import "context"

// ChatUserDeleteRequest names the user to remove from a chat.
type ChatUserDeleteRequest struct {
	ChatID   ChatID `json:"CHAT_ID"`             // the chat; required, or [ErrChatIDEmpty]
	UserID   UserID `json:"USER_ID"`             // the user; required, or [ErrUserIDEmpty]; with the id of the bot, the bot itself leaves
	BotID    BotID  `json:"BOT_ID,omitempty"`    // the bot that removes it; zero: the first bot of the application
	ClientID string `json:"CLIENT_ID,omitempty"` // see [WithClientID]
}

// ChatUserDeleteResponse is the answer to [ChatUserService.Delete]; its Result is always true.
type ChatUserDeleteResponse = Response[bool]

// MethodChatUserDelete is the method of [ChatUserService.Delete].
var MethodChatUserDelete = Method[ChatUserDeleteRequest, bool]{
	Name: "imbot.chat.user.delete", Validate: validateChatUserDelete, Refusals: chatUserDeleteRefusals, Check: MustBeTrue[bool],
}

// chatUserDeleteRefusals has the situations behind the codes. Documentation and servers word several of them
// differently.
var chatUserDeleteRefusals = []Refusal{
	refusedGeneralChat,
	refusedKind,
	refusedOwnerByText,
	refusedOwner,
	{Code: ErrWrongRequest, Means: ErrUserNotDeleted},
	{Code: "ACCESS_DENIED_KICK", Means: ErrUserNotDeleted},
	{Code: "IM_ERROR_KICK", Means: ErrUserNotDeleted},
	{Code: "USER_NOT_FOUND", Means: ErrUserNotDeleted},
	refusedStructure,
	refusedClientID,
}

// Delete removes a user from the chat; to remove others than itself, a bot usually has to own the chat. It is refused
// where members of chats of this kind are managed elsewhere ([ErrUserDeleteForbidden], for the general chat
// [ErrActionUnavailable]), or the user owns it ([ErrLeaveOwnerForbidden]), all of them [ErrAccess]; where the user is
// not a member, or may not be removed ([ErrUserNotDeleted], an [ErrWrongRequest]), which is also the answer to a second
// call; and where the user is there with their department (Code("USER_INVITED_FROM_STRUCTURE")).
//
// Scope: imbot. Superseded by imbot.v2.Chat.User.delete, without a date for its end.
//
// Bitrix24 docs: https://apidocs.bitrix24.com/api-reference/chat-bots/outdated/chats/imbot-chat-user-delete.html
func (s *ChatUserService) Delete(ctx context.Context, req ChatUserDeleteRequest) (*ChatUserDeleteResponse, error) {
	return Call(ctx, s.client, MethodChatUserDelete, req)
}

func validateChatUserDelete(r ChatUserDeleteRequest) error {
	return firstProblem(
		requireID("CHAT_ID", r.ChatID, ErrChatIDEmpty),
		allowID("BOT_ID", r.BotID, ErrBotID),
		requireID("USER_ID", r.UserID, ErrUserIDEmpty),
	)
}

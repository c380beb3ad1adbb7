package imbot

import "context"

// ChatUserDeleteRequest names who is to be removed from a chat. Printed or logged, it masks its ClientID; as JSON it
// is the request itself, ClientID and all.
type ChatUserDeleteRequest struct {
	// ChatID is the chat to remove the user from. Required.
	ChatID ChatID `json:"CHAT_ID"`
	// UserID is who is to be removed. Required. With the id of the bot itself the call is that of [ChatService.Leave].
	UserID UserID `json:"USER_ID"`
	// BotID is the bot that removes the user. Where it is zero the portal takes the first bot of the application.
	BotID BotID `json:"BOT_ID,omitempty"`
	// ClientID is what the bot was registered with. It is needed under a webhook, unless the client has one by
	// [WithClientID], and not read under OAuth.
	ClientID string `json:"CLIENT_ID,omitempty"`
}

// ChatUserDeleteResponse is the answer to [ChatUserService.Delete]; its Result is always true.
type ChatUserDeleteResponse = Response[bool]

// MethodChatUserDelete is imbot.chat.user.delete, for [Call].
//
// Bitrix24 docs: https://apidocs.bitrix24.com/api-reference/chat-bots/outdated/chats/imbot-chat-user-delete.html
var MethodChatUserDelete = Method[ChatUserDeleteRequest, bool]{
	Name:     "imbot.chat.user.delete",
	Validate: validateChatUserDelete,
	Refusals: chatUserDeleteRefusals,
	Check:    MustBeTrue[bool],
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

// Delete removes a user from the chat. To remove others than itself a bot needs the right to, which as a rule only the
// owner of the chat has.
//
// A nil error means that the portal did it. Otherwise the error tells why not: chats of this kind settle their members
// themselves ([ErrUserDeleteForbidden], for the general chat [ErrActionUnavailable]), or the user owns it
// ([ErrLeaveOwnerForbidden]), all of them [ErrAccess]; the user is not a member, or the bot may not remove it
// ([ErrUserNotDeleted], an [ErrWrongRequest]), which is also the answer to a second call; the user is there with its
// department (USER_INVITED_FROM_STRUCTURE, an [ErrWrongRequest]); the bot or its owner is not known ([ErrBotID],
// [ErrAppID], [ErrClientIDMissing]); or any code of the REST interface. Where the error matches [ErrOutcomeUnknown] the
// answer was lost and the user may be out; the call is not repeated then.
//
// A ChatID that is not positive ([ErrChatIDEmpty]), a UserID that is not ([ErrUserIDEmpty]) or a negative BotID
// ([ErrBotID]) is a [*ParamError], and nothing is sent.
//
// Scope: imbot. Bitrix24 develops the method no further and names imbot.v2.Chat.User.delete as its successor; no date
// is set for its end.
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

package imbot

import "context"

// ChatLeaveRequest names the chat to leave and the bot that leaves it.
type ChatLeaveRequest struct {
	ChatID   ChatID `json:"CHAT_ID"`             // the chat to leave; required, or [ErrChatIDEmpty]
	BotID    BotID  `json:"BOT_ID,omitempty"`    // the bot that leaves; zero: the first bot of the application
	ClientID string `json:"CLIENT_ID,omitempty"` // see [WithClientID]
}

// ChatLeaveResponse is the answer to [ChatService.Leave]; its Result is always true.
type ChatLeaveResponse = Response[bool]

// MethodChatLeave is the method of [ChatService.Leave].
var MethodChatLeave = Method[ChatLeaveRequest, bool]{
	Name: "imbot.chat.leave", Validate: validateChatLeave, Refusals: chatLeaveRefusals, Check: MustBeTrue[bool],
}

// chatLeaveRefusals has the situations behind the codes. Documentation and servers word several of them differently.
var chatLeaveRefusals = []Refusal{
	refusedOwnerByText,
	refusedOwner,
	refusedGeneralChat,
	refusedKind,
	{Code: ErrWrongRequest, Means: ErrNotInChat},
	{Code: "ACCESS_DENIED_KICK", Means: ErrNotInChat},
	{Code: "USER_NOT_FOUND", Means: ErrNotInChat},
	refusedStructure,
	refusedClientID,
}

// Leave takes the bot out of the chat. A nil error means that the portal confirmed it. It is refused where the bot may
// not leave ([ErrLeaveOwnerForbidden], [ErrActionUnavailable], [ErrUserDeleteForbidden], all of them [ErrAccess]);
// where the bot is not in the chat ([ErrNotInChat], an [ErrWrongRequest]), which is also the answer to a second call;
// and where the bot is there with its department (Code("USER_INVITED_FROM_STRUCTURE")). After a lost answer it may be
// out: to be certain, use [ChatService.EnsureLeft].
//
// Scope: imbot. Superseded by imbot.v2.Chat.leave (package imbotv2), without a date for its end.
//
// Bitrix24 docs: https://apidocs.bitrix24.com/api-reference/chat-bots/outdated/chats/imbot-chat-leave.html
func (s *ChatService) Leave(ctx context.Context, req ChatLeaveRequest) (*ChatLeaveResponse, error) {
	return Call(ctx, s.client, MethodChatLeave, req)
}

func validateChatLeave(r ChatLeaveRequest) error {
	return firstProblem(requireID("CHAT_ID", r.ChatID, ErrChatIDEmpty), allowID("BOT_ID", r.BotID, ErrBotID))
}

package imbot

import "context"

// ChatLeaveRequest names the chat to leave and the bot that leaves it. Printed or logged, it masks its ClientID; as
// JSON it is the request itself, ClientID and all.
type ChatLeaveRequest struct {
	// ChatID is the chat to leave. Required.
	ChatID ChatID `json:"CHAT_ID"`
	// BotID is the bot that leaves. Where it is zero the portal takes the first bot of the application.
	BotID BotID `json:"BOT_ID,omitempty"`
	// ClientID is what the bot was registered with. It is needed under a webhook, unless the client has one by
	// [WithClientID], and not read under OAuth.
	ClientID string `json:"CLIENT_ID,omitempty"`
}

// ChatLeaveResponse is the answer to [ChatService.Leave]; its Result is always true.
type ChatLeaveResponse = Response[bool]

// MethodChatLeave is imbot.chat.leave, for [Call].
//
// Bitrix24 docs: https://apidocs.bitrix24.com/api-reference/chat-bots/outdated/chats/imbot-chat-leave.html
var MethodChatLeave = Method[ChatLeaveRequest, bool]{
	Name:     "imbot.chat.leave",
	Validate: validateChatLeave,
	Refusals: chatLeaveRefusals,
	Check:    MustBeTrue[bool],
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

// Leave takes the bot out of the chat.
//
// A nil error means that the portal confirmed it. Otherwise the error tells why not: the bot may not leave
// ([ErrLeaveOwnerForbidden], [ErrActionUnavailable], [ErrUserDeleteForbidden], all of them [ErrAccess]); it is not in
// the chat ([ErrNotInChat], an [ErrWrongRequest]), which is also the answer to a second call; it is there with its
// department (USER_INVITED_FROM_STRUCTURE, an [ErrWrongRequest]); the bot or its owner is not known ([ErrBotID],
// [ErrAppID], [ErrClientIDMissing]); or any code of the REST interface. Where the error matches [ErrOutcomeUnknown] the
// answer was lost and the bot may be out; the call is not repeated then.
//
// A ChatID that is not positive ([ErrChatIDEmpty]) or a negative BotID ([ErrBotID]) is a [*ParamError], and nothing
// is sent.
//
// Scope: imbot. Bitrix24 develops the method no further and names imbot.v2.Chat.leave as its successor; no date is
// set for its end. That is [V2ChatService.Leave]: use it where the portal has it. It takes the same bots, with their
// CLIENT_ID for a token, and does not ask whether the bot may leave.
//
// Bitrix24 docs: https://apidocs.bitrix24.com/api-reference/chat-bots/outdated/chats/imbot-chat-leave.html
func (s *ChatService) Leave(ctx context.Context, req ChatLeaveRequest) (*ChatLeaveResponse, error) {
	return Call(ctx, s.client, MethodChatLeave, req)
}

func validateChatLeave(r ChatLeaveRequest) error {
	return firstProblem(requireID("CHAT_ID", r.ChatID, ErrChatIDEmpty), allowID("BOT_ID", r.BotID, ErrBotID))
}

package imbot

import "context"

// ChatSetOwnerRequest names the new owner of a chat. Printed or logged, it masks its ClientID; as JSON it is the
// request itself, ClientID and all.
type ChatSetOwnerRequest struct {
	// ChatID is the chat to hand over. Required.
	ChatID ChatID `json:"CHAT_ID"`
	// UserID is the new owner, a member of the chat. Required.
	UserID UserID `json:"USER_ID"`
	// BotID is the bot that owns the chat so far. Where it is zero the portal takes the first bot of the application.
	BotID BotID `json:"BOT_ID,omitempty"`
	// ClientID is what the bot was registered with. It is needed under a webhook, unless the client has one by
	// [WithClientID], and not read under OAuth.
	ClientID string `json:"CLIENT_ID,omitempty"`
}

// ChatSetOwnerResponse is the answer to [ChatService.SetOwner]; its Result is always true.
type ChatSetOwnerResponse = Response[bool]

// MethodChatSetOwner is imbot.chat.setOwner, for [Call].
//
// Bitrix24 docs: https://apidocs.bitrix24.com/api-reference/chat-bots/outdated/chats/imbot-chat-set-owner.html
var MethodChatSetOwner = Method[ChatSetOwnerRequest, bool]{
	Name:     "imbot.chat.setOwner",
	Validate: validateChatSetOwner,
	Refusals: chatSetOwnerRefusals,
	Check:    MustBeTrue[bool],
}

// chatSetOwnerRefusals has the situations behind the codes. WRONG_REQUEST has one meaning here, and needs none.
var chatSetOwnerRefusals = []Refusal{
	refusedGeneralChat,
	refusedClientID,
}

// SetOwner hands the chat over to another member. It is what helps a bot that owns a chat and may therefore not leave
// it ([ErrLeaveOwnerForbidden]).
//
// A nil error means that the portal did it. Otherwise the error tells why not: the bot does not own the chat, or the
// user is not a member ([ErrWrongRequest]); it is the general chat ([ErrActionUnavailable]); the bot or its owner is
// not known ([ErrBotID], [ErrAppID], [ErrClientIDMissing]); or any code of the REST interface. Where the error matches
// [ErrOutcomeUnknown] the answer was lost and the chat may have its new owner; the call is not repeated then.
//
// A ChatID that is not positive ([ErrChatIDEmpty]), a UserID that is not ([ErrUserIDEmpty]) or a negative BotID
// ([ErrBotID]) is a [*ParamError], and nothing is sent.
//
// Scope: imbot. Bitrix24 develops the method no further and names imbot.v2.Chat.setOwner as its successor; no date is
// set for its end.
//
// Bitrix24 docs: https://apidocs.bitrix24.com/api-reference/chat-bots/outdated/chats/imbot-chat-set-owner.html
func (s *ChatService) SetOwner(ctx context.Context, req ChatSetOwnerRequest) (*ChatSetOwnerResponse, error) {
	return Call(ctx, s.client, MethodChatSetOwner, req)
}

func validateChatSetOwner(r ChatSetOwnerRequest) error {
	return firstProblem(
		requireID("CHAT_ID", r.ChatID, ErrChatIDEmpty),
		requireID("USER_ID", r.UserID, ErrUserIDEmpty),
		allowID("BOT_ID", r.BotID, ErrBotID),
	)
}

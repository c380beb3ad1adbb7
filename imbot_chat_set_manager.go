package imbot

import "context"

// ChatSetManagerRequest names a member of a chat, and whether to make it a manager. Printed or logged, it masks its
// ClientID; as JSON it is the request itself, ClientID and all.
type ChatSetManagerRequest struct {
	// ChatID is the chat of the member. Required.
	ChatID ChatID `json:"CHAT_ID"`
	// UserID is the member. Required.
	UserID UserID `json:"USER_ID"`
	// IsManager tells whether the member is to be a manager, new(imbot.Yes), or no longer, new(imbot.No). Where it is
	// nil the portal makes it one.
	IsManager *YesNo `json:"IS_MANAGER,omitempty"`
	// BotID is the bot that owns the chat. Where it is zero the portal takes the first bot of the application.
	BotID BotID `json:"BOT_ID,omitempty"`
	// ClientID is what the bot was registered with. It is needed under a webhook, unless the client has one by
	// [WithClientID], and not read under OAuth.
	ClientID string `json:"CLIENT_ID,omitempty"`
}

// ChatSetManagerResponse is the answer to [ChatService.SetManager]; its Result is always true.
type ChatSetManagerResponse = Response[bool]

// MethodChatSetManager is imbot.chat.setManager, for [Call].
//
// Bitrix24 docs: https://apidocs.bitrix24.com/api-reference/chat-bots/outdated/chats/imbot-chat-set-manager.html
var MethodChatSetManager = Method[ChatSetManagerRequest, bool]{
	Name:     "imbot.chat.setManager",
	Validate: validateChatSetManager,
	Refusals: chatSetManagerRefusals,
	Check:    MustBeTrue[bool],
}

// chatSetManagerRefusals has the situations behind the codes. WRONG_REQUEST has one meaning here, and needs none.
var chatSetManagerRefusals = []Refusal{
	refusedGeneralChat,
	refusedClientID,
}

// SetManager makes a member of the chat a manager, or takes that away.
//
// A nil error means that the portal did it. Otherwise the error tells why not: the bot does not own the chat, or the
// user is not a member ([ErrWrongRequest]); the bot or its owner is not known ([ErrBotID], [ErrAppID],
// [ErrClientIDMissing]); or any code of the REST interface. Where the error matches [ErrOutcomeUnknown] the answer was
// lost and it may be done; the call is not repeated then.
//
// A ChatID that is not positive ([ErrChatIDEmpty]), a UserID that is not ([ErrUserIDEmpty]) or a negative BotID
// ([ErrBotID]) is a [*ParamError], and nothing is sent.
//
// Scope: imbot. Bitrix24 develops the method no further and names imbot.v2.Chat.Manager.add and
// imbot.v2.Chat.Manager.delete as its successors; no date is set for its end.
//
// Bitrix24 docs: https://apidocs.bitrix24.com/api-reference/chat-bots/outdated/chats/imbot-chat-set-manager.html
func (s *ChatService) SetManager(ctx context.Context, req ChatSetManagerRequest) (*ChatSetManagerResponse, error) {
	return Call(ctx, s.client, MethodChatSetManager, req)
}

func validateChatSetManager(r ChatSetManagerRequest) error {
	return firstProblem(
		requireID("CHAT_ID", r.ChatID, ErrChatIDEmpty),
		requireID("USER_ID", r.UserID, ErrUserIDEmpty),
		allowID("BOT_ID", r.BotID, ErrBotID),
	)
}

package imbot

import "context"

// ChatSetManagerRequest names a member of a chat, and whether to make it a manager.
type ChatSetManagerRequest struct {
	ChatID    ChatID `json:"CHAT_ID"`              // the chat of the member; required, or [ErrChatIDEmpty]
	UserID    UserID `json:"USER_ID"`              // the member; required, or [ErrUserIDEmpty]
	IsManager *YesNo `json:"IS_MANAGER,omitempty"` // new(imbot.Yes), or new(imbot.No) to take that away; nil: yes
	BotID     BotID  `json:"BOT_ID,omitempty"`     // the bot that owns the chat; zero: the first bot of the application
	ClientID  string `json:"CLIENT_ID,omitempty"`  // see [WithClientID]
}

// ChatSetManagerResponse is the answer to [ChatService.SetManager]; its Result is always true.
type ChatSetManagerResponse = Response[bool]

// MethodChatSetManager is the method of [ChatService.SetManager].
var MethodChatSetManager = Method[ChatSetManagerRequest, bool]{
	Name: "imbot.chat.setManager", Validate: validateChatSetManager, Refusals: refusedByChat, Check: MustBeTrue[bool],
}

// SetManager makes a member of the chat a manager, or takes that away. It is refused where the bot does not own the
// chat, or the user is not a member ([ErrWrongRequest]).
//
// Scope: imbot. Superseded by imbot.v2.Chat.Manager.add and imbot.v2.Chat.Manager.delete, without a date for its end.
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

package imbot

import "context"

// ChatSetOwnerRequest names the new owner of a chat.
type ChatSetOwnerRequest struct {
	ChatID   ChatID `json:"CHAT_ID"`             // the chat to hand over; required, or [ErrChatIDEmpty]
	UserID   UserID `json:"USER_ID"`             // the new owner, a member; required, or [ErrUserIDEmpty]
	BotID    BotID  `json:"BOT_ID,omitempty"`    // the bot that owns the chat; zero: the first bot of the application
	ClientID string `json:"CLIENT_ID,omitempty"` // see [WithClientID]
}

// ChatSetOwnerResponse is the answer to [ChatService.SetOwner]; its Result is always true.
type ChatSetOwnerResponse = Response[bool]

// MethodChatSetOwner is the method of [ChatService.SetOwner].
var MethodChatSetOwner = Method[ChatSetOwnerRequest, bool]{
	Name: "imbot.chat.setOwner", Validate: validateChatSetOwner, Refusals: refusedByChat, Check: MustBeTrue[bool],
}

// SetOwner hands the chat over to another member, as a bot may have to before it leaves ([ErrLeaveOwnerForbidden]). It
// is refused where the bot does not own the chat, or the user is not a member ([ErrWrongRequest]), and for the general
// chat ([ErrActionUnavailable]).
//
// Scope: imbot. Superseded by imbot.v2.Chat.setOwner, without a date for its end.
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

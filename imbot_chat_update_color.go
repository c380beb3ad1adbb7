package imbot

import "context"

// ChatUpdateColorRequest has the new color of a chat.
type ChatUpdateColorRequest struct {
	ChatID   ChatID `json:"CHAT_ID"`             // the chat; required, or [ErrChatIDEmpty]
	Color    Color  `json:"COLOR"`               // the new color; required, or [ErrWrongColor]
	BotID    BotID  `json:"BOT_ID,omitempty"`    // the bot that changes it; zero: the first bot of the application
	ClientID string `json:"CLIENT_ID,omitempty"` // see [WithClientID]
}

// ChatUpdateColorResponse is the answer to [ChatService.UpdateColor]; its Result is always true.
type ChatUpdateColorResponse = Response[bool]

// MethodChatUpdateColor is the method of [ChatService.UpdateColor].
var MethodChatUpdateColor = Method[ChatUpdateColorRequest, bool]{
	Name: "imbot.chat.updateColor", Validate: validateChatUpdateColor, Refusals: refusedByChat, Check: MustBeTrue[bool],
}

// UpdateColor gives the chat another color in the mobile application. It is refused where the chat has this color, so
// that a second call fails where the first one worked, or there is no such chat ([ErrWrongRequest]); where the portal
// does not have the color ([ErrWrongColor]); and for the general chat ([ErrActionUnavailable]).
//
// Scope: imbot. Superseded by imbot.v2.Chat.update, without a date for its end.
//
// Bitrix24 docs: https://apidocs.bitrix24.com/api-reference/chat-bots/outdated/chats/imbot-chat-update-color.html
func (s *ChatService) UpdateColor(ctx context.Context, req ChatUpdateColorRequest) (*ChatUpdateColorResponse, error) {
	return Call(ctx, s.client, MethodChatUpdateColor, req)
}

func validateChatUpdateColor(r ChatUpdateColorRequest) error {
	return firstProblem(
		requireID("CHAT_ID", r.ChatID, ErrChatIDEmpty),
		requireColor("COLOR", r.Color),
		allowID("BOT_ID", r.BotID, ErrBotID),
	)
}

package imbot

import "context"

// ChatSendTypingRequest names the dialog that is to show that the bot writes.
type ChatSendTypingRequest struct {
	DialogID DialogID `json:"DIALOG_ID"`           // the chat ("chat13") or the user ("27"); required, or [ErrDialogIDEmpty]
	BotID    BotID    `json:"BOT_ID,omitempty"`    // the bot that writes; zero: the first bot of the application
	ClientID string   `json:"CLIENT_ID,omitempty"` // see [WithClientID]
}

// ChatSendTypingResponse is the answer to [ChatService.SendTyping]; its Result is always true.
type ChatSendTypingResponse = Response[bool]

// MethodChatSendTyping is the method of [ChatService.SendTyping].
var MethodChatSendTyping = Method[ChatSendTypingRequest, bool]{
	Name: "imbot.chat.sendTyping", Validate: validateChatSendTyping, Refusals: refusedByBot, Check: MustBeTrue[bool],
}

// SendTyping shows in the dialog that the bot is writing. A nil error means that the portal took the request; whether
// anybody saw it is not known. It is refused where the DialogID does not name a dialog ([ErrDialogIDEmpty]).
//
// Scope: imbot. Superseded by imbot.v2.Chat.InputAction.notify, without a date for its end.
//
// Bitrix24 docs: https://apidocs.bitrix24.com/api-reference/chat-bots/outdated/chats/imbot-chat-send-typing.html
func (s *ChatService) SendTyping(ctx context.Context, req ChatSendTypingRequest) (*ChatSendTypingResponse, error) {
	return Call(ctx, s.client, MethodChatSendTyping, req)
}

func validateChatSendTyping(r ChatSendTypingRequest) error {
	return firstProblem(allowID("BOT_ID", r.BotID, ErrBotID), requireDialogID("DIALOG_ID", r.DialogID))
}

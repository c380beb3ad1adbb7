package imbot

import "context"

// MessageDeleteRequest names the message to delete.
type MessageDeleteRequest struct {
	BotID     BotID     `json:"BOT_ID,omitempty"`    // the bot that wrote the message; zero: the first bot of the application
	MessageID MessageID `json:"MESSAGE_ID"`          // the message; required, or [ErrMessageID]
	Complete  *YesNo    `json:"COMPLETE,omitempty"`  // without a trace, also for those who have read it; nil: they may see that there was one
	ClientID  string    `json:"CLIENT_ID,omitempty"` // see [WithClientID]
}

// MessageDeleteResponse is the answer to [MessageService.Delete]; its Result is always true.
type MessageDeleteResponse = Response[bool]

// MethodMessageDelete is the method of [MessageService.Delete].
var MethodMessageDelete = Method[MessageDeleteRequest, bool]{
	Name: "imbot.message.delete", Validate: validateMessageDelete, Refusals: refusedByBot, Check: MustBeTrue[bool],
}

// Delete deletes a message of the bot, however old it is. A message that the bot did not write, or that is not there, is
// refused ([ErrCantEditMessage]): so may be a call after a lost answer.
//
// Scope: imbot. Superseded by imbot.v2.Chat.Message.delete, without a date for its end.
//
// Bitrix24 docs: https://apidocs.bitrix24.com/api-reference/chat-bots/outdated/messages/imbot-message-delete.html
func (s *MessageService) Delete(ctx context.Context, req MessageDeleteRequest) (*MessageDeleteResponse, error) {
	return Call(ctx, s.client, MethodMessageDelete, req)
}

func validateMessageDelete(r MessageDeleteRequest) error {
	return firstProblem(allowID("BOT_ID", r.BotID, ErrBotID), requireID("MESSAGE_ID", r.MessageID, ErrMessageID))
}

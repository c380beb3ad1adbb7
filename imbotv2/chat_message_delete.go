package imbotv2

import (
	"cmp"
	"context"

	"github.com/seed-a6e4e5a4/imbot"
)

// MessageDeleteRequest names a message to delete.
type MessageDeleteRequest struct {
	BotID     imbot.BotID     `json:"botId"`              // the bot that deletes it; zero: that of [Client.As]
	MessageID imbot.MessageID `json:"messageId"`          // the message; required, or [ErrMessageNotFound]
	Complete  *bool           `json:"complete,omitempty"` // removes it for good, whoever wrote it, and asks for no right; nil: see [MessageService.Delete]
}

// MessageDeleteResponse is the answer to [MessageService.Delete]; its Result is always true.
type MessageDeleteResponse = imbot.Response[Result]

// MethodMessageDelete is the method of [MessageService.Delete].
var MethodMessageDelete = imbot.Method[MessageDeleteRequest, Result]{
	Name: "imbot.v2.Chat.Message.delete", Refusals: refusedChat(), Check: imbot.MustBeTrue[Result],
	Validate: func(r MessageDeleteRequest) error {
		return firstProblem(requireBot(r.BotID), requireMessage(r.MessageID))
	},
}

// Delete deletes a message of the bot; as owner or manager of the chat, the bot may delete messages of others, too. A
// message that others have read stays, marked as deleted. A nil error does not mean that the message is gone: the
// portal answers the same for a message that the bot may not delete, and leaves it.
//
// With Complete the portal does not ask whether the bot may: it removes any message that the bot can see, whoever wrote
// it. Nothing brings it back.
//
// It is refused where there is no such message, or it was deleted before ([ErrMessageNotFound]), and where the bot is
// not in the chat ([imbot.ErrNotInChat]).
//
// Scope: imbot.
//
// Bitrix24 docs: https://apidocs.bitrix24.com/api-reference/chat-bots/chat-bots-v2/imbot.v2/messages/chat-message-delete.html
func (s *MessageService) Delete(ctx context.Context, req MessageDeleteRequest) (*MessageDeleteResponse, error) {
	req.BotID = cmp.Or(req.BotID, s.bot.id)
	return imbot.Call(ctx, s.bot.client, MethodMessageDelete, req)
}

package imbotv2

import (
	"cmp"
	"context"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/internal/loose"
)

// MessageGetRequest names the message that is asked for.
type MessageGetRequest struct {
	BotID     imbot.BotID     `json:"botId"`     // the bot that asks; zero: that of [Client.As]
	MessageID imbot.MessageID `json:"messageId"` // the message; required, or [ErrMessageNotFound]
}

// MessageGetResult is a message.
type MessageGetResult struct {
	Message Message `json:"message"` // the message; what it answers is in its Params
	User    User    `json:"user"`    // who wrote it; zero for what the portal wrote
}

// UnmarshalJSON reads an object in all forms that portals have for its members.
func (r *MessageGetResult) UnmarshalJSON(data []byte) error {
	type plain MessageGetResult
	return loose.Unmarshal(data, (*plain)(r))
}

// MessageGetResponse is the answer to [MessageService.Get].
type MessageGetResponse = imbot.Response[MessageGetResult]

// MethodMessageGet is the method of [MessageService.Get].
var MethodMessageGet = imbot.Method[MessageGetRequest, MessageGetResult]{
	Name: "imbot.v2.Chat.Message.get", Idempotent: true, Refusals: refusedChat(),
	Validate: func(r MessageGetRequest) error { return firstProblem(requireBot(r.BotID), requireMessage(r.MessageID)) },
	Check:    func(r MessageGetResult) error { return requireResult("message", r.Message.ID > 0) },
}

// Get returns a message. It is for bots of the types [BotTypeSupervisor] and [BotTypePersonal], and refused for all
// others ([ErrBotTypeNotAllowed]). It is refused as well where there is no such message ([ErrMessageNotFound]), where
// the bot may not see it ([ErrMessageAccessDenied]), and where the bot is not in the chat ([imbot.ErrNotInChat]).
//
// Scope: imbot.
//
// Bitrix24 docs: https://apidocs.bitrix24.com/api-reference/chat-bots/chat-bots-v2/imbot.v2/messages/chat-message-get.html
func (s *MessageService) Get(ctx context.Context, req MessageGetRequest) (*MessageGetResponse, error) {
	req.BotID = cmp.Or(req.BotID, s.bot.id)
	return imbot.Call(ctx, s.bot.client, MethodMessageGet, req)
}

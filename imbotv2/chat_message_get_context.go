package imbotv2

import (
	"cmp"
	"context"
	"fmt"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/internal/loose"
)

// MessageGetContextRequest names a message, and asks for what was written before and after it.
type MessageGetContextRequest struct {
	BotID     imbot.BotID     `json:"botId"`           // the bot that asks; zero: that of [Client.As]
	MessageID imbot.MessageID `json:"messageId"`       // the message in the middle; required, or [ErrMessageNotFound]
	Range     int             `json:"range,omitempty"` // how many to each side, at most 50; zero: 50
}

// MessageGetContextResult is a part of a chat: the message in the middle, and its neighbors.
type MessageGetContextResult struct {
	Messages    []Message `json:"messages"`    // the oldest first
	Users       []User    `json:"users"`       // the users that Messages refer to
	HasPrevPage bool      `json:"hasPrevPage"` // there are older ones: ask for the first of Messages
	HasNextPage bool      `json:"hasNextPage"` // there are newer ones: ask for the last of Messages
}

// UnmarshalJSON reads an object in all forms that portals have for its members.
func (r *MessageGetContextResult) UnmarshalJSON(data []byte) error {
	type plain MessageGetContextResult
	return loose.Unmarshal(data, (*plain)(r))
}

// MessageGetContextResponse is the answer to [MessageService.GetContext].
type MessageGetContextResponse = imbot.Response[MessageGetContextResult]

// MethodMessageGetContext is the method of [MessageService.GetContext].
var MethodMessageGetContext = imbot.Method[MessageGetContextRequest, MessageGetContextResult]{
	Name: "imbot.v2.Chat.Message.getContext", Idempotent: true, Refusals: refusedChat(), Validate: validateMessageGetContext,
	Check: func(r MessageGetContextResult) error { return checkOrder(r.Messages) },
}

// GetContext returns a message with those before and after it. [MessageService.Newer] and [MessageService.Older] go on
// from there. It is for bots of the types [BotTypeSupervisor] and [BotTypePersonal], and refused for all others
// ([ErrBotTypeNotAllowed]). It is refused as well where there is no such message ([ErrMessageNotFound]), where the bot
// may not see it ([ErrMessageAccessDenied]), and where the bot is not in the chat ([imbot.ErrNotInChat]).
//
// Scope: imbot.
//
// Bitrix24 docs: https://apidocs.bitrix24.com/api-reference/chat-bots/chat-bots-v2/imbot.v2/messages/chat-message-get-context.html
func (s *MessageService) GetContext(ctx context.Context, req MessageGetContextRequest) (*MessageGetContextResponse, error) {
	req.BotID = cmp.Or(req.BotID, s.bot.id)
	return imbot.Call(ctx, s.bot.client, MethodMessageGetContext, req)
}

// mostNeighbors is how many messages there may be to each side. Asked for more, the portal answers as many.
const mostNeighbors = 50

func validateMessageGetContext(r MessageGetContextRequest) error {
	problems := []*imbot.ParamError{requireBot(r.BotID), requireMessage(r.MessageID)}
	if r.Range < 0 || r.Range > mostNeighbors {
		problems = append(problems, &imbot.ParamError{Param: "range", Err: fmt.Errorf("has to be from 1 to %d, or unset, not %d", mostNeighbors, r.Range)})
	}
	return firstProblem(problems...)
}

// checkOrder returns what is wrong with a page: it has no messages, or not the oldest first.
func checkOrder(messages []Message) error {
	last := imbot.MessageID(0)
	for _, message := range messages {
		if message.ID <= last {
			return requireResult("an order", false)
		}
		last = message.ID
	}
	return requireResult("messages", last > 0)
}

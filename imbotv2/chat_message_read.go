package imbotv2

import (
	"cmp"
	"context"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/internal/loose"
)

// MessageReadRequest names what the bot has read.
type MessageReadRequest struct {
	BotID     imbot.BotID     `json:"botId"`               // the bot that read it; zero: that of [Client.As]
	DialogID  imbot.DialogID  `json:"dialogId"`            // "chat13", or "27" for the private chat with a user; required, or [imbot.ErrDialogIDEmpty]
	MessageID imbot.MessageID `json:"messageId,omitempty"` // the last message that was read; zero: that of the chat
}

// MessageReadResult is how far the bot has read.
type MessageReadResult struct {
	ChatID         imbot.ChatID      `json:"chatId"`         // the chat
	LastID         imbot.MessageID   `json:"lastId"`         // the last message that the bot has read
	Counter        int64             `json:"counter"`        // messages that it has not read
	ViewedMessages []imbot.MessageID `json:"viewedMessages"` // those that this call marked as read
}

// UnmarshalJSON reads an object in all forms that portals have for its members.
func (r *MessageReadResult) UnmarshalJSON(data []byte) error {
	type plain MessageReadResult
	return loose.Unmarshal(data, (*plain)(r))
}

// MessageReadResponse is the answer to [MessageService.Read].
type MessageReadResponse = imbot.Response[MessageReadResult]

// MethodMessageRead is the method of [MessageService.Read].
var MethodMessageRead = imbot.Method[MessageReadRequest, MessageReadResult]{
	Name: "imbot.v2.Chat.Message.read", Refusals: refusedChat(), Validate: validateMessageRead,
	Check: func(r MessageReadResult) error { return requireResult("chatId", r.ChatID > 0) },
}

// Read marks messages as read by the bot, up to one of them or all. After a lost answer they may be marked or not;
// another call does no harm, but does not show which ones were. It is refused where there is no such message
// ([ErrMessageNotFound]), and where the bot is not in the chat, or there is no such chat ([imbot.ErrNotInChat]).
//
// Scope: imbot.
//
// Bitrix24 docs: https://apidocs.bitrix24.com/api-reference/chat-bots/chat-bots-v2/imbot.v2/messages/chat-message-read.html
func (s *MessageService) Read(ctx context.Context, req MessageReadRequest) (*MessageReadResponse, error) {
	req.BotID = cmp.Or(req.BotID, s.bot.id)
	return imbot.Call(ctx, s.bot.client, MethodMessageRead, req)
}

func validateMessageRead(r MessageReadRequest) error {
	problems := []*imbot.ParamError{requireBot(r.BotID), requireDialog(r.DialogID)}
	if r.MessageID < 0 {
		problems = append(problems, requireMessage(r.MessageID))
	}
	return firstProblem(problems...)
}

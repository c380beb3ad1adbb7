package imbotv2

import (
	"cmp"
	"context"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/internal/loose"
)

// ChatGetRequest names the chat that is asked for.
type ChatGetRequest struct {
	BotID    imbot.BotID    `json:"botId"`    // the bot that asks; zero: that of [Client.As]
	DialogID imbot.DialogID `json:"dialogId"` // the chat, or a user; required, or [imbot.ErrDialogIDEmpty]
}

// ChatGetResult is a chat.
type ChatGetResult struct {
	Chat Chat `json:"chat"` // the chat, as the bot sees it
}

// UnmarshalJSON reads an object in all forms that portals have for its members.
func (r *ChatGetResult) UnmarshalJSON(data []byte) error {
	type plain ChatGetResult
	return loose.Unmarshal(data, (*plain)(r))
}

// ChatGetResponse is the answer to [ChatService.Get].
type ChatGetResponse = imbot.Response[ChatGetResult]

// MethodChatGet is the method of [ChatService.Get].
var MethodChatGet = imbot.Method[ChatGetRequest, ChatGetResult]{
	Name: "imbot.v2.Chat.get", Idempotent: true, Refusals: refusedChat(),
	Validate: func(r ChatGetRequest) error { return firstProblem(requireBot(r.BotID), requireDialog(r.DialogID)) },
	Check:    func(r ChatGetResult) error { return requireResult("chat", r.Chat.ID > 0) },
}

// Get returns a chat. An open chat is shown to bots that are not in it, too; asked for the dialog with a user, the
// portal makes a private chat where there is none. It is refused where the bot is not in the chat, or there is no such
// chat ([imbot.ErrNotInChat]).
//
// Scope: imbot.
//
// Bitrix24 docs: https://apidocs.bitrix24.com/api-reference/chat-bots/chat-bots-v2/imbot.v2/chats/chat-get.html
func (s *ChatService) Get(ctx context.Context, req ChatGetRequest) (*ChatGetResponse, error) {
	req.BotID = cmp.Or(req.BotID, s.bot.id)
	return imbot.Call(ctx, s.bot.client, MethodChatGet, req)
}

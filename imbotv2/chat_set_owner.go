package imbotv2

import (
	"cmp"
	"context"

	"github.com/seed-a6e4e5a4/imbot"
)

// ChatSetOwnerRequest names the new owner of a chat.
type ChatSetOwnerRequest struct {
	BotID    imbot.BotID    `json:"botId"`    // the bot that owns the chat; zero: that of [Client.As]
	DialogID imbot.DialogID `json:"dialogId"` // the chat to hand over; required, or [imbot.ErrDialogIDEmpty]
	UserID   imbot.UserID   `json:"userId"`   // the new owner, a member; required, or [imbot.ErrUserIDEmpty]
}

// ChatSetOwnerResponse is the answer to [ChatService.SetOwner]; its Result is always true.
type ChatSetOwnerResponse = imbot.Response[Result]

// MethodChatSetOwner is the method of [ChatService.SetOwner].
var MethodChatSetOwner = imbot.Method[ChatSetOwnerRequest, Result]{
	Name: "imbot.v2.Chat.setOwner", Validate: validateChatSetOwner, Refusals: refusedAct(), Check: imbot.MustBeTrue[Result],
}

// SetOwner hands a chat over to another member. A nil error does not mean that the new owner is in the chat: the portal
// does not look whether the user is a member, or whether there is such a user. It is refused where the bot does not own
// the chat, or is not in it, and for a dialog with a user or an open line ([ErrNotPermitted], an
// [imbot.ErrAccessDenied]); and where there is no such chat ([imbot.ErrNotInChat]). A second call is refused where the
// first one worked, so that it is not repeated after a lost answer.
//
// Scope: imbot.
//
// Bitrix24 docs: https://apidocs.bitrix24.com/api-reference/chat-bots/chat-bots-v2/imbot.v2/chats/chat-set-owner.html
func (s *ChatService) SetOwner(ctx context.Context, req ChatSetOwnerRequest) (*ChatSetOwnerResponse, error) {
	req.BotID = cmp.Or(req.BotID, s.bot.id)
	return imbot.Call(ctx, s.bot.client, MethodChatSetOwner, req)
}

func validateChatSetOwner(r ChatSetOwnerRequest) error {
	return firstProblem(requireBot(r.BotID), requireDialog(r.DialogID), requireID("userId", r.UserID, imbot.ErrUserIDEmpty))
}

package imbotv2

import (
	"cmp"
	"context"

	"github.com/seed-a6e4e5a4/imbot"
)

// ManagerDeleteRequest names managers of a chat to make plain members.
type ManagerDeleteRequest struct {
	BotID    imbot.BotID    `json:"botId"`    // the bot that owns the chat; zero: that of [Client.As]
	DialogID imbot.DialogID `json:"dialogId"` // the chat; required, or [imbot.ErrDialogIDEmpty]
	UserIDs  []imbot.UserID `json:"userIds"`  // the managers, each positive; required, or [ErrEmptyUserIDs]
}

// ManagerDeleteResponse is the answer to [ManagerService.Delete]; its Result is always true.
type ManagerDeleteResponse = imbot.Response[Result]

// MethodManagerDelete is the method of [ManagerService.Delete].
var MethodManagerDelete = imbot.Method[ManagerDeleteRequest, Result]{
	Name: "imbot.v2.Chat.Manager.delete", Validate: validateManagerDelete, Refusals: refusedAct(), Check: imbot.MustBeTrue[Result],
}

// Delete makes managers of a chat plain members of it. Who is not a manager is skipped without an error. It is refused
// where the bot does not own the chat, or is not in it ([ErrNotPermitted], an [imbot.ErrAccessDenied]); where there is
// no such chat ([imbot.ErrNotInChat]); and where it is not a group chat ([ErrWrongMessageType]).
//
// Scope: imbot.
//
// Bitrix24 docs: https://apidocs.bitrix24.com/api-reference/chat-bots/chat-bots-v2/imbot.v2/chats/chat-manager-delete.html
func (s *ManagerService) Delete(ctx context.Context, req ManagerDeleteRequest) (*ManagerDeleteResponse, error) {
	req.BotID = cmp.Or(req.BotID, s.bot.id)
	return imbot.Call(ctx, s.bot.client, MethodManagerDelete, req)
}

func validateManagerDelete(r ManagerDeleteRequest) error {
	return firstProblem(requireBot(r.BotID), requireDialog(r.DialogID), requireUserIDs("userIds", r.UserIDs, ErrEmptyUserIDs))
}

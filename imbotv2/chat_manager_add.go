package imbotv2

import (
	"cmp"
	"context"

	"github.com/seed-a6e4e5a4/imbot"
)

// ManagerAddRequest names members of a chat to make managers.
type ManagerAddRequest struct {
	BotID    imbot.BotID    `json:"botId"`    // the bot that owns the chat; zero: that of [Client.As]
	DialogID imbot.DialogID `json:"dialogId"` // the chat; required, or [imbot.ErrDialogIDEmpty]
	UserIDs  []imbot.UserID `json:"userIds"`  // the members, each positive; required, or [ErrEmptyUserIDs]
}

// ManagerAddResponse is the answer to [ManagerService.Add]; its Result is always true.
type ManagerAddResponse = imbot.Response[Result]

// MethodManagerAdd is the method of [ManagerService.Add].
var MethodManagerAdd = imbot.Method[ManagerAddRequest, Result]{
	Name: "imbot.v2.Chat.Manager.add", Validate: validateManagerAdd, Refusals: refusedAct(), Check: imbot.MustBeTrue[Result],
}

// Add makes members of a chat managers of it. A nil error does not mean that all of them are: who is not a member is
// skipped without an error, and [Chat].ManagerList has those who are. It is refused where the bot does not own the
// chat, or is not in it ([ErrNotPermitted], an [imbot.ErrAccessDenied]); where there is no such chat
// ([imbot.ErrNotInChat]); and where it is not a group chat ([ErrWrongMessageType]).
//
// Scope: imbot.
//
// Bitrix24 docs: https://apidocs.bitrix24.com/api-reference/chat-bots/chat-bots-v2/imbot.v2/chats/chat-manager-add.html
func (s *ManagerService) Add(ctx context.Context, req ManagerAddRequest) (*ManagerAddResponse, error) {
	req.BotID = cmp.Or(req.BotID, s.bot.id)
	return imbot.Call(ctx, s.bot.client, MethodManagerAdd, req)
}

func validateManagerAdd(r ManagerAddRequest) error {
	return firstProblem(requireBot(r.BotID), requireDialog(r.DialogID), requireUserIDs("userIds", r.UserIDs, ErrEmptyUserIDs))
}

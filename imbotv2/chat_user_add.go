package imbotv2

import (
	"cmp"
	"context"

	"github.com/seed-a6e4e5a4/imbot"
)

// UserAddRequest names users to add to a chat.
type UserAddRequest struct {
	BotID    imbot.BotID    `json:"botId"`    // the bot that adds them; zero: that of [Client.As]
	DialogID imbot.DialogID `json:"dialogId"` // the chat; required, or [imbot.ErrDialogIDEmpty]
	UserIDs  []imbot.UserID `json:"userIds"`  // the users, each positive; required, or [imbot.ErrUserIDEmpty]
}

// UserAddResponse is the answer to [UserService.Add]; its Result is always true.
type UserAddResponse = imbot.Response[Result]

// MethodUserAdd is the method of [UserService.Add].
var MethodUserAdd = imbot.Method[UserAddRequest, Result]{
	Name: "imbot.v2.Chat.User.add", Validate: validateUserAdd, Refusals: refusedAct(), Check: imbot.MustBeTrue[Result],
}

// Add makes users members of the chat. A nil error does not mean that all of them are: those that the portal does not
// know, or that may not be in the chat, are skipped without an error, as are those who are members before;
// [UserService.List] has those who are. It is refused where the bot is not in the chat, or may not add members, as to
// the general chat and to that of a workgroup ([ErrNotPermitted], an [imbot.ErrAccessDenied]), and where there is no
// such chat ([imbot.ErrNotInChat]).
//
// Scope: imbot.
//
// Bitrix24 docs: https://apidocs.bitrix24.com/api-reference/chat-bots/chat-bots-v2/imbot.v2/chats/chat-user-add.html
func (s *UserService) Add(ctx context.Context, req UserAddRequest) (*UserAddResponse, error) {
	req.BotID = cmp.Or(req.BotID, s.bot.id)
	return imbot.Call(ctx, s.bot.client, MethodUserAdd, req)
}

func validateUserAdd(r UserAddRequest) error {
	return firstProblem(requireBot(r.BotID), requireDialog(r.DialogID), requireUserIDs("userIds", r.UserIDs, imbot.ErrUserIDEmpty))
}

package imbotv2

import (
	"cmp"
	"context"
	"errors"

	"github.com/seed-a6e4e5a4/imbot"
)

// UserDeleteRequest names the user to remove from a chat.
type UserDeleteRequest struct {
	BotID    imbot.BotID    `json:"botId"`    // the bot that removes it; zero: that of [Client.As]
	DialogID imbot.DialogID `json:"dialogId"` // the chat; required, or [imbot.ErrDialogIDEmpty]
	UserID   imbot.UserID   `json:"userId"`   // the user, not the bot itself; required, or [imbot.ErrUserIDEmpty]
}

// UserDeleteResponse is the answer to [UserService.Delete]; its Result is always true.
type UserDeleteResponse = imbot.Response[Result]

// MethodUserDelete is the method of [UserService.Delete].
var MethodUserDelete = imbot.Method[UserDeleteRequest, Result]{
	Name:       "imbot.v2.Chat.User.delete",
	Idempotent: true, // a user who is not in the chat is confirmed as well, by documentation and servers
	Validate:   validateUserDelete, Refusals: userDeleteRefusals, Check: imbot.MustBeTrue[Result],
}

// userDeleteRefusals has the situations behind the codes.
var userDeleteRefusals = append(refusedAct(), imbot.Refusal{Code: ErrUserInvitedFromStructure, Means: imbot.ErrWrongRequest})

// Delete removes a user from the chat. A user who is not in it is no error: that makes it safe to repeat, and it is
// repeated after a lost answer. It is refused where the bot is not in the chat, or is not a manager of it, which it has
// to be to remove others ([ErrNotPermitted], an [imbot.ErrAccessDenied]); where there is no such chat
// ([imbot.ErrNotInChat]); and where the user is there with their department ([ErrUserInvitedFromStructure]).
//
// The id of the bot itself is a [*imbot.ParamError], as a repeat would be refused where the first call worked: a bot
// leaves by [ChatService.Leave].
//
// Scope: imbot.
//
// Bitrix24 docs: https://apidocs.bitrix24.com/api-reference/chat-bots/chat-bots-v2/imbot.v2/chats/chat-user-delete.html
func (s *UserService) Delete(ctx context.Context, req UserDeleteRequest) (*UserDeleteResponse, error) {
	req.BotID = cmp.Or(req.BotID, s.bot.id)
	return imbot.Call(ctx, s.bot.client, MethodUserDelete, req)
}

func validateUserDelete(r UserDeleteRequest) error {
	problems := []*imbot.ParamError{requireBot(r.BotID), requireDialog(r.DialogID), requireID("userId", r.UserID, imbot.ErrUserIDEmpty)}
	if r.UserID == imbot.UserID(r.BotID) {
		problems = append(problems, &imbot.ParamError{Param: "userId", Err: errors.New("is the bot itself, which leaves by imbot.v2.Chat.leave")})
	}
	return firstProblem(problems...)
}

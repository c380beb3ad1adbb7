package imbotv2

import (
	"cmp"
	"context"
	"errors"
	"fmt"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/internal/loose"
)

// Order is a direction to sort in.
type Order string

// The directions to sort in.
const (
	Ascending  Order = "ASC"  // the least first
	Descending Order = "DESC" // the greatest first
)

// UserOrder is what members are sorted by: the first that is set. None: the portal does not sort.
type UserOrder struct {
	ID                Order `json:"id,omitempty"`                // by their place in the chat, which is when they came
	LastSendMessageID Order `json:"lastSendMessageId,omitempty"` // by the last message that they wrote
	UserID            Order `json:"userId,omitempty"`            // by their ids
}

// UserListRequest names the chat whose members are listed.
type UserListRequest struct {
	BotID    imbot.BotID    `json:"botId"`           // the bot that asks; zero: that of [Client.As]
	DialogID imbot.DialogID `json:"dialogId"`        // the chat; required, or [imbot.ErrDialogIDEmpty]
	Order    *UserOrder     `json:"order,omitempty"` // nil: the portal does not sort
	Limit    int            `json:"limit,omitempty"` // how many, at most 200; zero: 50
}

// UserListResult is members of a chat.
type UserListResult []User

// UnmarshalJSON reads a list, or an object whose names do not matter. One that has something else than users in it is
// an error.
func (r *UserListResult) UnmarshalJSON(data []byte) error {
	type plain UserListResult
	return loose.Unmarshal(data, (*plain)(r))
}

// UserListResponse is the answer to [UserService.List].
type UserListResponse = imbot.Response[UserListResult]

// MethodUserList is the method of [UserService.List].
var MethodUserList = imbot.Method[UserListRequest, UserListResult]{
	Name: "imbot.v2.Chat.User.list", Idempotent: true, Validate: validateUserList, Refusals: refusedChat(), Check: checkUserList,
}

// List returns members of a chat, bots among them: at most 200, and there is no way to get the others. A portal answers
// a higher Limit with 50 members and no error, so that such a Limit is a [*imbot.ParamError]. The first generation
// ([imbot.ChatUserService.List]) returns the ids of all members. The members of an open chat are shown to bots that are
// not in it, too; for any other chat it is refused where the bot is not in it, or there is no such chat
// ([imbot.ErrNotInChat]).
//
// Scope: imbot.
//
// Bitrix24 docs: https://apidocs.bitrix24.com/api-reference/chat-bots/chat-bots-v2/imbot.v2/chats/chat-user-list.html
func (s *UserService) List(ctx context.Context, req UserListRequest) (*UserListResponse, error) {
	req.BotID = cmp.Or(req.BotID, s.bot.id)
	return imbot.Call(ctx, s.bot.client, MethodUserList, req)
}

// mostMembers is how many members may be asked for. Asked for more, the portal answers as without a limit.
const mostMembers = 200

func validateUserList(r UserListRequest) error {
	problems := []*imbot.ParamError{requireBot(r.BotID), requireDialog(r.DialogID)}
	if r.Limit < 0 || r.Limit > mostMembers {
		problems = append(problems, &imbot.ParamError{Param: "limit", Err: fmt.Errorf("has to be from 1 to %d, or unset, not %d", mostMembers, r.Limit)})
	}
	if r.Order != nil {
		for _, order := range []Order{r.Order.ID, r.Order.LastSendMessageID, r.Order.UserID} {
			if order != "" && order != Ascending && order != Descending {
				problems = append(problems, &imbot.ParamError{Param: "order", Err: fmt.Errorf("is neither ASC nor DESC: %s", quoteShort(string(order)))})
			}
		}
	}
	return firstProblem(problems...)
}

func checkUserList(users UserListResult) error {
	for _, user := range users {
		if user.ID <= 0 {
			return errors.New("a member without an id")
		}
	}
	return nil
}

package imbot

import (
	"encoding/json"
	"errors"
)

// chatUserListRequest has the parameters of imbot.chat.leave: the chat, and the bot that asks for its members.
type chatUserListRequest = ChatLeaveRequest

// methodChatUserList is imbot.chat.user.list. Of a chat that the bot has no access to it lists nobody.
var methodChatUserList = Method[chatUserListRequest, userIDs]{
	Name:       "imbot.chat.user.list",
	Idempotent: true,
	refusals: []refusal{
		{code: ErrAccess, description: "Action unavailable", means: ErrActionUnavailable},
		{code: ErrAccessDenied, description: "Access denied! Client ID not specified", means: ErrClientIDMissing},
	},
}

// userIDs is a list of users. PHP writes a list with holes as an object.
type userIDs []UserID

var errNoUsers = errors.New("not a list of users")

// UnmarshalJSON reads an array, or an object whose names do not matter. A list that is null, or has something else than
// users in it, proves nothing about who is not in it, and is an error.
func (l *userIDs) UnmarshalJSON(data []byte) error {
	var ids []UserID
	switch data[0] {
	case '[':
		if err := json.Unmarshal(data, &ids); err != nil {
			return err
		}
	case '{':
		var holed map[string]UserID
		if err := json.Unmarshal(data, &holed); err != nil {
			return err
		}
		for _, id := range holed {
			ids = append(ids, id)
		}
	default:
		return errNoUsers
	}
	for _, id := range ids {
		if id <= 0 {
			return errNoUsers
		}
	}
	*l = ids
	return nil
}

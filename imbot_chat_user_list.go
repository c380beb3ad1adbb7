package imbot

import (
	"encoding/json"
	"fmt"
	"log/slog"

	"github.com/seed-a6e4e5a4/imbot/internal/redact"
)

// chatUserListRequest names the chat and the bot that asks for its members.
type chatUserListRequest struct {
	ChatID   ChatID `json:"CHAT_ID" url:"CHAT_ID"`
	BotID    BotID  `json:"BOT_ID,omitempty" url:"BOT_ID,omitempty"`
	ClientID string `json:"CLIENT_ID,omitempty" url:"CLIENT_ID,omitempty"`
}

// Format prints the request with its ClientID masked, whatever the verb.
func (r chatUserListRequest) Format(f fmt.State, _ rune) { redact.Format(f, r) }

// LogValue makes a log record of the request, with its ClientID masked.
func (r chatUserListRequest) LogValue() slog.Value { return redact.LogValue(r) }

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

// UnmarshalJSON reads an array, or an object whose names do not matter.
func (l *userIDs) UnmarshalJSON(data []byte) error {
	if data[0] != '{' {
		return json.Unmarshal(data, (*[]UserID)(l))
	}
	var holed map[string]UserID
	if err := json.Unmarshal(data, &holed); err != nil {
		return err
	}
	*l = make(userIDs, 0, len(holed))
	for _, id := range holed {
		*l = append(*l, id)
	}
	return nil
}

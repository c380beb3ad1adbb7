package imbot

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/seed-a6e4e5a4/imbot/internal/loose"
)

// ChatID identifies a chat: a positive number. JSON has it as a number, plain or quoted.
type ChatID int64

// BotID identifies a chat bot: a positive number, the same as the bot's user id. JSON has it plain or quoted.
type BotID int64

// UserID identifies a user, or a bot: a positive number. JSON has it plain or quoted.
type UserID int64

// MessageID identifies a message of a portal: a positive number. Zero is none. JSON has it plain or quoted.
type MessageID int64

// CommandID identifies a command of a bot: a positive number. JSON has it plain or quoted.
type CommandID int64

// DialogID identifies a dialog: "chat13" for the chat 13, "27" for the private chat with the user 27.
type DialogID string

// chatPrefix is what turns a chat id into a dialog id. The portal accepts its letters in any case.
const chatPrefix = "chat"

// ParseChatID reads "13" or "chat13". Anything else is a [*ParamError] that matches [ErrChatIDEmpty].
func ParseChatID(s string) (ChatID, error) {
	digits := s
	if len(s) > len(chatPrefix) && strings.EqualFold(s[:len(chatPrefix)], chatPrefix) {
		digits = s[len(chatPrefix):]
	}
	id, err := strconv.ParseInt(digits, 10, 64)
	if err != nil || id <= 0 || digits[0] == '+' {
		return 0, &ParamError{
			Param: "CHAT_ID",
			Err:   fmt.Errorf(`%s is not a chat id, want a positive number or "chat" and a positive number: %w`, quoteShort(s), ErrChatIDEmpty),
		}
	}
	return ChatID(id), nil
}

// DialogID returns the dialog id of the chat: "chat13" for 13.
func (id ChatID) DialogID() DialogID {
	return DialogID(chatPrefix + strconv.FormatInt(int64(id), 10))
}

// UnmarshalJSON reads a whole number, plain or quoted.
func (id *ChatID) UnmarshalJSON(data []byte) error { return unmarshalID(id, data) }

// UnmarshalJSON reads a whole number, plain or quoted.
func (id *BotID) UnmarshalJSON(data []byte) error { return unmarshalID(id, data) }

// UnmarshalJSON reads a whole number, plain or quoted.
func (id *UserID) UnmarshalJSON(data []byte) error { return unmarshalID(id, data) }

// UnmarshalJSON reads a whole number, plain or quoted.
func (id *MessageID) UnmarshalJSON(data []byte) error { return unmarshalID(id, data) }

// UnmarshalJSON reads a whole number, plain or quoted.
func (id *CommandID) UnmarshalJSON(data []byte) error { return unmarshalID(id, data) }

var errNotAnID = errors.New("not an id: want a whole number, plain or quoted")

// unmarshalID reads an id from JSON. As encoding/json asks for, null changes nothing.
func unmarshalID[ID ~int64](id *ID, data []byte) error {
	if loose.IsNull(data) {
		return nil
	}
	value, ok := loose.Int[ID](data)
	if !ok {
		return fmt.Errorf("%w, got %s", errNotAnID, quoteShort(string(loose.Bare(data))))
	}
	*id = value
	return nil
}

// quoteShort quotes s for an error text and cuts it where it is too long to be a mistyped id.
func quoteShort(s string) string {
	const enough = 32
	if len(s) > enough {
		return strconv.Quote(s[:enough]) + "…"
	}
	return strconv.Quote(s)
}

// requireUserIDs returns what is wrong with a list of users that has to be there.
func requireUserIDs(param string, ids []UserID, sentinel Code) *ParamError {
	if len(ids) == 0 {
		return &ParamError{Param: param, Err: fmt.Errorf("is empty: %w", sentinel)}
	}
	return allowUserIDs(param, ids, sentinel)
}

// allowUserIDs returns what is wrong with a list of users that may be left out.
func allowUserIDs(param string, ids []UserID, sentinel Code) *ParamError {
	for _, id := range ids {
		if err := requireID(param, id, sentinel); err != nil {
			return err
		}
	}
	return nil
}

// requireID returns what is wrong with an id that has to be there.
func requireID[ID ChatID | BotID | UserID | MessageID | CommandID](param string, id ID, sentinel Code) *ParamError {
	if id > 0 {
		return nil
	}
	return &ParamError{Param: param, Err: fmt.Errorf("has to be a positive number, not %d: %w", id, sentinel)}
}

// allowID returns what is wrong with an id that may be left out.
func allowID[ID ChatID | BotID | UserID | CommandID](param string, id ID, sentinel Code) *ParamError {
	if id >= 0 {
		return nil
	}
	return &ParamError{Param: param, Err: fmt.Errorf("has to be a positive number or unset, not %d: %w", id, sentinel)}
}

// requireDialogID returns what is wrong with a dialog id that has to be there.
func requireDialogID(param string, id DialogID) *ParamError {
	if id != "" {
		return nil
	}
	return &ParamError{Param: param, Err: fmt.Errorf("is missing: %w", ErrDialogIDEmpty)}
}

// mustBeID is the Check of a method that answers with the id of what it made.
func mustBeID[ID ~int64](id ID) error {
	if id > 0 {
		return nil
	}
	return errors.New("an id that is none")
}

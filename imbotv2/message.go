package imbotv2

import (
	"bytes"
	"encoding/json"
	"time"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/internal/loose"
)

// Message is a message of a chat. What the portal left out is zero: all but the ID of a message that it did not find.
type Message struct {
	ID             imbot.MessageID `json:"id"`             // the message
	ChatID         imbot.ChatID    `json:"chatId"`         // its chat
	AuthorID       imbot.UserID    `json:"authorId"`       // who wrote it; zero for what the portal wrote
	Date           time.Time       `json:"date"`           // when it was written
	Text           string          `json:"text"`           // with BB codes; cut, with " (...)", after 20,000 characters
	IsSystem       bool            `json:"isSystem"`       // the portal wrote it
	UUID           string          `json:"uuid"`           // by which its author tells doubles; empty without one
	Forward        *Forward        `json:"forward"`        // where it comes from; nil unless it was forwarded
	Params         MessageParams   `json:"params"`         // what belongs to it besides the text
	ViewedByOthers bool            `json:"viewedByOthers"` // somebody else has seen it

	Unread bool `json:"unread"` // the caller has not read it; false in events
	Viewed bool `json:"viewed"` // the caller has seen it; false in events
}

// UnmarshalJSON reads an object in all forms that portals have for its members.
func (m *Message) UnmarshalJSON(data []byte) error {
	type plain Message
	return loose.Unmarshal(data, (*plain)(m))
}

// Forward is where a forwarded message comes from.
type Forward struct {
	ID     string       `json:"id"`     // the original message, as the portal names it
	UserID imbot.UserID `json:"userId"` // who wrote that
	ChatID imbot.ChatID `json:"chatId"` // its chat
	Date   time.Time    `json:"date"`   // when it was written
}

// MessageParams is what belongs to a message besides its text.
type MessageParams struct {
	ReplyID  imbot.MessageID `json:"REPLY_ID,omitempty"` // the message that it answers; zero if it answers none
	FileIDs  []FileID        `json:"FILE_ID,omitempty"`  // its files
	Keyboard json.RawMessage `json:"KEYBOARD,omitempty"` // its buttons as the portal keeps them; nil without any
	Attach   json.RawMessage `json:"ATTACH,omitempty"`   // its attachment as the portal keeps it; nil without one

	// Raw has all of them as they came, under the names that the portal has for them; nil without any. As JSON the
	// params are those that have a field here.
	Raw json.RawMessage `json:"-"`
}

// UnmarshalJSON reads an object in all forms that portals have for its members.
func (p *MessageParams) UnmarshalJSON(data []byte) error {
	type plain MessageParams
	err := loose.Unmarshal(data, (*plain)(p))
	if err == nil {
		p.Raw = bytes.Clone(data)
	}
	return err
}

package imbotv2

import (
	"cmp"
	"encoding/json"
	"errors"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/internal/envelope"
	"github.com/seed-a6e4e5a4/imbot/internal/loose"
)

// The names of events of a bot. A portal may have others.
const (
	EventMessageAdd     = "ONIMBOTV2MESSAGEADD"     // somebody wrote to the bot, or in a chat where it hears all
	EventMessageUpdate  = "ONIMBOTV2MESSAGEUPDATE"  // such a message was changed, perhaps by the bot itself
	EventMessageDelete  = "ONIMBOTV2MESSAGEDELETE"  // such a message was deleted
	EventJoinChat       = "ONIMBOTV2JOINCHAT"       // the bot was added to a chat, or a user opened a private one
	EventBotDelete      = "ONIMBOTV2DELETE"         // the bot was deleted; it is posted, and cannot be fetched
	EventContextGet     = "ONIMBOTV2CONTEXTGET"     // a dialog was opened by a link with a context
	EventCommandAdd     = "ONIMBOTV2COMMANDADD"     // somebody gave a command, or pressed a button that has one
	EventReactionChange = "ONIMBOTV2REACTIONCHANGE" // a reaction to a message was set or taken away
)

// The names of events of a user who is subscribed to them.
const (
	EventUserMessageAdd     = "ONIMV2MESSAGEADD"     // a message in a chat of the user
	EventUserMessageUpdate  = "ONIMV2MESSAGEUPDATE"  // such a message was changed
	EventUserMessageDelete  = "ONIMV2MESSAGEDELETE"  // such a message was deleted
	EventUserJoinChat       = "ONIMV2JOINCHAT"       // somebody joined a chat of the user
	EventUserReactionChange = "ONIMV2REACTIONCHANGE" // a reaction to a message was set or taken away
)

// EventID is the number of an event in the one row of events that a portal has for all its bots and users.
type EventID int64

// Event is what happened to a bot, or to a user who is subscribed. What the portal left out, or did not find any more,
// is zero, and so is a part that cannot be read; Data has all of it. Printed or logged, an event shows ids, and nothing
// that people wrote.
type Event struct {
	EventID  EventID   `json:"eventId"`            // its number where it was fetched; zero where it was posted
	Name     string    `json:"type"`               // what happened, in upper case: [EventMessageAdd] or any other
	Date     time.Time `json:"date"`               // when it happened
	MemberID string    `json:"memberId,omitempty"` // the portal that posted it; empty where it was fetched

	Bot      BotInfo        `json:"-"` // whom it is for; zero for events of a user
	DialogID imbot.DialogID `json:"-"` // where an answer goes; empty where there is nowhere
	Chat     Chat           `json:"-"` // where it happened; zero for a button that was pressed in a private chat
	User     User           `json:"-"` // who did it; the author of a message that was deleted
	Language string         `json:"-"` // of the portal, as "en"

	Message            *Message        `json:"-"` // what it is about, only its ID where it was deleted; nil if about none
	Command            *CommandCall    `json:"-"` // of [EventCommandAdd]; otherwise nil
	Reaction           *ReactionChange `json:"-"` // of [EventReactionChange] and [EventUserReactionChange]; otherwise nil
	Context            *BotContext     `json:"-"` // of [EventContextGet]; nil where it was empty
	AdditionalMessages []Message       `json:"-"` // the message that Message answers, on newer portals

	Data json.RawMessage `json:"data"` // all of it as it came, with what has no field here

	portal string // its host, where it was fetched
	done   func() // likewise
}

// Reaction is the code of a reaction to a message. It begins with a small letter, and has capitals where further words
// begin: "like", "redHeart", "thinkingFace", "whiteHeavyCheckMark". A portal does not know "LIKE" ([ErrReactionNotFound]).
// Portals add some and drop others; the page of the method has the list.
type Reaction string

// ReactionAction is what was done with a reaction.
type ReactionAction string

// What may be done with a reaction.
const (
	ReactionSet     ReactionAction = "add"    // it is there now
	ReactionRemoved ReactionAction = "delete" // it is there no longer
)

// ReactionChange is what was done with a reaction to a message.
type ReactionChange struct {
	Reaction Reaction       `json:"reaction"` // which one
	Action   ReactionAction `json:"action"`   // whether it was set or taken away
}

// BotContext is what the link said that opened a dialog with a bot.
type BotContext struct {
	// Raw is any JSON, as whoever made the link chose it. In an event that was posted, numbers and booleans are texts.
	Raw json.RawMessage
}

var errNoEvent = errors.New("not an event: it has neither a number nor a name")

// UnmarshalJSON reads an event as imbot.v2.Event.get has it. An event without a number or name of its own is read, too;
// one that has neither is an error.
func (e *Event) UnmarshalJSON(data []byte) error {
	type plain Event
	var event plain
	if err := loose.Unmarshal(data, &event); err != nil {
		return err
	}
	if event.EventID == 0 && event.Name == "" {
		return errNoEvent
	}
	event.Name = strings.ToUpper(event.Name)
	*e = Event(event)
	e.readData()
	return nil
}

// readData reads the parts of an event one by one, so that one that cannot be read does not take the others along.
func (e *Event) readData() {
	data, _ := part[struct {
		Bot                json.RawMessage `json:"bot"`
		DialogID           imbot.DialogID  `json:"dialogId"`
		Chat               json.RawMessage `json:"chat"`
		User               json.RawMessage `json:"user"`
		Language           string          `json:"language"`
		Message            json.RawMessage `json:"message"`
		MessageID          imbot.MessageID `json:"messageId"`
		Command            json.RawMessage `json:"command"`
		Reaction           Reaction        `json:"reaction"`
		Action             ReactionAction  `json:"action"`
		Context            json.RawMessage `json:"context"`
		AdditionalMessages json.RawMessage `json:"additionalMessages"`
	}](e.Data)
	e.Bot, _ = part[BotInfo](data.Bot)
	e.Chat, _ = part[Chat](data.Chat)
	e.User, _ = part[User](data.User)
	e.Language = data.Language
	if message, ok := part[Message](data.Message); ok {
		e.Message = &message
	} else if data.MessageID != 0 {
		e.Message = &Message{ID: data.MessageID}
	}
	if command, ok := part[CommandCall](data.Command); ok {
		e.Command = &command
	}
	if data.Reaction != "" {
		e.Reaction = &ReactionChange{Reaction: data.Reaction, Action: data.Action}
	}
	if envelope.HasData(data.Context) {
		e.Context = &BotContext{Raw: data.Context}
	}
	e.AdditionalMessages, _ = part[[]Message](data.AdditionalMessages)
	e.DialogID = cmp.Or(e.Chat.DialogID, data.DialogID)
	if e.DialogID == "" && e.isPress() && !envelope.HasData(data.Chat) {
		e.DialogID = imbot.DialogID(strconv.FormatInt(int64(e.User.ID), 10))
	}
}

// isPress reports whether the event is a button that a user pressed. It comes without the chat where that is private.
func (e *Event) isPress() bool {
	return e.Command != nil && e.Command.Context == CommandKeyboard && e.User.ID != 0
}

// part reads a part of an event, and reports whether there is one that can be read.
func part[T any](raw json.RawMessage) (T, bool) {
	var value T
	ok := envelope.HasData(raw) && loose.Unmarshal(raw, &value) == nil
	return value, ok
}

// mentionFirst is a text that begins with a mention.
var mentionFirst = regexp.MustCompile(`(?is)^\s*\[USER=(\d+)(?:\s+REPLACE)?\].*?\[/USER\][,:]?\s*`)

// TextWithoutMention returns the text of Message without the mention of the bot that it begins with, as messages to a bot
// do in groups; all of the text where it begins with anything else, and an empty one where there is no message.
func (e *Event) TextWithoutMention() string {
	if e.Message == nil {
		return ""
	}
	text := e.Message.Text
	found := mentionFirst.FindStringSubmatchIndex(text)
	if len(found) == 0 || text[found[2]:found[3]] != strconv.FormatInt(int64(e.Bot.ID), 10) {
		return text
	}
	return text[found[1]:]
}

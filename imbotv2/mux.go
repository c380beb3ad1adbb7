package imbotv2

import (
	"context"
	"strings"
)

// EventFunc is what a bot does about an event. The context ends when its time is over, or the program stops.
type EventFunc func(ctx context.Context, event *Event) error

// Mux has what a bot does about its events, whichever way they come: fetched ([Mux.Run]) or posted (events.WithMux).
// Register all functions before the first event; after that a Mux is safe for concurrent use. Of two functions for the
// same thing the later counts, and nil is none. Events that no function is for are done when they come.
//
// The events of one dialog come one after the other where they are fetched. Posts come as they come, and at the same
// time.
type Mux struct {
	byName   map[string]EventFunc
	commands map[string]EventFunc // by the word, in lower case; "" for all others
	other    EventFunc

	failed func(context.Context, *Event, error)
	errors func(context.Context, error)
}

// NewMux returns a Mux without functions.
func NewMux() *Mux { return new(Mux) }

func (m *Mux) on(name string, f EventFunc) {
	if m.byName == nil {
		m.byName = make(map[string]EventFunc)
	}
	m.byName[name] = f
}

// Message has f called for each message to the bot; Event.Message is not nil. Where the message is a command of the
// portal, [Mux.Command] is asked instead.
func (m *Mux) Message(f EventFunc) { m.on(EventMessageAdd, f) }

// MessageUpdate has f called for each message that was changed, those that bots change in groups among them;
// Event.Message is not nil.
func (m *Mux) MessageUpdate(f EventFunc) { m.on(EventMessageUpdate, f) }

// MessageDelete has f called for each message that was deleted; Event.Message has its ID alone.
func (m *Mux) MessageDelete(f EventFunc) { m.on(EventMessageDelete, f) }

// JoinChat has f called when the bot was added to a chat, or a user opened a private one; Event.Chat is that chat.
func (m *Mux) JoinChat(f EventFunc) { m.on(EventJoinChat, f) }

// BotDelete has f called when the bot was deleted. It is posted, and cannot be fetched.
func (m *Mux) BotDelete(f EventFunc) { m.on(EventBotDelete, f) }

// Context has f called when a dialog with the bot was opened by a link with a context.
func (m *Mux) Context(f EventFunc) { m.on(EventContextGet, f) }

// Reaction has f called when a reaction to a message was set or taken away; Event.Reaction and Event.Message are not
// nil.
func (m *Mux) Reaction(f EventFunc) { m.on(EventReactionChange, f) }

// Command has f called when somebody gives a command or presses a button that has it; Event.Command is not nil. The
// word is that of the command with or without the slash, letter case aside. With an empty word f is for all commands
// that have no function of their own.
func (m *Mux) Command(word string, f EventFunc) {
	if m.commands == nil {
		m.commands = make(map[string]EventFunc)
	}
	m.commands[commandWord(word)] = f
}

// Other has f called for every event that no other function is for, those of users and unknown ones among them.
func (m *Mux) Other(f EventFunc) { m.other = f }

// Handle calls the function for an event, and returns its error; nil where there is none for it.
func (m *Mux) Handle(ctx context.Context, event *Event) error {
	if f := m.of(event); f != nil {
		return f(ctx, event)
	}
	return nil
}

// of returns the function for an event, or nil.
func (m *Mux) of(event *Event) EventFunc {
	found := m.byName[event.Name]
	if event.Name == EventCommandAdd && event.Command != nil {
		if found = m.commands[commandWord(event.Command.Command)]; found == nil {
			found = m.commands[""]
		}
	}
	if !event.isWhole() {
		found = nil
	}
	if found == nil {
		return m.other
	}
	return found
}

// isWhole reports whether an event has what functions for events of its name are promised.
func (e *Event) isWhole() bool {
	switch e.Name {
	case EventMessageAdd, EventMessageUpdate, EventMessageDelete:
		return e.Message != nil
	case EventReactionChange:
		return e.Message != nil && e.Reaction != nil
	case EventCommandAdd:
		return e.Command != nil
	default:
		return true
	}
}

func commandWord(s string) string {
	return strings.ToLower(strings.TrimPrefix(strings.TrimSpace(s), "/"))
}

package imbotv2

import (
	"context"
	"errors"
	"fmt"
	"strings"
)

// EventFunc is what a bot does about an event. The context ends when its time is over, or the program stops.
type EventFunc func(ctx context.Context, event *Event) error

// Mux has what a bot does about its events, whichever way they come: fetched ([Mux.Run]) or posted (events.WithMux).
// Register all functions before the first event; after that a Mux is safe for concurrent use. A function replaces an
// earlier one for the same events, and nil removes it. Events that no function is for are done when they come.
//
// Events that are fetched come one after the other in each dialog, and a function that fails is called again. Those that
// are posted come as they come, several at the same time, and a function is called once for each.
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
	if m.byName[name] = f; f == nil {
		delete(m.byName, name)
	}
}

// Message has f called for each message to the bot; Event.Message is not nil. In a group its text begins with the mention
// of the bot, which [Event.TextWithoutMention] leaves out. Where the message is a command of the portal, [Mux.Command] is
// asked instead.
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
	if m.commands[commandWord(word)] = f; f == nil {
		delete(m.commands, commandWord(word))
	}
}

// Other has f called for every event that no other function is for, those of users and unknown ones among them.
func (m *Mux) Other(f EventFunc) { m.other = f }

// Handle calls the function for an event once, as events.WithMux does with those that are posted, and returns its error;
// nil where there is none for it. An event that its function failed for goes to [Mux.Failed], or its error to
// [Mux.Errors]. A panic of a function is a [*PanicError].
func (m *Mux) Handle(ctx context.Context, event *Event) error {
	err := m.call(ctx, event)
	if err == nil {
		return nil
	}
	if failed := m.giveUp(ctx, event, err); failed != nil && !errors.Is(failed, err) {
		return errors.Join(err, failed)
	}
	return err
}

// call calls the function for an event.
func (m *Mux) call(ctx context.Context, event *Event) error {
	f := m.of(event)
	if f == nil {
		return nil
	}
	return call(ctx, func(ctx context.Context) error { return f(ctx, event) })
}

// about is an error of the function for an event.
func about(event *Event, err error) error {
	return fmt.Errorf("imbotv2: event %d, %s: %w", event.EventID, event.Name, err)
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

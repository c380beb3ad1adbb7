package imbotv2

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
)

// ID returns a text that two events have in common if they are the same one that came twice, as portals post events.
// It has 32 letters, and tells nothing about the event.
//
// An event that was fetched goes by the host of the portal and EventID. Others go by portal, bot and name, and by what happens once: a new or
// deleted message by its id, a command that was typed by its message as well, a bot that joins by the dialog, a bot
// that was deleted by nothing else. What may well happen again, such as a button that is pressed twice, a change or a
// reaction, goes by time and content too, and so does every other event. As a bot can leave a dialog and be added to it
// again, ids should be remembered for minutes, not for days.
func (e *Event) ID() string {
	hash := sha256.New()
	for _, part := range append([]any{e.MemberID}, e.identity()...) {
		_, _ = fmt.Fprintf(hash, "%q ", fmt.Sprint(part))
	}
	return hex.EncodeToString(hash.Sum(nil)[:16])
}

// identity returns what makes an event of a portal another one than all others.
func (e *Event) identity() []any {
	if e.EventID != 0 {
		return []any{"fetched", e.portal, int64(e.EventID)}
	}
	id := []any{"posted", e.Name, int64(e.Bot.ID)}
	switch message := e.messageID(); {
	case e.Name == EventBotDelete && e.Bot.ID != 0:
		return id
	case e.Name == EventJoinChat && e.DialogID != "":
		return append(id, string(e.DialogID))
	case e.Name == EventCommandAdd && message != 0 && e.Command != nil && e.Command.Context == CommandTextarea:
		return append(id, message, int64(e.Command.ID), e.Command.Command, e.Command.Params)
	case e.comesOnce() && message != 0:
		return append(id, message)
	default:
		return append(id, e.Date.UnixNano(), string(e.Data))
	}
}

// comesOnce reports whether there is one event of that name for a message.
func (e *Event) comesOnce() bool {
	switch e.Name {
	case EventMessageAdd, EventMessageDelete, EventUserMessageAdd, EventUserMessageDelete:
		return true
	default:
		return false
	}
}

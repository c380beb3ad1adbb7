package imbotv2

import (
	"strconv"

	"github.com/seed-a6e4e5a4/imbot/internal/identity"
)

// ID returns a text that two events have in common if they are the same one that came twice, as portals post events.
// It has 32 letters, and tells nothing about the event.
//
// Two events that were fetched are the same if the host of the portal and the EventID are. Others are the same if
// portal, bot and name are, and what they are about: a new or deleted message is known by its id, a command that was
// typed by its message as well, a bot that joins by the dialog, and the deletion of a bot by nothing else. What may
// well happen again, such as a button that is pressed twice, a change or a reaction, is known by time and content too,
// and so is every other event. As a bot can leave a dialog and be added to it again, ids should be remembered for
// minutes, not for days.
func (e *Event) ID() string {
	if e.EventID != 0 {
		return identity.Of(e.MemberID, "fetched", e.portal, strconv.FormatInt(int64(e.EventID), 10))
	}
	event := identity.Event{
		Portal: e.MemberID, Name: e.Name, Bot: int64(e.Bot.ID), Dialog: string(e.DialogID), Message: e.messageID(), Time: e.Date,
		Content: func() string { return string(e.Data) },
	}
	if command := e.Command; command != nil {
		event.Command = identity.Command{
			ID: int64(command.ID), Word: command.Command, Params: command.Params, IsTyped: command.Context == CommandTextarea,
		}
	}
	return event.ID()
}

package events

import (
	"cmp"
	"strings"

	"github.com/seed-a6e4e5a4/imbot"
)

// isSecond reports whether an event is one of the second generation.
func isSecond(name string) bool {
	return strings.HasPrefix(name, "ONIMBOTV2") || strings.HasPrefix(name, "ONIMV2")
}

// letters are the types of chats that the first generation has letters for, by their names in the second.
var letters = map[string]string{"private": privateChat, "chat": "C", "open": "O"}

// second reads what the second generation has in other places than the first. Ids that are none count as not sent.
func (d *decoder) second(event *Event) {
	event.ChatType = cmp.Or(d.text("data", "chat", "messageType"), letters[d.text("data", "chat", "type")], event.ChatType)
	dialog := cmp.Or(d.text("data", "chat", "dialogId"), d.text("data", "dialogId"), string(event.DialogID))
	event.DialogID = imbot.DialogID(dialog)
	event.ChatAuthorID = cmp.Or(imbot.UserID(d.id("data", "chat", "owner")), event.ChatAuthorID)
	event.UserID = cmp.Or(imbot.UserID(d.id("data", "user", "id")), event.UserID)
	if chat := imbot.ChatID(d.id("data", "chat", "id")); chat != 0 {
		event.ChatID = chat
	}
	if _, isUser := parseID(dialog); isUser || event.ChatType == privateChat {
		event.ChatID = 0
	}
}

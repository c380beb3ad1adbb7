package methods

import (
	"slices"
	"strings"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/imbottest/internal/php"
)

// cutDialog takes a DIALOG_ID apart: chat13 is a chat, sg7 and crm7 are the chats of entities, and 13 is the private
// chat with a user.
func cutDialog(dialog any) (alias, number string, valid bool) {
	number = strings.ToLower(php.StringOf(dialog))
	for _, prefix := range []string{"chat", "sg", "crm"} {
		if rest, found := strings.CutPrefix(number, prefix); found {
			alias, number = prefix, rest
			break
		}
	}
	valid = number != "" && php.Digits(number) == len(number) && (alias != "" || number != "0")
	return alias, number, valid
}

// chatOf returns the id of the chat that a DIALOG_ID names, and 0 if there is none. The caller holds mu.
func (w *World) chatOf(alias, number string) imbot.ChatID {
	if alias == "chat" {
		return imbot.ChatID(php.Intval(number))
	}
	found := w.find(func(r *room) bool { return kinds[r.Kind].alias == alias && r.EntityID == number })
	if found == nil {
		return 0
	}
	return found.ID
}

// privateChat returns the private chat of two, and nil if they have none. The caller holds mu.
func (w *World) privateChat(one, other imbot.UserID) *room {
	return w.find(func(r *room) bool {
		return r.Kind == Private && one != other && slices.Contains(r.Members, one) && slices.Contains(r.Members, other)
	})
}

// maySee reports whether a user has access to a chat: members do, and to an open chat all employees. The caller holds
// mu.
func (w *World) maySee(chat *room, user imbot.UserID) bool {
	return slices.Contains(chat.Members, user) || chat.Kind == OpenChat && !w.users[user].Extranet
}

// v2Dialog returns the chat of a dialogId, and nil if there is none: chat13 is a chat, sg7 and crm|DEAL|5 are those of
// a workgroup and of a CRM item, and 7 is the private chat with a user, which is made where there is none yet. The
// caller holds mu.
func (w *World) v2Dialog(dialog string, bot imbot.UserID) *room {
	if item, isCRM := strings.CutPrefix(strings.ToLower(dialog), "crm|"); isCRM {
		return w.find(func(r *room) bool { return r.Kind == CRM && strings.EqualFold(r.EntityID, item) })
	}
	alias, number, valid := cutDialog(dialog)
	switch {
	case !valid || alias == "crm":
		return nil
	case alias != "":
		return w.chats[w.chatOf(alias, number)]
	}
	user := imbot.UserID(php.Intval(number))
	if user == bot {
		return nil
	}
	return w.dialog(bot, user, bot)
}

// isIn reports whether somebody is in a chat.
func isIn(chat *room, user imbot.UserID) bool { return slices.Contains(chat.Members, user) }

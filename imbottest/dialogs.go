package imbottest

import (
	"slices"
	"strings"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/imbottest/internal/php"
)

// This file finds the chats that calls mean.

// chat returns the chat that a call means by CHAT_ID, one without members if it does not exist. DIALOG_ID is not
// documented; where it is set, it replaces CHAT_ID. The caller holds the world's mu.
func (s *session) chat(params *php.Array) (*room, error) {
	id := imbot.ChatID(php.Intval(params.Get("CHAT_ID")))
	if dialog := params.Get("DIALOG_ID"); dialog != nil {
		alias, number, valid := cutDialog(dialog)
		if !valid || alias == "" {
			return nil, errDialogIDEmpty
		}
		id = s.world.chatOf(alias, number)
	}
	if id <= 0 {
		return nil, errChatIDEmpty
	}
	return s.world.room(id), nil
}

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
func (w *world) chatOf(alias, number string) imbot.ChatID {
	if alias == "chat" {
		return imbot.ChatID(php.Intval(number))
	}
	found := w.find(func(r *room) bool { return kinds[r.Kind].dialogAlias == alias && r.EntityID == number })
	if found == nil {
		return 0
	}
	return found.ID
}

// privateChat returns the private chat of two, and nil if they have none. The caller holds mu.
func (w *world) privateChat(one, other imbot.UserID) *room {
	return w.find(func(r *room) bool {
		return r.Kind == Private && one != other && slices.Contains(r.Members, one) && slices.Contains(r.Members, other)
	})
}

// maySee tells whether a user has access to a chat: members do, and to an open chat all employees. The caller holds mu.
func (w *world) maySee(chat *room, user imbot.UserID) bool {
	return slices.Contains(chat.Members, user) || chat.Kind == OpenChat && !w.users[user].Extranet
}

// hasMember tells whether a bot is in a chat in the way that the methods for chats want it: a private chat is none of
// theirs.
func (r *room) hasMember(user imbot.UserID) bool {
	return !kinds[r.Kind].private && slices.Contains(r.Members, user)
}

// userIDs returns the users that a list names, and false if it names one by something that is neither number nor text.
// What is empty in the way of PHP is left out.
func userIDs(list *php.Array) (ids []imbot.UserID, valid bool) {
	for _, value := range list.All() {
		switch value.(type) {
		case int64, string:
			ids = append(ids, imbot.UserID(php.Intval(value)))
		default:
			if !php.IsEmpty(value) {
				return nil, false
			}
		}
	}
	return ids, true
}

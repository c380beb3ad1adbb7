package imbottest

import (
	"strings"
	"time"

	"github.com/seed-a6e4e5a4/imbot"
)

// errUsersType is the failure of imbot.chat.add: one of the users is no number.
var errUsersType = badRequest("INVALID_FORMAT", "Parameter USERS has wrong type")

// chatAdd is imbot.chat.add. The bot becomes the author and the first member. A color or an avatar that cannot be used
// is left out silently.
func chatAdd(s *session, params *array) (any, error) {
	params = params.upper()
	s.world.mu.Lock()
	defer s.world.mu.Unlock()

	list, _ := listIn(params.get("USERS"))
	users, valid := userIDs(list)
	if !valid {
		return nil, errUsersType
	}
	bot, err := s.bot(params)
	if err != nil {
		return nil, err
	}
	chat := s.world.create(newChat(params, imbot.UserID(bot)))
	if chat.Title == "" {
		chat.Title = "Chat #" + text(chat.ID)
	}
	s.add(chat, users, bot, false)
	if trim(params.get("MESSAGE")) != "" {
		s.world.say(chat)
	}
	return int64(chat.ID), nil
}

// newChat is the chat that the parameters describe, as yet without an id and without users.
func newChat(params *array, author imbot.UserID) Chat {
	kind := Group
	if stringOf(params.get("TYPE")) == "OPEN" {
		kind = OpenChat
	}
	chat := Chat{
		Title:       trim(params.get("TITLE")),
		Description: stringOf(params.get("DESCRIPTION")),
		EntityType:  stringOf(params.get("ENTITY_TYPE")),
		EntityID:    stringOf(params.get("ENTITY_ID")),
		Created:     time.Now(),
		Owner:       author,
		Members:     []imbot.UserID{author},
		HasAvatar:   checkAvatar(params.get("AVATAR")) == nil,
	}
	chat.Kind = kindOf(chat.EntityType, kind)
	if color := stringOf(params.get("COLOR")); colors[color] != "" {
		chat.Color = color
	}
	return chat
}

// trim is PHP's function of that name.
func trim(value any) string { return strings.Trim(stringOf(value), " \t\n\r\x00\v") }

package imbottest

import (
	"time"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/imbottest/internal/php"
)

// errUsersType is the failure of imbot.chat.add: one of the users is no number.
var errUsersType = badRequest("INVALID_FORMAT", "Parameter USERS has wrong type")

// chatAdd is imbot.chat.add. The bot becomes the author and the first member. A color or an avatar that cannot be used
// is left out silently.
func chatAdd(s *session, params *php.Array) (any, error) {
	params = params.Upper()
	s.world.mu.Lock()
	defer s.world.mu.Unlock()

	list, _ := php.List(params.Get("USERS"))
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
	if php.Trim(params.Get("MESSAGE")) != "" {
		s.world.say(chat)
	}
	return int64(chat.ID), nil
}

// newChat is the chat that the parameters describe, as yet without an id and without users.
func newChat(params *php.Array, author imbot.UserID) Chat {
	kind := Group
	if php.StringOf(params.Get("TYPE")) == "OPEN" {
		kind = OpenChat
	}
	chat := Chat{
		Title:       php.Trim(params.Get("TITLE")),
		Description: php.StringOf(params.Get("DESCRIPTION")),
		EntityType:  php.StringOf(params.Get("ENTITY_TYPE")),
		EntityID:    php.StringOf(params.Get("ENTITY_ID")),
		Created:     time.Now(),
		Owner:       author,
		Members:     []imbot.UserID{author},
		HasAvatar:   checkAvatar(params.Get("AVATAR")) == nil,
	}
	chat.Kind = kindOf(chat.EntityType, kind)
	if color := php.StringOf(params.Get("COLOR")); colors[color] != "" {
		chat.Color = color
	}
	return chat
}

package imbottest

import (
	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/imbottest/internal/php"
)

// The failures of imbot.chat.user.add.
var (
	errNoExtending = accessError("It is forbidden to add users to this chat")
	errUsersNoList = badRequest("WRONG_REQUEST", "User IDs must be passed in array format")
	errMayNotAdd   = badRequest("WRONG_REQUEST", "You don't have access or user already member in chat").
			with("ACCESS_DENIED_EXTEND", "Insufficient permissions to add participants to the chat")
)

// chatUserAdd is imbot.chat.user.add. Whoever is a member already stays one, and is no mistake. Without HIDE_HISTORY
// the new members see what was written before.
func chatUserAdd(s *session, params *php.Array) (any, error) {
	params = params.Upper()
	s.world.mu.Lock()
	defer s.world.mu.Unlock()

	chat, err := s.chat(params)
	if err != nil {
		return nil, err
	}
	rule := kinds[chat.Kind]
	switch {
	case rule.general:
		return nil, errUnavailable
	case rule.noExtending:
		return nil, errNoExtending
	}
	bot, err := s.bot(params)
	if err != nil {
		return nil, err
	}
	list, isList := php.List(params.Get("USERS"))
	if !isList {
		return nil, errUsersNoList
	}
	if !chat.hasMember(imbot.UserID(bot)) {
		return nil, errMayNotAdd
	}
	var users []imbot.UserID
	for _, value := range list.All() {
		users = append(users, imbot.UserID(php.Intval(value)))
	}
	hide := params.Get("HIDE_HISTORY")
	s.add(chat, users, bot, !php.IsEmpty(hide) && php.StringOf(hide) != "N")
	return true, nil
}

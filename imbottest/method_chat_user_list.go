package imbottest

import (
	"slices"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/imbottest/internal/php"
)

// chatUserList is imbot.chat.user.list. A bot that may not see the chat gets an empty list instead of an error.
func chatUserList(s *session, params *php.Array) (any, error) {
	params = params.Upper()
	s.world.mu.Lock()
	defer s.world.mu.Unlock()

	chat, err := s.chat(params)
	if err != nil {
		return nil, err
	}
	if kinds[chat.Kind].general {
		return nil, errUnavailable
	}
	bot, err := s.bot(params)
	if err != nil {
		return nil, err
	}
	if !slices.Contains(chat.Members, imbot.UserID(bot)) {
		return php.New(), nil
	}
	return php.ListOf(slices.Clone(chat.Members)), nil
}

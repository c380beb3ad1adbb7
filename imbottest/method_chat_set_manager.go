package imbottest

import (
	"slices"

	"github.com/seed-a6e4e5a4/imbot/imbottest/internal/php"
)

// errManagerOnly is the failure of imbot.chat.setManager: the bot does not own the chat, or the user is not in it.
var errManagerOnly = badRequest("WRONG_REQUEST", "Change manager can only owner and user must be member in chat")

// chatSetManager is imbot.chat.setManager. Whatever IS_MANAGER is, unless it is N, it makes a manager. The owner is one
// and stays one.
func chatSetManager(s *session, params *php.Array) (any, error) {
	params = params.Upper()
	s.world.mu.Lock()
	defer s.world.mu.Unlock()

	chat, user, bot, err := s.chatUserBot(params)
	if err != nil {
		return nil, err
	}
	if chat.Owner != bot || kinds[chat.Kind].private || !slices.Contains(chat.Members, user) {
		return nil, errManagerOnly
	}
	chat.Managers = without(chat.Managers, user)
	if php.StringOf(params.Get("IS_MANAGER")) != "N" && user != chat.Owner {
		chat.Managers = append(chat.Managers, user)
	}
	return true, nil
}

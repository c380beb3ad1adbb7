package imbottest

import (
	"slices"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/imbottest/internal/php"
)

// errOwnerOnly is the failure of imbot.chat.setOwner: the bot does not own the chat, or the user is not in it.
var errOwnerOnly = badRequest("WRONG_REQUEST", "Change owner can only owner and user must be member in chat")

// chatSetOwner is imbot.chat.setOwner. The old owner stays a member, and is no manager any more.
func chatSetOwner(s *session, params *php.Array) (any, error) {
	params = params.Upper()
	s.world.mu.Lock()
	defer s.world.mu.Unlock()

	chat, user, bot, err := s.chatUserBot(params)
	if err != nil {
		return nil, err
	}
	rule := kinds[chat.Kind]
	switch {
	case rule.general:
		return nil, errUnavailable
	case rule.private, chat.Owner != bot, user != bot && !slices.Contains(chat.Members, user):
		return nil, errOwnerOnly
	}
	chat.own(user)
	return true, nil
}

// chatUserBot reads the parameters of the methods that change the role of a user, in the order in which they report
// mistakes. The caller holds the world's mu.
func (s *session) chatUserBot(params *php.Array) (chat *room, user, bot imbot.UserID, err error) {
	if chat, err = s.chat(params); err != nil {
		return nil, 0, 0, err
	}
	user = imbot.UserID(php.Intval(params.Get("USER_ID")))
	if user <= 0 {
		return nil, 0, 0, errUserIDEmpty
	}
	id, err := s.bot(params)
	return chat, user, imbot.UserID(id), err
}

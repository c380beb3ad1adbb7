package imbottest

import (
	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/imbottest/internal/php"
)

// The failures of imbot.chat.updateColor. The second one hides several: the chat has this color already, does not
// exist, or is one that the bot is not in.
var (
	errColor     = badRequest("WRONG_COLOR", "This color currently unavailable")
	errSameColor = badRequest("WRONG_REQUEST", "This color currently set or chat isn't exists")
)

// chatUpdateColor is imbot.chat.updateColor. Other than elsewhere, the color is looked at before the bot.
func chatUpdateColor(s *session, params *php.Array) (any, error) {
	params = params.Upper()
	s.world.mu.Lock()
	defer s.world.mu.Unlock()

	chat, err := s.chat(params)
	if err != nil {
		return nil, err
	}
	color := php.StringOf(params.Get("COLOR"))
	switch {
	case kinds[chat.Kind].general:
		return nil, errUnavailable
	case colors[color] == "":
		return nil, errColor
	}
	bot, err := s.bot(params)
	if err != nil {
		return nil, err
	}
	if !chat.hasMember(imbot.UserID(bot)) || chat.Color == color {
		return nil, errSameColor
	}
	chat.Color = color
	s.world.say(chat) // "changed the color to"
	return true, nil
}

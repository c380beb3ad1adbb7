package imbottest

import (
	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/imbottest/internal/php"
)

// The failures of imbot.chat.updateTitle.
var (
	errTitleEmpty = badRequest("TITLE_EMPTY", "Title can't be empty")
	errNoRenaming = accessError("This chat cannot be renamed")
)

// maxTitle is how many letters of a title are kept.
const maxTitle = 255

// chatUpdateTitle is imbot.chat.updateTitle. Beyond its checks it always answers true, whether the bot could rename the
// chat or not.
func chatUpdateTitle(s *session, params *php.Array) (any, error) {
	params = params.Upper()
	s.world.mu.Lock()
	defer s.world.mu.Unlock()

	chat, err := s.chat(params)
	if err != nil {
		return nil, err
	}
	title := php.Trim(params.Get("TITLE"))
	if php.IsEmpty(title) {
		return nil, errTitleEmpty
	}
	bot, err := s.bot(params)
	if err != nil {
		return nil, err
	}
	rule := kinds[chat.Kind]
	switch {
	case rule.general:
		return nil, errUnavailable
	case rule.noRenaming:
		return nil, errNoRenaming
	}
	if letters := []rune(title); len(letters) > maxTitle {
		title = string(letters[:maxTitle])
	}
	if chat.hasMember(imbot.UserID(bot)) && chat.Title != title {
		chat.Title = title
		s.world.say(chat) // "changed the title to"
	}
	return true, nil
}

package imbottest

import "github.com/seed-a6e4e5a4/imbot/imbottest/internal/php"

// chatUserDelete is imbot.chat.user.delete. It is imbot.chat.leave with a USER_ID. A missing one is reported after all
// mistakes in the chat and the bot.
func chatUserDelete(s *session, params *php.Array) (any, error) {
	return s.removal(params.Upper(), true)
}

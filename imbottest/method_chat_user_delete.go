package imbottest

// chatUserDelete is imbot.chat.user.delete. It is imbot.chat.leave with a user, who is only missed after all that is wrong
// with the chat and the bot.
func chatUserDelete(s *session, params *array) (any, error) { return s.removal(params.upper(), true) }

package imbottest

// chatUserDelete is imbot.chat.user.delete. It is imbot.chat.leave with a USER_ID. A missing one is reported after all
// mistakes in the chat and the bot.
func chatUserDelete(s *session, params *array) (any, error) { return s.removal(params.upper(), true) }

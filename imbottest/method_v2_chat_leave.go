package imbottest

import (
	"slices"

	"github.com/seed-a6e4e5a4/imbot"
)

// The failures of the methods of version 2. Other than in version 1, all of them are a 400.
var (
	errV2Token     = badRequest("BOT_TOKEN_NOT_SPECIFIED", "Bot token is not specified")
	errV2NoBot     = badRequest("BOT_ID_REQUIRED", "Bot ID is required")
	errV2Bot       = badRequest("BOT_NOT_FOUND", "Bot not found")
	errV2Ownership = badRequest("BOT_OWNERSHIP_ERROR", "Bot is registered by another application").
			with("BOT_OWNERSHIP_ERROR", "Bot was installed by another rest application")
	errV2NoChat    = badRequest("100", "Could not find value for parameter {dialogId}")
	errV2Chat      = badRequest("CHAT_NOT_FOUND", "Chat not found")
	errV2Access    = badRequest("ACCESS_DENIED", "Access denied")
	errV2Structure = badRequest("USER_INVITED_FROM_STRUCTURE", "User was added to the chat with their department")
)

// v2ChatLeave is imbot.v2.Chat.leave. Nobody asks whether the kind of chat lets members or owners go: who is in the
// chat can leave it. The names of the parameters have exactly this form.
func v2ChatLeave(s *session, params *array) (any, error) {
	s.world.mu.Lock()
	defer s.world.mu.Unlock()

	bot, err := s.v2Bot(params)
	if err != nil {
		return nil, err
	}
	chat, err := s.v2Chat(params, bot)
	if err != nil {
		return nil, err
	}
	switch {
	case !chat.hasMember(bot):
		return nil, errV2Access
	case slices.Contains(chat.FromStructure, bot):
		return nil, errV2Structure
	}
	s.world.remove(chat, bot)
	return newArray().set("result", true), nil
}

// v2Bot returns the bot that a call of version 2 is about. The token of such a bot is what version 1 calls CLIENT_ID.
// The caller holds the world's mu.
func (s *session) v2Bot(params *array) (imbot.UserID, error) {
	application := s.who.app
	if application == "" {
		token := firstOf(params, "botToken", "BOT_TOKEN", "clientId", "CLIENT_ID")
		if isEmpty(token) {
			return 0, errV2Token
		}
		application = customApplication(stringOf(token))
	}
	id := intval(firstOf(params, "botId", "BOT_ID"))
	if id == 0 {
		return 0, errV2NoBot
	}
	bot, known := s.world.bot(imbot.BotID(id))
	switch {
	case !known:
		return 0, errV2Bot
	case bot.application() != application:
		return 0, errV2Ownership
	}
	return imbot.UserID(bot.ID), nil
}

// v2Chat returns the chat that a call of version 2 is about. The caller holds the world's mu.
func (s *session) v2Chat(params *array, bot imbot.UserID) (*room, error) {
	id, dialog := params.get("chatId"), params.get("dialogId")
	if isEmpty(id) && isEmpty(dialog) {
		return nil, errV2NoChat
	}
	var chat *room
	if isEmpty(id) {
		switch alias, number, valid := cutDialog(dialog); {
		case valid && alias == "":
			chat = s.world.privateChat(bot, imbot.UserID(intval(number)))
		case valid:
			chat = s.world.chats[s.world.chatOf(alias, number)]
		}
	} else {
		chat = s.world.chats[imbot.ChatID(intval(id))]
	}
	if chat == nil {
		return nil, errV2Chat
	}
	return chat, nil
}

// firstOf returns the first of several parameters that is set.
func firstOf(params *array, names ...string) any {
	for _, name := range names {
		if value := params.get(name); value != nil {
			return value
		}
	}
	return nil
}

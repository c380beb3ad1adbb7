package imbottest

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/imbottest/internal/php"
)

// The failures of the methods of version 2. Other than in version 1, all of them are a 400.
var (
	errV2Token     = badRequest("BOT_TOKEN_NOT_SPECIFIED", "Bot token is not specified")
	errV2NoBot     = badRequest("BOT_ID_REQUIRED", "Bot ID is required")
	errV2Bot       = badRequest("BOT_NOT_FOUND", "Bot not found")
	errV2Ownership = badRequest("BOT_OWNERSHIP_ERROR", "Bot is registered by another application").
			with("BOT_OWNERSHIP_ERROR", "Bot was installed by another rest application")
	errV2NoDialog  = badRequest("100", "Could not find value for parameter {dialogId}")
	errV2Chat      = badRequest("CHAT_NOT_FOUND", "Chat not found")
	errV2Access    = badRequest("ACCESS_DENIED", "Access denied")
	errV2NotMember = badRequest("USER_NOT_FOUND", "User not found")
	errV2Structure = badRequest("USER_INVITED_FROM_STRUCTURE", "User was added to the chat with their department")
)

// errV2Type is the failure of a parameter that has another type than the method declares.
func errV2Type(param string) error {
	return badRequest("100", "Invalid value to match with parameter {"+param+"}")
}

// v2ChatLeave is imbot.v2.Chat.leave. The bot needs access to the chat, and then to be in it. Nobody asks whether the
// kind of chat lets members or owners go: who is in the chat can leave it, the general chat and a private one
// included. The names of the parameters have exactly this form.
func v2ChatLeave(s *session, params *php.Array) (any, error) {
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
	isMember, isOpen := slices.Contains(chat.Members, bot), chatType(chat.Kind) == "O"
	switch {
	case !isMember && isOpen:
		return nil, errV2NotMember
	case !isMember:
		return nil, errV2Access
	case slices.Contains(chat.FromStructure, bot):
		return nil, errV2Structure
	}
	s.world.remove(chat, bot)
	return php.New().Set("result", true), nil
}

// v2Bot returns the bot that a call of version 2 is about. The token of such a bot is what version 1 calls CLIENT_ID.
// The caller holds the world's mu.
func (s *session) v2Bot(params *php.Array) (imbot.UserID, error) {
	application := s.who.app
	if application == "" {
		token := firstOf(params, "botToken", "BOT_TOKEN", "clientId", "CLIENT_ID")
		if token == "" {
			return 0, errV2Token
		}
		application = customApplication(token)
	}
	id := php.Intval(cmp.Or(params.Get("botId"), params.Get("BOT_ID")))
	if id <= 0 {
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

// v2Chat returns the chat that a call of version 2 is about: by its id in chatId, which is not documented, or by
// dialogId, which has to be text. The caller holds the world's mu.
func (s *session) v2Chat(params *php.Array, bot imbot.UserID) (*room, error) {
	chat, dialog := params.Get("chatId"), params.Get("dialogId")
	if chat != nil {
		id, isNumber := wholeNumber(chat)
		if !isNumber {
			return nil, errV2Type("chatId")
		}
		return orNoChat(s.world.chats[imbot.ChatID(id)])
	}
	text, isText := dialog.(string)
	switch {
	case dialog == nil:
		return nil, errV2NoDialog
	case !isText:
		return nil, errV2Type("dialogId")
	}
	return orNoChat(s.world.v2Dialog(text, bot))
}

func orNoChat(chat *room) (*room, error) {
	if chat == nil {
		return nil, errV2Chat
	}
	return chat, nil
}

// v2Dialog returns the chat of a dialogId, and nil if there is none: chat13 is a chat, sg7 and crm|DEAL|5 are those of
// a workgroup and of a CRM item, and 7 is the private chat with a user, which is made where there is none yet. The
// caller holds mu.
func (w *world) v2Dialog(dialog string, bot imbot.UserID) *room {
	if item, isCRM := strings.CutPrefix(strings.ToLower(dialog), "crm|"); isCRM {
		return w.find(func(r *room) bool { return r.Kind == CRM && strings.EqualFold(r.EntityID, item) })
	}
	alias, number, valid := cutDialog(dialog)
	switch {
	case !valid || alias == "crm":
		return nil
	case alias != "":
		return w.chats[w.chatOf(alias, number)]
	}
	user := imbot.UserID(php.Intval(number))
	if found := w.privateChat(bot, user); found != nil || user == bot {
		return found
	}
	return w.create(Chat{Kind: Private, Owner: bot, Members: []imbot.UserID{bot, user}})
}

// wholeNumber returns an integer that came as a number or as text.
func wholeNumber(value any) (id int64, isNumber bool) {
	switch v := value.(type) {
	case int64:
		return v, true
	case string:
		id, err := strconv.ParseInt(v, 10, 64)
		return id, err == nil
	default:
		return 0, false
	}
}

// firstOf returns the first of several parameters that is a scalar, and as text not empty.
func firstOf(params *php.Array, names ...string) string {
	for _, name := range names {
		value := params.Get(name)
		if _, isList := value.(*php.Array); !isList && php.StringOf(value) != "" {
			return php.StringOf(value)
		}
	}
	return ""
}

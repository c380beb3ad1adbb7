package methods

import (
	"slices"
	"strings"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/imbottest/internal/php"
)

// The failures of the methods of version 2. Other than in version 1, all of them are a 400.
var (
	errV2Token     = BadRequest("BOT_TOKEN_NOT_SPECIFIED", "Bot token is not specified")
	errV2NoBot     = BadRequest("BOT_ID_REQUIRED", "Bot ID is required")
	errV2Bot       = BadRequest("BOT_NOT_FOUND", "Bot not found")
	errV2Ownership = BadRequest("BOT_OWNERSHIP_ERROR", "Bot is registered by another application").
			With("BOT_OWNERSHIP_ERROR", "Bot was installed by another rest application")
	errV2Chat      = BadRequest("CHAT_NOT_FOUND", "Chat not found")
	errV2Access    = BadRequest("ACCESS_DENIED", "Access denied")
	errV2NotMember = BadRequest("USER_NOT_FOUND", "User not found")
	errV2Structure = BadRequest("USER_INVITED_FROM_STRUCTURE", "User was added to the chat with their department")
)

var v2Chats = []Method{
	// The bot needs access to the chat, and then to be in it. The kind of chat does not matter: every
	// member can leave, the general chat and a private one included.
	{name: "imbot.v2.Chat.leave", exact: true, steps: []step{
		v2Bot,
		v2Chat,
		require{func(c *call) bool { return slices.Contains(c.chat.Members, c.bot) || c.chat.Kind.Letter() == "O" }, errV2Access},
		require{func(c *call) bool { return slices.Contains(c.chat.Members, c.bot) }, errV2NotMember},
		require{func(c *call) bool { return !slices.Contains(c.chat.FromStructure, c.bot) }, errV2Structure},
	}, act: func(c *call) any {
		c.world.remove(c.chat, c.bot)
		return php.New().Set("result", true)
	}},
}

// v2Dialog returns the chat of a dialogId, and nil if there is none: chat13 is a chat, sg7 and crm|DEAL|5 are those of
// a workgroup and of a CRM item, and 7 is the private chat with a user, which is made where there is none yet. The
// caller holds mu.
func (w *World) v2Dialog(dialog string, bot imbot.UserID) *room {
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

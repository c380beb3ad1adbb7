package server

import (
	"regexp"
	"slices"
	"strings"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/imbottest/internal/methods"
	"github.com/seed-a6e4e5a4/imbot/imbottest/internal/php"
)

// messageFlags are the parameters of a message that are the same for everything that people write.
var messageFlags = [...][2]string{
	{"PUSH", "Y"},
	{"PUSH_IMPORTANT", "N"},
	{"RECENT_SKIP_AUTHOR", "N"},
	{"CONVERT", "N"},
	{"SKIP_COMMAND", "N"},
	{"SKIP_COUNTER_INCREMENTS", "N"},
	{"SILENT_CONNECTOR", "N"},
	{"SKIP_CONNECTOR", "N"},
	{"IMPORTANT_CONNECTOR", "N"},
	{"NO_SESSION_OL", "N"},
	{"FAKE_RELATION", "0"},
	{"SKIP_URL_INDEX", "N"},
}

// messageParams is a message in the data of an event.
func (s *Server) messageParams(chat methods.Chat, written methods.Message) *php.Array {
	from := written.Author
	mentions := php.New()
	for _, bot := range written.Mentioned {
		mentions.Set(text(bot), text(bot))
	}
	params := php.New().Set("MESSAGE", written.Text).Set("MESSAGE_ID", text(written.ID)).Set("TEMPLATE_ID", written.UUID).
		Set("MESSAGE_TYPE", chat.Kind.Letter()).Set("CHAT_TYPE", chat.Kind.Letter()).Set("SYSTEM", flag(written.System)).
		Set("FROM_USER_ID", text(from)).Set("AUTHOR_ID", text(from)).
		Set("TO_CHAT_ID", text(chat.ID)).Set("CHAT_USER_COUNT", text(len(chat.Members))).
		Set("LANGUAGE", "en").Set("PLATFORM_CONTEXT", "web").Set("MENTIONED_LIST", mentions)
	for _, always := range messageFlags {
		params.Set(always[0], always[1])
	}
	if chat.Kind == methods.Private {
		return params.Set("DIALOG_ID", text(from))
	}
	avatar := "0"
	if chat.HasAvatar {
		avatar = text(chat.ID)
	}
	return params.Set("DIALOG_ID", string(chat.ID.DialogID())).Set("CHAT_ID", text(chat.ID)).Set("CHAT_TITLE", chat.Title).
		Set("CHAT_AUTHOR_ID", text(chat.Owner)).Set("CHAT_AVATAR", avatar).Set("CHAT_COLOR", chat.ColorName()).
		Set("CHAT_ENTITY_TYPE", chat.Entity()).Set("CHAT_ENTITY_ID", chat.EntityID).
		Set("CHAT_ENTITY_DATA_1", "").Set("CHAT_ENTITY_DATA_2", "").Set("CHAT_ENTITY_DATA_3", "").
		Set("CHAT_EXTRANET", flag(s.World.HasExtranet(chat))).Set("CHAT_PREV_MESSAGE_ID", text(written.Previous)).
		Set("CHAT_CAN_POST", "MEMBER").Set("RID", text(from)).Set("IS_MANAGER", flag(manages(chat, from)))
}

// commandParams is the message with some commands in the data of their event.
func (s *Server) commandParams(commands []methods.Given) *php.Array {
	chat := commands[0].Chat
	params := s.messageParams(chat, commands[0].Message).Set("SKIP_USER_CHECK", "N").Set("RECENT_ADD", "Y")
	if chat.Kind == methods.Private {
		return params.Set("TO_USER_ID", text(commands[0].Bot.ID))
	}
	present := php.New()
	for _, given := range commands {
		if slices.Contains(chat.Members, imbot.UserID(given.Bot.ID)) {
			present.Set(text(given.Bot.ID), text(given.Bot.ID))
		}
	}
	return params.Set("CHAT_PARENT_ID", "0").Set("CHAT_PARENT_MID", "0").Set("BOT_IN_CHAT", present)
}

// flag is a yes or no in an event of version 1.
func flag(yes bool) string {
	if yes {
		return "Y"
	}
	return "N"
}

// manages reports whether a user is the owner or a manager of a chat.
func manages(chat methods.Chat, user imbot.UserID) bool {
	return chat.Owner == user || slices.Contains(chat.Managers, user)
}

var wholeMention = regexp.MustCompile(`(?is)\[USER=(\d+)[^\]]*\].*?\[/USER\]`)

// withoutMentions is a text without the mentions of the bots that it is posted to.
func withoutMentions(written string, bots []methods.Bot) string {
	rest := wholeMention.ReplaceAllStringFunc(written, func(mention string) string {
		id := wholeMention.FindStringSubmatch(mention)[1]
		if slices.ContainsFunc(bots, func(bot methods.Bot) bool { return text(bot.ID) == id }) {
			return ""
		}
		return mention
	})
	return strings.TrimSpace(rest)
}

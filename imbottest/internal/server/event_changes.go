package server

import (
	"regexp"
	"strings"

	"github.com/seed-a6e4e5a4/imbot/imbottest/internal/methods"
	"github.com/seed-a6e4e5a4/imbot/imbottest/internal/php"
)

// changeEvent is about a message that was changed or deleted. Nothing in it tells who did that in a group.
func (s *Server) changeEvent(to *sink, changed methods.Addressed) *php.Array {
	chat, m := changed.Chat, changed.Message
	params := php.New().Set("ID", text(m.ID)).Set("CHAT_ID", text(m.Chat)).Set("AUTHOR_ID", text(m.Author)).
		Set("MESSAGE", m.Text).Set("MESSAGE_TYPE", chat.Kind.Letter()).Set("CHAT_AUTHOR_ID", text(chat.Owner)).
		Set("CHAT_ENTITY_ID", chat.EntityID).
		Set("CHAT_ENTITY_DATA_1", "").Set("CHAT_ENTITY_DATA_2", "").Set("CHAT_ENTITY_DATA_3", "")
	data := php.New().Set("BOT", s.botList(to, changed.Bots)).Set("PARAMS", params)
	if chat.Kind == methods.Private {
		params.Set("FROM_USER_ID", text(m.Author)).Set("TO_USER_ID", text(changed.Bots[0].ID)).
			Set("DIALOG_ID", text(m.Author))
		data.Set("USER", author(m.Author))
	} else {
		params.Set("CHAT_ENTITY_TYPE", chat.Entity()).Set("DIALOG_ID", string(chat.ID.DialogID()))
	}
	if changed.Event == methods.MessageDeleted {
		params.Set("MESSAGE", "Message deleted ("+m.Date.Format("01/02/2006 03:04:05 pm")+")")
	} else {
		params.Merge(updatedParams(chat, m))
	}
	params.Set("MESSAGE_ID", text(m.ID)).Set("CHAT_TYPE", chat.Kind.Letter()).Set("LANGUAGE", "en")
	return s.form(changed.Event, data, s.acting(to, changed.Bots[0], m.Author))
}

// removedMention is what the server takes out of a text that was changed: the mentions of everybody.
var removedMention = regexp.MustCompile(`\[USER=\d+\].+?\[/USER\],?`)

// updatedParams is what an event has of a message that was changed, besides what it has of one that was deleted.
func updatedParams(chat methods.Chat, m methods.Message) *php.Array {
	mentions, first := php.New(), "0"
	mention := func(id string) {
		if mentions.Len() == 0 {
			first = id
		}
		mentions.Set(id, id)
	}
	for _, found := range wholeMention.FindAllStringSubmatch(m.Text, -1) {
		mention(found[1])
	}
	for _, bot := range m.Mentioned {
		mention(text(bot))
	}
	params := php.New().Set("CHAT_USER_COUNT", text(len(chat.Members))).Set("MENTIONED_LIST", mentions).
		Set("PLATFORM_CONTEXT", "web")
	if chat.Kind == methods.Private {
		return params
	}
	return params.Set("MESSAGE", strings.TrimSpace(removedMention.ReplaceAllString(m.Text, ""))).
		Set("MESSAGE_ORIGINAL", m.Text).Set("TO_USER_ID", first)
}

// contextEvent is about a dialog that was opened with a context.
func (s *Server) contextEvent(to *sink, opened methods.Opened) *php.Array {
	chat, by := opened.Chat, opened.By
	params := php.New().Set("CHAT_TYPE", chat.Kind.Letter()).Set("MESSAGE_TYPE", chat.Kind.Letter()).
		Set("USER_ID", text(by)).Set("CHAT_AUTHOR_ID", text(chat.Owner)).Set("CHAT_ENTITY_ID", chat.EntityID).
		Set("CONTEXT", opened.Context).Set("DIALOG_ID", text(by)).Set("LANGUAGE", "en")
	data := php.New().Set("BOT", s.botList(to, []methods.Bot{opened.Bot})).Set("PARAMS", leaves(params)).
		Set("USER", person(by))
	return s.form(methods.ContextGiven, data, s.acting(to, opened.Bot, by))
}

package server

import (
	"slices"
	"strconv"
	"time"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/imbottest/internal/methods"
	"github.com/seed-a6e4e5a4/imbot/imbottest/internal/php"
	"github.com/seed-a6e4e5a4/imbot/imbottest/internal/tokens"
)

// text is a number as it stands in an event, where everything is a text.
func text[T ~int | ~int64](n T) string { return strconv.FormatInt(int64(n), 10) }

// form is what every event has. The data come in between.
func (s *Server) form(event string, data, auth *php.Array) *php.Array {
	return php.New().Set("event", event).Set("event_handler_id", "459").Set("data", data).
		Set("ts", text(time.Now().Unix())).Set("auth", auth)
}

// tokensFor returns new tokens of an application, as events have them.
func (s *Server) tokensFor(to *sink, app string, user imbot.UserID) *php.Array {
	at := s.addresses(to.from)
	grant, known := s.OAuth.Issue(app, at)
	if !known {
		s.reporter.Errorf("imbottest: an event for the application %q, which is not there; add it by AddApplication first", app)
	}
	return php.New().Set("access_token", grant.AccessToken).
		Set("expires", text(grant.Expiry.Unix())).Set("expires_in", text(int(tokens.Lifetime.Seconds()))).
		Set("scope", grant.Scope).Set("domain", at.ClientHost()).
		Set("server_endpoint", at.Server).Set("status", grant.Status).
		Set("client_endpoint", at.Client).Set("member_id", s.config.MemberID).
		Set("refresh_token", grant.RefreshToken).Set("user_id", text(user)).
		Set("client_id", app).Set("application_token", s.config.ApplicationTokens+app)
}

// acting is the "auth" of an event for the bots of an application: the tokens of the user who caused it. The bots of a
// webhook get none.
func (s *Server) acting(to *sink, bot methods.Bot, user imbot.UserID) *php.Array {
	if bot.App == "" {
		return s.anonymous(to, bot.ClientID)
	}
	return s.tokensFor(to, bot.App, user).Without("client_id")
}

// anonymous is the "auth" of an event without tokens.
func (s *Server) anonymous(to *sink, applicationToken string) *php.Array {
	at := s.addresses(to.from)
	return php.New().Set("domain", at.ClientHost()).Set("client_endpoint", at.Client).
		Set("server_endpoint", at.Server).Set("member_id", s.config.MemberID).Set("application_token", applicationToken)
}

// botFields is a bot in the data of an event. The tokens of an application's bot stand there twice.
func (s *Server) botFields(to *sink, bot methods.Bot) *php.Array {
	fields := php.New()
	if bot.App != "" {
		issued := s.tokensFor(to, bot.App, imbot.UserID(bot.ID))
		fields.Merge(issued)
		fields.Set("AUTH", issued)
	}
	return fields.Set("BOT_ID", text(bot.ID)).Set("BOT_CODE", bot.Code)
}

// botList is the bots of one application in the data of an event.
func (s *Server) botList(to *sink, bots []methods.Bot) *php.Array {
	list := php.New()
	for _, bot := range bots {
		list.Set(text(bot.ID), s.botFields(to, bot))
	}
	return list
}

func person(user imbot.UserID) *php.Array {
	return php.New().Set("ID", text(user)).Set("NAME", "Example Person").Set("FIRST_NAME", "Example").
		Set("LAST_NAME", "Person").Set("WORK_POSITION", "").Set("GENDER", "M")
}

// author is a person who has written a message.
func author(user imbot.UserID) *php.Array {
	return person(user).Set("IS_BOT", "N").Set("IS_CONNECTOR", "N").Set("IS_NETWORK", "N").Set("IS_EXTRANET", "N")
}

func (s *Server) joinEvent(to *sink, j methods.Joining) *php.Array {
	chat, bot, by := j.Chat, j.Bot, j.By
	params := php.New().Set("CHAT_TYPE", chat.Kind.Letter()).Set("MESSAGE_TYPE", chat.Kind.Letter()).
		Set("BOT_ID", text(bot.ID)).Set("USER_ID", text(by))
	if chat.Kind == methods.Private {
		params.Set("TO_USER_ID", text(bot.ID)).Set("FROM_USER_ID", text(by)).Set("DIALOG_ID", text(by))
	} else {
		history := "1"
		if slices.Contains(chat.WithoutHistory, imbot.UserID(bot.ID)) {
			history = "0"
		}
		params.Set("CHAT_ID", text(chat.ID)).Set("CHAT_AUTHOR_ID", text(chat.Owner)).
			Set("CHAT_ENTITY_TYPE", chat.Entity()).Set("CHAT_ENTITY_ID", chat.EntityID).
			Set("ACCESS_HISTORY", history).Set("DIALOG_ID", string(chat.ID.DialogID()))
	}
	params.Set("LANGUAGE", "en")
	data := php.New().Set("BOT", s.botList(to, []methods.Bot{bot})).
		Set("PARAMS", params).Set("USER", person(by))
	return s.form("ONIMBOTJOINCHAT", data, s.acting(to, bot, by).Without("refresh_token"))
}

func (s *Server) messageEvent(to *sink, addressed methods.Addressed) *php.Array {
	bots, from := addressed.Bots, addressed.Message.Author
	params := s.messageParams(addressed.Chat, addressed.Message).
		Set("COMMAND_CONTEXT", "TEXTAREA").Set("TO_USER_ID", text(bots[0].ID))
	if addressed.Chat.Kind != methods.Private {
		params.Set("MESSAGE", withoutMentions(addressed.Message.Text, bots)).Set("MESSAGE_ORIGINAL", addressed.Message.Text)
	}
	data := php.New().Set("BOT", s.botList(to, bots)).Set("PARAMS", params).Set("USER", author(from))
	return s.form(addressed.Event, data, s.acting(to, bots[0], from))
}

// byApplication sorts commands by the applications of their bots.
func byApplication(commands []methods.Given) (sorted [][]methods.Given) {
	for _, given := range commands {
		same := func(other []methods.Given) bool { return other[0].Bot.Application() == given.Bot.Application() }
		if at := slices.IndexFunc(sorted, same); at >= 0 {
			sorted[at] = append(sorted[at], given)
		} else {
			sorted = append(sorted, []methods.Given{given})
		}
	}
	return sorted
}

// commandEvent is about commands in one message. Of two that are the same, the last one counts.
func (s *Server) commandEvent(to *sink, commands []methods.Given) *php.Array {
	first := commands[0]
	list := php.New()
	for _, given := range commands {
		list.Set(text(given.Command.ID), s.botFields(to, given.Bot).Set("COMMAND", given.Command.Name).
			Set("COMMAND_ID", text(given.Command.ID)).Set("COMMAND_PARAMS", given.Params).
			Set("COMMAND_CONTEXT", given.Context).Set("MESSAGE_ID", text(given.Message.ID)))
	}
	data := php.New().Set("COMMAND", list).Set("PARAMS", s.commandParams(commands)).
		Set("USER", person(first.By))
	return s.form("ONIMCOMMANDADD", data, s.acting(to, first.Bot, first.By))
}

func (s *Server) deleteEvent(to *sink, bot methods.Bot) *php.Array {
	data := php.New().Set("BOT_ID", text(bot.ID)).Set("BOT_CODE", bot.Code)
	return s.form("ONIMBOTDELETE", data, s.acting(to, bot, s.config.User).Without("refresh_token"))
}

func (s *Server) installEvent(to *sink, app string) *php.Array {
	data := php.New().Set("VERSION", "1").Set("ACTIVE", "Y").Set("INSTALLED", "Y").Set("LANGUAGE_ID", "en")
	return s.form("ONAPPINSTALL", data, s.tokensFor(to, app, s.config.User).Without("client_id"))
}

func (s *Server) uninstallEvent(to *sink, app string) *php.Array {
	data := php.New().Set("LANGUAGE_ID", "en").Set("CLEAN", "0")
	return s.form("ONAPPUNINSTALL", data, s.anonymous(to, s.config.ApplicationTokens+app))
}

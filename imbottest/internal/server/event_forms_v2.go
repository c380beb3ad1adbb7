package server

import (
	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/imbottest/internal/methods"
	"github.com/seed-a6e4e5a4/imbot/imbottest/internal/php"
)

// maxApplicationToken is how much is kept of what proves the events of a bot with a token.
const maxApplicationToken = 50

// v2Event is an event of version 2. It is about one bot.
func (s *Server) v2Event(to *sink, event methods.Event) *php.Array {
	bot := php.New().Set("id", int64(event.Bot.ID)).Set("code", event.Bot.Code)
	if event.Bot.App != "" {
		bot.Set("auth", s.tokensFor(to, event.Bot.App, imbot.UserID(event.Bot.ID)))
	}
	data := php.New().Set("bot", bot)
	data.Merge(event.Data)
	return s.form(event.Name, leaves(data), s.v2Acting(to, event))
}

// v2Acting is the "auth" of an event of version 2: the tokens of the user who caused it, for the bot of an application.
// The token of another bot, with which it calls the portal, is what proves its events.
func (s *Server) v2Acting(to *sink, event methods.Event) *php.Array {
	if event.Bot.App == "" {
		proof := event.Bot.Application()
		return s.anonymous(to, proof[:min(len(proof), maxApplicationToken)])
	}
	issued := s.tokensFor(to, event.Bot.App, event.By).Without("client_id")
	if event.Name == "ONIMBOTV2JOINCHAT" || event.Name == "ONIMBOTV2DELETE" {
		return issued.Without("refresh_token")
	}
	return issued
}

// leaves returns the data of an event as they stand in a form, where everything is a text.
func leaves(data *php.Array) *php.Array {
	written := php.New()
	for name, value := range data.All() {
		switch value := value.(type) {
		case *php.Array:
			written.Set(name, leaves(value))
		case nil:
			written.Set(name, "")
		case bool:
			written.Set(name, map[bool]string{false: "0", true: "1"}[value])
		default:
			written.Set(name, php.StringOf(php.Decoded(value)))
		}
	}
	return written
}

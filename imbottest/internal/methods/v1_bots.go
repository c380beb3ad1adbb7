package methods

import (
	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/imbottest/internal/php"
)

// The failures of the methods of version 1 for bots.
var (
	errCode         = BadRequest("CODE_ERROR", "Bot code isn't specified")
	errName         = BadRequest("NAME_ERROR", "Bot name isn't specified")
	errUpdateFields = BadRequest("WRONG_REQUEST", "Update fields can't be empty")
)

var v1Bots = []Method{
	// A code that is taken answers with that bot, whosever it is.
	{name: "imbot.register", steps: []step{
		v1Client,
		handler{name: "EVENT_MESSAGE_ADD", what: "Message add"},
		handler{name: "EVENT_MESSAGE_UPDATE"},
		handler{name: "EVENT_MESSAGE_DELETE"},
		handler{name: "EVENT_CONTEXT_GET"},
		handler{name: "EVENT_WELCOME_MESSAGE", what: "Welcome message"},
		handler{name: "EVENT_BOT_DELETE", what: "Bot delete"},
		param{"CODE", trimmedText, errCode},
		require{func(c *call) bool { return hasName(c.inside("PROPERTIES")) }, errName},
	}, act: func(c *call) any {
		c.bind(c.v1Application(), "")
		for _, id := range c.world.order {
			if c.world.bots[id].Code == c.trimmed("CODE") {
				return int64(id)
			}
		}
		c.world.lastBot++
		bot := Bot{
			ID: c.world.lastBot, Code: c.trimmed("CODE"), OpenLine: c.text("OPENLINE") == "Y", Type: v1Types[c.text("TYPE")],
			App: c.caller.App,
		}
		if bot.App == "" {
			bot.ClientID = c.text("CLIENT_ID")
		}
		c.world.addBot(bot.profiled(c.inside("PROPERTIES")))
		return int64(bot.ID)
	}},

	{name: "imbot.update", steps: []step{
		aBot,
		require{func(c *call) bool { return c.inside("FIELDS").Len() > 0 }, errUpdateFields},
		handler{name: "EVENT_MESSAGE_ADD", in: "FIELDS"},
		handler{name: "EVENT_MESSAGE_UPDATE", in: "FIELDS"},
		handler{name: "EVENT_MESSAGE_DELETE", in: "FIELDS"},
		handler{name: "EVENT_CONTEXT_GET", in: "FIELDS"},
		handler{name: "EVENT_WELCOME_MESSAGE", in: "FIELDS"},
		handler{name: "EVENT_BOT_DELETE", in: "FIELDS"},
		require{func(c *call) bool {
			profile, isArray := c.inside("FIELDS").Get("PROPERTIES").(*php.Array)
			return !isArray || hasName(profile)
		}, errName},
	}, act: func(c *call) any {
		bot, fields := c.world.bots[imbot.BotID(c.bot)], c.inside("FIELDS")
		c.bind(bot.Application(), "FIELDS")
		if code := php.Trim(fields.Get("CODE")); code != "" {
			bot.Code = code
		}
		if profile, isArray := fields.Get("PROPERTIES").(*php.Array); isArray {
			bot = bot.profiled(profile)
		}
		c.world.bots[bot.ID] = bot
		return true
	}},

	{name: "imbot.unregister", steps: []step{
		aBot,
	}, act: func(c *call) any {
		c.world.deleteBot(imbot.BotID(c.bot), c.caller.User)
		return true
	}},
}

// v1Types are the types of bots by the letters of version 1. Every other letter is a bot.
var v1Types = map[string]string{"O": "openline", "S": "supervisor"}

// v1Client is that a call by a webhook shows whose bots it is about.
var v1Client = require{func(c *call) bool {
	return c.caller.App != "" || !php.IsEmpty(c.params.Get("CLIENT_ID"))
}, errNoClientID}

// inside returns a parameter that has others inside.
func (c *call) inside(name string) *php.Array {
	list, isArray := c.params.Get(name).(*php.Array)
	if !isArray {
		return php.New()
	}
	return list
}

func hasName(profile *php.Array) bool {
	return php.Trim(profile.Get("NAME")) != "" || php.Trim(profile.Get("LAST_NAME")) != ""
}

// profiled returns the bot with what version 1 has for its profile. A picture that cannot be used is left out silently.
func (b Bot) profiled(profile *php.Array) Bot {
	for name, to := range map[string]*string{
		"NAME": &b.Name, "LAST_NAME": &b.LastName, "WORK_POSITION": &b.WorkPosition, "PERSONAL_GENDER": &b.Gender,
	} {
		if value := profile.Get(name); value != nil {
			*to = php.Trim(value)
		}
	}
	if name := php.StringOf(profile.Get("COLOR")); colors[name] != "" {
		b.Color = name
	}
	b.HasAvatar = b.HasAvatar || checkAvatar(profile.Get("PERSONAL_PHOTO")) == nil
	return b
}

// v1Application returns the application that the caller is a part of.
func (c *call) v1Application() string {
	if c.caller.App != "" {
		return c.caller.App
	}
	return customApplication(c.text("CLIENT_ID"))
}

// owns reports whether a command is of a bot of the caller.
func (c *call) owns(command *Command) bool {
	return c.world.bots[command.Bot].Application() == c.v1Application()
}

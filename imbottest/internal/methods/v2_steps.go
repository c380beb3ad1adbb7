package methods

import (
	"cmp"
	"strconv"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/imbottest/internal/php"
)

// bound is a parameter of version 2, where parameters are bound to types: it has to be there, and of its type.
type bound struct {
	name string
	kind func(value any) bool // whether the value is of the type
}

func (b bound) take(c *call) error {
	switch value := c.params.Get(b.name); {
	case value == nil:
		return BadRequest("100", "Could not find value for parameter {"+b.name+"}")
	case !b.kind(value):
		return BadRequest("100", "Invalid value to match with parameter {"+b.name+"}")
	}
	return nil
}

// The following are types of parameters of version 2.

// text is a text, and not a number.
func text(value any) bool {
	_, isText := value.(string)
	return isText
}

// integer is an integer, as a number or as text.
func integer(value any) bool {
	switch v := value.(type) {
	case int64:
		return true
	case string:
		_, err := strconv.ParseInt(v, 10, 64)
		return err == nil
	default:
		return false
	}
}

// v2Bot finds the bot that a call of version 2 is about, which is the first thing that such a call does. The token of a
// bot of a webhook is what version 1 calls CLIENT_ID.
var v2Bot = check(func(c *call) error {
	application := c.caller.App
	if application == "" {
		token := firstOf(c.params, "botToken", "BOT_TOKEN", "clientId", "CLIENT_ID")
		if token == "" {
			return errV2Token
		}
		application = customApplication(token)
	}
	id := php.Intval(cmp.Or(c.params.Get("botId"), c.params.Get("BOT_ID")))
	if id <= 0 {
		return errV2NoBot
	}
	bot, known := c.world.bots[imbot.BotID(id)]
	switch {
	case !known:
		return errV2Bot
	case bot.Application() != application:
		return errV2Ownership
	}
	c.bot = imbot.UserID(bot.ID)
	return nil
})

// v2Chat finds the chat that a call of version 2 is about: by its id in chatId, which is not documented, or by its
// dialogId.
var v2Chat = check(func(c *call) error {
	if c.params.Get("chatId") != nil {
		if err := (bound{"chatId", integer}).take(c); err != nil {
			return err
		}
		c.chat = c.world.chats[imbot.ChatID(php.Intval(c.params.Get("chatId")))]
	} else {
		if err := (bound{"dialogId", text}).take(c); err != nil {
			return err
		}
		c.chat = c.world.v2Dialog(c.text("dialogId"), c.bot)
	}
	if c.chat == nil {
		return errV2Chat
	}
	return nil
})

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

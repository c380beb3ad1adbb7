package methods

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"unicode"

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

// optional is a parameter of version 2 that may be missing. One that is null is not.
type optional struct {
	name string
	kind func(value any) bool
}

func (o optional) take(c *call) error {
	for name, value := range c.params.All() {
		if name == o.name && !o.kind(value) {
			return BadRequest("100", "Invalid value to match with parameter {"+o.name+"}")
		}
	}
	return nil
}

// The following are types of parameters of version 2.

// array is a list or an object, and not JSON in a text.
func array(value any) bool {
	_, isArray := value.(*php.Array)
	return isArray
}

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
	if err := v2Token(c); err != nil {
		return err
	}
	id := php.Intval(cmp.Or(c.params.Get("botId"), c.params.Get("BOT_ID")))
	if id <= 0 {
		return errV2NoBot
	}
	bot, known := c.world.bots[imbot.BotID(id)]
	switch {
	case !known:
		return errV2Bot
	case bot.Application() != c.application():
		return errV2Ownership
	}
	c.bot = imbot.UserID(bot.ID)
	return nil
})

// v2Token is that a call of version 2 shows whose bots it is about.
func v2Token(c *call) error {
	if c.application() == "" {
		return errV2Token
	}
	return nil
}

// application returns the id under which the server keeps the bots of the caller, "" if there is none. An OAuth
// application needs no token of its bots, and one is not looked at.
func (c *call) application() string {
	if c.caller.App != "" {
		return c.caller.App
	}
	if token := c.token(); token != "" {
		return customApplication(token)
	}
	return ""
}

// token returns the token of a bot that the call has beside its fields.
func (c *call) token() string {
	return firstOf(c.params, "botToken", "BOT_TOKEN", "clientId", "CLIENT_ID")
}

// v2Dialog is what names the chat that a call of version 2 is about: its id in chatId, which is not documented, or its
// dialogId.
var v2Dialog = check(func(c *call) error {
	if c.params.Get("chatId") != nil {
		return (bound{"chatId", integer}).take(c)
	}
	return (bound{"dialogId", text}).take(c)
})

// v2Chat finds the chat that [v2Dialog] names, after all parameters were bound.
var v2Chat = check(func(c *call) error {
	if id := c.params.Get("chatId"); id != nil {
		c.chat = c.world.chats[imbot.ChatID(php.Intval(id))]
	} else {
		c.chat = c.world.v2Dialog(c.text("dialogId"), c.bot)
	}
	if c.chat == nil {
		return errV2Chat
	}
	return nil
})

// The following are what the bot may do in the chat: read it, which in an open chat all bots may, and write there.
var (
	v2MaySee   = require{func(c *call) bool { return c.sees(c.chat) }, errV2Access}
	v2MayWrite = require{func(c *call) bool { return slices.Contains(c.chat.Members, c.bot) }, errV2Access}
)

// sees reports whether the bot has access to a chat.
func (c *call) sees(chat *room) bool {
	return slices.Contains(chat.Members, c.bot) || chat.Kind.Letter() == "O"
}

// fields returns the parameter of that name, empty if it is missing.
func (c *call) fields() *php.Array {
	fields, isArray := c.params.Get("fields").(*php.Array)
	if !isArray {
		return php.New()
	}
	return fields
}

// whole returns an integer parameter, and 0 if it is missing.
func (c *call) whole(name string) int { return int(php.Intval(c.params.Get(name))) }

// either returns a member of the fields of Bot.register, Bot.update and Chat.add, where it may be spelled in the way of
// version 1, too: eventMode or EVENT_MODE.
func either(fields *php.Array, name string) any {
	if value := fields.Get(name); value != nil {
		return value
	}
	return fields.Get(snake(name))
}

// snake returns a name of version 2 as version 1 spells it.
func snake(name string) string {
	var out strings.Builder
	for _, r := range name {
		if unicode.IsUpper(r) {
			out.WriteByte('_')
		}
		out.WriteRune(unicode.ToUpper(r))
	}
	return out.String()
}

// isYes is how version 2 reads a boolean that it does not bind to a type.
func isYes(value any) bool {
	switch strings.ToUpper(php.StringOf(value)) {
	case "1", "Y", "TRUE":
		return true
	default:
		return false
	}
}

// yes is a boolean in the fields of a call, with what it is if it is missing.
func yes(value any, otherwise bool) bool {
	if value == nil {
		return otherwise
	}
	return isYes(value)
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

package methods

import (
	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/imbottest/internal/php"
)

// step is something that the server does with a call before the act: it finds out what the call is about, or checks
// something. Its error, a *Failure, is the answer.
type step interface{ take(c *call) error }

// check is a step that is a function.
type check func(c *call) error

func (f check) take(c *call) error { return f(c) }

// require is a check of what has to be so.
type require struct {
	holds   func(c *call) bool
	failure *Failure
}

func (r require) take(c *call) error {
	if !r.holds(c) {
		return r.failure
	}
	return nil
}

// forbid is a check of the chat: its kind has none of these rules.
type forbid struct {
	rules   rule
	failure *Failure
}

func (f forbid) take(c *call) error {
	if c.chat.Kind.has(f.rules) {
		return f.failure
	}
	return nil
}

// param is a parameter that a method of version 1 requires. PHP converts whatever was sent: it is missing if that comes
// to nothing.
type param struct {
	name    string
	kind    func(value any) bool // whether the value comes to something
	missing *Failure
}

func (p param) take(c *call) error {
	if !p.kind(c.params.Get(p.name)) {
		return p.missing
	}
	return nil
}

// The following are kinds of parameters of version 1.

// number is an id.
func number(value any) bool { return php.Intval(value) > 0 }

// trimmedText is a text that is not empty, white space around it aside.
func trimmedText(value any) bool { return !php.IsEmpty(php.Trim(value)) }

// list is a list, or a text with one in JSON.
func list(value any) bool {
	_, isList := php.List(value)
	return isList
}

// users is a list of users, none of them named by something that is neither number nor text. Anything but a list is an
// empty one.
func users(value any) bool {
	list, _ := php.List(value)
	_, valid := userIDs(list)
	return valid
}

// userIDs returns the users that a list names, and false if it names one by something that is neither number nor text.
// What is empty in the way of PHP is left out.
func userIDs(list *php.Array) (ids []imbot.UserID, valid bool) {
	for _, value := range list.All() {
		switch value.(type) {
		case int64, string:
			ids = append(ids, imbot.UserID(php.Intval(value)))
		default:
			if !php.IsEmpty(value) {
				return nil, false
			}
		}
	}
	return ids, true
}

// dialogID is a DIALOG_ID, of whatever dialog.
func dialogID(value any) bool {
	_, _, valid := cutDialog(value)
	return valid
}

// aChat finds the chat that the call is about by CHAT_ID, one without members if it does not exist. DIALOG_ID is not
// documented; where it is set, it replaces CHAT_ID.
var aChat = check(func(c *call) error {
	id := imbot.ChatID(php.Intval(c.params.Get("CHAT_ID")))
	if dialog := c.params.Get("DIALOG_ID"); dialog != nil {
		alias, number, valid := cutDialog(dialog)
		if !valid || alias == "" {
			return errDialogIDEmpty
		}
		id = c.world.chatOf(alias, number)
	}
	if id <= 0 {
		return errChatIDEmpty
	}
	c.chat = c.world.room(id)
	return nil
})

// aBot finds the bot that the call is about: one of the application for OAuth, of the CLIENT_ID for a webhook. A BOT_ID
// that was sent has to be right, even if it is 0 or ""; only without one is it the first bot of the application.
var aBot = check(func(c *call) error {
	if c.caller.App == "" && php.IsEmpty(c.params.Get("CLIENT_ID")) {
		return errNoClientID
	}
	application := c.v1Application()
	id := c.params.Get("BOT_ID")
	if id == nil {
		first, known := c.world.firstBot(application)
		if !known {
			return errBotID
		}
		c.bot = imbot.UserID(first.ID)
		return nil
	}
	named, known := c.world.bots[imbot.BotID(php.Intval(id))]
	switch {
	case !known:
		return errBotID
	case named.Application() != application:
		return errAppID
	}
	c.bot = imbot.UserID(named.ID)
	return nil
})

package methods

import (
	"slices"
	"time"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/imbottest/internal/php"
)

// editTime is how long a message may be changed.
const editTime = 3 * 24 * time.Hour

// The failures of the methods of version 1 for messages.
var (
	errV1Message   = BadRequest("MESSAGE_EMPTY", "Message can't be empty")
	errMessageID   = BadRequest("MESSAGE_ID_ERROR", "Message ID can't be empty")
	errNotAdded    = BadRequest("WRONG_REQUEST", "Message isn't added")
	errCannotEdit  = denied("CANT_EDIT_MESSAGE", "Time has expired for modification or you don't have access")
	errNoChanges   = BadRequest("WITHOUT_CHANGES", "Action completed without changes")
	errAttachSize  = BadRequest("ATTACH_OVERSIZE", "You have exceeded the maximum allowable size of attach")
	errV1Attach    = BadRequest("ATTACH_ERROR", "Incorrect attach params")
	errKeyboardBig = BadRequest("KEYBOARD_OVERSIZE", "You have exceeded the maximum allowable size of keyboard")
	errV1Keyboard  = BadRequest("KEYBOARD_ERROR", "Incorrect keyboard params")
	errMenuBig     = BadRequest("MENU_OVERSIZE", "You have exceeded the maximum allowable size of menu")
	errMenu        = BadRequest("MENU_ERROR", "Incorrect menu params")
	errOtherMenu   = BadRequest("menu_ERROR", "Incorrect menu params") // the spelling of imbot.message.update
)

var v1Messages = []Method{
	{name: "imbot.message.add", steps: []step{
		aBot,
		require{func(c *call) bool { return c.betweenUsers() || dialogID(c.params.Get("DIALOG_ID")) }, errDialogIDEmpty},
		param{"MESSAGE", trimmedText, errV1Message},
		newAttach,
		newKeyboard(errNotAdded.With(errKeyboard.Code, errKeyboard.Description)),
		newMenu(errNotAdded),
		check(v1Target),
	}, act: func(c *call) any {
		m := c.draft.message
		m.Author, m.Text, m.System = c.bot, messageText(c.trimmed("MESSAGE")), c.text("SYSTEM") == "Y" || c.betweenUsers()
		return c.world.write(c.chat, m).ID
	}},

	// What stands before a part that is wrong has been changed already.
	{name: "imbot.message.update", steps: []step{
		aBot,
		param{"MESSAGE_ID", number, errMessageID},
		part{"ATTACH", attachOf, errV1Attach, errAttachSize, func(m *Message) **php.Array { return &m.Attach }},
		part{"KEYBOARD", nil, errV1Keyboard, errKeyboardBig, func(m *Message) **php.Array { return &m.Keyboard }},
		part{"MENU", menuOf, errOtherMenu, errMenuBig, func(m *Message) **php.Array { return &m.Menu }},
		require{func(c *call) bool { return c.params.Get("MESSAGE") == nil || c.editable() != nil }, errCannotEdit},
	}, act: func(c *call) any {
		m := c.editable()
		switch {
		case m == nil:
		case c.params.Get("MESSAGE") != nil && c.trimmed("MESSAGE") == "":
			c.world.erase(c.world.room(m.Chat), m)
		default:
			if c.params.Get("MESSAGE") != nil {
				m.Text = messageText(c.trimmed("MESSAGE"))
			}
			c.world.edited(c.world.room(m.Chat), m)
		}
		return true
	}},

	{name: "imbot.message.delete", steps: []step{
		aBot,
		param{"MESSAGE_ID", number, errMessageID},
		require{func(c *call) bool { return c.own() != nil }, errCannotEdit},
	}, act: func(c *call) any {
		c.world.erase(c.world.room(c.own().Chat), c.own())
		return true
	}},

	{name: "imbot.message.like", steps: []step{
		aBot,
		param{"MESSAGE_ID", number, errMessageID},
		check(func(c *call) error {
			message, err := c.readable(c.whole("MESSAGE_ID"))
			if err != nil || c.likes() == c.liked(message) {
				return errNoChanges
			}
			c.message = message
			return nil
		}),
	}, act: func(c *call) any {
		c.world.react(c.world.room(c.message.Chat), c.message, c.bot, "like", c.likes())
		return true
	}},
}

// betweenUsers reports whether the message goes into the private chat of two users.
func (c *call) betweenUsers() bool {
	return php.Intval(c.params.Get("FROM_USER_ID")) > 0 && php.Intval(c.params.Get("TO_USER_ID")) > 0
}

// v1Target finds where a message goes. The bot has to be there.
func v1Target(c *call) error {
	if c.betweenUsers() {
		from, to := imbot.UserID(c.whole("FROM_USER_ID")), imbot.UserID(c.whole("TO_USER_ID"))
		c.chat = c.world.dialog(from, to, from)
		return nil
	}
	c.chat = c.world.v2Dialog(c.text("DIALOG_ID"), c.bot)
	if c.chat == nil || !isIn(c.chat, c.bot) {
		return errNotAdded
	}
	return nil
}

// newAttach reads the attachment of a message.
var newAttach = check(func(c *call) error {
	sent := c.params.Get("ATTACH")
	if php.IsEmpty(sent) {
		return nil
	}
	c.draft.message.Attach = attachOf(sent)
	switch attach := c.draft.message.Attach; {
	case attach == nil:
		return errV1Attach
	case !fits(attach):
		return errAttachSize
	}
	return nil
})

// newKeyboard reads the keyboard of a message. What is said of one that is too large depends on the method.
func newKeyboard(tooLarge *Failure) step {
	return check(func(c *call) error {
		sent := c.params.Get("KEYBOARD")
		if php.IsEmpty(sent) {
			return nil
		}
		c.draft.message.Keyboard = keyboardOf(sent, int64(c.bot))
		switch keyboard := c.draft.message.Keyboard; {
		case keyboard == nil:
			return errV1Keyboard
		case !fits(keyboard):
			return tooLarge
		}
		return nil
	})
}

// newMenu reads the menu of a message.
func newMenu(tooLarge *Failure) step {
	return check(func(c *call) error {
		sent := c.params.Get("MENU")
		if php.IsEmpty(sent) {
			return nil
		}
		c.draft.message.Menu = menuOf(sent)
		switch menu := c.draft.message.Menu; {
		case menu == nil:
			return errMenu
		case !fits(menu):
			return tooLarge
		}
		return nil
	})
}

// menuOf reads a menu that is an object with ITEMS, or their list, as JSON or not. It returns nil for one without
// items.
func menuOf(value any) *php.Array {
	menu, valid := structure(value)
	if !valid {
		return nil
	}
	if items, isArray := menu.Get("ITEMS").(*php.Array); isArray {
		menu = items
	}
	if menu.Len() == 0 {
		return nil
	}
	return menu
}

// part is a part of a message that imbot.message.update changes.
type part struct {
	name            string
	read            func(value any) *php.Array // nil for a keyboard
	wrong, tooLarge *Failure
	of              func(m *Message) **php.Array
}

func (p part) take(c *call) error {
	sent := c.params.Get(p.name)
	if sent == nil {
		return nil
	}
	m := c.editable()
	if m == nil {
		return errCannotEdit
	}
	if sent == "N" || php.IsEmpty(sent) {
		*p.of(m) = nil
		return nil
	}
	read := p.read
	if read == nil {
		read = func(value any) *php.Array { return keyboardOf(value, int64(c.bot)) }
	}
	switch value := read(sent); {
	case value == nil:
		return p.wrong
	case !fits(value):
		return p.tooLarge
	default:
		*p.of(m) = value
		return nil
	}
}

// own returns the message, if the bot has written it, and nil for every other.
func (c *call) own() *Message {
	message, known := c.world.message(c.whole("MESSAGE_ID"))
	if !known || message.Author != c.bot {
		return nil
	}
	return message
}

// editable returns the message, if the bot may change it, and nil for every other.
func (c *call) editable() *Message {
	if message := c.own(); message != nil && time.Since(message.Date) < editTime {
		return message
	}
	return nil
}

// likes reports whether the bot is to like the message. An ACTION that is neither plus nor minus turns it around.
func (c *call) likes() bool {
	switch c.text("ACTION") {
	case "plus":
		return true
	case "minus":
		return false
	}
	message, known := c.world.message(c.whole("MESSAGE_ID"))
	return known && !c.liked(message)
}

func (c *call) liked(message *Message) bool { return slices.Contains(message.Reactions[c.bot], "like") }

package methods

import (
	"slices"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/imbottest/internal/php"
)

// v2MessageActs are about a message that is there.
var v2MessageActs = []Method{
	{name: "imbot.v2.Chat.Message.update", exact: true, steps: []step{
		v2Bot,
		bound{"messageId", integer},
		bound{"fields", array},
		v2Message,
		require{func(c *call) bool { return c.message.Author == c.bot && c.message.Forwarded == nil }, errMessageAccess},
		check(recompose),
	}, act: updateMessage},

	// By complete, a bot deletes whatever it sees. Without, that nothing was deleted is no mistake.
	{name: "imbot.v2.Chat.Message.delete", exact: true, steps: []step{
		v2Bot,
		bound{"messageId", integer},
		v2Message,
	}, act: func(c *call) any {
		mayAll := c.chat.Kind != Private && (c.chat.Owner == c.bot || slices.Contains(c.chat.Managers, c.bot))
		if c.message.Author == c.bot || mayAll || isYes(c.params.Get("complete")) {
			c.world.erase(c.chat, c.message)
		}
		return success()
	}},

	{name: "imbot.v2.Chat.Message.get", exact: true, steps: []step{
		v2Bot,
		bound{"messageId", integer},
		v2Message,
		mayRead,
	}, act: func(c *call) any {
		return php.New().Set("message", c.shown(c.message)).Set("user", c.world.userOf(c.message.Author, false))
	}},

	// A page has as many messages before the one that is asked for as after it.
	{name: "imbot.v2.Chat.Message.getContext", exact: true, steps: []step{
		v2Bot,
		bound{"messageId", integer},
		optional{"range", integer},
		v2Message,
		mayRead,
	}, act: showContext},

	{name: "imbot.v2.Chat.Message.read", exact: true, steps: []step{
		v2Bot,
		v2Dialog,
		optional{"messageId", integer},
		v2Chat,
		v2MaySee,
		check(func(c *call) error {
			if c.params.Get("messageId") == nil {
				return nil
			}
			return v2Message(c)
		}),
	}, act: readMessages},

	{name: "imbot.v2.Chat.Message.Reaction.add", exact: true, steps: []step{
		v2Bot,
		bound{"messageId", integer},
		bound{"reaction", text},
		v2Message,
		require{func(c *call) bool { return slices.Contains(reactions, c.reaction()) }, errReaction},
		require{func(c *call) bool { return !c.hasReacted() }, errReactionAgain},
	}, act: func(c *call) any {
		c.world.react(c.chat, c.message, c.bot, c.reaction(), true)
		return success()
	}},

	{name: "imbot.v2.Chat.Message.Reaction.delete", exact: true, steps: []step{
		v2Bot,
		bound{"messageId", integer},
		bound{"reaction", text},
		v2Message,
		require{(*call).hasReacted, errReaction},
	}, act: func(c *call) any {
		c.world.react(c.chat, c.message, c.bot, c.reaction(), false)
		return success()
	}},
}

// v2Message finds the message that a call of version 2 is about, and its chat.
var v2Message = check(func(c *call) (err error) {
	if c.message, err = c.readable(c.whole("messageId")); err != nil {
		return err
	}
	c.chat = c.world.room(c.message.Chat)
	return nil
})

// mayRead is that the bot is of a type that may read messages that it got no event for.
var mayRead = require{func(c *call) bool {
	kind := c.world.bots[imbot.BotID(c.bot)].kind()
	return kind == "supervisor" || kind == "personal"
}, errBotTypeAllowed}

// recompose reads what the message is to become.
func recompose(c *call) error {
	fields, m := c.fields(), &c.draft.message
	*m = *c.message
	if sent, isText := fields.Get("message").(string); isText {
		m.Text = messageText(php.Trim(sent))
	}
	switch sent := fields.Get("keyboard"); {
	case sent == "N":
		m.Keyboard = nil
	case laterKeyboard(sent) != nil:
		m.Keyboard = laterKeyboard(sent)
	}
	if sent := fields.Get("attach"); sent != nil {
		m.Attach = laterAttach(sent)
	}
	switch {
	case !fits(m.Keyboard):
		return errKeyboard
	case !fits(m.Attach):
		return errAttach
	}
	return nil
}

// updateMessage changes a message, of which all may be gone then: it is deleted.
func updateMessage(c *call) any {
	m := c.draft.message
	if m.Text == "" && m.Keyboard == nil && m.Attach == nil && len(m.Files) == 0 {
		c.world.erase(c.chat, c.message)
		return success()
	}
	*c.message = m
	c.world.edited(c.chat, c.message)
	return success()
}

// shown is a message as answers have it.
func (c *call) shown(m *Message) *php.Array {
	return messageOf(m).Set("unread", m.ID > c.chat.read[c.bot]).Set("viewed", m.ID <= c.chat.read[c.bot])
}

const maxRange = 50

func showContext(c *call) any {
	reach := maxRange
	if c.params.Get("range") != nil {
		reach = min(max(c.whole("range"), 1), maxRange)
	}
	var there []*Message
	for _, message := range c.chat.written {
		if !message.Deleted {
			there = append(there, message)
		}
	}
	at := slices.Index(there, c.message)
	first, end := max(at-reach, 0), min(at+reach+1, len(there))
	messages, authors := php.New(), []imbot.UserID(nil)
	for _, message := range there[first:end] {
		messages.Append(c.shown(message))
		if !slices.Contains(authors, message.Author) {
			authors = append(authors, message.Author)
		}
	}
	return php.New().Set("messages", messages).Set("users", c.world.usersOf(authors)).
		Set("hasPrevPage", first > 0).Set("hasNextPage", end < len(there))
}

// readMessages marks what others have written as read, up to the message if there is one.
func readMessages(c *call) any {
	upTo := c.chat.lastMessage
	if c.message != nil {
		upTo = c.message.ID
	}
	viewed, unread := php.New(), 0
	for _, message := range c.chat.written {
		switch {
		case message.Author == c.bot || message.Deleted || message.ID <= c.chat.read[c.bot]:
		case message.ID <= upTo:
			viewed.Append(message.ID)
		default:
			unread++
		}
	}
	if c.chat.read == nil {
		c.chat.read = make(map[imbot.UserID]int)
	}
	c.chat.read[c.bot] = max(c.chat.read[c.bot], upTo)
	return php.New().Set("chatId", int64(c.chat.ID)).Set("lastId", c.chat.read[c.bot]).Set("counter", unread).
		Set("viewedMessages", viewed)
}

package methods

import (
	"strings"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/imbottest/internal/php"
)

// The failures of the methods of version 1 for commands.
var (
	errCommandWord   = BadRequest("COMMAND_ERROR", "Command isn't specified")
	errLang          = BadRequest("LANG_ERROR", "Lang set can't be empty")
	errCommandID     = BadRequest("COMMAND_ID_ERROR", "Command not found")
	errCommandApp    = BadRequest("APP_ID_ERROR", "Command was installed by another rest application")
	errAnswerMessage = BadRequest("MESSAGE_ID_EMPTY", "Message ID can't be empty")
)

var v1Commands = []Method{
	{name: "imbot.command.register", steps: []step{
		aBot,
		handler{name: "EVENT_COMMAND_ADD", what: "Command add"},
		require{func(c *call) bool { return v1Name(c.params) != "" }, errCommandWord},
		require{func(c *call) bool { return c.inside("LANG").Len() > 0 }, errLang},
	}, act: func(c *call) any {
		command := c.world.commandOf(imbot.BotID(c.bot), v1Name(c.params))
		if command == nil {
			c.world.lastCommand++
			command = &Command{ID: c.world.lastCommand, Bot: imbot.BotID(c.bot), Titles: php.New(), Params: php.New()}
			command.change(c.params)
			c.world.commands[command.ID] = command
		}
		return command.ID
	}},

	{name: "imbot.command.update", steps: []step{
		v1Client,
		check(v1Command),
		require{func(c *call) bool { return c.inside("FIELDS").Len() > 0 }, errUpdateFields},
		handler{name: "EVENT_COMMAND_ADD", in: "FIELDS"},
	}, act: func(c *call) any {
		c.command.change(c.inside("FIELDS"))
		return true
	}},

	{name: "imbot.command.unregister", steps: []step{
		v1Client,
		check(v1Command),
	}, act: func(c *call) any {
		delete(c.world.commands, c.command.ID)
		return true
	}},

	// Once the bot may not answer any more, the answer is true instead of the id of a message.
	{name: "imbot.command.answer", steps: []step{
		v1Client,
		check(v1Command),
		param{"MESSAGE_ID", number, errAnswerMessage},
		param{"MESSAGE", trimmedText, errV1Message},
		newAttach,
		newKeyboard(errKeyboardBig),
		newMenu(errNotAdded),
		check(func(c *call) error {
			message, known := c.world.message(c.whole("MESSAGE_ID"))
			if !known {
				return errNotAdded
			}
			c.chat = c.world.room(message.Chat)
			return nil
		}),
	}, act: func(c *call) any {
		if !c.mayAnswer() {
			return true
		}
		c.draft.message.Author, c.draft.message.System = c.bot, c.text("SYSTEM") == "Y"
		c.draft.message.Text = messageText(c.trimmed("MESSAGE"))
		return c.respond().ID
	}},
}

// v1Name is the word of a command, without the slash.
func v1Name(params *php.Array) string {
	return strings.TrimPrefix(php.Trim(params.Get("COMMAND")), "/")
}

// change changes what the parameters have of a command.
func (command *Command) change(params *php.Array) {
	if name := v1Name(params); name != "" {
		command.Name = name
	}
	for name, to := range map[string]*bool{
		"COMMON": &command.Common, "HIDDEN": &command.Hidden, "EXTRANET_SUPPORT": &command.Extranet,
	} {
		if value := params.Get(name); value != nil {
			*to = value == "Y"
		}
	}
	list, _ := params.Get("LANG").(*php.Array)
	for _, value := range list.All() {
		texts, _ := value.(*php.Array)
		of := php.Trim(texts.Get("LANGUAGE_ID"))
		command.Titles = merged(command.Titles, php.New().Set(of, php.Trim(texts.Get("TITLE"))))
		command.Params = merged(command.Params, php.New().Set(of, php.Trim(texts.Get("PARAMS"))))
	}
}

// v1Command finds the command that a call of version 1 is about, by its id or its word, and the bot that has it.
func v1Command(c *call) error {
	if id := c.whole("COMMAND_ID"); id > 0 {
		c.command = c.world.commands[id]
	} else {
		for _, command := range c.world.sortedCommands() {
			if c.command == nil && command.Name == v1Name(c.params) && c.owns(command) {
				c.command = command
			}
		}
	}
	switch {
	case c.command == nil:
		return errCommandID
	case !c.owns(c.command):
		return errCommandApp
	}
	c.bot = imbot.UserID(c.command.Bot)
	return nil
}

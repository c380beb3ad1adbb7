package methods

import (
	"slices"
	"strings"
	"time"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/imbottest/internal/php"
)

// Command is a command of a bot.
type Command struct {
	ID       int
	Bot      imbot.BotID
	Name     string     // without the slash
	Titles   *php.Array // by language
	Params   *php.Array // likewise
	Common   bool
	Hidden   bool
	Extranet bool
}

// builtIn are the commands of the portal itself, in the order of their ids.
var builtIn = []struct{ name, title, params, context string }{
	{"me", "Show an action", "text", ""},
	{"loud", "Show a text in large letters", "text", ""},
	{">>", "Quote", "text", ""},
	{"rename", "Rename the chat", "title", "chat"},
	{"getDialogId", "Show the ID of the dialog", "", ""},
	{"webrtcDebug", "Show the log of calls", "", "call"},
}

// answerWindow is how long a bot may answer after a command in a dialog. After that, its answers are swallowed.
const answerWindow = 10 * time.Minute

var v2Commands = []Method{
	// A command that the bot has already is returned unchanged.
	{name: "imbot.v2.Command.register", exact: true, steps: []step{
		v2Bot,
		optional{"fields", array},
		require{func(c *call) bool {
			name := c.commandFields().Get("command")
			return name == nil || text(name)
		}, errCommandName},
		require{func(c *call) bool { return c.commandName() != "" }, errCommandRequired},
		require{func(c *call) bool {
			fields := c.commandFields()
			return c.world.commandOf(imbot.BotID(c.bot), c.commandName()) != nil || isYes(fields.Get("hidden")) ||
				localized(fields.Get("title")) != ""
		}, errCommandTitle},
	}, act: registerCommand},

	{name: "imbot.v2.Command.update", exact: true, steps: []step{
		v2Bot,
		bound{"commandId", integer},
		bound{"fields", array},
		check(ownCommand),
		check(newName),
		require{func(c *call) bool {
			title := c.fields().Get("title")
			return title == nil || array(title)
		}, errCommandTitles},
	}, act: updateCommand},

	{name: "imbot.v2.Command.unregister", exact: true, steps: []step{
		v2Bot,
		bound{"commandId", integer},
		check(ownCommand),
	}, act: func(c *call) any {
		delete(c.world.commands, c.whole("commandId"))
		return success()
	}},

	{name: "imbot.v2.Command.list", exact: true, steps: []step{
		v2Bot,
	}, act: listCommands},

	// The dialogId is not looked at: that of the message counts. Once the bot may not answer any more, the answer is true
	// nevertheless.
	{name: "imbot.v2.Command.answer", exact: true, steps: []step{
		v2Bot,
		bound{"commandId", integer},
		bound{"messageId", integer},
		optional{"fields", array},
		check(ownCommand),
		check(answered),
		check(composeAnswer),
	}, act: answerCommand},
}

// commandFields are the fields, or the parameters themselves in the old form of the method.
func (c *call) commandFields() *php.Array {
	if fields := c.fields(); fields.Len() > 0 {
		return fields
	}
	return c.params
}

func (c *call) commandName() string {
	return strings.TrimPrefix(php.Trim(c.commandFields().Get("command")), "/")
}

// localized returns a text that may be given for several languages, in that of the portal if it is there.
func localized(value any) string {
	texts, isArray := value.(*php.Array)
	if !isArray {
		return php.Trim(value)
	}
	if own := php.Trim(texts.Get(language)); own != "" {
		return own
	}
	for _, text := range texts.All() {
		if php.Trim(text) != "" {
			return php.Trim(text)
		}
	}
	return ""
}

// commandOf finds a command of a bot by its name, nil if there is none. The caller holds mu.
func (w *World) commandOf(bot imbot.BotID, name string) *Command {
	for _, command := range w.commands {
		if command.Bot == bot && command.Name == name {
			return command
		}
	}
	return nil
}

// sortedCommands returns the commands by their ids. The caller holds mu.
func (w *World) sortedCommands() []*Command {
	all := make([]*Command, 0, len(w.commands))
	for _, command := range w.commands {
		all = append(all, command)
	}
	slices.SortFunc(all, func(a, b *Command) int { return a.ID - b.ID })
	return all
}

// ownCommand is that the command is one of the bot.
func ownCommand(c *call) error {
	command, known := c.world.commands[c.whole("commandId")]
	if !known || imbot.UserID(command.Bot) != c.bot {
		return errCommandNotFound
	}
	return nil
}

func registerCommand(c *call) any {
	command := c.world.commandOf(imbot.BotID(c.bot), c.commandName())
	if command == nil {
		fields := c.commandFields()
		c.world.lastCommand++
		command = &Command{
			ID: c.world.lastCommand, Bot: imbot.BotID(c.bot), Name: c.commandName(), Titles: php.New(), Params: php.New(),
			Common: isYes(fields.Get("common")), Hidden: isYes(fields.Get("hidden")),
			Extranet: isYes(fields.Get("extranetSupport")),
		}
		command.describe(fields)
		c.world.commands[command.ID] = command
	}
	return showCommand(command)
}

// describe merges the texts that the fields have for some languages. A title that is null takes a language away, and
// without titles nothing is done.
func (command *Command) describe(fields *php.Array) {
	if fields.Get("title") == nil {
		return
	}
	command.Titles = merged(command.Titles, fields.Get("title"))
	command.Params = merged(command.Params, fields.Get("params"))
}

// merged returns texts with others put over them, which stand for the language of the portal if they have none.
func merged(texts *php.Array, more any) *php.Array {
	all := texts.Without()
	list, isArray := more.(*php.Array)
	if !isArray && more != nil {
		list = php.New().Set(language, more)
	}
	for name, text := range list.All() {
		if text == nil {
			all = all.Without(name)
		} else {
			all.Set(name, php.Trim(text))
		}
	}
	return all
}

func showCommand(command *Command) *php.Array {
	return php.New().Set("command", php.New().Set("id", command.ID).Set("botId", int64(command.Bot)).
		Set("command", "/"+command.Name).Set("common", command.Common).Set("hidden", command.Hidden).
		Set("extranetSupport", command.Extranet))
}

// newName checks the word that a command is to have, if it is among the fields.
func newName(c *call) error {
	switch sent := c.fields().Get("command"); {
	case sent == nil:
		return nil
	case !text(sent):
		return errCommandName
	case c.commandName() == "":
		return errCommandEmpty
	}
	if other := c.world.commandOf(imbot.BotID(c.bot), c.commandName()); other != nil && other.ID != c.whole("commandId") {
		return errCommandExists
	}
	return nil
}

func updateCommand(c *call) any {
	command, fields := c.world.commands[c.whole("commandId")], c.fields()
	if fields.Get("command") != nil {
		command.Name = c.commandName()
	}
	command.Common = yes(fields.Get("common"), command.Common)
	command.Hidden = yes(fields.Get("hidden"), command.Hidden)
	command.Extranet = yes(fields.Get("extranetSupport"), command.Extranet)
	command.describe(fields)
	return showCommand(command)
}

// listCommands lists the commands of the bot by their ids, and those of the portal. It has names and forms of its own
// for what the other methods show as booleans.
func listCommands(c *call) any {
	list := php.New()
	add := func(id any, bot imbot.BotID, name, title, params, category, context string, common, extranet bool) {
		list.Append(php.New().Set("id", id).Set("botId", int64(bot)).Set("command", "/"+name).Set("category", category).
			Set("common", letter(common)).Set("context", context).Set("title", title).Set("params", params).
			Set("extranet", letter(extranet)))
	}
	for id, command := range builtIn {
		add("def"+php.StringOf(int64(id)), 0, command.name, command.title, command.params, "", command.context, true, false)
	}
	for _, own := range c.world.sortedCommands() {
		if imbot.UserID(own.Bot) == c.bot {
			title, params := localized(own.Titles), localized(own.Params)
			add(own.ID, own.Bot, own.Name, title, params, c.world.bots[own.Bot].Name, "", own.Common, own.Extranet)
		}
	}
	return php.New().Set("commands", list)
}

func letter(yes bool) string {
	if yes {
		return "Y"
	}
	return "N"
}

// answered finds the chat of the command by its message.
func answered(c *call) error {
	message, known := c.world.message(c.whole("messageId"))
	if !known {
		return errCommandAnswer
	}
	c.chat = c.world.room(message.Chat)
	return nil
}

// mayAnswer reports whether the last command to the bot in the chat is not too long ago.
func (c *call) mayAnswer() bool {
	last, known := c.world.commanded[commandKey{imbot.BotID(c.bot), c.chat.ID}]
	return known && time.Since(last) <= answerWindow
}

// commandKey is a bot in a chat.
type commandKey struct {
	bot  imbot.BotID
	chat imbot.ChatID
}

// composeAnswer reads the answer. Of a bot that may not answer it is not even looked at.
func composeAnswer(c *call) error {
	if !c.mayAnswer() {
		return nil
	}
	fields, m := c.fields(), &c.draft.message
	m.Author, m.System = c.bot, isYes(fields.Get("system"))
	m.Text = messageText(php.Trim(fields.Get("message")))
	m.Attach, m.Keyboard = laterAttach(fields.Get("attach")), laterKeyboard(fields.Get("keyboard"))
	switch {
	case m.Text == "" && m.Attach == nil:
		return errCommandAnswer.With(errMessageEmpty.Code, errMessageEmpty.Description)
	case !fits(m.Attach):
		return errCommandAnswer.With(errAttach.Code, errAttach.Description)
	case !fits(m.Keyboard):
		return errCommandAnswer.With(errKeyboard.Code, errKeyboard.Description)
	}
	return nil
}

// answerCommand writes the answer, if the bot may.
func answerCommand(c *call) any {
	if c.mayAnswer() {
		c.respond()
	}
	return success()
}

// respond writes the answer to a command. A bot that is not in the chat answers through the portal, with its name in
// front.
func (c *call) respond() *Message {
	m := c.draft.message
	if !isIn(c.chat, c.bot) {
		m.System, m.Text = true, "[B]"+c.world.bots[imbot.BotID(c.bot)].Name+"[/B]\n"+m.Text
	}
	return c.world.write(c.chat, m)
}

package methods

import (
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/imbottest/internal/php"
)

// Event is an event of version 2 that is to be posted.
type Event struct {
	Name string
	Bot  Bot
	By   imbot.UserID // who caused it
	Data *php.Array   // but for the bot
}

// Raised is what is to be posted because of something that happened.
type Raised struct {
	Joined   []Joining   // the bots of version 1 that came into a chat
	Messages []Addressed // what bots of version 1 are to hear of messages
	Commands []Given     // those to bots of version 1
	Opened   []Opened    // the dialogs with bots of version 1 that were opened with a context
	Deleted  []Bot       // the bots of version 1 that are gone
	Events   []Event     // those of version 2
}

// Addressed is what happened to a message, and those bots of one application that are to hear of it.
type Addressed struct {
	Event   string // [MessageWritten], [MessageUpdated] or [MessageDeleted]
	Chat    Chat
	Message Message
	Bots    []Bot
}

// Opened is a dialog that somebody has opened with a context.
type Opened struct {
	Chat    Chat
	Bot     Bot
	Context any // as it stands in an answer
	By      imbot.UserID
}

// Given is a command as somebody has given it to a bot, by a message or a button of one.
type Given struct {
	Chat    Chat
	Message Message
	Bot     Bot
	Command Command
	Params  string
	Context string
	By      imbot.UserID
}

// take returns what was raised since it was last called. The caller holds mu.
func (w *World) take() Raised {
	raised := w.raised
	w.raised = Raised{}
	return raised
}

// raise raises an event of a bot in the way that the bot wants. Data describes it for somebody. Bots of version 1 have
// events of their own. The caller holds mu.
func (w *World) raise(id imbot.BotID, name string, by imbot.UserID, data func(viewer imbot.UserID) *php.Array) {
	switch bot := w.bots[id]; bot.EventMode {
	case Fetch:
		all := php.New().Set("bot", w.botOf(bot, true))
		all.Merge(data(imbot.UserID(id)))
		w.log(imbot.UserID(id), name, all)
	case Webhook:
		w.raised.Events = append(w.raised.Events, Event{name, bot, by, data(imbot.UserID(id))})
	}
}

// tell raises an event of those users in a chat who have subscribed to theirs. The caller holds mu.
func (w *World) tell(in *room, name string, data func(viewer imbot.UserID) *php.Array) {
	for _, member := range in.Members {
		if w.subscribed[member] {
			w.log(member, name, data(member))
		}
	}
}

// where is the chat and the user of an event, which all of them end with.
func (w *World) where(data *php.Array, in *room, by, viewer imbot.UserID) *php.Array {
	return data.Set("chat", w.chatOfEvent(in, viewer)).Set("user", w.userOf(by, true)).Set("language", language)
}

// about is an event about a message. Beside it stands the message that it replies to.
func (w *World) about(data *php.Array, in *room, m *Message, by imbot.UserID) func(imbot.UserID) *php.Array {
	return func(viewer imbot.UserID) *php.Array {
		all := php.New()
		all.Merge(data)
		more := php.New()
		if replied, known := w.message(m.ReplyTo); known {
			more.Append(messageOf(replied))
		}
		return w.where(all.Set("message", messageOf(m)), in, by, viewer).Set("additionalMessages", more)
	}
}

// joined raises that somebody came into a chat. Bots of version 1 get no event for what they did themselves. The
// caller holds mu.
func (w *World) joined(in *room, member, by imbot.UserID) {
	bot, isBot := w.bots[imbot.BotID(member)]
	if isBot {
		if in.Kind == Private {
			bot.users++
		} else {
			bot.chats++
		}
		w.bots[bot.ID] = bot
	}
	if isBot && bot.EventMode == "" && by != member {
		w.raised.Joined = append(w.raised.Joined, Joining{copyChat(in.Chat), bot, by})
	}
	data := func(user imbot.UserID) func(imbot.UserID) *php.Array {
		return func(viewer imbot.UserID) *php.Array {
			return w.where(php.New().Set("dialogId", dialogOf(in, viewer)), in, user, viewer)
		}
	}
	if isBot {
		w.raise(bot.ID, "ONIMBOTV2JOINCHAT", by, data(by))
	}
	w.tell(in, "ONIMV2JOINCHAT", data(member))
}

// added raises that somebody has written a message: to the bots that a command in it is for, or else to those that the
// message is for. Bots hear nothing of what bots or the portal write. The caller holds mu.
func (w *World) added(in *room, m *Message) {
	_, byBot := w.bots[imbot.BotID(m.Author)]
	if m.System {
		return
	}
	if calls, commanded := w.commandsIn(in, m); !byBot && commanded {
		for _, call := range calls {
			w.command(in, m, call, "textarea", m.Author)
		}
	} else if !byBot {
		audience := w.audience(in, m)
		w.address(in, m, MessageWritten, audience)
		for _, id := range audience {
			bot := w.bots[id]
			bot.messages++
			w.bots[id] = bot
			w.raise(id, "ONIMBOTV2MESSAGEADD", m.Author, w.about(php.New(), in, m, m.Author))
		}
	}
	w.tell(in, "ONIMV2MESSAGEADD", w.about(php.New(), in, m, m.Author))
}

// address raises what happened to a message for those among some bots that are of version 1 and hear of it, of which
// those of one application do so together. The caller holds mu.
func (w *World) address(in *room, m *Message, event string, audience []imbot.BotID) {
	slices.Sort(audience)
	var messages []Addressed
	for _, id := range audience {
		bot := w.bots[id]
		same := func(other Addressed) bool { return other.Bots[0].Application() == bot.Application() }
		switch at := slices.IndexFunc(messages, same); {
		case bot.EventMode != "" || event != MessageWritten && !w.hears(bot, event):
		case at >= 0:
			messages[at].Bots = append(messages[at].Bots, bot)
		default:
			messages = append(messages, Addressed{event, copyChat(in.Chat), *m, []Bot{bot}})
		}
	}
	w.raised.Messages = append(w.raised.Messages, messages...)
}

var mentionForm = regexp.MustCompile(`(?i)\[USER=(\d+)`)

// audience returns the bots that a message is for: in a private chat the one there, elsewhere those of the types that
// hear everything, those of open lines in one, and those who are mentioned or replied to. The caller holds mu.
func (w *World) audience(in *room, m *Message) (ids []imbot.BotID) {
	replied, isReply := w.written[m.ReplyTo]
	for _, member := range in.Members {
		bot, isBot := w.bots[imbot.BotID(member)]
		if !isBot {
			continue
		}
		if in.Kind == Private && member != m.Author ||
			in.Kind != Private && (bot.kind() == "personal" || bot.kind() == "supervisor") ||
			in.Kind == OpenLine && bot.OpenLine ||
			in.Kind != Private && (m.mentions(bot.ID) || isReply && replied.Author == member) {
			ids = append(ids, bot.ID)
		}
	}
	return ids
}

// mentions reports whether a bot is mentioned in a message.
func (m *Message) mentions(bot imbot.BotID) bool {
	for _, found := range mentionForm.FindAllStringSubmatch(m.Text, -1) {
		if imbot.BotID(php.Intval(found[1])) == bot {
			return true
		}
	}
	return slices.Contains(m.Mentioned, bot)
}

// commandCall is a command as somebody has given it.
type commandCall struct {
	command *Command
	params  string
}

// commandsIn returns the commands in the lines of a message, and whether there were any, be it commands of the portal
// or such that no bot hears. The caller holds mu.
func (w *World) commandsIn(in *room, m *Message) (calls []commandCall, commanded bool) {
	for line := range strings.SplitSeq(m.Text, "\n") {
		name, params, _ := strings.Cut(strings.TrimSpace(line), " ")
		name, isCommand := strings.CutPrefix(name, "/")
		if !isCommand || name == "" {
			continue
		}
		for _, own := range builtIn {
			commanded = commanded || own.name == name
		}
		for _, command := range w.sortedCommands() {
			if command.Name == name && w.reaches(command, in, m.Author) {
				calls, commanded = append(calls, commandCall{command, strings.TrimSpace(params)}), true
			}
		}
	}
	return calls, commanded
}

// reaches reports whether somebody may give a command in a chat. The caller holds mu.
func (w *World) reaches(command *Command, in *room, by imbot.UserID) bool {
	return (command.Common || slices.Contains(in.Members, imbot.UserID(command.Bot))) &&
		(command.Extranet || !w.users[by].Extranet)
}

// command raises that somebody has given a command, by a message or a button of one. From then on, the bot may answer
// for a while. Of a button in a private chat, the chat is not known to a bot that fetches. The caller holds mu.
func (w *World) command(in *room, m *Message, call commandCall, context string, by imbot.UserID) {
	bot := call.command.Bot
	w.commanded[commandKey{bot, in.ID}] = time.Now()
	given := php.New().Set("command", php.New().Set("id", call.command.ID).Set("command", "/"+call.command.Name).
		Set("params", call.params).Set("context", context))
	if w.bots[bot].EventMode == "" {
		w.raised.Commands = append(w.raised.Commands, Given{
			copyChat(in.Chat), *m, w.bots[bot], *call.command, call.params, strings.ToUpper(context), by,
		})
	}
	describe := w.about(given, in, m, by)
	w.raise(bot, "ONIMBOTV2COMMANDADD", by, func(viewer imbot.UserID) *php.Array {
		data := describe(viewer)
		switch {
		case w.bots[bot].EventMode == Webhook:
			return data.Without("additionalMessages")
		case context == "keyboard" && in.Kind == Private:
			data.Set("chat", php.New())
		}
		return data
	})
}

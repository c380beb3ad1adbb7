package methods

import (
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/imbottest/internal/php"
)

// World is the state of the portal: who is there, and who is where. Methods whose comments say so expect mu to be
// held, all others take it themselves.
type World struct {
	host         string // of the portal, in the URLs of pictures
	lastMessages int    // how many messages of a chat are known; 0: all
	mu           sync.Mutex
	bots         map[imbot.BotID]Bot
	order        []imbot.BotID // of registration: "the first bot of the application" is the first here
	users        map[imbot.UserID]User
	chats        map[imbot.ChatID]*room
	lastChat     imbot.ChatID // the highest id
	lastBot      imbot.BotID  // the highest id, also of bots that are gone
	messages     int          // how many were written, in all chats together

	written     map[int]*Message // what users and bots have written
	uuids       map[string]sent  // the messages by those UUIDs that they were sent with
	commands    map[int]*Command
	lastCommand int
	commanded   map[commandKey]time.Time // when a bot got its last command in a chat
	files       map[int64]*File
	lastFile    int64
	downloads   int // how many addresses of files were handed out
	maxFile     int // how many bytes a file may have

	queue      map[imbot.UserID][]logged // the events that bots and users have not fetched, none of them empty
	nextEvent  int
	subscribed map[imbot.UserID]bool
	bound      map[subscription]bool
	raised     Raised // what is to be posted
}

// room is a chat with what happened in it.
type room struct {
	Chat

	removals    int
	messages    int // how many, those of the system included
	lastMessage int // the id of the newest, 0 if there is none
	written     []*Message
	read        map[imbot.UserID]int // up to which message a bot has read it
	noTextField bool                 // people cannot write there
	fileNames   map[string]bool      // the names that are taken
}

const (
	firstMessage = 4711 // the id of the first message in a portal
	firstBot     = 456  // the id of the first bot that is registered, or a higher one
	firstCommand = 42   // the id of the first command
	firstFile    = 138  // the id of the first file
)

// forget removes whatever the chat knows of a member.
func (r *room) forget(user imbot.UserID) {
	for _, list := range []*[]imbot.UserID{&r.Members, &r.Managers, &r.WithoutHistory} {
		*list = without(*list, user)
	}
}

func without(list []imbot.UserID, user imbot.UserID) []imbot.UserID {
	return slices.DeleteFunc(list, func(other imbot.UserID) bool { return other == user })
}

// own hands the chat over. The new owner is a manager without standing in the list, and the old one is no manager any
// more.
func (r *room) own(user imbot.UserID) {
	r.Managers = without(without(r.Managers, user), r.Owner)
	r.Owner = user
}

// NewWorld returns the state of an empty portal. A file there may have maxFile bytes, or as many as on a real portal if
// that is 0. Of what is written into a chat the last messages are kept, or all if keep is 0.
func NewWorld(host string, maxFile, keep int) *World {
	if maxFile == 0 {
		maxFile = 100 << 20
	}
	return &World{
		host:         host,
		lastMessages: keep,
		bots:         make(map[imbot.BotID]Bot),
		users:        make(map[imbot.UserID]User),
		chats:        make(map[imbot.ChatID]*room),

		lastBot:     firstBot - 1,
		written:     make(map[int]*Message),
		uuids:       make(map[string]sent),
		commands:    make(map[int]*Command),
		lastCommand: firstCommand - 1,
		commanded:   make(map[commandKey]time.Time),
		files:       make(map[int64]*File),
		lastFile:    firstFile - 1,
		maxFile:     maxFile,

		queue:      make(map[imbot.UserID][]logged),
		nextEvent:  firstEvent,
		subscribed: make(map[imbot.UserID]bool),
		bound:      make(map[subscription]bool),
	}
}

// AddBot adds a bot, or changes the one with this id. One of version 1 has given an address for all events.
func (w *World) AddBot(bot Bot) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.addBot(bot)
	if bot.EventMode == "" {
		for _, event := range optionalHandlers {
			w.bound[subscription{bot.Application(), event}] = true
		}
	}
}

// addBot is [World.AddBot]. The caller holds mu.
func (w *World) addBot(bot Bot) {
	if _, known := w.bots[bot.ID]; !known {
		w.order = append(w.order, bot.ID)
	}
	w.bots[bot.ID] = bot
	w.lastBot = max(w.lastBot, bot.ID)
}

// AddUser sets what is known of a user.
func (w *World) AddUser(user User) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.users[user.ID] = user
}

// AddChat makes a chat, or replaces the one with this id and forgets what happened in it.
func (w *World) AddChat(chat Chat) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, message := range w.room(chat.ID).written {
		delete(w.written, message.ID)
	}
	w.chats[chat.ID] = &room{Chat: copyChat(chat)}
	w.lastChat = max(w.lastChat, chat.ID)
}

// Chat returns a copy of a chat and the number of removals from it.
func (w *World) Chat(id imbot.ChatID) (chat Chat, removals int, known bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	found, known := w.chats[id]
	if !known {
		return Chat{}, 0, false
	}
	return copyChat(found.Chat), found.removals, true
}

func copyChat(chat Chat) Chat {
	chat.Members = slices.Clone(chat.Members)
	chat.FromStructure = slices.Clone(chat.FromStructure)
	chat.Managers = slices.Clone(chat.Managers)
	chat.WithoutHistory = slices.Clone(chat.WithoutHistory)
	return chat
}

// Bot finds a bot by its id.
func (w *World) Bot(id imbot.BotID) (Bot, bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	bot, known := w.bots[id]
	return bot, known
}

// firstBot finds the bot that stands for an application whose call names none. The caller holds mu.
func (w *World) firstBot(application string) (Bot, bool) {
	for _, id := range w.order {
		if bot := w.bots[id]; bot.Application() == application {
			return bot, true
		}
	}
	return Bot{}, false
}

// room returns a chat, and one without members if there is none. The caller holds mu.
func (w *World) room(id imbot.ChatID) *room {
	if found, known := w.chats[id]; known {
		return found
	}
	return &room{Chat: Chat{ID: id}}
}

// find returns the chat with a property that has the lowest id, and nil if there is none. The caller holds mu.
func (w *World) find(has func(*room) bool) *room {
	var found *room
	for _, chat := range w.chats {
		if has(chat) && (found == nil || chat.ID < found.ID) {
			found = chat
		}
	}
	return found
}

// remove takes a member out of a chat, and the portal writes so. An owner who goes hands the chat over. The caller
// holds mu.
func (w *World) remove(from *room, user imbot.UserID) {
	from.forget(user)
	from.removals++
	w.say(from) // "left the chat"
	if from.Owner != user {
		return
	}
	if heir := slices.IndexFunc(from.Members, w.mayOwn); heir >= 0 {
		from.own(from.Members[heir])
	}
}

// add puts users into a chat, those who are active and not there yet. If there are any, the portal writes so, in one
// message for all. The caller holds mu.
func (w *World) add(to *room, users []imbot.UserID, by imbot.UserID, hideHistory bool) {
	before := len(to.Members)
	for _, user := range users {
		if user <= 0 || w.users[user].Inactive || slices.Contains(to.Members, user) {
			continue
		}
		to.Members = append(to.Members, user)
		if hideHistory {
			to.WithoutHistory = append(to.WithoutHistory, user)
		}
	}
	added := slices.Clone(to.Members[before:])
	if len(added) > 0 {
		w.say(to) // "invited to the chat"
	}
	for _, member := range added {
		w.joined(to, member, by)
	}
}

// say puts a message into a chat and returns its id. The portal counts its messages over all chats. The caller holds
// mu.
func (w *World) say(in *room) (id int) {
	in.messages++
	in.lastMessage = firstMessage + w.messages
	w.messages++
	return in.lastMessage
}

// create makes a chat and gives it the id after the highest. The caller holds mu.
func (w *World) create(chat Chat) *room {
	w.lastChat++
	chat.ID = w.lastChat
	made := &room{Chat: chat}
	w.chats[chat.ID] = made
	return made
}

// mayOwn reports whether a chat can pass to a member: to active employees alone. With none of those in the chat it
// keeps its author, who is a member no longer. The caller holds mu.
func (w *World) mayOwn(member imbot.UserID) bool {
	if _, isBot := w.bots[imbot.BotID(member)]; isBot {
		return false
	}
	user := w.users[member]
	return !user.Inactive && !user.Extranet && !user.Connector
}

// deleteBot forgets a bot, with what it has not fetched, and takes it out of all chats. The caller holds mu.
func (w *World) deleteBot(id imbot.BotID, by imbot.UserID) {
	bot := w.bots[id]
	w.raise(id, "ONIMBOTV2DELETE", by, func(imbot.UserID) *php.Array { return php.New() })
	if bot.EventMode == "" {
		w.raised.Deleted = append(w.raised.Deleted, bot)
	}
	delete(w.bots, id)
	delete(w.queue, imbot.UserID(id))
	maps.DeleteFunc(w.commands, func(_ int, command *Command) bool { return command.Bot == id })
	w.order = slices.DeleteFunc(w.order, func(other imbot.BotID) bool { return other == id })
	for _, chat := range w.chats {
		chat.forget(imbot.UserID(id))
	}
}

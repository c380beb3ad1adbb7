package imbottest

import (
	"cmp"
	"maps"
	"slices"
	"sync"

	"github.com/seed-a6e4e5a4/imbot"
)

// world is the state of the portal: who is there, and who is where. Methods that say so expect mu to be held, all
// others take it themselves.
type world struct {
	mu       sync.Mutex
	bots     map[imbot.BotID]Bot
	order    []imbot.BotID // of registration: "the first bot of the application" is the first here
	users    map[imbot.UserID]User
	chats    map[imbot.ChatID]*room
	lastChat imbot.ChatID // the highest id
	messages int          // how many were written, in all chats together
}

// room is a chat with what happened in it.
type room struct {
	Chat

	removals    int
	messages    int // how many, those of the system included
	lastMessage int // the id of the newest, 0 if there is none
}

// firstMessage is the id of the first message in a portal.
const firstMessage = 4711

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

func newWorld() *world {
	return &world{
		bots:  make(map[imbot.BotID]Bot),
		users: make(map[imbot.UserID]User),
		chats: make(map[imbot.ChatID]*room),
	}
}

func (w *world) addBot(bot Bot) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if _, known := w.bots[bot.ID]; !known {
		w.order = append(w.order, bot.ID)
	}
	w.bots[bot.ID] = bot
}

func (w *world) addUser(user User) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.users[user.ID] = user
}

func (w *world) addChat(chat Chat) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.chats[chat.ID] = &room{Chat: copyChat(chat)}
	w.lastChat = max(w.lastChat, chat.ID)
}

// chat returns a copy of a chat and the number of removals from it.
func (w *world) chat(id imbot.ChatID) (chat Chat, removals int, known bool) {
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

// allBots returns every bot of the portal, ordered by id.
func (w *world) allBots() []Bot {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.SortedFunc(maps.Values(w.bots), func(a, b Bot) int { return cmp.Compare(a.ID, b.ID) })
}

// bot finds a bot by its id. The caller holds mu.
func (w *world) bot(id imbot.BotID) (Bot, bool) {
	bot, known := w.bots[id]
	return bot, known
}

// firstBot finds the bot that stands for an application whose call names none. The caller holds mu.
func (w *world) firstBot(application string) (Bot, bool) {
	for _, id := range w.order {
		if bot := w.bots[id]; bot.application() == application {
			return bot, true
		}
	}
	return Bot{}, false
}

// room returns a chat, and one without members if there is none. The caller holds mu.
func (w *world) room(id imbot.ChatID) *room {
	if found, known := w.chats[id]; known {
		return found
	}
	return &room{Chat: Chat{ID: id}}
}

// find returns the chat with a property that has the lowest id, and nil if there is none. The caller holds mu.
func (w *world) find(has func(*room) bool) *room {
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
func (w *world) remove(from *room, user imbot.UserID) {
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
func (w *world) add(to *room, users []imbot.UserID, hideHistory bool) {
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
	if len(to.Members) > before {
		w.say(to) // "invited to the chat"
	}
}

// say puts a message into a chat and returns its id. The portal counts its messages over all chats. The caller holds
// mu.
func (w *world) say(in *room) (id int) {
	in.messages++
	in.lastMessage = firstMessage + w.messages
	w.messages++
	return in.lastMessage
}

// create makes a chat and gives it the id after the highest. The caller holds mu.
func (w *world) create(chat Chat) *room {
	w.lastChat++
	chat.ID = w.lastChat
	made := &room{Chat: chat}
	w.chats[chat.ID] = made
	return made
}

// write puts a message into a chat and returns a copy of the chat and the id of the message, and false if there is no
// such chat.
func (w *world) write(id imbot.ChatID) (chat Chat, message int, known bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	found, known := w.chats[id]
	if !known {
		return Chat{}, 0, false
	}
	message = w.say(found)
	return copyChat(found.Chat), message, true
}

// mayOwn tells whether a chat can pass to a member: to active employees alone. With none of those in the chat it keeps
// its author, who is a member no longer. The caller holds mu.
func (w *world) mayOwn(member imbot.UserID) bool {
	if _, isBot := w.bot(imbot.BotID(member)); isBot {
		return false
	}
	user := w.users[member]
	return !user.Inactive && !user.Extranet && !user.Connector
}

package imbottest

import (
	"cmp"
	"maps"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/seed-a6e4e5a4/imbot"
)

// world is the state of the portal: who is there, and who is where. Methods that say so expect mu to be held, all others
// take it themselves.
type world struct {
	mu       sync.Mutex
	bots     []Bot // in the order of registration: "the first bot of the application" is the first here
	users    map[imbot.UserID]User
	chats    map[imbot.ChatID]*room
	webhooks map[string]Webhook // by secret
	tokens   map[string]Token   // by access token
}

// room is a chat with what happened in it.
type room struct {
	Chat

	removals int
}

func newWorld() *world {
	return &world{
		users:    make(map[imbot.UserID]User),
		chats:    make(map[imbot.ChatID]*room),
		webhooks: make(map[string]Webhook),
		tokens:   make(map[string]Token),
	}
}

func (w *world) addBot(bot Bot) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if i := slices.IndexFunc(w.bots, func(b Bot) bool { return b.ID == bot.ID }); i >= 0 {
		w.bots[i] = bot
		return
	}
	w.bots = append(w.bots, bot)
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
}

func (w *world) addWebhook(hook Webhook) {
	w.mu.Lock()
	defer w.mu.Unlock()
	hook.Scopes = slices.Clone(hook.Scopes)
	w.webhooks[hook.Secret] = hook
}

func (w *world) addToken(token Token) {
	w.mu.Lock()
	defer w.mu.Unlock()
	token.Scopes = slices.Clone(token.Scopes)
	w.tokens[token.AccessToken] = token
}

// expire ends a token's life and returns false if there is no such token.
func (w *world) expire(accessToken string, now time.Time) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	token, known := w.tokens[accessToken]
	if known {
		token.Expires = now
		w.tokens[accessToken] = token
	}
	return known
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
	return chat
}

// webhook returns the webhook of a path. The user stands in the path as a decimal number.
func (w *world) webhook(user, secret string) (Webhook, bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	hook, known := w.webhooks[secret]
	return hook, known && strconv.FormatInt(int64(hook.UserID), 10) == user
}

func (w *world) token(accessToken string) (Token, bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	token, known := w.tokens[accessToken]
	return token, known
}

// allBots returns every bot of the portal, ordered by id.
func (w *world) allBots() []Bot {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.SortedFunc(slices.Values(w.bots), func(a, b Bot) int { return cmp.Compare(a.ID, b.ID) })
}

// bot finds a bot by its id. The caller holds mu.
func (w *world) bot(id imbot.BotID) (Bot, bool) {
	i := slices.IndexFunc(w.bots, func(b Bot) bool { return b.ID == id })
	if i < 0 {
		return Bot{}, false
	}
	return w.bots[i], true
}

// firstBot finds the bot that stands for an application whose call names none. The caller holds mu.
func (w *world) firstBot(application string) (Bot, bool) {
	i := slices.IndexFunc(w.bots, func(b Bot) bool { return b.application() == application })
	if i < 0 {
		return Bot{}, false
	}
	return w.bots[i], true
}

// room returns a chat, and one without members if there is none. The caller holds mu.
func (w *world) room(id imbot.ChatID) *room {
	if found, known := w.chats[id]; known {
		return found
	}
	return &room{Chat: Chat{ID: id}}
}

// entityChat returns the id of the chat that belongs to an entity, and 0 if there is none. The caller holds mu.
func (w *world) entityChat(alias, entityID string) imbot.ChatID {
	for _, id := range slices.Sorted(maps.Keys(w.chats)) {
		chat := w.chats[id]
		if kinds[chat.Kind].dialogAlias == alias && chat.EntityID == entityID {
			return id
		}
	}
	return 0
}

// remove takes a member out of a chat. An owner who goes hands the chat over. The caller holds mu.
func (w *world) remove(from *room, user imbot.UserID) {
	is := func(member imbot.UserID) bool { return member == user }
	from.Members = slices.DeleteFunc(from.Members, is)
	from.removals++
	if from.Owner != user {
		return
	}
	if heir := slices.IndexFunc(from.Members, w.mayOwn); heir >= 0 {
		from.Owner = from.Members[heir]
	}
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

package methods

import (
	"cmp"
	"slices"
	"time"

	"github.com/seed-a6e4e5a4/imbot"
)

// Chat is a chat of the portal.
type Chat struct {
	ID             imbot.ChatID
	Kind           Kind
	Title          string
	Description    string
	Color          string // a name, such as MINT
	HasAvatar      bool
	PublicCode     string
	EntityType     string // if it is empty, it follows from the kind
	EntityID       string
	Created        time.Time
	Owner          imbot.UserID // need not be a member
	Members        []imbot.UserID
	FromStructure  []imbot.UserID // who cannot leave
	Managers       []imbot.UserID // but for the owner
	WithoutHistory []imbot.UserID
}

// Entity returns the type of what the chat belongs to, "" if it belongs to nothing.
func (c Chat) Entity() string {
	if c.EntityType != "" {
		return c.EntityType
	}
	return kinds[c.Kind].entity
}

// ColorName returns the name of the color that the chat is shown in.
func (c Chat) ColorName() string { return colorName(c.Color, c.ID) }

// HasExtranet reports whether an extranet user is among the members of a chat.
func (w *World) HasExtranet(chat Chat) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.ContainsFunc(chat.Members, func(user imbot.UserID) bool { return w.users[user].Extranet })
}

// Bot is a chat bot of the portal. It belongs to the webhooks that know its ClientID, or to the OAuth application App.
type Bot struct {
	ID           imbot.BotID
	Code         string
	Name         string
	LastName     string
	WorkPosition string
	Color        string // a name, such as MINT
	Gender       string
	HasAvatar    bool
	OpenLine     bool
	Hidden       bool
	NoReactions  bool
	Background   string
	Type         string // bot if it is empty
	EventMode    string // Fetch or Webhook, "" for a bot of version 1
	WebhookURL   string
	ClientID     string // what version 2 calls the token of the bot
	App          string

	messages, chats, users int // how many events of the kind it has had
}

// Valid reports whether the type of the bot and its event mode are known.
func (b Bot) Valid() bool {
	return slices.Contains(botTypes, b.kind()) && slices.Contains(eventModes, b.mode())
}

// kind is the type of the bot.
func (b Bot) kind() string { return cmp.Or(b.Type, botTypes[0]) }

// mode is how the bot gets its events, as version 2 shows it.
func (b Bot) mode() string { return cmp.Or(b.EventMode, Webhook) }

func (b Bot) position() string { return cmp.Or(b.WorkPosition, "Chat bot") }

func (b Bot) shade() string { return shade(b.Color, imbot.ChatID(b.ID)) }

// Application returns the id under which the server keeps the owner of the bot.
func (b Bot) Application() string {
	if b.App != "" {
		return b.App
	}
	return customApplication(b.ClientID)
}

// customApplication returns the application that the server makes up for a CLIENT_ID. No webhook is a part of it: the
// CLIENT_ID alone gives access to the bot.
func customApplication(clientID string) string { return "custom" + clientID }

// User is what the portal knows about a user who is no bot. One who was never added is an ordinary employee.
type User struct {
	ID        imbot.UserID
	Inactive  bool
	Extranet  bool
	Connector bool
	Admin     bool
}

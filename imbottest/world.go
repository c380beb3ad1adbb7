package imbottest

import (
	"strconv"
	"time"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/imbottest/internal/methods"
)

// Kind is what a chat is for. It decides who may leave by imbot.chat.leave; imbot.v2.Chat.leave does not ask.
type Kind int

// The kinds of chats.
const (
	Group          Kind = iota // an ordinary closed group
	OpenChat                   // an ordinary open group
	General                    // the general chat of the portal, which is left by imbot.v2.Chat.leave alone
	GeneralChannel             // the general channel of the portal
	Workgroup                  // the chat of a workgroup or project
	CallChat                   // the chat of a call
	Support                    // a question to the support of Bitrix24
	Network                    // a dialog with an open line of another portal
	CRM                        // the chat of a CRM item
	OpenLine                   // a dialog with a customer
	Copilot                    // a chat with CoPilot
	ExternalTask               // the chat of a task
	Private                    // a private chat of two, which is left by imbot.v2.Chat.leave alone
)

// String returns the name of the constant.
func (k Kind) String() string {
	if name, known := methods.Kind(k).Name(); known {
		return name
	}
	return "Kind(" + strconv.Itoa(int(k)) + ")"
}

// Chat is a chat of the portal.
type Chat struct {
	// ID is the chat's id. It is positive.
	ID imbot.ChatID
	// Kind is what the chat is for. The zero value is [Group].
	Kind Kind
	// Title is the name of the chat. It may be empty.
	Title string
	// Description says what the chat is about.
	Description string
	// Color is the name of a color, such as MINT. A chat without one is shown in a color that follows from its id.
	Color string
	// HasAvatar tells whether the chat has a picture.
	HasAvatar bool
	// PublicCode is the code of the link by which guests come in. Most chats have none.
	PublicCode string
	// EntityType is the type of what the chat belongs to. If it is empty, it follows from the Kind: a chat of a CRM item
	// has CRM.
	EntityType string
	// EntityID is the id of what the chat belongs to: of the workgroup, or of the CRM item. A DIALOG_ID can name such a
	// chat by it, as sg7 or crm7.
	EntityID string
	// Created is when the chat was made. The zero time stands for unknown.
	Created time.Time
	// Owner is the author of the chat. It need not be a member.
	Owner imbot.UserID
	// Members are users and bots, in the order in which the portal lists them.
	Members []imbot.UserID
	// FromStructure are those members who are in the chat because of their department. They cannot leave it.
	FromStructure []imbot.UserID
	// Managers are those members who may do more than others. The owner is one without standing here.
	Managers []imbot.UserID
	// WithoutHistory are those members from whom it was hidden what was written before they came.
	WithoutHistory []imbot.UserID
}

// model returns the chat as the methods know it.
func (c Chat) model() methods.Chat {
	return methods.Chat{
		ID: c.ID, Kind: methods.Kind(c.Kind),
		Title: c.Title, Description: c.Description, Color: c.Color, HasAvatar: c.HasAvatar, PublicCode: c.PublicCode,
		EntityType: c.EntityType, EntityID: c.EntityID, Created: c.Created, Owner: c.Owner, Members: c.Members,
		FromStructure: c.FromStructure, Managers: c.Managers, WithoutHistory: c.WithoutHistory,
	}
}

// chatOf returns a chat of the methods as it is shown.
func chatOf(c methods.Chat) Chat {
	return Chat{
		ID: c.ID, Kind: Kind(c.Kind),
		Title: c.Title, Description: c.Description, Color: c.Color, HasAvatar: c.HasAvatar, PublicCode: c.PublicCode,
		EntityType: c.EntityType, EntityID: c.EntityID, Created: c.Created, Owner: c.Owner, Members: c.Members,
		FromStructure: c.FromStructure, Managers: c.Managers, WithoutHistory: c.WithoutHistory,
	}
}

// Bot is a chat bot of the portal. It belongs to the webhooks that know its ClientID, or to the OAuth application App:
// exactly one of the two must be set.
type Bot struct {
	// ID is the bot's id, which is also that of its user. It is positive.
	ID imbot.BotID
	// Code is the name that the bot was registered by, and the BOT_CODE of its events. It may be empty.
	Code string
	// Name is what people see. It may be empty.
	Name string
	// OpenLine tells whether the bot works in open lines, as imbot.bot.list shows it.
	OpenLine bool
	// ClientID is the CLIENT_ID that a webhook registered the bot with, which imbot.v2 calls botToken. It is empty for a
	// bot of an application.
	ClientID string
	// App is the client_id of the OAuth application that registered the bot, such as [App]; empty for a bot of a webhook.
	App string
	// Type is bot, supervisor, personal, openline or network. Empty stands for bot.
	Type string
	// EventMode is how a bot of imbot.v2 gets its events: fetch or webhook. It is empty for a bot of the first generation.
	EventMode string
	// WebhookURL is where a bot of imbot.v2 wants its events. The portal shows it to nobody, and posts where
	// [Portal.SendEvents] says.
	WebhookURL string
}

func (b Bot) model() methods.Bot {
	return methods.Bot{
		ID: b.ID, Code: b.Code, Name: b.Name, OpenLine: b.OpenLine, ClientID: b.ClientID, App: b.App,
		Type: b.Type, EventMode: b.EventMode, WebhookURL: b.WebhookURL,
	}
}

// User is what the portal knows about a user who is no bot. A user who was never added is an ordinary employee.
type User struct {
	// ID is the user's id. It is positive.
	ID imbot.UserID
	// Inactive tells that the user was dismissed: REST adds such a user to no chat, and no chat passes to them.
	Inactive bool
	// Extranet tells that the user is a guest: no chat passes to them, and they see no open chat without being a member.
	Extranet bool
	// Connector tells that the user is a customer who writes through an open line: no chat passes to them.
	Connector bool
	// Admin tells that the user administers the portal. The method profile shows it, and no method asks for it.
	Admin bool
}

// AddBot registers a bot, or changes the one with this id. A call that names no bot means the bot of its application
// that was registered first.
//
// A bot of the first generation is registered with an address for all events, and so are those that a portal has from
// the start. A bot that imbot.register adds hears of changed and deleted messages and of contexts only if its application
// has given an address for the event: EVENT_HANDLER, EVENT_MESSAGE_UPDATE, EVENT_MESSAGE_DELETE or EVENT_CONTEXT_GET.
func (p *Portal) AddBot(bot Bot) {
	if bot.ID <= 0 || (bot.ClientID == "") == (bot.App == "") {
		p.reporter.Fatalf("imbottest: AddBot: want a positive ID and either a ClientID or an App, got ID %d, ClientID %q, App %q",
			bot.ID, bot.ClientID, bot.App)
		return
	}
	if !bot.model().Valid() {
		p.reporter.Fatalf("imbottest: AddBot: there is neither a Type %q nor an EventMode %q", bot.Type, bot.EventMode)
		return
	}
	p.server.World.AddBot(bot.model())
}

// AddUser sets what is known of a user; a user never added is an ordinary employee.
func (p *Portal) AddUser(user User) {
	if user.ID <= 0 {
		p.reporter.Fatalf("imbottest: AddUser: want a positive ID, got %d", user.ID)
		return
	}
	p.server.World.AddUser(methods.User(user))
}

// AddChat makes a chat, or replaces the one with this id and forgets what happened in it.
func (p *Portal) AddChat(chat Chat) {
	if _, known := methods.Kind(chat.Kind).Name(); chat.ID <= 0 || !known {
		p.reporter.Fatalf("imbottest: AddChat: want a positive ID and a Kind of this package, got ID %d, %v", chat.ID, chat.Kind)
		return
	}
	p.server.World.AddChat(chat.model())
}

// Chat returns a chat as it is now, and false if there is none with this id.
func (p *Portal) Chat(id imbot.ChatID) (Chat, bool) {
	chat, _, known := p.server.World.Chat(id)
	return chatOf(chat), known
}

// Members returns the users and bots in a chat, and none for a chat that does not exist.
func (p *Portal) Members(id imbot.ChatID) []imbot.UserID {
	chat, _, _ := p.server.World.Chat(id)
	return chat.Members
}

// Has tells whether a bot is in a chat.
func (p *Portal) Has(chat imbot.ChatID, bot imbot.BotID) bool {
	for _, member := range p.Members(chat) {
		if member == imbot.UserID(bot) {
			return true
		}
	}
	return false
}

// Removals returns how many times somebody was removed from a chat. A repeated call that acts twice shows here.
func (p *Portal) Removals(id imbot.ChatID) int {
	_, removals, _ := p.server.World.Chat(id)
	return removals
}

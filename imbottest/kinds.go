package imbottest

import (
	"strconv"
	"time"

	"github.com/seed-a6e4e5a4/imbot"
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

// rules says what a kind of chat allows.
type rules struct {
	name        string
	dialogType  string // what imbot.dialog.get calls it
	entity      string // the type of what such chats belong to
	dialogAlias string // what stands before the entity's id in DIALOG_ID, besides "chat" and the chat's id
	general     bool   // methods that change the chat or its members answer "Action unavailable"
	private     bool   // to the methods for chats nobody is a member
	noLeaving   bool   // members of such chats are never deleted by REST
	ownerStays  bool   // the owner may not leave; in other chats the ownership passes to somebody else
	noExtending bool   // members are never added by REST
	noAvatar    bool   // the avatar is that of the entity
	noRenaming  bool   // the title is that of the entity
	noCalls     bool   // nobody is called from there, and nobody mutes it
	noUserList  bool   // the list of members is not shown to people; REST shows it
}

var kinds = map[Kind]rules{
	Group:          {name: "Group", dialogType: "chat"},
	OpenChat:       {name: "OpenChat", dialogType: "open"},
	General:        {name: "General", dialogType: "general", entity: "GENERAL", general: true, noLeaving: true, ownerStays: true, noExtending: true, noAvatar: true, noRenaming: true},
	GeneralChannel: {name: "GeneralChannel", dialogType: "generalChannel", entity: "GENERAL_CHANNEL", ownerStays: true},
	Workgroup:      {name: "Workgroup", dialogType: "sonetGroup", entity: "SONET_GROUP", dialogAlias: "sg", noLeaving: true, ownerStays: true, noExtending: true, noAvatar: true, noRenaming: true},
	CallChat:       {name: "CallChat", dialogType: "call", entity: "CALL", noLeaving: true, ownerStays: true, noExtending: true, noCalls: true},
	Support:        {name: "Support", dialogType: "support24Question", entity: "SUPPORT24_QUESTION", noLeaving: true, ownerStays: true, noExtending: true, noAvatar: true, noCalls: true, noUserList: true},
	Network:        {name: "Network", dialogType: "networkDialog", entity: "NETWORK_DIALOG", noLeaving: true, ownerStays: true, noExtending: true, noAvatar: true, noCalls: true, noUserList: true},
	CRM:            {name: "CRM", dialogType: "crm", entity: "CRM", dialogAlias: "crm", ownerStays: true, noAvatar: true, noRenaming: true},
	OpenLine:       {name: "OpenLine", dialogType: "lines", entity: "LINES", ownerStays: true},
	Copilot:        {name: "Copilot", dialogType: "copilot", ownerStays: true},
	ExternalTask:   {name: "ExternalTask", dialogType: "tasksTask", entity: "TASKS_TASK", ownerStays: true},
	Private:        {name: "Private", dialogType: "private", private: true},
}

// kindOf returns the kind of a chat that a bot makes for an entity: the entity decides what is allowed there. No bot
// makes a second general chat.
func kindOf(entityType string, otherwise Kind) Kind {
	for _, kind := range []Kind{Workgroup, CallChat, Support, Network, CRM, OpenLine, ExternalTask} {
		if kinds[kind].entity == entityType {
			return kind
		}
	}
	return otherwise
}

// String returns the name of the constant.
func (k Kind) String() string {
	if rule, known := kinds[k]; known {
		return rule.name
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
	// Created is when the chat was made. The zero time stands for a chat so old that nobody knows.
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

// entityType returns the type of what the chat belongs to, "" if it belongs to nothing.
func (c Chat) entityType() string {
	if c.EntityType != "" {
		return c.EntityType
	}
	return kinds[c.Kind].entity
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
	// ClientID is the CLIENT_ID that a webhook registered the bot with, empty for a bot of an application.
	ClientID string
	// App is the client_id of the OAuth application that registered the bot, such as [App]; empty for a bot of a webhook.
	App string
}

// application returns the id under which the server keeps the owner of the bot.
func (b Bot) application() string {
	if b.App != "" {
		return b.App
	}
	return customApplication(b.ClientID)
}

// customApplication returns the application that the server makes up for a CLIENT_ID. No webhook is a part of it: the
// CLIENT_ID alone gives access to the bot.
func customApplication(clientID string) string { return "custom" + clientID }

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
}

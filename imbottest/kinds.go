package imbottest

import (
	"strconv"

	"github.com/seed-a6e4e5a4/imbot"
)

// Kind is what a chat is for. It decides who may leave.
type Kind int

// The kinds of chats.
const (
	Group          Kind = iota // an ordinary closed group
	OpenChat                   // an ordinary open group
	General                    // the general chat of the portal, which nobody leaves
	GeneralChannel             // the general channel of the portal
	Workgroup                  // the chat of a workgroup or project
	CallChat                   // the chat of a call
	Support                    // a question to the support of Bitrix24
	Network                    // a dialog with an open line of another portal
	CRM                        // the chat of a CRM item
	OpenLine                   // a dialog with a customer
	Copilot                    // a chat with CoPilot
	ExternalTask               // the chat of a task
	Private                    // a private chat of two, which has no leaving at all
)

// rules says what a kind of chat allows.
type rules struct {
	name        string
	general     bool   // every method that changes members answers "Action unavailable"
	noLeaving   bool   // members of such chats are never deleted by REST
	ownerStays  bool   // the owner may not leave; in other chats the ownership passes to somebody else
	private     bool   // to the methods for chats nobody is a member
	dialogAlias string // what stands before the entity's id in DIALOG_ID, besides "chat" and the chat's id
}

var kinds = map[Kind]rules{
	Group:          {name: "Group"},
	OpenChat:       {name: "OpenChat"},
	General:        {name: "General", general: true, noLeaving: true, ownerStays: true},
	GeneralChannel: {name: "GeneralChannel", ownerStays: true},
	Workgroup:      {name: "Workgroup", noLeaving: true, ownerStays: true, dialogAlias: "sg"},
	CallChat:       {name: "CallChat", noLeaving: true, ownerStays: true},
	Support:        {name: "Support", noLeaving: true, ownerStays: true},
	Network:        {name: "Network", noLeaving: true, ownerStays: true},
	CRM:            {name: "CRM", ownerStays: true, dialogAlias: "crm"},
	OpenLine:       {name: "OpenLine", ownerStays: true},
	Copilot:        {name: "Copilot", ownerStays: true},
	ExternalTask:   {name: "ExternalTask", ownerStays: true},
	Private:        {name: "Private", private: true},
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
	ID    imbot.ChatID
	Kind  Kind
	Title string
	// EntityID is the id of what the chat belongs to: of the workgroup, or of the CRM item. A DIALOG_ID can name such a
	// chat by it, as sg7 or crm7.
	EntityID string
	// Owner is the author of the chat. It need not be a member.
	Owner imbot.UserID
	// Members are users and bots, in the order in which the portal lists them.
	Members []imbot.UserID
	// FromStructure are those members who are in the chat because of their department. They cannot leave it.
	FromStructure []imbot.UserID
}

// Bot is a chat bot of the portal. It belongs to the webhooks that know its ClientID, or to the OAuth application App:
// exactly one of the two must be set.
type Bot struct {
	ID       imbot.BotID
	Code     string
	Name     string
	OpenLine bool
	ClientID string
	App      string
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
	ID        imbot.UserID
	Inactive  bool // dismissed
	Extranet  bool // a guest
	Connector bool // a customer who writes through an open line
}

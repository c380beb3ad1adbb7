package imbot

import (
	"encoding/json"
	"time"
)

// Role is what a user is in a chat, and the least that one has to be for something.
type Role string

// The roles, the least first.
const (
	// RoleNone is that of nobody: where it is the least, nobody may.
	RoleNone Role = "none"
	// RoleGuest is that of somebody who is not a member.
	RoleGuest Role = "guest"
	// RoleMember is that of a member.
	RoleMember Role = "member"
	// RoleManager is that of a manager.
	RoleManager Role = "manager"
	// RoleOwner is that of the owner.
	RoleOwner Role = "owner"
)

// Dialog is a chat, as the user of the webhook or token sees it. What the portal left out, or has null for, is zero.
type Dialog struct {
	// ID is the chat, also of a private dialog.
	ID ChatID
	// DialogID is the same as a dialog id: "chat2725".
	DialogID DialogID
	// ParentChatID is the chat that this one belongs to, and ParentMessageID the message there; zero without one.
	ParentChatID ChatID
	// ParentMessageID is described with ParentChatID.
	ParentMessageID MessageID
	// Name and Description are texts for people.
	Name, Description string
	// Type is the kind of the chat, such as "chat", "open" or "private".
	Type string
	// MessageType is the same in a letter, such as "C" (closed), "O" (open) or "P" (private).
	MessageType string
	// Owner is the owner of the chat; a bot that owns it may have to hand it over before it leaves.
	Owner UserID
	// Role is what the user is in the chat.
	Role Role
	// Managers are the managers of the chat, and Muted those members who turned its notifications off.
	Managers, Muted UserIDs
	// Extranet tells whether somebody from outside the company is in the chat.
	Extranet bool
	// Avatar is the address of the picture; empty without one.
	Avatar string
	// Color is the color of the chat, as "#f76187": unlike that of requests it is not one of the constants.
	Color string
	// Background is the background of the chat; empty without one.
	Background string
	// Public is how the chat is reached from outside; zero where it is not.
	Public DialogPublic
	// Created is when the chat was made.
	Created time.Time
	// IsNew tells whether the chat is new.
	IsNew bool
	// TextFieldEnabled tells whether one may type in the chat.
	TextFieldEnabled bool
	// DiskFolderID is the folder of the chat on the portal's drive; zero without one.
	DiskFolderID int64
	// EntityType and EntityID are what the chat is bound to, and EntityData1 to EntityData3 what was noted with it.
	EntityType, EntityID                  string
	EntityData1, EntityData2, EntityData3 string
	// EntityLink is the way to what the chat is bound to.
	EntityLink DialogEntityLink
	// Counter is how many messages the user has not read, UserCounter how many members the chat has, and MessageCount
	// how many messages.
	Counter, UserCounter, MessageCount int64
	// UnreadID is the first message that the user has not read, MarkedID the one it marked as such.
	UnreadID, MarkedID MessageID
	// LastMessageID is the last message, and LastID the last one that the user has read.
	LastMessageID, LastID MessageID
	// Restrictions is what the kind of the chat allows.
	Restrictions DialogRestrictions
	// Permissions is what one has to be in the chat for what.
	Permissions DialogPermissions
	// ReadBy is who has read up to where.
	ReadBy []DialogReader
	// LastMessageViews is who has seen the last message.
	LastMessageViews DialogViews
	// Extra has all that the portal sent and that has no field here, by its name; and all that has one, but came in a
	// form that nobody has described. Where an object in the answer has a name of that kind, the whole object is here.
	Extra map[string]json.RawMessage
}

// MessageID identifies a message of a portal. Zero is none.
type MessageID int64

// DialogRestrictions is what the kind of a chat allows, to those who have the permission: false where it does not. It
// says nothing about what a member may do that lacks the permission.
type DialogRestrictions struct {
	// Known tells whether the portal sent them. Where it is false the others say nothing.
	Known bool
	// Leave tells whether members may leave, and LeaveOwner whether the owner may.
	Leave, LeaveOwner bool
	// Avatar, Rename and Extend tell whether the chat can get another picture, another name and more members.
	Avatar, Rename, Extend bool
	// Call, Mute, Send and UserList tell whether one may call, turn notifications off, write, and list the members.
	Call, Mute, Send, UserList bool
}

// DialogPermissions is the least that one has to be in a chat for something.
type DialogPermissions struct {
	// ManageUsersAdd is for adding members, and ManageUsersDelete for removing them.
	ManageUsersAdd, ManageUsersDelete Role
	// ManageUI is for name, picture and color, ManageSettings for the settings, ManageMessages for messages of others.
	ManageUI, ManageSettings, ManageMessages Role
	// CanPost is for writing.
	CanPost Role
}

// DialogEntityLink is the way to what a chat is bound to.
type DialogEntityLink struct {
	// Type and ID name it, as EntityType and EntityID of the [Dialog] do.
	Type, ID string
	// URL is its page, without the host; empty without one.
	URL string
}

// DialogPublic is how a chat is reached from outside of the portal.
type DialogPublic struct {
	// Code names the chat there.
	Code string
	// Link is its address.
	Link string
}

// DialogReader is a member of a chat who has read a message.
type DialogReader struct {
	// UserID and UserName are the member.
	UserID   UserID
	UserName string
	// MessageID is the last message that was read. In the views of the last message it is zero: it is that one.
	MessageID MessageID
	// Date is when; zero where the portal does not know.
	Date time.Time
}

// DialogViews is who has seen the last message of a chat.
type DialogViews struct {
	// MessageID is the message.
	MessageID MessageID
	// FirstViewers are those who saw it first.
	FirstViewers []DialogReader
	// Count is how many more have seen it.
	Count int64
}

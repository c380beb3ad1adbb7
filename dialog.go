package imbot

import (
	"encoding/json"
	"errors"
	"strings"
	"time"

	"github.com/seed-a6e4e5a4/imbot/internal/envelope"
	"github.com/seed-a6e4e5a4/imbot/internal/loose"
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

var errNoDialog = errors.New("not a dialog")

// UnmarshalJSON reads the dialog as the portal describes it. It is strict only about being one: an object with
// something in it.
func (d *Dialog) UnmarshalJSON(data []byte) error {
	var w loose.Object
	if err := json.Unmarshal(data, &w); err != nil {
		return err
	}
	if len(w) == 0 {
		return errNoDialog
	}
	*d = Dialog{}
	loose.Take(w, "id", &d.ID, loose.Int)
	loose.Take(w, "dialog_id", &d.DialogID, loose.Text)
	loose.Take(w, "parent_chat_id", &d.ParentChatID, loose.Int)
	loose.Take(w, "parent_message_id", &d.ParentMessageID, loose.Int)
	loose.Take(w, "name", &d.Name, loose.Text)
	loose.Take(w, "description", &d.Description, loose.Text)
	loose.Take(w, "type", &d.Type, loose.Text)
	loose.Take(w, "message_type", &d.MessageType, loose.Text)
	loose.Take(w, "owner", &d.Owner, loose.Int)
	loose.Take(w, "role", &d.Role, readRole)
	loose.Take(w, "manager_list", &d.Managers, readUsers)
	loose.Take(w, "mute_list", &d.Muted, readUsers)
	loose.Take(w, "extranet", &d.Extranet, loose.Bool)
	loose.Take(w, "avatar", &d.Avatar, loose.Text)
	loose.Take(w, "color", &d.Color, loose.Text)
	loose.Take(w, "background_id", &d.Background, loose.Text)
	loose.Take(w, "public", &d.Public, readPublic)
	loose.Take(w, "date_create", &d.Created, loose.Date)
	loose.Take(w, "is_new", &d.IsNew, loose.Bool)
	loose.Take(w, "text_field_enabled", &d.TextFieldEnabled, loose.Bool)
	loose.Take(w, "disk_folder_id", &d.DiskFolderID, loose.Int)
	loose.Take(w, "entity_type", &d.EntityType, loose.Text)
	loose.Take(w, "entity_id", &d.EntityID, loose.Text)
	loose.Take(w, "entity_data_1", &d.EntityData1, loose.Text)
	loose.Take(w, "entity_data_2", &d.EntityData2, loose.Text)
	loose.Take(w, "entity_data_3", &d.EntityData3, loose.Text)
	loose.Take(w, "entity_link", &d.EntityLink, readEntityLink)
	loose.Take(w, "counter", &d.Counter, loose.Int)
	loose.Take(w, "user_counter", &d.UserCounter, loose.Int)
	loose.Take(w, "message_count", &d.MessageCount, loose.Int)
	loose.Take(w, "unread_id", &d.UnreadID, loose.Int)
	loose.Take(w, "marked_id", &d.MarkedID, loose.Int)
	loose.Take(w, "last_message_id", &d.LastMessageID, loose.Int)
	loose.Take(w, "last_id", &d.LastID, loose.Int)
	loose.Take(w, "restrictions", &d.Restrictions, readRestrictions)
	loose.Take(w, "permissions", &d.Permissions, readPermissions)
	loose.Take(w, "readed_list", &d.ReadBy, readReaders)
	loose.Take(w, "last_message_views", &d.LastMessageViews, readViews)
	if len(w) > 0 {
		d.Extra = w
	}
	return nil
}

func readRole(raw json.RawMessage) (Role, bool) {
	text, ok := loose.Text[string](raw)
	return Role(strings.ToLower(text)), ok
}

// readUsers reads a list of users, or an object that has a boolean for each.
func readUsers(raw json.RawMessage) (UserIDs, bool) {
	if ids, ok := readUserFlags(raw); ok {
		return ids, true
	}
	var ids UserIDs
	err := ids.UnmarshalJSON(raw)
	return ids, err == nil
}

// readUserFlags reads an object with a boolean, which may be 0 or 1, for each of its users. Of a list with holes the
// names are no users: they begin with 0, or the values are no booleans.
func readUserFlags(raw json.RawMessage) (UserIDs, bool) {
	if len(raw) == 0 || raw[0] != '{' {
		return nil, false
	}
	ids := UserIDs{}
	ok := envelope.Elements(raw, func(_ int, name string, value []byte) bool {
		id, named := loose.Int[UserID](json.RawMessage(name))
		set, ok := loose.Bool[bool](value)
		if set {
			ids = append(ids, id)
		}
		return named && id > 0 && ok
	})
	if !ok {
		return nil, false
	}
	return ids, true
}

func readPublic(raw json.RawMessage) (DialogPublic, bool) {
	var public DialogPublic
	if code, ok := loose.Text[string](raw); ok {
		return DialogPublic{Code: code}, true
	}
	ok := loose.Fill(raw, func(w loose.Object) {
		loose.Take(w, "code", &public.Code, loose.Text)
		loose.Take(w, "link", &public.Link, loose.Text)
	})
	return public, ok
}

func readEntityLink(raw json.RawMessage) (DialogEntityLink, bool) {
	var link DialogEntityLink
	ok := loose.Fill(raw, func(w loose.Object) {
		loose.Take(w, "type", &link.Type, loose.Text)
		loose.Take(w, "url", &link.URL, loose.Text)
		loose.Take(w, "id", &link.ID, loose.Text)
	})
	return link, ok
}

func readRestrictions(raw json.RawMessage) (DialogRestrictions, bool) {
	var r DialogRestrictions
	ok := loose.Fill(raw, func(w loose.Object) {
		r.Known = true
		loose.Take(w, "leave", &r.Leave, loose.Bool)
		loose.Take(w, "leave_owner", &r.LeaveOwner, loose.Bool)
		loose.Take(w, "avatar", &r.Avatar, loose.Bool)
		loose.Take(w, "rename", &r.Rename, loose.Bool)
		loose.Take(w, "extend", &r.Extend, loose.Bool)
		loose.Take(w, "call", &r.Call, loose.Bool)
		loose.Take(w, "mute", &r.Mute, loose.Bool)
		loose.Take(w, "send", &r.Send, loose.Bool)
		loose.Take(w, "user_list", &r.UserList, loose.Bool)
	})
	return r, ok
}

func readPermissions(raw json.RawMessage) (DialogPermissions, bool) {
	var p DialogPermissions
	ok := loose.Fill(raw, func(w loose.Object) {
		loose.Take(w, "manage_users_add", &p.ManageUsersAdd, readRole)
		loose.Take(w, "manage_users_delete", &p.ManageUsersDelete, readRole)
		loose.Take(w, "manage_ui", &p.ManageUI, readRole)
		loose.Take(w, "manage_settings", &p.ManageSettings, readRole)
		loose.Take(w, "manage_messages", &p.ManageMessages, readRole)
		loose.Take(w, "can_post", &p.CanPost, readRole)
	})
	return p, ok
}

// readReaders reads a list of readers, and leaves out what is none.
func readReaders(raw json.RawMessage) ([]DialogReader, bool) {
	readers, all := []DialogReader{}, true
	isList := envelope.Elements(raw, func(_ int, _ string, value []byte) bool {
		var r DialogReader
		ok := loose.Fill(value, func(w loose.Object) {
			loose.Take(w, "user_id", &r.UserID, loose.Int)
			loose.Take(w, "user_name", &r.UserName, loose.Text)
			loose.Take(w, "message_id", &r.MessageID, loose.Int)
			loose.Take(w, "date", &r.Date, loose.Date)
		})
		all = all && ok && r.UserID > 0
		if r.UserID > 0 {
			readers = append(readers, r)
		}
		return true
	})
	if !isList {
		return nil, false
	}
	return readers, all
}

func readViews(raw json.RawMessage) (DialogViews, bool) {
	var v DialogViews
	ok := loose.Fill(raw, func(w loose.Object) {
		loose.Take(w, "message_id", &v.MessageID, loose.Int)
		loose.Take(w, "first_viewers", &v.FirstViewers, readReaders)
		loose.Take(w, "count_of_viewers", &v.Count, loose.Int)
	})
	return v, ok
}

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
	RoleNone    Role = "none"    // where it is the least, nobody may
	RoleGuest   Role = "guest"   // not a member
	RoleMember  Role = "member"  // a member
	RoleManager Role = "manager" // a manager
	RoleOwner   Role = "owner"   // the owner
)

// Dialog is a chat, as the user of the webhook or token sees it. What the portal left out, or has null for, is zero.
type Dialog struct {
	ID               ChatID             // the chat, also of a private dialog
	DialogID         DialogID           // the same as a dialog id: "chat2725"
	ParentChatID     ChatID             // the chat that this one belongs to; zero without one
	ParentMessageID  MessageID          // the message there
	Name             string             // what people read
	Description      string             // a text about the chat
	Type             string             // such as "chat", "open" or "private"
	MessageType      string             // the same in a letter: "C" (closed), "O" (open), "P" (private)
	Owner            UserID             // who owns the chat
	Role             Role               // of the user
	Managers         UserIDs            // the managers of the chat
	Muted            UserIDs            // the members who turned its notifications off
	Extranet         bool               // somebody from outside the company is in the chat
	Avatar           string             // the address of the picture; empty without one
	Color            string             // as "#f76187", unlike the constants of requests
	Background       string             // empty without one
	Public           DialogPublic       // how it is reached from outside
	Created          time.Time          // when it was made
	IsNew            bool               // it is new
	TextFieldEnabled bool               // one may type in the chat
	DiskFolderID     int64              // the folder on the portal's drive; zero without one
	EntityType       string             // with EntityID: what the chat is bound to
	EntityID         string             // see EntityType
	EntityData1      string             // what was noted with the binding
	EntityData2      string             // see EntityData1
	EntityData3      string             // see EntityData1
	EntityLink       DialogEntityLink   // the way to what the chat is bound to
	Counter          int64              // messages that the user has not read
	UserCounter      int64              // members
	MessageCount     int64              // messages
	UnreadID         MessageID          // the first message that the user has not read
	MarkedID         MessageID          // the one that the user marked as not read
	LastMessageID    MessageID          // the last message
	LastID           MessageID          // the last message that the user has read
	Restrictions     DialogRestrictions // what the kind of the chat allows
	Permissions      DialogPermissions  // what one has to be for what
	ReadBy           []DialogReader     // who has read up to where
	LastMessageViews DialogViews        // who has seen the last message

	// Extra has what the portal sent and has no field here, by its name, and what came in an unknown form; of an object
	// with such a member the whole.
	Extra map[string]json.RawMessage
}

// DialogRestrictions is what the kind of a chat allows to those who have the permission. It does not say what a member
// without the permission may do.
type DialogRestrictions struct {
	Known      bool // the portal sent them; the others say nothing without
	Leave      bool // members may leave
	LeaveOwner bool // the owner may leave
	Avatar     bool // the picture may be changed
	Rename     bool // the title may be changed
	Extend     bool // members may be added
	Call       bool // one may call
	Mute       bool // notifications may be turned off
	Send       bool // one may write
	UserList   bool // the members may be listed
}

// DialogPermissions is the least that one has to be in a chat for something.
type DialogPermissions struct {
	ManageUsersAdd    Role // to add members
	ManageUsersDelete Role // to remove members
	ManageUI          Role // to change name, picture and color
	ManageSettings    Role // to change the settings
	ManageMessages    Role // to change messages of others
	CanPost           Role // to write
}

// DialogEntityLink is the way to what a chat is bound to.
type DialogEntityLink struct {
	Type string // as EntityType of the [Dialog]
	ID   string // as EntityID of the [Dialog]
	URL  string // its page, without the host; empty without one
}

// DialogPublic is how a chat is reached from outside of the portal; zero where it is not.
type DialogPublic struct {
	Code string // names the chat there
	Link string // its address
}

// DialogReader is a member of a chat who has read a message.
type DialogReader struct {
	UserID    UserID    // the member
	UserName  string    // the name of the member
	MessageID MessageID // the last message that was read; zero in the views of the last message
	Date      time.Time // zero where the portal does not know
}

// DialogViews is who has seen the last message of a chat.
type DialogViews struct {
	MessageID    MessageID      // the message
	FirstViewers []DialogReader // those who saw it first
	Count        int64          // how many more have seen it
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
		ok = ok || loose.IsNull(value)
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

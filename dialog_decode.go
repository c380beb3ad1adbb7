package imbot

import (
	"encoding/json"
	"errors"
	"strings"
	"time"

	"github.com/seed-a6e4e5a4/imbot/internal/envelope"
)

var errNoDialog = errors.New("not a dialog")

// UnmarshalJSON reads the dialog as the portal describes it. It is strict only about being one: an object with
// something in it.
func (d *Dialog) UnmarshalJSON(data []byte) error {
	var w wireObject
	if err := json.Unmarshal(data, &w); err != nil {
		return err
	}
	if len(w) == 0 {
		return errNoDialog
	}
	*d = Dialog{}
	take(w, "id", &d.ID, readInt)
	take(w, "dialog_id", &d.DialogID, readText)
	take(w, "parent_chat_id", &d.ParentChatID, readInt)
	take(w, "parent_message_id", &d.ParentMessageID, readInt)
	take(w, "name", &d.Name, readText)
	take(w, "description", &d.Description, readText)
	take(w, "type", &d.Type, readText)
	take(w, "message_type", &d.MessageType, readText)
	take(w, "owner", &d.Owner, readInt)
	take(w, "role", &d.Role, readRole)
	take(w, "manager_list", &d.Managers, readUsers)
	take(w, "mute_list", &d.Muted, readUsers)
	take(w, "extranet", &d.Extranet, readBool)
	take(w, "avatar", &d.Avatar, readText)
	take(w, "color", &d.Color, readText)
	take(w, "background_id", &d.Background, readText)
	take(w, "public", &d.Public, readPublic)
	take(w, "date_create", &d.Created, readDate)
	take(w, "is_new", &d.IsNew, readBool)
	take(w, "text_field_enabled", &d.TextFieldEnabled, readBool)
	take(w, "disk_folder_id", &d.DiskFolderID, readInt)
	take(w, "entity_type", &d.EntityType, readText)
	take(w, "entity_id", &d.EntityID, readText)
	take(w, "entity_data_1", &d.EntityData1, readText)
	take(w, "entity_data_2", &d.EntityData2, readText)
	take(w, "entity_data_3", &d.EntityData3, readText)
	take(w, "entity_link", &d.EntityLink, readEntityLink)
	take(w, "counter", &d.Counter, readInt)
	take(w, "user_counter", &d.UserCounter, readInt)
	take(w, "message_count", &d.MessageCount, readInt)
	take(w, "unread_id", &d.UnreadID, readInt)
	take(w, "marked_id", &d.MarkedID, readInt)
	take(w, "last_message_id", &d.LastMessageID, readInt)
	take(w, "last_id", &d.LastID, readInt)
	take(w, "restrictions", &d.Restrictions, readRestrictions)
	take(w, "permissions", &d.Permissions, readPermissions)
	take(w, "readed_list", &d.ReadBy, readReaders)
	take(w, "last_message_views", &d.LastMessageViews, readViews)
	if len(w) > 0 {
		d.Extra = w
	}
	return nil
}

// wireObject is what is left of an object: [take] takes out what it understands.
type wireObject map[string]json.RawMessage

// take reads one member of an object by read, which tells whether it understood all of it. What it did not stays.
func take[T any](w wireObject, name string, into *T, read func(json.RawMessage) (T, bool)) {
	raw, ok := w[name]
	if !ok {
		return
	}
	if isNull(raw) {
		delete(w, name)
		return
	}
	value, ok := read(raw)
	*into = value
	if ok {
		delete(w, name)
	}
}

// object reads an object by fill, and tells whether it understood all of it. An empty one is a list in PHP.
func object(raw json.RawMessage, fill func(wireObject)) bool {
	if !envelope.HasData(raw) {
		return raw[0] != '"'
	}
	var w wireObject
	if json.Unmarshal(raw, &w) != nil {
		return false
	}
	fill(w)
	return len(w) == 0
}

func readInt[N ~int64](raw json.RawMessage) (N, bool) {
	var n int64
	err := unmarshalID(&n, raw)
	return N(n), err == nil
}

// looseText is a text that may come as a number.
type looseText string

// UnmarshalJSON reads a text or a number, and what PHP has for neither.
func (s *looseText) UnmarshalJSON(data []byte) error {
	text, ok := readText[looseText](data)
	if !ok {
		return errNoText
	}
	*s = text
	return nil
}

var errNoText = errors.New("not a text")

func readText[S ~string](raw json.RawMessage) (S, bool) {
	var text string
	if json.Unmarshal(raw, &text) == nil {
		return S(text), true
	}
	var number json.Number
	if json.Unmarshal(raw, &number) == nil {
		return S(number), true
	}
	return "", string(raw) == "false"
}

func readRole(raw json.RawMessage) (Role, bool) {
	text, ok := readText[string](raw)
	return Role(strings.ToLower(text)), ok
}

func readBool(raw json.RawMessage) (bool, bool) {
	var b YesNo
	err := b.UnmarshalJSON(raw)
	return bool(b), err == nil
}

func readDate(raw json.RawMessage) (time.Time, bool) {
	var date looseDate
	date.read(raw)
	return date.Time, !date.IsZero() || string(raw) == `""` || string(raw) == "false"
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
		id, named := readInt[UserID](json.RawMessage(name))
		set, ok := readBool(value)
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
	if code, ok := readText[string](raw); ok {
		return DialogPublic{Code: code}, true
	}
	ok := object(raw, func(w wireObject) {
		take(w, "code", &public.Code, readText)
		take(w, "link", &public.Link, readText)
	})
	return public, ok
}

func readEntityLink(raw json.RawMessage) (DialogEntityLink, bool) {
	var link DialogEntityLink
	ok := object(raw, func(w wireObject) {
		take(w, "type", &link.Type, readText)
		take(w, "url", &link.URL, readText)
		take(w, "id", &link.ID, readText)
	})
	return link, ok
}

func readRestrictions(raw json.RawMessage) (DialogRestrictions, bool) {
	var r DialogRestrictions
	ok := object(raw, func(w wireObject) {
		r.Known = true
		take(w, "leave", &r.Leave, readBool)
		take(w, "leave_owner", &r.LeaveOwner, readBool)
		take(w, "avatar", &r.Avatar, readBool)
		take(w, "rename", &r.Rename, readBool)
		take(w, "extend", &r.Extend, readBool)
		take(w, "call", &r.Call, readBool)
		take(w, "mute", &r.Mute, readBool)
		take(w, "send", &r.Send, readBool)
		take(w, "user_list", &r.UserList, readBool)
	})
	return r, ok
}

func readPermissions(raw json.RawMessage) (DialogPermissions, bool) {
	var p DialogPermissions
	ok := object(raw, func(w wireObject) {
		take(w, "manage_users_add", &p.ManageUsersAdd, readRole)
		take(w, "manage_users_delete", &p.ManageUsersDelete, readRole)
		take(w, "manage_ui", &p.ManageUI, readRole)
		take(w, "manage_settings", &p.ManageSettings, readRole)
		take(w, "manage_messages", &p.ManageMessages, readRole)
		take(w, "can_post", &p.CanPost, readRole)
	})
	return p, ok
}

// readReaders reads a list of readers, and leaves out what is none.
func readReaders(raw json.RawMessage) ([]DialogReader, bool) {
	readers, all := []DialogReader{}, true
	isList := envelope.Elements(raw, func(_ int, _ string, value []byte) bool {
		var r DialogReader
		ok := object(value, func(w wireObject) {
			take(w, "user_id", &r.UserID, readInt)
			take(w, "user_name", &r.UserName, readText)
			take(w, "message_id", &r.MessageID, readInt)
			take(w, "date", &r.Date, readDate)
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
	ok := object(raw, func(w wireObject) {
		take(w, "message_id", &v.MessageID, readInt)
		take(w, "first_viewers", &v.FirstViewers, readReaders)
		take(w, "count_of_viewers", &v.Count, readInt)
	})
	return v, ok
}

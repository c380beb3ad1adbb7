package imbottest

import (
	"slices"
	"strconv"
	"time"

	"github.com/seed-a6e4e5a4/imbot"
)

// The failures of imbot.dialog.get. They have one code and two statuses.
var (
	errNoDialog = accessError("You do not have access to the specified dialog")
	errNoChat   = badRequest("ACCESS_ERROR", "You don't have access to this chat")
)

// dialogGet is imbot.dialog.get. It shows what the user of the webhook or token sees; no bot plays a part.
func dialogGet(s *session, params *array) (any, error) {
	s.world.mu.Lock()
	defer s.world.mu.Unlock()
	return s.openDialog(params.upper().get("DIALOG_ID"))
}

// openDialog finds a dialog and describes it. The caller holds the world's mu.
func (s *session) openDialog(dialog any) (any, error) {
	alias, number, valid := cutDialog(dialog)
	switch {
	case !valid:
		return nil, errDialogIDEmpty
	case alias == "":
		chat := s.world.privateChat(s.who.user, imbot.UserID(intval(number)))
		if chat == nil {
			return nil, errNoChat
		}
		return s.describe(chat, stringOf(dialog)), nil
	}
	chat := s.world.room(s.world.chatOf(alias, number))
	if !s.world.maySee(chat, s.who.user) {
		return nil, errNoDialog
	}
	return s.describe(chat, stringOf(dialog)), nil
}

// describe returns a chat as its members see it. The caller holds the world's mu.
func (s *session) describe(chat *room, dialog string) *array {
	last := int64(chat.lastMessage)
	return newArray().
		set("id", int64(chat.ID)).set("parent_chat_id", 0).set("parent_message_id", 0).
		set("name", chat.Title).set("description", chat.Description).set("owner", int64(chat.Owner)).
		set("extranet", slices.ContainsFunc(chat.Members, func(id imbot.UserID) bool { return s.world.users[id].Extranet })).
		set("avatar", avatarURL(chat)).set("color", shade(chat.Color, chat.ID)).set("type", kinds[chat.Kind].dialogType).
		set("counter", 0).set("user_counter", len(chat.Members)).set("message_count", chat.messages).set("unread_id", 0).
		set("restrictions", restrictions(chat.Kind)).
		set("last_message_id", last).set("last_id", last).set("marked_id", 0).set("disk_folder_id", 0).
		set("entity_type", chat.entityType()).set("entity_id", chat.EntityID).
		set("entity_data_1", "").set("entity_data_2", "").set("entity_data_3", "").
		set("mute_list", newArray()).set("date_create", dateOf(chat.Created)).set("message_type", chatType(chat.Kind)).
		set("public", public(chat)).set("role", role(chat, s.who.user)).
		set("entity_link", newArray().set("type", chat.entityType()).set("url", "").set("id", chat.EntityID)).
		set("text_field_enabled", true).set("background_id", nil).
		set("permissions", permissions()).set("is_new", false).
		set("readed_list", s.readers(chat)).set("manager_list", managers(chat)).
		set("last_message_views", newArray().
			set("message_id", last).set("first_viewers", newArray()).set("count_of_viewers", 0)).
		set("dialog_id", dialog)
}

// restrictions says what a kind of chat allows, in the way of the answer: by true.
func restrictions(kind Kind) *array {
	rule := kinds[kind]
	return newArray().
		set("avatar", !rule.noAvatar).set("rename", !rule.noRenaming).set("extend", !rule.noExtending).
		set("call", !rule.noCalls).set("mute", !rule.noCalls).
		set("leave", !rule.noLeaving).set("leave_owner", !rule.ownerStays).
		set("send", !rule.general).set("user_list", !rule.noUserList)
}

// permissions says from which role on members may do something.
func permissions() *array {
	return newArray().
		set("manage_users_add", "member").set("manage_users_delete", "manager").set("manage_ui", "member").
		set("manage_settings", "owner").set("manage_messages", "member").set("can_post", "member")
}

func avatarURL(chat *room) string {
	if !chat.HasAvatar {
		return ""
	}
	return "https://" + Host + "/upload/im/" + strconv.FormatInt(int64(chat.ID), 10) + "/avatar.png"
}

// public is an object for a chat with a link for guests, and an empty text for all others.
func public(chat *room) any {
	if chat.PublicCode == "" {
		return ""
	}
	return newArray().set("code", chat.PublicCode).set("link", "https://"+Host+"/online/"+chat.PublicCode)
}

// dateOf is a date as the portal tells it, null for none.
func dateOf(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return t.In(zone).Format("2006-01-02T15:04:05-07:00")
}

func role(chat *room, user imbot.UserID) string {
	switch {
	case chat.Owner == user:
		return "owner"
	case slices.Contains(chat.Managers, user):
		return "manager"
	case slices.Contains(chat.Members, user):
		return "member"
	default:
		return "guest"
	}
}

// managers lists the managers of a chat. Its owner is the first, as long as they are in the chat.
func managers(chat *room) *array {
	list := without(slices.Clone(chat.Managers), chat.Owner)
	if slices.Contains(chat.Members, chat.Owner) {
		list = append([]imbot.UserID{chat.Owner}, list...)
	}
	return listOf(list)
}

// readers lists who else has read the last message. At what time is not modeled. The caller holds the world's mu.
func (s *session) readers(chat *room) *array {
	var list []*array
	for _, member := range chat.Members {
		if chat.messages == 0 || member == s.who.user {
			continue
		}
		name := "Example Person"
		if bot, isBot := s.world.bot(imbot.BotID(member)); isBot {
			name = bot.Name
		}
		list = append(list, newArray().set("user_id", int64(member)).set("user_name", name).
			set("message_id", int64(chat.lastMessage)).set("date", nil))
	}
	return listOf(list)
}

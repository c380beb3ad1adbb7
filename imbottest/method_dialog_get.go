package imbottest

import (
	"slices"
	"strconv"
	"time"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/imbottest/internal/php"
)

// The failures of imbot.dialog.get. They have one code and two statuses.
var (
	errNoDialog = accessError("You do not have access to the specified dialog")
	errNoChat   = badRequest("ACCESS_ERROR", "You don't have access to this chat")
)

// dialogGet is imbot.dialog.get. It shows what the user of the webhook or token sees; no bot plays a part.
func dialogGet(s *session, params *php.Array) (any, error) {
	s.world.mu.Lock()
	defer s.world.mu.Unlock()
	return s.openDialog(params.Upper().Get("DIALOG_ID"))
}

// openDialog finds a dialog and describes it. The caller holds the world's mu.
func (s *session) openDialog(dialog any) (any, error) {
	alias, number, valid := cutDialog(dialog)
	switch {
	case !valid:
		return nil, errDialogIDEmpty
	case alias == "":
		chat := s.world.privateChat(s.who.user, imbot.UserID(php.Intval(number)))
		if chat == nil {
			return nil, errNoChat
		}
		return s.describe(chat, php.StringOf(dialog)), nil
	}
	chat := s.world.room(s.world.chatOf(alias, number))
	if !s.world.maySee(chat, s.who.user) {
		return nil, errNoDialog
	}
	return s.describe(chat, php.StringOf(dialog)), nil
}

// describe returns a chat as its members see it. The caller holds the world's mu.
func (s *session) describe(chat *room, dialog string) *php.Array {
	last := int64(chat.lastMessage)
	return php.New().
		Set("id", int64(chat.ID)).Set("parent_chat_id", 0).Set("parent_message_id", 0).
		Set("name", chat.Title).Set("description", chat.Description).Set("owner", int64(chat.Owner)).
		Set("extranet", slices.ContainsFunc(chat.Members, func(id imbot.UserID) bool { return s.world.users[id].Extranet })).
		Set("avatar", avatarURL(chat)).Set("color", shade(chat.Color, chat.ID)).Set("type", kinds[chat.Kind].dialogType).
		Set("counter", 0).Set("user_counter", len(chat.Members)).Set("message_count", chat.messages).Set("unread_id", 0).
		Set("restrictions", restrictions(chat.Kind)).
		Set("last_message_id", last).Set("last_id", last).Set("marked_id", 0).Set("disk_folder_id", 0).
		Set("entity_type", chat.entityType()).Set("entity_id", chat.EntityID).
		Set("entity_data_1", "").Set("entity_data_2", "").Set("entity_data_3", "").
		Set("mute_list", php.New()).Set("date_create", dateOf(chat.Created)).Set("message_type", chatType(chat.Kind)).
		Set("public", public(chat)).Set("role", role(chat, s.who.user)).
		Set("entity_link", php.New().Set("type", chat.entityType()).Set("url", "").Set("id", chat.EntityID)).
		Set("text_field_enabled", true).Set("background_id", nil).
		Set("permissions", permissions()).Set("is_new", false).
		Set("readed_list", s.readers(chat)).Set("manager_list", managers(chat)).
		Set("last_message_views", php.New().
			Set("message_id", last).Set("first_viewers", php.New()).Set("count_of_viewers", 0)).
		Set("dialog_id", dialog)
}

// restrictions says what a kind of chat allows, in the way of the answer: by true.
func restrictions(kind Kind) *php.Array {
	rule := kinds[kind]
	return php.New().
		Set("avatar", !rule.noAvatar).Set("rename", !rule.noRenaming).Set("extend", !rule.noExtending).
		Set("call", !rule.noCalls).Set("mute", !rule.noCalls).
		Set("leave", !rule.noLeaving).Set("leave_owner", !rule.ownerStays).
		Set("send", !rule.general).Set("user_list", !rule.noUserList)
}

// permissions says from which role on members may do something.
func permissions() *php.Array {
	return php.New().
		Set("manage_users_add", "member").Set("manage_users_delete", "manager").Set("manage_ui", "member").
		Set("manage_settings", "owner").Set("manage_messages", "member").Set("can_post", "member")
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
	return php.New().Set("code", chat.PublicCode).Set("link", "https://"+Host+"/online/"+chat.PublicCode)
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
func managers(chat *room) *php.Array {
	list := without(slices.Clone(chat.Managers), chat.Owner)
	if slices.Contains(chat.Members, chat.Owner) {
		list = append([]imbot.UserID{chat.Owner}, list...)
	}
	return php.ListOf(list)
}

// readers lists who else has read the last message. At what time is not modeled. The caller holds the world's mu.
func (s *session) readers(chat *room) *php.Array {
	var list []*php.Array
	for _, member := range chat.Members {
		if chat.messages == 0 || member == s.who.user {
			continue
		}
		name := "Example Person"
		if bot, isBot := s.world.bot(imbot.BotID(member)); isBot {
			name = bot.Name
		}
		list = append(list, php.New().Set("user_id", int64(member)).Set("user_name", name).
			Set("message_id", int64(chat.lastMessage)).Set("date", nil))
	}
	return php.ListOf(list)
}

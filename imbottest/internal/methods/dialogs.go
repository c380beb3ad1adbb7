package methods

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
	errNoChat   = BadRequest("ACCESS_ERROR", "You don't have access to this chat")
)

// What these methods show is what the user of the webhook or token sees; no bot plays a part.
var dialogs = []Method{
	{name: "imbot.dialog.get", steps: []step{
		check(openDialog),
	}, act: describe},
}

// openDialog finds the chat that DIALOG_ID means to the user.
func openDialog(c *call) error {
	alias, number, valid := cutDialog(c.params.Get("DIALOG_ID"))
	switch {
	case !valid:
		return errDialogIDEmpty
	case alias == "":
		if c.chat = c.world.privateChat(c.caller.User, imbot.UserID(php.Intval(number))); c.chat == nil {
			return errNoChat
		}
		return nil
	}
	c.chat = c.world.room(c.world.chatOf(alias, number))
	if !c.world.maySee(c.chat, c.caller.User) {
		return errNoDialog
	}
	return nil
}

// describe shows the chat as its members see it.
func describe(c *call) any {
	chat, last := c.chat, int64(c.chat.lastMessage)
	isExtranet := func(user imbot.UserID) bool { return c.world.users[user].Extranet }
	return php.New().
		Set("id", int64(chat.ID)).Set("parent_chat_id", 0).Set("parent_message_id", 0).
		Set("name", chat.Title).Set("description", chat.Description).Set("owner", int64(chat.Owner)).
		Set("extranet", slices.ContainsFunc(chat.Members, isExtranet)).
		Set("avatar", c.world.avatarURL(chat)).Set("color", shade(chat.Color, chat.ID)).Set("type", kinds[chat.Kind].dialogType).
		Set("counter", 0).Set("user_counter", len(chat.Members)).Set("message_count", chat.messages).Set("unread_id", 0).
		Set("restrictions", restrictions(chat.Kind)).
		Set("last_message_id", last).Set("last_id", last).Set("marked_id", 0).Set("disk_folder_id", 0).
		Set("entity_type", chat.Entity()).Set("entity_id", chat.EntityID).
		Set("entity_data_1", "").Set("entity_data_2", "").Set("entity_data_3", "").
		Set("mute_list", php.New()).Set("date_create", dateOf(chat.Created)).Set("message_type", chat.Kind.Letter()).
		Set("public", c.world.public(chat)).Set("role", role(chat, c.caller.User)).
		Set("entity_link", php.New().Set("type", chat.Entity()).Set("url", "").Set("id", chat.EntityID)).
		Set("text_field_enabled", true).Set("background_id", nil).
		Set("permissions", permissions()).Set("is_new", false).
		Set("readed_list", readers(c)).Set("manager_list", managers(chat)).
		Set("last_message_views", php.New().
			Set("message_id", last).Set("first_viewers", php.New()).Set("count_of_viewers", 0)).
		Set("dialog_id", c.text("DIALOG_ID"))
}

// restrictions says what a kind of chat allows, in the way of the answer: by true.
func restrictions(kind Kind) *php.Array {
	return php.New().
		Set("avatar", !kind.has(noAvatar)).Set("rename", !kind.has(noRenaming)).Set("extend", !kind.has(noExtending)).
		Set("call", !kind.has(noCalls)).Set("mute", !kind.has(noCalls)).
		Set("leave", !kind.has(noLeaving)).Set("leave_owner", !kind.has(ownerStays)).
		Set("send", !kind.has(general)).Set("user_list", !kind.has(noUserList))
}

// permissions says from which role on members may do something.
func permissions() *php.Array {
	return php.New().
		Set("manage_users_add", "member").Set("manage_users_delete", "manager").Set("manage_ui", "member").
		Set("manage_settings", "owner").Set("manage_messages", "member").Set("can_post", "member")
}

func (w *World) avatarURL(chat *room) string {
	if !chat.HasAvatar {
		return ""
	}
	return "https://" + w.host + "/upload/im/" + strconv.FormatInt(int64(chat.ID), 10) + "/avatar.png"
}

// public is an object for a chat with a link for guests, and an empty text for all others.
func (w *World) public(chat *room) any {
	if chat.PublicCode == "" {
		return ""
	}
	return php.New().Set("code", chat.PublicCode).Set("link", "https://"+w.host+"/online/"+chat.PublicCode)
}

// Zone is the time zone of the portal: not UTC, and not that of a test.
var Zone = time.FixedZone("", 3*60*60)

// dateOf is a date as the portal writes it, null for none.
func dateOf(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return t.In(Zone).Format("2006-01-02T15:04:05-07:00")
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

// readers lists who else has read the last message. At what time is not modeled.
func readers(c *call) *php.Array {
	var list []*php.Array
	for _, member := range c.chat.Members {
		if c.chat.messages == 0 || member == c.caller.User {
			continue
		}
		name := "Example Person"
		if bot, isBot := c.world.bots[imbot.BotID(member)]; isBot {
			name = bot.Name
		}
		list = append(list, php.New().Set("user_id", int64(member)).Set("user_name", name).
			Set("message_id", int64(c.chat.lastMessage)).Set("date", nil))
	}
	return php.ListOf(list)
}

package methods

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/imbottest/internal/php"
)

// The following are what version 2 shows of things, in answers and in events.

// botOf is a bot, for its owner or for others.
func (w *World) botOf(bot Bot, owner bool) *php.Array {
	shown := php.New().Set("id", int64(bot.ID)).Set("code", bot.Code).Set("type", bot.kind()).
		Set("isHidden", bot.Hidden).Set("isSupportOpenline", bot.OpenLine).Set("isReactionsEnabled", !bot.NoReactions).
		Set("backgroundId", orNull(bot.Background)).Set("language", language)
	if !owner {
		return shown
	}
	commands := 0
	for _, command := range w.commands {
		if command.Bot == bot.ID {
			commands++
		}
	}
	return shown.Set("moduleId", "rest").Set("eventMode", bot.mode()).Set("countMessage", bot.messages).
		Set("countCommand", commands).Set("countChat", bot.chats).Set("countUser", bot.users)
}

// language is that of the portal.
const language = "en"

func orNull(text string) any {
	if text == "" {
		return nil
	}
	return text
}

// userOf is a user or a bot. Events are made without what is known of their presence.
func (w *World) userOf(id imbot.UserID, inEvent bool) *php.Array {
	known := w.users[id]
	first, last, position, kind, external := firstName, lastName, "", "employee", "default"
	shade, gender := shade("", imbot.ChatID(id)), "M"
	bot, isBot := w.bots[imbot.BotID(id)]
	switch {
	case isBot:
		first, last, position, kind, external = bot.Name, bot.LastName, bot.position(), "bot", "bot"
		shade, gender = bot.shade(), bot.Gender
	case known.Connector:
		external = "imconnector"
	case known.Extranet:
		kind = "extranet"
	}
	active := any(false)
	if !inEvent {
		active = dateOf(time.Now())
	}
	avatar := w.pictureOf(bot)
	return php.New().Set("id", int64(id)).Set("active", !known.Inactive).Set("name", strings.TrimSpace(first+" "+last)).
		Set("firstName", first).Set("lastName", last).Set("workPosition", position).Set("color", shade).Set("avatar", avatar).
		Set("gender", gender).Set("birthday", "").Set("extranet", known.Extranet).Set("bot", isBot).
		Set("connector", known.Connector).Set("externalAuthId", external).Set("status", "online").Set("idle", false).
		Set("lastActivityDate", active).Set("mobileLastDate", false).Set("desktopLastDate", false).Set("absent", false).
		Set("departments", php.ListOf([]int64{1})).Set("phones", false).Set("website", "").Set("email", "").Set("type", kind)
}

// pictureOf is where the picture of a bot is, "" for one without.
func (w *World) pictureOf(bot Bot) string {
	if !bot.HasAvatar {
		return ""
	}
	return "https://" + w.host + "/upload/main/" + strconv.FormatInt(int64(bot.ID), 10) + "/avatar.png"
}

func (w *World) usersOf(ids []imbot.UserID) *php.Array {
	list := php.New()
	for _, id := range ids {
		list.Append(w.userOf(id, false))
	}
	return list
}

// dialogOf is how a chat is called by somebody in it: a private one by the other user.
func dialogOf(chat *room, viewer imbot.UserID) string {
	if chat.Kind == Private {
		for _, member := range chat.Members {
			if member != viewer {
				return strconv.FormatInt(int64(member), 10)
			}
		}
	}
	return string(chat.ID.DialogID())
}

// chatOf is a chat as events have it.
func (w *World) chatOfEvent(chat *room, viewer imbot.UserID) *php.Array {
	isExtranet := func(user imbot.UserID) bool { return w.users[user].Extranet }
	kind := kinds[chat.Kind].dialogType
	return php.New().Set("id", int64(chat.ID)).Set("dialogId", dialogOf(chat, viewer)).Set("name", chat.Title).
		Set("description", chat.Description).Set("type", kind).Set("messageType", chat.Kind.Letter()).
		Set("owner", int64(chat.Owner)).Set("color", shade(chat.Color, chat.ID)).Set("avatar", w.avatarURL(chat)).
		Set("extranet", slices.ContainsFunc(chat.Members, isExtranet)).Set("containsCollaber", false).
		Set("entityType", chat.Entity()).Set("entityId", chat.EntityID).
		Set("entityData1", "").Set("entityData2", "").Set("entityData3", "").
		Set("entityLink", php.New().Set("type", chat.Entity()).Set("url", "").Set("id", chat.EntityID)).
		Set("diskFolderId", nil).Set("permissions", v2Permissions()).Set("parentChatId", 0).Set("parentMessageId", 0).
		Set("isNew", false).Set("textFieldEnabled", !chat.noTextField).Set("backgroundId", nil)
}

// chatOfAnswer is a chat as answers have it.
func (w *World) chatOfAnswer(chat *room, viewer imbot.UserID) *php.Array {
	last := int64(chat.lastMessage)
	return w.chatOfEvent(chat, viewer).Set("role", role(chat, viewer)).Set("muteList", php.New()).
		Set("dateCreate", dateOf(chat.Created)).Set("lastMessageId", last).Set("lastMessageViews", "{}").
		Set("lastId", last).Set("managerList", managers(chat)).Set("markedId", 0).Set("messageCount", chat.messages).
		Set("public", w.public(chat)).Set("unreadId", 0).Set("userCounter", len(chat.Members))
}

func v2Permissions() *php.Array {
	return php.New().Set("manageUsersAdd", "member").Set("manageUsersDelete", "manager").Set("manageUi", "member").
		Set("manageSettings", "owner").Set("manageMessages", "member").Set("canPost", "member")
}

// messageOf is a message.
func messageOf(m *Message) *php.Array {
	params := php.New()
	for _, kept := range []struct {
		name  string
		value *php.Array
	}{{"ATTACH", m.Attach}, {"KEYBOARD", m.Keyboard}, {"MENU", m.Menu}} {
		if kept.value != nil {
			params.Set(kept.name, kept.value)
		}
	}
	if len(m.Files) > 0 {
		ids := php.New()
		for _, id := range m.Files {
			ids.Append(strconv.FormatInt(id, 10))
		}
		params.Set("FILE_ID", ids)
	}
	if m.ReplyTo != 0 {
		params.Set("REPLY_ID", strconv.Itoa(m.ReplyTo))
	}
	author := int64(m.Author)
	if m.System {
		author = 0
	}
	var forward any
	if m.Forwarded != nil {
		forward = php.New().Set("id", m.Forwarded.UUID).Set("userId", int64(m.Forwarded.Author)).
			Set("chatId", int64(m.Forwarded.Chat)).Set("date", dateOf(m.Forwarded.Date))
	}
	return php.New().Set("id", m.ID).Set("chatId", int64(m.Chat)).Set("chat_id", int64(m.Chat)).
		Set("authorId", author).Set("author_id", author).Set("date", dateOf(m.Date)).Set("text", m.Text).
		Set("isSystem", m.System).Set("uuid", m.UUID).Set("forward", forward).Set("params", params).
		Set("viewedByOthers", false)
}

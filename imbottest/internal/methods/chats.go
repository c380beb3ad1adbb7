package methods

import (
	"strconv"
	"time"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/imbottest/internal/php"
)

// The failures of the methods for chats. Some codes stand for several situations.
var (
	errUsersType     = BadRequest("INVALID_FORMAT", "Parameter USERS has wrong type")
	errTitleEmpty    = BadRequest("TITLE_EMPTY", "Title can't be empty")
	errNoRenaming    = accessError("This chat cannot be renamed")
	errColor         = BadRequest("WRONG_COLOR", "This color currently unavailable")
	errSameColor     = BadRequest("WRONG_REQUEST", "This color currently set or chat isn't exists")
	errNoAvatar      = accessError("The avatar of this chat cannot be changed")
	errAvatarAccess  = BadRequest("ACCESS_DENIED", "Access denied")
	errAvatarNowhere = BadRequest("WRONG_REQUEST", "Chat isn't exists")
)

var chats = []Method{
	{name: "imbot.chat.add", steps: []step{
		param{"USERS", users, errUsersType},
		aBot,
	}, act: addChat},

	{name: "imbot.chat.get", steps: []step{
		check(chatOfEntity),
	}, act: func(c *call) any {
		switch {
		case c.params.Get("DIALOG_ID") != nil:
			return describe(c)
		case c.chat == nil:
			return nil
		}
		return php.New().Set("ID", int64(c.chat.ID))
	}},

	// The form of DIALOG_ID is all that is looked at: typing into a chat that does not exist is no mistake.
	{name: "imbot.chat.sendTyping", steps: []step{
		aBot,
		param{"DIALOG_ID", dialogID, errDialogIDEmpty},
	}, act: done},

	// That the chat does not exist is only reported if the picture is good.
	{name: "imbot.chat.updateAvatar", steps: []step{
		aChat,
		aBot,
		forbid{general, errUnavailable},
		forbid{noAvatar, errNoAvatar},
		require{func(c *call) bool { return !exists(c) || c.isMember(c.bot) }, errAvatarAccess},
		check(func(c *call) error { return checkAvatar(c.params.Get("AVATAR")) }),
		require{exists, errAvatarNowhere},
	}, act: func(c *call) any {
		c.chat.HasAvatar = true
		c.world.say(c.chat) // "changed the picture"
		return true
	}},

	// The last failure hides several: the chat has this color already, does not exist, or is one that the bot is not in.
	{name: "imbot.chat.updateColor", steps: []step{
		aChat,
		forbid{general, errUnavailable},
		param{"COLOR", color, errColor},
		aBot,
		require{func(c *call) bool { return c.isMember(c.bot) && c.chat.Color != c.text("COLOR") }, errSameColor},
	}, act: func(c *call) any {
		c.chat.Color = c.text("COLOR")
		c.world.say(c.chat) // "changed the color to"
		return true
	}},

	// Beyond its checks it always answers true, whether the bot could rename the chat or not.
	{name: "imbot.chat.updateTitle", steps: []step{
		aChat,
		param{"TITLE", trimmedText, errTitleEmpty},
		aBot,
		forbid{general, errUnavailable},
		forbid{noRenaming, errNoRenaming},
	}, act: func(c *call) any {
		if title := cut(c.trimmed("TITLE"), maxTitle); c.isMember(c.bot) && c.chat.Title != title {
			c.chat.Title = title
			c.world.say(c.chat) // "changed the title to"
		}
		return true
	}},
}

// done is the act of a method that has nothing left to do.
func done(*call) any { return true }

// exists reports whether the chat is one of the portal.
func exists(c *call) bool { return c.world.chats[c.chat.ID] != nil }

// maxTitle is how many letters of a title are kept.
const maxTitle = 255

func cut(text string, letters int) string {
	if all := []rune(text); len(all) > letters {
		return string(all[:letters])
	}
	return text
}

// addChat makes a chat, of which the bot becomes the author and the first member. A color or an avatar that cannot be
// used is left out silently.
func addChat(c *call) any {
	list, _ := php.List(c.params.Get("USERS"))
	members, _ := userIDs(list)
	made := c.world.create(newChat(c))
	if made.Title == "" {
		made.Title = "Chat #" + strconv.FormatInt(int64(made.ID), 10)
	}
	c.world.add(made, members, c.bot, false)
	if c.trimmed("MESSAGE") != "" {
		c.world.say(made)
	}
	return int64(made.ID)
}

// newChat is the chat that the parameters describe, as yet without an id and without users.
func newChat(c *call) Chat {
	kind := Group
	if c.text("TYPE") == "OPEN" {
		kind = OpenChat
	}
	chat := Chat{
		Title:       c.trimmed("TITLE"),
		Description: c.text("DESCRIPTION"),
		EntityType:  c.text("ENTITY_TYPE"),
		EntityID:    c.text("ENTITY_ID"),
		Created:     time.Now(),
		Owner:       c.bot,
		Members:     []imbot.UserID{c.bot},
		HasAvatar:   checkAvatar(c.params.Get("AVATAR")) == nil,
	}
	chat.Kind = kindOf(chat.EntityType, kind)
	if color(c.params.Get("COLOR")) {
		chat.Color = c.text("COLOR")
	}
	return chat
}

// chatOfEntity finds the chat of an entity, if there is one, for any caller. DIALOG_ID is not documented; where it is
// set, it counts as for imbot.dialog.get.
func chatOfEntity(c *call) error {
	if c.params.Get("DIALOG_ID") != nil {
		return openDialog(c)
	}
	if php.IsEmpty(c.params.Get("ENTITY_TYPE")) || php.IsEmpty(c.params.Get("ENTITY_ID")) {
		return nil
	}
	entityType, entityID := c.text("ENTITY_TYPE"), c.text("ENTITY_ID")
	c.chat = c.world.find(func(r *room) bool { return r.Entity() == entityType && r.EntityID == entityID })
	return nil
}

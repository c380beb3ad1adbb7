package methods

import (
	"slices"
	"strconv"
	"time"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/imbottest/internal/php"
)

var v2Chats = []Method{
	{name: "imbot.v2.Chat.add", exact: true, steps: []step{
		v2Bot,
		optional{"fields", array},
		require{func(c *call) bool { return !c.world.users[c.caller.User].Extranet }, errV2Access},
		require{func(c *call) bool { return !number(either(c.fields(), "avatar")) }, errParameter},
		require{func(c *call) bool { ids := either(c.fields(), "userIds"); return ids == nil || array(ids) }, errUserIDs},
	}, act: addV2Chat},

	{name: "imbot.v2.Chat.get", exact: true, steps: []step{
		v2Bot,
		v2Dialog,
		v2Chat,
		v2MaySee,
	}, act: func(c *call) any {
		return php.New().Set("chat", c.world.chatOfAnswer(c.chat, c.bot))
	}},

	// Of what cannot be changed nothing is said.
	{name: "imbot.v2.Chat.update", exact: true, steps: []step{
		v2Bot,
		v2Dialog,
		bound{"fields", array},
		v2Chat,
		v2MaySee,
		require{func(c *call) bool { return !number(c.fields().Get("avatar")) }, errParameter},
		require{func(c *call) bool {
			return c.chat.Owner == c.bot && (c.chat.Kind == Group || c.chat.Kind == OpenChat)
		}, errV2Access},
	}, act: updateChat},

	// The bot needs access to the chat, and then to be in it. The kind of chat does not matter: every
	// member can leave, the general chat and a private one included.
	{name: "imbot.v2.Chat.leave", exact: true, steps: []step{
		v2Bot,
		v2Dialog,
		v2Chat,
		v2MaySee,
		require{func(c *call) bool { return slices.Contains(c.chat.Members, c.bot) }, errV2NotMember},
		require{func(c *call) bool { return !slices.Contains(c.chat.FromStructure, c.bot) }, errV2Structure},
	}, act: func(c *call) any {
		c.world.remove(c.chat, c.bot)
		return success()
	}},

	// The text field is that of the people in the chat. The bot may write without it.
	{name: "imbot.v2.Chat.TextField.enabled", exact: true, steps: []step{
		v2Bot,
		v2Dialog,
		v2Chat,
		v2MaySee,
	}, act: func(c *call) any {
		c.chat.noTextField = !yes(c.params.Get("enabled"), true)
		return success()
	}},

	// What is unknown about the action is dropped without a word.
	{name: "imbot.v2.Chat.InputAction.notify", exact: true, steps: []step{
		v2Bot,
		v2Dialog,
		optional{"duration", integer},
		v2Chat,
		v2MaySee,
	}, act: func(*call) any { return success() }},
}

var errUserIDs = BadRequest("100", "User IDs are no list")

// v2Others need no bot.
var v2Others = []Method{
	{name: "imbot.v2.Revision.get", exact: true, act: func(*call) any {
		return php.New().Set("rest", 35).Set("web", 130).Set("mobile", 25).Set("desktop", 6)
	}},
}

// addV2Chat makes a chat, of which the bot is a member. A color or an avatar that cannot be used is left out silently.
func addV2Chat(c *call) any {
	fields := c.fields()
	textOf := func(name string) string { return php.Trim(either(fields, name)) }
	chat := Chat{
		Title:       cut(textOf("title"), maxTitle),
		Description: textOf("description"),
		Created:     time.Now(),
		Owner:       c.bot,
		Members:     []imbot.UserID{c.bot},
		HasAvatar:   checkAvatar(either(fields, "avatar")) == nil,
	}
	if textOf("type") == "open" {
		chat.Kind = OpenChat
	}
	if name := snake(textOf("color")); colors[name] != "" {
		chat.Color = name
	}
	ids, _ := either(fields, "userIds").(*php.Array)
	users := idsOf(ids)
	if owner := imbot.UserID(php.Intval(either(fields, "ownerId"))); owner > 0 {
		chat.Owner = owner
		users = append(users, owner)
	}
	made := c.world.create(chat)
	c.world.joined(made, c.bot, c.bot)
	if made.Title == "" {
		made.Title = "Chat #" + strconv.FormatInt(int64(made.ID), 10)
	}
	c.world.add(made, users, c.bot, false)
	if message := textOf("message"); message != "" {
		c.world.write(made, Message{Author: c.bot, Text: messageText(message)})
	}
	return php.New().Set("chat", c.world.chatOfAnswer(made, c.bot).Set("isNew", true)).
		Set("users", c.world.usersOf(made.Members))
}

func updateChat(c *call) any {
	fields := c.fields()
	if title := php.Trim(fields.Get("title")); title != "" {
		c.chat.Title = cut(title, maxTitle)
	}
	if description := fields.Get("description"); description != nil {
		c.chat.Description = php.StringOf(description)
	}
	if name := snake(php.StringOf(fields.Get("color"))); colors[name] != "" {
		c.chat.Color = name
	}
	c.chat.HasAvatar = c.chat.HasAvatar || checkAvatar(fields.Get("avatar")) == nil
	return success()
}

// idsOf returns the users that a list of version 2 names. What is no id becomes 0, and is skipped later.
func idsOf(list *php.Array) (ids []imbot.UserID) {
	for _, value := range list.All() {
		ids = append(ids, imbot.UserID(php.Intval(value)))
	}
	return ids
}

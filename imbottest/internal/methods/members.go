package methods

import (
	"slices"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/imbottest/internal/php"
)

// The failures of the methods for the members of chats. Those that the server keeps an exception for look different in
// the two forms.
var (
	errNoDeleting    = accessError("It is forbidden to delete users of this chat")
	errWrongRequest  = BadRequest("WRONG_REQUEST", "You don't have access or user isn't member in chat")
	errOwnerStays    = accessError("LEAVE_OWNER_FORBIDDEN").With("LEAVE_OWNER_FORBIDDEN", "Владелец не может выйти из чата")
	errNotMember     = errWrongRequest.With("ACCESS_DENIED_KICK", "Access denied to kick user from chat")
	errUserNotFound  = errWrongRequest.With("USER_NOT_FOUND", "User not found in chat")
	errMayNotKick    = errWrongRequest.With("IM_ERROR_KICK", "You don't have permission to remove this user from the chat")
	errFromStructure = errWrongRequest.With("USER_INVITED_FROM_STRUCTURE", "User was added to the chat with their department")

	errNoExtending = accessError("It is forbidden to add users to this chat")
	errUsersNoList = BadRequest("WRONG_REQUEST", "User IDs must be passed in array format")
	errMayNotAdd   = BadRequest("WRONG_REQUEST", "You don't have access or user already member in chat").
			With("ACCESS_DENIED_EXTEND", "Insufficient permissions to add participants to the chat")

	errOwnerOnly   = BadRequest("WRONG_REQUEST", "Change owner can only owner and user must be member in chat")
	errManagerOnly = BadRequest("WRONG_REQUEST", "Change manager can only owner and user must be member in chat")
)

var chatMembers = []Method{
	// USER_ID is not documented here and dangerous: it removes that user instead of the bot.
	{name: "imbot.chat.leave", steps: []step{
		aChat,
		forbid{general, errUnavailable},
		forbid{noLeaving, errNoDeleting},
		aBot,
		check(mayRemove),
	}, act: remove},

	{name: "imbot.chat.user.delete", steps: []step{
		aChat,
		forbid{general, errUnavailable},
		forbid{noLeaving, errNoDeleting},
		aBot,
		param{"USER_ID", number, errUserIDEmpty},
		check(mayRemove),
	}, act: remove},

	// A user who is a member already is no mistake. Without HIDE_HISTORY the new members see what was written before.
	{name: "imbot.chat.user.add", steps: []step{
		aChat,
		forbid{general, errUnavailable},
		forbid{noExtending, errNoExtending},
		aBot,
		param{"USERS", list, errUsersNoList},
		require{func(c *call) bool { return c.isMember(c.bot) }, errMayNotAdd},
	}, act: func(c *call) any {
		list, _ := php.List(c.params.Get("USERS"))
		var users []imbot.UserID
		for _, value := range list.All() {
			users = append(users, imbot.UserID(php.Intval(value)))
		}
		c.world.add(c.chat, users, c.bot, !php.IsEmpty(c.params.Get("HIDE_HISTORY")) && c.text("HIDE_HISTORY") != "N")
		return true
	}},

	// A bot that may not see the chat gets an empty list instead of an error.
	{name: "imbot.chat.user.list", steps: []step{
		aChat,
		forbid{general, errUnavailable},
		aBot,
	}, act: func(c *call) any {
		if !slices.Contains(c.chat.Members, c.bot) {
			return php.New()
		}
		return php.ListOf(slices.Clone(c.chat.Members))
	}},

	// The old owner stays a member, and is no manager any more.
	{name: "imbot.chat.setOwner", steps: []step{
		aChat,
		param{"USER_ID", number, errUserIDEmpty},
		aBot,
		forbid{general, errUnavailable},
		forbid{private, errOwnerOnly},
		require{func(c *call) bool {
			user := c.user()
			return c.chat.Owner == c.bot && (user == c.bot || slices.Contains(c.chat.Members, user))
		}, errOwnerOnly},
	}, act: func(c *call) any {
		c.chat.own(c.user())
		return true
	}},

	// Whatever IS_MANAGER is, unless it is N, it makes a manager. The owner is one and stays one.
	{name: "imbot.chat.setManager", steps: []step{
		aChat,
		param{"USER_ID", number, errUserIDEmpty},
		aBot,
		require{func(c *call) bool { return c.chat.Owner == c.bot && c.isMember(c.user()) }, errManagerOnly},
	}, act: func(c *call) any {
		user := c.user()
		c.chat.Managers = without(c.chat.Managers, user)
		if c.text("IS_MANAGER") != "N" && user != c.chat.Owner {
			c.chat.Managers = append(c.chat.Managers, user)
		}
		return true
	}},
}

// leaver returns who is to be removed: the user who is named, or else the bot.
func leaver(c *call) imbot.UserID {
	if user := c.user(); user > 0 {
		return user
	}
	return c.bot
}

// mayRemove checks whether the bot may take somebody, as a rule itself, out of the chat.
func mayRemove(c *call) error {
	user := leaver(c)
	leaves := user == c.bot
	switch {
	case leaves && c.chat.Owner == c.bot && c.chat.Kind.has(ownerStays):
		return errOwnerStays
	case !c.isMember(c.bot):
		return errNotMember
	case !slices.Contains(c.chat.Members, user):
		return errUserNotFound
	case !leaves && c.chat.Owner != c.bot:
		return errMayNotKick
	case slices.Contains(c.chat.FromStructure, user):
		return errFromStructure
	}
	return nil
}

func remove(c *call) any {
	c.world.remove(c.chat, leaver(c))
	return true
}

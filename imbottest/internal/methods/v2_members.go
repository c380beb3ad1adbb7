package methods

import (
	"cmp"
	"slices"
	"strings"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/imbottest/internal/php"
)

var v2Members = []Method{
	// There is no second page: of a chat with more members than the limit, the others cannot be had.
	{name: "imbot.v2.Chat.User.list", exact: true, steps: []step{
		v2Bot,
		v2Dialog,
		optional{"order", array},
		optional{"limit", integer},
		v2Chat,
		v2MaySee,
		check(orderOfUsers),
	}, act: listV2Users},

	// Users who are there already, or cannot be added, are skipped without a word.
	{name: "imbot.v2.Chat.User.add", exact: true, steps: []step{
		v2Bot,
		v2Dialog,
		bound{"userIds", array},
		v2Chat,
		v2MaySee,
		require{func(c *call) bool {
			return c.isMember(c.bot) && !c.chat.Kind.has(noExtending)
		}, errV2Access},
	}, act: func(c *call) any {
		c.world.add(c.chat, c.users(), c.bot, isYes(c.params.Get("hideHistory")))
		return success()
	}},

	// Whether the new owner is in the chat, or there at all, is not looked at.
	{name: "imbot.v2.Chat.setOwner", exact: true, steps: []step{
		v2Bot,
		v2Dialog,
		bound{"userId", integer},
		v2Chat,
		v2MaySee,
		require{func(c *call) bool {
			return c.chat.Owner == c.bot && c.chat.Kind != Private && c.chat.Kind != OpenLine
		}, errV2Access},
	}, act: func(c *call) any {
		c.chat.own(imbot.UserID(c.whole("userId")))
		return success()
	}},

	{name: "imbot.v2.Chat.Manager.add", exact: true, steps: managerSteps, act: func(c *call) any {
		for _, user := range c.users() {
			if isIn(c.chat, user) && user != c.chat.Owner && !slices.Contains(c.chat.Managers, user) {
				c.chat.Managers = append(c.chat.Managers, user)
			}
		}
		return success()
	}},

	{name: "imbot.v2.Chat.Manager.delete", exact: true, steps: managerSteps, act: func(c *call) any {
		for _, user := range c.users() {
			c.chat.Managers = without(c.chat.Managers, user)
		}
		return success()
	}},

	// A user who is not there is no mistake.
	{name: "imbot.v2.Chat.User.delete", exact: true, steps: []step{
		v2Bot,
		v2Dialog,
		bound{"userId", integer},
		v2Chat,
		v2MaySee,
		check(mayDelete),
	}, act: func(c *call) any {
		if user := imbot.UserID(c.whole("userId")); slices.Contains(c.chat.Members, user) {
			c.world.remove(c.chat, user)
		}
		return success()
	}},
}

var managerSteps = []step{
	v2Bot,
	v2Dialog,
	bound{"userIds", array},
	v2Chat,
	v2MaySee,
	require{func(c *call) bool { return c.chat.Owner == c.bot }, errV2Access},
	require{func(c *call) bool { return c.chat.Kind != Private }, errKind},
	require{func(c *call) bool { return len(c.users()) > 0 }, errNoUsers},
}

// users returns the parameter userIds.
func (c *call) users() []imbot.UserID {
	ids, _ := c.params.Get("userIds").(*php.Array)
	return idsOf(ids)
}

// mayDelete checks whether the bot may take a user, perhaps itself, out of the chat.
func mayDelete(c *call) error {
	user := imbot.UserID(c.whole("userId"))
	var may bool
	switch {
	case c.chat.Kind.has(noLeaving | private):
	case user != c.bot:
		may = c.chat.Owner == c.bot || slices.Contains(c.chat.Managers, c.bot)
	default:
		may = c.isMember(c.bot) && (c.chat.Owner != c.bot || !c.chat.Kind.has(ownerStays))
	}
	switch {
	case !may:
		return errV2Access
	case slices.Contains(c.chat.FromStructure, user):
		return errV2Structure
	}
	return nil
}

const maxUsers, defaultUsers = 200, 50

// order returns by what the list is sorted, "" if by nothing, and in which direction.
func (c *call) order() (by, direction string) {
	order, _ := c.params.Get("order").(*php.Array)
	for _, name := range []string{"id", "lastSendMessageId", "userId"} {
		if value := order.Get(name); value != nil {
			return name, strings.ToLower(php.StringOf(value))
		}
	}
	return "", "asc"
}

func orderOfUsers(c *call) error {
	if _, direction := c.order(); direction != "asc" && direction != "desc" {
		return errOrder
	}
	return nil
}

// listV2Users shows the members, in the order in which they came unless the call has another one.
func listV2Users(c *call) any {
	members := slices.Clone(c.chat.Members)
	by, direction := c.order()
	switch by {
	case "userId":
		slices.Sort(members)
	case "lastSendMessageId":
		slices.SortStableFunc(members, func(a, b imbot.UserID) int { return cmp.Compare(c.lastOf(a), c.lastOf(b)) })
	}
	if direction == "desc" {
		slices.Reverse(members)
	}
	limit := c.whole("limit")
	if limit < 1 || limit > maxUsers {
		limit = defaultUsers
	}
	return c.world.usersOf(members[:min(limit, len(members))])
}

// lastOf returns the id of the last message of a member, 0 if there is none.
func (c *call) lastOf(member imbot.UserID) (id int) {
	for _, message := range c.chat.written {
		if message.Author == member {
			id = message.ID
		}
	}
	return id
}

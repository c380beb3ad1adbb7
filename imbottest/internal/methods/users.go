package methods

import (
	"slices"
	"strconv"
	"time"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/imbottest/internal/php"
)

// The permissions for users. Each but the first shows less of them.
const (
	scopeUser      = "user"
	scopeUserBasic = "user_basic"
	scopeUserBrief = "user_brief"
)

// The name of every user who is no bot.
const (
	firstName = "Example"
	lastName  = "Person"
)

// people are the methods for users.
var people = []Method{
	{name: "user.current", scopes: []string{scopeUser, scopeUserBasic, scopeUserBrief}, act: showCurrent},
}

// person is a user or a bot, as the methods for users show them.
type person struct {
	id                                     imbot.UserID
	name, lastName, gender, position, kind string
	photo                                  string
	active, admin                          bool
}

// person returns the user of an id. The caller holds mu.
func (w *World) person(id imbot.UserID) person {
	if bot, isBot := w.bots[imbot.BotID(id)]; isBot {
		return person{
			id: id, name: bot.Name, lastName: bot.LastName, gender: bot.Gender, position: bot.position(), kind: "bot",
			photo: w.pictureOf(bot), active: true,
		}
	}
	known := w.users[id]
	kind := "employee"
	if known.Extranet {
		kind = "extranet"
	}
	return person{
		id: id, name: firstName, lastName: lastName, gender: "M", kind: kind, active: !known.Inactive, admin: known.Admin,
	}
}

// showProfile shows the user for whom the call acts, and nothing of one who was dismissed.
func showProfile(c *call) any {
	user := c.world.person(c.caller.User)
	if !user.active {
		return php.New()
	}
	profile := php.New().Set("ID", idOf(user.id)).Set("ADMIN", user.admin).Set("NAME", user.name).
		Set("LAST_NAME", user.lastName).Set("PERSONAL_GENDER", user.gender).Set("TIME_ZONE", "")
	if user.photo != "" {
		profile.Set("PERSONAL_PHOTO", user.photo)
	}
	if !c.caller.SelfHosted {
		_, offset := time.Now().In(Zone).Zone()
		profile.Set("TIME_ZONE_OFFSET", offset)
	}
	return profile
}

// showCurrent shows the user for whom the call acts, as far as the permissions go.
func showCurrent(c *call) any {
	user := c.world.person(c.caller.User)
	isFull := slices.Contains(c.caller.Scopes, scopeUser)
	hasAddresses := isFull || slices.Contains(c.caller.Scopes, scopeUserBasic)
	now := time.Now()
	shown := php.New().Set("ID", idOf(user.id)).Set("XML_ID", "").Set("ACTIVE", user.active).Set("NAME", user.name).
		Set("LAST_NAME", user.lastName).Set("SECOND_NAME", "").Set("TITLE", "")
	if hasAddresses {
		shown.Set("EMAIL", "user"+idOf(user.id)+"@"+c.world.host)
	}
	if isFull {
		shown.Set("LAST_LOGIN", dateOf(now))
	}
	shown.Set("DATE_REGISTER", "").Set("TIME_ZONE", "").Set("IS_ONLINE", "Y").
		Set("LAST_ACTIVITY_DATE", now.In(Zone).Format(time.DateTime)).
		Set("PERSONAL_GENDER", user.gender).Set("PERSONAL_PROFESSION", "").Set("PERSONAL_BIRTHDAY", "")
	if user.photo != "" {
		shown.Set("PERSONAL_PHOTO", user.photo)
	}
	if hasAddresses {
		shown.Set("PERSONAL_PHONE", "").Set("PERSONAL_MOBILE", "").Set("WORK_PHONE", "").Set("WORK_COMPANY", "")
	}
	shown.Set("PERSONAL_CITY", "").Set("WORK_POSITION", user.position).
		Set("UF_EMPLOYMENT_DATE", "").Set("UF_DEPARTMENT", php.ListOf([]int64{1})).Set("UF_PHONE_INNER", "")
	if !isFull {
		shown.Set("USER_TYPE", user.kind)
	}
	return shown
}

// idOf is an id as the methods write it that are none for bots: a text.
func idOf(id imbot.UserID) string { return strconv.FormatInt(int64(id), 10) }

package methods

import (
	"cmp"
	"maps"
	"slices"
	"time"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/imbottest/internal/php"
)

// logged is an event that waits to be fetched. All bots and users share one line of numbers.
type logged struct {
	id   int
	name string
	data *php.Array
	at   time.Time
}

const (
	firstEvent   = 1001           // the number of the first event in a portal
	eventLife    = 24 * time.Hour // how long an event waits
	maxEvents    = 1000           // how many come at once
	defaultPage  = 100
	userEvents   = "withUserEvents"
	scopeOfUsers = "im"
)

// The failures of Event.get, which has them only for a call that asks for the events of its user, too.
var (
	errScope         = BadRequest("SCOPE_ERROR", "Scope error")
	errNotSubscribed = BadRequest("USER_NOT_SUBSCRIBED", "User is not subscribed to events")
)

var v2Events = []Method{
	// How the bot gets its events is not looked at: one that has them posted gets none here.
	{name: "imbot.v2.Event.get", exact: true, steps: []step{
		v2Bot,
		optional{"offset", integer},
		optional{"limit", integer},
		optional{userEvents, scalar},
		require{func(c *call) bool { return !c.wantsUser() || slices.Contains(c.caller.Scopes, scopeOfUsers) }, errScope},
		require{func(c *call) bool { return !c.wantsUser() || c.world.subscribed[c.caller.User] }, errNotSubscribed},
	}, act: func(c *call) any {
		if c.wantsUser() {
			return c.fetch(c.bot, c.caller.User)
		}
		return c.fetch(c.bot)
	}},

	{name: "im.v2.Event.get", exact: true, steps: []step{
		optional{"offset", integer},
		optional{"limit", integer},
	}, act: func(c *call) any { return c.fetch(c.caller.User) }},

	{name: "im.v2.Event.subscribe", exact: true, act: func(c *call) any {
		c.world.subscribed[c.caller.User] = true
		return true
	}},

	{name: "im.v2.Event.unsubscribe", exact: true, act: func(c *call) any {
		delete(c.world.subscribed, c.caller.User)
		return true
	}},
}

func scalar(value any) bool { return value != nil && !array(value) }

// wantsUser reports whether the events of the user are to come, too. Every text is a yes but "" and "0".
func (c *call) wantsUser() bool { return !php.IsEmpty(c.params.Get(userEvents)) }

// fetch returns the events of several users and bots from an offset on. What is below the offset is deleted first, and
// only then: without an offset everything comes again.
func (c *call) fetch(of ...imbot.UserID) any {
	offset, limit := c.whole("offset"), defaultPage
	if c.params.Get("limit") != nil {
		limit = min(max(c.whole("limit"), 1), maxEvents)
	}
	c.world.expire(time.Now())
	var page []logged
	for _, user := range of {
		if offset > 0 {
			c.world.forget(user, func(e logged) bool { return e.id < offset })
		}
		page = append(page, c.world.queue[user]...)
	}
	slices.SortFunc(page, func(a, b logged) int { return cmp.Compare(a.id, b.id) })
	page = page[:min(limit, len(page))]
	next, events := offset, php.New()
	for _, event := range page {
		events.Append(php.New().Set("eventId", event.id).Set("type", event.name).Set("date", dateOf(event.at)).
			Set("data", event.data))
		next = event.id + 1
	}
	return php.New().Set("events", events).Set("nextOffset", next).Set("hasMore", len(page) == limit)
}

// forget deletes events of a user or bot. The caller holds mu.
func (w *World) forget(user imbot.UserID, gone func(logged) bool) {
	w.queue[user] = slices.DeleteFunc(w.queue[user], gone)
	if len(w.queue[user]) == 0 {
		delete(w.queue, user)
	}
}

// expire deletes the events that nobody has fetched for too long. The caller holds mu.
func (w *World) expire(now time.Time) {
	for _, user := range slices.Collect(maps.Keys(w.queue)) {
		if now.Sub(w.queue[user][0].at) >= eventLife {
			w.forget(user, func(e logged) bool { return now.Sub(e.at) >= eventLife })
		}
	}
}

// log puts an event into the queue of a user or bot, as it is now. The caller holds mu.
func (w *World) log(user imbot.UserID, name string, data *php.Array) {
	w.queue[user] = append(w.queue[user], logged{w.nextEvent, name, data, time.Now()})
	w.nextEvent++
}

// SetNextEvent sets the number of the next event that is logged.
func (w *World) SetNextEvent(id int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.nextEvent = id
}

package imbottest_test

import (
	"encoding/json"
	"os"
	"strconv"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/imbottest"
)

// The bots of [fetching], and their chats.
const (
	fetcher imbot.BotID = 60 // of type bot
	butler  imbot.BotID = 61 // of type personal
	poster  imbot.BotID = 62 // gets its events posted
	club                = 20 // all of them, 1 and 27
	office              = 21 // 1 and 27
)

// fetching returns a portal with bots of version 2, whose token is t. The user 1 has a webhook that may use im, too.
func fetching(t *testing.T) *imbottest.Portal {
	t.Helper()
	portal := imbottest.NewPortal(t)
	portal.AddWebhook(imbottest.Webhook{UserID: 1, Secret: "both0000", Scopes: []string{"imbot", "im"}})
	portal.AddBot(imbottest.Bot{ID: fetcher, Code: "fetcher", Name: "Fetcher", ClientID: "t", EventMode: "fetch"})
	portal.AddBot(imbottest.Bot{ID: butler, Code: "butler", Name: "Butler", ClientID: "t", EventMode: "fetch", Type: "personal"})
	portal.AddBot(imbottest.Bot{ID: poster, Code: "poster", Name: "Poster", ClientID: "t", EventMode: "webhook"})
	portal.AddChat(imbottest.Chat{ID: club, Title: "Club", Owner: 1, Members: []imbot.UserID{1, 27, 60, 61, 62}})
	portal.AddChat(imbottest.Chat{ID: office, Owner: 1, Members: []imbot.UserID{1, 27}})
	return portal
}

// page is what was fetched.
type page struct {
	Events []struct {
		EventID    int
		Type, Date string
		Data       map[string]any
	}
	NextOffset int
	HasMore    bool
}

func (p page) ids() (ids []int) {
	for _, event := range p.Events {
		ids = append(ids, event.EventID)
	}
	return ids
}

func (p page) types() (types []string) {
	for _, event := range p.Events {
		types = append(types, event.Type)
	}
	return types
}

// fetch fetches events by the webhook with both scopes.
func fetch(t *testing.T, portal *imbottest.Portal, method, body string) page {
	t.Helper()
	got := send(t, portal, request{path: "/rest/1/both0000/" + method, body: body})
	var envelope struct{ Result *page }
	require.NoError(t, json.Unmarshal([]byte(got.body), &envelope), got.body)
	require.NotNil(t, envelope.Result, got.body)
	return *envelope.Result
}

func fetchFor(t *testing.T, portal *imbottest.Portal, bot imbot.BotID, more string) page {
	t.Helper()
	return fetch(t, portal, "imbot.v2.Event.get", `{"botToken":"t","botId":`+strconv.Itoa(int(bot))+more+`}`)
}

var eventGetRows = []methodRow{
	{name: "nothing", body: `{"botId":39,"botToken":"my"}`, result: `{"events":[],"nextOffset":0,"hasMore":false}`},
	{name: "offset", body: as + `"offset":"1002"}`, result: `{"events":[],"nextOffset":1002,"hasMore":false}`},
	{name: "negative offset", body: as + `"offset":-7,"limit":0}`, result: `{"events":[],"nextOffset":-7,"hasMore":false}`},
	{name: "no user events", body: as + `"withUserEvents":"0"}`, result: `{"events":[],"nextOffset":0,"hasMore":false}`},
	{name: "offset null", body: as + `"offset":null}`, failure: wrongValue("offset")},
	{name: "offset empty", body: as + `"offset":""}`, failure: wrongValue("offset")},
	{name: "limit", body: as + `"limit":"all"}`, failure: wrongValue("limit")},
	{name: "user events as a list", body: as + `"withUserEvents":[]}`, failure: wrongValue("withUserEvents")},
	{name: "user events", body: as + `"withUserEvents":"N"}`, failure: failed{400, "SCOPE_ERROR", "Scope error"}},
}

// TestEventGet_offset holds that an offset deletes, and nothing else does.
func TestEventGet_offset(t *testing.T) {
	t.Parallel()
	portal := fetching(t)
	for range 3 {
		portal.PostMessage(club, 1, "hello", fetcher) // an event of the butler, too
	}
	first := fetchFor(t, portal, fetcher, `,"limit":2`)
	assert.Equal(t, []int{1001, 1003}, first.ids(), "the numbers between are those of others")
	assert.Equal(t, 1004, first.NextOffset)
	assert.True(t, first.HasMore)
	assert.Equal(t, first, fetchFor(t, portal, fetcher, `,"limit":2,"offset":0`), "nothing is deleted without an offset")
	assert.Equal(t, []int{1001, 1003, 1005}, fetchFor(t, portal, fetcher, ``).ids())
	assert.Equal(t, []int{1003, 1005}, fetchFor(t, portal, fetcher, `,"offset":1003`).ids(), "it deletes what is below")

	second := fetchFor(t, portal, fetcher, `,"offset":1004,"limit":1`)
	assert.Equal(t, []int{1005}, second.ids())
	assert.True(t, second.HasMore, "the page is full")
	last := fetchFor(t, portal, fetcher, `,"offset":1006`)
	assert.Equal(t, page{Events: last.Events, NextOffset: 1006}, last)
	assert.Empty(t, last.Events)
	assert.Empty(t, fetchFor(t, portal, fetcher, ``).Events, "there is no way back")
	assert.Equal(t, []int{1002, 1004, 1006}, fetchFor(t, portal, butler, ``).ids(), "the events of others are not deleted")
}

func TestEventGet_limit(t *testing.T) {
	t.Parallel()
	portal := fetching(t)
	for range 1001 {
		portal.PostMessage(club, 1, "hello")
	}
	for limit, want := range map[string]int{``: 100, `,"limit":0`: 1, `,"limit":"-1"`: 1, `,"limit":5000`: 1000, `,"limit":7`: 7} {
		assert.Len(t, fetchFor(t, portal, butler, limit).Events, want, limit)
	}
}

// TestEventGet_ahead holds what becomes of events whose numbers are below an offset that a client has kept.
func TestEventGet_ahead(t *testing.T) {
	t.Parallel()
	portal := fetching(t)
	portal.PostMessage(club, 1, "one")
	assert.Equal(t, 5000, fetchFor(t, portal, butler, `,"offset":5000`).NextOffset)
	portal.PostMessage(club, 1, "two")
	assert.Empty(t, fetchFor(t, portal, butler, `,"offset":5000`).Events)
	assert.Empty(t, fetchFor(t, portal, butler, ``).Events, "the second one is lost, too")

	portal.SetNextEventID(6000)
	portal.PostMessage(club, 1, "three")
	assert.Equal(t, []int{6000}, fetchFor(t, portal, butler, `,"offset":5000`).ids())
	portal.SetNextEventID(10)
	portal.PostMessage(club, 1, "four")
	assert.Equal(t, []int{10, 6000}, fetchFor(t, portal, butler, ``).ids())
}

// TestEventGet_expiry holds that events wait for a day.
func TestEventGet_expiry(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		portal := fetching(t)
		portal.PostMessage(club, 1, "old")
		time.Sleep(time.Hour) // fake clock
		portal.PostMessage(club, 1, "new")
		time.Sleep(23*time.Hour - time.Second) // fake clock
		assert.Equal(t, []int{1001, 1002}, fetchFor(t, portal, butler, ``).ids())
		time.Sleep(time.Second) // fake clock
		left := fetchFor(t, portal, butler, ``)
		require.Equal(t, []int{1002}, left.ids())
		assert.Equal(t, "2000-01-01T04:00:00+03:00", left.Events[0].Date, "it was logged then")
	})
}

// TestEventGet_bot holds what becomes of the events of a bot that changes, or is gone.
func TestEventGet_bot(t *testing.T) {
	t.Parallel()
	portal := fetching(t)
	portal.PostMessage(club, 1, "hello", fetcher, poster)
	assert.Empty(t, fetchFor(t, portal, poster, ``).Events, "they are posted")

	mode := func(mode string) {
		body := `{"botId":60,"botToken":"t","fields":{"eventMode":"` + mode + `","webhookUrl":"https://bot.example/"}}`
		require.Equal(t, 200, send(t, portal, post("imbot.v2.Bot.update", body)).status)
	}
	mode("fetch")
	assert.Len(t, fetchFor(t, portal, fetcher, ``).Events, 1)
	mode("webhook")
	assert.Empty(t, fetchFor(t, portal, fetcher, ``).Events, "they are deleted")
	portal.PostMessage(club, 1, "hello", fetcher)
	mode("fetch")
	assert.Empty(t, fetchFor(t, portal, fetcher, ``).Events)

	portal.PostMessage(club, 1, "hello", fetcher)
	assertResult(t, `{"result":true}`, send(t, portal, post("imbot.v2.Bot.unregister", `{"botId":60,"botToken":"t"}`)))
	gone := send(t, portal, post("imbot.v2.Event.get", `{"botId":60,"botToken":"t"}`))
	assertError(t, 400, "BOT_NOT_FOUND", "Bot not found", gone)
	portal.AddBot(imbottest.Bot{ID: fetcher, Code: "fetcher", ClientID: "t", EventMode: "fetch"})
	assert.Empty(t, fetchFor(t, portal, fetcher, ``).Events, "a new bot begins with nothing")

	portal.DeleteBot(butler)
	gone = send(t, portal, post("imbot.v2.Event.get", `{"botId":61,"botToken":"t"}`))
	assertError(t, 400, "BOT_NOT_FOUND", "Bot not found", gone)
}

// TestEventGet_user holds that a bot and a user can be asked for at once, and share an offset then.
func TestEventGet_user(t *testing.T) {
	t.Parallel()
	portal := fetching(t)
	call := func(method, body string) answer {
		return send(t, portal, request{path: "/rest/1/both0000/" + method, body: body})
	}
	with := `{"botId":61,"botToken":"t","withUserEvents":true}`
	portal.PostMessage(club, 27, "nobody has subscribed")
	assertError(t, 400, "USER_NOT_SUBSCRIBED", "User is not subscribed to events", call("imbot.v2.Event.get", with))
	assert.Empty(t, fetch(t, portal, "im.v2.Event.get", `{}`).Events)
	assertResult(t, `true`, call("im.v2.Event.subscribe", `{}`))
	assertResult(t, `true`, call("im.v2.Event.subscribe", `{}`))

	portal.PostMessage(club, 27, "both")
	portal.PostMessage(office, 27, "the user alone")
	both := fetch(t, portal, "imbot.v2.Event.get", with)
	assert.Equal(t, []int{1001, 1002, 1003, 1004}, both.ids())
	assert.Equal(t, []string{"ONIMBOTV2MESSAGEADD", "ONIMBOTV2MESSAGEADD", "ONIMV2MESSAGEADD", "ONIMV2MESSAGEADD"}, both.types())
	assert.Equal(t, []int{1003, 1004}, fetch(t, portal, "im.v2.Event.get", `{"limit":"5"}`).ids())
	assert.Equal(t, []int{1004}, fetch(t, portal, "imbot.v2.Event.get", `{"botId":61,"botToken":"t","withUserEvents":1,"offset":1004}`).ids())
	assert.Equal(t, []int{1004}, fetch(t, portal, "im.v2.Event.get", `{}`).ids(), "the offset was that of the user, too")

	assertResult(t, `true`, call("im.v2.Event.unsubscribe", `{}`))
	portal.PostMessage(office, 27, "not any more")
	assert.Equal(t, []int{1004}, fetch(t, portal, "im.v2.Event.get", `{}`).ids())
	assertError(t, hookScope.status, hookScope.code, hookScope.description, send(t, portal, post("im.v2.Event.get", `{}`)))
}

// TestEventGet_payloads holds that each event has all that is documented.
func TestEventGet_payloads(t *testing.T) {
	t.Parallel()
	content, err := os.ReadFile("testdata/events.v2.json")
	require.NoError(t, err)
	var documented map[string]map[string]any
	require.NoError(t, json.Unmarshal(content, &documented))

	portal := fetching(t)
	send(t, portal, request{path: "/rest/1/both0000/im.v2.Event.subscribe", body: `{}`})
	send(t, portal, post("imbot.v2.Command.register", `{"botId":60,"botToken":"t","fields":{"command":"help","hidden":true}}`))
	portal.PostMessage(club, 1, "hello", fetcher)
	portal.PostMessage(club, 1, "/help topic")
	send(t, portal, post("imbot.v2.Chat.Message.send", `{"botId":60,"botToken":"t","dialogId":"chat20","fields":{"message":"yes?"}}`))
	asked, said := portal.Messages(club)[0].ID, portal.Messages(club)[2].ID
	portal.EditMessage(asked, "hello, [USER=60]bot[/USER]")
	portal.AddReaction(said, 1, "like")
	portal.DeleteMessage(asked)
	portal.AddMember(office, imbot.UserID(fetcher), 1)
	portal.OpenDialog(fetcher, 1, map[string]any{"entityId": 164, "entityType": "task", "source": "link"})

	seen := fetch(t, portal, "imbot.v2.Event.get", `{"botId":60,"botToken":"t","withUserEvents":true}`)
	types := make(map[string]bool)
	for _, event := range seen.Events {
		types[event.Type] = true
		assertShape(t, event.Type, documented[event.Type], event.Data)
	}
	assert.Len(t, types, len(documented), "%v", types)
}

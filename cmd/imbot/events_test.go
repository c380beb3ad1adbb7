package main

import (
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-a6e4e5a4/imbot/imbottest"
	"github.com/seed-a6e4e5a4/imbot/imbotv2"
)

// fetching is a portal with a bot that fetches its events, of which three wait.
func fetching(t *testing.T) (*imbottest.Portal, map[string]string) {
	t.Helper()
	portal := imbottest.NewPortal(t)
	portal.AddBot(imbottest.Bot{ID: 60, Code: "fetching", ClientID: imbottest.ClientID, EventMode: "fetch"})
	portal.AddMember(imbottest.ChatGroup, 60, imbottest.Employee)
	portal.PostMessage(imbottest.ChatGroup, imbottest.Employee, "Hello\x1b[2J bot, "+strings.Repeat("how are you ", 10), 60)
	written := portal.PostMessage(portal.PrivateChat(60, imbottest.Employee), imbottest.Employee, "Alone")
	portal.DeleteMessage(written)
	env := environment(portal)
	env["BITRIX24_BOT_ID"] = "60"
	return portal, env
}

// offsets returns what the portal was asked to delete.
func offsets(t *testing.T, portal *imbottest.Portal) (asked []int) {
	t.Helper()
	for _, call := range portal.Calls("imbot.v2.Event.get") {
		var body struct{ Offset int }
		require.NoError(t, json.Unmarshal(call.Body, &body))
		asked = append(asked, body.Offset)
	}
	return asked
}

// TestEvents holds that events are shown, and stay where they are.
func TestEvents(t *testing.T) {
	t.Parallel()
	portal, env := fetching(t)
	got := call(t, env, 60, "events", "--once")
	assert.Equal(t, exitDone, got.code, got.err)
	assert.Regexp(t, `(?m)^1001  \d\d:\d\d:\d\d  joined in chat13 by user 1$`, got.out)
	assert.Regexp(t, `(?m)^1002  \d\d:\d\d:\d\d  message in chat13 by user 1\n      Hello \[2J bot, how are you`, got.out)
	assert.Contains(t, got.out, "  message deleted ")
	assert.NotContains(t, got.out, "\x1b")
	again := call(t, env, 0, "events", "--once", "--json")
	lines := strings.Split(strings.TrimSpace(again.out), "\n")
	require.GreaterOrEqual(t, len(lines), 4)
	assertJSON(t, `{"eventId":1002,"type":"ONIMBOTV2MESSAGEADD","data":{"message":{"authorId":1}}}`, lines[1])
	assert.Equal(t, []int{0, 0}, offsets(t, portal))
}

// TestEvents_confirm holds that what was shown, and nothing else, is deleted where that was asked for.
func TestEvents_confirm(t *testing.T) {
	t.Parallel()
	portal, env := fetching(t)
	got := call(t, env, 0, "events", "--once", "--confirm")
	assert.Equal(t, exitDone, got.code, got.err)
	asked := offsets(t, portal)
	require.Len(t, asked, 2)
	assert.Zero(t, asked[0], "the first request deletes nothing")
	assert.Greater(t, asked[1], 1003)
	got = call(t, env, 0, "events", "--once")
	assert.Empty(t, got.out)
	assert.Contains(t, got.err, "No event waits.")
}

// TestEvents_follow holds that an event is shown once, however often it is fetched, and that none is deleted.
func TestEvents_follow(t *testing.T) {
	t.Parallel()
	portal, _ := fetching(t)
	bot := imbotv2.New(portal.Client()).As(imbotv2.Identity{BotID: 60, BotToken: imbottest.ClientID})
	var out, errs strings.Builder
	w := watching{p: &process{out: &shared{out: &out}, err: &shared{out: &errs}}, bot: bot}
	shown := []int{}
	for range 3 {
		fresh, err := w.fetch(t.Context())
		require.NoError(t, err)
		shown = append(shown, fresh)
		portal.PostMessage(imbottest.ChatGroup, imbottest.Employee, "More", 60)
	}
	assert.Equal(t, []int{5, 1, 1}, shown)
	assert.Equal(t, []int{0, 0, 0}, offsets(t, portal))
	assert.Equal(t, 2, strings.Count(out.String(), "More"))
}

// TestEvents_interrupted holds that waiting for more ends by an interrupt, or when the time is up, as it should.
func TestEvents_interrupted(t *testing.T) {
	t.Parallel()
	_, env := fetching(t)
	interrupts := make(chan os.Signal, 1)
	interrupts <- os.Interrupt
	var out, errs strings.Builder
	code := run(t.Context(), []string{"events"}, func(name string) string { return env[name] }, interrupts, streams{strings.NewReader(""), &out, &errs})
	assert.Equal(t, exitDone, code, errs.String())

	got := call(t, env, 0, "events", "--timeout", "300ms")
	assert.Equal(t, exitDone, got.code, got.err)
	assert.Contains(t, got.out, "message in chat13")
	assert.Contains(t, got.err, "Waiting for more, and deleting nothing.")
}

func TestWithoutAuth(t *testing.T) {
	t.Parallel()
	var value any
	require.NoError(t, json.Unmarshal([]byte(`{"bot":{"id":1,"auth":{"access_token":"x"}},"list":[{"auth":"y","z":1}],"auth":1}`), &value))
	left, err := json.Marshal(withoutAuth(value))
	require.NoError(t, err)
	assert.JSONEq(t, `{"bot":{"id":1},"list":[{"z":1}]}`, string(left))
}

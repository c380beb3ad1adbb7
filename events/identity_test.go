package events_test

import (
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-a6e4e5a4/imbot/events"
)

// The same event has the same id as a form and as JSON, in any order of its fields, with other tokens, and at rest.
func TestEvent_ID_sameEvent(t *testing.T) {
	t.Parallel()
	ids := map[string]string{}
	for _, name := range allPosts(t) {
		object, form := postedJSON(t, name)
		id := parse(t, "/", form).ID()
		assert.Regexp(t, "^[0-9a-f]{32}$", id, name)
		ids[id] = name

		fields := strings.Split(form, "&")
		slices.Reverse(fields)
		assert.Equal(t, id, parse(t, "/", strings.Join(fields, "&")).ID(), "%s, the other way around", name)
		fromJSON, err := events.Parse(postOf(t, "application/json", object))
		require.NoError(t, err, name)
		assert.Equal(t, id, fromJSON.ID(), "%s as JSON", name)
		values, err := url.ParseQuery(form)
		require.NoError(t, err, name)
		for field := range values {
			for _, key := range []string{"access_token", "refresh_token", "application_token", "expires", "expires_in"} {
				if strings.HasSuffix(strings.ToLower(field), "["+key+"]") {
					values.Set(field, "1771999999")
				}
			}
		}
		assert.Equal(t, id, parse(t, "/", values.Encode()).ID(), "%s with other tokens", name)
		kept, _ := rested(t, parse(t, "/", form))
		assert.Equal(t, id, kept.ID(), "%s at rest", name)
	}
	assert.Len(t, ids, 25, "and another event has another one")
}

// What makes events of the first generation the same, and what does not.
func TestEvent_ID_first(t *testing.T) {
	t.Parallel()
	command := []string{
		"data[COMMAND][99][COMMAND]=echo", "data[COMMAND][99][COMMAND_ID]=99", "data[COMMAND][99][BOT_ID]=9",
		"data[COMMAND][99][COMMAND_PARAMS]=x", "data[COMMAND][99][COMMAND_CONTEXT]=TEXTAREA", "data[PARAMS][MESSAGE_ID]=5",
	}
	button := append(slices.Clone(command), "data[COMMAND][99][COMMAND_CONTEXT]=KEYBOARD")
	bots := []string{"data[BOT][9][BOT_ID]=9", "data[BOT][80][BOT_ID]=80", "data[PARAMS][MESSAGE_ID]=5", "data[PARAMS][DIALOG_ID]=chat1"}
	more := map[string]string{
		"time": "ts=1772094526", "text": "data[PARAMS][MESSAGE]=x", "message": "data[PARAMS][MESSAGE_ID]=6", "dialog": "data[PARAMS][DIALOG_ID]=27",
		"bot": "data[BOT][1000][BOT_ID]=1000", "portal": "auth[member_id]=m2", "word": "data[COMMAND][99][COMMAND]=say",
		"command": "data[COMMAND][99][COMMAND_ID]=98", "params": "data[COMMAND][99][COMMAND_PARAMS]=y", "its bot": "data[COMMAND][99][BOT_ID]=10",
		"its message": "data[COMMAND][99][MESSAGE_ID]=7", "second command": "data[COMMAND][101][COMMAND]=echo", "token": "data[BOT][9][access_token]=x",
	}
	tests := map[string]struct {
		name   string
		fields []string
		differ []string
	}{
		"message":     {events.MessageAdd, bots, []string{"message", "bot", "portal"}},
		"deleted":     {events.MessageDelete, bots, []string{"message", "bot", "portal"}},
		"join":        {events.JoinChat, bots, []string{"dialog", "bot", "portal"}},
		"change":      {events.MessageUpdate, bots, []string{"time", "text", "message", "dialog", "bot", "portal", "word", "command", "params", "its bot", "its message", "second command"}},
		"bot deleted": {events.BotDelete, []string{"data[BOT_ID]=9"}, []string{"portal"}},
		"command":     {events.CommandAdd, command, []string{"message", "portal", "word", "command", "params", "its bot", "its message", "second command"}},
		"button":      {events.CommandAdd, button, []string{"time", "text", "message", "dialog", "bot", "portal", "word", "command", "params", "its bot", "its message", "second command"}},
		"another":     {"ONCRMDEALADD", []string{"data[FIELDS][ID]=5"}, []string{"time", "text", "message", "dialog", "bot", "portal", "word", "command", "params", "its bot", "its message", "second command"}},
	}
	for name, tt := range tests {
		id := func(more ...string) string {
			values := url.Values{}
			for _, field := range slices.Concat([]string{"event=" + tt.name, "ts=1772094525", "auth[member_id]=m1"}, tt.fields, more) {
				name, value, _ := strings.Cut(field, "=")
				values.Set(name, value)
			}
			return parse(t, "/", values.Encode()).ID()
		}
		var differ []string
		for what, field := range more {
			if id(field) != id() {
				differ = append(differ, what)
			}
		}
		assert.ElementsMatch(t, tt.differ, differ, name)
	}
}

// An event without anything has an id, too.
func TestEvent_ID_empty(t *testing.T) {
	t.Parallel()
	assert.Len(t, (&events.Event{}).ID(), 32)
	assert.NotEqual(t, (&events.Event{Name: "A"}).ID(), (&events.Event{MemberID: "A"}).ID())
}

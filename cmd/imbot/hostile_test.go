package main

import (
	"encoding/json"
	"strings"
	"testing"
	"unicode"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-a6e4e5a4/imbot/imbottest"
)

// hostile moves the cursor and changes colors in each of the ways that terminals know, turns text around, ends lines, and
// has what cannot be seen.
const hostile = "\x1b[2J\x1b]0;x\x07\u009b31m\u202eback\u2066\nline\r\ttab\x7f\u200b\ufeff\U000e0001\u2028end"

// hostileResult is an answer in which each HOSTILE is that text.
func hostileResult(text string) imbottest.Answer {
	return imbottest.Result(json.RawMessage(strings.ReplaceAll(text, `"HOSTILE"`, string(encoded(hostile)))))
}

// TestHostile holds that no text of a portal reaches the terminal as it is, whatever the command and the form, and that
// programs get it whole.
func TestHostile(t *testing.T) {
	t.Parallel()
	const one = `{"bot":{"id":39,"code":"HOSTILE","type":"HOSTILE","eventMode":"HOSTILE"}}`
	for _, tt := range []struct {
		args, method, result string
	}{
		{"bots", "imbot.bot.list", `{"39":{"ID":39,"CODE":"HOSTILE","NAME":"HOSTILE","OPENLINE":"N"}}`},
		{"bots --v2", "imbot.v2.Bot.list", `{"bots":[` + one[len(`{"bot":`):len(one)-1] + `],"hasNextPage":false}`},
		{"register helper", "imbot.v2.Bot.register", one},
		{"members 13 --names", "imbot.v2.Chat.User.list", `[{"id":1,"name":"HOSTILE"},{"id":39,"name":"HOSTILE","bot":true}]`},
		{"events --once", "imbot.v2.Event.get", `{"events":[{"eventId":1,"type":"HOSTILE","date":"2026-01-01T00:00:00Z","data":{"dialogId":"HOSTILE","x":"HOSTILE"}},
			{"eventId":2,"type":"ONIMBOTV2MESSAGEADD","date":"2026-01-01T00:00:00Z","data":{"message":{"id":1,"text":"HOSTILE"}}},
			{"eventId":3,"type":"ONIMBOTV2CONTEXTGET","date":"2026-01-01T00:00:00Z","data":{"context":{"x":"HOSTILE"}}}],"nextOffset":4}`},
	} {
		t.Run(tt.args, func(t *testing.T) {
			t.Parallel()
			portal := imbottest.NewPortal(t)
			portal.On(tt.method, hostileResult(tt.result))
			for _, columns := range []int{0, 70} {
				got := call(t, asMain(portal), columns, strings.Fields(tt.args)...)
				assert.Equal(t, exitDone, got.code, got.err)
				assertPrintable(t, got.out+got.err)
				assert.Contains(t, got.out, "back  line")
			}
			got := call(t, asMain(portal), 0, strings.Fields(tt.args+" --json")...)
			assertPrintable(t, got.out+got.err)
			first, _, _ := strings.Cut(got.out, "\n")
			var value any
			require.NoError(t, json.Unmarshal([]byte(first), &value))
			assert.True(t, holds(value, hostile), got.out)
		})
	}
	for _, answer := range []imbottest.Answer{imbottest.Refuse(400, "X"+hostile, hostile), imbottest.Raw(502, "text/html", hostile), imbottest.Raw(200, hostile, hostile)} {
		portal := imbottest.NewPortal(t)
		portal.On("imbot.v2.Bot.unregister", answer)
		for _, args := range [][]string{{"unregister", "-y"}, {"unregister", "-y", "--json"}} {
			got := call(t, asMain(portal), 0, args...)
			assert.NotEqual(t, exitDone, got.code)
			assertPrintable(t, got.out+got.err)
		}
	}
}

// TestEvents_json holds that events are as the portal has them, each digit included, but for tokens.
func TestEvents_json(t *testing.T) {
	t.Parallel()
	portal := imbottest.NewPortal(t)
	portal.On("imbot.v2.Event.get", imbottest.Result(json.RawMessage(`{"events":[{"eventId":1,"type":"ONIMBOTV2CONTEXTGET","date":"2026-01-01T00:00:00Z",
		"data":{"big":9007199254740993,"small":0.10,"bot":{"id":39,"auth":{"access_token":"EXAMPLE_TOKEN"}},"context":{"AUTH":{"access_token":"EXAMPLE_TOKEN"},"tag":"<b>&"}}}],"nextOffset":2}`)))
	got := call(t, asMain(portal), 0, "events", "--once", "--json")
	assert.Contains(t, got.out, `"data":{"big":9007199254740993,"bot":{"id":39},"context":{"tag":"<b>&"},"small":0.10}`)
	got = call(t, asMain(portal), 0, "events", "--once")
	assert.Contains(t, got.out, `{"tag":"<b>&"}`)
	assert.NotContains(t, got.out, "EXAMPLE_TOKEN")
}

func assertPrintable(t *testing.T, text string) {
	t.Helper()
	assert.Negative(t, strings.IndexFunc(text, func(r rune) bool { return r != '\n' && !unicode.IsPrint(r) }), "%q", text)
}

// holds tells whether a value of JSON has a text somewhere.
func holds(value any, text string) bool {
	switch value := value.(type) {
	case string:
		return value == text
	case []any:
		for _, part := range value {
			if holds(part, text) {
				return true
			}
		}
	case map[string]any:
		for _, part := range value {
			if holds(part, text) {
				return true
			}
		}
	}
	return false
}

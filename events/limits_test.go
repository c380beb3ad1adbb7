package events_test

import (
	"context"
	"net/http"
	"runtime"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/events"
)

// message is an event of a message with these fields in the midst of it, written in the order in which a portal writes
// it: auth is the last thing.
func message(fields string) string {
	return "event=ONIMBOTMESSAGEADD&event_handler_id=1&data[BOT][567][BOT_ID]=567&data[BOT][567][access_token]=EXAMPLE_BOT&" +
		"data[PARAMS][MESSAGE]=hello&" + fields + "&data[PARAMS][FROM_USER_ID]=27&data[PARAMS][DIALOG_ID]=chat1157&data[PARAMS][CHAT_ID]=1157&" +
		"ts=1771940028&auth[member_id]=" + member + "&auth[application_token]=" + proof
}

// many writes n fields, with its number in each.
func many(n int, field string) string {
	fields := make([]string, n)
	for i := range fields {
		fields[i] = strings.ReplaceAll(field, "#", strconv.Itoa(i))
	}
	return strings.Join(fields, "&")
}

// Whatever a message brings, it arrives: what goes too far is left out.
func TestHandler_eventsWithTooMuchArrive(t *testing.T) {
	t.Parallel()
	const grid = "data[PARAMS][PARAMS][ATTACH][0][BLOCKS][0][GRID]"
	deep := func(levels int) string { return "data[PARAMS]" + strings.Repeat("[x]", levels-1) + "=1" }
	tests := map[string]struct {
		fields  string
		leftOut int
		name    string // one that is there
	}{
		"a table":                             {many(10, grid+"[#][NAME]=Deal"), 0, grid + "[9][NAME]"},
		"a table of a thousand cells":         {many(1000, grid+"[#][NAME]=Deal&"+grid+"[#][VALUE]=1"), 0, grid + "[999][VALUE]"},
		"1,001 fields":                        {many(1001, "data[PARAMS][N#]=1"), 0, "data[PARAMS][N1000]"},
		"64 levels":                           {deep(64), 0, strings.TrimSuffix(deep(64), "=1")},
		"65 levels":                           {deep(65) + "&data[PARAMS][X]=1", 1, "data[PARAMS][X]"},
		"as many levels as go":                {"data" + strings.Repeat("[", 500_000) + strings.Repeat("]", 500_000), 0, "data[PARAMS][MESSAGE]"},
		"as many levels as go, all closed":    {"data" + strings.Repeat("[]", 500_000), 1, "data[PARAMS][MESSAGE]"},
		"a list that is too long":             {many(12_000, "data[PARAMS][MENTIONED_LIST][#]=#"), 2_010, "data[PARAMS][MENTIONED_LIST][9987]"},
		"a list without indices":              {many(12_000, "data[USERS][]=#"), 2_010, "data[USERS][9987]"},
		"another variable":                    {many(12_000, "x#=#"), 2_009, "x9990"},
		"deep arrays that are too many":       {many(400, "data[PARAMS][A#]"+strings.Repeat("[]", 60)+"=1"), 236, "data[PARAMS][MESSAGE]"},
		"one field again and again":           {many(12_000, "data[PARAMS][X]=#"), 0, "data[PARAMS][X]"},
		"nothing but separators":              {strings.Repeat("&", 500_000), 0, "data[PARAMS][MESSAGE]"},
		"a field of almost the whole of it":   {"data[PARAMS][X]=" + strings.Repeat("x", 1_000_000), 0, "data[PARAMS][X]"},
		"a name of almost the whole of it":    {"data[PARAMS][" + strings.Repeat("x", 1_000_000) + "]=1", 0, "data[PARAMS][MESSAGE]"},
		"names that are no names, too many":   {strings.Repeat("[x]=1&", 12_000), 0, "data[PARAMS][MESSAGE]"},
		"a bot behind a list":                 {many(12_000, "data[USERS][]=#") + "&data[BOT][999][AUTH][access_token]=x", 2_010, "data[BOT][999][AUTH][access_token]"},
		"fields that become an array, a text": {strings.Repeat("data[PARAMS][X]=1&data[PARAMS][X][]=1&", 12_000), 7_005, "data[PARAMS][MESSAGE]"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := make(chan *events.Event, 1)
			h := newHandler(t, events.OnMessageAdd(func(_ context.Context, event *events.Event) error { got <- event; return nil }))
			body := message(tt.fields)
			require.Less(t, len(body), 1<<20)
			require.Equal(t, http.StatusOK, serve(h, post(t, "/", body)))
			require.NoError(t, h.Shutdown(t.Context()))
			event := <-got
			assert.Equal(t, imbot.BotID(567), event.Bots[0].ID)
			assert.Equal(t, "EXAMPLE_BOT", event.Bots[0].Token.AccessToken)
			assert.Equal(t, "hello", event.Param("MESSAGE"))
			assert.Equal(t, tt.leftOut, event.LeftOut)
			assert.True(t, event.Values.Has(tt.name), tt.name)
			assert.Equal(t, imbot.ChatID(1157), event.ChatID)
			assert.Equal(t, imbot.UserID(27), event.UserID)
			assert.Equal(t, imbot.DialogID("chat1157"), event.DialogID)
		})
	}
}

// A body costs a small multiple of its size, whatever is in it.
func TestParse_memory(t *testing.T) { //nolint:paralleltest // it measures what all goroutines together take
	const most = 16 // times the size of the body, with all that is thrown away on the way
	fill := func(field string) string {
		return message(many((1<<20-2000)/len(field), field))[:1<<20]
	}
	for name, body := range map[string]string{ //nolint:paralleltest // as above
		"short fields": fill("#"), "parameters": fill("data[#]"), "a list": fill("a[]"), "escapes": fill("%61#"),
		"deep arrays": fill("a[#]" + strings.Repeat("[]", 60)), "deep bots": fill("data[BOT][1#]" + strings.Repeat("[]", 60)),
		"deep arrays of one name": fill("a" + strings.Repeat("[]", 64)), "arrays that become texts": fill("a[]&a"),
		"JSON, a list":     `{"event":"A","a":[` + strings.Repeat("1,", 500_000) + `1]}`,
		"JSON, long names": `{"event":"A","` + strings.Repeat("x", 390) + `":[` + strings.Repeat("1,", 500_000) + `1]}`,
		"JSON, deep":       `{"event":"A","a":` + strings.Repeat("[", 9_000) + strings.Repeat("1,", 500_000) + "1" + strings.Repeat("]", 9_000) + `}`,
		"a long name":      message(strings.Repeat("x", 1_000_000) + strings.Repeat("[x]", 64)),
	} {
		t.Run(name, func(t *testing.T) {
			r := post(t, "/", body)
			if strings.HasPrefix(body, "{") {
				r.Header.Set("Content-Type", "application/json")
			}
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			_, err := events.Parse(r)
			runtime.ReadMemStats(&after)
			require.NoError(t, err)
			assert.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(most*len(body)))
		})
	}
}

package imbottest_test

import (
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-a6e4e5a4/imbot/imbottest"
)

// TestBatch_journal covers what is known of commands afterwards.
func TestBatch_journal(t *testing.T) {
	t.Parallel()
	// line is a call, in short.
	type line struct {
		method, label string
		status        int
		code          string
	}
	const wrong = "ACCESS_DENIED_KICK"
	body := `{"cmd":{"x":"` + leaveOf("99") + `","y":"batch","z":"` + chatless + `","w":"` + list13 + `"}}`
	page := imbottest.Raw(http.StatusBadGateway, "text/html", "<html>")
	tests := []struct {
		name    string
		opts    []imbottest.Option
		prepare func(*imbottest.Portal)
		lines   []line
	}{
		{
			name:  "codes",
			lines: []line{{"batch", "", 200, ""}, {chatLeave, "x", 200, wrong}, {chatLeave, "z", 200, "CHAT_ID_EMPTY"}, {"imbot.chat.user.list", "w", 200, ""}},
		},
		{
			name:  "stale codes",
			opts:  []imbottest.Option{imbottest.StaleCodes()},
			lines: []line{{"batch", "", 200, ""}, {chatLeave, "x", 200, wrong}, {chatLeave, "z", 200, wrong}, {"imbot.chat.user.list", "w", 200, ""}},
		},
		{
			name:  "documented codes are never stale",
			opts:  []imbottest.Option{imbottest.StaleCodes(), imbottest.WithWire(imbottest.Documented)},
			lines: []line{{"batch", "", 200, ""}, {chatLeave, "x", 200, "WRONG_REQUEST"}, {chatLeave, "z", 200, "CHAT_ID_EMPTY"}, {"imbot.chat.user.list", "w", 200, ""}},
		},
		{
			name:    "another answer to the whole batch",
			prepare: func(p *imbottest.Portal) { p.On("imbot.chat.user.list", page) },
			lines:   []line{{"batch", "", 502, ""}, {chatLeave, "x", 200, wrong}, {chatLeave, "z", 200, "CHAT_ID_EMPTY"}, {"imbot.chat.user.list", "w", 0, ""}},
		},
		{
			name:    "a prepared batch",
			prepare: func(p *imbottest.Portal) { p.On("batch", imbottest.Refuse(503, "OVERLOAD_LIMIT", "")) },
			lines:   []line{{"batch", "", 503, "OVERLOAD_LIMIT"}},
		},
		{
			name:    "a lost answer",
			prepare: func(p *imbottest.Portal) { p.Fault("batch", page502After()) },
			lines:   []line{{"batch", "", 502, ""}, {chatLeave, "x", 200, wrong}, {chatLeave, "z", 200, "CHAT_ID_EMPTY"}, {"imbot.chat.user.list", "w", 200, ""}},
		},
		{
			name:    "an answer that a command loses",
			prepare: func(p *imbottest.Portal) { p.Fault(chatLeave, page502After()) },
			lines:   []line{{"batch", "", 502, ""}, {chatLeave, "x", 200, wrong}, {chatLeave, "z", 200, "CHAT_ID_EMPTY"}, {"imbot.chat.user.list", "w", 200, ""}},
		},
		{
			name:    "a batch that ends at a command",
			prepare: func(p *imbottest.Portal) { p.Fault(chatLeave, imbottest.NoFault(), page502()) },
			lines:   []line{{"batch", "", 502, ""}, {chatLeave, "x", 200, wrong}, {chatLeave, "z", 0, ""}},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			portal := imbottest.NewPortal(t, tt.opts...)
			if tt.prepare != nil {
				tt.prepare(portal)
			}
			send(t, portal, batchOf(body))
			var lines []line
			for _, call := range portal.Calls() {
				lines = append(lines, line{call.Method, call.Label, call.Status, call.Code})
			}
			assert.Equal(t, tt.lines, lines)
		})
	}

	t.Run("what a command has of its batch", func(t *testing.T) {
		t.Parallel()
		portal := imbottest.NewPortal(t)
		send(t, portal, batchOf(`{"cmd":{"a":"`+leave39+`"}}`).at(batchPath+"?x=1").with("X-Test", "2"))
		calls := portal.Calls()
		require.Len(t, calls, 2)
		want := calls[0]
		want.Method, want.Label, want.At = chatLeave, "a", calls[1].At
		want.Params = map[string]any{"CHAT_ID": "13", "BOT_ID": "39", "CLIENT_ID": "my"}
		assert.Equal(t, want, calls[1])
		assert.Equal(t, "1", calls[1].Query.Get("x"))
		assert.Equal(t, "2", calls[1].Header.Get("X-Test"))
	})
}

func page502() imbottest.Fault { return imbottest.HTML(http.StatusBadGateway) }

func page502After() imbottest.Fault { return imbottest.HTMLAfter(http.StatusBadGateway) }

// TestBatch_timeBlocks compares the times of commands with that of a call, letter by letter.
func TestBatch_timeBlocks(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name    string
		options []imbottest.Option
		a, b    string
		outer   string
	}{
		{
			"cloud", nil,
			`{"start":946684800,"finish":946684802.5,"duration":2.5,"processing":2,"date_start":"2000-01-01T03:00:00+03:00","date_finish":"2000-01-01T03:00:02+03:00","operating_reset_at":946685400,"operating":2.5}`,
			`{"start":946684802,"finish":946684805,"duration":3,"processing":3,"date_start":"2000-01-01T03:00:02+03:00","date_finish":"2000-01-01T03:00:05+03:00","operating_reset_at":946685402,"operating":2.5}`,
			`{"start":946684800,"finish":946684805,"duration":5,"processing":5,"date_start":"2000-01-01T03:00:00+03:00","date_finish":"2000-01-01T03:00:05+03:00","operating_reset_at":946685400,"operating":0}`,
		},
		{
			"cloud, on the account of the batch",
			[]imbottest.Option{imbottest.ChargeBatch()},
			`{"start":946684800,"finish":946684802.5,"duration":2.5,"processing":2,"date_start":"2000-01-01T03:00:00+03:00","date_finish":"2000-01-01T03:00:02+03:00","operating_reset_at":946685400,"operating":2.5}`,
			`{"start":946684802,"finish":946684805,"duration":3,"processing":3,"date_start":"2000-01-01T03:00:02+03:00","date_finish":"2000-01-01T03:00:05+03:00","operating_reset_at":946685400,"operating":5}`,
			`{"start":946684800,"finish":946684805,"duration":5,"processing":5,"date_start":"2000-01-01T03:00:00+03:00","date_finish":"2000-01-01T03:00:05+03:00","operating_reset_at":946685400,"operating":5}`,
		},
		{
			"self-hosted",
			[]imbottest.Option{imbottest.SelfHosted()},
			`{"start":946684800,"finish":946684802.5,"duration":2.5,"processing":2.5,"date_start":"2000-01-01T03:00:00+03:00","date_finish":"2000-01-01T03:00:02+03:00"}`,
			`{"start":946684802.5,"finish":946684805,"duration":2.5,"processing":2.5,"date_start":"2000-01-01T03:00:02+03:00","date_finish":"2000-01-01T03:00:05+03:00"}`,
			`{"start":946684800,"finish":946684805,"duration":5,"processing":5,"date_start":"2000-01-01T03:00:00+03:00","date_finish":"2000-01-01T03:00:05+03:00"}`,
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				portal := imbottest.NewPortal(t, append(tt.options, imbottest.CostTakesTime(), imbottest.WithCost(imbottest.ConstantCost(2500*time.Millisecond)))...)
				got := send(t, portal, batchOf(`{"cmd":{"a":"`+list13+`","b":"`+leave39+`","c":"batch"}}`))
				assertBytes(t, `{"result":{"result":{"a":[1,39,50],"b":true},"result_error":{"c":`+notInside+
					`},"result_total":[],"result_next":[],"result_time":{"a":`+tt.a+`,"b":`+tt.b+`}},"time":`+tt.outer+`}`, got.body)
			})
		})
	}
}

// TestChargeBatch covers the portal that has one account for all commands.
func TestChargeBatch(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		portal := imbottest.NewPortal(t, imbottest.ChargeBatch(), imbottest.WithOperatingLimit(5*time.Second),
			imbottest.WithCost(imbottest.ConstantCost(2*time.Second)))
		three := batchOf(`{"cmd":["` + list13 + `","` + list13 + `","` + list13 + `"]}`)
		single := post("imbot.chat.user.list", botTrue)
		used, _ := operating(t, send(t, portal, single))
		assert.InDelta(t, 2, used, 0)

		got := send(t, portal, three)
		used, resetAt := operating(t, got)
		assert.InDelta(t, 6, used, 0, "a batch that passes the limit is completed")
		assert.Equal(t, time.Now().Add(10*time.Minute).Unix(), resetAt.Unix())
		assert.Contains(t, string(partsOf(t, got).Times), `"operating":2}`, "what single calls have used")

		assertError(t, 429, "OPERATION_TIME_LIMIT", "Method is blocked due to operation time limit.", send(t, portal, three))
		assertError(t, 429, "OPERATION_TIME_LIMIT", "Method is blocked due to operation time limit.", send(t, portal, batchOf(`{}`)))
		assert.Len(t, portal.Calls("imbot.chat.user.list"), 4, "nothing was run")
		used, _ = operating(t, send(t, portal, single))
		assert.InDelta(t, 4, used, 0, "single calls have an account of their own")
		send(t, portal, single)

		time.Sleep(time.Until(resetAt) - time.Second) // fake clock
		assert.Equal(t, http.StatusTooManyRequests, send(t, portal, three).status)
		time.Sleep(time.Second) // fake clock
		used, _ = operating(t, send(t, portal, three))
		assert.InDelta(t, 6, used, 0)
	})
}

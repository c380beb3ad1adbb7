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

const chatLeave = "imbot.chat.leave"

// TestRows_scripted covers the answers that a portal gives only if it is told to.
func TestRows_scripted(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		answer imbottest.Answer
		status int
		body   string
		code   string
	}{
		{"42 code in upper case", imbottest.Refuse(401, "EXPIRED_TOKEN", "The access token provided has expired."), 401, `{"error":"EXPIRED_TOKEN","error_description":"The access token provided has expired."}`, "EXPIRED_TOKEN"},
		{"57 error inside 200", imbottest.Refuse(200, "internal", "x"), 200, `{"error":"internal","error_description":"x"}`, "internal"},
		{"58 HTML", imbottest.Raw(500, "text/html", "<html>Fatal error</html>"), 500, "<html>Fatal error</html>", ""},
		{"59 empty body", imbottest.Raw(500, "", ""), 500, "", ""},
		{"64 empty code", imbottest.Refuse(400, "", "something"), 400, `{"error":"","error_description":"something"}`, ""},
		{"65 code is a number", imbottest.Raw(400, "application/json", `{"error":100,"error_description":"x"}`), 400, `{"error":100,"error_description":"x"}`, "100"},
		{"66 no description", imbottest.Raw(400, "application/json", `{"error":"invalid_grant"}`), 400, `{"error":"invalid_grant"}`, "invalid_grant"},
		{"67 null description", imbottest.Raw(400, "application/json", `{"error":"x","error_description":null}`), 400, `{"error":"x","error_description":null}`, "x"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			portal := imbottest.NewPortal(t)
			portal.On(chatLeave, tt.answer)
			got := send(t, portal, leave(botTrue))
			assert.Equal(t, tt.status, got.status)
			assert.Equal(t, tt.body, got.body)
			assert.Equal(t, tt.code, portal.Calls()[0].Code)
			assert.True(t, portal.Has(imbottest.ChatGroup, imbottest.BotMain), "a script does nothing")
		})
	}

	t.Run("70 result false", func(t *testing.T) {
		t.Parallel()
		portal := imbottest.NewPortal(t)
		portal.On(chatLeave, imbottest.Result(false))
		assertResult(t, "false", send(t, portal, leave(botTrue)))
	})
}

// TestRows_time covers the time that every success tells, at a known moment.
func TestRows_time(t *testing.T) {
	t.Parallel()
	const moment = 946684800 // when the bubble's clock starts
	tests := []struct {
		name    string
		options []imbottest.Option
		time    string
	}{
		{
			"1 cloud", nil,
			`"time":{"start":946684800,"finish":946684802.5,"duration":2.5,"processing":2,"date_start":"2000-01-01T03:00:00+03:00","date_finish":"2000-01-01T03:00:02+03:00","operating_reset_at":946685400,"operating":2.5}`,
		},
		{
			"68 and 69 self-hosted",
			[]imbottest.Option{imbottest.SelfHosted()},
			`"time":{"start":946684800.25,"finish":946684802.5,"duration":2.25,"processing":2.25,"date_start":"2000-01-01T03:00:00+03:00","date_finish":"2000-01-01T03:00:02+03:00"}`,
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				require.Equal(t, int64(moment), time.Now().Unix())
				cost := func(string) time.Duration { return 2500 * time.Millisecond }
				if len(tt.options) > 0 { // its clock shows fractions from the start
					time.Sleep(250 * time.Millisecond) // fake clock
					cost = func(string) time.Duration { return 2250 * time.Millisecond }
				}
				portal := imbottest.NewPortal(t, append(tt.options, imbottest.WithCost(cost), imbottest.CostTakesTime())...)
				got := send(t, portal, leave(botTrue))
				assertBytes(t, `{"result":true,`+tt.time+`}`, got.body)
			})
		})
	}
}

func TestRows_lists(t *testing.T) {
	t.Parallel()
	post := func(method, body string) request {
		return request{path: "/rest/1/s3cr3t00/" + method, body: body}
	}
	tests := []struct {
		name    string
		options []imbottest.Option
		request request
		result  string
		failure failed
	}{
		{"71 no bots", []imbottest.Option{imbottest.Empty()}, post("imbot.bot.list", `{}`), `[]`, failed{}},
		{
			"72 all bots", nil, post("imbot.bot.list", `{}`),
			`{"39":{"ID":39,"NAME":"Main bot","CODE":"main","OPENLINE":"N"},"41":{"ID":41,"NAME":"Second bot","CODE":"second","OPENLINE":"Y"},"50":{"ID":50,"NAME":"Bot of an application","CODE":"app","OPENLINE":"N"}}`,
			failed{},
		},
		{"74 members", nil, post("imbot.chat.user.list", botTrue), `[1,39,50]`, failed{}},
		{"74 members, no bot named", nil, post("imbot.chat.user.list", `{"chat_id":"13","client_id":"my"}`), `[1,39,50]`, failed{}},
		{"74 members, bot not in the chat", nil, post("imbot.chat.user.list", `{"CHAT_ID":14,"BOT_ID":39,"CLIENT_ID":"my"}`), `[]`, failed{}},
		{"74 members, unknown chat", nil, post("imbot.chat.user.list", `{"CHAT_ID":99,"BOT_ID":39,"CLIENT_ID":"my"}`), `[]`, failed{}},
		{"74 members, no chat", nil, post("imbot.chat.user.list", `{"BOT_ID":39,"CLIENT_ID":"my"}`), "", chatIDEmpty},
		{"74 members, general chat", nil, post("imbot.chat.user.list", `{"CHAT_ID":1,"BOT_ID":39}`), "", unavailable},
		{"74 members, no client id", nil, post("imbot.chat.user.list", `{"CHAT_ID":13,"BOT_ID":39}`), "", noClientID},
		{"74 members, foreign bot", nil, post("imbot.chat.user.list", `{"CHAT_ID":13,"BOT_ID":50,"CLIENT_ID":"my"}`), "", foreignBot},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got := send(t, imbottest.NewPortal(t, tt.options...), tt.request)
			if tt.result == "" {
				assertError(t, tt.failure.status, tt.failure.code, tt.failure.description, got)
				return
			}
			assertResult(t, tt.result, got)
		})
	}
}

func TestRows_headers(t *testing.T) {
	t.Parallel()

	t.Run("99 OPTIONS", func(t *testing.T) {
		t.Parallel()
		r := leave(botTrue)
		r.method = http.MethodOptions
		portal := imbottest.NewPortal(t)
		got := send(t, portal, r)
		assert.Equal(t, http.StatusOK, got.status)
		assert.Empty(t, got.body)
		assert.Equal(t, "*", got.header.Get("Access-Control-Allow-Origin"))
		assert.Equal(t, "origin, content-type, accept", got.header.Get("Access-Control-Allow-Headers"))
		assert.True(t, portal.Has(imbottest.ChatGroup, imbottest.BotMain))
	})

	t.Run("100 escapes", func(t *testing.T) {
		t.Parallel()
		got := send(t, imbottest.NewPortal(t), leave(`{}`))
		assertBytes(t, `{"error":"CHAT_ID_EMPTY","error_description":"Chat ID can\u0027t be empty"}`, got.body)
		assert.Equal(t, "application/json; charset=utf-8", got.header.Get("Content-Type"))
		assert.Equal(t, "nosniff", got.header.Get("X-Content-Type-Options"))
	})

	t.Run("cloud", func(t *testing.T) {
		t.Parallel()
		r := leaveOAuth(`{"auth":"tok-ok","CHAT_ID":13}`)
		got := send(t, imbottest.NewPortal(t), r)
		assert.Equal(t, imbottest.App, got.header.Get("X-Bitrix-Rest-Application"))
		assert.Regexp(t, `^\d+\.\d+$`, got.header.Get("X-Bitrix-Rest-Time"))

		got = send(t, imbottest.NewPortal(t, imbottest.SelfHosted()), r)
		assert.Equal(t, http.StatusOK, got.status)
		for name := range got.header {
			assert.NotContains(t, name, "X-Bitrix-Rest")
		}
	})
}

// TestRows_faults covers the answers of a portal or a network in trouble.
func TestRows_faults(t *testing.T) {
	t.Parallel()
	in := func(portal *imbottest.Portal) bool { return portal.Has(imbottest.ChatGroup, imbottest.BotMain) }

	t.Run("52 rate limit", func(t *testing.T) {
		t.Parallel()
		portal := imbottest.NewPortal(t, imbottest.WithRateLimit(0.001, 1))
		assertError(t, 400, "CHAT_ID_EMPTY", "Chat ID can't be empty", send(t, portal, leave(`{}`)))
		assertError(t, 503, "QUERY_LIMIT_EXCEEDED", "Too many requests", send(t, portal, leave(botTrue).at("/rest/1/bad/nothing")))
		assert.True(t, in(portal))
	})

	t.Run("53 operating limit", func(t *testing.T) {
		t.Parallel()
		portal := imbottest.NewPortal(t, imbottest.WithOperatingLimit(time.Second),
			imbottest.WithCost(func(string) time.Duration { return time.Second }))
		assertError(t, 400, "CHAT_ID_EMPTY", "Chat ID can't be empty", send(t, portal, leave(`{}`)))
		assertError(t, 429, "OPERATION_TIME_LIMIT", "Method is blocked due to operation time limit.", send(t, portal, leave(botTrue)))
		assert.True(t, in(portal))
	})

	t.Run("54 overload", func(t *testing.T) {
		t.Parallel()
		portal := imbottest.NewPortal(t)
		for set, want := range map[int]int{0: 401, 503: 503} {
			portal.Overload(set)
			assertError(t, want, "OVERLOAD_LIMIT", "REST API is blocked due to overload.", send(t, portal, leave(botTrue)))
			assertError(t, want, "OVERLOAD_LIMIT", "REST API is blocked due to overload.", send(t, portal, leaveOAuth(`{"auth":"tok-old"}`)))
		}
		assertError(t, 401, badHook.code, badHook.description, send(t, portal, leave(botTrue).at("/rest/1/bad/imbot.chat.leave")))
		portal.Reopen()
		assertResult(t, "true", send(t, portal, leave(botTrue)))
	})

	t.Run("55 portal closed", func(t *testing.T) {
		t.Parallel()
		portal := imbottest.NewPortal(t)
		for set, want := range map[int]int{0: 403, 410: 410, 500: 500} {
			portal.CloseSite(set)
			assertError(t, want, "PORTAL_DELETED", "Portal was deleted", send(t, portal, leave(botTrue).at("/rest/1/bad/nothing")))
		}
		portal.Reopen()
		assertResult(t, "true", send(t, portal, leave(botTrue)))
	})

	t.Run("56 renamed", func(t *testing.T) {
		t.Parallel()
		portal := imbottest.NewPortal(t)
		portal.Rename("new.example")
		r := leave(botTrue).at("/rest/1/s3cr3t00/imbot.chat.leave?x=%2F")
		got := send(t, portal, r)
		assert.Equal(t, http.StatusFound, got.status)
		assert.Equal(t, "https://new.example/rest/1/s3cr3t00/imbot.chat.leave?x=%2F", got.header.Get("Location"))
		assert.True(t, in(portal))

		r.host = "https://new.example"
		assertResult(t, "true", send(t, portal, r))
		calls := portal.Calls(chatLeave)
		require.Len(t, calls, 2)
		assert.Equal(t, []string{"portal.example", "new.example"}, []string{calls[0].Host, calls[1].Host})
		assert.Equal(t, []int{302, 200}, []int{calls[0].Status, calls[1].Status})

		portal.Rename("Newer.example")
		assert.Equal(t, "https://newer.example/rest/1/s3cr3t00/imbot.chat.leave?x=%2F", send(t, portal, r).header.Get("Location"))
		portal.Rename("new.example")
		assertError(t, notMember.status, notMember.code, notMember.description, send(t, portal, r))
	})

	t.Run("60 HTML after the act", func(t *testing.T) {
		t.Parallel()
		portal := imbottest.NewPortal(t)
		portal.Fault(chatLeave, imbottest.HTMLAfter(504))
		got := send(t, portal, leave(botTrue))
		assert.Equal(t, 504, got.status)
		assert.Contains(t, got.body, "<html>")
		assert.False(t, in(portal))
		assertError(t, notMember.status, notMember.code, notMember.description, send(t, portal, leave(botTrue)))
	})

	t.Run("61 cut after the act", func(t *testing.T) {
		t.Parallel()
		portal := imbottest.NewPortal(t)
		portal.Fault(chatLeave, imbottest.LoseAfter())
		_, err := try(t, portal, leave(botTrue))
		require.Error(t, err)
		assert.False(t, in(portal))
		assertError(t, notMember.status, notMember.code, notMember.description, send(t, portal, leave(botTrue)))
	})

	t.Run("62 JSON cut", func(t *testing.T) {
		t.Parallel()
		portal := imbottest.NewPortal(t)
		portal.Fault(chatLeave, imbottest.CutJSON(12))
		got := send(t, portal, leave(botTrue))
		assert.Equal(t, 200, got.status)
		assert.Equal(t, `{"result":tr`, got.body)
		assert.False(t, in(portal))
	})

	t.Run("63 login page", func(t *testing.T) {
		t.Parallel()
		portal := imbottest.NewPortal(t)
		portal.Fault(chatLeave, imbottest.HTML(200))
		got := send(t, portal, leave(botTrue))
		assert.Equal(t, 200, got.status)
		assert.Equal(t, "text/html; charset=UTF-8", got.header.Get("Content-Type"))
		assert.Contains(t, got.body, "<html>")
		assert.True(t, in(portal))
	})
}

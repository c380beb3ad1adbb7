package imbot_test

import (
	"context"
	"errors"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/imbottest"
	"github.com/seed-a6e4e5a4/imbot/internal/clienttest"
)

// What is repeated depends on what is known of the first request, and on what is called.
func TestRepeats(t *testing.T) {
	t.Parallel()
	refuse := func(status int, code string) imbottest.Answer { return imbottest.Refuse(status, code, "x") }
	tests := []struct {
		name               string
		answer             imbottest.Answer
		fault              *imbottest.Fault
		leave, read, goal  int // requests made by each
		unknownAfterLeave  bool
		notAmongPortalsOwn bool // the requests do not reach the portal, and are counted on this side alone
	}{
		{name: "rate limit: refused at the door", answer: refuse(503, "QUERY_LIMIT_EXCEEDED"), leave: 4, read: 4, goal: 4},
		{name: "rate limit inside 200", answer: refuse(200, "query_limit_exceeded"), leave: 4, read: 4, goal: 4},
		{name: "rate limit, and an empty list", answer: imbottest.Raw(503, "application/json", `{"result":[],"error":"QUERY_LIMIT_EXCEEDED"}`), leave: 4, read: 4, goal: 4},
		{name: "429 without a word", answer: imbottest.Raw(429, "", ""), leave: 4, read: 4, goal: 4},
		{name: "429 with a page", answer: imbottest.Raw(429, "text/html", "<html>"), leave: 4, read: 4, goal: 4},
		{name: "429 with a text", answer: imbottest.Raw(429, "text/plain", "slow down"), leave: 4, read: 4, goal: 4},
		{name: "429 with a number", answer: imbottest.Raw(429, "application/json", "429"), leave: 4, read: 4, goal: 4},
		{name: "429 with an empty result", answer: imbottest.Raw(429, "application/json", `{"result":null}`), leave: 4, read: 4, goal: 4},
		{name: "429 with another code", answer: refuse(429, "TOO_MANY_REQUESTS"), leave: 4, read: 4, goal: 4},
		{name: "429 with a code of the method", answer: refuse(429, "WRONG_REQUEST"), leave: 4, read: 4, goal: 4},
		{name: "429 with a code that proves nothing elsewhere", answer: refuse(429, "INTERNAL_SERVER_ERROR"), leave: 4, read: 4, goal: 4},
		{name: "429 with two codes", answer: imbottest.Raw(429, "application/json", `{"error":"X","error":"Y"}`), leave: 4, read: 4, goal: 4},
		{name: "429 that is a manual block", answer: refuse(429, "overload_limit"), leave: 1, read: 1, goal: 1},
		{name: "429 with a result: who knows", answer: imbottest.Raw(429, "application/json", `{"result":true}`), leave: 1, read: 4, goal: 4, unknownAfterLeave: true},
		{name: "429 with a code and a result", answer: imbottest.Raw(429, "application/json", `{"result":true,"error":"TOO_MANY_REQUESTS"}`), leave: 1, read: 4, goal: 4, unknownAfterLeave: true},
		{name: "an error and none, and a result", answer: imbottest.Raw(200, "application/json", `{"error":"X","error":null,"result":true}`), leave: 1, read: 4, goal: 4, unknownAfterLeave: true},
		{name: "two results", answer: imbottest.Raw(200, "application/json", `{"result":true,"result":false}`), leave: 1, read: 4, goal: 4, unknownAfterLeave: true},
		{name: "no connection", fault: new(imbottest.RefuseDial()), leave: 4, read: 4, goal: 4, notAmongPortalsOwn: true},
		{name: "manual block, although a 503", answer: refuse(503, "OVERLOAD_LIMIT"), leave: 1, read: 1, goal: 1},
		{name: "closed portal, although a 500", answer: refuse(500, "PORTAL_DELETED"), leave: 1, read: 1, goal: 1},
		{name: "rate limit, and a result: who knows", answer: imbottest.Raw(200, "application/json", `{"result":true,"error":"QUERY_LIMIT_EXCEEDED"}`), leave: 1, read: 4, goal: 4, unknownAfterLeave: true},
		{name: "a block, and a result", answer: imbottest.Raw(200, "application/json", `{"result":true,"error":"OPERATION_TIME_LIMIT"}`), leave: 1, read: 4, goal: 4, unknownAfterLeave: true},
		{name: "a redirect, and a result", answer: imbottest.Raw(302, "application/json", `{"result":true}`), leave: 1, read: 4, goal: 4, unknownAfterLeave: true},
		{name: "scope", answer: refuse(401, "insufficient_scope"), leave: 1, read: 1, goal: 1},
		{name: "plan", answer: refuse(403, "ACCESS_DENIED"), leave: 1, read: 1, goal: 1},
		{name: "expired token of a webhook: nothing to refresh", answer: refuse(401, "expired_token"), leave: 1, read: 1, goal: 1},
		{name: "empty code", answer: refuse(400, ""), leave: 1, read: 1, goal: 1},
		{name: "a firewall's page", answer: imbottest.Raw(403, "text/html", "<html>"), leave: 1, read: 1, goal: 1},
		{name: "a redirect", answer: imbottest.Raw(302, "text/html", ""), leave: 1, read: 1, goal: 1},
		{name: "internal error: who knows", answer: refuse(500, "INTERNAL_SERVER_ERROR"), leave: 1, read: 4, goal: 4, unknownAfterLeave: true},
		{name: "a 502 page", answer: imbottest.Raw(502, "text/html", "<html>"), leave: 1, read: 4, goal: 4, unknownAfterLeave: true},
		{name: "a 503 page is not the rate limit", answer: imbottest.Raw(503, "text/html", "<html>"), leave: 1, read: 4, goal: 4, unknownAfterLeave: true},
		{name: "a login page", answer: imbottest.Raw(200, "text/html", "<html>"), leave: 1, read: 4, goal: 4, unknownAfterLeave: true},
		{name: "half an answer", answer: imbottest.Raw(200, "application/json", `{"result":tr`), leave: 1, read: 4, goal: 4, unknownAfterLeave: true},
		{name: "cut connection", answer: imbottest.Broken(), leave: 1, read: 4, goal: 4, unknownAfterLeave: true},
		{name: "no answer in time", fault: new(imbottest.SlowBefore(time.Hour)), leave: 1, read: 4, goal: 4, unknownAfterLeave: true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			calls := map[string]struct {
				method string
				call   func(ctx context.Context, client *imbot.Client) error
				want   int
			}{
				"Leave": {"imbot.chat.leave", func(ctx context.Context, client *imbot.Client) error {
					_, err := client.Chat.Leave(ctx, clienttest.Leave13)
					assert.Equal(t, tt.unknownAfterLeave, errors.Is(err, imbot.ErrOutcomeUnknown))
					return err
				}, tt.leave},
				"a read": {"imbot.bot.list", func(ctx context.Context, client *imbot.Client) error {
					_, err := imbot.Call(ctx, client, clienttest.Reading, struct{}{})
					return err
				}, tt.read},
				"EnsureLeft": {"imbot.chat.leave", func(ctx context.Context, client *imbot.Client) error {
					outcome, err := client.Chat.EnsureLeft(ctx, imbot.ChatLeaveRequest{ChatID: 13})
					assert.Equal(t, imbot.LeaveOutcome{Attempts: tt.goal}, outcome)
					return err
				}, tt.goal},
			}
			for name, c := range calls {
				synctest.Test(t, func(t *testing.T) {
					portal := imbottest.Start()
					defer portal.Close()
					if tt.fault == nil {
						portal.On(c.method, tt.answer)
					} else {
						portal.FaultFunc(func(imbottest.Call) imbottest.Fault { return *tt.fault })
					}
					seen := 0
					var bodies []string
					client := portal.Client(imbot.WithObserver(func(_ context.Context, a imbot.Attempt) {
						seen++
						assert.Equal(t, seen, a.Number)
					}))

					ctx, cancel := context.WithTimeout(t.Context(), 24*time.Hour) // repeats that never end fail
					defer cancel()

					err := c.call(ctx, client)

					require.Error(t, err, name)
					assert.Equal(t, c.want, seen, name)
					for _, call := range portal.Calls(c.method) {
						bodies = append(bodies, string(call.Body))
					}
					if tt.notAmongPortalsOwn {
						return
					}
					assert.Len(t, bodies, c.want, name)
					for _, body := range bodies {
						assert.Equal(t, bodies[0], body, "the body is built anew for each attempt")
						assert.NotEmpty(t, body)
					}
				})
			}
		})
	}
}

func TestRepeats_endInSuccess(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		portal := imbottest.Start()
		defer portal.Close()
		portal.On("imbot.chat.leave", imbottest.Refuse(503, "QUERY_LIMIT_EXCEEDED", ""), imbottest.Refuse(503, "QUERY_LIMIT_EXCEEDED", ""), imbottest.Result(true))

		response, err := portal.Client().Chat.Leave(t.Context(), clienttest.Leave13)

		require.NoError(t, err)
		assert.True(t, response.Result)
		assert.Len(t, portal.Calls(), 3)
	})
}

func TestWithRetry_bounds(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name    string
		policy  imbot.RetryPolicy
		want    int
		longest time.Duration // all pauses together
	}{
		{"off", imbot.RetryPolicy{}, 1, 0},
		{"once", imbot.RetryPolicy{MaxAttempts: 1}, 1, 0},
		{"default pauses", imbot.RetryPolicy{MaxAttempts: 3}, 3, 500*time.Millisecond + time.Second},
		{"a bound alone", imbot.RetryPolicy{MaxAttempts: 3, MaxDelay: 100 * time.Millisecond}, 3, 200 * time.Millisecond},
		{"a beginning alone", imbot.RetryPolicy{MaxAttempts: 2, BaseDelay: time.Minute}, 2, time.Minute},
		{"pauses that grow to a bound", imbot.RetryPolicy{MaxAttempts: 5, BaseDelay: time.Second, MaxDelay: 3 * time.Second}, 5, (1 + 2 + 3 + 3) * time.Second},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				portal := imbottest.Start()
				defer portal.Close()
				portal.On("imbot.chat.leave", imbottest.Refuse(503, "QUERY_LIMIT_EXCEEDED", ""))
				start := time.Now()

				_, err := portal.Client(imbot.WithRetry(tt.policy), imbot.WithLimiter(nil)).Chat.Leave(t.Context(), clienttest.Leave13)

				require.ErrorIs(t, err, imbot.ErrQueryLimitExceeded)
				assert.Len(t, portal.Calls(), tt.want)
				assert.LessOrEqual(t, time.Since(start), tt.longest+time.Millisecond)
			})
		})
	}
}

func TestWithRetry_refuses(t *testing.T) {
	t.Parallel()
	for name, policy := range map[string]imbot.RetryPolicy{
		"negative attempts":       {MaxAttempts: -1},
		"negative delay":          {MaxAttempts: 2, BaseDelay: -1},
		"delays without attempts": {BaseDelay: time.Second},
		"more than a day":         {MaxAttempts: 2, BaseDelay: 1<<63 - 1, MaxDelay: 1<<63 - 1},
		"bounds the wrong way":    {MaxAttempts: 2, BaseDelay: time.Second, MaxDelay: time.Millisecond},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := imbot.NewClient(imbot.Webhook(clienttest.WebhookURL), imbot.WithRetry(policy))
			var paramErr *imbot.ParamError
			require.ErrorAs(t, err, &paramErr)
			assert.Equal(t, "WithRetry", paramErr.Param)
		})
	}
}

// A pause that would outlast the deadline is not begun, and the refusal is still there to ask for.
func TestRepeats_failAtOnceWhereThereIsNoTime(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		portal := imbottest.Start()
		defer portal.Close()
		portal.On("imbot.chat.leave", imbottest.Refuse(503, "QUERY_LIMIT_EXCEEDED", "Too many requests"))
		client := portal.Client(imbot.WithLimiter(nil), imbot.WithRetry(imbot.RetryPolicy{MaxAttempts: 9, BaseDelay: time.Hour, MaxDelay: time.Hour}))
		ctx, cancel := context.WithTimeout(t.Context(), time.Microsecond)
		defer cancel()
		start := time.Now()

		_, err := client.Chat.Leave(ctx, clienttest.Leave13)

		assert.Zero(t, time.Since(start), "no waiting for a deadline that is certain to come")
		require.ErrorIs(t, err, imbot.ErrQueryLimitExceeded)
		require.ErrorIs(t, err, context.DeadlineExceeded)
		require.NotErrorIs(t, err, imbot.ErrOutcomeUnknown)
		assert.Len(t, portal.Calls(), 1)
	})
}

// Retry-After is followed, also where a proxy before the portal sent it.
func TestRepeats_retryAfter(t *testing.T) {
	t.Parallel()
	for header, want := range map[string]time.Duration{
		"10":                            10 * time.Second,
		"Sat, 01 Jan 2000 00:00:15 GMT": 15 * time.Second, // a bubble's clock begins with the year 2000
		"16":                            0,                // longer than the longest pause: for the caller to wait
		"86400":                         0,
		"Fri, 31 Dec 2100 00:00:00 GMT": 0,
	} {
		synctest.Test(t, func(t *testing.T) {
			portal := imbottest.Start()
			defer portal.Close()
			requests := 0
			client := portal.Client(imbot.WithMiddleware(func(next http.RoundTripper) http.RoundTripper {
				return clienttest.RoundTrip(func(req *http.Request) (*http.Response, error) {
					if requests++; requests > 1 {
						return next.RoundTrip(req)
					}
					return &http.Response{
						StatusCode: http.StatusServiceUnavailable,
						Header:     http.Header{"Retry-After": {header}},
						Body:       http.NoBody,
					}, nil
				})
			}))
			start := time.Now()

			_, err := imbot.Call(t.Context(), client, clienttest.Reading, struct{}{})

			assert.Equal(t, want, time.Since(start).Round(time.Second), header)
			if want > 0 {
				require.NoError(t, err)
				return
			}
			var apiErr *imbot.APIError
			require.ErrorAs(t, err, &apiErr)
			assert.Greater(t, time.Until(apiErr.RetryAt), 15*time.Second)
		})
	}
}

// However a call waits, the end of its context ends it at once.
func TestCancel_endsEveryWait(t *testing.T) {
	t.Parallel()
	blocked := func(portal *imbottest.Portal) {
		portal.On("imbot.chat.leave",
			imbottest.Raw(200, "application/json", `{"result":true,"time":{"operating_reset_at":`+inMinutes(9)+`}}`),
			imbottest.Refuse(429, "OPERATION_TIME_LIMIT", ""))
	}
	tests := []struct {
		name    string
		prepare func(portal *imbottest.Portal)
		opts    []imbot.Option
		goal    bool
		first   bool // a call that succeeds comes first
		is      error
	}{
		{name: "the limiter", opts: []imbot.Option{imbot.WithLimiter(stuckLimiter{})}},
		{
			name:    "a pause before a repeat",
			prepare: func(p *imbottest.Portal) { p.On("imbot.chat.leave", imbottest.Refuse(503, "QUERY_LIMIT_EXCEEDED", "")) },
			opts:    []imbot.Option{imbot.WithRetry(imbot.RetryPolicy{MaxAttempts: 99, BaseDelay: time.Hour, MaxDelay: time.Hour})},
			is:      imbot.ErrQueryLimitExceeded,
		},
		{
			name:    "the portal",
			prepare: func(p *imbottest.Portal) { p.Fault("imbot.chat.leave", imbottest.SlowBefore(time.Hour)) },
			is:      imbot.ErrOutcomeUnknown,
		},
		{name: "a block of the method", prepare: blocked, first: true, goal: true, is: imbot.ErrOperationTimeLimit},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				portal := imbottest.Start()
				defer portal.Close()
				if tt.prepare != nil {
					tt.prepare(portal)
				}
				client := portal.Client(tt.opts...)
				if tt.first {
					_, err := client.Chat.Leave(t.Context(), clienttest.Leave13)
					require.NoError(t, err)
				}
				ctx, cancel := context.WithCancel(t.Context())
				time.AfterFunc(time.Second, cancel)
				start := time.Now()

				var err error
				if tt.goal {
					_, err = client.Chat.EnsureLeft(ctx, clienttest.Leave13)
				} else {
					_, err = client.Chat.Leave(ctx, clienttest.Leave13)
				}

				assert.Equal(t, time.Second, time.Since(start))
				require.ErrorIs(t, err, context.Canceled)
				if tt.is != nil {
					require.ErrorIs(t, err, tt.is)
				}
			}) // which fails where a goroutine is left
		})
	}
}

type stuckLimiter struct{}

func (stuckLimiter) Wait(ctx context.Context) error {
	<-ctx.Done()
	return ctx.Err()
}

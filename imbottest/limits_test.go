package imbottest_test

import (
	"context"
	"encoding/json"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/imbottest"
)

// burst sends requests until one is refused, and returns how many were not.
func burst(t *testing.T, portal *imbottest.Portal) int {
	t.Helper()
	for n := range 1000 {
		got := send(t, portal, leave(`{}`))
		if got.status == http.StatusServiceUnavailable {
			assert.Contains(t, got.body, "QUERY_LIMIT_EXCEEDED")
			return n
		}
	}
	t.Fatal("no limit in sight")
	return 0
}

func TestWithPlan(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name      string
		plan      imbot.Plan
		atOnce    int
		perSecond int
	}{
		{"Standard", imbot.PlanStandard, 50, 2},
		{"Enterprise", imbot.PlanEnterprise, 250, 5},
		{"earlier name of Standard", imbottest.Standard, 50, 2},
		{"earlier name of Enterprise", imbottest.Enterprise, 250, 5},
		{"unknown", imbottest.Plan(99), 50, 2},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				portal := imbottest.NewPortal(t, imbottest.WithPlan(tt.plan))
				assert.Equal(t, tt.atOnce, burst(t, portal))
				assert.Zero(t, burst(t, portal), "a refused request does not fill the bucket, and does not empty it")
				time.Sleep(time.Second) // fake clock
				assert.Equal(t, tt.perSecond, burst(t, portal))
				for range 10 * tt.perSecond {
					time.Sleep(time.Second / time.Duration(tt.perSecond)) // fake clock
					assert.Equal(t, http.StatusBadRequest, send(t, portal, leave(`{}`)).status, "in step with the drain")
				}
				time.Sleep(time.Hour) // fake clock
				assert.Equal(t, tt.atOnce, burst(t, portal))
			})
		})
	}

	t.Run("none", func(t *testing.T) {
		t.Parallel()
		portal := imbottest.NewPortal(t)
		for range 300 {
			require.Equal(t, http.StatusBadRequest, send(t, portal, leave(`{}`)).status)
		}
	})
}

// operating reads the counters of a success.
func operating(t *testing.T, got answer) (used float64, resetAt time.Time) {
	t.Helper()
	require.Equal(t, http.StatusOK, got.status, got.body)
	var envelope struct {
		Time struct {
			Operating float64 `json:"operating"`
			ResetAt   int64   `json:"operating_reset_at"`
		} `json:"time"`
	}
	require.NoError(t, json.Unmarshal([]byte(got.body), &envelope))
	return envelope.Time.Operating, time.Unix(envelope.Time.ResetAt, 0)
}

func TestWithOperatingLimit(t *testing.T) {
	t.Parallel()
	list := func(secret string) request { return request{path: "/rest/1/" + secret + "/imbot.bot.list"} }
	oauth := func(token string) request { return request{path: "/rest/imbot.bot.list?auth=" + token} }

	synctest.Test(t, func(t *testing.T) {
		portal := imbottest.NewPortal(t, imbottest.WithOperatingLimit(10*time.Second), imbottest.WithCost(func(method string) time.Duration {
			assert.Contains(t, []string{"imbot.bot.list", chatLeave}, method)
			return 4 * time.Second
		}))
		portal.AddWebhook(imbottest.Webhook{UserID: 1, Secret: "other", Scopes: []string{imbottest.ScopeBots}})
		portal.AddToken(imbottest.Token{AccessToken: "tok-2", App: imbottest.App, Scopes: []string{imbottest.ScopeBots}})
		start := time.Now()

		used, resetAt := operating(t, send(t, portal, list(imbottest.Secret)))
		assert.InDelta(t, 4, used, 0)
		assert.Equal(t, start.Add(10*time.Minute).Unix(), resetAt.Unix())

		time.Sleep(time.Minute) // fake clock; a second slot
		send(t, portal, list(imbottest.Secret).at("/rest/1/s3cr3t00/IMBOT.bot.list"))
		used, resetAt = operating(t, send(t, portal, list(imbottest.Secret)))
		assert.InDelta(t, 12, used, 0, "the call that passes the limit is completed")
		assert.Equal(t, start.Add(10*time.Minute).Unix(), resetAt.Unix(), "the oldest slot is the first to be forgotten")

		exhausted := func(r request) bool { return send(t, portal, r).status == http.StatusTooManyRequests }
		assert.True(t, exhausted(list(imbottest.Secret)))
		assert.False(t, exhausted(leave(`{}`)), "every method has its own budget")
		assert.False(t, exhausted(list("other")), "every webhook has its own budget")
		assert.False(t, exhausted(oauth(imbottest.TokenOK)))
		send(t, portal, oauth("tok-2"))
		used, _ = operating(t, send(t, portal, oauth("tok-2")))
		assert.InDelta(t, 12, used, 0, "the tokens of an application share a budget")
		assert.True(t, exhausted(oauth(imbottest.TokenOK)))

		time.Sleep(time.Until(resetAt) - time.Nanosecond) // fake clock
		assert.True(t, exhausted(list(imbottest.Secret)))
		time.Sleep(time.Nanosecond) // fake clock
		used, resetAt = operating(t, send(t, portal, list(imbottest.Secret)))
		assert.InDelta(t, 12, used, 0, "the first slot is forgotten, and this call is counted")
		assert.Equal(t, start.Add(11*time.Minute).Unix(), resetAt.Unix())
		assert.True(t, exhausted(list(imbottest.Secret)))
	})
}

func TestWithCost(t *testing.T) {
	t.Parallel()
	list := request{path: "/rest/1/s3cr3t00/imbot.bot.list"}

	t.Run("cheap calls are free", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			cost := 100 * time.Millisecond
			portal := imbottest.NewPortal(t, imbottest.WithCost(func(string) time.Duration { return cost }))
			used, resetAt := operating(t, send(t, portal, list))
			assert.Zero(t, used)
			assert.Equal(t, time.Now().Add(10*time.Minute).Unix(), resetAt.Unix())
			cost++
			start := time.Now()
			used, _ = operating(t, send(t, portal, list))
			assert.InDelta(t, cost.Seconds(), used, 1e-9)
			assert.Equal(t, start, time.Now(), "the cost is virtual")
		})
	})

	t.Run("takes time", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			portal := imbottest.NewPortal(t, imbottest.CostTakesTime(), imbottest.WithOperatingLimit(2*time.Minute),
				imbottest.WithCost(func(string) time.Duration { return time.Minute }))
			start := time.Now()
			send(t, portal, leave(`{}`))
			assert.Equal(t, time.Minute, time.Since(start), "a failure takes as long")

			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			defer cancel()
			req, err := http.NewRequestWithContext(ctx, http.MethodGet, portal.WebhookURL()+chatLeave+"?CHAT_ID=13&CLIENT_ID=my", nil)
			require.NoError(t, err)
			_, err = portal.HTTPClient().Do(req) //nolint:bodyclose // there is no answer
			require.ErrorIs(t, err, context.DeadlineExceeded)
			assert.Equal(t, time.Minute+time.Second, time.Since(start))
			assert.False(t, portal.Has(imbottest.ChatGroup, imbottest.BotMain), "who gives up has acted nevertheless")
			assert.Equal(t, http.StatusTooManyRequests, send(t, portal, leave(`{}`)).status, "and has paid")
		})
	})

	t.Run("without", func(t *testing.T) {
		t.Parallel()
		used, _ := operating(t, send(t, imbottest.NewPortal(t, imbottest.WithOperatingLimit(time.Hour)), list))
		assert.Zero(t, used, "a call takes no time worth counting")
	})
}

// TestPortal_madeOutsideABubble holds that a clock that goes back, into a bubble, makes neither a full bucket nor a
// valid token out of an expired one.
func TestPortal_madeOutsideABubble(t *testing.T) {
	t.Parallel()
	portal := imbottest.NewPortal(t, imbottest.WithPlan(imbottest.Standard))
	send(t, portal, leave(`{}`))
	synctest.Test(t, func(t *testing.T) {
		assert.Equal(t, 49, burst(t, portal), "the request before counts, and no more than that")
		time.Sleep(time.Second) // fake clock
		assertBytes(t, "expired_token", codeOf(t, send(t, portal, leaveOAuth(`{"auth":"tok-old","CHAT_ID":13}`))))
		assert.Equal(t, 1, burst(t, portal))
	})
}

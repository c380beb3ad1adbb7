package imbottest_test

import (
	"net/http"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-a6e4e5a4/imbot/imbottest"
)

// TestBudget_slots covers how used time is forgotten: in ten slots, of a minute each.
func TestBudget_slots(t *testing.T) {
	t.Parallel()
	// call is a call at some time after the first one, and what the counters say then.
	type call struct {
		at    time.Duration
		used  float64
		reset time.Duration // after the first call
	}
	const slot = time.Minute
	tests := []struct {
		name  string
		calls []call
	}{
		{"one slot", []call{{0, 1, 10 * slot}, {59 * time.Second, 2, 10 * slot}, {slot - 1, 3, 10 * slot}}},
		{"the next one begins after a minute", []call{{0, 1, 10 * slot}, {slot, 2, 10 * slot}, {10*slot - 1, 3, 10 * slot}, {10 * slot, 3, 11 * slot}}},
		{"a slot goes as a whole", []call{{0, 1, 10 * slot}, {59 * time.Second, 2, 10 * slot}, {10 * slot, 1, 20 * slot}}},
		{"it begins with a call, not on the minute", []call{{0, 1, 10 * slot}, {90 * time.Second, 2, 10 * slot}, {149 * time.Second, 3, 10 * slot}, {10 * slot, 3, 11*slot + 30*time.Second}}},
		{"ten of them", []call{
			{0, 1, 10 * slot},
			{slot, 2, 10 * slot},
			{2 * slot, 3, 10 * slot},
			{3 * slot, 4, 10 * slot},
			{4 * slot, 5, 10 * slot},
			{5 * slot, 6, 10 * slot},
			{6 * slot, 7, 10 * slot},
			{7 * slot, 8, 10 * slot},
			{8 * slot, 9, 10 * slot},
			{9 * slot, 10, 10 * slot},
			{10 * slot, 10, 11 * slot},
			{11 * slot, 10, 12 * slot},
		}},
		{"all are forgotten", []call{{0, 1, 10 * slot}, {5 * slot, 2, 10 * slot}, {time.Hour, 1, time.Hour + 10*slot}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				portal := imbottest.NewPortal(t, imbottest.WithCost(imbottest.ConstantCost(time.Second)))
				start := time.Now()
				for _, c := range tt.calls {
					time.Sleep(time.Until(start.Add(c.at))) // fake clock
					used, resetAt := operating(t, send(t, portal, post("imbot.bot.list", "")))
					assert.InDelta(t, c.used, used, 0, "at %v", c.at)
					assert.Equal(t, c.reset, resetAt.Sub(start), "at %v", c.at)
				}
			})
		})
	}
}

// TestBudget_limit covers the edge of the limit itself: used up is what has reached it.
func TestBudget_limit(t *testing.T) {
	t.Parallel()
	for limit, good := range map[time.Duration]int{
		0: 10, // none
		1: 1, 2*time.Second - 1: 2, 2 * time.Second: 2, 2*time.Second + 1: 3,
	} {
		t.Run(limit.String(), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				portal := imbottest.NewPortal(t, imbottest.WithOperatingLimit(limit), imbottest.WithCost(imbottest.ConstantCost(time.Second)))
				for i := range 10 {
					status := send(t, portal, post("imbot.bot.list", "")).status
					assert.Equal(t, i < good, status == http.StatusOK, "call %d", i)
				}
			})
		})
	}
}

// TestBudget_sideBySide covers batches that are at work at the same time.
func TestBudget_sideBySide(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		portal := imbottest.NewPortal(t, imbottest.CostTakesTime(), imbottest.WithCost(imbottest.ConstantCost(10*time.Second)))
		three := batchOf(`{"cmd":["` + list13 + `","` + list13 + `","` + list13 + `"]}`)
		start := time.Now()
		var group sync.WaitGroup
		for range 4 {
			group.Go(func() { assert.Equal(t, http.StatusOK, send(t, portal, three).status) })
		}
		group.Wait()
		assert.Equal(t, 30*time.Second, time.Since(start), "none waits for another")
		used, _ := operating(t, send(t, portal, post("imbot.chat.user.list", botTrue)))
		assert.InDelta(t, 130, used, 0)
	})
}

// TestKeepCalls covers that the portal counts on when it has begun to forget.
func TestKeepCalls(t *testing.T) {
	t.Parallel()
	for keep, known := range map[int]int{-1: 30, 0: 30, 1: 1, 7: 7, 30: 30, 31: 30} {
		portal := imbottest.NewPortal(t, imbottest.KeepCalls(keep))
		for range 10 {
			send(t, portal, batchOf(`{"cmd":["`+list13+`"]}`))
			send(t, portal, leave(`{}`).at("/rest/1/s3cr3t00/IMBOT.chat.leave"))
		}
		calls := portal.Calls()
		require.Len(t, calls, known, "KeepCalls(%d)", keep)
		assert.Equal(t, "IMBOT.chat.leave", calls[known-1].Method, "the last ones are known")
		assert.Equal(t, "CHAT_ID_EMPTY", calls[known-1].Code)

		assert.Equal(t, 30, portal.CallCount())
		assert.Equal(t, 10, portal.CallCount(chatLeave))
		assert.Equal(t, 20, portal.CallCount("Batch", "imbot.chat.user.list", "batch"))
		assert.Zero(t, portal.CallCount("imbot.bot.list"))
	}
}

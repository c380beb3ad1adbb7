package acceptance_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/imbottest"
	"github.com/seed-a6e4e5a4/imbot/internal/clienttest"
)

// A method that has used up its working time is waited for, as far as ctx and the policy allow.
func TestLeaveAll_operatingLimit(t *testing.T) {
	t.Parallel()
	blocked := imbottest.Refuse(429, "OPERATION_TIME_LIMIT", "Method is blocked due to operation time limit.")
	inside := func(portal *imbottest.Portal) { portal.On("imbot.chat.leave", blocked, imbottest.Result(true)) }
	outside := func(portal *imbottest.Portal) { portal.Fault("batch", imbottest.Inside200("OPERATION_TIME_LIMIT", "")) }
	tests := []struct {
		name    string
		block   func(*imbottest.Portal)
		opts    []imbot.Option
		timeout time.Duration
		took    time.Duration
		refused bool
	}{
		{name: "of a command", block: inside, took: time.Minute},
		{name: "of the batch", block: outside, took: time.Minute},
		{name: "longer than there is time", block: inside, timeout: 30 * time.Second, refused: true},
		{name: "of the batch, longer than there is time", block: outside, timeout: 30 * time.Second, refused: true},
		{name: "without repeats", block: inside, opts: []imbot.Option{imbot.WithRetry(imbot.RetryPolicy{})}, refused: true},
		{name: "again and again", block: func(portal *imbottest.Portal) { portal.On("imbot.chat.leave", blocked) }, took: 15 * time.Minute, refused: true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				portal := imbottest.NewPortal(t)
				tt.block(portal)
				ctx := t.Context()
				if tt.timeout > 0 {
					var cancel context.CancelFunc
					ctx, cancel = context.WithTimeout(ctx, tt.timeout)
					defer cancel()
				}
				start := time.Now()

				got := leaveAll(ctx, clienttest.ForBot(portal, tt.opts...), chats(13))

				require.Len(t, got, 1)
				assert.Equal(t, tt.took, time.Since(start))
				if !tt.refused {
					require.NoError(t, got[0].Err)
					assert.Equal(t, imbot.Left, got[0].Outcome.State)
					return
				}
				require.ErrorIs(t, got[0].Err, imbot.ErrOperationTimeLimit)
				assert.NotErrorIs(t, got[0].Err, imbot.ErrOutcomeUnknown)
				assert.Equal(t, tt.timeout > 0, errors.Is(got[0].Err, context.DeadlineExceeded))
			})
		})
	}
}

// A portal that stays blocked is not waited for at every batch; without repeats it is not waited for at all.
func TestLeaveAll_operatingLimitForGood(t *testing.T) {
	t.Parallel()
	blocked := imbottest.Refuse(429, "OPERATION_TIME_LIMIT", "")
	blocks := map[string]func(*imbottest.Portal){
		"at once": func(portal *imbottest.Portal) { portal.On("imbot.chat.leave", blocked) },
		"later": func(portal *imbottest.Portal) {
			portal.On("imbot.chat.leave", append(slices.Repeat([]imbottest.Answer{imbottest.Result(true)}, 100), blocked)...)
		},
		"of the batch": func(portal *imbottest.Portal) {
			portal.FaultFunc(func(imbottest.Call) imbottest.Fault { return imbottest.Inside200("OPERATION_TIME_LIMIT", "") })
		},
	}
	for name, block := range blocks {
		for _, policy := range []imbot.RetryPolicy{{}, {MaxAttempts: 4}} {
			t.Run(fmt.Sprint(name, ", attempts: ", policy.MaxAttempts), func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					portal := imbottest.NewPortal(t)
					block(portal)
					start := time.Now()

					got := leaveAllOf(t, clienttest.ForBot(portal, imbot.WithRetry(policy)), crowd(2000))

					left := 0
					for _, result := range got {
						if result.Err == nil {
							left++
							continue
						}
						require.ErrorIs(t, result.Err, imbot.ErrOperationTimeLimit)
						require.NotErrorIs(t, result.Err, imbot.ErrOutcomeUnknown)
						require.True(t, result.Outcome.Attempts > 0 || errors.Is(result.Err, imbot.ErrNotExecuted), "%v", result)
					}
					if policy.MaxAttempts == 0 {
						assert.Zero(t, time.Since(start))
					}
					assert.LessOrEqual(t, left, 100)
					assert.LessOrEqual(t, time.Since(start), 30*time.Minute)
				})
			})
		}
	}
}

// A portal that charges the method batch, one whose leaves take very different times, and one that gets slower on the
// way: no request is cut, no limit is met but by chance, and nothing is lost.
func TestLeaveAll_slowPortals(t *testing.T) {
	t.Parallel()
	growing := func() func(string) time.Duration {
		var calls atomic.Int64
		return func(string) time.Duration {
			return min(time.Duration(calls.Add(1))*20*time.Millisecond, 5*time.Second)
		}
	}
	tests := []struct {
		name string
		opts []imbottest.Option
	}{
		{"charges batches", []imbottest.Option{imbottest.ChargeBatch(), imbottest.WithCost(imbottest.ConstantCost(time.Second))}},
		{"of uneven speed", []imbottest.Option{imbottest.WithCost(imbottest.LogNormalCost(1, 500*time.Millisecond, 1))}},
		{"getting slower", []imbottest.Option{imbottest.WithCost(growing())}},
		{"slow", []imbottest.Option{imbottest.WithCost(imbottest.ConstantCost(15 * time.Second))}},
		{"on its owner's server", []imbottest.Option{imbottest.SelfHosted(), imbottest.WithCost(imbottest.ConstantCost(time.Second))}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				portal := crowded(t, 1000, append(tt.opts, imbottest.CostTakesTime(), imbottest.WithPlan(imbottest.Standard),
					imbottest.WithOperatingLimit(8*time.Minute), imbottest.WithRequestLimit(time.Minute))...)

				for _, result := range leaveAllOf(t, clienttest.ForBot(portal), crowd(1000)) {
					require.NoError(t, result.Err)
					require.Equal(t, imbot.Left, result.Outcome.State)
					require.Equal(t, 1, portal.Removals(result.Request.ChatID))
				}
				batches := portal.Calls("batch")
				require.NotEmpty(t, batches)
				for _, call := range batches {
					assert.Equal(t, 200, call.Status, "neither cut nor one too many")
				}
			})
		})
	}
}

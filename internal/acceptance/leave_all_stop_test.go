package acceptance_test

import (
	"context"
	"errors"
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

// slowCrowd is a portal with the bot in 400 chats, which takes a second for each of them.
func slowCrowd(t *testing.T) *imbottest.Portal {
	t.Helper()
	return crowded(t, 400, imbottest.CostTakesTime(), imbottest.WithCost(imbottest.ConstantCost(time.Second)))
}

// assertTrue checks a result against the portal, in whose chats the bot was.
func assertTrue(t *testing.T, portal *imbottest.Portal, result imbot.LeaveResult) {
	t.Helper()
	in := portal.Has(result.Request.ChatID, imbottest.BotMain)
	switch {
	case result.Err == nil:
		assert.False(t, in, "%v", result)
	case errors.Is(result.Err, imbot.ErrOutcomeUnknown):
	default:
		assert.True(t, in, "%v", result)
	}
}

// Leaving the loop waits for the requests at the portal, and every chat that was taken has a result.
func TestLeaveAll_break(t *testing.T) {
	t.Parallel()
	for _, after := range []int{1, 2, 60} {
		synctest.Test(t, func(t *testing.T) {
			portal := slowCrowd(t)
			var seen, unreported []imbot.LeaveResult
			for result := range clienttest.ForBot(portal).Chat.LeaveAll(t.Context(), slices.Values(crowd(400)), imbot.WithConcurrency(3),
				imbot.WithUnreported(func(result imbot.LeaveResult) { unreported = append(unreported, result) })) {
				if seen = append(seen, result); len(seen) == after {
					break
				}
			}
			commands := len(portal.Calls("imbot.chat.leave"))
			synctest.Wait()

			all := slices.Concat(seen, unreported)
			unsent := 0
			for i, result := range all {
				assert.EqualValues(t, 1001+i, result.Request.ChatID, "in their order")
				assertTrue(t, portal, result)
				if errors.Is(result.Err, imbot.ErrNotExecuted) {
					unsent++
					continue
				}
				require.NoError(t, result.Err)
			}
			assert.NotEmpty(t, unreported)
			assert.Equal(t, len(all)-unsent, commands, "what was sent has an outcome")
			time.Sleep(time.Hour) // fake clock
			assert.Len(t, portal.Calls("imbot.chat.leave"), commands, "and nothing goes on")
		})
	}
}

// The body of the loop may end the work while no request is at the portal.
func TestLeaveAll_endsWithinTheLoop(t *testing.T) {
	t.Parallel()
	for name, end := range map[string]func(cancel, stop func()){
		"by ctx":  func(cancel, _ func()) { cancel() },
		"by stop": func(_, stop func()) { stop() },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for after := range 4 {
				synctest.Test(t, func(t *testing.T) {
					portal := crowded(t, 400)
					ctx, cancel := context.WithCancel(t.Context())
					defer cancel()
					stop := make(chan struct{})
					var results []imbot.LeaveResult
					for result := range clienttest.ForBot(portal).Chat.LeaveAll(ctx, slices.Values(crowd(400)), imbot.WithStop(stop), imbot.WithConcurrency(1)) {
						if len(results) == after {
							end(cancel, func() { close(stop) })
						}
						results = append(results, result)
						assertTrue(t, portal, result)
					}
					assert.Greater(t, len(results), after)
					assert.Less(t, len(results), 400)
				})
			}
		})
	}
}

// When the loop is left a lost answer is not asked for again: its outcome is unknown.
func TestLeaveAll_breakWithLostAnswers(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		portal := slowCrowd(t)
		var requests atomic.Int64
		portal.FaultFunc(func(imbottest.Call) imbottest.Fault {
			if requests.Add(1) > 2 {
				return imbottest.LoseAfter()
			}
			return imbottest.NoFault()
		})
		unknown, seen := 0, 0
		for range clienttest.ForBot(portal).Chat.LeaveAll(t.Context(), slices.Values(crowd(100)),
			imbot.WithUnreported(func(result imbot.LeaveResult) {
				if errors.Is(result.Err, imbot.ErrOutcomeUnknown) {
					unknown++
				} else if result.Err != nil {
					require.ErrorIs(t, result.Err, imbot.ErrNotExecuted)
				}
				assertTrue(t, portal, result)
			})) {
			if seen++; seen == 5 {
				break
			}
		}
		assert.Positive(t, unknown)
	})
}

// When ctx ends, what was taken has a result at once, and the rest is not taken.
func TestLeaveAll_contextEnds(t *testing.T) {
	t.Parallel()
	for _, after := range []time.Duration{0, time.Second / 2, time.Second, 5 * time.Second, 30 * time.Second} {
		synctest.Test(t, func(t *testing.T) {
			portal := slowCrowd(t)
			ctx, cancel := context.WithCancel(t.Context())
			time.AfterFunc(after, cancel)
			if after == 0 {
				cancel()
			}
			start := time.Now()

			got := leaveAll(ctx, clienttest.ForBot(portal), crowd(400), imbot.WithConcurrency(2))

			assert.Equal(t, after, time.Since(start), "at once")
			assert.NotEmpty(t, got)
			assert.Less(t, len(got), 400)
			for _, result := range got {
				if result.Err != nil {
					require.ErrorIs(t, result.Err, context.Canceled)
				}
				assertTrue(t, portal, result)
			}
		})
	}
}

// What waited for its turn when ctx ended was not executed.
func TestLeaveAll_contextEndsBeforeTheLimiter(t *testing.T) {
	t.Parallel()
	for step := range 8 {
		synctest.Test(t, func(t *testing.T) {
			portal := crowded(t, 400)
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			reach := stepOf("limiter", step, cancel)
			limiter := limiterFunc(func(ctx context.Context) error {
				reach("limiter")
				return ctx.Err()
			})
			unsent := 0
			for _, result := range leaveAll(ctx, clienttest.ForBot(portal, imbot.WithLimiter(limiter)), crowd(400)) {
				if result.Err != nil && result.Outcome.Attempts == 0 {
					require.ErrorIs(t, result.Err, imbot.ErrNotExecuted)
					require.ErrorIs(t, result.Err, context.Canceled)
					unsent++
				}
			}
			assert.Positive(t, unsent)
		})
	}
}

// Stopped from outside, LeaveAll waits for the requests at the portal, reports every chat that was taken, and ends.
func TestLeaveAll_stop(t *testing.T) {
	t.Parallel()
	for _, after := range []time.Duration{0, 500 * time.Millisecond, 1500 * time.Millisecond, 30 * time.Second} {
		synctest.Test(t, func(t *testing.T) {
			portal := slowCrowd(t)
			stop := make(chan struct{})
			time.AfterFunc(after, func() { close(stop) })
			got := leaveAll(t.Context(), clienttest.ForBot(portal), crowd(400), imbot.WithConcurrency(2), imbot.WithStop(stop))
			assert.Less(t, len(got), 400)
			unsent := 0
			for i, result := range got {
				assert.EqualValues(t, 1001+i, result.Request.ChatID)
				assertTrue(t, portal, result)
				if errors.Is(result.Err, imbot.ErrNotExecuted) {
					unsent++
				} else {
					require.NoError(t, result.Err)
				}
			}
			assert.Len(t, portal.Calls("imbot.chat.leave"), len(got)-unsent)
		})
	}
}

// It ends, too, while it waits for a blocked portal.
func TestLeaveAll_stopWhileBlocked(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		portal := imbottest.NewPortal(t)
		portal.On("imbot.chat.leave", imbottest.Refuse(429, "OPERATION_TIME_LIMIT", ""))
		stop := make(chan struct{})
		time.AfterFunc(30*time.Second, func() { close(stop) })
		start := time.Now()
		got := leaveAll(t.Context(), clienttest.ForBot(portal), chats(13, 15), imbot.WithStop(stop))
		assert.Equal(t, 30*time.Second, time.Since(start))
		require.Len(t, got, 2)
		for _, result := range got {
			require.ErrorIs(t, result.Err, imbot.ErrNotExecuted)
		}
	})
}

// turns is a limiter that lets one request through, and then one a minute.
type turns struct{ taken atomic.Int64 }

// Wait implements imbot.Limiter.
func (l *turns) Wait(ctx context.Context) error {
	if l.taken.Add(1) == 1 {
		return nil
	}
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(time.Minute):
		return nil
	}
}

// patient waits for its turn, whatever becomes of ctx.
type patient struct{ turns }

// Wait implements imbot.Limiter.
func (l *patient) Wait(ctx context.Context) error { return l.turns.Wait(context.WithoutCancel(ctx)) }

// A request that waits for the limiter when LeaveAll is stopped, or its loop left, is not sent.
func TestLeaveAll_stopBeforeTheLimiter(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name    string
		limiter imbot.Limiter
		leave   bool // the loop, instead of a stop
		ends    time.Duration
	}{
		{"stopped", &turns{}, false, 10 * time.Second},
		{"left", &turns{}, true, time.Second},
		{"stopped, and the limiter does not care", &patient{}, false, time.Minute + time.Second},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				portal := slowCrowd(t)
				stop := make(chan struct{})
				start := time.Now()
				time.AfterFunc(10*time.Second, func() { close(stop) })
				var got []imbot.LeaveResult
				note := func(result imbot.LeaveResult) { got = append(got, result) }
				for result := range clienttest.ForBot(portal, imbot.WithLimiter(tt.limiter)).Chat.LeaveAll(t.Context(), slices.Values(crowd(400)), imbot.WithStop(stop), imbot.WithUnreported(note)) {
					if note(result); tt.leave {
						break
					}
				}
				assert.Equal(t, tt.ends, time.Since(start))
				require.Greater(t, len(got), 1)
				require.NoError(t, got[0].Err)
				for _, result := range got[1:] {
					require.ErrorIs(t, result.Err, imbot.ErrNotExecuted)
					require.NotErrorIs(t, result.Err, context.Canceled, "the caller's context has not ended")
				}
				assert.Len(t, portal.Calls("batch"), 1)
			})
		})
	}
}

// Nor is a request repeated that was refused as one too many.
func TestLeaveAll_stopBeforeARepeat(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		portal := slowCrowd(t)
		portal.Fault("batch", imbottest.NoFault(), imbottest.Inside200("QUERY_LIMIT_EXCEEDED", ""), imbottest.Inside200("QUERY_LIMIT_EXCEEDED", "").Optional())
		policy := imbot.RetryPolicy{MaxAttempts: 9, BaseDelay: time.Hour, MaxDelay: time.Hour}
		stop := make(chan struct{})
		start := time.Now()
		time.AfterFunc(2*time.Second, func() { close(stop) })
		got := leaveAll(t.Context(), clienttest.ForBot(portal, imbot.WithRetry(policy)), crowd(400), imbot.WithConcurrency(1), imbot.WithStop(stop))
		assert.Equal(t, 2*time.Second, time.Since(start))
		require.NoError(t, got[0].Err)
		require.ErrorIs(t, got[1].Err, imbot.ErrNotExecuted)
		assert.Len(t, portal.Calls("batch"), 2)
	})
}

// A panic in the loop reaches the caller, and leaves no goroutine.
func TestLeaveAll_panic(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) { // which waits for the goroutines
		portal := slowCrowd(t)
		assert.PanicsWithValue(t, "no more", func() {
			for range clienttest.ForBot(portal).Chat.LeaveAll(t.Context(), slices.Values(crowd(400))) {
				panic("no more")
			}
		})
	})
}

// Where other programs use up the portal's limit LeaveAll sends less, and every chat is left.
func TestLeaveAll_othersUseTheLimit(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		portal := crowded(t, 300, imbottest.WithRateLimit(0.5, 2))
		for _, result := range leaveAllOf(t, clienttest.ForBot(portal, imbot.WithRetry(imbot.RetryPolicy{MaxAttempts: 20})), crowd(300)) {
			require.NoError(t, result.Err)
			assert.Equal(t, 1, portal.Removals(result.Request.ChatID))
		}
	})
}

// Any sequence may be ranged over again.
func TestLeaveAll_rangedOverTwice(t *testing.T) {
	t.Parallel()
	portal := imbottest.NewPortal(t)
	all := clienttest.ForBot(portal).Chat.LeaveAll(t.Context(), slices.Values(chats(13)))
	first, second := slices.Collect(all), slices.Collect(all)
	assert.Equal(t, imbot.Left, first[0].Outcome.State)
	assert.Equal(t, imbot.AlreadyOut, second[0].Outcome.State)
}

package retry_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-a6e4e5a4/imbot/internal/retry"
)

var errTry = errors.New("it failed")

func always() func(error) retry.Verdict {
	return func(error) retry.Verdict { return retry.Verdict{Repeat: true} }
}

func TestDo_pausesHaveFullJitterAndGrow(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		policy := retry.Policy{MaxAttempts: 6, BaseDelay: time.Second, MaxDelay: 4 * time.Second}
		bounds := []time.Duration{time.Second, 2 * time.Second, 4 * time.Second, 4 * time.Second, 4 * time.Second}
		longest := make([]time.Duration, len(bounds))
		shortest := append([]time.Duration{}, bounds...)
		for range 300 {
			last := time.Now()
			tries := 0
			_, err := do(t.Context(), policy, func() (int, error) {
				if pause := time.Since(last); tries > 0 {
					longest[tries-1] = max(longest[tries-1], pause)
					shortest[tries-1] = min(shortest[tries-1], pause)
				}
				tries++
				last = time.Now()
				return 0, errTry
			}, always())
			require.ErrorIs(t, err, errTry)
			require.Equal(t, 6, tries)
		}
		for i, bound := range bounds {
			assert.LessOrEqual(t, longest[i], bound+time.Nanosecond)
			assert.Greater(t, longest[i], bound*9/10, "pause %d", i+1)
			assert.Less(t, shortest[i], bound/10, "pause %d", i+1)
		}
	})
}

func TestDo_untilAGivenTime(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		at := time.Now().Add(time.Hour)
		tries := 0
		start := time.Now()

		got, err := do(t.Context(), retry.Policy{MaxAttempts: 1}, func() (int, error) {
			if tries++; time.Now().Before(at) {
				return 0, errTry
			}
			return 7, nil
		}, func(error) retry.Verdict { return retry.Verdict{Repeat: true, At: at, Free: true} })

		require.NoError(t, err)
		assert.Equal(t, 7, got)
		assert.Equal(t, 2, tries, "a wait that is free counts for nothing")
		assert.Equal(t, time.Hour, time.Since(start))
	})
}

// How long a pause of the policy would be has no say where a time is given.
func TestDo_givenTimeBeforeTheDeadline(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		defer cancel()
		start, tries := time.Now(), 0

		_, err := do(ctx, retry.Policy{MaxAttempts: 2, BaseDelay: 1000 * time.Hour, MaxDelay: 1000 * time.Hour}, func() (int, error) {
			if tries++; tries == 1 {
				return 0, errTry
			}
			return 7, nil
		}, func(error) retry.Verdict { return retry.Verdict{Repeat: true, At: start.Add(time.Second)} })

		require.NoError(t, err)
		assert.Equal(t, time.Second, time.Since(start))
	})
}

func TestDo_waitsThatCountAreBounded(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		tries := 0
		_, err := do(t.Context(), retry.Policy{MaxAttempts: 3, MaxDelay: time.Minute}, func() (int, error) {
			tries++
			return 0, errTry
		}, func(error) retry.Verdict { return retry.Verdict{Repeat: true, At: time.Now().Add(time.Minute)} })

		require.ErrorIs(t, err, errTry)
		assert.Equal(t, 3, tries)

		start := time.Now()
		_, err = do(t.Context(), retry.Policy{MaxAttempts: 3, MaxDelay: time.Minute}, func() (int, error) { return 0, errTry },
			func(error) retry.Verdict { return retry.Verdict{Repeat: true, At: time.Now().Add(time.Hour)} })

		assert.Equal(t, errTry, err)
		assert.Zero(t, time.Since(start), "longer than the longest pause")
	})
}

func TestDo_noTimeToWait(t *testing.T) {
	t.Parallel()
	for name, verdict := range map[string]func(error) retry.Verdict{
		"a pause":      func(error) retry.Verdict { return retry.Verdict{Repeat: true} },
		"a given time": func(error) retry.Verdict { return retry.Verdict{Repeat: true, At: time.Now().Add(time.Hour)} },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithTimeout(t.Context(), time.Nanosecond)
				defer cancel()
				start := time.Now()

				_, err := do(ctx, retry.Policy{MaxAttempts: 9, BaseDelay: time.Hour, MaxDelay: time.Hour},
					func() (int, error) { return 0, errTry }, verdict)

				require.ErrorIs(t, err, errTry)
				require.ErrorIs(t, err, context.DeadlineExceeded)
				require.ErrorContains(t, err, "would outlast the deadline")
				assert.Zero(t, time.Since(start))
			})
		})
	}
}

func TestDo_endsWithItsContext(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		why := errors.New("shutting down")
		ctx, cancel := context.WithCancelCause(t.Context())
		time.AfterFunc(time.Second, func() { cancel(why) })
		start := time.Now()

		_, err := do(ctx, retry.Policy{MaxAttempts: 9, BaseDelay: 1000 * time.Hour, MaxDelay: 1000 * time.Hour},
			func() (int, error) { return 0, errTry }, always())

		require.ErrorIs(t, err, errTry)
		require.ErrorIs(t, err, why)
		require.ErrorIs(t, err, context.Canceled)
		assert.Equal(t, time.Second, time.Since(start))
	})
}

func TestDo_stops(t *testing.T) {
	t.Parallel()
	tries := 0
	_, err := do(t.Context(), retry.Policy{MaxAttempts: 9}, func() (int, error) {
		tries++
		return 0, errTry
	}, func(error) retry.Verdict { return retry.Verdict{} })

	assert.Equal(t, errTry, err)
	assert.Equal(t, 1, tries)
}

// do tries once, and again as Again does.
func do[T any](ctx context.Context, policy retry.Policy, try func() (T, error), judge func(error) retry.Verdict) (T, error) {
	result, err := try()
	if err == nil {
		return result, nil
	}
	verdict := judge(err)
	if !verdict.Repeat {
		return result, err
	}
	return retry.Again(ctx, policy, err, verdict, try, judge)
}

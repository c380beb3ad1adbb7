package turns_test

import (
	"context"
	"strconv"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-a6e4e5a4/imbot/internal/turns"
)

func TestTake_oneAtATime(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const goroutines = 20
		var own turns.Turns
		var all sync.WaitGroup
		busy, had := false, 0 // no lock guards them but the turn
		for range goroutines {
			all.Go(func() {
				end, err := own.Take(t.Context(), "a")
				if !assert.NoError(t, err) {
					return
				}
				defer end()
				assert.False(t, busy)
				busy = true
				time.Sleep(time.Second) // fake clock; the others are in the queue meanwhile
				busy, had = false, had+1
			})
		}
		all.Wait()
		assert.Equal(t, goroutines, had)
	})
}

func TestTake_namesDoNotWaitForEachOther(t *testing.T) {
	t.Parallel()
	var own turns.Turns
	endA, err := own.Take(t.Context(), "a")
	require.NoError(t, err)
	endB, err := own.Take(t.Context(), "b")
	require.NoError(t, err)
	endA()
	endB()
}

// Whoever gives up neither has the turn nor takes it from somebody who waits.
func TestTake_untilTheContextEnds(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var own turns.Turns
		end, err := own.Take(t.Context(), "a")
		require.NoError(t, err)
		ctx, cancel := context.WithCancel(t.Context())
		gaveUp, waited := make(chan error, 1), make(chan error, 1)
		go func() {
			_, err := own.Take(ctx, "a")
			gaveUp <- err
		}()
		go func() {
			end, err := own.Take(t.Context(), "a")
			if err == nil {
				end()
			}
			waited <- err
		}()
		synctest.Wait()
		cancel()
		require.ErrorIs(t, <-gaveUp, context.Canceled)
		synctest.Wait()
		assert.Empty(t, waited, "the turn is not over")
		end()
		require.NoError(t, <-waited)
		assert.Equal(t, 0, own.Names())
	})
}

// A name that nobody uses any more takes no memory.
func TestTake_forgetsNames(t *testing.T) {
	t.Parallel()
	var own turns.Turns
	for i := range 100 {
		end, err := own.Take(t.Context(), strconv.Itoa(i))
		require.NoError(t, err)
		assert.Equal(t, 1, own.Names())
		end()
	}
	assert.Equal(t, 0, own.Names())
}

package events_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"runtime"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-a6e4e5a4/imbot/events"
)

// Of one portal two work and three wait, which is half of what there is, and the sixth is refused instead of lost.
func TestHandler_bounds(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		var running, most, done atomic.Int32
		var reported errorsOf
		h := newHandler(t, events.WithWorkers(4), events.WithQueue(6), events.WithErrorHandler(reported.add),
			events.OnJoinChat(func(context.Context, *events.Event) error {
				most.Store(max(most.Load(), running.Add(1)))
				<-release
				running.Add(-1)
				done.Add(1)
				return nil
			}))
		for i := range 5 {
			assert.Equal(t, http.StatusOK, serve(h, post(t, "/", join())), i)
		}
		synctest.Wait()
		assert.EqualValues(t, 2, running.Load())
		assert.Equal(t, http.StatusServiceUnavailable, serve(h, post(t, "/", join())))
		assert.Equal(t, http.StatusForbidden, serve(h, post(t, "/", "event=ONIMBOTJOINCHAT")), "strangers do not learn that it is busy")
		require.ErrorIs(t, reported.all()[0], events.ErrBusy)

		close(release)
		synctest.Wait()
		assert.EqualValues(t, 5, done.Load())
		assert.EqualValues(t, 2, most.Load())
		assert.Equal(t, http.StatusOK, serve(h, post(t, "/", join())), "there is room again")
		require.NoError(t, h.Shutdown(t.Context()))
		assert.EqualValues(t, 6, done.Load())
	})
}

func TestHandler_noQueue(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := newHandler(t, events.WithWorkers(1), events.WithQueue(0), events.OnJoinChat(func(context.Context, *events.Event) error {
			time.Sleep(time.Second) // fake clock
			return nil
		}))
		assert.Equal(t, 200, serve(h, post(t, "/", join())))
		assert.Equal(t, 503, serve(h, post(t, "/", join())))
		time.Sleep(2 * time.Second) // fake clock
		assert.Equal(t, 200, serve(h, post(t, "/", join())))
		require.NoError(t, h.Shutdown(t.Context()))
	})
}

// Events are worked off in the order in which they came, where one worker does it.
func TestHandler_order(t *testing.T) {
	t.Parallel()
	var order []string
	h := newHandler(t, events.WithWorkers(1), events.OnOther(func(_ context.Context, event *events.Event) error {
		order = append(order, event.Name)
		return nil
	}))
	want := []string{"A", "B", "C", "D", "E", "F"}
	for _, name := range want {
		assert.Equal(t, 200, serve(h, post(t, "/", named(name))))
	}
	require.NoError(t, h.Shutdown(t.Context()))
	assert.Equal(t, want, order)
}

func TestHandler_failuresOfCallbacks(t *testing.T) {
	t.Parallel()
	failure := errors.New("no way")
	tests := map[string]struct {
		callback events.Callback
		want     error
		panics   bool
		stack    bool
	}{
		"error":           {func(context.Context, *events.Event) error { return failure }, failure, false, false},
		"panic":           {func(context.Context, *events.Event) error { panic("ouch") }, events.ErrPanic, true, true},
		"panic, an error": {func(context.Context, *events.Event) error { panic(io.ErrUnexpectedEOF) }, io.ErrUnexpectedEOF, true, true},
		"panic, nil":      {func(context.Context, *events.Event) error { panic(nil) }, events.ErrPanic, true, true}, //nolint:govet // what becomes of it is the test
		"end of goroutine": {func(context.Context, *events.Event) error {
			runtime.Goexit()
			return nil
		}, events.ErrPanic, true, false},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var reported errorsOf
			var other atomic.Int32
			h := newHandler(t, events.WithWorkers(1), events.OnJoinChat(tt.callback), events.WithErrorHandler(reported.add),
				events.OnOther(func(context.Context, *events.Event) error { other.Add(1); return nil }))
			for range 2 {
				assert.Equal(t, 200, serve(h, post(t, "/", join())))
				assert.Equal(t, 200, serve(h, post(t, "/", named("A"))))
			}
			require.NoError(t, h.Shutdown(t.Context()))

			assert.EqualValues(t, 2, other.Load(), "the worker goes on")
			require.Len(t, reported.all(), 2)
			err := reported.all()[0]
			require.ErrorIs(t, err, tt.want)
			assert.Equal(t, tt.panics, errors.Is(err, events.ErrPanic))
			var failed *events.CallbackError
			require.ErrorAs(t, err, &failed)
			assert.Equal(t, events.JoinChat, failed.Name)
			assert.Equal(t, member, failed.MemberID)
			assert.Equal(t, tt.stack, failed.Stack != nil)
		})
	}
}

func TestHandler_errorHandlerPanics(t *testing.T) {
	t.Parallel()
	h := newHandler(t, events.OnJoinChat(func(context.Context, *events.Event) error { return io.EOF }),
		events.WithErrorHandler(func(context.Context, error) { panic("again") }))
	assert.Equal(t, 200, serve(h, post(t, "/", join())))
	assert.Equal(t, 403, serve(h, post(t, "/", "event=A")))
	require.NoError(t, h.Shutdown(t.Context()))
}

func TestHandler_Shutdown(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var reported errorsOf
		var done atomic.Int32
		h := newHandler(t, events.WithWorkers(1), events.WithErrorHandler(reported.add), events.OnJoinChat(func(ctx context.Context, _ *events.Event) error {
			time.Sleep(time.Minute) // fake clock
			done.Add(1)
			return ctx.Err()
		}))
		for range 3 {
			assert.Equal(t, 200, serve(h, post(t, "/", join())))
		}
		finished := make(chan error, 1)
		start := time.Now()
		go func() { finished <- h.Shutdown(t.Context()) }()
		synctest.Wait()
		assert.Equal(t, 503, serve(h, post(t, "/", join())), "no more from now on")
		require.ErrorIs(t, reported.all()[0], events.ErrShutdown)
		require.NoError(t, <-finished)
		assert.Equal(t, 3*time.Minute, time.Since(start))
		assert.EqualValues(t, 3, done.Load(), "what was accepted is done")
		assert.Len(t, reported.all(), 1)

		ended, cancel := context.WithCancel(t.Context())
		cancel()
		require.NoError(t, h.Shutdown(ended), "there is nothing to wait for")
	})
}

// When the time is over the callbacks are told, and what had not begun is reported rather than lost.
func TestHandler_Shutdown_deadline(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var reported errorsOf
		var begun atomic.Int32
		h := newHandler(t, events.WithWorkers(4), events.WithErrorHandler(reported.add), events.OnJoinChat(func(ctx context.Context, _ *events.Event) error {
			begun.Add(1)
			<-ctx.Done()
			time.Sleep(time.Second) // fake clock
			return context.Cause(ctx)
		}))
		for range 5 {
			assert.Equal(t, 200, serve(h, post(t, "/", join())))
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		start := time.Now()

		err := h.Shutdown(ctx)

		require.ErrorIs(t, err, context.DeadlineExceeded)
		assert.Equal(t, time.Minute, time.Since(start), "it does not wait for callbacks that take their time")
		require.NoError(t, h.Shutdown(t.Context()), "a later call does")
		assert.Equal(t, time.Minute+time.Second, time.Since(start))
		assert.EqualValues(t, 2, begun.Load())
		var told, dropped int
		for _, err := range reported.all() {
			switch {
			case errors.Is(err, context.DeadlineExceeded):
				told++
			case errors.Is(err, events.ErrShutdown):
				dropped++
			}
		}
		assert.Equal(t, []int{2, 3}, []int{told, dropped})
	})
}

// Callbacks that do not listen cannot keep the handler from reporting what was not begun, before Shutdown returns.
func TestHandler_Shutdown_deafCallbacks(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var reported errorsOf
		end := make(chan struct{})
		h := newHandler(t, events.WithWorkers(1), events.WithErrorHandler(reported.add), events.OnJoinChat(func(context.Context, *events.Event) error {
			<-end
			return nil
		}))
		for range 5 {
			assert.Equal(t, 200, serve(h, post(t, "/", join())))
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()

		require.ErrorIs(t, h.Shutdown(ctx), context.DeadlineExceeded)

		assert.Len(t, reported.all(), 4)
		for _, err := range reported.all() {
			require.ErrorIs(t, err, events.ErrShutdown)
		}
		close(end)
		require.NoError(t, h.Shutdown(t.Context()))
	})
}

// nilError is an error whose methods do not survive their call.
type nilError struct{ text string }

func (e *nilError) Error() string { return e.text }

func TestHandler_errorsThatPanic(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var reported errorsOf
		h := newHandler(t, events.WithErrorHandler(reported.add), events.OnJoinChat(func(context.Context, *events.Event) error {
			var none *nilError
			return none
		}))
		assert.Equal(t, 200, serve(h, post(t, "/", join())))
		require.NoError(t, h.Shutdown(t.Context()))
		require.Len(t, reported.all(), 1)
		require.ErrorIs(t, reported.all()[0], events.ErrPanic)
	})
}

// Whatever comes while the handler is shut down is either done or refused.
func TestHandler_Shutdown_whileEventsCome(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var done, accepted atomic.Int32
		h := newHandler(t, events.WithWorkers(3), events.WithQueue(1000), events.OnJoinChat(func(context.Context, *events.Event) error {
			time.Sleep(time.Millisecond) // fake clock
			done.Add(1)
			return nil
		}))
		for i := range 100 {
			r := post(t, "/", join())
			go func() {
				time.Sleep(time.Duration(i) * time.Millisecond) // fake clock
				if serve(h, r) == http.StatusOK {
					accepted.Add(1)
				}
			}()
		}
		time.Sleep(50 * time.Millisecond) // fake clock
		require.NoError(t, h.Shutdown(t.Context()))
		atShutdown := done.Load()
		time.Sleep(time.Second) // fake clock
		assert.Equal(t, atShutdown, done.Load())
		assert.Equal(t, accepted.Load(), done.Load())
		assert.NotZero(t, done.Load())
	})
}

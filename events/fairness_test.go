package events_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"net/http"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-a6e4e5a4/imbot/events"
)

// heldHandler is a handler for any number of portals. Its callbacks wait until the test lets each of them return.
type heldHandler struct {
	*events.Handler
	t *testing.T

	mu    sync.Mutex
	begun []string                 // portal/number, in the order in which the callbacks began
	held  map[string]chan struct{} // those that have not returned
}

func newHeldHandler(t *testing.T, opts ...events.Option) *heldHandler {
	t.Helper()
	h := &heldHandler{t: t, held: map[string]chan struct{}{}}
	handler, err := events.NewHandler(stored(proof), append(opts, events.OnJoinChat(h.hold))...)
	require.NoError(t, err)
	h.Handler = handler
	return h
}

func (h *heldHandler) hold(_ context.Context, event *events.Event) error {
	name, end := event.MemberID+"/"+event.Param("N"), make(chan struct{})
	h.mu.Lock()
	h.begun = append(h.begun, name)
	h.held[name] = end
	h.mu.Unlock()
	<-end
	return nil
}

// send posts so many events of a portal, numbered from first on, and returns how many were accepted. What can begin has
// begun by then.
func (h *heldHandler) send(portal string, first, n int) int {
	accepted := 0
	for i := range n {
		if serve(h, post(h.t, "/", eventOf(portal, "data[PARAMS][N]="+strconv.Itoa(first+i)))) == http.StatusOK {
			accepted++
		}
	}
	synctest.Wait()
	return accepted
}

// eventOf is [join] for another portal.
func eventOf(portal string, more ...string) string {
	return strings.ReplaceAll(join(more...), member, portal)
}

// running are the callbacks of a portal that have not returned; of all portals if its name is empty.
func (h *heldHandler) running(portal string) []string {
	h.mu.Lock()
	defer h.mu.Unlock()
	var names []string
	for name := range h.held {
		if strings.HasPrefix(name, portal) {
			names = append(names, name)
		}
	}
	return sorted(names)
}

// release lets a callback return.
func (h *heldHandler) release(name string) {
	h.mu.Lock()
	close(h.held[name])
	delete(h.held, name)
	h.mu.Unlock()
	synctest.Wait()
}

// finish lets all callbacks return, and returns the order in which they have begun.
func (h *heldHandler) finish() []string {
	for names := h.running(""); len(names) > 0; names = h.running("") {
		h.release(names[0])
	}
	require.NoError(h.t, h.Shutdown(h.t.Context()))
	return h.begun
}

// However many workers there are, callbacks of one portal that do not return leave some to others, and those of several
// portals leave some as long as there are any.
func TestHandler_shareOfTheWorkers(t *testing.T) {
	t.Parallel()
	for workers, want := range map[int][]int{1: {1, 0}, 2: {1, 1, 0}, 3: {2, 1, 0}, 5: {3, 1, 1, 0}, 8: {4, 2, 1, 1, 0}, 0: {8, 4, 2, 1, 1, 0}} {
		t.Run(strconv.Itoa(workers), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				opts := []events.Option{events.WithWorkers(workers)}
				if workers == 0 {
					opts = nil
				}
				h := newHeldHandler(t, opts...)
				sent := 0
				for i, most := range want {
					portal := string(rune('a' + i))
					sent += h.send(portal, 0, 20)
					assert.Len(t, h.running(portal), most, portal)
				}
				assert.Equal(t, 20*len(want), sent, "all are accepted")
				assert.Len(t, h.finish(), sent, "all are done in the end")
			})
		})
	}
}

// A portal that sends more than its share of the queue is refused, and others are not.
func TestHandler_shareOfTheQueue(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		opts []events.Option
		want []int // how many of 400 events are accepted of each portal
	}{
		"as it comes":      {nil, []int{8 + 256, 4 + 128, 2 + 64, 1 + 32, 1 + 16, 8}},
		"a small one":      {[]events.Option{events.WithWorkers(2), events.WithQueue(4)}, []int{1 + 2, 1 + 1, 1, 0}},
		"a place":          {[]events.Option{events.WithWorkers(2), events.WithQueue(1)}, []int{1 + 1, 1, 0}},
		"none":             {[]events.Option{events.WithWorkers(4), events.WithQueue(0)}, []int{2, 1, 1, 0}},
		"a single worker":  {[]events.Option{events.WithWorkers(1), events.WithQueue(4)}, []int{1 + 2, 1, 1, 0}},
		"a worker and all": {[]events.Option{events.WithWorkers(1), events.WithQueue(0)}, []int{1, 0}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				var reported errorsOf
				h := newHeldHandler(t, append(tt.opts, events.WithErrorHandler(reported.add))...)
				sum := 0
				for i, want := range tt.want {
					assert.Equal(t, want, h.send(string(rune('a'+i)), 0, 400), i)
					sum += want
				}
				for _, err := range reported.all() {
					require.ErrorIs(t, err, events.ErrBusy)
				}
				assert.Len(t, h.finish(), sum)
			})
		})
	}
}

// Portals take turns, and the events of each keep their order.
func TestHandler_turns(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := newHeldHandler(t, events.WithWorkers(1))
		h.send("a", 1, 5)
		h.send("b", 1, 2)
		h.send("c", 1, 1)
		h.release("a/1")
		h.send("d", 1, 1)
		h.send("b", 3, 1)
		assert.Equal(t, []string{"a/1", "a/2", "b/1", "c/1", "a/3", "d/1", "b/2", "a/4", "b/3", "a/5"}, h.finish())
	})
}

// Whatever comes in whatever order, the bounds hold, no portal waits for another one while a worker is free, and what
// was accepted is done once.
func TestHandler_anyOrder(t *testing.T) {
	t.Parallel()
	for seed := range uint64(30) {
		t.Run(strconv.FormatUint(seed, 10), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				random := rand.New(rand.NewPCG(seed, 0))
				workers, queue := 1+random.IntN(6), random.IntN(12)
				h := newHeldHandler(t, events.WithWorkers(workers), events.WithQueue(queue))
				accepted, done := map[string]int{}, 0
				for range 300 {
					if running := h.running(""); len(running) > 0 && random.IntN(2) == 0 {
						h.release(running[random.IntN(len(running))])
						done++
					} else {
						portal := string(rune('a' + random.IntN(4)))
						accepted[portal] += h.send(portal, accepted[portal], 1)
					}
					sum, running := 0, len(h.running(""))
					for portal, n := range accepted {
						sum += n
						ofPortal, begun := len(h.running(portal)), 0
						for _, name := range h.begun {
							if strings.HasPrefix(name, portal) {
								begun++
							}
						}
						require.True(t, begun == n || ofPortal >= workers-running, "%s waits, and may have a worker", portal)
						require.LessOrEqual(t, ofPortal, (workers+1)/2)
						require.LessOrEqual(t, n-begun, (queue+1)/2)
					}
					require.LessOrEqual(t, running, workers)
					require.LessOrEqual(t, sum-done-running, queue)
				}
				seen := map[string]bool{}
				for _, name := range h.finish() {
					require.False(t, seen[name], "%s was done twice", name)
					seen[name] = true
				}
				for portal, n := range accepted {
					for i := range n {
						require.True(t, seen[portal+"/"+strconv.Itoa(i)], "an event was lost")
					}
				}
			})
		})
	}
}

// However the callbacks of a portal end, their workers are free again, for all.
func TestHandler_workersComeBack(t *testing.T) {
	t.Parallel()
	for name, callback := range map[string]func(){"return": func() {}, "panic": func() { panic("ouch") }, "end of goroutine": runtime.Goexit} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				var called, other atomic.Int32
				h, err := events.NewHandler(stored(proof), events.WithWorkers(2), events.OnJoinChat(func(_ context.Context, event *events.Event) error {
					if event.MemberID == "b" {
						other.Add(1)
						return nil
					}
					called.Add(1)
					callback()
					return nil
				}))
				require.NoError(t, err)
				for range 100 {
					assert.Equal(t, http.StatusOK, serve(h, post(t, "/", eventOf("a"))))
				}
				assert.Equal(t, http.StatusOK, serve(h, post(t, "/", eventOf("b"))))
				synctest.Wait()
				assert.EqualValues(t, 100, called.Load())
				assert.EqualValues(t, 1, other.Load())
				require.NoError(t, h.Shutdown(t.Context()))
			})
		})
	}
}

func TestWithCallbackTimeout(t *testing.T) {
	t.Parallel()
	t.Run("ends the context, and the worker is free", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			start := time.Now()
			var ended []time.Duration
			var reported errorsOf
			h := newHandler(t, events.WithWorkers(1), events.WithCallbackTimeout(time.Minute), events.WithErrorHandler(reported.add),
				events.OnJoinChat(func(ctx context.Context, _ *events.Event) error {
					<-ctx.Done()
					ended = append(ended, time.Since(start))
					return ctx.Err()
				}))
			for range 3 {
				assert.Equal(t, http.StatusOK, serve(h, post(t, "/", join())))
			}
			require.NoError(t, h.Shutdown(t.Context()))
			assert.Equal(t, []time.Duration{time.Minute, 2 * time.Minute, 3 * time.Minute}, ended, "the time in the queue does not count")
			require.Len(t, reported.all(), 3)
			for _, err := range reported.all() {
				require.ErrorIs(t, err, context.DeadlineExceeded)
			}
		})
	})
	t.Run("is not needed", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			var reported errorsOf
			h := newHandler(t, events.WithCallbackTimeout(time.Minute), events.WithErrorHandler(reported.add),
				events.OnJoinChat(func(ctx context.Context, _ *events.Event) error {
					time.Sleep(time.Minute - 1) // fake clock
					return ctx.Err()
				}))
			assert.Equal(t, http.StatusOK, serve(h, post(t, "/", join())))
			require.NoError(t, h.Shutdown(t.Context()))
			assert.Empty(t, reported.all())
		})
	})
	t.Run("a callback that does not listen keeps its own share alone", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			h := newHeldHandler(t, events.WithWorkers(2), events.WithCallbackTimeout(time.Minute))
			h.send("a", 1, 2)
			time.Sleep(time.Hour) // fake clock
			h.send("b", 1, 1)
			assert.Equal(t, []string{"a/1", "b/1"}, h.running(""))
			assert.Len(t, h.finish(), 3)
		})
	})
	t.Run("a shutdown is told before it", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			why := errors.New("the machine goes down")
			causes := make(chan error, 1)
			h := newHandler(t, events.WithCallbackTimeout(time.Minute), events.OnJoinChat(func(ctx context.Context, _ *events.Event) error {
				<-ctx.Done()
				causes <- context.Cause(ctx)
				return nil
			}))
			assert.Equal(t, http.StatusOK, serve(h, post(t, "/", join())))
			synctest.Wait() // it has begun
			ctx, cancel := context.WithCancelCause(t.Context())
			cancel(why)
			require.ErrorIs(t, h.Shutdown(ctx), why)
			require.ErrorIs(t, <-causes, why)
			require.NoError(t, h.Shutdown(t.Context()))
		})
	})
}

package acceptance_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"runtime"
	"slices"
	"strconv"
	"sync"
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

type limiterFunc func(context.Context) error

// Wait implements imbot.Limiter.
func (f limiterFunc) Wait(ctx context.Context) error { return f(ctx) }

// places are where LeaveAll calls what it was given, by names. A client that is made with them calls reach at each.
var places = []string{"sequence", "limiter", "trace", "end of a trace", "observer", "middleware", "transport", "token source", "progress", "loop"}

// reaching makes a client that calls reach at the places that a client has.
func reaching(t *testing.T, portal *imbottest.Portal, reach func(place string)) *imbot.Client {
	t.Helper()
	portal.On("imbot.chat.leave", imbottest.Result(true))
	return clienttest.New(t, imbot.OAuth(portal.Endpoint(), clienttest.TokenFunc(func(context.Context) (string, error) {
		reach("token source")
		return imbottest.TokenOK, nil
	})),
		clienttest.Over(clienttest.RoundTrip(func(req *http.Request) (*http.Response, error) {
			reach("transport")
			return portal.RoundTripper().RoundTrip(req)
		})),
		imbot.WithLimiter(limiterFunc(func(context.Context) error {
			reach("limiter")
			return nil
		})),
		imbot.WithObserver(func(context.Context, imbot.Attempt) { reach("observer") }),
		imbot.WithTrace(func(ctx context.Context, _ imbot.CallInfo) (context.Context, func(imbot.CallResult)) {
			reach("trace")
			return ctx, func(imbot.CallResult) { reach("end of a trace") }
		}),
		imbot.WithMiddleware(func(next http.RoundTripper) http.RoundTripper {
			return clienttest.RoundTrip(func(req *http.Request) (*http.Response, error) {
				reach("middleware")
				return next.RoundTrip(req)
			})
		}))
}

// taking ranges over LeaveAll, and counts what was taken of so many requests and what was reported of it, in order.
func taking(t *testing.T, ctx context.Context, client *imbot.Client, n int, reach func(place string), opts ...imbot.LeaveAllOption) (taken, reported int) { //nolint:revive // t first, as in every helper
	t.Helper()
	note := func(result imbot.LeaveResult) {
		reported++
		assert.EqualValues(t, reported, result.Request.ChatID, "in their order, each once")
	}
	defer func() { assert.Equal(t, taken, reported, "each request that was taken has one result") }()
	opts = append(opts, imbot.WithUnreported(note), imbot.WithProgress(func(imbot.LeaveProgress) { reach("progress") }))
	for result := range client.Chat.LeaveAll(ctx, func(yield func(imbot.ChatLeaveRequest) bool) {
		for taken < n {
			reach("sequence")
			taken++
			if !yield(imbot.ChatLeaveRequest{ChatID: imbot.ChatID(taken), BotID: imbottest.BotMain}) {
				return
			}
		}
	}, opts...) {
		note(result)
		reach("loop")
	}
	return taken, reported
}

// Whatever ends the work, and at whatever step of it: each request that was taken has one result.
func TestLeaveAll_endsAtEachStep(t *testing.T) {
	t.Parallel()
	ends := map[string]func(cancel context.CancelCauseFunc, stop chan struct{}){
		"stop":             func(_ context.CancelCauseFunc, stop chan struct{}) { close(stop) },
		"ctx":              func(cancel context.CancelCauseFunc, _ chan struct{}) { cancel(nil) },
		"ctx with a cause": func(cancel context.CancelCauseFunc, _ chan struct{}) { cancel(errors.New("the program ends")) },
		"both":             func(cancel context.CancelCauseFunc, stop chan struct{}) { close(stop); cancel(nil) },
	}
	for name, end := range ends {
		for _, where := range places {
			t.Run(name+"/"+where, func(t *testing.T) {
				t.Parallel()
				for step := range 12 {
					synctest.Test(t, func(t *testing.T) {
						ctx, cancel := context.WithCancelCause(t.Context())
						defer cancel(nil)
						stop := make(chan struct{})
						reach := stepOf(where, step, func() { end(cancel, stop) })
						client := reaching(t, imbottest.NewPortal(t), reach)
						taken, _ := taking(t, ctx, client, 300, reach, imbot.WithStop(stop), imbot.WithConcurrency(3))
						assert.Positive(t, taken)
					})
				}
			})
		}
	}
}

// stepOf returns a function that calls f when a place was reached step times and is reached again.
func stepOf(where string, step int, f func()) func(place string) {
	var steps atomic.Int64
	return func(place string) {
		if place == where && steps.Add(1) == int64(step)+1 {
			f()
		}
	}
}

// So has it after a deadline at any time, and after a stop from another goroutine.
func TestLeaveAll_endsAtAnyTime(t *testing.T) {
	t.Parallel()
	for after := range 40 {
		t.Run(strconv.Itoa(after), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				portal := imbottest.NewPortal(t, imbottest.CostTakesTime(), imbottest.WithCost(imbottest.ConstantCost(30*time.Millisecond)))
				ctx, cancel := context.WithTimeout(t.Context(), time.Duration(after)*25*time.Millisecond)
				defer cancel()
				taking(t, ctx, reaching(t, portal, func(string) {}), 2000, func(string) {}, imbot.WithConcurrency(2))
			})
			portal := imbottest.NewPortal(t)
			stop := make(chan struct{})
			var once sync.Once
			defer once.Do(func() { close(stop) })
			reach := stepOf("sequence", 10*after, func() { go once.Do(func() { close(stop) }) })
			taking(t, t.Context(), reaching(t, portal, reach), 1000, reach, imbot.WithStop(stop))
		})
	}
}

// A function of the caller that panics does so on the goroutine of the loop, when every request that was taken has its
// result; one that ends its goroutine ends that of the loop.
func TestLeaveAll_callerPanics(t *testing.T) {
	t.Parallel()
	boom := errors.New("boom")
	for _, where := range places {
		for _, goexit := range []bool{false, true} {
			t.Run(fmt.Sprint(where, ", goexit: ", goexit), func(t *testing.T) {
				t.Parallel()
				for step := range 6 {
					synctest.Test(t, func(t *testing.T) {
						portal := imbottest.NewPortal(t)
						reach := stepOf(where, step, func() {
							if goexit {
								runtime.Goexit()
							}
							panic(boom)
						})
						client := reaching(t, portal, reach)
						ended := make(chan any)
						returned := false
						go func() {
							defer close(ended)
							defer func() {
								if recovered := recover(); recovered != nil {
									ended <- recovered
								}
							}()
							taking(t, t.Context(), client, 300, reach, imbot.WithConcurrency(3))
							returned = true
						}()
						recovered := <-ended
						assert.False(t, returned, "the loop went on after the panic")
						if goexit {
							assert.Nil(t, recovered)
							return
						}
						err, ok := recovered.(error)
						require.True(t, ok, "%v", recovered)
						require.ErrorIs(t, err, boom)
					})
				}
			})
		}
	}
}

// The requests at the portal at the time of a panic have an unknown outcome. Those that were not sent were not
// executed.
func TestLeaveAll_callerPanicsOutcomes(t *testing.T) {
	t.Parallel()
	for step := range 8 {
		synctest.Test(t, func(t *testing.T) {
			portal := crowded(t, 200)
			reach := stepOf("observer", step, func() { panic("boom") })
			unknown := 0
			assert.Panics(t, func() {
				for result := range clienttest.ForBot(portal, imbot.WithObserver(func(context.Context, imbot.Attempt) { reach("observer") })).
					Chat.LeaveAll(t.Context(), slices.Values(crowd(200)), imbot.WithBatchSize(20), imbot.WithConcurrency(2)) {
					assertTrue(t, portal, result)
					switch {
					case errors.Is(result.Err, imbot.ErrOutcomeUnknown):
						require.NotErrorIs(t, result.Err, imbot.ErrNotExecuted)
						require.Equal(t, 1, result.Outcome.Attempts)
						unknown++
					case result.Err != nil:
						require.ErrorIs(t, result.Err, imbot.ErrNotExecuted)
						assert.Zero(t, portal.Removals(result.Request.ChatID))
					}
				}
			})
			assert.Positive(t, unknown)
		})
	}
}

// A panic before a request is sent leaves no outcome unknown.
func TestLeaveAll_limiterPanicsOutcomes(t *testing.T) {
	t.Parallel()
	for step := range 8 {
		synctest.Test(t, func(t *testing.T) {
			portal := crowded(t, 200)
			reach := stepOf("limiter", step, func() { panic("boom") })
			limiter := limiterFunc(func(context.Context) error {
				reach("limiter")
				return nil
			})
			unsent := 0
			assert.Panics(t, func() {
				for result := range clienttest.ForBot(portal, imbot.WithLimiter(limiter)).Chat.LeaveAll(t.Context(), slices.Values(crowd(200)), imbot.WithBatchSize(20)) {
					assertTrue(t, portal, result)
					if result.Err != nil {
						require.ErrorIs(t, result.Err, imbot.ErrNotExecuted)
						assert.Zero(t, result.Outcome.Attempts)
						unsent++
					}
				}
			})
			assert.Positive(t, unsent)
		})
	}
}

// A panic while some of the bots are looked for does not decide where the others are.
func TestLeaveAll_panicsWhileLooking(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		portal := crowded(t, 200, imbottest.CostTakesTime(), constantly(time.Second))
		var requests atomic.Int64
		client := clienttest.New(t, imbot.Webhook(portal.WebhookURL()), imbot.WithClientID(imbottest.ClientID),
			clienttest.Over(clienttest.RoundTrip(func(req *http.Request) (*http.Response, error) {
				switch requests.Add(1) {
				case 5: // so slow that the chats are looked at in several batches
					resp, err := portal.RoundTripper().RoundTrip(req)
					require.NoError(t, err)
					_ = resp.Body.Close()
					time.Sleep(40 * time.Second) // fake clock
					return nil, errors.New("connection reset")
				case 6:
					panic("boom")
				default:
					return portal.RoundTripper().RoundTrip(req)
				}
			})))
		var last imbot.LeaveProgress
		unknown := 0
		assert.Panics(t, func() {
			for result := range client.Chat.LeaveAll(t.Context(), slices.Values(crowd(200)), imbot.WithConcurrency(1),
				imbot.WithProgress(func(p imbot.LeaveProgress) { last = p })) {
				assertTrue(t, portal, result)
				if errors.Is(result.Err, imbot.ErrOutcomeUnknown) {
					unknown++
				}
			}
		})
		assert.Greater(t, unknown, 10)
		assert.Equal(t, last.Taken, last.Done(), "each is counted once")
	})
}

// Where WithUnreported's function panics for one result it still gets the others.
func TestLeaveAll_unreportedPanics(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		portal := crowded(t, 200)
		var last imbot.LeaveProgress
		left, reported := 0, 0
		assert.PanicsWithValue(t, "boom", func() {
			for range clienttest.ForBot(portal).Chat.LeaveAll(t.Context(), slices.Values(crowd(200)), imbot.WithUnreported(func(imbot.LeaveResult) {
				if reported++; reported == 2 {
					panic("boom")
				}
			}), imbot.WithConcurrency(1), imbot.WithProgress(func(p imbot.LeaveProgress) { last = p })) {
				if left++; last.Taken-left > 10 {
					break // how soon so many are taken is up to the scheduler
				}
			}
		})
		assert.Greater(t, reported, 10)
	})
}

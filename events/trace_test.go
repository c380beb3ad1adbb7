package events_test

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/events"
)

// steps keeps what a trace is told.
type steps struct {
	mu    sync.Mutex
	begun int
	ended []string
	last  []events.StepResult
}

func (s *steps) trace(ctx context.Context, info events.StepInfo) (context.Context, func(events.StepResult)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.begun++
	return ctx, func(result events.StepResult) {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.ended = append(s.ended, fmt.Sprintf("%s %q: %s %q %d", info.Step, info.Name, result.Outcome, result.Name, result.StatusCode))
		s.last = append(s.last, result)
	}
}

// Each step is reported once, whatever becomes of it.
func TestWithTrace_steps(t *testing.T) {
	t.Parallel()
	failure := errors.New("no way")
	back := func(err error) events.Option {
		return events.OnJoinChat(func(context.Context, *events.Event) error { return err })
	}
	old := strconv.FormatInt(time.Date(1999, 1, 1, 0, 0, 0, 0, time.UTC).Unix(), 10)
	const accepted = `receive "": accepted "ONIMBOTJOINCHAT" 200`
	tests := map[string]struct {
		opts  []events.Option
		posts []string
		want  []string
		is    error
	}{
		"done":    {[]events.Option{back(nil)}, []string{join()}, []string{accepted, `work "ONIMBOTJOINCHAT": done "ONIMBOTJOINCHAT" 0`}, nil},
		"nothing": {nil, []string{join()}, []string{accepted}, nil},
		"failed":  {[]events.Option{back(failure)}, []string{join()}, []string{accepted, `work "ONIMBOTJOINCHAT": failed "ONIMBOTJOINCHAT" 0`}, failure},
		"panicked": {
			[]events.Option{events.OnJoinChat(func(context.Context, *events.Event) error { panic("boom") })},
			[]string{join()},
			[]string{accepted, `work "ONIMBOTJOINCHAT": failed "ONIMBOTJOINCHAT" 0`},
			events.ErrPanic,
		},
		"refused": {[]events.Option{back(nil)}, []string{"event="}, []string{`receive "": refused "" 400`}, events.ErrMalformed},
		"not verified": {
			[]events.Option{back(nil)},
			[]string{fields("event=ONIMBOTJOINCHAT", "auth[member_id]="+member, "auth[application_token]=EXAMPLE_OTHER")},
			[]string{`receive "": refused "" 403`},
			events.ErrUnverified,
		},
		"twice": {
			[]events.Option{back(nil), events.WithoutRepeats(time.Minute)},
			[]string{join(), join()},
			[]string{accepted, `work "ONIMBOTJOINCHAT": done "ONIMBOTJOINCHAT" 0`, accepted, `work "ONIMBOTJOINCHAT": dropped "ONIMBOTJOINCHAT" 0`},
			nil,
		},
		"too old": {
			[]events.Option{back(nil), events.WithMaxAge(time.Minute)},
			[]string{join("ts=" + old)},
			[]string{accepted, `work "ONIMBOTJOINCHAT": dropped "ONIMBOTJOINCHAT" 0`},
			nil,
		},
		"synchronous": {
			[]events.Option{back(failure), events.WithSynchronous()},
			[]string{join()},
			[]string{`work "ONIMBOTJOINCHAT": failed "ONIMBOTJOINCHAT" 0`, `receive "": accepted "ONIMBOTJOINCHAT" 500`},
			failure,
		},
		"kept, and kept again": {
			[]events.Option{events.WithEnqueue(new(line).put), events.WithoutRepeats(time.Minute)},
			[]string{join(), join()},
			[]string{accepted, `receive "": dropped "ONIMBOTJOINCHAT" 200`},
			nil,
		},
		"too old to be kept": {
			[]events.Option{events.WithEnqueue(new(line).put), events.WithMaxAge(time.Minute)},
			[]string{join("ts=" + old)},
			[]string{`receive "": dropped "ONIMBOTJOINCHAT" 200`},
			nil,
		},
		"not kept": {
			[]events.Option{events.WithEnqueue((&line{err: failure}).put)},
			[]string{join()},
			[]string{`receive "": refused "ONIMBOTJOINCHAT" 503`},
			failure,
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				var s steps
				h := newHandler(t, append(test.opts, events.WithTrace(s.trace))...)
				for _, body := range test.posts {
					serve(h, post(t, "/", body))
					synctest.Wait()
				}

				assert.ElementsMatch(t, test.want, s.ended, "the answer and the work may end in any order")
				assert.Len(t, s.ended, s.begun)
				var failed error
				for _, result := range s.last {
					failed = errors.Join(failed, result.Err)
				}
				if test.is == nil {
					require.NoError(t, failed)
				} else {
					require.ErrorIs(t, failed, test.is)
				}
			})
		})
	}
}

// What comes from a queue is work alone.
func TestWithTrace_work(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var s steps
		h := newHandler(t, events.WithTrace(s.trace), events.WithMaxAge(time.Minute),
			events.OnJoinChat(func(context.Context, *events.Event) error { time.Sleep(time.Second); return nil })) // fake clock
		event := parse(t, "/", join("ts="+strconv.FormatInt(time.Now().Unix(), 10)))
		require.NoError(t, h.Work(t.Context(), event))
		time.Sleep(2 * time.Minute) // fake clock
		require.NoError(t, h.Work(t.Context(), event))
		assert.Equal(t, []string{`work "ONIMBOTJOINCHAT": done "ONIMBOTJOINCHAT" 0`, `work "ONIMBOTJOINCHAT": dropped "ONIMBOTJOINCHAT" 0`}, s.ended)
		assert.Equal(t, time.Second, s.last[0].Duration)
	})
}

// The context of a step is that of what is done in it, and traces are nested.
func TestWithTrace_nested(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		type key string
		var seen notes
		trace := func(name string) events.Option {
			return events.WithTrace(func(ctx context.Context, info events.StepInfo) (context.Context, func(events.StepResult)) {
				seen.add(fmt.Sprintf("%s of %s in %v", name, info.Step, ctx.Value(key("outer"))))
				return context.WithValue(ctx, key(name), info.Step), func(events.StepResult) { seen.add(fmt.Sprintf("end of %s of %s", name, info.Step)) }
			})
		}
		h := newHandler(t, trace("outer"), events.WithTrace(func(context.Context, events.StepInfo) (context.Context, func(events.StepResult)) {
			panic("boom") // which nobody hears of
		}), events.WithTrace(func(context.Context, events.StepInfo) (context.Context, func(events.StepResult)) {
			return nil, func(events.StepResult) { panic("boom") }
		}), trace("inner"), events.WithSynchronous(), events.OnJoinChat(func(ctx context.Context, _ *events.Event) error {
			seen.add(fmt.Sprintf("callback in %v and %v", ctx.Value(key("outer")), ctx.Value(key("inner"))))
			return nil
		}))

		assert.Equal(t, 200, serve(h, post(t, "/", join())))

		synctest.Wait()
		assert.Equal(t, []string{
			"outer of receive in <nil>", "inner of receive in receive",
			"outer of work in receive", "inner of work in work", "callback in work and work", "end of inner of work", "end of outer of work",
			"end of inner of receive", "end of outer of receive",
		}, seen.all())
	})
}

func TestWithTrace_refusesNil(t *testing.T) {
	t.Parallel()
	_, err := events.NewHandler(lookup, events.WithTrace(nil))
	var mistake *imbot.ParamError
	require.ErrorAs(t, err, &mistake)
	assert.Equal(t, "WithTrace", mistake.Param)
}

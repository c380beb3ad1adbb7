package events_test

import (
	"context"
	"errors"
	"net/http"
	"runtime"
	"strconv"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/events"
	"github.com/seed-a6e4e5a4/imbot/imbotv2"
)

// line is a queue in memory.
type line struct {
	kept []*events.Event
	err  error
}

func (l *line) put(_ context.Context, event *events.Event) error {
	if l.err == nil {
		l.kept = append(l.kept, event)
	}
	return l.err
}

func TestWithEnqueue(t *testing.T) {
	t.Parallel()
	failure := errors.New("the disk is full of " + proof)
	tests := map[string]struct {
		put    func(context.Context, *events.Event) error
		status int
		want   []error
	}{
		"kept":  {func(context.Context, *events.Event) error { return nil }, http.StatusOK, nil},
		"error": {func(context.Context, *events.Event) error { return failure }, http.StatusServiceUnavailable, []error{events.ErrNotKept, failure}},
		"panic": {func(context.Context, *events.Event) error { panic("ouch") }, http.StatusServiceUnavailable, []error{events.ErrNotKept, events.ErrPanic}},
		"end of goroutine": {func(context.Context, *events.Event) error {
			runtime.Goexit()
			return nil
		}, http.StatusServiceUnavailable, []error{events.ErrNotKept, events.ErrPanic}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var reported errorsOf
			var kept *events.Event
			h := newHandler(t, events.WithErrorHandler(reported.add), events.WithEnqueue(func(ctx context.Context, event *events.Event) error {
				kept = event
				return tt.put(ctx, event)
			}))
			assert.Equal(t, tt.status, serve(h, post(t, "/", join())))
			assert.Equal(t, events.JoinChat, kept.Name)
			if tt.want == nil {
				assert.Empty(t, reported.all())
				return
			}
			require.Len(t, reported.all(), 1)
			for _, want := range tt.want {
				require.ErrorIs(t, reported.all()[0], want)
			}
			assert.NotContains(t, reported.all()[0].Error(), proof)
			require.NoError(t, h.Shutdown(t.Context()))
			assert.Equal(t, http.StatusServiceUnavailable, serve(h, post(t, "/", join())))
		})
	}
}

// Nothing is called but what keeps the event, and what is not verified is not kept. Others than those with a callback
// are kept as well, installations among them.
func TestWithEnqueue_keepsAll(t *testing.T) {
	t.Parallel()
	var queue line
	var asked string
	h := newHandler(t, events.WithEnqueue(queue.put),
		events.OnJoinChat(func(context.Context, *events.Event) error { panic("not yet") }),
		events.WithInstallCheck(func(_ context.Context, event *events.Event) error {
			asked = event.Auth.AccessToken
			return nil
		}))
	assert.Equal(t, 200, serve(h, post(t, "/", join())))
	assert.Equal(t, 403, serve(h, post(t, "/", join("auth[application_token]=wrong"))))
	assert.Equal(t, 200, serve(h, post(t, "/", named("OTHER"))))
	assert.Equal(t, 200, serve(h, post(t, "/", fields("event=ONAPPINSTALL", "auth[member_id]=new", "auth[application_token]=EXAMPLE_NEW", "auth[access_token]=EXAMPLE_ACCESS"))))
	assert.Equal(t, 200, serve(h, post(t, "/", named(events.AppUninstall))))
	var names []string
	for _, event := range queue.kept {
		names = append(names, event.Name)
	}
	assert.Equal(t, []string{events.JoinChat, "OTHER", events.AppInstall, events.AppUninstall}, names)
	assert.Equal(t, "EXAMPLE_ACCESS", asked, "the check has the tokens")
}

func TestWithEnqueue_refused(t *testing.T) {
	t.Parallel()
	var queue line
	for param, opts := range map[string][]events.Option{
		"WithEnqueue":     {events.WithEnqueue(nil)},
		"WithSynchronous": {events.WithSynchronous(), events.WithEnqueue(queue.put)},
	} {
		_, err := events.NewHandler(lookup, opts...)
		var mistake *imbot.ParamError
		require.ErrorAs(t, err, &mistake)
		assert.Equal(t, param, mistake.Param)
	}
}

// What came before is dropped only if it was kept.
func TestWithEnqueue_repeats(t *testing.T) {
	t.Parallel()
	queue := line{err: errors.New("no")}
	h := newHandler(t, events.WithEnqueue(queue.put), events.WithoutRepeats(time.Minute))
	assert.Equal(t, 503, serve(h, post(t, "/", join())))
	queue.err = nil
	for range 3 {
		assert.Equal(t, 200, serve(h, post(t, "/", join())))
	}
	assert.Len(t, queue.kept, 1)
}

// A message that comes in both generations is kept once where a mux works on it.
func TestWithEnqueue_repeatsOfBothGenerations(t *testing.T) {
	t.Parallel()
	var queue line
	h := newHandler(t, events.WithEnqueue(queue.put), events.WithoutRepeats(time.Minute), events.WithMux(imbotv2.NewMux()))
	common := []string{"auth[member_id]=" + member, "auth[application_token]=" + proof}
	first := append([]string{"event=ONIMBOTMESSAGEADD", "data[BOT][9][BOT_ID]=9", "data[PARAMS][MESSAGE_ID]=7", "data[PARAMS][CHAT_ID]=5", "data[PARAMS][DIALOG_ID]=chat5"}, common...)
	second := append([]string{"event=ONIMBOTV2MESSAGEADD", "data[bot][id]=9", "data[message][id]=7", "data[chat][id]=5", "data[chat][dialogId]=chat5"}, common...)
	assert.Equal(t, 200, serve(h, post(t, "/", fields(first...))))
	assert.Equal(t, 200, serve(h, post(t, "/", fields(second...))))
	assert.Len(t, queue.kept, 1)
}

func TestWithEnqueue_maxAge(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var queue line
		var reported errorsOf
		var calls int
		h := newHandler(t, events.WithEnqueue(queue.put), events.WithMaxAge(time.Minute), events.WithErrorHandler(reported.add),
			events.OnJoinChat(func(context.Context, *events.Event) error { calls++; return nil }))
		at := strconv.FormatInt(time.Now().Unix(), 10)
		assert.Equal(t, 200, serve(h, post(t, "/", join("ts="+at))))
		require.NoError(t, h.Work(t.Context(), queue.kept[0]))
		assert.Equal(t, 1, calls)
		time.Sleep(2 * time.Minute) // fake clock
		assert.Equal(t, 200, serve(h, post(t, "/", join("ts="+at))))
		assert.Len(t, queue.kept, 1)
		require.NoError(t, h.Work(t.Context(), queue.kept[0]))
		assert.Equal(t, 1, calls)
		require.Len(t, reported.all(), 2)
		require.ErrorIs(t, reported.all()[0], events.ErrTooOld)
		require.ErrorIs(t, reported.all()[1], events.ErrTooOld)
	})
}

func TestHandler_Work(t *testing.T) {
	t.Parallel()
	failure := errors.New("no way")
	mux := imbotv2.NewMux()
	var messages int
	mux.Message(func(context.Context, *imbotv2.Event) error { messages++; return failure })
	var queue line
	var reported errorsOf
	h := newHandler(t, events.WithEnqueue(queue.put), events.WithMux(mux), events.WithoutRepeats(time.Minute), events.WithErrorHandler(reported.add),
		events.OnJoinChat(func(context.Context, *events.Event) error { runtime.Goexit(); return nil }))
	_, form := postedJSON(t, "ONIMBOTV2MESSAGEADD")
	message := parse(t, "/", form)
	for range 2 {
		require.ErrorIs(t, h.Work(t.Context(), message), failure, "a queue calls again")
	}
	assert.Equal(t, 2, messages)
	require.ErrorIs(t, h.Work(t.Context(), parse(t, "/", join())), events.ErrPanic)
	assert.Len(t, reported.all(), 3)
	require.NoError(t, h.Work(t.Context(), parse(t, "/", named("OTHER"))))
	var mistake *imbot.ParamError
	require.ErrorAs(t, h.Work(t.Context(), nil), &mistake)
}

// A shutdown waits for what is being kept, and ends it with its time.
func TestWithEnqueue_shutdown(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var status atomic.Int32
		h := newHandler(t, events.WithEnqueue(func(ctx context.Context, _ *events.Event) error {
			<-ctx.Done()
			return ctx.Err()
		}))
		r := post(t, "/", join())
		ctx, cancel := context.WithCancel(r.Context())
		go func() { status.Store(int32(serve(h, r.WithContext(ctx)))) }()
		synctest.Wait()
		cancel() // the portal hangs up
		synctest.Wait()
		assert.Zero(t, status.Load())
		end, cancelEnd := context.WithTimeout(t.Context(), time.Second)
		defer cancelEnd()
		require.ErrorIs(t, h.Shutdown(end), context.DeadlineExceeded)
		synctest.Wait()
		assert.EqualValues(t, http.StatusServiceUnavailable, status.Load())
	})
}

package eventqueue_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/eventqueue"
	"github.com/seed-a6e4e5a4/imbot/events"
	"github.com/seed-a6e4e5a4/imbot/imbotv2"
)

// A later event waits while an earlier one of its portal is repeated, and then the earlier one becomes a dead letter.
func TestQueue_failures(t *testing.T) {
	t.Parallel()
	failure := errors.New("no way")
	tests := map[string]struct {
		callback func() error
		want     error
		attempts int
	}{
		"error":            {func() error { return failure }, failure, 3},
		"panic":            {func() error { panic("ouch") }, eventqueue.ErrPanic, 3},
		"panic, an error":  {func() error { panic(failure) }, failure, 3},
		"end of goroutine": {func() error { runtime.Goexit(); return nil }, eventqueue.ErrPanic, 3},
		"a mistake":        {func() error { return &imbot.ParamError{Param: "x", Err: failure} }, failure, 1},
		"unknown outcome":  {func() error { return imbot.ErrOutcomeUnknown }, imbot.ErrOutcomeUnknown, 1},
		"may try again":    {func() error { return imbotv2.TryAgain(imbot.ErrOutcomeUnknown) }, imbot.ErrOutcomeUnknown, 3},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			q := open(t)
			put(t, q, "p", 1, 2)
			put(t, q, "other", 7)
			var tried record
			var failures []error
			letters := make(chan eventqueue.DeadLetter, 1)
			stop := work(t, q, func(_ context.Context, event *events.Event) error {
				tried.add(event)
				if numberOf(event) == 1 {
					event.Values.Set("data[PARAMS][MESSAGE_ID]", "1000") // no business of the next attempt
					return tt.callback()
				}
				return nil
			}, eventqueue.WithMaxDeliver(3), eventqueue.WithDead(func(_ context.Context, letter eventqueue.DeadLetter) { letters <- letter }),
				eventqueue.WithErrorHandler(func(_ context.Context, err error) { failures = append(failures, err) }))
			want := []int{1, 1, 1, 2}[3-tt.attempts:]
			tried.awaits(t, "p", want...)
			tried.awaits(t, "other", 7)
			letter := <-letters
			stop()

			assert.Equal(t, tt.attempts, letter.Attempts)
			assert.Equal(t, 1, numberOf(letter.Event))
			assert.Equal(t, 1, numberOf(letter.Event)%999)
			require.Len(t, failures, tt.attempts)
			for i, err := range failures {
				var failed *eventqueue.WorkError
				require.ErrorAs(t, err, &failed)
				require.ErrorIs(t, err, tt.want)
				assert.Equal(t, i+1, failed.Attempt)
				assert.Equal(t, i+1 == tt.attempts, failed.Dead)
			}
			var listed []eventqueue.DeadLetter
			for letter, err := range q.DeadLetters(t.Context()) {
				require.NoError(t, err)
				listed = append(listed, letter)
			}
			require.Len(t, listed, 1)
			assert.Equal(t, letter.ID, listed[0].ID)
			assert.Equal(t, letter.Reason, listed[0].Reason)
			assert.Equal(t, 1, numberOf(listed[0].Event))

			require.NoError(t, q.PutBack(t.Context(), letter.ID))
			require.ErrorIs(t, q.PutBack(t.Context(), letter.ID), eventqueue.ErrNoDeadLetter)
			require.ErrorIs(t, q.Discard(t.Context(), letter.ID), eventqueue.ErrNoDeadLetter)
			var again record
			work(t, q, func(_ context.Context, event *events.Event) error { again.add(event); return nil })
			again.awaits(t, "p", 1)
		})
	}
}

func TestQueue_Discard(t *testing.T) {
	t.Parallel()
	q := open(t)
	put(t, q, "p", 1)
	letters := make(chan eventqueue.DeadLetter, 1)
	work(t, q, func(context.Context, *events.Event) error { return errors.New("ouch") }, eventqueue.WithMaxDeliver(1),
		eventqueue.WithDead(func(_ context.Context, letter eventqueue.DeadLetter) { letters <- letter; panic("changes nothing") }))
	require.NoError(t, q.Discard(t.Context(), (<-letters).ID))
	for letter, err := range q.DeadLetters(t.Context()) {
		assert.Fail(t, "it is still there", "%d %v", letter.ID, err)
	}
}

// A portal that is stuck, and one whose event is repeated, hold up no other, whatever shard those are in.
func TestQueue_slowPortal(t *testing.T) {
	t.Parallel()
	q := open(t)
	put(t, q, "slow", 1, 2, 3)
	put(t, q, "failing", 1, 2, 3)
	for portal := range 100 {
		put(t, q, fmt.Sprint("p", portal), 1, 2)
	}
	var done record
	release := make(chan struct{})
	work(t, q, func(_ context.Context, event *events.Event) error {
		switch event.MemberID {
		case "slow":
			<-release
		case "failing":
			return errors.New("again")
		}
		done.add(event)
		return nil
	}, eventqueue.WithMaxDeliver(100))
	for portal := range 100 {
		done.awaits(t, fmt.Sprint("p", portal), 1, 2)
	}
	assert.Empty(t, done.of("slow"))
	close(release)
	done.awaits(t, "slow", 1, 2, 3)
}

// Callbacks that take too long are told when the grace is over, and their events stay.
func TestQueue_grace(t *testing.T) {
	t.Parallel()
	q := open(t)
	put(t, q, "p", 1)
	begun, cause := make(chan struct{}), make(chan error, 1)
	stop := work(t, q, func(ctx context.Context, _ *events.Event) error {
		close(begun)
		<-ctx.Done()
		cause <- context.Cause(ctx)
		return ctx.Err()
	}, eventqueue.WithGrace(50*time.Millisecond), eventqueue.WithMaxDeliver(1))
	<-begun
	stop()
	require.ErrorIs(t, <-cause, eventqueue.ErrGrace)
	var done record
	work(t, q, func(_ context.Context, event *events.Event) error { done.add(event); return nil }, eventqueue.WithMaxDeliver(1))
	done.awaits(t, "p", 1)
}

func TestQueue_mistakes(t *testing.T) {
	t.Parallel()
	q := open(t)
	nothing := func(context.Context, *events.Event) error { return nil }
	opened := func(opts ...eventqueue.Option) error {
		_, err := eventqueue.Open(t.Context(), t.TempDir(), opts...)
		return err
	}
	connected := func(conn *nats.Conn, opts ...eventqueue.Option) error {
		_, err := eventqueue.Connect(t.Context(), conn, opts...)
		return err
	}
	_, noDir := eventqueue.Open(t.Context(), "")
	for param, err := range map[string]error{
		"dir": noDir, "conn": connected(nil), "WithSyncAlways": connected(new(nats.Conn), eventqueue.WithSyncAlways()),
		"WithReplicas": opened(eventqueue.WithReplicas(2)), "WithName": opened(eventqueue.WithName("a.b")), "option 1": opened(nil),
		"WithDuplicateWindow": opened(eventqueue.WithDuplicateWindow(0)), "event": q.Put(t.Context(), nil),
		"callback":         q.Work(t.Context(), nil),
		"WithMaxDeliver":   q.Work(t.Context(), nothing, eventqueue.WithMaxDeliver(0)),
		"WithDead":         q.Work(t.Context(), nothing, eventqueue.WithDead(nil)),
		"WithConcurrency":  q.Work(t.Context(), nothing, eventqueue.WithConcurrency(0)),
		"WithGrace":        q.Work(t.Context(), nothing, eventqueue.WithGrace(0)),
		"WithErrorHandler": q.Work(t.Context(), nothing, eventqueue.WithErrorHandler(nil)),
	} {
		var mistake *imbot.ParamError
		require.ErrorAs(t, err, &mistake, param)
		assert.Equal(t, param, mistake.Param)
	}
}

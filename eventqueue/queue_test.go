package eventqueue_test

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"runtime"
	"strconv"
	"sync"
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

// soon is for how long a test waits for what has to come.
const soon = 30 * time.Second

// tick is how often it looks whether that has come.
const tick = 5 * time.Millisecond

const secret = "EXAMPLE_SECRET_TOKEN"

// message is an event of a portal that no other has the number of.
func message(portal string, number int) *events.Event {
	id := strconv.Itoa(number)
	return &events.Event{
		Name: events.MessageAdd, MemberID: portal, ApplicationToken: secret, Bots: []events.Bot{{ID: 9, ClientID: secret}},
		Values: url.Values{"data[PARAMS][MESSAGE_ID]": {id}, "data[BOT][9][access_token]": {secret}},
	}
}

// numberOf is the number that an event was made with.
func numberOf(event *events.Event) int {
	number, _ := strconv.Atoi(event.Param("MESSAGE_ID"))
	return number
}

func open(t testing.TB, opts ...eventqueue.Option) *eventqueue.Queue {
	t.Helper()
	q, err := eventqueue.Open(t.Context(), t.TempDir(), opts...)
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, q.Close()) })
	return q
}

func put(t testing.TB, q *eventqueue.Queue, portal string, numbers ...int) {
	t.Helper()
	for _, number := range numbers {
		require.NoError(t, q.Put(t.Context(), message(portal, number)))
	}
}

// work lets a queue work until the test is over, or until stop is called.
func work(t testing.TB, q *eventqueue.Queue, callback eventqueue.Callback, opts ...eventqueue.WorkOption) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	ended := make(chan error, 1)
	go func() { ended <- q.Work(ctx, callback, opts...) }()
	stop = sync.OnceFunc(func() {
		cancel()
		select {
		case err := <-ended:
			assert.NoError(t, err)
		case <-time.After(soon):
			assert.Fail(t, "Work does not end")
		}
	})
	t.Cleanup(stop)
	return stop
}

// record notes what was worked on, by portal.
type record struct {
	mu   sync.Mutex
	seen map[string][]int
}

func (r *record) add(event *events.Event) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.seen == nil {
		r.seen = make(map[string][]int)
	}
	r.seen[event.MemberID] = append(r.seen[event.MemberID], numberOf(event))
}

func (r *record) of(portal string) []int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]int(nil), r.seen[portal]...)
}

// awaits waits until a portal's events were worked on as wanted.
func (r *record) awaits(t testing.TB, portal string, want ...int) {
	t.Helper()
	ok := assert.Eventually(t, func() bool { return len(r.of(portal)) >= len(want) }, soon, 5*time.Millisecond, portal)
	require.True(t, ok)
	assert.Equal(t, want, r.of(portal), portal)
}

func TestQueue_order(t *testing.T) {
	t.Parallel()
	q := open(t)
	var done record
	want := make([]int, 0, 50)
	for number := range 50 {
		want = append(want, number)
		for portal := range 20 {
			put(t, q, fmt.Sprint("p", portal), number)
		}
		if number == 25 {
			work(t, q, func(_ context.Context, event *events.Event) error { done.add(event); return nil })
		}
	}
	for portal := range 20 {
		done.awaits(t, fmt.Sprint("p", portal), want...)
	}
}

// What is on disk has no secret, and the event that comes from it is the one that was put.
func TestQueue_events(t *testing.T) {
	t.Parallel()
	q := open(t)
	event := message("p", 1)
	require.NoError(t, q.Put(t.Context(), event))
	got := make(chan *events.Event, 1)
	work(t, q, func(_ context.Context, event *events.Event) error { got <- event; return nil })
	select {
	case worked := <-got:
		assert.Equal(t, event.ID(), worked.ID())
		assert.Empty(t, worked.ApplicationToken)
		assert.Empty(t, worked.Values.Get("data[BOT][9][access_token]"))
	case <-time.After(soon):
		require.Fail(t, "nothing came")
	}
}

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

func TestQueue_repeats(t *testing.T) {
	t.Parallel()
	q := open(t)
	put(t, q, "p", 1, 1, 2, 1)
	put(t, q, "other", 1)
	var done record
	work(t, q, func(_ context.Context, event *events.Event) error { done.add(event); return nil })
	done.awaits(t, "other", 1)
	done.awaits(t, "p", 1, 2)
	put(t, q, "p", 1, 3) // also after it was done
	done.awaits(t, "p", 1, 2, 3)
}

// What runs is finished, what was not begun stays, and who has Work again begins with that.
func TestQueue_Close(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	q, err := eventqueue.Open(t.Context(), dir, eventqueue.WithSyncAlways())
	require.NoError(t, err)
	_, err = eventqueue.Open(t.Context(), dir)
	require.ErrorIs(t, err, eventqueue.ErrInUse)
	put(t, q, "p", 1, 2)
	begun, release := make(chan struct{}), make(chan struct{})
	var done record
	work(t, q, func(ctx context.Context, event *events.Event) error {
		close(begun)
		<-release
		done.add(event)
		return ctx.Err()
	})
	<-begun
	require.ErrorIs(t, q.Work(t.Context(), func(context.Context, *events.Event) error { return nil }), eventqueue.ErrWorking)
	closed := make(chan error, 1)
	go func() { closed <- q.Close() }()
	require.Eventually(t, func() bool { return errors.Is(q.Put(t.Context(), message("probe", 3)), eventqueue.ErrClosed) }, soon, time.Millisecond)
	close(release)
	require.NoError(t, <-closed)
	require.NoError(t, q.Close())
	assert.Equal(t, []int{1}, done.of("p"))
	require.ErrorIs(t, q.Work(t.Context(), func(context.Context, *events.Event) error { return nil }), eventqueue.ErrClosed)
	require.ErrorIs(t, q.PutBack(t.Context(), 1), eventqueue.ErrClosed)
	require.ErrorIs(t, q.Discard(t.Context(), 1), eventqueue.ErrClosed)
	for _, err := range q.DeadLetters(t.Context()) {
		require.ErrorIs(t, err, eventqueue.ErrClosed)
	}

	q, err = eventqueue.Open(t.Context(), dir)
	require.NoError(t, err)
	defer func() { assert.NoError(t, q.Close()) }()
	var rest record
	work(t, q, func(_ context.Context, event *events.Event) error { rest.add(event); return nil })
	rest.awaits(t, "p", 2)
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

// Callbacks find the values of the context of Work, and not its end.
func TestQueue_values(t *testing.T) {
	t.Parallel()
	type key struct{}
	q := open(t)
	put(t, q, "p", 1)
	ctx, cancel := context.WithCancel(context.WithValue(t.Context(), key{}, "value"))
	defer cancel()
	require.NoError(t, q.Work(ctx, func(ctx context.Context, _ *events.Event) error {
		cancel()
		assert.Equal(t, "value", ctx.Value(key{}))
		assert.NoError(t, ctx.Err())
		return nil
	}))
}

func TestForMux(t *testing.T) {
	t.Parallel()
	mux := imbotv2.NewMux()
	var texts []string
	mux.Message(func(_ context.Context, event *imbotv2.Event) error {
		texts = append(texts, strconv.FormatInt(int64(event.Bot.ID), 10))
		return nil
	})
	callback := eventqueue.ForMux(mux)
	event := message("p", 1)
	event.Bots = append(event.Bots, events.Bot{ID: 10})
	require.NoError(t, callback(t.Context(), event))
	require.NoError(t, callback(t.Context(), &events.Event{Name: events.AppInstall}))
	assert.Equal(t, []string{"9", "10"}, texts)
	var mistake *imbot.ParamError
	require.ErrorAs(t, eventqueue.ForMux(nil)(t.Context(), event), &mistake)
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

func TestQueue_Stats(t *testing.T) {
	t.Parallel()
	q := open(t)
	of := func() eventqueue.Stats {
		stats, err := q.Stats(t.Context())
		require.NoError(t, err)
		return stats
	}
	assert.Equal(t, eventqueue.Stats{}, of())
	put(t, q, "p", 1)
	oldest := of().Oldest
	assert.WithinDuration(t, time.Now(), oldest, soon)
	put(t, q, "p", 2, 3)
	assert.Equal(t, eventqueue.Stats{Pending: 3, Oldest: oldest}, of())
	begun, release := make(chan struct{}), make(chan error)
	stop := work(t, q, func(context.Context, *events.Event) error {
		begun <- struct{}{}
		return <-release
	}, eventqueue.WithMaxDeliver(1))
	<-begun
	assert.Equal(t, eventqueue.Stats{Pending: 3, Oldest: oldest, Working: 1}, of())
	release <- nil
	<-begun // of the second one
	second := of()
	assert.Equal(t, 2, second.Pending)
	assert.True(t, second.Oldest.After(oldest))
	release <- errors.New("ouch")
	<-begun
	third := of()
	assert.Equal(t, eventqueue.Stats{Pending: 1, Oldest: third.Oldest, DeadLetters: 1, Working: 1}, third)
	assert.True(t, third.Oldest.After(second.Oldest))
	release <- nil
	stop()
	assert.Equal(t, eventqueue.Stats{DeadLetters: 1}, of())
	require.NoError(t, q.Close())
	_, err := q.Stats(t.Context())
	require.ErrorIs(t, err, eventqueue.ErrClosed)
}

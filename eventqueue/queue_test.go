package eventqueue_test

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"sync"
	"testing"
	"time"

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

package eventqueue_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-a6e4e5a4/imbot/eventqueue"
	"github.com/seed-a6e4e5a4/imbot/events"
)

// bucket returns the leases of a queue.
func bucket(t *testing.T, url string) (jetstream.JetStream, jetstream.KeyValue) {
	t.Helper()
	conn, err := nats.Connect(url)
	require.NoError(t, err)
	t.Cleanup(conn.Close)
	js, err := jetstream.New(conn)
	require.NoError(t, err)
	leases, err := js.KeyValue(t.Context(), "IMBOT_LEASES")
	require.NoError(t, err)
	return js, leases
}

// A replica that loses its leases without knowing it, as one that was paused, begins nothing more of a portal as soon as
// another one has. Its callback that does not end with its context changes nothing.
func TestConnect_leaseLostUnknown(t *testing.T) {
	t.Parallel()
	s := listen(t, t.TempDir(), 0)
	t.Cleanup(s.Shutdown)
	lease := eventqueue.WithLease(24 * time.Hour) // it would find out by itself in hours
	paused, other := join(t, s.ClientURL(), lease), join(t, s.ClientURL(), lease)
	begun, release := make(chan struct{}), make(chan struct{})
	var first, second record
	told := make(chan error, 100)
	work(t, paused, func(_ context.Context, event *events.Event) error {
		first.add(event)
		if numberOf(event) == 1 {
			close(begun)
			<-release
		}
		return nil
	}, eventqueue.WithErrorHandler(func(ctx context.Context, _ error) { told <- context.Cause(ctx) }))
	put(t, paused, "p", 1, 2)
	<-begun
	_, leases := bucket(t, s.ClientURL())
	keys, err := leases.ListKeys(t.Context())
	require.NoError(t, err)
	for key := range keys.Keys() {
		require.NoError(t, leases.Purge(t.Context(), key)) // nobody hears of that, as when it has ended
	}
	work(t, other, func(_ context.Context, event *events.Event) error { second.add(event); return nil })
	put(t, other, "p", 3)
	second.awaits(t, "p", 1, 2, 3)
	close(release)
	want := []int{1, 2, 3}
	for number := 4; number < 30; number++ {
		put(t, other, "p", number)
		want = append(want, number)
	}
	second.awaits(t, "p", want...)
	assert.Equal(t, []int{1}, first.of("p"))
	select {
	case cause := <-told:
		require.ErrorIs(t, cause, eventqueue.ErrLeaseLost)
	case <-time.After(soon):
		require.Fail(t, "nobody was told")
	}
}

// Leases and replicas that nobody renews end although the server's clock has been set back, so that it keeps them.
func TestConnect_clockSetBack(t *testing.T) {
	t.Parallel()
	s := listen(t, t.TempDir(), 0)
	t.Cleanup(s.Shutdown)
	conn, err := nats.Connect(s.ClientURL())
	require.NoError(t, err)
	cut, err := eventqueue.Connect(t.Context(), conn, eventqueue.WithLease(time.Second))
	require.NoError(t, err)
	other := join(t, s.ClientURL())
	var first, second record
	work(t, cut, func(_ context.Context, event *events.Event) error { first.add(event); return nil })
	put(t, other, "p", 1)
	first.awaits(t, "p", 1)
	js, _ := bucket(t, s.ClientURL())
	stream, err := js.Stream(t.Context(), "KV_IMBOT_LEASES")
	require.NoError(t, err)
	config := stream.CachedInfo().Config
	config.MaxAge = 24 * time.Hour
	_, err = js.UpdateStream(t.Context(), config)
	require.NoError(t, err)
	conn.Close()
	work(t, other, func(_ context.Context, event *events.Event) error { second.add(event); return nil })
	put(t, other, "p", 2)
	second.awaits(t, "p", 2)
	for _, portal := range []string{"a", "b", "c", "d", "e", "f", "g", "h"} { // those of all shards, as no other replica is left
		put(t, other, portal, 1)
		second.awaits(t, portal, 1)
	}
}

// A folder that takes nothing more is worked off, and takes more then.
func TestOpen_full(t *testing.T) {
	t.Parallel()
	q := open(t, eventqueue.WithMaxStore(200_000))
	n := 0
	for ; ; n++ {
		event := message("p", n)
		event.Values.Set("data[PARAMS][MESSAGE]", strings.Repeat("x", 1000))
		if err := q.Put(t.Context(), event); err != nil {
			require.ErrorContains(t, err, "insufficient resources")
			break
		}
		require.Less(t, n, 1000)
	}
	var done record
	var mu sync.Mutex
	var problems []error
	work(t, q, func(_ context.Context, event *events.Event) error { done.add(event); return nil },
		eventqueue.WithErrorHandler(func(_ context.Context, err error) { mu.Lock(); defer mu.Unlock(); problems = append(problems, err) }))
	require.Eventually(t, func() bool { return len(done.of("p")) == n }, soon, tick)
	require.Eventually(t, func() bool { return q.Put(t.Context(), message("p", 10_000)) == nil }, soon, tick)
	require.Eventually(t, func() bool { return len(done.of("p")) == n+1 }, soon, tick)
	mu.Lock()
	defer mu.Unlock()
	require.NotEmpty(t, problems)
	assert.ErrorContains(t, problems[0], "not counted")
}

// What cannot work is said at once.
func TestOpen_unusable(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	file := filepath.Join(dir, "file")
	require.NoError(t, os.WriteFile(file, nil, 0o600))
	_, err := eventqueue.Open(t.Context(), file)
	require.ErrorContains(t, err, "not a directory")
	require.NoError(t, os.WriteFile(filepath.Join(dir, "jetstream"), nil, 0o600))
	_, err = eventqueue.Open(t.Context(), dir)
	require.ErrorContains(t, err, "the embedded server does not start")
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = eventqueue.Open(ended, t.TempDir())
	require.ErrorIs(t, err, context.Canceled)

	s, err := server.NewServer(&server.Options{Host: "127.0.0.1", Port: server.RANDOM_PORT, NoSigs: true, NoLog: true})
	require.NoError(t, err)
	s.Start()
	t.Cleanup(s.Shutdown)
	require.True(t, s.ReadyForConnections(soon))
	conn, err := nats.Connect(s.ClientURL())
	require.NoError(t, err)
	t.Cleanup(conn.Close)
	_, err = eventqueue.Connect(t.Context(), conn)
	require.ErrorIs(t, err, nats.ErrNoResponders, "it has no JetStream")
}

// With a context that has ended nothing is kept and nothing is begun.
func TestQueue_ended(t *testing.T) {
	t.Parallel()
	q := open(t)
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	require.ErrorIs(t, q.Put(ended, message("p", 1)), context.Canceled)
	require.ErrorIs(t, q.PutLeave(ended, "p", chats(1, 1)...), context.Canceled)
	_, err := q.Stats(ended)
	require.ErrorIs(t, err, context.Canceled)
	put(t, q, "p", 2)
	require.NoError(t, q.Work(ended, func(context.Context, *events.Event) error { return errors.New("begun") },
		eventqueue.WithDead(func(context.Context, eventqueue.DeadLetter) { t.Error("begun") }), eventqueue.WithMaxDeliver(1)))
	stats, err := q.Stats(t.Context())
	require.NoError(t, err)
	assert.Equal(t, 1, stats.Pending)
}

package eventqueue_test

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-a6e4e5a4/imbot/eventqueue"
	"github.com/seed-a6e4e5a4/imbot/events"
)

// listen starts a server on a loopback port; 0 for any.
func listen(t testing.TB, dir string, port int) *server.Server {
	t.Helper()
	if port == 0 {
		port = server.RANDOM_PORT
	}
	s, err := server.NewServer(&server.Options{Host: "127.0.0.1", Port: port, JetStream: true, StoreDir: dir, NoSigs: true, NoLog: true})
	require.NoError(t, err)
	s.Start()
	require.True(t, s.ReadyForConnections(soon))
	return s
}

// join makes a queue of another replica.
func join(t testing.TB, url string, opts ...eventqueue.Option) *eventqueue.Queue {
	t.Helper()
	conn, err := nats.Connect(url, nats.MaxReconnects(-1), nats.ReconnectWait(20*time.Millisecond),
		nats.ErrorHandler(func(*nats.Conn, *nats.Subscription, error) {})) // the default one writes to standard error
	require.NoError(t, err)
	t.Cleanup(conn.Close)
	q, err := eventqueue.Connect(t.Context(), conn, append([]eventqueue.Option{eventqueue.WithLease(time.Second)}, opts...)...)
	require.NoError(t, err)
	return q
}

// Replicas share the work, come and go while it lasts, and no two work on one portal.
func TestConnect_replicas(t *testing.T) {
	t.Parallel()
	s := listen(t, t.TempDir(), 0)
	defer s.Shutdown()
	const portals, each = 40, 60
	var done record
	busy := make([]atomic.Bool, portals)
	var overlaps atomic.Int32
	var by [4]atomic.Int32
	start := func(replica int) (*eventqueue.Queue, func()) {
		q := join(t, s.ClientURL())
		return q, work(t, q, func(_ context.Context, event *events.Event) error {
			var portal int
			_, _ = fmt.Sscanf(event.MemberID, "p%d", &portal)
			if !busy[portal].CompareAndSwap(false, true) {
				overlaps.Add(1)
			}
			<-time.After(time.Millisecond)
			done.add(event)
			by[replica].Add(1)
			busy[portal].Store(false)
			return nil
		})
	}
	q, stopFirst := start(0)
	_, _ = start(1)
	var putting sync.WaitGroup
	for portal := range portals {
		putting.Go(func() {
			for number := range each {
				assert.NoError(t, q.Put(t.Context(), message(fmt.Sprint("p", portal), number)))
				<-time.After(20 * time.Millisecond)
			}
		})
	}
	_, _ = start(2)
	require.Eventually(t, func() bool { return by[0].Load() > 0 && by[1].Load() > 0 && by[2].Load() > 0 }, soon, time.Millisecond, "all of them work")
	stopFirst()
	_, _ = start(3)
	putting.Wait()
	for portal := range portals {
		name := fmt.Sprint("p", portal)
		require.Eventually(t, func() bool { return slices.Contains(done.of(name), each-1) }, soon, 5*time.Millisecond)
		first := slices.Compact(done.of(name))
		assert.Len(t, first, each, name)
		assert.True(t, slices.IsSorted(first), name)
	}
	assert.Zero(t, overlaps.Load())
}

// A server that goes away and comes back loses nothing, and changes no order.
func TestConnect_serverRestarts(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := listen(t, dir, 0)
	address, err := netip.ParseAddrPort(s.Addr().String())
	require.NoError(t, err)
	q := join(t, s.ClientURL())
	var done record
	var problems atomic.Int32
	work(t, q, func(_ context.Context, event *events.Event) error { done.add(event); return nil },
		eventqueue.WithErrorHandler(func(context.Context, error) { problems.Add(1) }))
	put(t, q, "p", 1, 2)
	done.awaits(t, "p", 1, 2)
	s.Shutdown()
	s.WaitForShutdown()
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	require.Error(t, q.Put(ctx, message("other", 3)), "nothing is kept while there is no server")
	s = listen(t, dir, int(address.Port()))
	defer s.Shutdown()
	require.Eventually(t, func() bool { return q.Put(t.Context(), message("p", 4)) == nil }, soon, 50*time.Millisecond)
	put(t, q, "p", 5)
	require.Eventually(t, func() bool { return slices.Contains(done.of("p"), 5) }, soon, 5*time.Millisecond)
	assert.Equal(t, []int{1, 2, 4, 5}, slices.Compact(done.of("p")))
}

// Who loses the lease is told, and the event is not a failure.
func TestConnect_leaseLost(t *testing.T) {
	t.Parallel()
	s := listen(t, t.TempDir(), 0)
	q := join(t, s.ClientURL())
	put(t, q, "p", 1)
	begun, cause := make(chan struct{}), make(chan error, 1)
	var failures atomic.Int32
	stop := work(t, q, func(ctx context.Context, _ *events.Event) error {
		close(begun)
		<-ctx.Done()
		cause <- context.Cause(ctx)
		return ctx.Err()
	}, eventqueue.WithErrorHandler(func(_ context.Context, err error) {
		var failed *eventqueue.WorkError
		if errors.As(err, &failed) {
			failures.Add(1)
		}
	}))
	<-begun
	s.Shutdown()
	select {
	case err := <-cause:
		require.ErrorIs(t, err, eventqueue.ErrLeaseLost)
	case <-time.After(soon):
		require.Fail(t, "the callback was not told")
	}
	stop()
	assert.Zero(t, failures.Load())
}

// Two queues of different names have nothing in common.
func TestConnect_names(t *testing.T) {
	t.Parallel()
	s := listen(t, t.TempDir(), 0)
	defer s.Shutdown()
	one, two := join(t, s.ClientURL(), eventqueue.WithName("ONE")), join(t, s.ClientURL(), eventqueue.WithName("TWO"))
	put(t, one, "p", 1)
	put(t, two, "p", 2)
	var done record
	work(t, two, func(_ context.Context, event *events.Event) error { done.add(event); return nil })
	done.awaits(t, "p", 2)
}

// What cannot be read is a dead letter, and holds up nothing. What is too large for the server is not kept.
func TestConnect_unreadable(t *testing.T) {
	t.Parallel()
	s := listen(t, t.TempDir(), 0)
	defer s.Shutdown()
	q := join(t, s.ClientURL())
	large := message("p", 1)
	large.Values.Set("data[PARAMS][MESSAGE]", strings.Repeat("x", 2<<20))
	require.ErrorIs(t, q.Put(t.Context(), large), nats.ErrMaxPayload)

	conn, err := nats.Connect(s.ClientURL())
	require.NoError(t, err)
	defer conn.Close()
	_, err = conn.Request("IMBOT.event.0", []byte(`{"v":2}`), soon)
	require.NoError(t, err)
	letters := make(chan eventqueue.DeadLetter, 1)
	work(t, q, func(context.Context, *events.Event) error { return nil },
		eventqueue.WithDead(func(_ context.Context, letter eventqueue.DeadLetter) { letters <- letter }))
	select {
	case letter := <-letters:
		assert.Nil(t, letter.Event)
		assert.Contains(t, letter.Reason, "not an event of this version")
		require.Error(t, q.PutBack(t.Context(), letter.ID), "it names no portal")
		require.NoError(t, q.Discard(t.Context(), letter.ID))
	case <-time.After(soon):
		require.Fail(t, "it did not become a dead letter")
	}
}

// A replica that ends gives back what it does not work on, and another one goes on with it at once: the leases of this
// test last for hours, and nobody waits for one to end. What is worked on is finished first.
func TestConnect_drain(t *testing.T) {
	t.Parallel()
	s := listen(t, t.TempDir(), 0)
	t.Cleanup(s.Shutdown)
	lease := eventqueue.WithLease(24 * time.Hour)
	leaving, staying := join(t, s.ClientURL(), lease), join(t, s.ClientURL(), lease)
	const portals = 100
	begun, release := make(chan struct{}), make(chan struct{})
	var first, second record
	var causes []error
	ctx, leave := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() {
		ended <- leaving.Work(ctx, func(ctx context.Context, event *events.Event) error {
			if event.MemberID == "p7" {
				close(begun)
				<-release
				causes = append(causes, context.Cause(ctx))
			}
			first.add(event)
			return nil
		})
	}()
	put(t, leaving, "p7", 1)
	<-begun
	work(t, staying, func(_ context.Context, event *events.Event) error { second.add(event); return nil })
	leave()
	require.Eventually(t, func() bool { // one is worked on by who stays as soon as its shard was given back
		put(t, staying, "probe", int(time.Now().UnixNano()))
		return len(second.of("probe")) > 0
	}, soon, 20*time.Millisecond)
	for portal := range portals {
		put(t, staying, fmt.Sprint("p", portal), 2)
	}
	require.Eventually(t, func() bool {
		done := 0
		for portal := range portals {
			done += len(second.of(fmt.Sprint("p", portal)))
		}
		return done >= portals*8/10 // all but those in the shard of p7
	}, soon, 5*time.Millisecond)
	assert.Empty(t, second.of("p7"), "its first event is worked on")
	close(release)
	require.NoError(t, <-ended)
	for portal := range portals {
		second.awaits(t, fmt.Sprint("p", portal), 2)
	}
	assert.Equal(t, []int{1}, first.of("p7"))
	assert.Equal(t, []error{nil}, causes, "it had its time")
}

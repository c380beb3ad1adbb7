package eventqueue_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net"
	"net/netip"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-a6e4e5a4/imbot/eventqueue"
	"github.com/seed-a6e4e5a4/imbot/events"
)

// A process that is killed with kill -9 while it takes events in and works on them loses none that it has kept, and
// changes no portal's order.
func TestKill_embedded(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	out, said, closeAll := pipe(t)
	for round := range rounds() {
		kill := child(t, out, "all", dir, round*1_000_000)
		said.awaits(t, rand.IntN(2000))
		kill()
	}
	closeAll()
	q, err := eventqueue.Open(t.Context(), dir)
	require.NoError(t, err)
	defer func() { assert.NoError(t, q.Close()) }()
	workInto(t, q, said)
	said.finish(t, q, "a process with its queue", rounds())
}

// workInto works on events in this process, for the ledger.
func workInto(t *testing.T, q *eventqueue.Queue, said *ledger) {
	t.Helper()
	work(t, q, func(_ context.Context, event *events.Event) error {
		said.note("done", event.MemberID, numberOf(event))
		return nil
	}, eventqueue.WithMaxDeliver(1000))
}

// A server that is killed while replicas put events and work on them has all when it is started again. What a replica
// was told that it is not kept may be there or not.
func TestKill_server(t *testing.T) {
	t.Parallel()
	free, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	port := int(netip.MustParseAddrPort(free.Addr().String()).Port())
	require.NoError(t, free.Close())
	dir, url := t.TempDir(), fmt.Sprint("nats://127.0.0.1:", port)
	out, started, _ := pipe(t)
	kill := child(t, out, "server", dir, port)
	started.awaits(t, 1)

	said := newLedger()
	first, second := join(t, url), join(t, url)
	workInto(t, first, said)
	workInto(t, second, said)
	var isEnough atomic.Bool
	var putting sync.WaitGroup
	for portal := range childPortals {
		putting.Go(func() {
			name, q := fmt.Sprint("p", portal), []*eventqueue.Queue{first, second}[portal%2]
			for number := 0; !isEnough.Load(); number++ {
				once, cancel := context.WithTimeout(t.Context(), time.Second)
				if err := q.Put(once, message(name, number)); err == nil {
					said.note("put", name, number)
				}
				cancel()
			}
			// The last one goes behind what the connection has still to send, though its Put has failed.
			assert.Eventually(t, func() bool { return q.Put(t.Context(), message(name, last)) == nil }, soon, time.Millisecond)
		})
	}
	for range rounds() {
		said.awaits(t, rand.IntN(2000))
		kill()
		kill = child(t, out, "server", dir, port)
		started.awaits(t, 1)
	}
	isEnough.Store(true)
	putting.Wait()
	said.finish(t, join(t, url), "a server", rounds())
}

// A replica that is killed while it works leaves its events to the others, in their order.
func TestKill_worker(t *testing.T) {
	t.Parallel()
	s := listen(t, t.TempDir(), 0)
	t.Cleanup(s.Shutdown)
	q := join(t, s.ClientURL())
	out, said, _ := pipe(t)
	var replicas []func()
	for range 3 {
		replicas = append(replicas, child(t, out, "worker", s.ClientURL(), 0))
	}
	var isEnough atomic.Bool
	var putting sync.WaitGroup
	for portal := range childPortals {
		putting.Go(func() {
			name := fmt.Sprint("p", portal)
			for number := 0; !isEnough.Load(); number++ {
				put(t, q, name, number)
				said.note("put", name, number)
				<-time.After(time.Duration(rand.IntN(10)) * time.Millisecond)
			}
		})
	}
	for range rounds() {
		said.awaits(t, rand.IntN(2000))
		which := rand.IntN(len(replicas))
		replicas[which]()
		replicas[which] = child(t, out, "worker", s.ClientURL(), 0)
	}
	isEnough.Store(true)
	putting.Wait()
	said.finish(t, q, "a worker", rounds())
}

// A replica that is killed while it only puts events has lost none that it was told is kept.
func TestKill_intake(t *testing.T) {
	t.Parallel()
	s := listen(t, t.TempDir(), 0)
	t.Cleanup(s.Shutdown)
	q := join(t, s.ClientURL())
	out, said, closeAll := pipe(t)
	workInto(t, q, said)
	for round := range rounds() {
		kill := child(t, out, "intake", s.ClientURL(), round*1_000_000)
		said.awaits(t, rand.IntN(2000))
		kill()
	}
	closeAll()
	said.finish(t, q, "an intake", rounds())
}

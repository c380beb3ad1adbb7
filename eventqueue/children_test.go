package eventqueue_test

import (
	"bufio"
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"
	"strconv"
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

// kills is how often each of the tests here kills.
var kills = flag.Int("kills", 20, "how many processes each test of kills kills; 3 with -short")

const (
	// childRole has the test binary be what a test kills: a key of roles.
	childRole = "EVENTQUEUE_TEST_ROLE"
	// childAt is the folder of the queue, or the address of the server.
	childAt = "EVENTQUEUE_TEST_AT"
	// childBegin is the number of the first event of each portal.
	childBegin = "EVENTQUEUE_TEST_BEGIN"
	// childPortal is the webhook of a portal.
	childPortal  = "EVENTQUEUE_TEST_PORTAL"
	childPortals = 20
	// last is the number of the last event of each portal.
	last = 1_000_000_000
)

func TestMain(m *testing.M) {
	if role := roles[os.Getenv(childRole)]; role != nil {
		begin, _ := strconv.Atoi(os.Getenv(childBegin))
		_, _ = fmt.Fprintln(os.Stderr, role(os.Getenv(childAt), begin))
		os.Exit(1)
	}
	os.Exit(m.Run())
}

// roles are the programs that are killed.
var roles = map[string]func(at string, begin int) error{
	"all": func(at string, begin int) error { // puts events, and works on them
		q, err := eventqueue.Open(context.Background(), at)
		if err != nil {
			return err
		}
		go intake(q, begin)
		return worker(q)
	},
	"server": func(at string, begin int) error { // begin is its port
		s, err := server.NewServer(&server.Options{Host: "127.0.0.1", Port: begin, JetStream: true, StoreDir: at, NoSigs: true, NoLog: true})
		if err != nil {
			return err
		}
		s.Start()
		if !s.ReadyForConnections(soon) {
			return fmt.Errorf("port %d is not opened", begin)
		}
		say("ready", "server", begin)
		select {}
	},
	"intake": func(at string, begin int) error {
		q, err := connect(at)
		if err != nil {
			return err
		}
		intake(q, begin)
		return nil
	},
	"worker": func(at string, _ int) error {
		q, err := connect(at)
		if err != nil {
			return err
		}
		return worker(q)
	},
	"poison": poisoned,
	"leaver": leaver,
}

func connect(url string) (*eventqueue.Queue, error) {
	conn, err := nats.Connect(url, nats.MaxReconnects(-1), nats.ReconnectWait(20*time.Millisecond),
		nats.ErrorHandler(func(*nats.Conn, *nats.Subscription, error) {})) // the default one writes to standard error
	if err != nil {
		return nil, err
	}
	return eventqueue.Connect(context.Background(), conn, eventqueue.WithLease(time.Second))
}

// say writes a line in one piece, also where several processes write to one pipe.
func say(what, portal string, number int) {
	_, _ = fmt.Fprintln(os.Stdout, what, portal, number)
}

// intake puts events of each portal one after the other, and says so when one is kept.
func intake(q *eventqueue.Queue, begin int) {
	var portals sync.WaitGroup
	for portal := range childPortals {
		portals.Go(func() {
			name := fmt.Sprint("p", portal)
			for number := begin; ; number++ {
				if err := q.Put(context.Background(), message(name, number)); err != nil {
					_, _ = fmt.Fprintln(os.Stderr, err)
					return
				}
				say("put", name, number)
			}
		})
	}
	portals.Wait()
}

// worker says what it works on. No event becomes a dead letter, however often it is on its way at a kill.
func worker(q *eventqueue.Queue) error {
	return q.Work(context.Background(), func(_ context.Context, event *events.Event) error {
		say("done", event.MemberID, numberOf(event))
		return nil
	}, eventqueue.WithMaxDeliver(1000))
}

// ledger is what was put and what was worked on, by all processes of a test, in the order in which they said so.
type ledger struct {
	mu        sync.Mutex
	put, done map[string][]int
	lines     atomic.Int64
}

func newLedger() *ledger {
	return &ledger{put: make(map[string][]int), done: make(map[string][]int)}
}

func (l *ledger) note(what, portal string, number int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	switch what {
	case "put":
		l.put[portal] = append(l.put[portal], number)
	case "done":
		l.done[portal] = append(l.done[portal], number)
	}
	l.lines.Add(1)
}

// read reads the lines of children until all that can write are dead.
func (l *ledger) read(t *testing.T, from io.Reader) {
	t.Helper()
	lines := bufio.NewScanner(from)
	for lines.Scan() {
		parts := strings.Fields(lines.Text())
		if len(parts) != 3 {
			continue // half a line
		}
		number, err := strconv.Atoi(parts[2])
		if assert.NoError(t, err) {
			l.note(parts[0], parts[1], number)
		}
	}
	assert.NoError(t, lines.Err())
}

// awaits waits until some more lines were written, or one if n is 0.
func (l *ledger) awaits(t *testing.T, n int) {
	t.Helper()
	until := l.lines.Load() + int64(max(1, n))
	require.Eventually(t, func() bool { return l.lines.Load() >= until }, 2*soon, time.Millisecond, "nothing goes on")
}

// finish has the rest worked on, and checks that nothing is lost and nothing is out of order.
func (l *ledger) finish(t *testing.T, q *eventqueue.Queue, what string, rounds int) {
	t.Helper()
	kept, repeats := 0, 0
	for portal := range childPortals {
		put(t, q, fmt.Sprint("p", portal), last)
	}
	for portal := range childPortals {
		name := fmt.Sprint("p", portal)
		of := func(m map[string][]int) []int {
			l.mu.Lock()
			defer l.mu.Unlock()
			return slices.Clone(m[name])
		}
		require.Eventually(t, func() bool { return slices.Contains(of(l.done), last) }, 4*soon, 10*time.Millisecond)
		first := slices.Compact(of(l.done)) // an event that was done when the kill came may come again
		repeats += len(of(l.done)) - len(first)
		for i := range len(first) - 1 {
			assert.Less(t, first[i], first[i+1], "%s: out of order, or again after a later one: %v", name, first[max(0, i-3):min(len(first), i+4)])
		}
		for _, number := range of(l.put) {
			_, found := slices.BinarySearch(first, number)
			assert.True(t, found, "%s: %d is lost", name, number)
		}
		kept += len(of(l.put))
	}
	assert.Positive(t, kept)
	stats, err := q.Stats(t.Context())
	require.NoError(t, err)
	assert.Zero(t, stats.DeadLetters)
	t.Logf("%d kills of %s: %d events kept, 0 lost, 0 out of order, %d repeats", rounds, what, kept, repeats)
}

// child starts the test binary as another program, which says what it does to out.
func child(t *testing.T, out *os.File, role, at string, begin int, env ...string) (kill func()) {
	t.Helper()
	cmd := exec.CommandContext(context.WithoutCancel(t.Context()), os.Args[0])
	cmd.Env = append(append(os.Environ(), childRole+"="+role, childAt+"="+at, childBegin+"="+strconv.Itoa(begin)), env...)
	var complaint strings.Builder
	cmd.Stdout, cmd.Stderr = out, &complaint
	require.NoError(t, cmd.Start())
	kill = sync.OnceFunc(func() {
		assert.NoError(t, cmd.Process.Kill())
		assert.ErrorContains(t, cmd.Wait(), "killed", "it ended by itself: %s", &complaint)
	})
	t.Cleanup(kill)
	return kill
}

// pipe returns what all children of a test write to, so that the order of their lines is that in which they were
// written, and the ledger that reads them. close waits until all was read.
func pipe(t *testing.T) (out *os.File, said *ledger, closeAll func()) {
	t.Helper()
	in, out, err := os.Pipe()
	require.NoError(t, err)
	said = newLedger()
	read := make(chan struct{})
	go func() {
		defer close(read)
		said.read(t, in)
	}()
	closeAll = sync.OnceFunc(func() {
		assert.NoError(t, out.Close())
		<-read
		assert.NoError(t, in.Close())
	})
	t.Cleanup(closeAll) // after the children were killed
	return out, said, closeAll
}

func rounds() int {
	if testing.Short() {
		return 3
	}
	return *kills
}

package eventqueue_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-a6e4e5a4/imbot/eventqueue"
	"github.com/seed-a6e4e5a4/imbot/events"
)

const (
	// childDir has the test binary put and work off events in that folder, until it is killed.
	childDir = "EVENTQUEUE_TEST_DIR"
	// childBegin is the number of the first event of each portal.
	childBegin = "EVENTQUEUE_TEST_BEGIN"
	// killRounds has the test kill more often.
	killRounds   = "EVENTQUEUE_KILLS"
	childPortals = 20
)

func TestMain(m *testing.M) {
	if dir := os.Getenv(childDir); dir != "" {
		begin, _ := strconv.Atoi(os.Getenv(childBegin))
		_, _ = fmt.Fprintln(os.Stderr, child(dir, begin))
		os.Exit(1)
	}
	os.Exit(m.Run())
}

// child puts events and works them off at the same time, and writes a line when an event is kept, and one when it is
// worked on.
func child(dir string, begin int) error {
	ctx := context.Background()
	q, err := eventqueue.Open(ctx, dir)
	if err != nil {
		return err
	}
	var writing sync.Mutex
	say := func(what, portal string, number int) {
		writing.Lock()
		defer writing.Unlock()
		_, _ = fmt.Fprintln(os.Stdout, what, portal, number)
	}
	failed := make(chan error, childPortals+1)
	for portal := range childPortals {
		name := fmt.Sprint("p", portal)
		go func() {
			for number := begin; ; number++ {
				if err := q.Put(ctx, message(name, number)); err != nil {
					failed <- err
					return
				}
				say("put", name, number)
			}
		}()
	}
	go func() {
		failed <- q.Work(ctx, func(_ context.Context, event *events.Event) error {
			say("done", event.MemberID, numberOf(event))
			return nil
		})
	}()
	return <-failed
}

// ledger is what children have said.
type ledger struct{ put, done map[string][]int }

// read reads a child's lines until it is dead, and calls kill after some of them.
func (l *ledger) read(t *testing.T, from io.Reader, after int, kill func()) {
	t.Helper()
	lines := bufio.NewScanner(from)
	for n := 0; lines.Scan(); n++ {
		if n == after {
			kill()
		}
		parts := strings.Fields(lines.Text())
		if len(parts) != 3 {
			continue // half a line
		}
		number, err := strconv.Atoi(parts[2])
		require.NoError(t, err)
		into := map[string]map[string][]int{"put": l.put, "done": l.done}[parts[0]]
		into[parts[1]] = append(into[parts[1]], number)
	}
	require.NoError(t, lines.Err())
}

// A process that is killed with kill -9 while it takes events in and works them off loses none that it has kept, and
// changes no portal's order.
func TestQueue_kill(t *testing.T) {
	t.Parallel()
	rounds := 20
	if more, err := strconv.Atoi(os.Getenv(killRounds)); err == nil {
		rounds = more
	}
	dir := t.TempDir()
	said := ledger{put: make(map[string][]int), done: make(map[string][]int)}
	for round := range rounds {
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		cmd := exec.CommandContext(ctx, os.Args[0])
		cmd.Env = append(os.Environ(), childDir+"="+dir, childBegin+"="+strconv.Itoa(round*1_000_000))
		var complaint strings.Builder
		cmd.Stderr = &complaint
		out, err := cmd.StdoutPipe()
		require.NoError(t, err)
		require.NoError(t, cmd.Start())
		said.read(t, out, rand.IntN(2000), func() { assert.NoError(t, cmd.Process.Kill()) })
		require.ErrorContains(t, cmd.Wait(), "killed", complaint.String())
		require.NoError(t, ctx.Err())
		cancel()
	}

	q, err := eventqueue.Open(t.Context(), dir)
	require.NoError(t, err)
	defer func() { assert.NoError(t, q.Close()) }()
	var rest record
	work(t, q, func(_ context.Context, event *events.Event) error { rest.add(event); return nil })
	const last = 1_000_000_000
	events, repeats := 0, 0
	for portal := range childPortals {
		name := fmt.Sprint("p", portal)
		put(t, q, name, last)
		require.Eventually(t, func() bool { return slices.Contains(rest.of(name), last) }, soon, 5*time.Millisecond)
		done := slices.Concat(said.done[name], rest.of(name))
		first := slices.Compact(slices.Clone(done)) // an event that was done when the kill came may come again
		repeats += len(done) - len(first)
		assert.True(t, slices.IsSorted(first), "%s: out of order, or again after a later one", name)
		for _, number := range said.put[name] {
			_, found := slices.BinarySearch(first, number)
			assert.True(t, found, "%s: %d is lost", name, number)
		}
		events += len(said.put[name])
	}
	assert.Positive(t, events)
	t.Logf("%d kills, %d events kept, %d repeats", rounds, events, repeats)
}

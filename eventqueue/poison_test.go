package eventqueue_test

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-a6e4e5a4/imbot/eventqueue"
	"github.com/seed-a6e4e5a4/imbot/events"
)

const bystanders = 20

// poisoned works on events of which one ends the process.
func poisoned(at string, maxDeliver int) error {
	q, err := eventqueue.Open(context.Background(), at)
	if err != nil {
		return err
	}
	ctx, stop := context.WithCancel(context.Background())
	go func() { // until all is done
		for ctx.Err() == nil {
			<-time.After(10 * time.Millisecond)
			if stats, err := q.Stats(ctx); err == nil && stats.Pending == 0 {
				stop()
			}
		}
	}()
	err = q.Work(ctx, func(_ context.Context, event *events.Event) error {
		say("begun", event.MemberID, numberOf(event))
		if event.MemberID == "poison" && numberOf(event) == 1 {
			os.Exit(3)
		}
		<-time.After(50 * time.Millisecond) // it is on its way when the other one ends the process
		say("done", event.MemberID, numberOf(event))
		return nil
	}, eventqueue.WithMaxDeliver(maxDeliver))
	if err != nil {
		return err
	}
	if err := q.Close(); err != nil {
		return err
	}
	os.Exit(0)
	return nil
}

// An event that kills the process each time becomes a dead letter after as many starts as it may have. Its portal goes
// on, and those that died with it do not become dead letters.
func TestPoison(t *testing.T) {
	t.Parallel()
	for _, maxDeliver := range []int{2, 5} {
		t.Run(strconv.Itoa(maxDeliver), func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			q, err := eventqueue.Open(t.Context(), dir)
			require.NoError(t, err)
			put(t, q, "poison", 1, 2)
			for portal := range bystanders {
				put(t, q, fmt.Sprint("p", portal), 1, 2)
			}
			require.NoError(t, q.Close())
			var begun, done record
			deaths := 0
			for ; ; deaths++ {
				require.Less(t, deaths, 20, "the event is begun for ever")
				ctx, cancel := context.WithTimeout(t.Context(), soon)
				cmd := exec.CommandContext(ctx, os.Args[0])
				cmd.Env = append(os.Environ(), childRole+"=poison", childAt+"="+dir, childBegin+"="+strconv.Itoa(maxDeliver))
				out, err := cmd.Output()
				cancel()
				for line := range strings.Lines(string(out)) {
					parts := strings.Fields(line)
					number, _ := strconv.Atoi(parts[2])
					map[string]*record{"begun": &begun, "done": &done}[parts[0]].add(message(parts[1], number))
				}
				if err == nil {
					break
				}
				require.Equal(t, 3, cmd.ProcessState.ExitCode(), "%v", err)
			}
			assert.Equal(t, maxDeliver, deaths)
			assert.Equal(t, append(slices.Repeat([]int{1}, maxDeliver), 2), begun.of("poison"))
			assert.Equal(t, []int{2}, done.of("poison"))
			for portal := range bystanders {
				assert.Equal(t, []int{1, 2}, slices.Compact(done.of(fmt.Sprint("p", portal))))
			}

			q, err = eventqueue.Open(t.Context(), dir)
			require.NoError(t, err)
			defer func() { assert.NoError(t, q.Close()) }()
			letters := deadLetters(t, q)
			require.Len(t, letters, 1)
			assert.Equal(t, "poison", letters[0].Event.MemberID)
			assert.Equal(t, maxDeliver, letters[0].Attempts)
			assert.Equal(t, eventqueue.ErrDied.Error(), letters[0].Reason)

			// Put back, it is as new.
			require.NoError(t, q.PutBack(t.Context(), letters[0].ID))
			work(t, q, func(_ context.Context, event *events.Event) error { done.add(event); return nil }, eventqueue.WithMaxDeliver(1))
			done.awaits(t, "poison", 2, 1)
		})
	}
}

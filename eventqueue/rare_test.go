package eventqueue_test

import (
	"context"
	"errors"
	"strings"
	"sync/atomic"
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

// What is known of a portal that was quiet for a week is forgotten by the server. Its next event is no reason to end what
// is worked on for others.
func TestConnect_startForgotten(t *testing.T) {
	t.Parallel()
	s := listen(t, t.TempDir(), 0)
	t.Cleanup(s.Shutdown)
	q := join(t, s.ClientURL())
	conn, err := nats.Connect(s.ClientURL())
	require.NoError(t, err)
	t.Cleanup(conn.Close)
	js, err := jetstream.New(conn)
	require.NoError(t, err)
	starts, err := js.Stream(t.Context(), "KV_IMBOT_STARTS")
	require.NoError(t, err)

	var done record
	var given atomic.Bool
	work(t, q, func(_ context.Context, event *events.Event) error { done.add(event); return nil },
		eventqueue.WithErrorHandler(func(_ context.Context, err error) {
			if strings.Contains(err.Error(), "another replica") {
				given.Store(true)
			}
		}))
	put(t, q, "p", 1)
	done.awaits(t, "p", 1)
	require.NoError(t, starts.Purge(t.Context()))
	put(t, q, "p", 2)
	done.awaits(t, "p", 1, 2)
	assert.False(t, given.Load())
}

// An event whose work has ended well is done, also where it took longer than it was given.
func TestQueue_doneAfterGrace(t *testing.T) {
	t.Parallel()
	q := open(t)
	put(t, q, "p", 1)
	begun := make(chan struct{})
	stop := work(t, q, func(ctx context.Context, _ *events.Event) error {
		close(begun)
		<-ctx.Done()
		return nil
	}, eventqueue.WithGrace(50*time.Millisecond))
	<-begun
	stop()
	stats, err := q.Stats(t.Context())
	require.NoError(t, err)
	assert.Zero(t, stats.Pending)
}

// An event that is as large as the server takes becomes a dead letter like any other, however long the reason is.
func TestConnect_largeDeadLetter(t *testing.T) {
	t.Parallel()
	const most = 64 << 10
	s, err := server.NewServer(&server.Options{
		Host: "127.0.0.1", Port: server.RANDOM_PORT, JetStream: true, StoreDir: t.TempDir(), NoSigs: true, NoLog: true, MaxPayload: most,
	})
	require.NoError(t, err)
	s.Start()
	t.Cleanup(s.Shutdown)
	require.True(t, s.ReadyForConnections(soon))
	q := join(t, s.ClientURL())
	var event *events.Event
	for size := most; ; size-- {
		event = message("p", 1)
		event.Values.Set("data[PARAMS][MESSAGE]", strings.Repeat("x", size))
		err := q.Put(t.Context(), event)
		if err == nil {
			break
		}
		require.ErrorIs(t, err, nats.ErrMaxPayload)
	}
	put(t, q, "p", 2)
	var done record
	letters := make(chan eventqueue.DeadLetter, 1)
	work(t, q, func(_ context.Context, event *events.Event) error {
		if numberOf(event) == 1 {
			return errors.New(strings.Repeat("ж", 1000)) //nolint:err113 // a text is all that counts
		}
		done.add(event)
		return nil
	}, eventqueue.WithMaxDeliver(1), eventqueue.WithDead(func(_ context.Context, letter eventqueue.DeadLetter) { letters <- letter }))
	done.awaits(t, "p", 2)
	letter := <-letters
	require.NotNil(t, letter.Event)
	require.NoError(t, q.PutBack(t.Context(), letter.ID))
}

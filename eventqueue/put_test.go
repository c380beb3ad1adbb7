package eventqueue_test

import (
	"testing"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/stretchr/testify/require"

	"github.com/seed-a6e4e5a4/imbot/eventqueue"
)

// An event that the server has not kept is not said to be kept, whatever the server has answered.
func TestQueue_Put_refused(t *testing.T) {
	t.Parallel()
	s := listen(t, t.TempDir(), 0)
	defer s.Shutdown()
	q := join(t, s.ClientURL(), eventqueue.WithName("FULL"))
	conn, err := nats.Connect(s.ClientURL())
	require.NoError(t, err)
	defer conn.Close()
	js, err := jetstream.New(conn)
	require.NoError(t, err)
	stream, err := js.Stream(t.Context(), "FULL")
	require.NoError(t, err)
	full := stream.CachedInfo().Config
	full.MaxMsgs, full.Discard = 1, jetstream.DiscardNew
	_, err = js.UpdateStream(t.Context(), full)
	require.NoError(t, err)

	require.NoError(t, q.Put(t.Context(), message("p", 1)))
	require.NoError(t, q.Put(t.Context(), message("p", 1)), "it is kept already")
	require.ErrorContains(t, q.Put(t.Context(), message("p", 2)), "maximum messages exceeded")

	require.NoError(t, js.DeleteStream(t.Context(), "FULL"))
	require.ErrorIs(t, q.Put(t.Context(), message("p", 3)), jetstream.ErrNoStreamResponse)
}

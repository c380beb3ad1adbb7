package onerequest_test

import (
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-a6e4e5a4/imbot/internal/onerequest"
	"github.com/seed-a6e4e5a4/imbot/internal/outcome"
	"github.com/seed-a6e4e5a4/imbot/internal/payload"
)

// wires are the connections of a transport to one address. They can be cut in a way that nobody notices: what is
// written goes nowhere, and nothing comes.
type wires struct {
	to string

	mu   sync.Mutex
	made []*wire
}

type wire struct {
	net.Conn

	cut atomic.Bool
}

func (c *wire) Write(p []byte) (int, error) {
	if c.cut.Load() {
		return len(p), nil
	}
	return c.Conn.Write(p)
}

func (w *wires) dial(ctx context.Context, network, _ string) (net.Conn, error) {
	conn, err := new(net.Dialer).DialContext(ctx, network, w.to)
	if err != nil {
		return nil, err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.made = append(w.made, &wire{Conn: conn})
	return w.made[len(w.made)-1], nil
}

func (w *wires) cut() {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, made := range w.made {
		made.cut.Store(true)
	}
}

// A connection that dies without a word is found out, and the next request goes over another.
func TestWatched_deadConnection(t *testing.T) {
	t.Parallel()
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "ok") }))
	server.EnableHTTP2 = true
	server.StartTLS()
	t.Cleanup(server.Close)
	base := server.Client().Transport.(*http.Transport).Clone()
	connections := &wires{to: server.Listener.Addr().String()}
	base.DialContext = connections.dial
	watched := onerequest.Watched(base, time.Second)
	t.Cleanup(onerequest.Current(watched).(*http.Transport).CloseIdleConnections)
	send := func() error {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, server.URL, http.NoBody)
		if err != nil {
			return err
		}
		resp, failure := watched.Send(t.Context(), onerequest.Request{URL: *req.URL, Header: req.Header, Body: payload.Body{Text: []byte("x")}})
		if failure != nil {
			assert.Equal(t, outcome.Unknown, failure.Outcome)
			return failure.Err
		}
		assert.Equal(t, 2, resp.ProtoMajor)
		return resp.Body.Close()
	}
	require.NoError(t, send())
	connections.cut()
	require.Error(t, send(), "it may have been sent, and is not repeated")
	require.NoError(t, send())
	assert.Len(t, connections.made, 2)
	runtime.KeepAlive(base) // the connections of a copy are closed when what it is of is gone
}

// watched is the transport of net/http that requests go by.
func watched(t *testing.T, base http.RoundTripper, timeout time.Duration) *http.Transport {
	t.Helper()
	own, ok := onerequest.Current(onerequest.Watched(base, timeout)).(*http.Transport)
	require.True(t, ok)
	return own
}

func TestWatched(t *testing.T) {
	t.Parallel()
	base := &http.Transport{MaxIdleConns: 7, HTTP2: &http.HTTP2Config{MaxReadFrameSize: 1 << 15}}
	for timeout, want := range map[time.Duration]time.Duration{
		30 * time.Second: 5 * time.Second, time.Hour: 5 * time.Second, time.Second: 200 * time.Millisecond, time.Millisecond: 100 * time.Millisecond,
	} {
		watched := watched(t, base, timeout)
		assert.NotSame(t, base, watched)
		assert.Same(t, watched, onerequest.Current(onerequest.Watched(base, timeout)), "it has the same connections")
		assert.Equal(t, 7, watched.MaxIdleConns)
		assert.Equal(t, http.HTTP2Config{MaxReadFrameSize: 1 << 15, SendPingTimeout: want, PingTimeout: want}, *watched.HTTP2)
	}
	assert.Zero(t, base.HTTP2.SendPingTimeout, "what was given stays as it is")

	own := &http.Transport{HTTP2: &http.HTTP2Config{SendPingTimeout: time.Minute}}
	assert.Same(t, own, watched(t, own, time.Second))
	foreign := roundTripper(nil)
	assert.IsType(t, foreign, onerequest.Current(onerequest.Watched(foreign, time.Second)))
	assert.Same(t, watched(t, nil, time.Second), watched(t, http.DefaultTransport, time.Second))
	assert.Nil(t, http.DefaultTransport.(*http.Transport).HTTP2)
}

// A copy goes with the transport that it is of.
func TestWatched_isForgotten(t *testing.T) {
	t.Parallel()
	closed := make(chan struct{})
	func() {
		runtime.AddCleanup(watched(t, new(http.Transport), time.Second), func(int) { close(closed) }, 0)
	}()
	assert.Eventually(t, func() bool {
		runtime.GC()
		select {
		case <-closed:
			return true
		default:
			return false
		}
	}, 10*time.Second, time.Millisecond)
}

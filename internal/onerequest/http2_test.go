package onerequest_test

import (
	"context"
	"crypto/tls"
	"encoding/binary"
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
)

// What is needed of HTTP/2 to read a request and to disown it.
const (
	preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"

	frameData, frameHeaders, frameReset, frameSettings, frameGoAway = 0, 1, 3, 4, 7

	flagEnd, flagAck = 1, 1

	refusedStream = 7
)

func writeFrame(w io.Writer, kind, flags byte, stream uint32, payload ...byte) {
	head := []byte{byte(len(payload) >> 16), byte(len(payload) >> 8), byte(len(payload)), kind, flags, 0, 0, 0, 0}
	binary.BigEndian.PutUint32(head[5:], stream)
	_, _ = w.Write(append(head, payload...))
}

func readFrame(r io.Reader) (kind, flags byte, stream uint32, err error) {
	head := make([]byte, 9)
	if _, err = io.ReadFull(r, head); err != nil {
		return 0, 0, 0, err
	}
	_, err = io.CopyN(io.Discard, r, int64(head[0])<<16|int64(head[1])<<8|int64(head[2]))
	return head[3], head[4], binary.BigEndian.Uint32(head[5:]), err
}

// disowning serves HTTP/2 connections, and answers every request, whole or after its head, by saying that it has not
// looked at it.
func disowning(t *testing.T, early bool, disown func(conn net.Conn, stream uint32)) (transport *http.Transport, url string, requests *atomic.Int32) {
	t.Helper()
	plain := httptest.NewTLSServer(nil) // for its certificate
	plain.Close()
	listener, err := tls.Listen("tcp", "127.0.0.1:0", &tls.Config{Certificates: plain.TLS.Certificates, NextProtos: []string{"h2"}, MinVersion: tls.VersionTLS12})
	require.NoError(t, err)
	t.Cleanup(func() { _ = listener.Close() })
	requests = new(atomic.Int32)
	serve := func(conn net.Conn) {
		defer func() { _ = conn.Close() }()
		if _, err := io.ReadFull(conn, make([]byte, len(preface))); err != nil {
			return
		}
		writeFrame(conn, frameSettings, 0, 0)
		for {
			kind, flags, stream, err := readFrame(conn)
			switch {
			case err != nil:
				return
			case kind == frameSettings && flags&flagAck == 0:
				writeFrame(conn, frameSettings, flagAck, 0)
			case kind == frameHeaders:
				if requests.Add(1) > 5 { // whoever does not end by itself has to be ended
					_ = listener.Close()
					return
				}
				if early {
					disown(conn, stream)
				}
			case kind == frameData && flags&flagEnd != 0 && !early:
				disown(conn, stream)
			}
		}
	}
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go serve(conn)
		}
	}()
	transport = plain.Client().Transport.(*http.Transport).Clone()
	transport.ForceAttemptHTTP2 = true
	t.Cleanup(transport.CloseIdleConnections)
	return transport, "https://" + listener.Addr().String() + "/", requests
}

// Over HTTP/2 net/http repeats what a server says it has not looked at. It is one request, whatever the server says.
func TestRoundTrip_http2(t *testing.T) {
	t.Parallel()
	for name, disown := range map[string]func(conn net.Conn, stream uint32){
		"going away": func(conn net.Conn, _ uint32) { writeFrame(conn, frameGoAway, 0, 0, make([]byte, 8)...) },
		"refused":    func(conn net.Conn, stream uint32) { writeFrame(conn, frameReset, 0, stream, 0, 0, 0, refusedStream) },
	} {
		for when, early := range map[string]bool{"whole": false, "after its head": true} {
			t.Run(name+" "+when, func(t *testing.T) {
				t.Parallel()
				transport, url, requests := disowning(t, early, disown)
				req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url, http.NoBody)
				require.NoError(t, err)
				req.Header.Set("Idempotency-Key", "1")
				for i := range int32(2) { // over a new connection, and over a kept one
					_, failure := onerequest.New(transport).Send(t.Context(), onerequest.Request{URL: *req.URL, Header: req.Header, Body: []byte("refresh_token=EXAMPLE")}) //nolint:bodyclose // none
					require.NotNil(t, failure)
					assert.True(t, failure.Unprocessed, failure.Err)
					assert.False(t, failure.NoConnection)
					assert.Equal(t, outcome.NotExecuted, failure.Outcome)
					assert.Equal(t, i+1, requests.Load())
				}
			})
		}
	}
}

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
		resp, failure := watched.Send(t.Context(), onerequest.Request{URL: *req.URL, Header: req.Header, Body: []byte("x")})
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

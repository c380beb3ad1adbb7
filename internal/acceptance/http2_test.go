package acceptance_test

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httptrace"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/internal/clienttest"
)

// The types of HTTP/2 frames and the error codes that are used here, by RFC 9113.
const (
	frameData, frameReset, frameSettings, frameGoAway = 0, 3, 4, 7

	codeNone, codeProtocol, codeInternal, codeRefused, codeCancel, codeCalm = 0, 1, 2, 7, 8, 11
)

// frame is an HTTP/2 frame with a payload of 32-bit numbers.
func frame(kind byte, flags byte, stream uint32, payload ...uint32) []byte {
	head := []byte{0, 0, byte(4 * len(payload)), kind, flags}
	head = binary.BigEndian.AppendUint32(head, stream)
	for _, number := range payload {
		head = binary.BigEndian.AppendUint32(head, number)
	}
	return head
}

// serveHTTP2 is a server that reads whole requests and has end answer each, in frames that no server of net/http would
// send. It hangs up when end says so.
func serveHTTP2(t *testing.T, end func(w io.Writer, stream uint32) (goOn bool)) *httptest.Server {
	t.Helper()
	serve := func(conn net.Conn) {
		const preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
		if _, err := io.CopyN(io.Discard, conn, int64(len(preface))); err != nil {
			return
		}
		_, _ = conn.Write(frame(frameSettings, 0, 0))
		head := make([]byte, 9)
		for {
			if _, err := io.ReadFull(conn, head); err != nil {
				return
			}
			length := int64(head[0])<<16 | int64(head[1])<<8 | int64(head[2])
			if _, err := io.CopyN(io.Discard, conn, length); err != nil {
				return
			}
			const last, acknowledged = 1, 1
			switch kind, flags, stream := head[3], head[4], binary.BigEndian.Uint32(head[5:]); {
			case kind == frameSettings && flags&acknowledged == 0:
				_, _ = conn.Write(frame(frameSettings, acknowledged, 0))
			case kind == frameData && flags&last != 0:
				if !end(conn, stream) {
					return
				}
			}
		}
	}
	server := httptest.NewUnstartedServer(nil)
	server.Config.ErrorLog = discardLog()
	server.TLS = &tls.Config{NextProtos: []string{"h2"}}
	server.Config.TLSNextProto = map[string]func(*http.Server, *tls.Conn, http.Handler){
		"h2": func(_ *http.Server, conn *tls.Conn, _ http.Handler) { serve(conn) },
	}
	server.StartTLS()
	t.Cleanup(server.Close)
	return server
}

// overHTTP2 is a transport that speaks HTTP/2 with a test server.
func overHTTP2(t *testing.T, server *httptest.Server) *http.Transport {
	t.Helper()
	transport, ok := server.Client().Transport.(*http.Transport)
	require.True(t, ok)
	transport = transport.Clone()
	transport.ForceAttemptHTTP2 = true
	t.Cleanup(transport.CloseIdleConnections)
	return transport
}

// countingLimiter counts the requests that it lets through.
type countingLimiter struct{ turns atomic.Int32 }

func (l *countingLimiter) Wait(context.Context) error {
	l.turns.Add(1)
	return nil
}

// A portal may read a whole request, act, and end the stream or the connection in a way that has net/http send it
// again. Each request is an attempt, which the observer sees and the limiter lets through. Only two of these ends say
// that the request was not looked at; if a later net/http reports them otherwise, this fails.
func TestHTTP2_requestsAreSentOnce(t *testing.T) {
	t.Parallel()
	reset := func(code uint32) func(io.Writer, uint32) bool {
		return func(w io.Writer, stream uint32) bool {
			_, _ = w.Write(frame(frameReset, 0, stream, code))
			return true
		}
	}
	goAway := func(last, code uint32) func(io.Writer, uint32) bool {
		return func(w io.Writer, _ uint32) bool {
			_, _ = w.Write(frame(frameGoAway, 0, 0, last, code))
			return false
		}
	}
	const seen = 1 // the first stream of a client
	tests := []struct {
		name        string
		end         func(io.Writer, uint32) bool
		unprocessed bool
	}{
		{"refused", reset(codeRefused), true},
		{"gone away before it", goAway(0, codeNone), true},
		{"gone away before it, for a reason", goAway(0, codeCalm), false},
		{"gone away after it", goAway(seen, codeNone), false},
		{"gone away after it, for a reason", goAway(seen, codeInternal), false},
		{"a wrong protocol", reset(codeProtocol), false},
		{"an inner error", reset(codeInternal), false},
		{"canceled", reset(codeCancel), false},
		{"ended without an answer", reset(codeNone), false},
		{"hung up", func(io.Writer, uint32) bool { return false }, false},
	}
	policies := map[string]imbot.RetryPolicy{
		"no repeats":  {},
		"two repeats": {MaxAttempts: 3, BaseDelay: time.Millisecond, MaxDelay: 2 * time.Millisecond},
	}
	layers := map[string][]imbot.Option{
		"bare":       nil,
		"middleware": {imbot.WithMiddleware(withGetBody)},
	}
	for _, tt := range tests {
		for policyName, policy := range policies {
			for layerName, layer := range layers {
				t.Run(tt.name+", "+policyName+", "+layerName, func(t *testing.T) {
					t.Parallel()
					var requests, attempts atomic.Int32
					server := serveHTTP2(t, func(w io.Writer, stream uint32) bool {
						requests.Add(1)
						return tt.end(w, stream)
					})
					for name, auth := range map[string]imbot.Auth{
						"webhook": imbot.Webhook(server.URL + "/rest/1/EXAMPLE_SECRET/"),
						"OAuth":   imbot.OAuth(server.URL+"/rest/", imbot.StaticToken("EXAMPLE_TOKEN")),
					} {
						requests.Store(0)
						attempts.Store(0)
						limiter := new(countingLimiter)
						client := clienttest.New(t, auth, append(layer, imbot.WithRetry(policy), imbot.WithLimiter(limiter),
							imbot.WithObserver(func(context.Context, imbot.Attempt) { attempts.Add(1) }),
							clienttest.Over(overHTTP2(t, server)))...)

						_, err := client.Chat.Add(t.Context(), imbot.ChatAddRequest{Title: "x", Users: []imbot.UserID{1}})

						require.Error(t, err, name)
						want := int32(1)
						if tt.unprocessed {
							want = int32(max(policy.MaxAttempts, 1))
						}
						assert.Equal(t, want, requests.Load(), "%s: %v", name, err)
						assert.Equal(t, want, attempts.Load(), name)
						assert.Equal(t, want, limiter.turns.Load(), name)
						assert.Equal(t, tt.unprocessed, !errors.Is(err, imbot.ErrOutcomeUnknown), "%s: %v", name, err)
					}
				})
			}
		}
	}
}

// withGetBody is a middleware that makes each request one that can be sent again.
func withGetBody(next http.RoundTripper) http.RoundTripper {
	return clienttest.RoundTrip(func(req *http.Request) (*http.Response, error) {
		body, err := io.ReadAll(req.Body)
		if err != nil {
			return nil, err
		}
		changed, err := http.NewRequestWithContext(req.Context(), req.Method, req.URL.String(), bytes.NewReader(body))
		if err != nil {
			return nil, err
		}
		changed.Header = req.Header
		return next.RoundTrip(changed)
	})
}

// A host may change from HTTP/1 to HTTP/2: from the second request on it is known what it did not look at.
func TestHTTP2_afterHTTP1(t *testing.T) {
	t.Parallel()
	var requests atomic.Int32
	var old atomic.Bool
	server := serveHTTP2(t, func(w io.Writer, stream uint32) bool {
		requests.Add(1)
		_, _ = w.Write(frame(frameReset, 0, stream, codeRefused))
		return true
	})
	server.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		requests.Add(1)
		_, _ = io.Copy(io.Discard, req.Body)
		_, _ = io.WriteString(w, `{"result":true}`)
	})
	newer := server.TLS.Clone()
	older := server.TLS.Clone()
	older.NextProtos = []string{"http/1.1"}
	server.TLS.GetConfigForClient = func(*tls.ClientHelloInfo) (*tls.Config, error) {
		if old.Load() {
			return older, nil
		}
		return newer, nil
	}
	transport := overHTTP2(t, server)
	client := clienttest.New(t, imbot.Webhook(server.URL+"/rest/1/EXAMPLE_SECRET/"), clienttest.Over(transport),
		imbot.WithRetry(imbot.RetryPolicy{MaxAttempts: 3, BaseDelay: time.Nanosecond}))
	leave := func() (made int32, err error) {
		before := requests.Load()
		_, err = client.Chat.Leave(t.Context(), clienttest.Leave13)
		return requests.Load() - before, err
	}
	old.Store(true)
	made, err := leave()
	require.NoError(t, err)
	assert.Equal(t, int32(1), made)
	transport.CloseIdleConnections()
	old.Store(false)

	made, err = leave()
	require.ErrorIs(t, err, imbot.ErrOutcomeUnknown)
	assert.Equal(t, int32(1), made, "net/http wanted to send it again, for a reason that it did not name")

	made, err = leave()
	require.NotErrorIs(t, err, imbot.ErrOutcomeUnknown)
	assert.Equal(t, int32(3), made, "by the policy")
}

// The error of another transport may look like net/http's, and be that of its second try.
func TestHTTP2_wordsOfOthers(t *testing.T) {
	t.Parallel()
	var requests atomic.Int32
	server := serveHTTP2(t, func(w io.Writer, stream uint32) bool {
		requests.Add(1)
		_, _ = w.Write(frame(frameReset, 0, stream, codeRefused))
		return true
	})
	base := overHTTP2(t, server)
	client := clienttest.New(t, imbot.Webhook(server.URL+"/rest/1/EXAMPLE_SECRET/"), clienttest.Over(clienttest.RoundTrip(base.RoundTrip)))

	_, err := client.Chat.Leave(t.Context(), clienttest.Leave13)

	require.ErrorIs(t, err, imbot.ErrOutcomeUnknown)
	require.ErrorContains(t, err, "REFUSED_STREAM")
	assert.Equal(t, int32(1), requests.Load())
}

// A transport may report a connection that failed, and then use another one that it does not report.
func TestFailures_ofATransportThatDoesNotReport(t *testing.T) {
	t.Parallel()
	refused := &net.OpError{Op: "dial", Net: "tcp", Err: syscall.ECONNREFUSED}
	cut := &net.OpError{Op: "read", Net: "tcp", Err: syscall.ECONNRESET}
	for name, tt := range map[string]struct {
		err     error
		unknown bool
	}{
		"the second failure":            {cut, true},
		"both failures":                 {errors.Join(refused, cut), true},
		"an end of it":                  {errors.New("both ways failed"), true},
		"the context's end":             {context.DeadlineExceeded, true},
		"the first, as part of another": {&net.OpError{Op: "post", Err: refused}, true},
		"a failure to connect":          {refused, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			calls := 0
			client := clienttest.New(t, imbot.Webhook(clienttest.WebhookURL),
				imbot.WithRetry(imbot.RetryPolicy{MaxAttempts: 3, BaseDelay: time.Nanosecond}),
				clienttest.Over(clienttest.RoundTrip(func(req *http.Request) (*http.Response, error) {
					calls++
					httptrace.ContextClientTrace(req.Context()).GetConn("portal.example:443")
					return nil, tt.err
				})))

			_, err := client.Chat.Leave(t.Context(), clienttest.Leave13)

			require.ErrorIs(t, err, tt.err)
			assert.Equal(t, tt.unknown, errors.Is(err, imbot.ErrOutcomeUnknown))
			assert.Equal(t, tt.unknown, calls == 1, "%d calls", calls)
		})
	}
}

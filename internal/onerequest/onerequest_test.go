package onerequest_test

import (
	"bufio"
	"cmp"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"sync"
	"syscall"
	"testing"
	"testing/iotest"
	"testing/synctest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-a6e4e5a4/imbot/internal/onerequest"
	"github.com/seed-a6e4e5a4/imbot/internal/outcome"
	"github.com/seed-a6e4e5a4/imbot/internal/payload"
)

// mortal is the client's end of a connection that a test can end in every way that connections end.
type mortal struct {
	net.Conn

	mu      sync.Mutex
	lastly  func(p []byte) (int, error) // what writes do; nil: write
	reading error                       // what reads say instead of io.EOF
}

func (c *mortal) end(lastly func(p []byte) (int, error), reading error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.lastly, c.reading = lastly, reading
}

func (c *mortal) Write(p []byte) (int, error) {
	c.mu.Lock()
	lastly := c.lastly
	c.mu.Unlock()
	if lastly != nil {
		return lastly(p)
	}
	return c.Conn.Write(p)
}

func (c *mortal) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	c.mu.Lock()
	defer c.mu.Unlock()
	if err != nil && c.reading != nil {
		err = c.reading
	}
	return n, err
}

// server answers requests over connections in memory.
type server struct {
	mu     sync.Mutex
	bodies []string
	ends   []net.Conn // its own
	conns  []*mortal  // the client's
	fresh  func(*mortal)
}

func (s *server) dial(context.Context, string, string) (net.Conn, error) {
	here, there := net.Pipe()
	conn := &mortal{Conn: here}
	s.mu.Lock()
	s.ends, s.conns = append(s.ends, there), append(s.conns, conn)
	fresh := s.fresh
	s.mu.Unlock()
	if fresh != nil {
		fresh(conn)
	}
	go func() {
		in := bufio.NewReader(there)
		for {
			req, err := http.ReadRequest(in)
			if err != nil {
				_ = there.Close()
				return
			}
			body, _ := io.ReadAll(req.Body)
			s.mu.Lock()
			s.bodies = append(s.bodies, string(body))
			s.mu.Unlock()
			_, _ = io.WriteString(there, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
		}
	}()
	return conn, nil
}

func (s *server) seen() (bodies, conns int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.bodies), len(s.conns)
}

func post(ctx context.Context, next http.RoundTripper, body string) error {
	to := url.URL{Scheme: "http", Host: "portal.example", Path: "/x"}
	resp, failure := onerequest.New(next).Send(ctx, onerequest.Request{URL: to, Header: http.Header{}, Body: payload.Body{Text: []byte(body)}})
	if failure != nil {
		return failed{failure}
	}
	_, err := io.Copy(io.Discard, resp.Body)
	return errors.Join(err, resp.Body.Close())
}

// failed is a failure as an error.
type failed struct{ *onerequest.Failure }

func (f failed) Error() string { return f.Err.Error() }
func (f failed) Unwrap() error { return f.Err }

// assertOutcome checks what is known of a request that ended in err.
func assertOutcome(t *testing.T, want outcome.Outcome, err error) {
	t.Helper()
	var got failed
	require.ErrorAs(t, err, &got)
	assert.Equal(t, want, got.Outcome)
	assert.Equal(t, want == outcome.NotExecuted, got.NoConnection)
	assert.False(t, got.Unprocessed)
}

// A kept connection is found dead in one of the ways that net/http has words for, or in one that leaves open what was
// written.
func TestRoundTrip_keptConnection(t *testing.T) {
	t.Parallel()
	broken := func([]byte) (int, error) { return 0, syscall.EPIPE }
	half := func(p []byte) (int, error) { return len(p) / 2, syscall.EPIPE }
	gulp := func(p []byte) (int, error) { return len(p), nil }
	tests := map[string]struct {
		die  func(*server)
		goOn bool
	}{
		"nothing can be written": {func(s *server) { s.conns[0].end(broken, nil) }, true},
		"closed by the server": {func(s *server) {
			_ = s.ends[0].Close()
			synctest.Wait()
		}, true},
		"reset by the server": {func(s *server) {
			s.conns[0].end(nil, syscall.ECONNRESET)
			_ = s.ends[0].Close()
			synctest.Wait()
		}, true},
		"half can be written": {func(s *server) { s.conns[0].end(half, nil) }, false},
		"closed after the request": {func(s *server) {
			s.conns[0].end(func(p []byte) (int, error) {
				defer func() { _ = s.ends[0].Close() }()
				return gulp(p)
			}, nil)
		}, false},
		"reset after the request": {func(s *server) {
			s.conns[0].end(func(p []byte) (int, error) {
				defer func() { _ = s.ends[0].Close() }()
				return gulp(p)
			}, syscall.ECONNRESET)
		}, false},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := new(server)
				transport := &http.Transport{DialContext: s.dial}
				defer transport.CloseIdleConnections()
				require.NoError(t, post(t.Context(), transport, "one"))
				died := false
				ctx := httptrace.WithClientTrace(t.Context(), &httptrace.ClientTrace{GotConn: func(httptrace.GotConnInfo) {
					if !died { // when the transport has chosen the connection
						died = true
						test.die(s)
					}
				}})

				err := post(ctx, transport, "two")

				bodies, conns := s.seen()
				if test.goOn {
					require.NoError(t, err)
					assert.Equal(t, []string{"one", "two"}, s.bodies)
					assert.Equal(t, 2, conns)
					return
				}
				require.Error(t, err)
				assertOutcome(t, outcome.Unknown, err)
				assert.Equal(t, 1, bodies)
				assert.Equal(t, 1, conns, "nobody tries again")
			})
		})
	}
}

// Where all connections are dead, each kept one is left once, and a new one that is dead as well is the end.
func TestRoundTrip_allAreDead(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := new(server)
		transport := &http.Transport{DialContext: s.dial, MaxIdleConnsPerHost: 3}
		defer transport.CloseIdleConnections()
		done := make(chan error)
		for range 3 {
			go func() { done <- post(t.Context(), transport, "x") }()
		}
		for range 3 {
			require.NoError(t, <-done)
		}
		synctest.Wait() // net/http may dial beside what it uses
		_, before := s.seen()
		die := func(c *mortal) { c.end(func([]byte) (int, error) { return 0, syscall.EPIPE }, nil) }
		for _, conn := range s.conns {
			die(conn)
		}
		require.NoError(t, post(t.Context(), transport, "x"))
		synctest.Wait()
		_, after := s.seen()
		assert.Equal(t, before+1, after)

		s.mu.Lock()
		s.fresh = die
		s.mu.Unlock()
		die(s.conns[after-1])
		err := post(t.Context(), transport, "x")
		require.ErrorIs(t, err, syscall.EPIPE)
		assertOutcome(t, outcome.NotExecuted, err)
		_, last := s.seen()
		assert.Equal(t, after+1, last)

		ended, cancel := context.WithCancel(t.Context())
		cancel()
		require.ErrorIs(t, post(ended, transport, "x"), context.Canceled)
	})
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(req *http.Request) (*http.Response, error) { return f(req) }

// Of a transport that is not net/http's nobody knows what it did before it failed, whatever its words.
func TestRoundTrip_foreignTransport(t *testing.T) {
	t.Parallel()
	for _, words := range []string{"http: server closed idle connection", "readLoopPeekFailLocked: reset"} {
		requests := 0
		foreign := roundTripper(func(req *http.Request) (*http.Response, error) {
			requests++
			if trace := httptrace.ContextClientTrace(req.Context()); trace != nil {
				trace.GotConn(httptrace.GotConnInfo{Reused: true})
			}
			return nil, errors.New(words)
		})
		err := post(t.Context(), foreign, "x")
		require.EqualError(t, err, words)
		assertOutcome(t, outcome.Unknown, err)
		assert.Equal(t, 1, requests)
	}
}

// The error of a body that is read while it is sent proves nothing, whatever it is: the server has the beginning.
func TestSend_bodyThatCannotBeRead(t *testing.T) {
	t.Parallel()
	broken := &net.OpError{Op: "dial", Err: syscall.ECONNREFUSED}
	for name, instead := range map[string]error{"the same": nil, "another": errors.New("the connection is broken")} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			foreign := roundTripper(func(req *http.Request) (*http.Response, error) {
				_, err := io.Copy(io.Discard, req.Body)
				return nil, cmp.Or(instead, err)
			})
			body := payload.Body{Text: []byte("{}"), Parts: []payload.Part{{At: 1, Length: 1, Open: func() (io.Reader, error) {
				return iotest.ErrReader(broken), nil
			}}}}
			_, failure := onerequest.New(foreign).Send(t.Context(), onerequest.Request{Header: http.Header{}, Body: body}) //nolint:bodyclose // none
			require.NotNil(t, failure)
			assertOutcome(t, outcome.Unknown, failed{failure})
			assert.Equal(t, broken, failure.Err)
		})
	}
}

// A body that cannot even be opened is not sent.
func TestSend_bodyThatCannotBeOpened(t *testing.T) {
	t.Parallel()
	foreign := roundTripper(func(*http.Request) (*http.Response, error) {
		t.Error("it is sent")
		return nil, io.EOF
	})
	body := payload.Body{Parts: []payload.Part{{Length: 1, Open: func() (io.Reader, error) { return nil, io.ErrClosedPipe }}}}
	_, failure := onerequest.New(foreign).Send(t.Context(), onerequest.Request{Header: http.Header{}, Body: body}) //nolint:bodyclose // none
	require.NotNil(t, failure)
	require.ErrorIs(t, failure.Err, io.ErrClosedPipe)
	assert.Equal(t, outcome.NotExecuted, failure.Outcome)
	assert.False(t, failure.NoConnection)
}

// Nothing is handed on by which a transport could send the request again.
func TestRoundTrip_cannotBeRepeated(t *testing.T) {
	t.Parallel()
	header := http.Header{"Idempotency-Key": {"1"}, "X-Idempotency-Key": {"1"}, "X-Other": {"2"}}
	requests := 0
	_, failure := onerequest.New(roundTripper(func(out *http.Request) (*http.Response, error) {
		requests++
		assert.Nil(t, out.GetBody)
		assert.Equal(t, http.Header{"X-Other": {"2"}}, out.Header)
		body, err := io.ReadAll(out.Body)
		assert.NoError(t, err)
		assert.Equal(t, "body", string(body))
		assert.EqualValues(t, 4, out.ContentLength)
		return nil, nil //nolint:nilnil // which no transport should do
	})).Send(t.Context(), onerequest.Request{Header: header, Body: payload.Body{Text: []byte("body")}}) //nolint:bodyclose // none
	require.NotNil(t, failure, "there was no answer")
	assert.Equal(t, outcome.Unknown, failure.Outcome)
	assert.Equal(t, 1, requests)
	assert.Len(t, header, 3, "it stays as it is")
}

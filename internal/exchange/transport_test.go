package exchange_test

import (
	"context"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-a6e4e5a4/imbot/internal/exchange"
	"github.com/seed-a6e4e5a4/imbot/internal/onerequest"
	"github.com/seed-a6e4e5a4/imbot/internal/outcome"
	"github.com/seed-a6e4e5a4/imbot/internal/payload"
	"github.com/seed-a6e4e5a4/imbot/internal/redact"
)

// webhook is a request by a webhook, byToken one by a token.
func webhook(scheme string) exchange.Request {
	return exchange.Request{
		Endpoint:    &url.URL{Scheme: scheme, Host: "example.com", Path: "/rest/"},
		Method:      "imbot.chat.add",
		Body:        payload.Body{Text: []byte(`{"TITLE":"x"}`)},
		Credentials: exchange.Credentials{WebhookPath: redact.NewSecret("1/EXAMPLE_SECRET/")},
	}
}

func byToken(scheme string) exchange.Request {
	r := webhook(scheme)
	r.Credentials = exchange.Credentials{Token: redact.NewSecret("EXAMPLE_TOKEN")}
	return r
}

func newDoer(t *testing.T, transport *onerequest.Transport, middleware ...exchange.Middleware) *exchange.Doer {
	t.Helper()
	doer, err := exchange.New(transport, 65*time.Second, middleware...)
	require.NoError(t, err)
	return doer
}

// A connection that was kept may be closed when the next request needs it. As long as nothing was written, that is no
// attempt: the request goes over another connection, and comes once.
func TestTransport_closedConnections(t *testing.T) {
	t.Parallel()
	bodies := map[string]string{"webhook": `{"TITLE":"x"}`, "token": `{"TITLE":"x","auth":"EXAMPLE_TOKEN"}`, "changed": `{"TITLE":"y!"}`}
	for _, protocol := range []string{"http", "https"} {
		for kind, body := range bodies {
			t.Run(protocol+" "+kind, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					var requests atomic.Int32
					n := newNetwork(t, protocol, func(_ http.ResponseWriter, req *http.Request) {
						got, err := io.ReadAll(req.Body)
						assert.NoError(t, err)
						assert.Equal(t, body, string(got))
						requests.Add(1)
						time.Sleep(time.Second) // fake clock: so that requests at once have a connection each
					})
					r := webhook(protocol)
					var middleware []exchange.Middleware
					switch kind {
					case "token":
						r = byToken(protocol)
					case "changed": // by a middleware, whose request has the GetBody of the original
						middleware = append(middleware, changing(func(req *http.Request) {
							req.Body, req.ContentLength = io.NopCloser(strings.NewReader(body)), int64(len(body))
						}))
					}
					doer := newDoer(t, onerequest.New(n.transport), middleware...)
					const atOnce, rounds = 5, 20
					for round := range rounds {
						var calls sync.WaitGroup
						for range atOnce {
							calls.Go(func() {
								answer, failure := doer.Do(t.Context(), r)
								assert.Nil(t, failure)
								assert.Equal(t, http.StatusOK, answer.Status)
							})
						}
						calls.Wait()
						synctest.Wait()
						assert.Equal(t, int32(atOnce*(round+1)), requests.Load(), "each comes once")
						assert.Equal(t, atOnce*(round+1), n.dials(), "over new connections, all others being closed")
						n.breakAll(closed)
					}
				})
			})
		}
	}
}

// Once something was written, the portal may have all that it needs.
func TestTransport_connectionsClosedHalfWay(t *testing.T) {
	t.Parallel()
	for _, protocol := range []string{"http", "https"} {
		t.Run(protocol, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				n := newNetwork(t, protocol, func(_ http.ResponseWriter, req *http.Request) { _, _ = io.Copy(io.Discard, req.Body) })
				doer := newDoer(t, onerequest.New(n.transport))
				r := webhook(protocol)
				r.Body.Text = []byte(`{"TITLE":"` + strings.Repeat("x", 20_000) + `"}`) // takes several writes
				_, failure := doer.Do(t.Context(), r)
				require.Nil(t, failure)
				var writes atomic.Int32
				n.breakAll(func(conn net.Conn, p []byte) (int, error) {
					if writes.Add(1) > 1 {
						return 0, syscall.EPIPE
					}
					return conn.Write(p)
				})

				_, failure = doer.Do(t.Context(), r)

				require.NotNil(t, failure)
				assert.Equal(t, outcome.Unknown, failure.Outcome)
				assert.False(t, failure.Dial || failure.Unprocessed)
				assert.Equal(t, 1, n.dials())
			})
		})
	}
}

// With the context ends what goes on over other connections, too; and a connection that cannot be had is no success.
func TestTransport_noOtherConnection(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		n := newNetwork(t, "http", func(http.ResponseWriter, *http.Request) {})
		doer := newDoer(t, onerequest.New(n.transport))
		_, failure := doer.Do(t.Context(), webhook("http"))
		require.Nil(t, failure)
		ctx, cancel := context.WithCancel(t.Context())
		n.breakAll(func(net.Conn, []byte) (int, error) {
			cancel()
			return 0, syscall.EPIPE
		})

		_, failure = doer.Do(ctx, webhook("http"))

		require.NotNil(t, failure)
		require.ErrorIs(t, failure.Err, context.Canceled)

		_, failure = doer.Do(t.Context(), webhook("http"))
		require.Nil(t, failure)
		n.breakAll(closed)
		n.transport.DialContext = func(context.Context, string, string) (net.Conn, error) {
			return nil, &net.OpError{Op: "dial", Err: syscall.ECONNREFUSED}
		}

		_, failure = doer.Do(t.Context(), webhook("http"))

		require.NotNil(t, failure)
		assert.Equal(t, outcome.NotExecuted, failure.Outcome)
		assert.True(t, failure.Dial)

		n.transport.DialContext = func(ctx context.Context, network, addr string) (net.Conn, error) {
			defer n.breakAll(closed)
			return n.dial(ctx, network, addr)
		}
		before := n.dials()

		_, failure = doer.Do(t.Context(), webhook("http"))

		require.NotNil(t, failure)
		assert.Equal(t, outcome.NotExecuted, failure.Outcome, "a new connection that is closed as well is no success either")
		assert.True(t, failure.Dial)
		assert.Equal(t, before+1, n.dials())
	})
}

// A connection of HTTP/2 is for all requests. One that does not answer in time is given up by those that come later,
// and left to those that are under way.
func TestTransport_connectionsThatDoNotAnswer(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		n := newNetwork(t, "h2", func(_ http.ResponseWriter, req *http.Request) {
			assert.Equal(t, 2, req.ProtoMajor)
			wait, err := time.ParseDuration(req.Header.Get("User-Agent"))
			assert.NoError(t, err)
			time.Sleep(wait) // fake clock
		})
		doer := newDoer(t, onerequest.New(n.transport))
		answeredAfter := func(wait time.Duration) *exchange.Failure {
			r := webhook("https")
			r.UserAgent = wait.String()
			_, failure := doer.Do(t.Context(), r)
			return failure
		}
		require.Nil(t, answeredAfter(0))
		var calls sync.WaitGroup
		for range 3 {
			calls.Go(func() {
				failure := answeredAfter(2 * time.Minute)
				if assert.NotNil(t, failure) {
					assert.Equal(t, outcome.Unknown, failure.Outcome)
				}
			})
		}
		time.Sleep(30 * time.Second) // fake clock
		calls.Go(func() { assert.Nil(t, answeredAfter(time.Minute)) })
		time.Sleep(30 * time.Second) // fake clock
		assert.Equal(t, 1, n.dials())
		time.Sleep(6 * time.Second) // fake clock
		require.Nil(t, answeredAfter(0))
		require.Nil(t, answeredAfter(0))
		assert.Equal(t, 2, n.dials(), "one other, however many got no answer")
		calls.Wait()
		require.NotNil(t, answeredAfter(2*time.Minute))
		require.Nil(t, answeredAfter(0))
		assert.Equal(t, 3, n.dials())
		time.Sleep(time.Hour) // fake clock: for the handlers
	})
}

// One that breaks off in the middle of an answer, or does so for a caller with a deadline of its own, is no better.
func TestTransport_connectionsThatFallSilent(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		answer  string
		timeout time.Duration
		after   time.Duration
	}{
		"before an answer":        {"", time.Hour, 65 * time.Second},
		"in the middle of it":     {"x", time.Hour, 65 * time.Second},
		"with a deadline":         {"", 3 * time.Second, 3 * time.Second},
		"in the middle, with one": {"x", 3 * time.Second, 3 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				var requests atomic.Int32
				n := newNetwork(t, "h2", func(w http.ResponseWriter, req *http.Request) {
					if requests.Add(1) == 1 {
						_, _ = io.WriteString(w, tt.answer)
						_ = http.NewResponseController(w).Flush()
						<-req.Context().Done()
					}
				})
				doer := newDoer(t, onerequest.New(n.transport))
				ctx, cancel := context.WithTimeout(t.Context(), tt.timeout)
				defer cancel()
				start := time.Now()
				_, failure := doer.Do(ctx, webhook("https"))
				require.NotNil(t, failure)
				assert.Equal(t, tt.after, time.Since(start))
				assert.Equal(t, outcome.Unknown, failure.Outcome)
				_, failure = doer.Do(t.Context(), webhook("https"))
				require.Nil(t, failure)
				assert.Equal(t, 2, n.dials())
			})
		})
	}
}

// The connections of the transport that clients have by default are looked after without that.
func TestTuned(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		n := newNetwork(t, "h2", func(http.ResponseWriter, *http.Request) {})
		n.transport.MaxIdleConnsPerHost = 0
		doer := newDoer(t, exchange.Tuned(n.transport))
		_, failure := doer.Do(t.Context(), webhook("https"))
		require.Nil(t, failure)
		n.breakAll(swallowing)
		start := time.Now()

		_, failure = doer.Do(t.Context(), webhook("https"))

		require.NotNil(t, failure)
		assert.Equal(t, outcome.Unknown, failure.Outcome)
		assert.LessOrEqual(t, time.Since(start), 25*time.Second)
		_, failure = doer.Do(t.Context(), webhook("https"))
		require.Nil(t, failure)
		assert.Nil(t, n.transport.HTTP2, "the given one is not changed")
	})
}

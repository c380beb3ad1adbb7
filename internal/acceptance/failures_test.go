package acceptance_test

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/internal/clienttest"
)

func discardLog() *log.Logger { return log.New(io.Discard, "", 0) }

// timeoutError is a failure of the network that is a timeout and quotes the address it was for.
type timeoutError struct{ url string }

func (e timeoutError) Error() string { return "timeout at " + e.url }

func (timeoutError) Timeout() bool { return true }

func (timeoutError) Temporary() bool { return false }

// The error of a call without an answer says whether the request may have reached the portal, and wraps its cause.
func TestFailures(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name    string
		err     error
		is      error
		timeout bool
		unknown bool
	}{
		{"nobody listens", &net.OpError{Op: "dial", Net: "tcp", Err: syscall.ECONNREFUSED}, syscall.ECONNREFUSED, false, false},
		{"no such host", &net.DNSError{Err: "no such host", Name: "portal.example", IsNotFound: true}, nil, false, false},
		{"a slow dial", &net.OpError{Op: "dial", Net: "tcp", Err: context.DeadlineExceeded}, context.DeadlineExceeded, true, false},
		{"a wrong certificate", &tls.CertificateVerificationError{Err: errors.New("x509")}, nil, false, false},
		{"no TLS at all", tls.RecordHeaderError{Msg: "first record does not look like a TLS handshake"}, nil, false, false},
		{"a cut connection", &net.OpError{Op: "read", Net: "tcp", Err: syscall.ECONNRESET}, syscall.ECONNRESET, false, true},
		{"a write half way", &net.OpError{Op: "write", Net: "tcp", Err: syscall.EPIPE}, syscall.EPIPE, false, true},
		{"the end of the stream", io.ErrUnexpectedEOF, io.ErrUnexpectedEOF, false, true},
		{"a timeout", timeoutError{"here"}, nil, true, true},
		{"a timeout that quotes the webhook", timeoutError{"/rest/1/EXAMPLE_SECRET/"}, timeoutError{"/rest/1/EXAMPLE_SECRET/"}, true, true},
		{"an alert after the handshake", tls.AlertError(42), tls.AlertError(42), false, true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			calls := 0
			client := clienttest.New(t, imbot.Webhook(clienttest.WebhookURL), append(clienttest.WithoutRepeats(),
				clienttest.Over(clienttest.RoundTrip(func(*http.Request) (*http.Response, error) {
					calls++
					return nil, tt.err
				})))...)

			_, err := client.Chat.Leave(t.Context(), clienttest.Leave13)

			require.Error(t, err)
			assert.Equal(t, tt.unknown, errors.Is(err, imbot.ErrOutcomeUnknown))
			if tt.is != nil {
				require.ErrorIs(t, err, tt.is)
			}
			var netErr net.Error
			assert.Equal(t, tt.timeout, errors.As(err, &netErr) && netErr.Timeout())
			assert.NotContains(t, err.Error(), "EXAMPLE_SECRET")
			assert.Contains(t, err.Error(), "imbot.chat.leave: ")
			assert.Equal(t, 1, calls)
		})
	}
}

func TestFailures_bodyCutHalfWay(t *testing.T) {
	t.Parallel()
	for _, status := range []int{200, 403, 502} {
		client := clienttest.New(t, imbot.Webhook(clienttest.WebhookURL), append(clienttest.WithoutRepeats(),
			clienttest.Over(clienttest.RoundTrip(func(*http.Request) (*http.Response, error) {
				body := io.MultiReader(strings.NewReader(`{"result":true`), failingReader{io.ErrUnexpectedEOF})
				return &http.Response{StatusCode: status, Header: http.Header{}, Body: io.NopCloser(body)}, nil
			})))...)

		_, err := client.Chat.Leave(t.Context(), clienttest.Leave13)

		require.ErrorIs(t, err, io.ErrUnexpectedEOF)
		require.ErrorIs(t, err, imbot.ErrOutcomeUnknown)
	}
}

type failingReader struct{ err error }

func (r failingReader) Read([]byte) (int, error) { return 0, r.err }

// With a real transport it is known whether there ever was a connection, whatever the error looks like.
func TestFailures_overRealConnections(t *testing.T) {
	t.Parallel()
	t.Run("refused", func(t *testing.T) {
		t.Parallel()
		server := httptest.NewServer(http.NotFoundHandler())
		server.Close()
		client := clienttest.New(t, imbot.Webhook(server.URL+"/rest/1/EXAMPLE_SECRET/"), clienttest.WithoutRepeats()...)

		_, err := client.Chat.Leave(t.Context(), clienttest.Leave13)

		require.ErrorIs(t, err, syscall.ECONNREFUSED)
		require.NotErrorIs(t, err, imbot.ErrOutcomeUnknown)
	})
	t.Run("cut", func(t *testing.T) {
		t.Parallel()
		server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }))
		defer server.Close()
		client := clienttest.New(t, imbot.Webhook(server.URL+"/rest/1/EXAMPLE_SECRET/"), clienttest.WithoutRepeats()...)

		_, err := client.Chat.Leave(t.Context(), clienttest.Leave13)

		require.ErrorIs(t, err, io.EOF)
		require.ErrorIs(t, err, imbot.ErrOutcomeUnknown)
	})
	t.Run("given up on", func(t *testing.T) {
		t.Parallel()
		ctx, cancel := context.WithCancel(t.Context())
		server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, req *http.Request) {
			_, _ = io.Copy(io.Discard, req.Body)
			cancel()
			<-req.Context().Done()
		}))
		defer server.Close()
		client := clienttest.New(t, imbot.Webhook(server.URL+"/rest/1/EXAMPLE_SECRET/"))

		_, err := client.Chat.Leave(ctx, clienttest.Leave13)

		require.ErrorIs(t, err, context.Canceled)
		require.ErrorIs(t, err, imbot.ErrOutcomeUnknown)
	})
	t.Run("given up on before there was a connection", func(t *testing.T) {
		t.Parallel()
		ctx, cancel := context.WithCancel(t.Context())
		client := clienttest.New(t, imbot.Webhook(clienttest.WebhookURL),
			clienttest.Over(&http.Transport{
				DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
					cancel()
					<-ctx.Done()
					return nil, ctx.Err()
				},
			}))

		_, err := client.Chat.Leave(ctx, clienttest.Leave13)

		require.ErrorIs(t, err, context.Canceled)
		require.NotErrorIs(t, err, imbot.ErrOutcomeUnknown)
	})
	t.Run("a certificate that nobody signed", func(t *testing.T) {
		t.Parallel()
		server := httptest.NewUnstartedServer(http.NotFoundHandler())
		server.Config.ErrorLog = discardLog()
		server.StartTLS()
		defer server.Close()
		client := clienttest.New(t, imbot.Webhook(server.URL+"/rest/1/EXAMPLE_SECRET/"), clienttest.WithoutRepeats()...)

		_, err := client.Chat.Leave(t.Context(), clienttest.Leave13)

		var certErr *tls.CertificateVerificationError
		require.ErrorAs(t, err, &certErr)
		require.NotErrorIs(t, err, imbot.ErrOutcomeUnknown)
	})
}

// After a switch to another protocol no answer is waited for, and the outcome is unknown.
func TestFailures_switchingProtocols(t *testing.T) {
	t.Parallel()
	ended := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		conn, _, err := http.NewResponseController(w).Hijack()
		if assert.NoError(t, err) {
			_, _ = io.WriteString(conn, "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n")
			_, _ = io.Copy(io.Discard, conn) // until the client hangs up
			_ = conn.Close()
			close(ended)
		}
	}))
	defer server.Close()
	client := clienttest.New(t, imbot.Webhook(server.URL+"/rest/1/EXAMPLE_SECRET/"), clienttest.WithoutRepeats()...)

	_, err := client.Chat.Leave(t.Context(), clienttest.Leave13)

	require.ErrorIs(t, err, imbot.ErrOutcomeUnknown)
	var apiErr *imbot.APIError
	require.ErrorAs(t, err, &apiErr)
	assert.Equal(t, http.StatusSwitchingProtocols, apiErr.StatusCode)
	<-ended
}

func TestTimeouts(t *testing.T) {
	t.Parallel()
	never := clienttest.RoundTrip(func(req *http.Request) (*http.Response, error) {
		<-req.Context().Done()
		return nil, req.Context().Err()
	})
	webhook := imbot.Webhook(clienttest.WebhookURL)
	tests := []struct {
		name   string
		client http.Client
		ctx    func(context.Context) (context.Context, context.CancelFunc)
		after  time.Duration
		is     error
		says   string
	}{
		{"by default after 65 s", http.Client{Transport: never}, nil, 65 * time.Second, context.DeadlineExceeded, "no answer within 1m5s"},
		{"of the client", http.Client{Transport: never, Timeout: 7 * time.Second}, nil, 7 * time.Second, context.DeadlineExceeded, "no answer within 7s"},
		{"of the caller", http.Client{Transport: never}, func(ctx context.Context) (context.Context, context.CancelFunc) {
			return context.WithTimeout(ctx, 3*time.Second)
		}, 3 * time.Second, context.DeadlineExceeded, "deadline exceeded"},
		{"canceled", http.Client{Transport: never}, func(ctx context.Context) (context.Context, context.CancelFunc) {
			ctx, cancel := context.WithCancel(ctx)
			time.AfterFunc(2*time.Second, cancel)
			return ctx, cancel
		}, 2 * time.Second, context.Canceled, "canceled"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				ctx := t.Context()
				if tt.ctx != nil {
					var cancel context.CancelFunc
					ctx, cancel = tt.ctx(ctx)
					defer cancel()
				}
				start := time.Now()
				client := clienttest.New(t, webhook, append(clienttest.WithoutRepeats(), imbot.WithHTTPClient(&tt.client))...)

				_, err := client.Chat.Leave(ctx, clienttest.Leave13)

				assert.Equal(t, tt.after, time.Since(start))
				require.ErrorIs(t, err, tt.is)
				require.ErrorContains(t, err, tt.says)
				require.ErrorIs(t, err, imbot.ErrOutcomeUnknown)
				var netErr net.Error
				if errors.Is(tt.is, context.DeadlineExceeded) {
					require.ErrorAs(t, err, &netErr)
					assert.True(t, netErr.Timeout())
				}
			})
		})
	}
}

// A transport may make several tries of its own. What ended the last says nothing of the first.
func TestFailures_ofATransportThatRepeats(t *testing.T) {
	t.Parallel()
	var requests atomic.Int32
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		requests.Add(1)
		panic(http.ErrAbortHandler)
	}))
	defer server.Close()
	var dials atomic.Int32
	base := &http.Transport{DialContext: func(ctx context.Context, network, addr string) (net.Conn, error) {
		if dials.Add(1) > 1 {
			return nil, &net.OpError{Op: "dial", Net: network, Err: syscall.ECONNREFUSED}
		}
		var dialer net.Dialer
		return dialer.DialContext(ctx, network, addr)
	}}
	twice := clienttest.RoundTrip(func(req *http.Request) (*http.Response, error) {
		body, err := io.ReadAll(req.Body)
		if err != nil {
			return nil, err
		}
		again := req.Clone(req.Context())
		req.Body, again.Body = io.NopCloser(bytes.NewReader(body)), io.NopCloser(bytes.NewReader(body))
		resp, err := base.RoundTrip(req)
		if err == nil {
			return resp, nil
		}
		return base.RoundTrip(again)
	})
	client := clienttest.New(t, imbot.Webhook(server.URL+"/rest/1/EXAMPLE_SECRET/"), clienttest.Over(twice))

	_, err := client.Chat.Leave(t.Context(), clienttest.Leave13)

	require.ErrorIs(t, err, imbot.ErrOutcomeUnknown)
	assert.Equal(t, int32(1), requests.Load())
	assert.Equal(t, int32(2), dials.Load())
}

// A call is not repeated where the certificate was not accepted.
func TestFailures_certificatesAreNotTriedAgain(t *testing.T) {
	t.Parallel()
	tries := 0
	client := clienttest.New(t, imbot.Webhook(clienttest.WebhookURL),
		clienttest.Over(clienttest.RoundTrip(func(*http.Request) (*http.Response, error) {
			tries++
			return nil, &tls.CertificateVerificationError{Err: errors.New("x509")}
		})))

	_, err := client.Chat.Leave(t.Context(), clienttest.Leave13)

	require.Error(t, err)
	assert.Equal(t, 1, tries)
}

// countingBody counts how often it was closed.
type countingBody struct {
	io.Reader
	closed *atomic.Int32
}

func (b countingBody) Close() error {
	b.closed.Add(1)
	return nil
}

func TestFailures_bodiesAreClosed(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		body io.Reader
		err  error
	}{
		"a success":              {strings.NewReader(`{"result":true}`), nil},
		"a cut body":             {failingReader{io.ErrUnexpectedEOF}, nil},
		"a body beside an error": {strings.NewReader(""), io.EOF},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var closed atomic.Int32
			client := clienttest.New(t, imbot.Webhook(clienttest.WebhookURL), append(clienttest.WithoutRepeats(),
				clienttest.Over(clienttest.RoundTrip(func(*http.Request) (*http.Response, error) {
					return &http.Response{StatusCode: http.StatusOK, Header: http.Header{}, Body: countingBody{tt.body, &closed}}, tt.err
				})))...)

			_, _ = client.Chat.Leave(t.Context(), clienttest.Leave13)

			assert.Equal(t, int32(1), closed.Load())
		})
	}
}

// A context may have a cause of its own; that it was canceled, or its deadline exceeded, can be asked for all the same.
func TestFailures_causesOfContexts(t *testing.T) {
	t.Parallel()
	why := errors.New("shutting down")
	transport := clienttest.RoundTrip(func(req *http.Request) (*http.Response, error) {
		<-req.Context().Done()
		return nil, context.Cause(req.Context()) // as net/http's own does
	})
	for name, end := range map[string]func(context.Context) (context.Context, error){
		"canceled": func(ctx context.Context) (context.Context, error) {
			ctx, cancel := context.WithCancelCause(ctx)
			time.AfterFunc(time.Second, func() { cancel(why) })
			return ctx, context.Canceled
		},
		"out of time": func(ctx context.Context) (context.Context, error) {
			ctx, cancel := context.WithTimeoutCause(ctx, time.Second, why)
			context.AfterFunc(ctx, cancel)
			return ctx, context.DeadlineExceeded
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				ctx, is := end(t.Context())
				client := clienttest.New(t, imbot.Webhook(clienttest.WebhookURL), clienttest.Over(transport))

				_, err := client.Chat.Leave(ctx, clienttest.Leave13)

				require.ErrorIs(t, err, is)
				require.ErrorIs(t, err, why)
				require.ErrorIs(t, err, imbot.ErrOutcomeUnknown)
			})
		})
	}
}

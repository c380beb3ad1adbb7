package acceptance_test

import (
	"errors"
	"net"
	"net/http"
	"net/http/httptrace"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/internal/clienttest"
)

// A middleware may make a request several times, also at once. What became of one try is not taken for what became of
// another.
func TestWithMiddleware_severalTries(t *testing.T) {
	t.Parallel()
	noConnection := func(trace *httptrace.ClientTrace) (*http.Response, error) {
		trace.GetConn("portal.example:443")
		return nil, &net.OpError{Op: "dial", Err: errors.New("nobody listens")}
	}
	cut := func(trace *httptrace.ClientTrace) (*http.Response, error) {
		trace.GetConn("portal.example:443")
		trace.GotConn(httptrace.GotConnInfo{})
		return nil, errors.New("the connection was cut")
	}
	type try = func(*httptrace.ClientTrace) (*http.Response, error)
	tests := []struct {
		name    string
		tries   []try
		unknown bool
	}{
		{"none", nil, false},
		{"one that was cut", []try{cut}, true},
		{"no connection at all", []try{noConnection, noConnection, noConnection}, false},
		{"cut first", []try{cut, noConnection, noConnection}, true},
		{"cut last", []try{noConnection, noConnection, cut}, true},
	}
	for _, tt := range tests {
		for _, atOnce := range []bool{false, true} {
			t.Run(tt.name, func(t *testing.T) {
				t.Parallel()
				var mu sync.Mutex
				left := tt.tries
				transport := clienttest.RoundTrip(func(req *http.Request) (*http.Response, error) {
					assert.Equal(t, "/rest/1/EXAMPLE_SECRET/imbot.chat.leave", req.URL.Path)
					mu.Lock()
					try := left[0]
					left = left[1:]
					mu.Unlock()
					return try(httptrace.ContextClientTrace(req.Context()))
				})
				client := clienttest.New(t, imbot.Webhook(clienttest.WebhookURL),
					imbot.WithRetry(imbot.RetryPolicy{}), clienttest.Over(transport),
					imbot.WithMiddleware(func(next http.RoundTripper) http.RoundTripper {
						return clienttest.RoundTrip(func(req *http.Request) (*http.Response, error) {
							var tries sync.WaitGroup
							for range tt.tries {
								tries.Go(func() { _, _ = next.RoundTrip(req.Clone(req.Context())) }) //nolint:bodyclose // there is never an answer
								if !atOnce {
									tries.Wait()
								}
							}
							tries.Wait()
							return nil, errors.New("given up")
						})
					}))

				_, err := client.Chat.Leave(t.Context(), clienttest.Leave13)

				require.ErrorContains(t, err, "given up")
				assert.Equal(t, tt.unknown, errors.Is(err, imbot.ErrOutcomeUnknown))
				assert.Empty(t, left)
			})
		}
	}
}

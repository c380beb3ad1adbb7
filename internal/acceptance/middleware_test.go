package acceptance_test

import (
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"strings"
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
								again := req.Clone(req.Context())
								again.Body, _ = req.GetBody()
								tries.Go(func() { _, _ = next.RoundTrip(again) }) //nolint:bodyclose // there is never an answer
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

// What a middleware has read, and has not put back, is not sent: a request without its body would be refused, or obeyed,
// and mean another thing.
func TestWithMiddleware_lostBody(t *testing.T) {
	t.Parallel()
	replaced := func(body string, length int64) func(*http.Request) {
		return func(req *http.Request) {
			req.Body, req.ContentLength = io.NopCloser(strings.NewReader(body)), length
		}
	}
	tests := map[string]struct {
		change func(*http.Request)
		sent   string // nothing where it is empty
	}{
		"as it is":              {func(*http.Request) {}, `{"CHAT_ID":13,"BOT_ID":39}`},
		"read":                  {func(req *http.Request) { _, _ = io.ReadAll(req.Body) }, ""},
		"read in part":          {func(req *http.Request) { _, _ = req.Body.Read(make([]byte, 3)) }, ""},
		"replaced":              {replaced(`{"CHAT_ID":14}`, 14), `{"CHAT_ID":14}`},
		"replaced, length gone": {replaced(`{"CHAT_ID":14}`, -1), `{"CHAT_ID":14}`},
		"replaced by less":      {replaced(`{}`, 26), ""},
		"emptied":               {replaced("", -1), ""},
	}
	for name, tt := range tests {
		for kind, auth := range map[string]imbot.Auth{
			"webhook": imbot.Webhook(clienttest.WebhookURL),
			"token":   imbot.OAuth("https://portal.example/rest/", imbot.StaticToken("EXAMPLE_TOKEN")),
		} {
			t.Run(kind+" "+name, func(t *testing.T) {
				t.Parallel()
				var sent []string
				client := clienttest.New(t, auth, clienttest.Over(clienttest.RoundTrip(func(req *http.Request) (*http.Response, error) {
					body, err := io.ReadAll(req.Body)
					if err != nil {
						return nil, err
					}
					sent = append(sent, string(body))
					req.Body = http.NoBody
					return clienttest.Answering(http.StatusOK, `{"result":true}`).RoundTrip(req)
				})), imbot.WithMiddleware(func(next http.RoundTripper) http.RoundTripper {
					return clienttest.RoundTrip(func(req *http.Request) (*http.Response, error) {
						tt.change(req)
						return next.RoundTrip(req)
					})
				}))

				_, err := client.Chat.Leave(t.Context(), clienttest.Leave13)

				if tt.sent == "" {
					require.Error(t, err)
					require.NotErrorIs(t, err, imbot.ErrOutcomeUnknown)
					assert.Empty(t, sent)
					return
				}
				require.NoError(t, err)
				require.Len(t, sent, 1)
				assert.Equal(t, tt.sent, strings.Replace(sent[0], `,"auth":"EXAMPLE_TOKEN"`, "", 1))
			})
		}
	}
}

// A middleware may ask for the connection to be closed after the request.
func TestWithMiddleware_close(t *testing.T) {
	t.Parallel()
	closes := false
	client := clienttest.New(t, imbot.Webhook(clienttest.WebhookURL),
		clienttest.Over(clienttest.RoundTrip(func(req *http.Request) (*http.Response, error) {
			closes = req.Close
			return clienttest.Answering(http.StatusOK, `{"result":true}`).RoundTrip(req)
		})),
		imbot.WithMiddleware(func(next http.RoundTripper) http.RoundTripper {
			return clienttest.RoundTrip(func(req *http.Request) (*http.Response, error) {
				req.Close = true
				return next.RoundTrip(req)
			})
		}))

	_, err := client.Chat.Leave(t.Context(), clienttest.Leave13)

	require.NoError(t, err)
	assert.True(t, closes)
}

package acceptance_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httptrace"
	"net/textproto"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/internal/clienttest"
)

// Requests and answers have no credentials in them where middleware sees them.
func TestSecrets_middlewareSeesNone(t *testing.T) {
	t.Parallel()
	for kind, auth := range auths() {
		for failure, transport := range failures(t, auth.secret) {
			var seen bytes.Buffer
			look := func(next http.RoundTripper) http.RoundTripper {
				return clienttest.RoundTrip(func(req *http.Request) (*http.Response, error) {
					fmt.Fprintf(&seen, "%v %v", req.URL, req.Header)
					resp, err := next.RoundTrip(req)
					if err != nil {
						fmt.Fprintf(&seen, "%v %+v", err, err)
						return resp, err
					}
					body, err := io.ReadAll(resp.Body)
					resp.Body = io.NopCloser(bytes.NewReader(body))
					fmt.Fprintf(&seen, "%v %v %s %s", resp.Header, resp.Request.URL, resp.Status, body)
					return resp, err
				})
			}
			client := clienttest.New(t, auth.Auth, append(clienttest.WithoutRepeats(), imbot.WithMiddleware(look),
				clienttest.Over(transport))...)

			_, err := client.Chat.Leave(t.Context(), clienttest.Leave13)

			require.Error(t, err)
			assert.NotContains(t, strings.ToLower(seen.String()), strings.ToLower(auth.secret), "%s by %s", failure, kind)
		}
	}
}

// A result is masked for middleware, but not for the caller. An answer that middleware changed is the one that counts.
func TestSecrets_middlewareChangesNoResult(t *testing.T) {
	t.Parallel()
	method := imbot.Method[params, string]{Name: "imbot.x"}
	for _, text := range []string{"x", secretHook, "x" + secretHook + `\u0022` + secretHook} {
		body := `{"result":"` + text + `"}`
		var seen string
		look := func(next http.RoundTripper) http.RoundTripper {
			return clienttest.RoundTrip(func(req *http.Request) (*http.Response, error) {
				resp, err := next.RoundTrip(req)
				if err != nil {
					return nil, err
				}
				read, err := io.ReadAll(resp.Body)
				seen = string(read)
				resp.Body = io.NopCloser(bytes.NewReader(read))
				return resp, err
			})
		}
		client := clienttest.New(t, imbot.Webhook(secretURL), clienttest.Over(clienttest.Answering(200, body)), imbot.WithMiddleware(look))

		got, err := imbot.Call(t.Context(), client, method, params{})

		require.NoError(t, err)
		assert.Equal(t, strings.ReplaceAll(text, `\u0022`, `"`), got.Result)
		assert.Equal(t, strings.ReplaceAll(body, secretHook, strings.Repeat("*", len(secretHook))), seen)

		replace := func(next http.RoundTripper) http.RoundTripper {
			return clienttest.RoundTrip(func(req *http.Request) (*http.Response, error) {
				resp, err := next.RoundTrip(req)
				if err == nil {
					resp.Body = io.NopCloser(strings.NewReader(`{"result":"another"}`))
				}
				return resp, err
			})
		}
		client = clienttest.New(t, imbot.Webhook(secretURL), clienttest.Over(clienttest.Answering(200, body)), imbot.WithMiddleware(replace))
		got, err = imbot.Call(t.Context(), client, method, params{})
		require.NoError(t, err)
		assert.Equal(t, "another", got.Result)
	}
}

// A middleware has the context of a request, and printing one by reflection shows all that it holds.
func TestSecrets_contextsShowNone(t *testing.T) {
	t.Parallel()
	transports := map[string]http.RoundTripper{
		"any transport": clienttest.Answering(http.StatusFound, ""),
		"net/http's own": &http.Transport{DialContext: func(context.Context, string, string) (net.Conn, error) {
			return nil, errors.New("nobody listens")
		}},
	}
	for kind, auth := range auths() {
		for name, transport := range transports {
			t.Run(kind+" "+name, func(t *testing.T) {
				t.Parallel()
				printed := false
				client := clienttest.New(t, auth.Auth, imbot.WithClientID(secretClientID), imbot.WithRetry(imbot.RetryPolicy{}),
					clienttest.Over(transport),
					imbot.WithMiddleware(func(next http.RoundTripper) http.RoundTripper {
						return clienttest.RoundTrip(func(req *http.Request) (*http.Response, error) {
							resp, err := next.RoundTrip(req)
							printed = true
							secrets.NotPrinted(t, req.Context(), "the context")
							var out failureText
							assert.Equal(&out, &struct{ hidden any }{req.Context()}, &struct{ hidden any }{})
							assert.Contains(t, out, "progressKey", "the context was not taken apart")
							secrets.NotIn(t, string(out), "the context, taken apart")
							return resp, err
						})
					}))

				_, err := client.Chat.Leave(context.Background(), clienttest.Leave13) //nolint:usetesting // that one changes while it is printed

				require.Error(t, err)
				assert.True(t, printed)
			})
		}
	}
}

// failureText collects the messages of failed assertions.
type failureText string

func (f *failureText) Errorf(format string, args ...any) {
	*f += failureText(fmt.Sprintf(format, args...))
}

// A logger at debug level and an observer over calls that fail, are repeated, redirected and refreshed: no secret.
func TestSecrets_noWatcherSeesOne(t *testing.T) {
	t.Parallel()
	for kind, auth := range auths() {
		for failure, transport := range failures(t, auth.secret, secretClientID) {
			var out bytes.Buffer
			handlers := []slog.Handler{
				slog.NewTextHandler(&out, &slog.HandlerOptions{Level: slog.LevelDebug, AddSource: true}),
				slog.NewJSONHandler(&out, &slog.HandlerOptions{Level: slog.LevelDebug}),
			}
			for _, handler := range handlers {
				client := clienttest.New(t, auth.Auth,
					clienttest.Over(transport),
					imbot.WithClientID(secretClientID),
					imbot.WithRetry(imbot.RetryPolicy{MaxAttempts: 2, BaseDelay: time.Nanosecond, MaxDelay: time.Nanosecond}),
					imbot.WithLogger(slog.New(handler)),
					imbot.WithObserver(func(_ context.Context, a imbot.Attempt) {
						secrets.NotPrinted(t, a, "Attempt")
						secrets.NotPrinted(t, &a, "Attempt")
					}),
					imbot.WithTrace(func(ctx context.Context, info imbot.CallInfo) (context.Context, func(imbot.CallResult)) {
						secrets.NotPrinted(t, info, "CallInfo")
						return ctx, func(result imbot.CallResult) { secrets.NotPrinted(t, result, "CallResult") }
					}))

				_, err := client.Chat.EnsureLeft(t.Context(), imbot.ChatLeaveRequest{ChatID: 13, BotID: 39, ClientID: secretClientID})

				require.Error(t, err)
				secrets.NotPrinted(t, err, failure)
			}
			assert.NotEmpty(t, out.String())
			secrets.NotIn(t, out.String(), failure+" by "+kind)
		}
	}
}

// Over HTTP/2 the path is a header field, which a httptrace of middleware or of the caller is called with, and may
// record.
func TestSecrets_tracesSeeNone(t *testing.T) {
	t.Parallel()
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		assert.Equal(t, 2, req.ProtoMajor)
		_, _ = io.WriteString(w, `{"result":true}`)
	}))
	server.EnableHTTP2 = true
	server.StartTLS()
	defer server.Close()
	var mu sync.Mutex
	var seen []string
	traced := func(ctx context.Context) context.Context {
		return httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{WroteHeaderField: func(key string, values []string) {
			mu.Lock()
			defer mu.Unlock()
			seen = append(seen, key+"="+strings.Join(values, ","))
		}})
	}
	client := clienttest.New(t, imbot.Webhook(server.URL+"/rest/1/"+secretHook+"/"), imbot.WithHTTPClient(server.Client()),
		imbot.WithMiddleware(func(next http.RoundTripper) http.RoundTripper {
			return clienttest.RoundTrip(func(req *http.Request) (*http.Response, error) {
				return next.RoundTrip(req.WithContext(traced(req.Context())))
			})
		}))

	_, err := client.Chat.Leave(traced(t.Context()), clienttest.Leave13)

	require.NoError(t, err)
	assert.Contains(t, seen, ":method=POST")
	secrets.NotIn(t, strings.Join(seen, "\n"), "httptrace")
}

// An early answer and a trailer may repeat the address too.
func TestSecrets_whatComesBeforeAndAfterAnAnswer(t *testing.T) {
	t.Parallel()
	for _, http2 := range []bool{false, true} {
		t.Run(fmt.Sprint("HTTP/2: ", http2), func(t *testing.T) {
			t.Parallel()
			server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
				w.Header().Set("Link", req.URL.Path)
				w.WriteHeader(http.StatusEarlyHints)
				w.Header().Set("Trailer", "X-Told")
				_, _ = io.WriteString(w, `{"result":true}`)
				w.Header().Set("X-Told", req.URL.Path)
				w.Header().Set(http.TrailerPrefix+"X-Untold", req.URL.Path)
			}))
			server.EnableHTTP2 = http2
			server.StartTLS()
			defer server.Close()
			var early, late http.Header
			client := clienttest.New(t, imbot.Webhook(server.URL+"/rest/1/"+secretHook+"/"), imbot.WithHTTPClient(server.Client()),
				imbot.WithMiddleware(func(next http.RoundTripper) http.RoundTripper {
					return clienttest.RoundTrip(func(req *http.Request) (*http.Response, error) {
						ctx := httptrace.WithClientTrace(req.Context(), &httptrace.ClientTrace{
							Got1xxResponse: func(_ int, header textproto.MIMEHeader) error {
								early = http.Header(header)
								return nil
							},
						})
						resp, err := next.RoundTrip(req.WithContext(ctx))
						if err != nil {
							return nil, err
						}
						body, err := io.ReadAll(resp.Body)
						late = resp.Trailer
						resp.Body = io.NopCloser(bytes.NewReader(body))
						return resp, err
					})
				}))

			_, err := client.Chat.Leave(t.Context(), clienttest.Leave13)

			require.NoError(t, err)
			const masked = "/rest/1/***/imbot.chat.leave"
			assert.Equal(t, masked, early.Get("Link"))
			assert.Equal(t, http.Header{"X-Told": {masked}, "X-Untold": {masked}}, late)
		})
	}
}

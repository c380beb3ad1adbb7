package acceptance_test

import (
	"context"
	"log/slog"
	"net"
	"net/http"
	"runtime"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/internal/clienttest"
)

// given is all that a program may give to a client. When the function with its name is first called, it calls act.
type given struct {
	name string
	act  func()
	met  atomic.Bool

	first    http.RoundTripper // of the first answer
	answered atomic.Bool
	mu       sync.Mutex
	contexts []context.Context // of the requests
}

func (g *given) call(name string) {
	if name == g.name && g.met.CompareAndSwap(false, true) {
		g.act()
	}
}

func (g *given) Token(context.Context) (string, error) {
	g.call("Token")
	return "EXAMPLE_TOKEN", nil
}

func (g *given) Refresh(context.Context, string) (string, error) {
	g.call("Refresh")
	return "EXAMPLE_NEW", nil
}

func (g *given) ClientEndpoint(context.Context) (string, error) {
	g.call("ClientEndpoint")
	return "", nil
}

func (g *given) Wait(context.Context) error {
	g.call("Wait")
	return nil
}

func (g *given) Empty(context.Context) error {
	g.call("Empty")
	return nil
}

func (g *given) Enabled(context.Context, slog.Level) bool { return true }

func (g *given) Handle(context.Context, slog.Record) error {
	g.call("logger")
	return nil
}

func (g *given) WithAttrs([]slog.Attr) slog.Handler { return g }

func (g *given) WithGroup(string) slog.Handler { return g }

// RoundTrip is the transport.
func (g *given) RoundTrip(req *http.Request) (*http.Response, error) {
	g.call("transport")
	g.mu.Lock()
	g.contexts = append(g.contexts, req.Context())
	g.mu.Unlock()
	if g.first != nil && g.answered.CompareAndSwap(false, true) {
		return g.first.RoundTrip(req)
	}
	return clienttest.Answering(http.StatusOK, `{"result":true}`).RoundTrip(req)
}

func (g *given) middleware(next http.RoundTripper) http.RoundTripper {
	return clienttest.RoundTrip(func(req *http.Request) (*http.Response, error) {
		g.call("middleware, before")
		resp, err := next.RoundTrip(req)
		g.call("middleware, after")
		return resp, err
	})
}

func (g *given) client(t *testing.T) *imbot.Client {
	return clienttest.New(t, imbot.OAuth("https://"+clienttest.OldHost+"/rest/", g),
		imbot.WithLimiter(g), imbot.WithLogger(slog.New(g)), imbot.WithMiddleware(g.middleware),
		clienttest.Over(g),
		imbot.WithObserver(func(context.Context, imbot.Attempt) { g.call("observer") }),
		imbot.WithTrace(func(ctx context.Context, _ imbot.CallInfo) (context.Context, func(imbot.CallResult)) {
			g.call("trace")
			return ctx, func(imbot.CallResult) { g.call("end of a trace") }
		}),
		imbot.WithRedirectPolicy(func(_, _ string) bool { g.call("policy"); return false }))
}

// foreignFunctions has what the portal answers first, so that the function is called.
var foreignFunctions = map[string]http.RoundTripper{
	"Token": nil, "Wait": nil, "trace": nil, "end of a trace": nil, "observer": nil, "logger": nil, "transport": nil, "middleware, before": nil, "middleware, after": nil,
	"Refresh":        clienttest.Answering(http.StatusUnauthorized, `{"error":"expired_token"}`),
	"ClientEndpoint": clienttest.Failing(&net.OpError{Op: "dial", Err: syscall.ECONNREFUSED}),
	"Empty":          clienttest.Answering(http.StatusServiceUnavailable, `{"error":"QUERY_LIMIT_EXCEEDED"}`),
	"policy": clienttest.RoundTrip(func(req *http.Request) (*http.Response, error) {
		return clienttest.Redirecting(http.StatusFound, "https://"+clienttest.NewHost+req.URL.Path, "").RoundTrip(req)
	}),
}

// ended returns how a function ended in a goroutine of its own: by a panic with a value, by ending the goroutine, or by
// returning.
func ended(f func()) (how string) {
	var group sync.WaitGroup
	group.Go(func() {
		how = "Goexit"
		defer func() {
			if value := recover(); value != nil {
				how = "panic: " + value.(string) //nolint:forcetypeassert // the test's own
			}
		}()
		f()
		how = "return"
	})
	group.Wait()
	return how
}

// A panic or Goexit in a function of the program ends the goroutine of the call, and leaves the client as it was.
func TestCallers_functionsThatDoNotReturn(t *testing.T) {
	t.Parallel()
	acts := map[string]func(){
		"panic: of the caller": func() { panic("of the caller") },
		"Goexit":               runtime.Goexit,
	}
	calls := map[string]func(context.Context, *imbot.Client) error{
		"Leave": func(ctx context.Context, client *imbot.Client) error {
			_, err := client.Chat.Leave(ctx, clienttest.Leave13)
			return err
		},
		"EnsureLeft": func(ctx context.Context, client *imbot.Client) error {
			_, err := client.Chat.EnsureLeft(ctx, clienttest.Leave13)
			return err
		},
	}
	for name, first := range foreignFunctions {
		for how, act := range acts {
			for kind, call := range calls {
				t.Run(name+", "+how+", "+kind, func(t *testing.T) {
					t.Parallel()
					synctest.Test(t, func(t *testing.T) {
						g := &given{name: name, act: act, first: first}
						client := g.client(t)

						assert.Equal(t, how, ended(func() { _ = call(t.Context(), client) }))

						synctest.Wait()
						for _, ctx := range g.contexts {
							assert.Error(t, ctx.Err(), "a request is still waited for")
						}
						var group sync.WaitGroup
						for range 4 {
							group.Go(func() { assert.NoError(t, call(t.Context(), client)) })
						}
						group.Wait()
					})
				})
			}
		}
	}
}

// The calls of a batch whose Do did not return may have been executed, if it was sent.
func TestCallers_functionsThatDoNotReturnFromABatch(t *testing.T) {
	t.Parallel()
	for name, first := range foreignFunctions {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g := &given{name: name, act: func() { panic("of the caller") }, first: first}
			batch := g.client(t).NewBatch()
			queued := []*imbot.Queued[bool]{
				imbot.Queue(batch, imbot.MethodChatLeave, clienttest.Leave13), imbot.Queue(batch, imbot.MethodChatLeave, clienttest.Leave13),
			}

			assert.Equal(t, "panic: of the caller", ended(func() { _ = batch.Do(t.Context()) }))

			for _, q := range queued {
				response, err := q.Result()
				assert.Nil(t, response)
				if name == "Token" || name == "Wait" || name == "trace" {
					require.ErrorIs(t, err, imbot.ErrNotExecuted)
				} else {
					require.ErrorIs(t, err, imbot.ErrOutcomeUnknown)
					require.NotErrorIs(t, err, imbot.ErrNotExecuted)
				}
			}
		})
	}
}

// panics is a result that panics while it is decoded.
type panics struct{}

func (*panics) UnmarshalJSON([]byte) error { panic("of the caller") }

// A panic while a result is decoded leaves the outcome of its call and of those after it unknown. Those before it keep
// their results.
func TestCallers_resultsThatDoNotReturn(t *testing.T) {
	t.Parallel()
	client := clienttest.New(t, imbot.Webhook(secretURL), clienttest.Over(clienttest.Answering(http.StatusOK, `{"result":{"result":{"c0":true,"c1":true,"c2":true},"result_error":[]}}`)))
	batch := client.NewBatch()
	before := imbot.Queue(batch, imbot.MethodChatLeave, clienttest.Leave13)
	it := imbot.Queue(batch, imbot.Method[imbot.ChatLeaveRequest, panics]{Name: "x"}, clienttest.Leave13)
	after := imbot.Queue(batch, imbot.MethodChatLeave, clienttest.Leave13)

	assert.Equal(t, "panic: of the caller", ended(func() { _ = batch.Do(t.Context()) }))

	_, err := before.Result()
	require.NoError(t, err)
	_, err = it.Result()
	require.ErrorIs(t, err, imbot.ErrOutcomeUnknown)
	_, err = after.Result()
	require.ErrorIs(t, err, imbot.ErrOutcomeUnknown)
	assert.NotErrorIs(t, err, imbot.ErrNotExecuted)
}

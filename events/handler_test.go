package events_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/events"
)

// errorsOf collects what a handler reports.
type errorsOf struct {
	mu   sync.Mutex
	list []error
}

func (e *errorsOf) add(_ context.Context, err error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.list = append(e.list, err)
}

func (e *errorsOf) all() []error {
	e.mu.Lock()
	defer e.mu.Unlock()
	return append([]error(nil), e.list...)
}

func TestNewHandler_mistakes(t *testing.T) {
	t.Parallel()
	for name, opt := range map[string]events.Option{
		"no option": nil, "callback": events.OnJoinChat(nil), "other callback": events.OnOther(nil), "check": events.WithInstallCheck(nil),
		"workers": events.WithWorkers(0), "queue": events.WithQueue(-1), "errors": events.WithErrorHandler(nil), "logger": events.WithLogger(nil),
		"mux": events.WithMux(nil), "window": events.WithoutRepeats(0), "age": events.WithMaxAge(-1),
		"no timeout": events.WithCallbackTimeout(0), "timeout": events.WithCallbackTimeout(-1),
	} {
		_, err := events.NewHandler(lookup, events.WithWorkers(3), opt)
		var mistake *imbot.ParamError
		assert.ErrorAs(t, err, &mistake, name)
	}
	_, err := events.NewHandler(events.Lookup(nil), nil, events.WithWorkers(0))
	for _, param := range []string{"lookup", "option 1", "WithWorkers"} {
		require.ErrorContains(t, err, param)
	}
}

// A lookup may go by the member id alone. What has none is refused then.
func TestNewHandler_lookups(t *testing.T) {
	t.Parallel()
	handlers := map[string]func() (*events.Handler, error){
		"by the sender": func() (*events.Handler, error) {
			return events.NewHandler(func(_ context.Context, sender events.Sender) (string, error) {
				assert.Equal(t, "portal.example", sender.Domain)
				return "EXAMPLE_APP_TOKEN", nil
			})
		},
		"by the member id": func() (*events.Handler, error) {
			return events.NewHandler(func(_ context.Context, memberID string) (string, error) {
				assert.Equal(t, "EXAMPLE_MEMBER", memberID)
				return "EXAMPLE_APP_TOKEN", nil
			})
		},
	}
	for name, newHandler := range handlers {
		for member, status := range map[string]int{"EXAMPLE_MEMBER": http.StatusOK, "": map[string]int{"by the sender": http.StatusOK}[name]} {
			handler, err := newHandler()
			require.NoError(t, err)
			values := url.Values{"event": {"ONIMBOTV2DELETE"}, "data[bot][id]": {"456"}, "auth[domain]": {"portal.example"}, "auth[application_token]": {"EXAMPLE_APP_TOKEN"}}
			if member != "" {
				values.Set("auth[member_id]", member)
			}
			if status == 0 {
				status = http.StatusForbidden
			}
			assert.Equal(t, status, serve(handler, post(t, "/", values.Encode())), "%s %q", name, member)
		}
	}
	_, err := events.NewHandler((func(context.Context, string) (string, error))(nil))
	require.ErrorContains(t, err, "lookup")
}

func TestHandler_callbacks(t *testing.T) {
	t.Parallel()
	names := []string{events.JoinChat, events.MessageAdd, events.BotDelete, events.AppInstall, events.AppUninstall, "ONCRMDEALADD"}
	note := func(label string, into chan<- string) events.Callback {
		return func(_ context.Context, event *events.Event) error {
			into <- label + " " + event.Name
			return nil
		}
	}
	t.Run("each its own", func(t *testing.T) {
		t.Parallel()
		called := make(chan string, len(names))
		h := newHandler(t, events.OnJoinChat(note("join", called)), events.OnMessageAdd(note("message", called)), events.OnBotDelete(note("delete", called)),
			events.OnAppInstall(note("install", called)), events.OnAppUninstall(note("uninstall", called)), events.OnOther(note("other", called)))
		for _, name := range names {
			assert.Equal(t, http.StatusOK, serve(h, post(t, "/", named(name))), name)
		}
		require.NoError(t, h.Shutdown(t.Context()))
		close(called)
		var got []string
		for label := range called {
			got = append(got, label)
		}
		assert.Equal(t, []string{
			"delete ONIMBOTDELETE", "install ONAPPINSTALL", "join ONIMBOTJOINCHAT", "message ONIMBOTMESSAGEADD", "other ONCRMDEALADD", "uninstall ONAPPUNINSTALL",
		}, sorted(got))
	})
	t.Run("one for all", func(t *testing.T) {
		t.Parallel()
		called := make(chan string, len(names))
		h := newHandler(t, events.OnOther(note("other", called)))
		for _, name := range names {
			assert.Equal(t, http.StatusOK, serve(h, post(t, "/", named(name))), name)
		}
		require.NoError(t, h.Shutdown(t.Context()))
		assert.Len(t, called, len(names))
	})
	t.Run("none", func(t *testing.T) {
		t.Parallel()
		h := newHandler(t)
		for _, name := range names {
			assert.Equal(t, http.StatusOK, serve(h, post(t, "/", named(name))), name)
		}
	})
}

func TestHandler_refuses(t *testing.T) {
	t.Parallel()
	down := errors.New("the database is down")
	signed := func(memberID, token string) string {
		return fields("event=ONIMBOTJOINCHAT", "auth[member_id]="+memberID, "auth[application_token]="+token)
	}
	tests := map[string]struct {
		request *http.Request
		lookup  events.Lookup
		status  int
		reason  error
	}{
		"wrong token":         {post(t, "/", signed(member, "EXAMPLE_OTHER")), nil, 403, events.ErrUnverified},
		"no token":            {post(t, "/", signed(member, "")), nil, 403, events.ErrUnverified},
		"unknown portal":      {post(t, "/", signed("m2", proof)), nil, 403, events.ErrUnverified},
		"no portal":           {post(t, "/", signed("", proof)), nil, 403, events.ErrUnverified},
		"no portal of an app": {post(t, "/", strings.Replace(signed("", proof), "ONIMBOTJOINCHAT", "ONAPPUNINSTALL", 1)+"&auth[domain]=portal.example"), stored(proof), 403, events.ErrUnverified},
		"nothing is stored":   {post(t, "/", signed(member, "")), stored(""), 403, events.ErrUnverified},
		"unexpected install":  {post(t, "/", strings.Replace(signed("m2", proof), "ONIMBOTJOINCHAT", "ONAPPINSTALL", 1)), nil, 403, events.ErrUnverified},
		"lookup fails":        {post(t, "/", join()), func(context.Context, events.Sender) (string, error) { return proof, down }, 503, events.ErrLookup},
		"malformed":           {post(t, "/", "event="), nil, 400, events.ErrMalformed},
		"oversized":           {post(t, "/", join("a="+strings.Repeat("b", 1<<20))), nil, 413, events.ErrTooLarge},
		"GET":                 {httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", nil), nil, 405, events.ErrMethod},
		"not a form":          {httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/", strings.NewReader("hello")), nil, 415, events.ErrMediaType},
		"token of a bot only": {post(t, "/", fields("event=ONIMBOTJOINCHAT", "auth[member_id]="+member, "data[BOT][5][application_token]="+proof)), nil, 403, events.ErrUnverified},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if tt.lookup == nil {
				tt.lookup = lookup
			}
			var called atomic.Int32
			count := func(context.Context, *events.Event) error { called.Add(1); return nil }
			var reported errorsOf
			h, err := events.NewHandler(tt.lookup, events.OnJoinChat(count), events.OnAppInstall(count), events.OnOther(count), events.WithErrorHandler(reported.add))
			require.NoError(t, err)
			w := httptest.NewRecorder()

			h.ServeHTTP(w, tt.request)

			assert.Equal(t, tt.status, w.Code)
			assert.Equal(t, http.StatusText(tt.status)+"\n", w.Body.String())
			if tt.status == http.StatusMethodNotAllowed {
				assert.Equal(t, http.MethodPost, w.Header().Get("Allow"))
			}
			require.Len(t, reported.all(), 1)
			require.ErrorIs(t, reported.all()[0], tt.reason)
			if errors.Is(tt.reason, events.ErrLookup) {
				require.ErrorIs(t, reported.all()[0], down)
			}
			require.NoError(t, h.Shutdown(t.Context()))
			assert.Zero(t, called.Load())
		})
	}
}

// A check that says itself that it could not ask is not told twice.
func TestHandler_saysOnceThatALookupFailed(t *testing.T) {
	t.Parallel()
	check := func(context.Context, *events.Event) error {
		return fmt.Errorf("%w: %w", events.ErrLookup, errors.New("no such host"))
	}
	var reported errorsOf
	h, err := events.NewHandler(stored(proof), events.WithInstallCheck(check), events.WithErrorHandler(reported.add))
	require.NoError(t, err)

	h.ServeHTTP(httptest.NewRecorder(), post(t, "/", named("ONAPPINSTALL")))

	require.Len(t, reported.all(), 1)
	require.EqualError(t, reported.all()[0], "events: the lookup of the application token failed: no such host (HTTP 503)")
	require.ErrorIs(t, reported.all()[0], events.ErrLookup)
}

// Whoever reads the log has to know whether a portal is unknown, or its token is another one.
func TestHandler_saysWhyAnEventIsNotVerified(t *testing.T) {
	t.Parallel()
	for known, text := range map[string]string{
		"":              "events: unverified: no application token is known for the portal (HTTP 403)",
		"EXAMPLE_OTHER": "events: unverified: the application token is not that of the portal (HTTP 403)",
	} {
		var reported errorsOf
		h, err := events.NewHandler(stored(known), events.WithErrorHandler(reported.add))
		require.NoError(t, err)
		assert.Equal(t, http.StatusForbidden, serve(h, post(t, "/", fields("event=ONIMBOTJOINCHAT", "auth[member_id]="+member, "auth[application_token]="+proof))))
		require.Len(t, reported.all(), 1)
		assert.EqualError(t, reported.all()[0], text)
	}
}

func stored(token string) events.Lookup {
	return func(context.Context, events.Sender) (string, error) { return token, nil }
}

// An installation is what the application token is first learnt from.
func TestHandler_install(t *testing.T) {
	t.Parallel()
	known := map[string]string{}
	refusal := errors.New("nobody expected it")
	joined := make(chan string, 3)
	var reported errorsOf
	h, err := events.NewHandler(func(_ context.Context, sender events.Sender) (string, error) { return known[sender.MemberID], nil },
		events.WithInstallCheck(func(_ context.Context, event *events.Event) error {
			if event.MemberID != member {
				return refusal
			}
			known[event.MemberID] = event.ApplicationToken
			return nil
		}),
		events.OnAppInstall(func(_ context.Context, event *events.Event) error { joined <- event.Name; return nil }),
		events.OnJoinChat(func(_ context.Context, event *events.Event) error { joined <- event.Name; return nil }),
		events.WithErrorHandler(reported.add))
	require.NoError(t, err)

	assert.Equal(t, 403, serve(h, post(t, "/", join())), "before it is installed")
	assert.Equal(t, 403, serve(h, post(t, "/", strings.Replace(named("ONAPPINSTALL"), member, "m2", 1))), "a portal that is not expected")
	assert.Equal(t, 200, serve(h, post(t, "/", named("ONAPPINSTALL"))))
	assert.Equal(t, 200, serve(h, post(t, "/", join())))

	require.NoError(t, h.Shutdown(t.Context()))
	assert.Len(t, joined, 2)
	require.Len(t, reported.all(), 2)
	require.ErrorIs(t, reported.all()[1], refusal)
}

// The answer does not wait for the callback, and the callback does not end with the request.
func TestHandler_answersFirst(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		type key struct{}
		release := make(chan struct{})
		var ended error
		var value any
		h := newHandler(t, events.OnJoinChat(func(ctx context.Context, _ *events.Event) error {
			<-release
			ended, value = ctx.Err(), ctx.Value(key{})
			return nil
		}))
		ctx, cancel := context.WithCancel(context.WithValue(t.Context(), key{}, "trace"))
		status := serve(h, post(t, "/", join()).WithContext(ctx))
		cancel()
		assert.Equal(t, http.StatusOK, status)
		close(release)
		require.NoError(t, h.Shutdown(t.Context()))
		require.NoError(t, ended)
		assert.Equal(t, "trace", value)
	})
}

func TestHandler_overLoopback(t *testing.T) {
	t.Parallel()
	const posts = 200
	var called atomic.Int32
	h := newHandler(t, events.WithWorkers(4), events.WithQueue(2*posts), events.OnJoinChat(func(_ context.Context, event *events.Event) error {
		if event.ChatID == 1157 {
			called.Add(1)
		}
		return nil
	}))
	server := httptest.NewServer(h)
	defer server.Close()
	var wg sync.WaitGroup
	for range posts {
		wg.Go(func() {
			r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, server.URL, strings.NewReader(join()))
			if !assert.NoError(t, err) {
				return
			}
			r.Header.Set("Content-Type", form)
			resp, err := server.Client().Do(r)
			if assert.NoError(t, err) {
				assert.Equal(t, http.StatusOK, resp.StatusCode)
				assert.NoError(t, resp.Body.Close())
			}
		})
	}
	wg.Wait()
	require.NoError(t, h.Shutdown(t.Context()))
	assert.EqualValues(t, posts, called.Load())
}

// Who brings nothing to compare does not cost a look into a database.
func TestHandler_asksForNothingInVain(t *testing.T) {
	t.Parallel()
	var asked atomic.Int32
	h, err := events.NewHandler(func(context.Context, events.Sender) (string, error) { asked.Add(1); return proof, nil })
	require.NoError(t, err)
	for _, missing := range []string{"auth[member_id]=", "auth[application_token]="} {
		assert.Equal(t, 403, serve(h, post(t, "/", join(missing))), missing)
	}
	assert.Zero(t, asked.Load())
	assert.Equal(t, 200, serve(h, post(t, "/", join())))
	assert.EqualValues(t, 1, asked.Load())
}

package imbottest_test

import (
	"context"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-a6e4e5a4/imbot/imbottest"
)

// TestFault goes through the faults that let no time pass, in memory and over a connection.
func TestFault(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		fault  imbottest.Fault
		acts   bool
		status int                                // 0: no answer
		check  func(*testing.T, answer, error)    // of what came back
		memory func(*testing.T, error)            // of what only a client in memory sees
		calls  func(server bool) (statuses []int) // {status} if nil
	}{
		{
			name: "NoFault", fault: imbottest.NoFault(), acts: true, status: 200,
			check: func(t *testing.T, got answer, err error) {
				require.NoError(t, err)
				assertResult(t, "true", got)
			},
		},
		{name: "zero", fault: imbottest.Fault{}, acts: true, status: 200},
		{
			name: "RefuseDial", fault: imbottest.RefuseDial(),
			check: func(t *testing.T, _ answer, err error) { require.Error(t, err) },
			memory: func(t *testing.T, err error) {
				var dial *net.OpError
				require.ErrorAs(t, err, &dial)
				assert.Equal(t, "dial", dial.Op)
				assert.ErrorIs(t, err, syscall.ECONNREFUSED)
			},
			calls: func(bool) []int { return nil },
		},
		{
			name: "LoseBefore", fault: imbottest.LoseBefore(),
			check: func(t *testing.T, _ answer, err error) {
				var read *net.OpError
				require.ErrorAs(t, err, &read)
				assert.Equal(t, "read", read.Op)
				assert.ErrorIs(t, err, syscall.ECONNRESET)
				assert.ErrorContains(t, err, "connection reset by peer")
			},
		},
		{
			name: "LoseAfter", fault: imbottest.LoseAfter(), acts: true,
			check: func(t *testing.T, _ answer, err error) { assert.ErrorIs(t, err, syscall.ECONNRESET) },
		},
		{
			name: "HTML", fault: imbottest.HTML(502), status: 502,
			check: func(t *testing.T, got answer, err error) {
				require.NoError(t, err)
				assert.Contains(t, got.body, "<h1>Bad Gateway</h1>")
			},
		},
		{name: "HTMLAfter", fault: imbottest.HTMLAfter(504), acts: true, status: 504},
		{
			name: "Truncate", fault: imbottest.Truncate(10), acts: true, status: 200,
			check: func(t *testing.T, got answer, err error) {
				require.ErrorIs(t, err, io.ErrUnexpectedEOF)
				assert.Equal(t, `{"result":`, got.body)
			},
		},
		{
			name: "Truncate more than there is", fault: imbottest.Truncate(1 << 20), acts: true, status: 200,
			check: func(t *testing.T, got answer, err error) {
				require.ErrorIs(t, err, io.ErrUnexpectedEOF)
				assert.False(t, json.Valid([]byte(got.body)))
			},
		},
		{
			name: "Truncate everything", fault: imbottest.Truncate(-1), acts: true, status: 200,
			check: func(t *testing.T, got answer, err error) {
				require.ErrorIs(t, err, io.ErrUnexpectedEOF)
				assert.Empty(t, got.body)
			},
		},
		{
			name: "WrongLength", fault: imbottest.WrongLength(), acts: true, status: 200,
			check: func(t *testing.T, got answer, err error) {
				require.ErrorIs(t, err, io.ErrUnexpectedEOF)
				assert.True(t, json.Valid([]byte(got.body)))
			},
		},
		{
			name: "CutJSON", fault: imbottest.CutJSON(12), acts: true, status: 200,
			check: func(t *testing.T, got answer, err error) {
				require.NoError(t, err)
				assert.Equal(t, `{"result":tr`, got.body)
			},
		},
		{
			name: "RedirectTo", fault: imbottest.RedirectTo("//elsewhere/%zz"), status: 302,
			check: func(t *testing.T, got answer, err error) {
				if err == nil { // a client over a connection shows it, one in memory may refuse to read it
					assert.Equal(t, "//elsewhere/%zz", got.header.Get("Location"))
				}
			},
		},
		{
			name: "Inside200", fault: imbottest.Inside200("INTERNAL", "can't"), status: 200,
			check: func(t *testing.T, got answer, err error) {
				require.NoError(t, err)
				assertBytes(t, `{"error":"INTERNAL","error_description":"can\u0027t"}`, got.body)
			},
		},
	}
	transport := &http.Transport{DisableKeepAlives: true}
	for _, tt := range tests {
		for _, where := range []string{"memory", "server"} {
			t.Run(tt.name+"/"+where, func(t *testing.T) {
				t.Parallel()
				portal := imbottest.NewPortal(t)
				portal.Fault("IMBOT.chat.leave", tt.fault)
				r, c := leave(botTrue), client(portal.RoundTripper())
				if where == "server" {
					r.host, c = portal.URL(), client(transport)
				}
				got, err := tryClient(t, c, r)
				if tt.check != nil {
					tt.check(t, got, err)
				}
				if tt.memory != nil && where == "memory" {
					tt.memory(t, err)
				}
				assert.Equal(t, !tt.acts, portal.Has(imbottest.ChatGroup, imbottest.BotMain))
				want := []int{tt.status}
				if tt.calls != nil {
					want = tt.calls(where == "server")
				}
				assert.Equal(t, want, statuses(portal))

				again, err := tryClient(t, c, r)
				require.NoError(t, err, "the next call goes well")
				if tt.acts {
					assert.Equal(t, http.StatusBadRequest, again.status)
				} else {
					assert.Equal(t, http.StatusOK, again.status)
				}
			})
		}
	}
}

func TestFault_order(t *testing.T) {
	t.Parallel()
	portal := imbottest.NewPortal(t)
	portal.Fault(chatLeave, imbottest.HTML(500), imbottest.NoFault())
	portal.Fault(chatLeave, imbottest.HTML(501))
	portal.FaultFunc(func(call imbottest.Call) imbottest.Fault {
		if call.Params["CHAT_ID"] == int64(14) && len(portal.Calls()) > 0 {
			return imbottest.HTML(502)
		}
		return imbottest.Fault{}
	})
	send(t, portal, request{path: "/rest/1/s3cr3t00/imbot.bot.list", body: `{}`})
	for range 4 {
		send(t, portal, leave(`{}`))
	}
	send(t, portal, leave(`{"CHAT_ID":14}`))
	portal.FaultFunc(nil)
	send(t, portal, leave(`{"CHAT_ID":14}`))
	assert.Equal(t, []int{200, 500, 400, 501, 400, 502, 403}, statuses(portal))
}

func TestFault_script(t *testing.T) {
	t.Parallel()
	portal := imbottest.NewPortal(t)
	portal.On(chatLeave, imbottest.Broken(), imbottest.Result(1))
	portal.Fault(chatLeave, imbottest.HTMLAfter(504), imbottest.HTMLAfter(504), imbottest.LoseBefore())
	_, err := try(t, portal, leave(botTrue))
	require.ErrorContains(t, err, "EOF", "what is cut stays cut")
	assert.Equal(t, 504, send(t, portal, leave(botTrue)).status)
	_, err = try(t, portal, leave(botTrue))
	require.ErrorIs(t, err, syscall.ECONNRESET)
	assertResult(t, "1", send(t, portal, leave(botTrue)))
}

// TestFault_slow measures in fake time how long calls take, and what becomes of those whose caller goes away.
func TestFault_slow(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name    string
		fault   imbottest.Fault
		timeout time.Duration
		gone    bool
		took    time.Duration
		err     error
	}{
		{"before", imbottest.SlowBefore(time.Minute), 0, true, time.Minute, nil},
		{"after", imbottest.SlowAfter(time.Minute), 0, true, time.Minute, nil},
		{"before, given up", imbottest.SlowBefore(time.Minute), time.Second, false, time.Second, context.DeadlineExceeded},
		{"after, given up", imbottest.SlowAfter(time.Minute), time.Second, true, time.Second, context.DeadlineExceeded},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				portal := imbottest.NewPortal(t)
				portal.Fault(chatLeave, tt.fault)
				ctx := t.Context()
				if tt.timeout > 0 {
					var cancel context.CancelFunc
					ctx, cancel = context.WithTimeout(ctx, tt.timeout)
					defer cancel()
				}
				start := time.Now()
				req, err := http.NewRequestWithContext(ctx, http.MethodPost, portal.WebhookURL()+chatLeave, strings.NewReader(botTrue))
				require.NoError(t, err)
				req.Header.Set("Content-Type", "application/json")
				resp, err := portal.HTTPClient().Do(req)
				if tt.err != nil {
					require.ErrorIs(t, err, tt.err)
				} else {
					require.NoError(t, err)
					require.NoError(t, resp.Body.Close())
				}
				assert.Equal(t, tt.took, time.Since(start))
				assert.Equal(t, tt.gone, !portal.Has(imbottest.ChatGroup, imbottest.BotMain))
			})
		})
	}

	t.Run("over a connection", func(t *testing.T) {
		t.Parallel()
		portal := imbottest.NewPortal(t)
		portal.Fault(chatLeave, imbottest.SlowAfter(time.Millisecond), imbottest.SlowBefore(time.Hour))
		c := client(&http.Transport{DisableKeepAlives: true})
		r := leave(botTrue)
		r.host = portal.URL()
		got, err := tryClient(t, c, r)
		require.NoError(t, err)
		assertResult(t, "true", got)
		c.Timeout = 200 * time.Millisecond // long enough for the request to arrive
		_, err = tryClient(t, c, r)
		var timeout net.Error
		require.ErrorAs(t, err, &timeout)
		assert.True(t, timeout.Timeout())
	})
}

// TestRename_server moves the server to another name of this machine.
func TestRename_server(t *testing.T) {
	t.Parallel()
	portal := imbottest.NewPortal(t)
	old := portal.URL()
	renamed := strings.Replace(strings.TrimPrefix(old, "http://"), "127.0.0.1", "localhost", 1)
	portal.Rename(renamed)
	// The name may not resolve where the test runs, and the port is what counts.
	transport := &http.Transport{DisableKeepAlives: true, DialContext: func(ctx context.Context, network, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, network, strings.TrimPrefix(old, "http://"))
	}}
	r := leave(botTrue)
	r.host = old
	got, err := tryClient(t, client(transport), r)
	require.NoError(t, err)
	assert.Equal(t, http.StatusFound, got.status)
	assert.Equal(t, "http://"+renamed+r.path, got.header.Get("Location"))
	assert.Contains(t, got.body, "<html>")

	r.host = "http://" + renamed
	got, err = tryClient(t, client(transport), r)
	require.NoError(t, err)
	assertResult(t, "true", got)
}

// TestFault_lockFree holds that a portal can be looked at while calls wait in it, and by the function that chooses
// faults.
func TestFault_lockFree(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		portal := imbottest.NewPortal(t)
		portal.Fault(chatLeave, imbottest.SlowAfter(time.Minute))
		slow, err := http.NewRequestWithContext(t.Context(), http.MethodGet, portal.WebhookURL()+chatLeave+"?CHAT_ID=13&CLIENT_ID=my", nil)
		require.NoError(t, err)
		var succeeded atomic.Bool
		go func() {
			resp, err := portal.HTTPClient().Do(slow)
			succeeded.Store(err == nil && resp.Body.Close() == nil && resp.StatusCode == http.StatusOK)
		}()
		synctest.Wait()
		assert.False(t, portal.Has(imbottest.ChatGroup, imbottest.BotMain), "done, but not answered")
		assert.Equal(t, []int{0}, statuses(portal))
		assertError(t, notMember.status, notMember.code, notMember.description, send(t, portal, leave(botTrue)))
		time.Sleep(time.Minute) // fake clock
		synctest.Wait()
		assert.True(t, succeeded.Load())
		assert.Equal(t, []int{200, 400}, statuses(portal))
	})
}

// TestFaultFunc_mistake holds that an impossible fault is reported when it is chosen, from any goroutine, and that the
// call goes well.
func TestFaultFunc_mistake(t *testing.T) {
	t.Parallel()
	test := new(recorder)
	portal := imbottest.NewPortal(test)
	portal.FaultFunc(func(imbottest.Call) imbottest.Fault { return imbottest.HTML(0) })
	assertResult(t, "true", send(t, portal, leave(botTrue)))
	assert.Equal(t, []string{"imbottest: HTML: want a status from 200 to 599, got 0"}, test.errors)
	assert.Empty(t, test.fatals)
}

package oauth_test

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httptrace"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/iotest"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/imbottest"
	"github.com/seed-a6e4e5a4/imbot/oauth"
)

// A token that works once is in one request: the transport is given nothing to repeat it by.
func TestRequest_once(t *testing.T) {
	t.Parallel()
	n := &network{answer: says(200, "application/json", goodAnswer)}
	_, err := appOn(n).Exchange(t.Context(), "EXAMPLE_CODE")
	require.NoError(t, err)
	require.Len(t, n.sent, 1)
	assert.Nil(t, n.sent[0].GetBody)
	assert.EqualValues(t, len(n.forms[0].Encode()), n.sent[0].ContentLength)
	assert.NotContains(t, n.sent[0].Header, "Idempotency-Key")
}

// keptConn is a connection that can be written to as long as the test lets it. On a dead one reads end with the test:
// net/http reports either the write that failed or the read that fails with it, and only the write shows that nothing
// was written.
type keptConn struct {
	net.Conn

	dead *atomic.Bool
	ends <-chan struct{}
}

func (c keptConn) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	if err != nil && c.dead.Load() {
		<-c.ends
	}
	return n, err
}

func (c keptConn) Write(p []byte) (int, error) {
	if c.dead.Load() {
		return 0, syscall.EPIPE
	}
	return c.Conn.Write(p)
}

// A kept connection that is dead before a byte was written is no reason to fail, and neither is one that stands in for
// it a reason to say that something may have been sent.
func TestRequest_deadConnection(t *testing.T) {
	t.Parallel()
	p := imbottest.NewPortal(t)
	ends := make(chan struct{})
	t.Cleanup(func() { close(ends) })
	var all []*atomic.Bool
	stillborn := false
	transport := &http.Transport{DialContext: func(ctx context.Context, network, addr string) (net.Conn, error) {
		conn, err := new(net.Dialer).DialContext(ctx, network, addr)
		if err != nil {
			return nil, err
		}
		all = append(all, new(atomic.Bool))
		all[len(all)-1].Store(stillborn)
		return keptConn{conn, all[len(all)-1], ends}, nil
	}}
	app := oauth.App{ID: imbottest.App, Secret: imbottest.AppSecret, TokenURL: p.ServerTokenURL(), HTTPClient: &http.Client{Transport: transport}}
	exchange := func() error {
		_, err := app.Exchange(t.Context(), p.Authorize(imbottest.App))
		return err
	}
	require.NoError(t, exchange())
	all[0].Store(true)
	require.NoError(t, exchange())
	require.Len(t, all, 2)

	all[1].Store(true)
	stillborn = true
	err := exchange()
	require.ErrorIs(t, err, syscall.EPIPE)
	require.NotErrorIs(t, err, imbot.ErrOutcomeUnknown, "nothing was written")
	assert.Len(t, all, 3)
	assert.Len(t, p.TokenCalls(), 2)
	assert.Nil(t, transport.HTTP2, "the caller's transport stays as it is")
}

// tracing is a transport of somebody's own that makes a second try when the first found no connection.
type tracing struct{ err error }

func (r tracing) RoundTrip(req *http.Request) (*http.Response, error) {
	httptrace.ContextClientTrace(req.Context()).GetConn("oauth.example:443")
	return nil, r.err
}

// Of a transport that is not net/http's, no trace of a connection is no proof that there was none.
func TestRequest_noTraceIsNoProof(t *testing.T) {
	t.Parallel()
	app := appOn(nil)
	app.HTTPClient = &http.Client{Transport: tracing{io.ErrUnexpectedEOF}}
	_, err := app.Exchange(t.Context(), "EXAMPLE_CODE")
	require.ErrorIs(t, err, io.ErrUnexpectedEOF)
	require.ErrorIs(t, err, imbot.ErrOutcomeUnknown)
}

// A redirect ends there. The second server must never hear of the secret.
func TestRedirects(t *testing.T) {
	t.Parallel()
	for _, status := range []int{301, 302, 303, 307, 308} {
		second := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
			assert.Fail(t, "the redirect was followed")
		}))
		t.Cleanup(second.Close)
		first := httptest.NewServer(http.RedirectHandler(second.URL+"/oauth/token/?EXAMPLE_REFRESH_1", status))
		t.Cleanup(first.Close)
		app := oauth.App{ID: "app.example", Secret: "EXAMPLE_SECRET", TokenURL: first.URL}

		_, err := app.Exchange(t.Context(), "EXAMPLE_CODE")

		var refused *oauth.Error
		require.ErrorAs(t, err, &refused)
		assert.Equal(t, status, refused.StatusCode)
		assert.Empty(t, refused.Code)
		assert.NotContains(t, err.Error(), second.URL)
		require.NotErrorIs(t, err, imbot.ErrOutcomeUnknown)
	}
}

func TestAnswers_good(t *testing.T) {
	t.Parallel()
	inAnHour := func() time.Time { return time.Now().Add(time.Hour).Truncate(time.Second).UTC() }
	tests := []struct {
		name, contentType, body string
		change                  func(*oauth.Token)
	}{
		{"as documented", "application/json", goodAnswer, nil},
		{"as text", "text/plain; charset=utf-8", goodAnswer, nil},
		{"as a form", "application/x-www-form-urlencoded", goodAnswer, nil},
		{"as a page", "text/html", goodAnswer, nil},
		{"as nothing", "", goodAnswer, nil},
		{"byte order mark", "application/json", "\xef\xbb\xbf" + goodAnswer + "\r\n", nil},
		{"fraction", "application/json", strings.Replace(goodAnswer, "3600", "3600.0", 1), nil},
		{"quoted numbers", "application/json", strings.NewReplacer("3600", `"3600"`, "1780319382", `"1780319382"`, "67", `"67"`).Replace(goodAnswer), nil},
		{"no lifetime", "application/json", strings.Replace(goodAnswer, `"expires_in":3600,`, "", 1), func(token *oauth.Token) {
			token.Expiry = time.Unix(1780319382, 0).UTC()
		}},
		{"no time at all", "application/json", `{"access_token":"EXAMPLE_ACCESS_2","refresh_token":"EXAMPLE_REFRESH_2"}`, func(token *oauth.Token) {
			*token = oauth.Token{AccessToken: "EXAMPLE_ACCESS_2", RefreshToken: "EXAMPLE_REFRESH_2"}
		}},
		{"nonsense beside the pair", "application/json", `{"access_token":"EXAMPLE_ACCESS_2","refresh_token":"EXAMPLE_REFRESH_2","user_id":{},"expires_in":"soon","expires":[],"scope":["im"],"error":null}`, func(token *oauth.Token) {
			*token = oauth.Token{AccessToken: "EXAMPLE_ACCESS_2", RefreshToken: "EXAMPLE_REFRESH_2"}
		}},
		{"no refresh token", "application/json", `{"access_token":"EXAMPLE_ACCESS_2"}`, func(token *oauth.Token) {
			*token = oauth.Token{AccessToken: "EXAMPLE_ACCESS_2", RefreshToken: "EXAMPLE_REFRESH_1"}
		}},
		{"empty error beside the pair", "application/json", strings.Replace(goodAnswer, "{", `{"error":"",`, 1), nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				want := oauth.Token{
					AccessToken: "EXAMPLE_ACCESS_2", RefreshToken: "EXAMPLE_REFRESH_2", Expiry: inAnHour(),
					ClientEndpoint: "https://portal.example/rest/", ServerEndpoint: "https://oauth.bitrix.info/rest/",
					MemberID: "00000000000000000000000000000000", Domain: "oauth.bitrix.info",
					Scope: "imbot,im", Status: "L", UserID: 67,
				}
				if tt.change != nil {
					tt.change(&want)
				}
				store := oauth.NewMemoryStore(oldToken)
				source := appOn(&network{answer: says(200, tt.contentType, tt.body)}).Source(store)
				_, err := source.Refresh(t.Context(), oldToken.AccessToken)
				require.NoError(t, err)
				assert.Equal(t, want, load(t, store))
			})
		})
	}
}

// What an answer does not say stays as it was.
func TestAnswers_keepWhatTheyLack(t *testing.T) {
	t.Parallel()
	old := oauth.Token{
		AccessToken: "EXAMPLE_ACCESS_1", RefreshToken: "EXAMPLE_REFRESH_1", ClientEndpoint: "https://portal.example/rest/",
		ServerEndpoint: "https://oauth.bitrix24.tech/rest/", MemberID: "m", Domain: "portal.example", Scope: "imbot", Status: "P", UserID: 5,
	}
	store := oauth.NewMemoryStore(old)
	n := &network{answer: says(200, "application/json", `{"access_token":"EXAMPLE_ACCESS_2","refresh_token":"EXAMPLE_REFRESH_2"}`)}
	_, err := appOn(n).Source(store).Refresh(t.Context(), "EXAMPLE_ACCESS_1")
	require.NoError(t, err)
	want := old
	want.AccessToken, want.RefreshToken = "EXAMPLE_ACCESS_2", "EXAMPLE_REFRESH_2"
	assert.Equal(t, want, load(t, store))
}

// A page, a cut connection, half an answer: the stored pair stays, and nobody is told to authorize again.
func TestAnswers_lost(t *testing.T) {
	t.Parallel()
	page := "<html><body>EXAMPLE_SECRET EXAMPLE_REFRESH_1 invalid_grant</body></html>"
	reset := &net.OpError{Op: "read", Net: "tcp", Err: errors.New("connection reset by peer")}
	tests := []struct {
		name    string
		answer  reply
		status  int // 0: no answer
		unknown bool
	}{
		{"page 502", says(502, "text/html", page), 502, true},
		{"page 503 as JSON", says(503, "application/json", page), 503, true},
		{"page 200", says(200, "text/html", page), 200, true},
		{"page 403 of a firewall", says(403, "text/html", page), 403, false},
		{"form", says(200, "text/plain", "error=invalid_grant"), 200, true},
		{"nothing", says(200, "application/json", ""), 200, true},
		{"half", says(200, "application/json", goodAnswer[:100]), 200, true},
		{"null", says(200, "application/json", "null"), 200, true},
		{"list", says(200, "application/json", "[]"), 200, true},
		{"other JSON", says(200, "application/json", `{"result":true}`), 200, true},
		{"empty token", says(200, "application/json", `{"access_token":"","refresh_token":"x"}`), 200, true},
		{"token of another type", says(200, "application/json", `{"access_token":{},"refresh_token":"x"}`), 200, true},
		{"tokens with a failure", says(500, "application/json", goodAnswer), 500, true},
		{"endless", fixed{status: 200, body: neverEnding{}}, 200, true},
		{"body cut", fixed{status: 200, body: io.MultiReader(strings.NewReader(`{"acc`), iotest.ErrReader(io.ErrUnexpectedEOF))}, 0, true},
		{"answer without a body", bodiless{}, 0, true},
		{"connection cut", fails(func(*http.Request) error { return reset }), 0, true},
		{"no connection", fails(func(*http.Request) error {
			return &net.OpError{Op: "dial", Net: "tcp", Err: errors.New("connection refused")}
		}), 0, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			store := oauth.NewMemoryStore(oldToken)
			n := &network{answer: tt.answer}
			_, err := appOn(n).Source(store).Refresh(t.Context(), oldToken.AccessToken)
			require.Error(t, err)
			assert.Equal(t, tt.unknown, errors.Is(err, imbot.ErrOutcomeUnknown))
			require.NotErrorIs(t, err, imbot.ErrInvalidGrant)
			assert.NotContains(t, err.Error(), "EXAMPLE")
			assert.NotContains(t, err.Error(), "<")
			var answered *oauth.Error
			if assert.Equal(t, tt.status != 0, errors.As(err, &answered)) && answered != nil {
				assert.Equal(t, tt.status, answered.StatusCode)
				assert.Empty(t, answered.Code)
			}
			assert.Equal(t, oldToken, load(t, store))
			assert.Equal(t, 1, n.requests(), "a token that works once is sent once")
		})
	}
}

// bodiless is an answer that no transport should make.
type bodiless struct{}

func (bodiless) to(*http.Request) (*http.Response, error) {
	return &http.Response{StatusCode: http.StatusBadGateway}, nil
}

// Where no renewal guards against it, such an answer must not be a panic either.
func TestExchange_bodiless(t *testing.T) {
	t.Parallel()
	_, err := appOn(&network{answer: bodiless{}}).Exchange(t.Context(), "EXAMPLE_CODE")
	require.ErrorIs(t, err, imbot.ErrOutcomeUnknown)
}

type neverEnding struct{}

func (neverEnding) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = ' '
	}
	return len(p), nil
}

// The ends of contexts stay visible, and so do timeouts.
func TestRequest_contexts(t *testing.T) {
	t.Parallel()
	hang := fails(func(req *http.Request) error {
		<-req.Context().Done()
		return req.Context().Err()
	})
	synctest.Test(t, func(t *testing.T) {
		app := appOn(&network{answer: hang})
		began := time.Now()
		_, err := app.Exchange(t.Context(), "EXAMPLE_CODE")
		assert.Equal(t, 30*time.Second, time.Since(began), "a request has a time limit of its own")
		require.ErrorIs(t, err, context.DeadlineExceeded)
		require.ErrorIs(t, err, imbot.ErrOutcomeUnknown)
		var timeout net.Error
		require.ErrorAs(t, err, &timeout)
		assert.True(t, timeout.Timeout())

		app.HTTPClient.Timeout = time.Second
		began = time.Now()
		_, err = app.Exchange(t.Context(), "EXAMPLE_CODE")
		require.ErrorIs(t, err, context.DeadlineExceeded)
		assert.Equal(t, time.Second, time.Since(began))

		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(time.Millisecond, cancel)
		_, err = app.Exchange(ctx, "EXAMPLE_CODE")
		require.ErrorIs(t, err, context.Canceled)
		require.ErrorIs(t, err, imbot.ErrOutcomeUnknown)

		n := &network{answer: hang}
		_, err = appOn(n).Exchange(ctx, "EXAMPLE_CODE")
		require.ErrorIs(t, err, context.Canceled)
		require.NotErrorIs(t, err, imbot.ErrOutcomeUnknown)
		assert.Zero(t, n.requests(), "nothing is sent for somebody who has gone")
	})
}

// A connection that is cut after the pair has come whole takes nothing away; one that is cut before leaves the outcome
// unknown.
func TestRequest_cutAfterThePair(t *testing.T) {
	t.Parallel()
	const pair = `{"access_token":"EXAMPLE_2","refresh_token":"EXAMPLE_R2","expires_in":3600}`
	for name, body := range map[string]string{"whole": pair, "half": pair[:40]} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cut := fixed{status: 200, contentType: "application/json", body: io.MultiReader(strings.NewReader(body), cutReader{})}

			token, err := appOn(&network{answer: cut}).Exchange(t.Context(), "EXAMPLE_CODE")

			if name == "whole" {
				require.NoError(t, err)
				assert.Equal(t, "EXAMPLE_R2", token.RefreshToken)
				return
			}
			require.ErrorIs(t, err, imbot.ErrOutcomeUnknown)
			require.ErrorIs(t, err, io.ErrUnexpectedEOF)
		})
	}
}

type cutReader struct{}

func (cutReader) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

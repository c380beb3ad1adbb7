package oauth_test

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httptrace"
	"runtime"
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

// The secret goes to Bitrix24's own servers, whatever a token says of them, or where the application says.
func TestTokenURL(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, override, serverEndpoint, want string }{
		{"nothing said", "", "", "https://oauth.bitrix.info/oauth/token/"},
		{"known", "", "https://oauth.bitrix.info/rest/", "https://oauth.bitrix.info/oauth/token/"},
		{"known, too", "", "https://oauth.bitrix24.tech/rest/", "https://oauth.bitrix24.tech/oauth/token/"},
		{"in capitals", "", "https://OAUTH.Bitrix24.tech/rest/", "https://oauth.bitrix24.tech/oauth/token/"},
		{"never plain http", "", "http://oauth.bitrix24.tech/rest/", "https://oauth.bitrix24.tech/oauth/token/"},
		{"unknown", "", "https://oauth.evil.example/rest/", "https://oauth.bitrix.info/oauth/token/"},
		{"known as a part", "", "https://oauth.bitrix24.tech.evil.example/rest/", "https://oauth.bitrix.info/oauth/token/"},
		{"known as a user", "", "https://oauth.bitrix24.tech@evil.example/rest/", "https://oauth.bitrix.info/oauth/token/"},
		{"known with another port", "", "https://oauth.bitrix24.tech:444/rest/", "https://oauth.bitrix.info/oauth/token/"},
		{"known with its port", "", "https://oauth.bitrix24.tech:443/rest/", "https://oauth.bitrix24.tech/oauth/token/"},
		{"known with a dot", "", "https://oauth.bitrix24.tech./rest/", "https://oauth.bitrix24.tech/oauth/token/"},
		{"known with both", "", "https://oauth.bitrix24.tech.:443/rest/", "https://oauth.bitrix24.tech/oauth/token/"},
		{"known with two dots", "", "https://oauth.bitrix24.tech../rest/", "https://oauth.bitrix.info/oauth/token/"},
		{"dot alone", "", "https://./rest/", "https://oauth.bitrix.info/oauth/token/"},
		{"nonsense", "", "::", "https://oauth.bitrix.info/oauth/token/"},
		{"override", "https://oauth.example/t", "https://oauth.bitrix24.tech/rest/", "https://oauth.example/t"},
		{"override on this machine", "http://127.0.0.1:8080/t", "", "http://127.0.0.1:8080/t"},
		{"override in capitals", "https://OAuth.Example/T", "", "https://oauth.example/T"},
		{"override in Cyrillic", "https://Сайт.рф/t", "", "https://xn--80aswg.xn--p1ai/t"},
		{"known with a full-width dot", "", "https://oauth.bitrix24．tech/rest/", "https://oauth.bitrix.info/oauth/token/"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			n := &network{answer: says(200, "application/json", goodAnswer)}
			app := appOn(n)
			app.TokenURL = tt.override
			token := oldToken
			token.ServerEndpoint = tt.serverEndpoint

			access, err := app.Source(oauth.NewMemoryStore(token)).Refresh(t.Context(), token.AccessToken)

			require.NoError(t, err)
			assert.Equal(t, "EXAMPLE_ACCESS_2", access)
			require.Len(t, n.sent, 1)
			assert.Equal(t, tt.want, n.sent[0].URL.String())
			assert.Equal(t, "EXAMPLE_REFRESH_1", n.forms[0].Get("refresh_token"))
			assert.Equal(t, "application/x-www-form-urlencoded", n.sent[0].Header.Get("Content-Type"))
		})
	}
}

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

// keptConn is a connection that can be written to as long as the test lets it.
type keptConn struct {
	net.Conn

	dead *atomic.Bool
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
	var all []*atomic.Bool
	stillborn := false
	transport := &http.Transport{DialContext: func(ctx context.Context, network, addr string) (net.Conn, error) {
		conn, err := new(net.Dialer).DialContext(ctx, network, addr)
		if err != nil {
			return nil, err
		}
		all = append(all, new(atomic.Bool))
		all[len(all)-1].Store(stillborn)
		return keptConn{conn, all[len(all)-1]}, nil
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

// Tokens are sent to where the portal is said to be. So a new pair is believed where it names the host that was known
// before, one of Bitrix24's cloud, or one that the application trusts.
func TestAnswers_whereThePortalIs(t *testing.T) {
	t.Parallel()
	const known = "https://portal.example/rest/"
	trusts := func(host string) bool { return host == "new.example" || host == "old.example:8443" }
	panics := func(string) bool { panic("EXAMPLE") }
	ends := func(string) bool { runtime.Goexit(); return true }
	tests := []struct {
		name, known, said string
		trust             func(host string) bool
		want              string
	}{
		{"known", known, known, nil, known},
		{"known in capitals", known, "https://Portal.EXAMPLE/rest/", nil, known},
		{"known with its port", known, "https://portal.example:443/rest/", nil, known},
		{"known with another port", known, "https://portal.example:8443/rest/", nil, known},
		{"nothing said", known, "", nil, known},
		{"foreign", known, "https://evil.example/rest/", nil, known},
		{"nothing known", "", "https://portal.example/rest/", nil, known},
		{"beside the OAuth server", known, "https://oauth.example/rest/", nil, "https://oauth.example/rest/"},
		{"cloud", "https://example-old.bitrix24.de/rest/", "https://example-new.bitrix24.de/rest/", nil, "https://example-new.bitrix24.de/rest/"},
		{"cloud of another country", "https://example-old.bitrix24.ru/rest/", "https://example-new.bitrix24.com.br/rest/", nil, "https://example-new.bitrix24.com.br/rest/"},
		{"cloud in capitals", known, "https://example-New.Bitrix24.com/rest/", nil, "https://example-new.bitrix24.com/rest/"},
		{"cloud of a country not known here", "https://example-old.bitrix24.example/rest/", "https://example-new.bitrix24.example/rest/", nil, "https://example-new.bitrix24.example/rest/"},
		{"cloud by its looks", known, "https://example-new.bitrix24.example/rest/", nil, known},
		{"cloud as a part", known, "https://example-new.bitrix24.com.evil.example/rest/", nil, known},
		{"cloud of nobody", known, "https://.bitrix24.com/rest/", nil, known},
		{"a name in the cloud's name", known, "https://evilbitrix24.com/rest/", nil, known},
		{"cloud with another port", known, "https://example-new.bitrix24.com:8443/rest/", nil, known},
		{"cloud as a user", known, "https://example-new.bitrix24.com@evil.example/rest/", nil, known},
		{"trusted", known, "https://New.example/rest/", trusts, "https://new.example/rest/"},
		{"trusted with its port", known, "https://old.example:8443/rest/", trusts, "https://old.example:8443/rest/"},
		{"not trusted", known, "https://evil.example/rest/", trusts, known},
		{"never over plain http", known, "http://new.example/rest/", trusts, known},
		{"in no usual spelling", known, "https://new．example/rest/", func(string) bool { return true }, known},
		{"no URL", known, "::", func(string) bool { return true }, known},
		{"panics", known, "https://new.example/rest/", panics, known},
		{"ends its goroutine", known, "https://new.example/rest/", ends, known},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			answer := `{"access_token":"EXAMPLE_ACCESS_2","refresh_token":"EXAMPLE_REFRESH_2","client_endpoint":"` + tt.said + `"}`
			app := appOn(&network{answer: says(200, "application/json", answer)})
			app.TrustHost = tt.trust
			app.TokenURL = "https://OAuth.example/oauth/token/"
			token := oldToken
			token.ClientEndpoint = tt.known
			store := oauth.NewMemoryStore(token)

			access, err := app.Source(store).Refresh(t.Context(), token.AccessToken)

			require.NoError(t, err, "the pair is worth more than what stands beside it")
			assert.Equal(t, "EXAMPLE_ACCESS_2", access)
			assert.Equal(t, tt.want, load(t, store).ClientEndpoint)
		})
	}
}

// By a code the caller learns of a portal for the first time, and looks at the host.
func TestExchange_whereThePortalIs(t *testing.T) {
	t.Parallel()
	for said, want := range map[string]string{
		"https://Portal.Example/rest/":   "https://portal.example/rest/",
		"http://portal.example/rest/":    "",
		"https://portal．example/rest/":   "",
		"https://a:b@p.example/rest/":    "",
		"http://127.0.0.1:8080/rest/":    "http://127.0.0.1:8080/rest/",
		"https://Сайт.рф/rest/":          "https://xn--80aswg.xn--p1ai/rest/",
		"https://portal.example/rest/?a": "",
	} {
		n := &network{answer: says(200, "application/json", `{"access_token":"EXAMPLE_ACCESS_2","client_endpoint":"`+said+`","server_endpoint":"`+said+`"}`)}
		token, err := appOn(n).Exchange(t.Context(), "EXAMPLE_CODE")
		require.NoError(t, err)
		assert.Equal(t, oauth.Token{AccessToken: "EXAMPLE_ACCESS_2", ClientEndpoint: want, ServerEndpoint: want}, token)
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

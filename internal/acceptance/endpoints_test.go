package acceptance_test

import (
	"context"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/internal/clienttest"
	"github.com/seed-a6e4e5a4/imbot/oauth"
)

// An internationalized host has one spelling, whether it was configured, redirected to or reported: the one that
// net/http uses, and that limits are kept by.
func TestAuth_spellingOfTheHost(t *testing.T) {
	t.Parallel()
	const portal, sent = "xn--80aswg.example", "/rest/imbot.chat.leave"
	leave := func(t *testing.T, net *clienttest.Web, auth imbot.Auth) string {
		t.Helper()
		client := clienttest.New(t, auth, clienttest.Over(net),
			imbot.WithRedirectPolicy(func(_, to string) bool { return to == portal }))
		_, err := client.Chat.Leave(t.Context(), clienttest.Leave13)
		require.NoError(t, err)
		address := strings.Fields(net.Asked[len(net.Asked)-1])[1]
		u, err := url.Parse(address)
		require.NoError(t, err)
		return u.Host
	}
	for _, host := range []string{"сайт.example", "Сайт.example", "САЙТ.EXAMPLE", "сайт.example:443", portal, strings.ToUpper(portal)} {
		t.Run(host, func(t *testing.T) {
			t.Parallel()
			there := &clienttest.Web{Answers: map[string]http.RoundTripper{portal: clienttest.Done}}
			assert.Equal(t, portal, leave(t, there, imbot.Webhook("https://"+host+"/rest/1/EXAMPLE_SECRET/")))
			assert.Equal(t, portal, leave(t, there, imbot.OAuth("https://"+host+"/rest/", imbot.StaticToken("EXAMPLE_TOKEN"))))

			redirected := &clienttest.Web{Answers: map[string]http.RoundTripper{"portal.example": clienttest.Redirecting(302, "https://"+host+sent, ""), portal: clienttest.Done}}
			assert.Equal(t, portal, leave(t, redirected, imbot.OAuth("https://portal.example/rest/", imbot.StaticToken("EXAMPLE_TOKEN"))))

			moved := &clienttest.Web{Answers: map[string]http.RoundTripper{"portal.example": clienttest.Answering(401, `{"error":"expired_token"}`), portal: clienttest.Done}}
			assert.Equal(t, portal, leave(t, moved, imbot.OAuth("https://portal.example/rest/", movingSource{clienttest.Refresher(
				func(context.Context) (string, error) { return "old", nil },
				func(context.Context, string) (string, error) { return "new", nil },
			), "https://" + host + "/rest/", nil})))
		})
	}
}

// movingSource is a refresher that learns of a new address with the new token.
type movingSource struct {
	imbot.TokenRefresher
	endpoint string
	err      error
}

func (s movingSource) ClientEndpoint(context.Context) (string, error) { return s.endpoint, s.err }

// The answer to a refresh names the portal's address, which may be another one by now.
func TestRefresh_movedPortal(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, endpoint string
		err            error
		host           string
	}{
		{"to a new host", "https://renamed.example/rest/", nil, "renamed.example"},
		{"to where it was", "https://portal.example/rest/", nil, "portal.example"},
		{"to plain http", "http://renamed.example/rest/", nil, "portal.example"},
		{"to a webhook", "https://renamed.example/rest/1/EXAMPLE_SECRET/", nil, "portal.example"},
		{"to a spelling of its own", "https://renamed.example./rest/", nil, "portal.example"},
		{"to nowhere", "", nil, "portal.example"},
		{"nobody knows where", "https://renamed.example/rest/", errors.New("the store does not answer"), "portal.example"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			internet := &clienttest.Web{Answers: map[string]http.RoundTripper{
				"portal.example":  clienttest.Answering(401, `{"error":"expired_token"}`),
				"renamed.example": clienttest.Answering(200, `{"result":true}`),
			}}
			source := movingSource{clienttest.Refresher(
				func(context.Context) (string, error) { return "old", nil },
				func(context.Context, string) (string, error) { return "new", nil },
			), tt.endpoint, tt.err}
			client := clienttest.New(t, imbot.OAuth("https://portal.example/rest/", source), clienttest.Over(internet))

			for range 2 {
				_, err := client.Chat.Leave(t.Context(), clienttest.Leave13)
				if tt.host == "renamed.example" {
					require.NoError(t, err)
				} else {
					require.ErrorIs(t, err, imbot.ErrExpiredToken)
				}
			}

			for _, asked := range internet.Asked[1:] {
				assert.Contains(t, asked, "https://"+tt.host+"/rest/imbot.chat.leave")
			}
		})
	}
}

// The endpoint that a token source reported is for its tokens alone: no redirect policy allowed it for other
// credentials.
func TestRefresh_movesNoOthers(t *testing.T) {
	t.Parallel()
	const reported, third = "https://reported.example/rest/", "https://third.example/rest/"
	ofSource := func() imbot.Auth {
		return imbot.OAuth("https://portal.example/rest/", movingSource{clienttest.Refresher(
			func(context.Context) (string, error) { return "old", nil },
			func(context.Context, string) (string, error) { return "new", nil },
		), reported, nil})
	}
	internet := &clienttest.Web{Answers: map[string]http.RoundTripper{
		"portal.example":   clienttest.Answering(401, `{"error":"expired_token"}`),
		"reported.example": clienttest.Done,
		"third.example":    clienttest.Done,
	}}
	policy := func(from, to string) bool { return from == "reported.example" && to == "third.example" }
	first := clienttest.New(t, ofSource(), append(clienttest.WithoutRepeats(), imbot.WithRedirectPolicy(policy), clienttest.Over(internet))...)
	leave := func(auth imbot.Auth) string {
		client, err := first.With(auth)
		require.NoError(t, err)
		_, _ = client.Chat.Leave(t.Context(), clienttest.Leave13)
		last := internet.Asked[len(internet.Asked)-1]
		return last[:strings.LastIndex(last, "/")+1]
	}
	moved := ofSource()
	token := imbot.StaticToken("other")

	assert.Equal(t, "POST "+reported, leave(moved))
	assert.Equal(t, "POST "+reported, leave(moved))
	assert.Equal(t, "POST https://portal.example/rest/", leave(imbot.OAuth("https://portal.example/rest/", token)))
	assert.Equal(t, "POST https://portal.example/rest/1/"+secretHook+"/", leave(imbot.Webhook(secretURL)))

	// A redirect from there, which the policy allows, is for all who are there, and still for no others.
	internet.Answers["reported.example"] = clienttest.Redirecting(302, third+"imbot.chat.leave", "")
	assert.Equal(t, "POST "+third, leave(moved))
	assert.Equal(t, "POST "+third, leave(imbot.OAuth(reported, token)))
	assert.Equal(t, "POST https://portal.example/rest/", leave(imbot.OAuth("https://portal.example/rest/", token)))

	// An address at which no portal answers is forgotten, the last one first.
	gone := clienttest.Answering(404, "<html>")
	internet.Answers["reported.example"], internet.Answers["third.example"] = gone, gone
	assert.Equal(t, "POST "+third, leave(moved))
	assert.Equal(t, "POST "+reported, leave(moved))
	internet.Answers["portal.example"] = clienttest.Done
	assert.Equal(t, "POST https://portal.example/rest/", leave(moved))
}

// storedSource is a source that knows from its store where the portal is, and counts who asks.
type storedSource struct {
	clienttest.TokenFunc
	endpoint func() (string, error)
	asked    *int
}

func (s storedSource) ClientEndpoint(context.Context) (string, error) {
	*s.asked++
	return s.endpoint()
}

func knows(endpoint string) storedSource {
	return storedSource{
		func(context.Context) (string, error) { return "EXAMPLE_TOKEN", nil },
		func() (string, error) { return endpoint, nil }, new(int),
	}
}

// A portal was renamed while the program did not run: its store has the new address, and the old one is no portal any
// more.
func TestTokenSource_isAskedWhereNoPortalIs(t *testing.T) {
	t.Parallel()
	noPortal := map[string]http.RoundTripper{
		"a page that is not there":    clienttest.Answering(404, "<html>no such portal</html>"),
		"a page that is gone":         clienttest.Answering(410, ""),
		"a firewall":                  clienttest.Answering(403, "<html>"),
		"a redirect to somebody else": clienttest.Redirecting(http.StatusFound, "https://parked.example/", ""),
		"a redirect to its own page":  clienttest.Redirecting(http.StatusFound, "https://portal.example/login", ""),
		"nobody":                      clienttest.Failing(&net.OpError{Op: "dial", Err: syscall.ECONNREFUSED}),
		"no such name":                clienttest.Failing(&net.DNSError{Err: "no such host", Name: "portal.example", IsNotFound: true}),
		"another's certificate":       clienttest.Failing(x509.HostnameError{Certificate: &x509.Certificate{}, Host: "portal.example"}),
	}
	for name, old := range noPortal {
		for kind, call := range map[string]func(context.Context, *imbot.Client) error{
			"a call that acts": func(ctx context.Context, client *imbot.Client) error {
				_, err := client.Chat.Add(ctx, imbot.ChatAddRequest{})
				return err
			},
			"a batch": func(ctx context.Context, client *imbot.Client) error {
				batch := client.NewBatch()
				imbot.Queue(batch, imbot.MethodChatLeave, clienttest.Leave13)
				return batch.Do(ctx)
			},
		} {
			t.Run(name+", "+kind, func(t *testing.T) {
				t.Parallel()
				web := &clienttest.Web{Answers: map[string]http.RoundTripper{
					"portal.example": old, "renamed.example": clienttest.Answering(200, `{"result":{"result":{"c0":true}}}`),
				}}
				if kind == "a call that acts" {
					web.Answers["renamed.example"] = clienttest.Answering(200, `{"result":2725}`)
				}
				source := knows("https://renamed.example/rest/")
				client := clienttest.New(t, imbot.OAuth("https://portal.example/rest/", source), append(clienttest.WithoutRepeats(), clienttest.Over(web))...)

				for range 3 {
					require.NoError(t, call(t.Context(), client))
				}

				assert.Equal(t, []string{"portal.example", "renamed.example", "renamed.example", "renamed.example"}, web.Hosts)
				assert.Equal(t, 1, *source.asked)
			})
		}
	}
}

// A program starts with the address that it was configured with, and the tokens of its store.
func TestTokenSource_ofAStoreAfterARestart(t *testing.T) {
	t.Parallel()
	web := &clienttest.Web{Answers: map[string]http.RoundTripper{
		"portal.example": clienttest.Answering(404, "<html>"), "renamed.example": clienttest.Answering(200, `{"result":true}`),
	}}
	app := oauth.App{ID: "app.example", Secret: "EXAMPLE_SECRET"}
	store := oauth.NewMemoryStore(oauth.Token{AccessToken: "EXAMPLE_TOKEN", RefreshToken: "EXAMPLE_REFRESH", ClientEndpoint: "https://renamed.example/rest/"})
	client := clienttest.New(t, imbot.OAuth("https://portal.example/rest/", app.Source(store)), append(clienttest.WithoutRepeats(), clienttest.Over(web))...)

	for range 2 {
		_, err := client.Chat.Leave(t.Context(), clienttest.Leave13)
		require.NoError(t, err)
	}

	assert.Equal(t, []string{"portal.example", "renamed.example", "renamed.example"}, web.Hosts)
}

// An endpoint that the source does not know changes nothing, and a call that may have been executed is not repeated.
func TestTokenSource_isAskedForNothingElse(t *testing.T) {
	t.Parallel()
	const renamed = "https://renamed.example/rest/"
	gone := clienttest.Answering(404, "<html>")
	broken := knows(renamed)
	broken.endpoint = func() (string, error) { return renamed, errors.New("the store does not answer") }
	tests := []struct {
		name   string
		source storedSource
		old    http.RoundTripper
		asked  int
		hosts  []string // of three calls
	}{
		{"it says the same", knows("https://portal.example/rest"), gone, 3, []string{"portal.example", "portal.example", "portal.example"}},
		{"in other letters", knows("https://PORTAL.example:443/rest/"), gone, 3, []string{"portal.example", "portal.example", "portal.example"}},
		{"it says nothing", knows(""), gone, 3, []string{"portal.example", "portal.example", "portal.example"}},
		{"it says what is no endpoint", knows("http://renamed.example/rest/"), gone, 3, []string{"portal.example", "portal.example", "portal.example"}},
		{"it fails", broken, gone, 3, []string{"portal.example", "portal.example", "portal.example"}},
		{"a server that fails", knows(renamed), clienttest.Answering(500, "<html>"), 0, []string{"portal.example", "portal.example", "portal.example"}},
		{"a refusal", knows(renamed), clienttest.Answering(404, `{"error":"ERROR_METHOD_NOT_FOUND"}`), 0, []string{"portal.example", "portal.example", "portal.example"}},
		{"too many requests", knows(renamed), clienttest.Answering(429, "<html>"), 0, []string{"portal.example", "portal.example", "portal.example"}},
		{"a cut connection", knows(renamed), clienttest.Failing(io.ErrUnexpectedEOF), 0, []string{"portal.example", "portal.example", "portal.example"}},
		{"a page that may stand for a success", knows(renamed), clienttest.Answering(200, "<html>"), 1, []string{"portal.example", "renamed.example", "renamed.example"}},
		{"nobody at either", knows("https://gone.example/rest/"), gone, 3, []string{"portal.example", "gone.example", "portal.example", "gone.example", "portal.example", "gone.example"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			web := &clienttest.Web{Answers: map[string]http.RoundTripper{
				"portal.example": tt.old, "renamed.example": clienttest.Answering(200, `{"result":2725}`), "gone.example": gone,
			}}
			client := clienttest.New(t, imbot.OAuth("https://portal.example/rest/", tt.source), append(clienttest.WithoutRepeats(), clienttest.Over(web))...)

			for range 3 {
				_, err := client.Chat.Add(t.Context(), imbot.ChatAddRequest{})
				if web.Hosts[len(web.Hosts)-1] != "renamed.example" {
					require.Error(t, err)
				}
			}

			assert.Equal(t, tt.hosts, web.Hosts)
			assert.Equal(t, tt.asked, *tt.source.asked)
		})
	}
}

// The address that the source reported is not lost to a network that is down for a while.
func TestTokenSource_isBelievedWhileTheNetworkIsDown(t *testing.T) {
	t.Parallel()
	web := &clienttest.Web{Answers: map[string]http.RoundTripper{
		"portal.example": clienttest.Answering(404, "<html>"), "renamed.example": clienttest.Answering(200, `{"result":true}`),
	}}
	source := knows("https://renamed.example/rest/")
	client := clienttest.New(t, imbot.OAuth("https://portal.example/rest/", source), clienttest.Over(web),
		imbot.WithRetry(imbot.RetryPolicy{MaxAttempts: 3, BaseDelay: time.Nanosecond, MaxDelay: time.Nanosecond}))
	_, err := client.Chat.Leave(t.Context(), clienttest.Leave13)
	require.NoError(t, err)
	down, end := 0, 3
	web.Answers["renamed.example"] = clienttest.RoundTrip(func(req *http.Request) (*http.Response, error) {
		if down++; down < end {
			return nil, &net.OpError{Op: "dial", Err: syscall.ENETUNREACH}
		}
		return clienttest.Answering(200, `{"result":true}`).RoundTrip(req)
	})

	_, err = client.Chat.Leave(t.Context(), clienttest.Leave13)

	require.NoError(t, err)
	assert.Equal(t, []string{"portal.example", "renamed.example", "renamed.example", "renamed.example", "renamed.example"}, web.Hosts)

	// One that is down for longer may be gone: the portal may be where it was before.
	end, web.Hosts = 100, nil
	_, err = client.Chat.Leave(t.Context(), clienttest.Leave13)
	require.Error(t, err)
	web.Answers["portal.example"] = clienttest.Answering(200, `{"result":true}`)
	_, err = client.Chat.Leave(t.Context(), clienttest.Leave13)
	require.NoError(t, err)
	assert.Equal(t, []string{"renamed.example", "renamed.example", "renamed.example", "portal.example"}, web.Hosts)
}

// storedRefresher can get another token, too.
type storedRefresher struct {
	storedSource
	refreshed func()
}

func (s storedRefresher) Refresh(context.Context, string) (string, error) {
	s.refreshed()
	return "EXAMPLE_NEW", nil
}

// At the endpoint of the source a call goes on as at any other: it follows a redirect, and renews an expired token.
func TestTokenSource_movesTheWholeCall(t *testing.T) {
	t.Parallel()
	const third = "example-third.bitrix24.com"
	refreshed := 0
	source := storedRefresher{knows("https://" + clienttest.NewHost + "/rest/"), func() { refreshed++ }}
	requests := 0
	web := &clienttest.Web{Answers: map[string]http.RoundTripper{
		clienttest.OldHost: clienttest.Answering(404, "<html>"),
		clienttest.NewHost: clienttest.Redirecting(http.StatusFound, "https://"+third+"/rest/imbot.chat.leave", ""),
		third: clienttest.RoundTrip(func(req *http.Request) (*http.Response, error) {
			if requests++; requests == 1 {
				return clienttest.Answering(401, `{"error":"expired_token"}`).RoundTrip(req)
			}
			return clienttest.Answering(200, `{"result":true}`).RoundTrip(req)
		}),
	}}
	client := clienttest.New(t, imbot.OAuth("https://"+clienttest.OldHost+"/rest/", source),
		append(clienttest.WithoutRepeats(), clienttest.Over(web))...)

	for range 2 {
		_, err := client.Chat.Leave(t.Context(), clienttest.Leave13)
		require.NoError(t, err)
	}

	assert.Equal(t, []string{clienttest.OldHost, clienttest.NewHost, third, third, third}, web.Hosts)
	assert.Equal(t, 1, refreshed)
}

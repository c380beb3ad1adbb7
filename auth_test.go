package imbot_test

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/imbottest"
	"github.com/seed-a6e4e5a4/imbot/internal/clienttest"
)

func TestWebhook_accepts(t *testing.T) {
	t.Parallel()
	for _, url := range []string{
		"https://portal.example/rest/1/EXAMPLE_SECRET/",
		"https://portal.example/rest/1/EXAMPLE_SECRET",
		"https://portal.example:8443/rest/27/abc123/",
		"HTTPS://portal.example/rest/1/EXAMPLE-SECRET/",
		"http://127.0.0.1:8080/rest/1/EXAMPLE_SECRET/",
		"http://[::1]:8080/rest/1/EXAMPLE_SECRET/",
		"http://localhost/rest/1/EXAMPLE_SECRET/",
		"https://Портал.example/rest/1/EXAMPLE_SECRET/",
	} {
		t.Run(url, func(t *testing.T) {
			t.Parallel()
			_, err := imbot.NewClient(imbot.Webhook(url))
			assert.NoError(t, err)
		})
	}
}

func TestWebhook_refuses(t *testing.T) {
	t.Parallel()
	const secret = "EXAMPLE_SECRET"
	tests := []struct{ name, url, says string }{
		{"nothing", "", "is empty"},
		{"no URL", "://" + secret, "is not a URL"},
		{"a line break", "https://portal.example/rest/1/" + secret + "/\n", "line break"},
		{"plain http to a name that only ends like loopback", "http://portal.localhost/rest/1/" + secret + "/", "https://"},
		{"a blank at the end", "https://portal.example/rest/1/" + secret + "/ ", "something follows the secret"},
		{"plain http", "http://portal.example/rest/1/" + secret + "/", "https://"},
		{"another scheme", "ftp://portal.example/rest/1/" + secret + "/", "https://"},
		{"no scheme", "portal.example/rest/1/" + secret + "/", "https://"},
		{"no host", "https:///rest/1/" + secret + "/", "names no host"},
		{"a port without a host", "https://:443/rest/1/" + secret + "/", "names no host"},
		{"a dot after the host", "https://portal.example./rest/1/" + secret + "/", "xn--"},
		{"letters of another width", "https://ｐortal.example/rest/1/" + secret + "/", "xn--"},
		{"a letter in two characters", "https://caf\u0065\u0301.example/rest/1/" + secret + "/", "xn--"},
		{"what is no host", "https://portal!.example/rest/1/" + secret + "/", "spelling"},
		{"a user name", "https://me@portal.example/rest/1/" + secret + "/", "user name"},
		{"a password", "https://me:" + secret + "@portal.example/rest/1/x/", "user name"},
		{"a query", "https://portal.example/rest/1/" + secret + "/?auth=" + secret, "query"},
		{"an empty query", "https://portal.example/rest/1/" + secret + "/?", "query"},
		{"a fragment", "https://portal.example/rest/1/" + secret + "/#" + secret, "fragment"},
		{"an empty fragment", "https://portal.example/rest/1/" + secret + "/#", "fragment"},
		{"no path", "https://portal.example", "/rest/"},
		{"another path", "https://portal.example/api/1/" + secret + "/", "/rest/"},
		{"no user id", "https://portal.example/rest/" + secret + "/", "user id"},
		{"an OAuth endpoint", "https://portal.example/rest/", "user id"},
		{"user zero", "https://portal.example/rest/0/" + secret + "/", "user id"},
		{"a signed user", "https://portal.example/rest/+1/" + secret + "/", "user id"},
		{"no secret", "https://portal.example/rest/1/", "secret"},
		{"an escaped secret", "https://portal.example/rest/1/" + secret + "%2f/", "secret"},
		{"a method instead of the secret", "https://portal.example/rest/1/profile.json", "secret"},
		{"a method pasted along", "https://portal.example/rest/1/" + secret + "/imbot.chat.leave", "method"},
		{"a method with a format", "https://portal.example/rest/1/" + secret + "/profile.json", "method"},
		{"two slashes", "https://portal.example/rest/1/" + secret + "//", "method"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			client, err := imbot.NewClient(imbot.Webhook(tt.url))

			assert.Nil(t, client)
			var paramErr *imbot.ParamError
			require.ErrorAs(t, err, &paramErr)
			assert.Equal(t, "webhook URL", paramErr.Param)
			assert.ErrorContains(t, err, tt.says)
			assert.NotContains(t, err.Error(), secret)
			assert.NotContains(t, err.Error(), "portal.example")
		})
	}
}

func FuzzWebhook(f *testing.F) {
	f.Add("https://portal.example/rest/1/EXAMPLE_SECRET/")
	f.Add("https://portal.example/rest/1/EXAMPLE_SECRET/imbot.chat.leave")
	f.Add("http://[::1/rest/1/EXAMPLE_SECRET")
	f.Add("https://portal.example/rest/1/%zz/")
	f.Fuzz(func(t *testing.T, url string) {
		_, err := imbot.NewClient(imbot.Webhook(url))
		// Four letters in a row of the input in the text could be chance, twelve could not.
		for i := 0; err != nil && i+12 <= len(url); i++ {
			if part := url[i : i+12]; strings.Contains(err.Error(), part) && !strings.Contains(fixedTexts, part) {
				t.Fatalf("%q repeats %q", err, part)
			}
		}
	})
}

// fixedTexts is what an error of Webhook may say; an input that spells it out is no leak.
const fixedTexts = `imbot: webhook URL: the user id is missing, want https://PORTAL/rest/USER_ID/SECRET/
something follows the secret, perhaps a method: want https://PORTAL/rest/USER_ID/SECRET/
the secret after the user id is missing or has characters that no secret has
is not a URL; does it have a space or a line break at its end? the path does not start with /rest/
has to start with https:// (http:// is for loopback addresses only)
has a user name or password before the host has a query after the path has a fragment after the path`

func TestOAuth_refuses(t *testing.T) {
	t.Parallel()
	token := imbot.StaticToken("EXAMPLE_TOKEN")
	tests := []struct {
		name, endpoint string
		tokens         imbot.TokenSource
		says           string
	}{
		{"no endpoint", "", token, "is empty"},
		{"plain http", "http://portal.example/rest/", token, "https://"},
		{"no path", "https://portal.example/", token, "/rest/"},
		{"a webhook", "https://portal.example/rest/1/EXAMPLE_SECRET/", token, "nothing after it"},
		{"a method", "https://portal.example/rest/imbot.chat.leave", token, "nothing after it"},
		{"a query", "https://portal.example/rest/?auth=EXAMPLE_TOKEN", token, "query"},
		{"no token source", "https://portal.example/rest/", nil, "is nil"},
		{"an empty token", "https://portal.example/rest/", imbot.StaticToken(""), "is empty"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, err := imbot.NewClient(imbot.OAuth(tt.endpoint, tt.tokens))

			var paramErr *imbot.ParamError
			require.ErrorAs(t, err, &paramErr)
			assert.ErrorContains(t, err, tt.says)
			assert.NotContains(t, err.Error(), "EXAMPLE")
		})
	}
}

func TestOAuth_acceptsAnEndpointWithoutItsFinalSlash(t *testing.T) {
	t.Parallel()
	portal := imbottest.NewPortal(t)
	portal.On("imbot.chat.leave", imbottest.Result(true))
	auth := imbot.OAuth(strings.TrimSuffix(portal.Endpoint(), "/"), imbot.StaticToken("EXAMPLE_TOKEN"))

	_, err := clienttest.New(t, auth, imbot.WithHTTPClient(portal.HTTPClient())).Chat.Leave(t.Context(), clienttest.Leave13)

	require.NoError(t, err)
	assert.Equal(t, "/rest/imbot.chat.leave", portal.Calls()[0].Path)
}

// The credentials are added to the request for the client's portal alone, whatever middleware makes of it.
func TestCredentials_goNowhereElse(t *testing.T) {
	t.Parallel()
	auths := map[string]imbot.Auth{
		"webhook": imbot.Webhook(clienttest.WebhookURL),
		"OAuth":   imbot.OAuth("https://portal.example/rest/", imbot.StaticToken("EXAMPLE_TOKEN")),
	}
	changes := map[string]func(*http.Request){
		"another host":   func(r *http.Request) { r.URL.Host = "untrusted.example" },
		"another scheme": func(r *http.Request) { r.URL.Scheme = "http" },
		"another path":   func(r *http.Request) { r.URL.Path = "/elsewhere/imbot.chat.leave" },
		"another method": func(r *http.Request) { r.URL.Path += ".json" },
		"a way around":   func(r *http.Request) { r.URL.Path = "/rest/../../x" },
		"a query":        func(r *http.Request) { r.URL.RawQuery = "USER_ID=1" },
		"a user":         func(r *http.Request) { r.URL.User = url.User("me") },
		"opaque":         func(r *http.Request) { r.URL.Opaque = "//untrusted.example/rest/" },
		"another Host":   func(r *http.Request) { r.Host = "untrusted.example" },
		"a GET":          func(r *http.Request) { r.Method = http.MethodGet },
		"no body":        func(r *http.Request) { r.Body = nil },
		"a lost context": func(r *http.Request) { *r = *r.WithContext(context.Background()) }, //nolint:usetesting // it has to be another one
	}
	for kind, auth := range auths {
		for change, apply := range changes {
			t.Run(kind+" to "+change, func(t *testing.T) {
				t.Parallel()
				reached := false
				client := clienttest.New(t, auth,
					clienttest.Over(clienttest.RoundTrip(func(*http.Request) (*http.Response, error) {
						reached = true
						return nil, errors.New("unreachable")
					})),
					imbot.WithMiddleware(func(next http.RoundTripper) http.RoundTripper {
						return clienttest.RoundTrip(func(r *http.Request) (*http.Response, error) {
							r = r.Clone(r.Context())
							apply(r)
							return next.RoundTrip(r)
						})
					}))

				_, err := client.Chat.Leave(t.Context(), clienttest.Leave13)

				require.Error(t, err)
				require.NotErrorIs(t, err, imbot.ErrOutcomeUnknown)
				assert.False(t, reached)
			})
		}
	}
}

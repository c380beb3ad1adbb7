package oauth_test

import (
	"runtime"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-a6e4e5a4/imbot/oauth"
)

func TestAuthorizeURL(t *testing.T) {
	t.Parallel()
	const good = "https://portal.example/oauth/authorize/?client_id=app.1&state=s"
	tests := []struct{ name, portal, want string }{
		{"host", "portal.example", good},
		{"host with spaces around", " portal.example\n", good},
		{"URL", "https://portal.example", good},
		{"URL with a path", "https://portal.example/rest/?a=b#c", good},
		{"host with a path", "portal.example/rest/", good},
		{"never plain http", "http://portal.example/", good},
		{"capitals", "HTTPS://portal.example/", good},
		{"port", "portal.example:8443", "https://portal.example:8443/oauth/authorize/?client_id=app.1&state=s"},
		{"address", "192.0.2.1", "https://192.0.2.1/oauth/authorize/?client_id=app.1&state=s"},
		{"address of the new kind", "[2001:db8::1]:443", "https://[2001:db8::1]:443/oauth/authorize/?client_id=app.1&state=s"},
		{"loopback", "http://127.0.0.1:8080/rest/", "http://127.0.0.1:8080/oauth/authorize/?client_id=app.1&state=s"},
		{"loopback without a scheme", "localhost:8080", "https://localhost:8080/oauth/authorize/?client_id=app.1&state=s"},
		{"not only English", "портал.example", "https://%D0%BF%D0%BE%D1%80%D1%82%D0%B0%D0%BB.example/oauth/authorize/?client_id=app.1&state=s"},
		{"empty", "", ""},
		{"scheme alone", "https://", ""},
		{"path alone", "/rest/", ""},
		{"user", "https://me@portal.example/", ""},
		{"other scheme", "ftp://portal.example", ""},
		{"script", "javascript:alert(1)", ""},
		{"space inside", "portal example", ""},
		{"port that is none", "portal.example:", ""},
		{"letters that no host has", `portal"example`, ""},
		{"dots", "..", ""},
	}
	app := oauth.App{ID: "app.1", Secret: "EXAMPLE_SECRET"}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			assert.Equal(t, tt.want, app.AuthorizeURL(tt.portal, "s"))
		})
	}
	assert.Equal(t, "https://portal.example/oauth/authorize/?client_id=a%26b&state=%26x%3D", oauth.App{ID: "a&b"}.AuthorizeURL("portal.example", "&x="))
	assert.Equal(t, "https://portal.example/oauth/authorize/?client_id=app.1", app.AuthorizeURL("portal.example", ""))
}

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

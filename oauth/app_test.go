package oauth_test

import (
	"net/http"
	"net/url"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/imbottest"
	"github.com/seed-a6e4e5a4/imbot/oauth"
)

// A user is sent to the portal, comes back with a code, and the code becomes a pair of tokens that works.
func TestExchange(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := imbottest.NewPortal(t)
		app := appOf(p)
		browser := &http.Client{Transport: p.RoundTripper(), CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, app.AuthorizeURL(p.Endpoint(), "my state"), http.NoBody)
		require.NoError(t, err)
		resp, err := browser.Do(req)
		require.NoError(t, err)
		require.NoError(t, resp.Body.Close())
		back, err := resp.Location()
		require.NoError(t, err)
		assert.Equal(t, "my state", back.Query().Get("state"))
		assert.Equal(t, imbottest.Host, back.Query().Get("domain"))

		token, err := app.Exchange(t.Context(), back.Query().Get("code"))

		require.NoError(t, err)
		assert.Equal(t, oauth.Token{
			AccessToken:    token.AccessToken,
			RefreshToken:   token.RefreshToken,
			Expiry:         time.Now().Add(time.Hour).UTC(),
			ClientEndpoint: "https://portal.example/rest/",
			ServerEndpoint: "https://oauth.example/rest/",
			MemberID:       imbottest.MemberID,
			Domain:         "oauth.example",
			Scope:          "imbot",
			Status:         "L",
			UserID:         imbottest.Employee,
		}, token)
		require.NoError(t, callBots(t.Context(), p.OAuthClient(app.Source(oauth.NewMemoryStore(token)))))
		sent := p.TokenCalls()[0]
		assert.Equal(t, http.MethodPost, sent.HTTPMethod)
		assert.Empty(t, sent.Header.Get("Authorization"), "nothing is tried by the header first")
		assert.Equal(t, url.Values{
			"grant_type":    {"authorization_code"},
			"client_id":     {imbottest.App},
			"client_secret": {imbottest.AppSecret},
			"code":          {back.Query().Get("code")},
		}, sent.Form)

		_, err = app.Exchange(t.Context(), back.Query().Get("code"))
		require.ErrorIs(t, err, imbot.ErrInvalidGrant, "a code works once")
		late := p.Authorize(imbottest.App)
		time.Sleep(30 * time.Second) // fake clock
		_, err = app.Exchange(t.Context(), late)
		require.ErrorIs(t, err, imbot.ErrInvalidGrant, "and for 30 seconds")
		require.NotErrorIs(t, err, imbot.ErrOutcomeUnknown)
	})
}

// What cannot be right is found before anything is sent.
func TestApp_mistakes(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name  string
		app   oauth.App
		code  string
		param string
		is    error
	}{
		{"no code", oauth.App{ID: "a", Secret: "b"}, "", "code", imbot.ErrInvalidRequest},
		{"no id", oauth.App{Secret: "b"}, "c", "client_id", imbot.ErrInvalidClient},
		{"no secret", oauth.App{ID: "a"}, "c", "client_secret", imbot.ErrInvalidClient},
		{"plain http", oauth.App{ID: "a", Secret: "b", TokenURL: "http://oauth.bitrix.info/oauth/token/"}, "c", "token URL", nil},
		{"no URL", oauth.App{ID: "a", Secret: "b", TokenURL: "EXAMPLE SECRET\n"}, "c", "token URL", nil},
		{"no host", oauth.App{ID: "a", Secret: "b", TokenURL: "/oauth/token/"}, "c", "token URL", nil},
		{"user in the URL", oauth.App{ID: "a", Secret: "b", TokenURL: "https://me:EXAMPLE@oauth.example/"}, "c", "token URL", nil},
		{"host with a full-width dot", oauth.App{ID: "a", Secret: "b", TokenURL: "https://EXAMPLE．com/oauth/token/"}, "c", "token URL", nil},
		{"host with a dot at its end", oauth.App{ID: "a", Secret: "b", TokenURL: "https://EXAMPLE.com./oauth/token/"}, "c", "token URL", nil},
		{"host in full-width letters", oauth.App{ID: "a", Secret: "b", TokenURL: "https://ｏauth.EXAMPLE/"}, "c", "token URL", nil},
		{"query in the URL", oauth.App{ID: "a", Secret: "b", TokenURL: "https://oauth.example/?a=EXAMPLE"}, "c", "token URL", nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			n := &network{answer: says(200, "application/json", goodAnswer)}
			tt.app.HTTPClient = &http.Client{Transport: n}
			_, err := tt.app.Exchange(t.Context(), tt.code)
			var mistake *imbot.ParamError
			require.ErrorAs(t, err, &mistake)
			assert.Equal(t, tt.param, mistake.Param)
			if tt.is != nil {
				require.ErrorIs(t, err, tt.is)
			}
			assert.NotContains(t, err.Error(), "EXAMPLE")
			assert.Zero(t, n.requests())
		})
	}
}

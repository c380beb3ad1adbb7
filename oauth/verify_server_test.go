package oauth_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/imbottest"
	"github.com/seed-a6e4e5a4/imbot/oauth"
)

// The OAuth server is asked over connections and in memory, also by a token of a pair that it has renewed.
func TestVerify_server(t *testing.T) {
	t.Parallel()
	tests := map[string]func(t *testing.T, p *imbottest.Portal) (app oauth.App, endpoint string){
		"in memory": func(_ *testing.T, p *imbottest.Portal) (oauth.App, string) {
			return appOf(p), p.Endpoint()
		},
		"over loopback": func(t *testing.T, p *imbottest.Portal) (oauth.App, string) {
			t.Helper()
			transport := new(http.Transport)
			t.Cleanup(transport.CloseIdleConnections)
			return oauth.App{
				ID: imbottest.App, Secret: imbottest.AppSecret, TokenURL: p.ServerTokenURL(), HTTPClient: &http.Client{Transport: transport},
			}, p.ServerEndpoint()
		},
	}
	for name, of := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := imbottest.NewPortal(t)
			app, endpoint := of(t, p)
			posted := oauth.Token(p.IssueTokens(imbottest.App))
			store := oauth.NewMemoryStore(posted)
			renewed, err := app.Source(store).Refresh(t.Context(), posted.AccessToken)
			require.NoError(t, err)
			token := load(t, store)
			require.Equal(t, renewed, token.AccessToken)
			info, err := app.Verify(t.Context(), token)
			require.NoError(t, err)
			assert.Equal(t, imbottest.App, info.ClientID)
			assert.Equal(t, imbottest.MemberID, info.MemberID)
			assert.Equal(t, endpoint, info.ClientEndpoint)
			assert.Equal(t, token.ServerEndpoint, info.ServerEndpoint, "both answers name the same server")
			assert.Equal(t, "L", info.Status)
			assert.True(t, info.Installed)
			assert.Equal(t, imbottest.Employee, info.UserID)
			assert.WithinDuration(t, time.Now().Add(time.Hour), info.Expiry, time.Minute)
			assert.Empty(t, p.Calls(), "the portal is not asked")

			token.MemberID = "11111111111111111111111111111111"
			_, err = app.Verify(t.Context(), token)
			require.ErrorIs(t, err, oauth.ErrNotConfirmed)
			p.AddApplication(imbottest.Application{ID: "app.other", Secret: "EXAMPLE_OTHER"})
			_, err = app.Verify(t.Context(), oauth.Token(p.IssueTokens("app.other")))
			require.ErrorIs(t, err, oauth.ErrNotConfirmed)
			p.Expire(posted.AccessToken)
			_, err = app.Verify(t.Context(), posted)
			require.ErrorIs(t, err, imbot.ErrExpiredToken)
			_, err = app.Verify(t.Context(), oauth.Token{AccessToken: "EXAMPLE_MADE_UP"})
			require.ErrorIs(t, err, imbot.ErrInvalidToken)
			p.RemoveApplication(imbottest.App)
			_, err = app.Verify(t.Context(), oauth.Token{AccessToken: token.AccessToken})
			require.ErrorIs(t, err, imbot.ErrInvalidToken)
			p.Close()
			_, err = app.Verify(t.Context(), token)
			require.Error(t, err)
		})
	}
}

package oauth_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-a6e4e5a4/imbot/imbottest"
	"github.com/seed-a6e4e5a4/imbot/oauth"
)

// What is posted to a frame is read as an installation is, and its tokens work.
func TestFromFrame_portal(t *testing.T) {
	t.Parallel()
	portal := imbottest.NewPortal(t, imbottest.WithHost("example-1.bitrix24.com"), imbottest.WithMemberID("m1"))
	form := portal.Frame(imbottest.App)
	request := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/install", strings.NewReader(form.Encode()))
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	token, err := oauth.FromFrame(request)
	require.NoError(t, err)
	assert.Equal(t, "m1", token.MemberID)
	assert.Equal(t, portal.Endpoint(), token.ClientEndpoint)
	assert.Equal(t, imbottest.ApplicationToken, form.Get("APPLICATION_TOKEN"))
	app := oauth.App{ID: imbottest.App, Secret: imbottest.AppSecret, TokenURL: portal.TokenURL(), HTTPClient: portal.HTTPClient()}
	info, err := app.Verify(t.Context(), token)
	require.NoError(t, err)
	assert.Equal(t, "m1", info.MemberID)
	assert.Equal(t, portal.Endpoint(), info.ClientEndpoint)
}

package oauth_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/oauth"
)

// frame is what a portal posts when it opens an application.
func frame() url.Values {
	return url.Values{
		"AUTH_ID": {"EXAMPLE_ACCESS"}, "REFRESH_ID": {"EXAMPLE_REFRESH"}, "AUTH_EXPIRES": {"3600"}, "member_id": {"EXAMPLE_MEMBER"},
		"SERVER_ENDPOINT": {"https://oauth.bitrix24.tech/rest/"}, "APPLICATION_TOKEN": {"EXAMPLE_APPLICATION"},
		"APPLICATION_SCOPE": {"imbot,im"}, "status": {"P"}, "PLACEMENT": {"DEFAULT"}, "PLACEMENT_OPTIONS": {`{"any":"46\/"}`},
	}
}

func post(t testing.TB, query string, form url.Values) *http.Request {
	t.Helper()
	return postBody(t, query, strings.NewReader(form.Encode()))
}

func postBody(t testing.TB, query string, body io.Reader) *http.Request {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "https://app.example/?"+query, body)
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return r
}

func TestFromFrame(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := post(t, "DOMAIN=Portal.example&PROTOCOL=1&LANG=en&APP_SID=EXAMPLE", frame())
		token, err := oauth.FromFrame(r)
		require.NoError(t, err)
		assert.Equal(t, oauth.Token{
			AccessToken: "EXAMPLE_ACCESS", RefreshToken: "EXAMPLE_REFRESH", Expiry: time.Now().Add(time.Hour).UTC(),
			ClientEndpoint: "https://portal.example/rest/", ServerEndpoint: "https://oauth.bitrix24.tech/rest/",
			MemberID: "EXAMPLE_MEMBER", Domain: "portal.example", Scope: "imbot,im", Status: "P",
		}, token)
		assert.Equal(t, "EXAMPLE_APPLICATION", r.PostFormValue("APPLICATION_TOKEN"), "the rest can still be read")
		again, err := oauth.FromFrame(r)
		require.NoError(t, err)
		assert.Equal(t, token, again)
	})
}

func TestFromFrame_refused(t *testing.T) {
	t.Parallel()
	without := func(name string) url.Values {
		form := frame()
		form.Del(name)
		return form
	}
	with := func(name, value string) url.Values {
		form := frame()
		form.Set(name, value)
		return form
	}
	long := strings.Repeat("x", 4<<10+1)
	get := post(t, "", frame())
	get.Method = http.MethodGet
	broken := postBody(t, "", strings.NewReader("AUTH_ID=EXAMPLE_ACCESS%zz"))
	noForm := post(t, "", frame())
	noForm.Header.Del("Content-Type")
	noBody := post(t, "", nil)
	noBody.Body = nil
	huge := postBody(t, "", strings.NewReader(frame().Encode()+"&more="+strings.Repeat("x", 1<<20)))
	tests := []struct {
		name, param string
		request     *http.Request
	}{
		{"no POST", "request", get},
		{"broken", "request", broken},
		{"too large", "request", huge},
		{"no body", "request", noBody},
		{"not said to be a form", "AUTH_ID", noForm},
		{"nothing", "AUTH_ID", post(t, "", nil)},
		{"no access token", "AUTH_ID", post(t, "", without("AUTH_ID"))},
		{"an access token in the address", "AUTH_ID", post(t, "AUTH_ID=EXAMPLE_ACCESS", without("AUTH_ID"))},
		{"no refresh token", "REFRESH_ID", post(t, "", without("REFRESH_ID"))},
		{"no portal", "member_id", post(t, "", without("member_id"))},
		{"long access token", "AUTH_ID", post(t, "", with("AUTH_ID", long))},
		{"long refresh token", "REFRESH_ID", post(t, "", with("REFRESH_ID", long))},
		{"long portal", "member_id", post(t, "", with("member_id", long))},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			token, err := oauth.FromFrame(tt.request)
			var param *imbot.ParamError
			require.ErrorAs(t, err, &param)
			assert.Equal(t, tt.param, param.Param)
			require.ErrorIs(t, err, imbot.ErrInvalidRequest)
			assert.NotContains(t, err.Error(), "EXAMPLE_ACCESS")
			assert.Zero(t, token)
		})
	}
}

// What makes no sense beside the tokens counts as not sent.
func TestFromFrame_besides(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, query, endpoint string }{
		{"nothing", "", ""},
		{"host", "DOMAIN=portal.example", "https://portal.example/rest/"},
		{"port", "DOMAIN=portal.example:8443", "https://portal.example:8443/rest/"},
		{"plain http", "DOMAIN=portal.example&PROTOCOL=0", ""},
		{"loopback", "DOMAIN=127.0.0.1:8080&PROTOCOL=0", "http://127.0.0.1:8080/rest/"},
		{"path", "DOMAIN=portal.example/evil", ""},
		{"user", "DOMAIN=me@portal.example", ""},
		{"query", "DOMAIN=portal.example?a", ""},
		{"fragment", "DOMAIN=portal.example%23a", ""},
		{"control characters", "DOMAIN=portal.example%0a", ""},
		{"no host", "DOMAIN=..", ""},
		{"long", "DOMAIN=" + strings.Repeat("x", 4<<10+1), ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			form := frame()
			form.Set("SERVER_ENDPOINT", "no endpoint")
			form.Set("AUTH_EXPIRES", "soon")
			token, err := oauth.FromFrame(post(t, tt.query, form))
			require.NoError(t, err)
			assert.Equal(t, tt.endpoint, token.ClientEndpoint)
			assert.Equal(t, strings.TrimSuffix(strings.TrimPrefix(strings.TrimPrefix(tt.endpoint, "https://"), "http://"), "/rest/"), token.Domain)
			assert.Empty(t, token.ServerEndpoint)
			assert.Zero(t, token.Expiry)
		})
	}
}

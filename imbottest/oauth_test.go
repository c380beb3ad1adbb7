package imbottest_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-a6e4e5a4/imbot/imbottest"
)

// tokens is a request for tokens, as a form.
func tokens(pairs ...string) request {
	values := url.Values{"client_id": {"app.1"}, "client_secret": {"app-s3cr3t00"}, "grant_type": {"refresh_token"}}
	for i := 0; i < len(pairs); i += 2 {
		values.Set(pairs[i], pairs[i+1])
	}
	return request{host: "https://oauth.example", path: "/oauth/token/", body: values.Encode()}.with("Content-Type", form)
}

// grant is a pair of tokens as it comes over the wire.
type grant struct {
	AccessToken    string `json:"access_token"`
	RefreshToken   string `json:"refresh_token"`
	Expires        int64  `json:"expires"`
	ExpiresIn      int64  `json:"expires_in"`
	ClientEndpoint string `json:"client_endpoint"`
	ServerEndpoint string `json:"server_endpoint"`
	MemberID       string `json:"member_id"`
	Domain         string `json:"domain"`
	Scope          string `json:"scope"`
	Status         string `json:"status"`
	UserID         int64  `json:"user_id"`
}

// granted checks that an answer has tokens, and returns them.
func granted(t *testing.T, got answer) grant {
	t.Helper()
	require.Equal(t, http.StatusOK, got.status, got.body)
	assert.Equal(t, "application/json; charset=utf-8", got.header.Get("Content-Type"))
	var g grant
	require.NoError(t, json.Unmarshal([]byte(got.body), &g))
	require.NotEmpty(t, g.AccessToken, got.body)
	return g
}

func TestRows_oauth(t *testing.T) {
	t.Parallel()
	t.Run("93 good", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			portal := imbottest.NewPortal(t)
			first := portal.IssueTokens(imbottest.App)
			got := send(t, portal, tokens("refresh_token", first.RefreshToken))
			assertBytes(t, `{"access_token":"access-2","expires":946688400,"expires_in":3600,"scope":"imbot","domain":"oauth.example",`+
				`"server_endpoint":"https:\/\/oauth.example\/rest\/","status":"L","client_endpoint":"https:\/\/portal.example\/rest\/",`+
				`"member_id":"`+imbottest.MemberID+`","user_id":1,"refresh_token":"refresh-2"}`, got.body)
			assertResult(t, "true", send(t, portal, leaveOAuth(`{"auth":"`+granted(t, got).AccessToken+`","CHAT_ID":13}`)))
		})
	})
	tests := []struct {
		name    string
		prepare func(*imbottest.Portal)
		request request
		status  int
		body    string
	}{
		{"94 used up", func(p *imbottest.Portal) {
			send(t, p, tokens("refresh_token", p.IssueTokens(imbottest.App).RefreshToken))
		}, tokens("refresh_token", "refresh-1"), 400, `{"error":"invalid_grant"}`},
		{"94 doubled slashes", nil, tokens("refresh_token", "x").at("//oauth//token/"), 400, `{"error":"invalid_grant"}`},
		{"94 unknown", nil, tokens("refresh_token", "x"), 400, `{"error":"invalid_grant"}`},
		{"94 of another application", func(p *imbottest.Portal) {
			p.AddApplication(imbottest.Application{ID: "app.2", Secret: "x"})
			p.IssueTokens("app.2")
		}, tokens("refresh_token", "refresh-1"), 400, `{"error":"invalid_grant"}`},
		{"95 wrong id", nil, tokens("client_id", "app.x"), 200, `{"error":"wrong_client"}`},
		{"96 wrong secret", nil, tokens("client_secret", "x"), 400, `{"error":"invalid_client"}`},
		{"97 not paid", func(p *imbottest.Portal) { p.EndSubscription(imbottest.App) }, tokens("refresh_token", "x"), 401, `{"error":"PAYMENT_REQUIRED","error_description":"Payment required"}`},
		{"removed", func(p *imbottest.Portal) { p.RemoveApplication(imbottest.App) }, tokens("refresh_token", "x"), 401, `{"error":"NOT_INSTALLED","error_description":"Application not installed"}`},
		{"no refresh token", nil, tokens(), 400, `{"error":"invalid_request","error_description":"No \u0022refresh_token\u0022 parameter found"}`},
		{"no code", nil, tokens("grant_type", "authorization_code"), 400, `{"error":"invalid_request","error_description":"No \u0022code\u0022 parameter found"}`},
		{"no grant", nil, tokens("grant_type", ""), 400, `{"error":"invalid_request","error_description":"No \u0022grant_type\u0022 parameter found"}`},
		{"unknown code", nil, tokens("grant_type", "authorization_code", "code", "x"), 400, `{"error":"invalid_grant"}`},
		{"too much", func(p *imbottest.Portal) { p.IssueTokens(imbottest.App) }, tokens("refresh_token", "refresh-1", "scope", "imbot,crm"), 403, `{"error":"invalid_scope","error_description":"Given scope exceeds permissions associated with given grant"}`},
		{"not a form", nil, request{host: "https://oauth.example", path: "/oauth/token/", body: "%"}, 200, `{"error":"wrong_client"}`},
		{"on demand", func(p *imbottest.Portal) {
			p.FaultTokens(imbottest.RefuseTokens(400, "bad_verification_code", ""))
		}, tokens(), 400, `{"error":"bad_verification_code"}`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			portal := imbottest.NewPortal(t)
			if tt.prepare != nil {
				tt.prepare(portal)
			}
			got := send(t, portal, tt.request)
			assert.Equal(t, tt.status, got.status)
			assertBytes(t, tt.body, got.body)
			assert.Empty(t, portal.Calls(), "requests for tokens have a list of their own")
		})
	}
	t.Run("98 two processes", func(t *testing.T) {
		t.Parallel()
		portal := imbottest.NewPortal(t)
		first := portal.IssueTokens(imbottest.App)
		won := granted(t, send(t, portal, tokens("refresh_token", first.RefreshToken)))
		assertBytes(t, `{"error":"invalid_grant"}`, send(t, portal, tokens("refresh_token", first.RefreshToken)).body)
		granted(t, send(t, portal, tokens("refresh_token", won.RefreshToken)))
		calls := portal.TokenCalls()
		require.Len(t, calls, 3)
		assert.Equal(t, []string{"", "invalid_grant", ""}, []string{calls[0].Code, calls[1].Code, calls[2].Code})
		assert.Equal(t, first.RefreshToken, calls[1].Form.Get("refresh_token"))
		assert.Equal(t, http.MethodPost, calls[1].HTTPMethod)
		assert.Equal(t, 400, calls[1].Status)
		assert.Equal(t, imbottest.OAuthHost, calls[1].Host)
		assert.False(t, calls[1].At.IsZero())
	})
}

// Tokens and codes end by the clock of the test.
func TestOAuth_lifetimes(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		portal := imbottest.NewPortal(t)
		issued := portal.IssueTokens(imbottest.App)
		assert.Equal(t, time.Now().Add(time.Hour).UTC(), issued.Expiry)
		assert.Equal(t, imbottest.Host, issued.Domain)
		code := portal.Authorize(imbottest.App)
		call := leaveOAuth(`{"auth":"` + issued.AccessToken + `","CHAT_ID":14}`)
		time.Sleep(30*time.Second - 1) // fake clock
		granted(t, send(t, portal, tokens("grant_type", "authorization_code", "code", code)))
		late := portal.Authorize(imbottest.App)
		time.Sleep(30 * time.Second) // fake clock
		assertBytes(t, `{"error":"invalid_grant"}`, send(t, portal, tokens("grant_type", "authorization_code", "code", late)).body)

		time.Sleep(time.Hour - time.Minute) // fake clock
		// The call is refused for another reason than its token.
		assertBytes(t, "ACCESS_DENIED_KICK", codeOf(t, send(t, portal, call)))
		time.Sleep(time.Nanosecond) // fake clock
		assertBytes(t, "expired_token", codeOf(t, send(t, portal, call)))
		time.Sleep((180*24 - 1) * time.Hour) // fake clock
		assertBytes(t, `{"error":"invalid_grant"}`, send(t, portal, tokens("refresh_token", issued.RefreshToken)).body)
	})
}

// A lost answer is not forgiven, unless the application says so; and then until somebody uses the new pair.
func TestOAuth_lostAnswer(t *testing.T) {
	t.Parallel()
	for _, forgives := range []bool{false, true} {
		portal := imbottest.NewPortal(t)
		portal.AddApplication(imbottest.Application{ID: imbottest.App, Secret: imbottest.AppSecret, ForgivesLoss: forgives})
		first := portal.IssueTokens(imbottest.App)
		again := tokens("refresh_token", first.RefreshToken)
		portal.FaultTokens(imbottest.LoseBefore(), imbottest.RefuseDial(), imbottest.HTML(502), imbottest.LoseAfter())
		for _, lost := range []bool{true, true, false, true} {
			_, err := try(t, portal, again)
			assert.Equal(t, lost, err != nil)
		}
		assert.Len(t, portal.TokenCalls(), 3, "what could not connect did not reach the server")
		if !forgives {
			assertBytes(t, `{"error":"invalid_grant"}`, send(t, portal, again).body)
			continue
		}
		second := granted(t, send(t, portal, again))
		assertBytes(t, `{"error":"invalid_grant"}`, send(t, portal, tokens("refresh_token", "refresh-2")).body) // the lost one
		granted(t, send(t, portal, tokens("refresh_token", second.RefreshToken)))
		assertBytes(t, `{"error":"invalid_grant"}`, send(t, portal, again).body)
	}
}

func TestOAuth_removedApplication(t *testing.T) {
	t.Parallel()
	portal := imbottest.NewPortal(t)
	issued := portal.IssueTokens(imbottest.App)
	call := leaveOAuth(`{"auth":"` + issued.AccessToken + `","CHAT_ID":13}`)
	portal.RemoveApplication(imbottest.App)
	assertBytes(t, "invalid_token", codeOf(t, send(t, portal, call)))
	anew := portal.IssueTokens(imbottest.App)
	granted(t, send(t, portal, tokens("refresh_token", anew.RefreshToken)))
}

// The OAuth server tells where the portal is, by the way that it was asked.
func TestOAuth_addresses(t *testing.T) {
	t.Parallel()
	portal := imbottest.NewPortal(t)
	transport := new(http.Transport)
	t.Cleanup(transport.CloseIdleConnections)
	assert.Equal(t, "https://oauth.example/oauth/token/", portal.TokenURL())
	assert.Equal(t, portal.URL()+"/oauth-server/oauth/token/", portal.ServerTokenURL())

	local := grant{RefreshToken: portal.IssueTokens(imbottest.App).RefreshToken}
	for _, path := range []string{"/oauth-server/oauth/token/", "/oauth-server//oauth/token", "/oauth/token/"} {
		r := tokens("refresh_token", local.RefreshToken).at(path)
		r.host = portal.URL()
		got, err := tryClient(t, client(transport), r)
		require.NoError(t, err)
		local = granted(t, got)
		assert.Equal(t, portal.ServerEndpoint(), local.ClientEndpoint)
		assert.Equal(t, portal.URL()+"/oauth-server/rest/", local.ServerEndpoint)
		assert.Equal(t, strings.TrimPrefix(portal.URL(), "http://"), local.Domain)
	}

	portal.Rename("new.example")
	moved := granted(t, send(t, portal, tokens("refresh_token", local.RefreshToken)))
	assert.Equal(t, "https://new.example/rest/", moved.ClientEndpoint)
	assert.Equal(t, "https://new.example/rest/", portal.IssueTokens(imbottest.App).ClientEndpoint)

	// The documented way: GET, everything in the query.
	get := request{method: http.MethodGet, host: "https://oauth.example", path: "/oauth/token/?" + tokens("refresh_token", moved.RefreshToken).body}
	granted(t, send(t, portal, get))

	for _, elsewhere := range []request{
		{host: "https://oauth.example", path: "/"},
		{host: "https://oauth.example", path: "/oauth/authorize/"},
		{host: "https://new.example", path: "/oauth/token/"},
		{host: "https://oauth.example", path: "/oauth-server/oauth/token/"},
		{host: "https://new.example", path: "/oauth-server/oauth/token/"},
	} {
		assert.Equal(t, http.StatusNotFound, send(t, portal, elsewhere).status, elsewhere)
	}
	portal.Close()
	_, err := try(t, portal, tokens())
	require.Error(t, err)
}

func TestOAuth_authorizePage(t *testing.T) {
	t.Parallel()
	portal := imbottest.NewPortal(t)
	portal.AddApplication(imbottest.Application{ID: "app.2", Secret: "x", Scopes: []string{"imbot", "im"}, Status: "P", ReturnURL: "https://bot.example/back?a=b"})
	page := func(query string) answer {
		return send(t, portal, request{method: http.MethodGet, path: "/oauth/authorize/?" + query})
	}
	back := newURL(t, page("client_id=app.1&state=s").header.Get("Location"))
	assert.Equal(t, "https://app.example/oauth", back.Scheme+"://"+back.Host+back.Path)
	assert.Equal(t, url.Values{
		"code": {back.Query().Get("code")}, "state": {"s"}, "domain": {"portal.example"},
		"member_id": {imbottest.MemberID}, "scope": {"imbot"}, "server_domain": {"oauth.example"},
	}, back.Query())
	back = newURL(t, page("client_id=app.2").header.Get("Location"))
	assert.Equal(t, "b", back.Query().Get("a"))
	got := granted(t, send(t, portal, tokens("client_id", "app.2", "client_secret", "x", "grant_type", "authorization_code", "code", back.Query().Get("code"))))
	assert.Equal(t, "P", got.Status)
	assert.Equal(t, "imbot,im", got.Scope)
	nobody := page("client_id=app.x")
	assert.Empty(t, nobody.header.Get("Location"))
	assert.Equal(t, "text/html; charset=UTF-8", nobody.header.Get("Content-Type"))
}

func TestOAuth_mistakes(t *testing.T) {
	t.Parallel()
	portal := started(t)
	for name, do := range map[string]func(){
		"no id":            func() { portal.AddApplication(imbottest.Application{Secret: "x"}) },
		"no secret":        func() { portal.AddApplication(imbottest.Application{ID: "x"}) },
		"issue":            func() { portal.IssueTokens("x") },
		"remove":           func() { portal.RemoveApplication("x") },
		"end subscription": func() { portal.EndSubscription("x") },
		"authorize":        func() { portal.Authorize("x") },
	} {
		assert.Panics(t, do, name)
	}
}

func codeOf(t *testing.T, got answer) string {
	t.Helper()
	var failure struct {
		Error string `json:"error"`
	}
	require.NoError(t, json.Unmarshal([]byte(got.body), &failure))
	return failure.Error
}

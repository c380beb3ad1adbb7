package imbottest_test

import (
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-a6e4e5a4/imbot/imbottest"
)

// askInfo asks the OAuth server whose a token is.
func askInfo(body string) request {
	return request{host: "https://oauth.example", path: "/rest/app.info", body: body}.with("Content-Type", form)
}

const infoOfInstall = `"install":{"installed":true,"version":"1","status":"L","scope":"imbot","domain":"portal.example",` +
	`"client_endpoint":"https:\/\/portal.example\/rest\/","server_endpoint":"https:\/\/oauth.example\/rest\/",` +
	`"member_id":"` + imbottest.MemberID + `"}}`

func TestRows_oauthInfo(t *testing.T) {
	t.Parallel()
	issued := `{"client_id":"app.1","scope":"imbot","expires":946688400,"user_id":1,` + infoOfInstall
	endless := `{"client_id":"app.1","scope":"imbot","user_id":1,` + infoOfInstall
	issue := func(p *imbottest.Portal) { p.IssueTokens(imbottest.App) }
	tests := []struct {
		name    string
		prepare func(*imbottest.Portal)
		request request

		result string // JSON of a success
		status int    // or that of a failure
		body   string // of the failure
	}{
		{name: "issued", prepare: issue, request: askInfo("auth=access-1"), result: issued},
		{name: "in a query", prepare: issue, request: request{method: http.MethodGet, host: "https://oauth.example", path: "/rest//app.info/?auth=access-1"}, result: issued},
		{name: "in a header", prepare: issue, request: askInfo("").with("Authorization", "Bearer access-1").at("/rest/app.info.json"), result: issued},
		{name: "in JSON", request: askInfo(`{"access_token":"tok-ok"}`).with("Content-Type", "application/json"), result: endless},
		{
			name: "of another application and user", request: askInfo("auth=tok-2"),
			prepare: func(p *imbottest.Portal) {
				p.AddApplication(imbottest.Application{ID: "app.2", Secret: "x", Scopes: []string{"imbot", "im"}, Status: "P"})
				p.AddToken(imbottest.Token{AccessToken: "tok-2", App: "app.2", UserID: 7, Scopes: []string{"im"}})
				p.Rename("new.example")
			},
			result: `{"client_id":"app.2","scope":"im","user_id":7,"install":{"installed":true,"version":"1","status":"P","scope":"imbot,im",
				"domain":"new.example","client_endpoint":"https://new.example/rest/","server_endpoint":"https://oauth.example/rest/",
				"member_id":"` + imbottest.MemberID + `"}}`,
		},
		{name: "no token", request: askInfo(""), status: 401, body: errorOf("NO_AUTH_FOUND", "Wrong authorization data")},
		{name: "the secret of a webhook", request: askInfo("aplogin=1&ap=s3cr3t00"), status: 401, body: errorOf("NO_AUTH_FOUND", "Wrong authorization data")},
		{name: "unknown", request: askInfo("auth=x"), status: 401, body: errorOf("invalid_token", "Unable to get application by token")},
		{name: "a refresh token", prepare: issue, request: askInfo("auth=refresh-1"), status: 401, body: errorOf("invalid_token", "Unable to get application by token")},
		{name: "expired", request: askInfo("auth=tok-old"), status: 401, body: errorOf("expired_token", "The access token provided has expired")},
		{
			name: "of an application that was never added", request: askInfo("auth=tok-9"),
			prepare: func(p *imbottest.Portal) {
				p.AddToken(imbottest.Token{AccessToken: "tok-9", App: "app.9", UserID: 1})
			},
			status: 401, body: errorOf("invalid_token", "Unable to get application by token"),
		},
		{
			name: "not installed", request: askInfo("auth=tok-1"),
			prepare: func(p *imbottest.Portal) {
				p.RemoveApplication(imbottest.App)
				p.AddToken(imbottest.Token{AccessToken: "tok-1", App: imbottest.App, UserID: 1})
			},
			status: 401, body: errorOf("NOT_INSTALLED", "Application not installed"),
		},
		{
			name: "not paid for", prepare: func(p *imbottest.Portal) { p.EndSubscription(imbottest.App) }, request: askInfo("auth=tok-ok"),
			status: 401, body: errorOf("PAYMENT_REQUIRED", "Payment required"),
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				portal := imbottest.NewPortal(t)
				if tt.prepare != nil {
					tt.prepare(portal)
				}
				got := send(t, portal, tt.request)
				if tt.result != "" {
					assertResult(t, tt.result, got)
				} else {
					assert.Equal(t, tt.status, got.status)
					assert.JSONEq(t, tt.body, got.body)
				}
				assert.Equal(t, "application/json; charset=utf-8", got.header.Get("Content-Type"))
				assert.Empty(t, portal.TokenCalls(), "it is no request for tokens")
				assert.Empty(t, portal.Calls(), "the portal is not asked")
			})
		})
	}
}

// The server goes by its clock, has no other method, and goes when the portal does.
func TestOAuthInfo_end(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		portal := imbottest.NewPortal(t)
		portal.IssueTokens(imbottest.App)
		time.Sleep(time.Hour - time.Second) // fake clock
		assert.Equal(t, http.StatusOK, send(t, portal, askInfo("auth=access-1")).status)
		time.Sleep(time.Second) // fake clock
		assert.Equal(t, "expired_token", codeOf(t, send(t, portal, askInfo("auth=access-1"))))
		for _, path := range []string{"/rest/profile", "/rest/app.info.xml", "/rest/1/s3cr3t00/app.info", "/app.info"} {
			assert.Equal(t, http.StatusNotFound, send(t, portal, askInfo("auth=tok-ok").at(path)).status, path)
		}
		portal.Close()
		_, err := try(t, portal, askInfo("auth=tok-ok"))
		require.Error(t, err)
	})
}

// On this machine the OAuth server and the portal share an address, and either has a method app.info.
func TestOAuthInfo_loopback(t *testing.T) {
	t.Parallel()
	portal := imbottest.NewPortal(t)
	transport := new(http.Transport)
	t.Cleanup(transport.CloseIdleConnections)
	ask := func(path string) answer {
		r := askInfo("auth=tok-ok").at(path)
		r.host = portal.URL()
		got, err := tryClient(t, client(transport), r)
		require.NoError(t, err)
		return got
	}
	assertResult(t, `{"client_id":"app.1","scope":"imbot","user_id":1,"install":{"installed":true,"version":"1","status":"L","scope":"imbot",
		"domain":"`+strings.TrimPrefix(portal.URL(), "http://")+`","client_endpoint":"`+portal.ServerEndpoint()+`",
		"server_endpoint":"`+portal.URL()+`/oauth-server/rest/","member_id":"`+imbottest.MemberID+`"}}`, ask("/oauth-server/rest/app.info"))
	assert.Empty(t, portal.Calls())
	assert.Contains(t, ask("/rest/app.info").body, `"LICENSE"`)
	assert.Len(t, portal.Calls(), 1)
	for _, path := range []string{"/oauth-server/rest/profile", "/oauth-server/oauth/authorize/", "/oauth-server/", "/oauth-servers/rest/app.info"} {
		assert.Equal(t, http.StatusNotFound, ask(path).status, path)
	}
}

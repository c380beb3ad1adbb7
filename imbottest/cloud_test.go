package imbottest_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/imbottest"
)

func twoPortals(t *testing.T, opts ...imbottest.Option) (first, second *imbottest.Portal) {
	t.Helper()
	portals := make([]*imbottest.Portal, 2)
	for i, name := range []string{"first", "second"} {
		portals[i] = imbottest.NewPortal(t, append(opts, imbottest.WithHost(name+".EXAMPLE"), imbottest.WithMemberID(name))...)
	}
	return portals[0], portals[1]
}

// TestCloud holds that requests reach the portal that they are for: by the host, and the OAuth server's by what they
// bring.
func TestCloud(t *testing.T) {
	t.Parallel()
	first, second := twoPortals(t)
	cloud := imbottest.NewCloud(first, second)
	ask := func(r request) answer {
		got, err := tryClient(t, cloud.HTTPClient(), r)
		require.NoError(t, err)
		return got
	}
	for i, portal := range []*imbottest.Portal{first, second} {
		other := []*imbottest.Portal{second, first}[i]
		name := []string{"first", "second"}[i]
		host := name + ".example"
		assert.Equal(t, "https://"+host+"/rest/1/s3cr3t00/", portal.WebhookURL())

		client, err := imbot.NewClient(imbot.Webhook(portal.WebhookURL()), imbot.WithHTTPClient(cloud.HTTPClient()), imbot.WithClientID(imbottest.ClientID))
		require.NoError(t, err)
		_, err = client.Chat.Leave(t.Context(), imbot.ChatLeaveRequest{ChatID: imbottest.ChatGroup, BotID: imbottest.BotMain})
		require.NoError(t, err)
		assert.False(t, portal.Has(imbottest.ChatGroup, imbottest.BotMain))
		assert.Equal(t, i == 0, other.Has(imbottest.ChatGroup, imbottest.BotMain))

		token := granted(t, ask(tokens("grant_type", "authorization_code", "code", portal.Authorize(imbottest.App))))
		assert.Equal(t, name, token.MemberID)
		assert.Equal(t, "https://"+host+"/rest/", token.ClientEndpoint)
		renewed := granted(t, ask(tokens("refresh_token", token.RefreshToken)))
		assert.Len(t, portal.TokenCalls(), 2)
		assert.Contains(t, ask(askInfo("auth="+renewed.AccessToken)).body, `"member_id":"`+name+`"`)
	}
	one, two := first.IssueTokens(imbottest.App), second.IssueTokens(imbottest.App)
	assert.NotEqual(t, one.RefreshToken, two.RefreshToken)
	_, err := cloud.HTTPClient().Get("https://third.example/rest/profile") //nolint:bodyclose,noctx // there is no answer
	assert.ErrorContains(t, err, "no such host")
}

// TestCloud_events holds that a handler learns from an event which portal has posted it.
func TestCloud_events(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"first", ""} {
		portal := imbottest.NewPortal(t, imbottest.WithHost(name), imbottest.WithMemberID(name))
		portal.SendEventsTo(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
		portal.AddMember(imbottest.ChatElsewhere, imbot.UserID(imbottest.BotOfApp), imbottest.Employee)
		posted := portal.Deliveries()
		require.Len(t, posted, 1)
		form, err := url.ParseQuery(posted[0].Body)
		require.NoError(t, err)
		member, host := name, name
		if name == "" {
			member, host = imbottest.MemberID, imbottest.Host
		}
		assert.Equal(t, member, form.Get("auth[member_id]"))
		assert.Equal(t, "https://"+host+"/rest/", form.Get("auth[client_endpoint]"))
	}
}

// TestCloud_served holds that a program may serve portals itself, each at an address of its own.
func TestCloud_served(t *testing.T) {
	t.Parallel()
	handler := http.NewServeMux()
	server := httptest.NewServer(handler)
	defer server.Close()
	elsewhere := strings.Replace(server.URL, "127.0.0.1", "second.localhost", 1)
	first := imbottest.NewPortal(t, imbottest.WithMemberID("first"), imbottest.WithAddress(server.URL+"/"))
	second := imbottest.NewPortal(t, imbottest.WithMemberID("second"), imbottest.WithAddress(elsewhere))
	handler.Handle("/", imbottest.NewCloud(first, second))
	assert.Equal(t, server.URL, first.URL())
	assert.Equal(t, elsewhere+"/rest/1/s3cr3t00/", second.ServerWebhookURL())

	post := func(host, path, body string) string {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, server.URL+path, strings.NewReader(body))
		require.NoError(t, err)
		req.Header.Set("Content-Type", form)
		if host != "" {
			req.Host = host
		}
		resp, err := server.Client().Do(req)
		require.NoError(t, err)
		defer resp.Body.Close()
		content, err := io.ReadAll(resp.Body)
		require.NoError(t, err)
		return string(content)
	}
	leaving := "CHAT_ID=13&" + my39
	host := strings.TrimPrefix(elsewhere, "http://")
	assert.Contains(t, post(host, "/rest/1/s3cr3t00/imbot.chat.leave", leaving), `"result":true`)
	assert.True(t, first.Has(imbottest.ChatGroup, imbottest.BotMain))
	assert.False(t, second.Has(imbottest.ChatGroup, imbottest.BotMain))
	assert.Contains(t, post("localhost", "/rest/1/s3cr3t00/imbot.chat.leave", leaving), `"result":true`, "no portal has that host")
	assert.False(t, first.Has(imbottest.ChatGroup, imbottest.BotMain))

	renewal := url.Values{
		"grant_type": {"refresh_token"}, "client_id": {imbottest.App}, "client_secret": {imbottest.AppSecret},
		"refresh_token": {second.IssueTokens(imbottest.App).RefreshToken},
	}
	answer := post("", "/oauth/token", renewal.Encode())
	assert.Contains(t, answer, `"member_id":"second"`)
	assert.Contains(t, answer, strings.ReplaceAll(elsewhere, "/", `\/`)+`\/rest\/`, "the portal is where it is, whatever was asked")
}

// TestCloud_nobody holds that a cloud without portals is none.
func TestCloud_nobody(t *testing.T) {
	t.Parallel()
	nobody := imbottest.NewCloud()
	_, err := nobody.HTTPClient().Get("https://portal.example/") //nolint:bodyclose,noctx // there is no answer
	require.ErrorContains(t, err, "no such host")
	answer := httptest.NewRecorder()
	nobody.ServeHTTP(answer, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", http.NoBody))
	assert.Equal(t, http.StatusNotFound, answer.Code)
}

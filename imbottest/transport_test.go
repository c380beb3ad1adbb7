package imbottest_test

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"syscall"
	"testing"
	"testing/iotest"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/imbottest"
)

func TestRoundTripper_hosts(t *testing.T) {
	t.Parallel()
	portal := imbottest.NewPortal(t)
	for _, host := range []string{"https://portal.example:443", "https://PORTAL.example"} {
		r := leave(`{}`)
		r.host = host
		assert.Equal(t, http.StatusBadRequest, send(t, portal, r).status, host)
	}

	for _, host := range []string{"https://other.example", "https://portal.example:8443", "https://127.0.0.1"} {
		r := leave(botTrue)
		r.host = host
		_, err := try(t, portal, r)
		var dial *net.OpError
		require.ErrorAs(t, err, &dial, host)
		assert.Equal(t, "dial", dial.Op)
		var dns *net.DNSError
		require.ErrorAs(t, err, &dns)
		assert.True(t, dns.IsNotFound)
		assert.NotContains(t, dns.Error(), "443")
	}
	assert.Len(t, portal.Calls(), 2, "what goes elsewhere does not reach the portal")
}

// body notes whether it was closed.
type body struct {
	io.Reader

	closed bool
}

func (b *body) Close() error {
	b.closed = true
	return nil
}

func TestRoundTripper_contract(t *testing.T) {
	t.Parallel()
	portal := imbottest.NewPortal(t)
	newRequest := func(ctx context.Context, content io.Reader) (*http.Request, *body) {
		sent := &body{Reader: content}
		req, err := http.NewRequestWithContext(ctx, http.MethodPost, portal.WebhookURL()+chatLeave, sent)
		require.NoError(t, err)
		req.Header.Set("Content-Type", "application/json")
		return req, sent
	}

	t.Run("canceled before", func(t *testing.T) {
		t.Parallel()
		ctx, cancel := context.WithCancelCause(t.Context())
		reason := errors.New("enough")
		cancel(reason)
		req, sent := newRequest(ctx, strings.NewReader(botTrue))
		resp, err := portal.RoundTripper().RoundTrip(req) //nolint:bodyclose // there is no answer
		require.ErrorIs(t, err, reason)
		assert.Nil(t, resp)
		assert.True(t, sent.closed)
	})

	t.Run("body that cannot be read", func(t *testing.T) {
		t.Parallel()
		broken := errors.New("broken")
		req, sent := newRequest(t.Context(), io.MultiReader(strings.NewReader("{"), iotest.ErrReader(broken)))
		resp, err := portal.RoundTripper().RoundTrip(req) //nolint:bodyclose // there is no answer
		require.ErrorIs(t, err, broken)
		assert.Nil(t, resp)
		assert.True(t, sent.closed)
	})

	t.Run("answer", func(t *testing.T) {
		t.Parallel()
		req, sent := newRequest(t.Context(), strings.NewReader(`{}`))
		resp, err := portal.RoundTripper().RoundTrip(req)
		require.NoError(t, err)
		defer resp.Body.Close()
		assert.True(t, sent.closed)
		assert.Equal(t, "400 Bad Request", resp.Status)
		assert.Same(t, req, resp.Request)
		content, err := io.ReadAll(resp.Body)
		require.NoError(t, err)
		assert.Equal(t, int64(len(content)), resp.ContentLength)
	})

	t.Run("no body", func(t *testing.T) {
		t.Parallel()
		req := &http.Request{URL: newURL(t, portal.WebhookURL()+chatLeave)}
		resp, err := portal.RoundTripper().RoundTrip(req)
		require.NoError(t, err)
		defer resp.Body.Close()
		assert.Equal(t, http.StatusBadRequest, resp.StatusCode)
	})
}

// TestServer holds that the portal says the same over a connection.
func TestServer(t *testing.T) {
	t.Parallel()
	transport := new(http.Transport)
	t.Cleanup(transport.CloseIdleConnections)
	tests := []row{
		{name: "1 leave", request: leave(botTrue), result: "true", gone: bot},
		{name: "3 form", request: leave("CHAT_ID=13&BOT_ID=39&CLIENT_ID=my").with("Content-Type", form), result: "true", gone: bot},
		{name: "4 GET", request: request{method: http.MethodGet, path: "/rest/1/s3cr3t00/imbot.chat.leave.json?CHAT_ID=13&BOT_ID=39&CLIENT_ID=my"}, result: "true", gone: bot},
		{name: "10 no chat", request: leave(`{}`), failure: chatIDEmpty},
		{name: "24 not a member", request: leave(`{"CHAT_ID":14,"BOT_ID":39,"CLIENT_ID":"my"}`), failure: notMember},
		{name: "34 token", request: leaveOAuth(`{"auth":"tok-ok","CHAT_ID":13}`), result: "true", gone: app},
		{name: "41 expired token", request: leaveOAuth(`{"auth":"tok-old","CHAT_ID":13}`), failure: expiredToken},
		{name: "44 wrong secret", request: leave(botTrue).at("/rest/1/bad/imbot.chat.leave"), failure: badHook},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			portal := imbottest.NewPortal(t)
			tt.request.host = portal.URL()
			got, err := tryClient(t, client(transport), tt.request)
			require.NoError(t, err)
			tt.check(t, portal, imbottest.Current, got)
			assert.Equal(t, "application/json; charset=utf-8", got.header.Get("Content-Type"))
			assert.Equal(t, strings.TrimPrefix(portal.URL(), "http://"), portal.Calls()[0].Host)
		})
	}
}

func TestServer_addresses(t *testing.T) {
	t.Parallel()
	portal := imbottest.NewPortal(t)
	assert.Equal(t, "https://portal.example/rest/1/s3cr3t00/", portal.WebhookURL())
	assert.Equal(t, "https://portal.example/rest/", portal.Endpoint())
	assert.Regexp(t, `^http://127\.0\.0\.1:\d+$`, portal.URL())
	assert.Equal(t, portal.URL()+"/rest/1/s3cr3t00/", portal.ServerWebhookURL())
	assert.Equal(t, portal.URL()+"/rest/", portal.ServerEndpoint())

	direct := client(&http.Transport{DisableKeepAlives: true})
	got, err := tryClient(t, direct, request{method: http.MethodGet, host: portal.URL(), path: "/"})
	require.NoError(t, err)
	assert.Equal(t, http.StatusNotFound, got.status)
	assert.Equal(t, "text/html; charset=UTF-8", got.header.Get("Content-Type"), "outside of /rest/ there is a site")

	address := portal.URL()
	portal.Close()
	_, err = tryClient(t, direct, request{host: address, path: "/rest/1/s3cr3t00/imbot.chat.leave"})
	require.ErrorIs(t, err, syscall.ECONNREFUSED)
	late := started(t)
	late.Close()
	assert.Panics(t, func() { late.URL() })
}

func TestServeHTTP_withoutServer(t *testing.T) {
	t.Parallel()
	for target, want := range map[string]int{
		"https://portal.example/rest/1/s3cr3t00/imbot.chat.leave": http.StatusOK,
		"http://portal.example/rest/1/s3cr3t00/imbot.chat.leave":  http.StatusUnauthorized,
		"http://localhost/rest/1/s3cr3t00/imbot.chat.leave":       http.StatusOK,
		"http://[::1]:80/rest/1/s3cr3t00/imbot.chat.leave":        http.StatusOK,
	} {
		t.Run(target, func(t *testing.T) {
			t.Parallel()
			r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, target, strings.NewReader(botTrue))
			r.Header.Set("Content-Type", "application/json")
			w := httptest.NewRecorder()
			imbottest.NewPortal(t).ServeHTTP(w, r)
			assert.Equal(t, want, w.Code)
		})
	}

	t.Run("cut", func(t *testing.T) {
		t.Parallel()
		portal := imbottest.NewPortal(t)
		portal.On(chatLeave, imbottest.Broken())
		r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, portal.WebhookURL()+chatLeave, nil)
		assert.PanicsWithValue(t, http.ErrAbortHandler, func() { portal.ServeHTTP(httptest.NewRecorder(), r) })
	})
}

// TestClient goes through the clients that the portal makes, in time that does not pass.
func TestClient(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		portal := imbottest.NewPortal(t)
		req := imbot.ChatLeaveRequest{ChatID: imbottest.ChatGroup, BotID: imbottest.BotMain, ClientID: imbottest.ClientID}
		start := time.Now()
		resp, err := portal.Client().Chat.Leave(t.Context(), req)
		require.NoError(t, err)
		assert.True(t, resp.Result)
		assert.Equal(t, start.Unix(), resp.Time.Start.Unix())
		assert.True(t, resp.Time.HasOperating)
		assert.False(t, portal.Has(imbottest.ChatGroup, imbottest.BotMain))

		_, err = portal.Client(imbot.WithUserAgent("test/1")).Chat.Leave(t.Context(), req)
		require.ErrorIs(t, err, imbot.ErrNotInChat)
		assert.Contains(t, portal.Calls()[1].Header.Get("User-Agent"), "test/1")

		oauth := portal.OAuthClient(imbot.StaticToken(imbottest.TokenOK))
		_, err = oauth.Chat.Leave(t.Context(), imbot.ChatLeaveRequest{ChatID: imbottest.ChatGroup, BotID: imbottest.BotOfApp})
		require.NoError(t, err)
		assert.False(t, portal.Has(imbottest.ChatGroup, imbottest.BotOfApp))
	})

	test := new(recorder)
	imbottest.NewPortal(test).OAuthClient(imbot.StaticToken(""))
	require.Len(t, test.fatals, 1)
}

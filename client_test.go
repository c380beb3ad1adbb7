package imbot_test

import (
	"io"
	"net/http"
	"net/http/cookiejar"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/imbottest"
	"github.com/seed-a6e4e5a4/imbot/internal/clienttest"
)

func TestNewClient_refuses(t *testing.T) {
	t.Parallel()
	good := imbot.Webhook(clienttest.WebhookURL)
	tests := []struct {
		name string
		auth imbot.Auth
		opts []imbot.Option
		says []string
	}{
		{"no credentials", imbot.Auth{}, nil, []string{"no credentials"}},
		{"a nil option", good, []imbot.Option{imbot.WithClientID("my"), nil}, []string{"option 2"}},
		{"a nil client", good, []imbot.Option{imbot.WithHTTPClient(nil)}, []string{"WithHTTPClient"}},
		{"an empty CLIENT_ID", good, []imbot.Option{imbot.WithClientID("")}, []string{"WithClientID"}},
		{"an empty product", good, []imbot.Option{imbot.WithUserAgent("")}, []string{"WithUserAgent"}},
		{"a product with a line break", good, []imbot.Option{imbot.WithUserAgent("bot/1\r\nX: y")}, []string{"WithUserAgent"}},
		{"nil middleware", good, []imbot.Option{imbot.WithMiddleware(nil)}, []string{"WithMiddleware"}},
		{
			"middleware that returns nothing", good,
			[]imbot.Option{imbot.WithMiddleware(func(http.RoundTripper) http.RoundTripper { return nil })},
			[]string{"WithMiddleware"},
		},
		{
			"several mistakes, all named", imbot.Webhook(""),
			[]imbot.Option{imbot.WithHTTPClient(nil), imbot.WithClientID("")},
			[]string{"webhook URL", "WithHTTPClient", "WithClientID"},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			client, err := imbot.NewClient(tt.auth, tt.opts...)

			assert.Nil(t, client)
			var paramErr *imbot.ParamError
			require.ErrorAs(t, err, &paramErr)
			for _, says := range tt.says {
				assert.ErrorContains(t, err, says)
			}
		})
	}
}

func TestNewClient_doesNoIO(t *testing.T) {
	t.Parallel()
	portal := imbottest.NewPortal(t)

	clienttest.New(t, imbot.Webhook(portal.WebhookURL()), imbot.WithHTTPClient(portal.HTTPClient()))

	assert.Empty(t, portal.Calls())
}

func TestWith_changesTheCredentialsAndNothingElse(t *testing.T) {
	t.Parallel()
	portal := imbottest.NewPortal(t)
	portal.On("imbot.chat.leave", imbottest.Result(true))
	first := portal.Client(imbot.WithClientID("my"), imbot.WithUserAgent("bot/1"))

	second, err := first.With(imbot.OAuth(portal.Endpoint(), imbot.StaticToken("EXAMPLE_TOKEN")))
	require.NoError(t, err)
	for _, client := range []*imbot.Client{second, first} {
		_, err := client.Chat.Leave(t.Context(), clienttest.Leave13)
		require.NoError(t, err)
	}

	calls := portal.Calls()
	require.Len(t, calls, 2)
	assert.Equal(t, `{"CHAT_ID":13,"BOT_ID":39,"CLIENT_ID":"my","auth":"EXAMPLE_TOKEN"}`, string(calls[0].Body))
	assert.Equal(t, "/rest/imbot.chat.leave", calls[0].Path)
	assert.Equal(t, `{"CHAT_ID":13,"BOT_ID":39,"CLIENT_ID":"my"}`, string(calls[1].Body))
	assert.Equal(t, calls[0].Header.Get("User-Agent"), calls[1].Header.Get("User-Agent"))

	_, err = first.With(imbot.Webhook(""))
	var paramErr *imbot.ParamError
	require.ErrorAs(t, err, &paramErr)
}

// A client is used from many goroutines at once; the race detector watches.
func TestClient_concurrentUse(t *testing.T) {
	t.Parallel()
	portal := imbottest.NewPortal(t)
	portal.On("imbot.chat.leave", imbottest.Result(true))
	client := portal.Client(imbot.WithLimiter(nil), imbot.WithClientID("my"))
	var failed atomic.Int32
	var group sync.WaitGroup
	for range 32 {
		group.Go(func() {
			other, err := client.With(imbot.OAuth(portal.Endpoint(), imbot.StaticToken(imbottest.TokenOK)))
			if err != nil {
				failed.Add(1)
				return
			}
			for _, c := range []*imbot.Client{client, other} {
				if _, err := c.Chat.Leave(t.Context(), clienttest.Leave13); err != nil {
					failed.Add(1)
				}
			}
		})
	}
	group.Wait()
	assert.Zero(t, failed.Load())
	assert.Len(t, portal.Calls(), 64)
	for _, call := range portal.Calls() {
		assert.True(t, strings.HasPrefix(string(call.Body), `{"CHAT_ID":13,"BOT_ID":39,"CLIENT_ID":"my"`))
	}
}

func TestWithUserAgent_standsBeforeOurs(t *testing.T) {
	t.Parallel()
	portal := imbottest.NewPortal(t)
	portal.On("imbot.chat.leave", imbottest.Result(true))

	_, err := portal.Client(imbot.WithUserAgent("helper-bot/2.1")).Chat.Leave(t.Context(), clienttest.Leave13)

	require.NoError(t, err)
	assert.Regexp(t, `^helper-bot/2\.1 imbot/`, portal.Calls()[0].Header.Get("User-Agent"))
}

func TestWithHTTPClient_copies(t *testing.T) {
	t.Parallel()
	portal := imbottest.NewPortal(t)
	portal.On("imbot.chat.leave", imbottest.Result(true))
	jar, err := cookiejar.New(nil)
	require.NoError(t, err)
	given := portal.HTTPClient()
	given.Jar = jar
	given.Timeout = time.Minute
	transport := given.Transport

	_, err = portal.Client(imbot.WithHTTPClient(given), imbot.WithMiddleware(
		func(next http.RoundTripper) http.RoundTripper { return next })).Chat.Leave(t.Context(), clienttest.Leave13)

	require.NoError(t, err)
	assert.Equal(t, transport, given.Transport)
	assert.Equal(t, time.Minute, given.Timeout)
	assert.Same(t, jar, given.Jar)
	assert.Nil(t, given.CheckRedirect)
}

func TestWithMiddleware_seesNoCredentials(t *testing.T) {
	t.Parallel()
	portal := imbottest.NewPortal(t)
	auths := map[string]imbot.Auth{
		"webhook": imbot.Webhook(portal.WebhookURL()),
		"OAuth":   imbot.OAuth(portal.Endpoint(), imbot.StaticToken(imbottest.TokenOK)),
	}
	for kind, auth := range auths {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			var order []string
			look := func(name string) imbot.Option {
				return imbot.WithMiddleware(func(next http.RoundTripper) http.RoundTripper {
					return clienttest.RoundTrip(func(req *http.Request) (*http.Response, error) {
						order = append(order, name)
						assert.Equal(t, "https://portal.example/rest/imbot.chat.leave", req.URL.String())
						body, err := io.ReadAll(req.Body)
						assert.NoError(t, err)
						assert.JSONEq(t, `{"CHAT_ID":1,"BOT_ID":39}`, string(body))
						again, err := req.GetBody()
						assert.NoError(t, err)
						clone := req.Clone(req.Context())
						clone.Body = again
						resp, err := next.RoundTrip(clone)
						if assert.NoError(t, err) {
							assert.Equal(t, "https://portal.example/rest/imbot.chat.leave", resp.Request.URL.String())
						}
						return resp, err
					})
				})
			}

			client := clienttest.New(t, auth, imbot.WithHTTPClient(portal.HTTPClient()), look("outer"), look("inner"))
			_, err := client.Chat.Leave(t.Context(), imbot.ChatLeaveRequest{ChatID: 1, BotID: 39})

			require.ErrorIs(t, err, imbot.ErrActionUnavailable)
			assert.Equal(t, []string{"outer", "inner"}, order)
		})
	}
}

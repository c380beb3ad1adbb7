package imbot_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/imbottest"
	"github.com/seed-a6e4e5a4/imbot/imbotv2"
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

// Under OAuth the application makes the call, and would lose a bot that it registers with a botToken.
func TestWithClientID_addsNoTokenUnderOAuth(t *testing.T) {
	t.Parallel()
	type request struct {
		BotID    int    `json:"botId" url:"botId"`
		BotToken string `json:"botToken,omitempty" url:"botToken,omitempty"`
	}
	method := func(name string) imbot.Method[request, bool] { return imbot.Method[request, bool]{Name: name} }
	tests := []struct {
		name, method string
		request      request
		body         string
		query        url.Values
	}{
		{"registering", "imbot.v2.Bot.register", request{BotID: 39}, `{"botId":39,"auth":"EXAMPLE_TOKEN"}`, url.Values{"botId": {"39"}}},
		{"any other", "imbot.v2.Chat.leave", request{BotID: 39}, `{"botId":39,"auth":"EXAMPLE_TOKEN"}`, url.Values{"botId": {"39"}}},
		{"capitals", "IMBOT.V2.Bot.Register", request{BotID: 39}, `{"botId":39,"auth":"EXAMPLE_TOKEN"}`, url.Values{"botId": {"39"}}},
		{"its own", "imbot.v2.Chat.get", request{BotID: 39, BotToken: "own"}, `{"botId":39,"botToken":"own","auth":"EXAMPLE_TOKEN"}`, url.Values{"botId": {"39"}, "botToken": {"own"}}},
		{"the first generation, which does not read it", "imbot.x", request{BotID: 39}, `{"botId":39,"CLIENT_ID":"my","auth":"EXAMPLE_TOKEN"}`, url.Values{"botId": {"39"}, "CLIENT_ID": {"my"}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			portal := imbottest.NewPortal(t)
			portal.On(tt.method, imbottest.Result(true))
			byWebhook := portal.Client(imbot.WithClientID("my"))
			client, err := byWebhook.With(imbot.OAuth(portal.Endpoint(), imbot.StaticToken("EXAMPLE_TOKEN")))
			require.NoError(t, err)
			portal.On("batch", imbottest.Result(map[string]any{"result": []any{}, "result_error": []any{}}))

			_, err = imbot.Call(t.Context(), client, method(tt.method), tt.request)
			require.NoError(t, err)
			batch := client.NewBatch()
			imbot.Queue(batch, method(tt.method), tt.request)
			require.NoError(t, batch.Do(t.Context()))

			calls := portal.Calls()
			require.Len(t, calls, 2)
			assert.Equal(t, tt.body, string(calls[0].Body))
			var sent struct {
				Cmd map[string]string `json:"cmd"`
			}
			require.NoError(t, json.Unmarshal(calls[1].Body, &sent))
			_, query, _ := strings.Cut(sent.Cmd["c0"], "?")
			values, err := url.ParseQuery(query)
			require.NoError(t, err)
			assert.Equal(t, tt.query, values)
		})
	}
}

// Registering is the one call that names the token of the bot among its fields: of two the portal takes the other.
func TestWithClientID_whereARegistrationNamesIt(t *testing.T) {
	t.Parallel()
	type fields map[string]any
	for body, want := range map[*fields]string{
		{"code": "a"}:                    `{"fields":{"code":"a"},"botToken":"my"}`,
		{"botToken": "own"}:              `{"fields":{"botToken":"own"}}`,
		{"botToken": ""}:                 `{"fields":{"botToken":""},"botToken":"my"}`,
		{"botToken": nil, "BOTTOKEN": 1}: `{"fields":{"BOTTOKEN":1,"botToken":null}}`,
		nil:                              `{"fields":null,"botToken":"my"}`,
	} {
		portal := imbottest.NewPortal(t)
		portal.On("imbot.v2.Bot.register", imbottest.Result(true))
		portal.On("imbot.v2.Bot.update", imbottest.Result(true))
		for _, method := range []string{"imbot.v2.Bot.register", "imbot.v2.Bot.update"} {
			_, err := imbot.Call(t.Context(), portal.Client().As("my"), imbot.Method[map[string]any, bool]{Name: method}, map[string]any{"fields": body})
			require.NoError(t, err)
		}
		assert.Equal(t, want, string(portal.Calls()[0].Body))
		assert.Contains(t, string(portal.Calls()[1].Body), `"botToken":"my"}`, "there it is a new one")
	}
}

// Under OAuth, a token would take the bot away from its application, by whatever road it is registered; and no bot of
// an application gets another one.
func TestBotRegister_noTokenUnderOAuth(t *testing.T) {
	t.Parallel()
	portal := imbottest.NewPortal(t)
	client := portal.OAuthClient(imbot.StaticToken(imbottest.TokenOK))
	for _, name := range []string{"imbot.v2.bot.Register", "imbot.v2.Bot.update"} {
		for _, body := range []map[string]any{
			{"fields": map[string]any{"botToken": "x"}},
			{"botToken": "x"},
			{"BOTTOKEN": "x", "fields": []int{}},
			{"BOT_TOKEN": "x"},
			{"clientId": "x"},
			{"CLIENT_ID": "x"},
			{"fields": map[string]any{"BOT_TOKEN": "x"}},
		} {
			method := imbot.Method[map[string]any, any]{Name: name}
			_, err := imbot.Call(t.Context(), client, method, body)
			batch := client.NewBatch()
			imbot.Queue(batch, method, body)
			for _, err := range []error{err, batch.Do(t.Context())} {
				var param *imbot.ParamError
				require.ErrorAs(t, err, &param)
				assert.Equal(t, "botToken", param.Param)
			}
		}
	}
	assert.Empty(t, portal.Calls())
}

func TestAs(t *testing.T) {
	t.Parallel()
	portal := imbottest.NewPortal(t)
	first := portal.Client(imbot.WithClientID("my"))
	second := first.As("other")
	for client, want := range map[*imbot.Client]string{first: `"my"`, second: `"other"`, second.As("my"): `"my"`} {
		_, _ = client.Bot.List(t.Context(), imbot.BotListRequest{})
		_, _ = client.Chat.Leave(t.Context(), clienttest.Leave13)
		calls := portal.Calls("imbot.chat.leave")
		assert.Contains(t, string(calls[len(calls)-1].Body), `"CLIENT_ID":`+want)
	}
	_, err := first.As("").Chat.Leave(t.Context(), clienttest.Leave13)
	require.ErrorIs(t, err, imbot.ErrClientIDMissing)
	assert.False(t, first.IsOAuth())
	byOAuth, err := second.With(imbot.OAuth(portal.Endpoint(), imbot.StaticToken("EXAMPLE_TOKEN")))
	require.NoError(t, err)
	assert.True(t, byOAuth.IsOAuth())
	assert.True(t, byOAuth.As("x").IsOAuth())
	assert.False(t, new(imbot.Client).IsOAuth())
}

// The goals of the second generation send none either, and look for members by the first.
func TestWithClientID_ofGoalsUnderOAuth(t *testing.T) {
	t.Parallel()
	portal := imbottest.NewPortal(t)
	portal.On("imbot.v2.Chat.leave", imbottest.Refuse(400, "ACCESS_DENIED", "Access denied"))
	portal.On("imbot.chat.user.list", imbottest.Result([]int{1}))
	client := portal.OAuthClient(imbot.StaticToken(imbottest.TokenOK), imbot.WithClientID("my"))

	outcome, err := imbotv2.New(client).As(imbotv2.Identity{BotID: 39}).Chat.EnsureLeft(t.Context(), imbotv2.ChatLeaveRequest{BotID: 39, DialogID: "chat13"})

	require.NoError(t, err)
	assert.Equal(t, imbot.AlreadyOut, outcome.State)
	for _, call := range portal.Calls("imbot.v2.Chat.leave") {
		assert.NotContains(t, string(call.Body), "botToken")
		assert.NotContains(t, string(call.Body), "my")
	}
}

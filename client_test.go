package imbot_test

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
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
	good := imbot.Webhook("https://portal.example/rest/1/EXAMPLE_SECRET/")
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

// A method without a wrapper is called like one that has one.
func TestCall_anyMethod(t *testing.T) {
	t.Parallel()
	type request struct {
		DialogID imbot.DialogID `json:"DIALOG_ID"`
		Message  string         `json:"MESSAGE"`
	}
	messageAdd := imbot.Method[request, int64]{Name: "imbot.message.add"}
	portal := imbottest.NewPortal(t)
	portal.On("imbot.message.add", imbottest.Result(7021))
	client := portal.Client(imbot.WithClientID("my"))

	response, err := imbot.Call(t.Context(), client, messageAdd, request{imbot.ChatID(13).DialogID(), "Bye <all>"})

	require.NoError(t, err)
	assert.Equal(t, int64(7021), response.Result)
	assert.JSONEq(t, `{"DIALOG_ID":"chat13","MESSAGE":"Bye <all>","CLIENT_ID":"my"}`, string(portal.Calls()[0].Body))
}

func TestCall_clientID(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, method string
		request      any
		want         string
	}{
		{"no parameters", "imbot.bot.list", struct{}{}, `{"CLIENT_ID":"my"}`},
		{"nil", "imbot.bot.list", nil, `{"CLIENT_ID":"my"}`},
		{"a map", "imbot.x", map[string]any{"A": 1}, `{"A":1,"CLIENT_ID":"my"}`},
		{"its own", "imbot.x", map[string]any{"CLIENT_ID": "own"}, `{"CLIENT_ID":"own"}`},
		{"its own in small letters", "imbot.x", map[string]any{"client_id": "own"}, `{"client_id":"own"}`},
		{"its own with an escape", "imbot.x", json.RawMessage(`{"\u0043LIENT_ID":"own"}`), `{"\u0043LIENT_ID":"own"}`},
		{"another with an escape", "imbot.x", json.RawMessage(`{"\u0041":"own"}`), `{"\u0041":"own","CLIENT_ID":"my"}`},
		{"an empty one", "imbot.x", map[string]any{"CLIENT_ID": ""}, `{"CLIENT_ID":"","CLIENT_ID":"my"}`},
		{"the second generation", "imbot.v2.Chat.get", map[string]any{"dialogId": "chat13"}, `{"dialogId":"chat13","botToken":"my"}`},
		{"its own of the second generation", "imbot.v2.Chat.get", map[string]any{"botToken": "own"}, `{"botToken":"own"}`},
		{"another family", "user.current", struct{}{}, `{}`},
		{"a name that only begins like it", "imbotany.x", struct{}{}, `{}`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			portal := imbottest.NewPortal(t)
			portal.On(tt.method, imbottest.Result("ok"))

			_, err := imbot.Call(t.Context(), portal.Client(imbot.WithClientID("my")), imbot.Method[any, string]{Name: tt.method}, tt.request)

			require.NoError(t, err)
			assert.Equal(t, tt.want, string(portal.Calls()[0].Body))
		})
	}
}

// Under OAuth the application is who calls, and a bot that it registers with a botToken is lost to it.
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

// The goals of the second generation send none either, and look for members by the first.
func TestWithClientID_ofGoalsUnderOAuth(t *testing.T) {
	t.Parallel()
	portal := imbottest.NewPortal(t)
	portal.On("imbot.v2.Chat.leave", imbottest.Refuse(400, "ACCESS_DENIED", "Access denied"))
	portal.On("imbot.chat.user.list", imbottest.Result([]int{1}))
	client := portal.OAuthClient(imbot.StaticToken(imbottest.TokenOK), imbot.WithClientID("my"))

	outcome, err := client.V2.Chat.EnsureLeft(t.Context(), v2Leave13)

	require.NoError(t, err)
	assert.Equal(t, imbot.AlreadyOut, outcome.State)
	for _, call := range portal.Calls("imbot.v2.Chat.leave") {
		assert.NotContains(t, string(call.Body), "botToken")
		assert.NotContains(t, string(call.Body), "my")
	}
}

func TestCall_findsMistakesBeforeSending(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, method string
		request      any
		param        string
	}{
		{"no name", "", nil, "Method.Name"},
		{"a path", "../admin", nil, "Method.Name"},
		{"a query", "imbot.bot.list?auth=x", nil, "Method.Name"},
		{"a digit first", "1imbot", nil, "Method.Name"},
		{"an underscore first", "_imbot", nil, "Method.Name"},
		{"a dot first", ".imbot", nil, "Method.Name"},
		{"a dot last", "imbot.", nil, "Method.Name"},
		{"two dots", "imbot..list", nil, "Method.Name"},
		{"another alphabet", "imbot.bоt", nil, "Method.Name"},
		{"a list", "imbot.x", []int{1}, "request"},
		{"a scalar", "imbot.x", 5, "request"},
		{"what JSON has no form for", "imbot.x", make(chan int), "request"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			portal := imbottest.NewPortal(t)

			_, err := imbot.Call(t.Context(), portal.Client(), imbot.Method[any, string]{Name: tt.method}, tt.request)

			var paramErr *imbot.ParamError
			require.ErrorAs(t, err, &paramErr)
			assert.Equal(t, tt.param, paramErr.Param)
			assert.Empty(t, portal.Calls())
		})
	}
}

// A nil pointer is a request without parameters, and refused where those are required.
func TestCall_nilPointer(t *testing.T) {
	t.Parallel()
	portal := imbottest.NewPortal(t)
	portal.On("x.get", imbottest.Result(true))
	client := portal.Client()

	leave := imbot.Method[*imbot.ChatLeaveRequest, bool]{Name: "imbot.chat.leave", Validate: func(req *imbot.ChatLeaveRequest) error {
		return imbot.MethodChatLeave.Validate(*req)
	}}
	_, err := imbot.Call(t.Context(), client, leave, nil)
	var paramErr *imbot.ParamError
	require.ErrorAs(t, err, &paramErr)
	require.ErrorIs(t, err, imbot.ErrChatIDEmpty)
	batch := client.NewBatch()
	imbot.Queue(batch, leave, nil)
	require.ErrorIs(t, batch.Do(t.Context()), imbot.ErrChatIDEmpty)
	assert.Empty(t, portal.Calls())

	_, err = imbot.Call(t.Context(), client, imbot.Method[*struct{ A int }, bool]{Name: "x.get"}, nil)
	require.NoError(t, err)
	assert.Equal(t, "{}", string(portal.Calls()[0].Body))
}

// An empty array of PHP is a list, whatever it would be if it had something in it.
func TestCall_emptyMap(t *testing.T) {
	t.Parallel()
	portal := imbottest.NewPortal(t)
	portal.On("x.map", imbottest.Result([]string{}))
	portal.On("x.list", imbottest.Result([]string{"a"}))
	client := portal.Client()

	got, err := imbot.Call(t.Context(), client, imbot.Method[any, map[string]int]{Name: "x.map"}, nil)
	require.NoError(t, err)
	assert.Equal(t, map[string]int{}, got.Result)
	_, err = imbot.Call(t.Context(), client, imbot.Method[any, map[string]int]{Name: "x.list"}, nil)
	require.ErrorIs(t, err, imbot.ErrUnexpectedResult)
	_, err = imbot.Call(t.Context(), client, imbot.Method[any, struct{ A int }]{Name: "x.map"}, nil)
	require.ErrorIs(t, err, imbot.ErrUnexpectedResult)
}

// null is a result for a type that can hold it, and none for others.
func TestCall_null(t *testing.T) {
	t.Parallel()
	portal := imbottest.NewPortal(t)
	portal.On("x.get", imbottest.Result(nil))
	client := portal.Client()

	_, err := imbot.Call(t.Context(), client, imbot.Method[any, int]{Name: "x.get"}, nil)
	require.ErrorIs(t, err, imbot.ErrUnexpectedResult)
	_, err = imbot.Call(t.Context(), client, imbot.Method[any, imbot.ChatID]{Name: "x.get"}, nil)
	require.ErrorIs(t, err, imbot.ErrUnexpectedResult)
	pointer, err := imbot.Call(t.Context(), client, imbot.Method[any, *int]{Name: "x.get"}, nil)
	require.NoError(t, err)
	assert.Nil(t, pointer.Result)
}

func TestCall_endedContext(t *testing.T) {
	t.Parallel()
	portal := imbottest.NewPortal(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()

	_, err := portal.Client().Chat.Leave(ctx, clienttest.Leave13)

	require.ErrorIs(t, err, context.Canceled)
	require.NotErrorIs(t, err, imbot.ErrOutcomeUnknown)
	assert.Empty(t, portal.Calls())
}

package acceptance_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/imbottest"
	"github.com/seed-a6e4e5a4/imbot/imbotv2"
	"github.com/seed-a6e4e5a4/imbot/internal/clienttest"
)

// The body decides what an answer is, the status only where the body says nothing.
func TestAnswers(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name        string
		status      int
		contentType string
		body        string
		code        imbot.Code
		says        string // part of the description
		unknown     bool
	}{
		{name: "an error inside 200", status: 200, body: `{"error":"internal","error_description":"x"}`, code: "internal", says: "x"},
		{name: "an error beside a result: who knows", status: 200, body: `{"result":true,"error":"X"}`, code: "X", unknown: true},
		{name: "the same with a status that says no", status: 400, body: `{"result":true,"error":"X"}`, code: "X", unknown: true},
		{name: "the same in capitals", status: 200, body: `{"RESULT":true,"Error":"X"}`, code: "X", unknown: true},
		{name: "the same, escaped", status: 200, body: `{"result":true,"\u0065rror":"X"}`, code: "X", unknown: true},
		{name: "an error beside false", status: 400, body: `{"result":false,"error":"X"}`, code: "X", says: "contradicts itself", unknown: true},
		{name: "an error beside zero", status: 400, body: `{"result":0,"error":"X"}`, code: "X", unknown: true},
		{name: "an error beside data", status: 400, body: `{"result":[1],"error":"X"}`, code: "X", unknown: true},
		{name: "an error beside an empty list", status: 400, body: `{"result":[],"error":"X"}`, code: "X"},
		{name: "an error beside an empty object", status: 200, body: `{"error":"X","result":{ }}`, code: "X"},
		{name: "an error beside an empty text", status: 200, body: `{"error":"X","result":""}`, code: "X"},
		{name: "an error, and none", status: 200, body: `{"error":"X","error":null,"result":true}`, says: "contradicts itself", unknown: true},
		{name: "none, and an error", status: 200, body: `{"error":null,"error":"X","result":true}`, says: "contradicts itself", unknown: true},
		{name: "an error, and none in capitals", status: 200, body: `{"error":null,"ERROR":"X","result":true}`, says: "contradicts itself", unknown: true},
		{name: "two codes", status: 400, body: `{"error":"X","error":"Y","error_description":"d"}`, says: "d", unknown: true},
		{name: "two codes in an object", status: 400, body: `{"error":{"code":"X","code":"Y"}}`, says: "contradicts itself", unknown: true},
		{name: "twice the same error", status: 400, body: `{"error":"X","error":"X","result":[]}`, code: "X"},
		{name: "two descriptions", status: 400, body: `{"error":"X","error_description":"d","error_description":"e"}`, code: "X"},
		{name: "two results", status: 200, body: `{"result":false,"result":true}`, says: "contradicts itself", unknown: true},
		{name: "an error beside no result", status: 400, body: `{"result":null,"error":"X"}`, code: "X"},
		{name: "a result with a 4xx", status: 400, body: `{"result":true}`, unknown: true},
		{name: "an empty code", status: 400, body: `{"error":"","error_description":"User is not found"}`, says: "User is not found"},
		{name: "an empty code inside 200", status: 200, body: `{"error":"","error_description":"no"}`, says: "no"},
		{name: "a number", status: 400, body: `{"error":100,"error_description":"missing"}`, code: "100", says: "missing"},
		{name: "zero", status: 400, body: `{"error":0}`, code: "0"},
		{name: "a quoted number", status: 400, body: `{"error":"1048582"}`, code: "1048582"},
		{name: "an object", status: 400, body: `{"error":{"code":"V3","message":"Unknown property"}}`, code: "V3", says: "Unknown property"},
		{name: "an object without a message", status: 400, body: `{"error":{"code":7},"error_description":"d"}`, code: "7", says: "d"},
		{name: "an object with remarks that are an object", status: 401, body: `{"error":{"code":"expired_token","message":"m","validation":{}}}`, code: "expired_token", says: "m"},
		{name: "an object with a remark that is a text", status: 401, body: `{"error":{"code":"expired_token","message":"m","validation":"x"}}`, code: "expired_token", says: "m"},
		{name: "a list", status: 400, body: `{"error":["X"]}`},
		{name: "no description", status: 401, body: `{"error":"invalid_grant"}`, code: "invalid_grant"},
		{name: "a null description", status: 400, body: `{"error":"X","error_description":null}`, code: "X"},
		{name: "a description that is no text", status: 400, body: `{"error":"X","error_description":{"a":1}}`, code: "X"},
		{name: "PHP's escapes", status: 400, body: `{"error":"CHAT_ID_EMPTY","error_description":"Chat ID can\u0027t be empty"}`, code: "CHAT_ID_EMPTY", says: "can't"},
		{name: "a byte order mark", status: 400, body: "\xef\xbb\xbf{\"error\":\"X\"}", code: "X"},
		{name: "JSON as text/html", status: 400, contentType: "text/html", body: `{"error":"X"}`, code: "X"},
		{name: "a code that proves that a 503 did nothing", status: 503, body: `{"error":"OVERLOAD_LIMIT"}`, code: "OVERLOAD_LIMIT"},
		{name: "a 500 with a code that proves it", status: 500, body: `{"error":"PORTAL_DELETED"}`, code: "PORTAL_DELETED"},
		{name: "a 500 with a code that proves nothing", status: 500, body: `{"error":"INTERNAL_SERVER_ERROR"}`, code: "INTERNAL_SERVER_ERROR", unknown: true},
		{name: "a 500 with a code that nobody knows", status: 500, body: `{"error":"NEW"}`, code: "NEW", unknown: true},
		{name: "a database failure in the middle", status: 400, body: `{"error":"ERROR_CORE"}`, code: "ERROR_CORE", unknown: true},
		{name: "an answer that the portal could not write", status: 200, body: `{"error":"WRONG_ENCODING"}`, code: "WRONG_ENCODING", unknown: true},

		{name: "a 502 page", status: 502, contentType: "text/html; charset=UTF-8", body: "<html>Bad Gateway</html>", says: "text/html", unknown: true},
		{name: "a 504 without a word", status: 504, says: "empty", unknown: true},
		{name: "a login page", status: 200, contentType: "text/html", body: "<html>Login</html>", says: "text/html", unknown: true},
		{name: "nothing", status: 200, says: "empty", unknown: true},
		{name: "no content", status: 204, says: "empty", unknown: true},
		{name: "half of it", status: 200, body: `{"result":tr`, says: "not a whole JSON object", unknown: true},
		{name: "more than it", status: 200, body: `{"result":true}{"result":true}`, says: "not a whole JSON object", unknown: true},
		{name: "a bare true", status: 200, body: `true`, says: "not a whole JSON object", unknown: true},
		{name: "a list", status: 200, body: `[]`, says: "not a whole JSON object", unknown: true},
		{name: "a notice of PHP before it", status: 200, body: "<br />Notice: Undefined index\n{\"result\":true}", says: "not a whole JSON object", unknown: true},
		{name: "a firewall's page", status: 403, contentType: "text/html", body: "<html>Forbidden</html>", says: "text/html"},
		{name: "a 404 of another server", status: 404, contentType: "text/plain", body: "404 page not found", says: "text/plain"},
		{name: "a result with a status that says no", status: 500, body: `{"result":true}`, unknown: true},
		{name: "a result with a redirect", status: 302, body: `{"result":true}`, unknown: true},
		{name: "a type that is no type", status: 502, contentType: "<script>", body: "x", says: "not a whole JSON object", unknown: true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			portal := imbottest.NewPortal(t)
			contentType := tt.contentType
			if contentType == "" {
				contentType = "application/json"
			}
			portal.On("imbot.chat.leave", imbottest.Raw(tt.status, contentType, tt.body))

			response, err := portal.Client(clienttest.WithoutRepeats()...).Chat.Leave(t.Context(), clienttest.Leave13)

			assert.Nil(t, response)
			var apiErr *imbot.APIError
			require.ErrorAs(t, err, &apiErr)
			assert.Equal(t, tt.status, apiErr.StatusCode)
			assert.Equal(t, tt.code, apiErr.Code)
			assert.Contains(t, apiErr.Description, tt.says)
			assert.NotContains(t, apiErr.Description, "<")
			assert.Equal(t, tt.unknown, errors.Is(err, imbot.ErrOutcomeUnknown))
			assert.Len(t, portal.Calls(), 1)
		})
	}
}

func TestAnswers_details(t *testing.T) {
	t.Parallel()
	tests := map[string][]imbot.ErrorDetail{
		`{"error":"ERROR_ARGUMENT","error_description":"x","argument":"CRM_ENTITY"}`: {{Field: "CRM_ENTITY"}},
		`{"error":{"code":"V","message":"m","validation":[{"field":"title","message":"Required"},{"message":""}]}}`: {
			{Field: "title", Message: "Required"}, {},
		},
		`{"error":{"code":"V","message":"m","validation":["no title",["x"],{"field":"title"}]}}`: {{Message: "no title"}, {}, {Field: "title"}},
		`{"error":"X"}`: nil,
	}
	for body, want := range tests {
		portal := imbottest.NewPortal(t)
		portal.On("imbot.chat.leave", imbottest.Raw(400, "application/json", body))

		_, err := portal.Client().Chat.Leave(t.Context(), clienttest.Leave13)

		var apiErr *imbot.APIError
		require.ErrorAs(t, err, &apiErr)
		assert.Equal(t, want, apiErr.Details, body)
	}
}

// A result that says a thing twice, and differently, is not what any method documents.
func TestAnswers_resultsThatContradictThemselves(t *testing.T) {
	t.Parallel()
	v2 := func(client *imbot.Client) error {
		_, err := clienttest.V2(client).Chat.Leave(t.Context(), imbotv2.ChatLeaveRequest{BotID: 39, DialogID: "chat13"})
		return err
	}
	anything := func(client *imbot.Client) error {
		_, err := imbot.Call(t.Context(), client, imbot.Method[params, map[string]any]{Name: "imbot.x"}, params{})
		return err
	}
	preflight := func(client *imbot.Client) error {
		_, err := client.Chat.CanLeave(t.Context(), clienttest.Leave13)
		return err
	}
	members := func(client *imbot.Client) error {
		_, err := client.Chat.User.List(t.Context(), imbot.ChatUserListRequest{ChatID: 13})
		return err
	}
	tests := []struct {
		result  string
		call    func(*imbot.Client) error
		good    bool
		unknown bool
	}{
		{result: `{"result":true}`, call: v2, good: true},
		{result: `{"result":true,"result":true}`, call: v2, good: true},
		{result: `{"result":true,"result":false}`, call: v2, unknown: true},
		{result: `{"result":true,"Result":false}`, call: v2, unknown: true},
		{result: `{"result":true,"error":"X"}`, call: v2, unknown: true},
		{result: `{"result":true,"error":null}`, call: v2, good: true},
		{result: `{"a":{"b":[1]}}`, call: anything, good: true},
		{result: `{"a":{"b":[{"c":1,"c":2}]}}`, call: anything, unknown: true},
		{result: `{"owner":27,"restrictions":{"leave":true}}`, call: preflight, good: true},
		{result: `{"owner":27,"restrictions":{"leave":true,"leave":false}}`, call: preflight},
		{result: `{"0":27,"1":39}`, call: members, good: true},
		{result: `{"0":27,"0":39}`, call: members},
	}
	for _, tt := range tests {
		t.Run(tt.result, func(t *testing.T) {
			t.Parallel()
			client := clienttest.New(t, imbot.Webhook(secretURL), clienttest.Over(clienttest.Answering(200, `{"result":`+tt.result+`}`)))

			err := tt.call(client)

			if tt.good {
				require.NoError(t, err)
				return
			}
			require.ErrorIs(t, err, imbot.ErrUnexpectedResult)
			assert.Equal(t, tt.unknown, errors.Is(err, imbot.ErrOutcomeUnknown))
		})
	}
}

// A 429 is the rate limit, whatever its code. The error matches that code, too, but no situation of the method.
func TestAnswers_tooManyRequests(t *testing.T) {
	t.Parallel()
	tests := []struct {
		body string
		code imbot.Code
		is   bool
	}{
		{"", "", true},
		{"<html>", "", true},
		{`{"result":[]}`, "", true},
		{`{"error":""}`, "", true},
		{`{"error":"SLOW_DOWN"}`, "SLOW_DOWN", true},
		{`{"error":"WRONG_REQUEST"}`, "WRONG_REQUEST", true},
		{`{"error":{"code":"expired_token"}}`, "expired_token", true},
		{`{"error":"OPERATION_TIME_LIMIT"}`, "OPERATION_TIME_LIMIT", false},
		{`{"error":"OVERLOAD_LIMIT"}`, "OVERLOAD_LIMIT", false},
		{`{"error":"SLOW_DOWN","result":true}`, "SLOW_DOWN", false},
	}
	for _, tt := range tests {
		t.Run(tt.body, func(t *testing.T) {
			t.Parallel()
			limiter := &emptyingLimiter{}
			portal := imbottest.NewPortal(t)
			portal.On("imbot.chat.leave", imbottest.Raw(429, "text/html", tt.body))

			_, err := portal.Client(append(clienttest.WithoutRepeats(), imbot.WithLimiter(limiter))...).Chat.Leave(t.Context(), clienttest.Leave13)

			var refused *imbot.APIError
			require.ErrorAs(t, err, &refused)
			assert.Equal(t, tt.code, refused.Code)
			if tt.code != "" {
				require.ErrorIs(t, err, tt.code)
			}
			assert.Equal(t, tt.is, errors.Is(err, imbot.ErrQueryLimitExceeded))
			require.NotErrorIs(t, err, imbot.ErrNotInChat)
			assert.Equal(t, tt.is, limiter.emptied == 1)
			assert.Equal(t, strings.Contains(tt.body, "true"), errors.Is(err, imbot.ErrOutcomeUnknown))
		})
	}
}

// Retry-After counts for a 429 of whatever stands before the portal, as it does for a batch.
func TestAnswers_tooManyRequestsAreRepeatedInTime(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var times []time.Duration
		start := time.Now()
		client := clienttest.New(t, imbot.Webhook(secretURL), clienttest.Over(clienttest.RoundTrip(func(*http.Request) (*http.Response, error) {
			times = append(times, time.Since(start))
			if len(times)%2 == 1 {
				header := http.Header{"Retry-After": {"7"}, "Content-Type": {"text/html"}}
				return &http.Response{StatusCode: http.StatusTooManyRequests, Header: header, Body: io.NopCloser(strings.NewReader("<html>"))}, nil
			}
			return &http.Response{StatusCode: http.StatusOK, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(
				`{"result":{"result":{"c0":true},"result_error":[]}}`))}, nil
		})), imbot.WithLimiter(nil))
		batch := client.NewBatch()
		left := imbot.Queue(batch, imbot.MethodChatLeave, clienttest.Leave13)

		require.NoError(t, batch.Do(t.Context()))

		_, err := left.Result()
		require.NoError(t, err)
		assert.Equal(t, []time.Duration{0, 7 * time.Second}, times)
	})
}

// Whatever the portal sends: no panic, and never a success for an answer that has an error.
func FuzzAnswer(f *testing.F) {
	f.Add(200, `{"result":true,"time":{"start":1771946333,"operating":0}}`)
	f.Add(200, `{"error":"","result":true}`)
	f.Add(200, `{"error":"X","error":null,"result":true}`)
	f.Add(429, `{"result":[]}`)
	f.Add(400, `{"error":{"code":1,"message":[]},"error_description":7}`)
	f.Add(502, `<html>`)
	f.Add(200, `{"result":true,"time":[]}`)
	f.Add(302, ``)
	f.Fuzz(func(t *testing.T, status int, body string) {
		client := clienttest.New(t, imbot.Webhook(clienttest.WebhookURL), append(clienttest.WithoutRepeats(),
			clienttest.Over(clienttest.RoundTrip(func(*http.Request) (*http.Response, error) {
				return &http.Response{StatusCode: status, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(body))}, nil
			})))...)

		response, err := client.Chat.Leave(t.Context(), clienttest.Leave13)
		if err != nil {
			assert.Nil(t, response)
			_ = fmt.Sprintf("%v %+v %#v", err, err, err)
			return
		}
		assert.True(t, response.Result)
		assert.GreaterOrEqual(t, status, 200)
		assert.Less(t, status, 300)
		var members struct{ Error json.RawMessage }
		require.NoError(t, json.Unmarshal([]byte(strings.TrimPrefix(body, "\xef\xbb\xbf")), &members))
		assert.True(t, members.Error == nil || string(members.Error) == "null", "%q has an error", body)
	})
}

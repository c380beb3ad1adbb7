package imbottest_test

import (
	"context"
	"encoding/json"
	"fmt"
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

const (
	batchPath = "/rest/1/s3cr3t00/batch"
	leave39   = "imbot.chat.leave?CHAT_ID=13&BOT_ID=39&CLIENT_ID=my"
	chatless  = "imbot.chat.leave?BOT_ID=39&CLIENT_ID=my"
	toGeneral = "imbot.chat.leave?CHAT_ID=1&BOT_ID=39&CLIENT_ID=my"
	list13    = "imbot.chat.user.list?CHAT_ID=13&BOT_ID=39&CLIENT_ID=my"
)

func batchOf(body string) request {
	return request{method: http.MethodPost, path: batchPath, header: http.Header{"Content-Type": {"application/json"}}, body: body}
}

// errorOf is how a failed command is written, without the escapes for slashes and quotes.
func errorOf(code, description string) string {
	return fmt.Sprintf(`{"error":%q,"error_description":%q}`, code, description)
}

var (
	emptyChat = errorOf("CHAT_ID_EMPTY", "Chat ID can't be empty")
	general   = errorOf("ACCESS_ERROR", "Action unavailable")
	stranger  = errorOf("ACCESS_DENIED_KICK", "Access denied to kick user from chat")
	noMethods = errorOf("ERROR_METHOD_NOT_FOUND", "Method not found!")
	notInside = errorOf("ERROR_BATCH_METHOD_NOT_ALLOWED", "Method is not allowed for batch usage")
	tooLong   = errorOf("ERROR_BATCH_LENGTH_EXCEEDED", "Max batch length exceeded")
	noClient  = errorOf("ACCESS_DENIED", "Access denied! Client ID not specified")
)

// parts are those of a batch's answer, as they are written.
type parts struct {
	Results json.RawMessage `json:"result"`
	Errors  json.RawMessage `json:"result_error"`
	Totals  json.RawMessage `json:"result_total"`
	Nexts   json.RawMessage `json:"result_next"`
	Times   json.RawMessage `json:"result_time"`
}

func partsOf(t *testing.T, got answer) parts {
	t.Helper()
	require.Equal(t, http.StatusOK, got.status, got.body)
	var envelope struct {
		Result parts           `json:"result"`
		Time   json.RawMessage `json:"time"`
	}
	require.NoError(t, json.Unmarshal([]byte(got.body), &envelope))
	require.NotEmpty(t, envelope.Time)
	return envelope.Result
}

func TestBatch(t *testing.T) {
	t.Parallel()
	many := make([]string, 51)
	for i := range many {
		many[i] = list13
	}
	fifty := `"` + strings.Join(many[:50], `","`) + `"`
	tests := []struct {
		name    string
		request request
		opts    []imbottest.Option
		results string // as written, or
		count   int    // how many of them
		errors  string
	}{
		{name: "80 one good, one bad", request: batchOf(`{"cmd":{"a":"` + leave39 + `","b":"` + chatless + `"}}`), results: `{"a":true}`, errors: `{"b":` + emptyChat + `}`},
		{name: "80 keys in lower and upper case", request: batchOf(`{"CMD":{"a":"` + leave39 + `"},"Halt":0}`), results: `{"a":true}`, errors: `[]`},
		{name: "80 a form", request: request{method: http.MethodPost, path: batchPath, header: http.Header{"Content-Type": {form}}, body: "cmd[a]=" + url.QueryEscape(leave39)}, results: `{"a":true}`, errors: `[]`},
		{name: "80 a query", request: request{method: http.MethodGet, path: batchPath + "?cmd[a]=" + url.QueryEscape(leave39)}, results: `{"a":true}`, errors: `[]`},
		{name: "80 the method in capitals", request: batchOf(`{"cmd":{"a":"IMBOT.Chat.Leave?CHAT_ID=13&CLIENT_ID=my"}}`), results: `{"a":true}`, errors: `[]`},
		{name: "81 a list, all good", request: batchOf(`{"cmd":["` + list13 + `","` + leave39 + `"]}`), results: `[[1,39,50],true]`, errors: `[]`},
		{name: "81 numbers for names", request: batchOf(`{"cmd":{"0":"` + list13 + `","1":"` + leave39 + `"}}`), results: `[[1,39,50],true]`, errors: `[]`},
		{name: "82 a list, the first bad", request: batchOf(`{"cmd":["` + chatless + `","` + leave39 + `"]}`), results: `{"1":true}`, errors: `[` + emptyChat + `]`},
		{name: "83 all bad", request: batchOf(`{"cmd":{"a":"` + chatless + `"}}`), results: `[]`, errors: `{"a":` + emptyChat + `}`},
		{name: "84 51 commands", request: batchOf(`{"cmd":[` + fifty + `,"` + leave39 + `"]}`), count: 50, errors: `{"50":` + tooLong + `}`},
		{name: "84 what is no text counts", request: batchOf(`{"cmd":[5,` + fifty + `]}`), count: 49, errors: `{"50":` + tooLong + `}`},
		{name: "85 halt", request: batchOf(`{"halt":1,"cmd":{"a":"` + chatless + `","b":"` + leave39 + `","c":"` + leave39 + `"}}`), results: `[]`, errors: `{"a":` + emptyChat + `}`},
		{name: "85 no halt", request: batchOf(`{"halt":"0","cmd":{"a":"` + chatless + `","b":"` + leave39 + `"}}`), results: `{"b":true}`, errors: `{"a":` + emptyChat + `}`},
		{name: "85 halt at a batch", request: batchOf(`{"halt":true,"cmd":{"a":"batch","b":"` + leave39 + `"}}`), results: `[]`, errors: `{"a":` + notInside + `}`},
		{name: "86 halt is a text", request: batchOf(`{"halt":"false","cmd":{"a":"` + chatless + `","b":"` + leave39 + `"}}`), results: `[]`, errors: `{"a":` + emptyChat + `}`},
		{name: "87 batch in batch", request: batchOf(`{"cmd":{"a":"batch?halt=1","b":"upload","c":"` + leave39 + `"}}`), results: `{"c":true}`, errors: `{"a":` + notInside + `,"b":` + notInside + `}`},
		{name: "88 the client id outside", request: batchOf(`{"CLIENT_ID":"my","BOT_ID":39,"cmd":{"a":"imbot.chat.leave?CHAT_ID=13"}}`), results: `[]`, errors: `{"a":` + noClient + `}`},
		{name: "90 no commands", request: batchOf(`{}`), results: `[]`, errors: `[]`},
		{name: "90 commands that are a text", request: batchOf(`{"cmd":"` + leave39 + `"}`), results: `[]`, errors: `[]`},
		{name: "90 a command that is no text", request: batchOf(`{"cmd":{"a":{"method":"x"}}}`), results: `[]`, errors: `[]`},
		{name: "91 the operating limit", opts: []imbottest.Option{imbottest.WithOperatingLimit(time.Second), imbottest.WithCost(imbottest.ConstantCost(time.Second))}, request: batchOf(`{"cmd":{"a":"` + leave39 + `","b":"` + leave39 + `"}}`), results: `{"a":true}`, errors: `{"b":` + errorOf("OPERATION_TIME_LIMIT", "Method is blocked due to operation time limit.") + `}`},
		{name: "92 a reference to what failed", request: batchOf(`{"cmd":{"x":"` + chatless + `","y":"` + list13 + `","z":"imbot.chat.leave?CHAT_ID=$result[x]&BOT_ID=39&CLIENT_ID=my"}}`), results: `{"y":[1,39,50]}`, errors: `{"x":` + emptyChat + `,"z":` + general + `}`},
		{name: "92 a reference, and nothing has succeeded", request: batchOf(`{"cmd":{"x":"` + chatless + `","z":"imbot.chat.leave?CHAT_ID=$RESULT[x]&BOT_ID=39&CLIENT_ID=my"}}`), results: `[]`, errors: `{"x":` + emptyChat + `,"z":` + emptyChat + `}`},
		{name: "92 a reference to true", request: batchOf(`{"cmd":{"x":"` + leave39 + `","z":"imbot.chat.leave?CHAT_ID=$result[x]&BOT_ID=39&CLIENT_ID=my"}}`), results: `{"x":true}`, errors: `{"z":` + general + `}`},
		{name: "92 a reference that leads on", request: batchOf(`{"cmd":{"x":"` + list13 + `","z":"imbot.chat.leave?CHAT_ID=$result[x][0]&BOT_ID=39&CLIENT_ID=my"}}`), results: `{"x":[1,39,50]}`, errors: `{"z":` + general + `}`},
		{name: "92 a reference within a text", request: batchOf(`{"cmd":{"x":"` + list13 + `","z":"imbot.chat.leave?CHAT_ID=$result[x][0]3&BOT_ID=39&CLIENT_ID=my"}}`), results: `{"x":[1,39,50],"z":true}`, errors: `[]`},
		{name: "92 within a text, to no text", request: batchOf(`{"cmd":{"x":"` + list13 + `","z":"imbot.chat.leave?CHAT_ID=13 $result[x]&BOT_ID=39&CLIENT_ID=my"}}`), results: `{"x":[1,39,50],"z":true}`, errors: `[]`},
		{name: "92 what only looks like one", request: batchOf(`{"cmd":{"z":"imbot.chat.leave?CHAT_ID=13$results[x]$result$result[&BOT_ID=39&CLIENT_ID=my"}}`), results: `{"z":true}`, errors: `[]`},
		{name: "a number sign cuts", request: batchOf(`{"cmd":{"a":"imbot.chat.leave?CHAT_ID=13&CLIENT_ID=my#&CHAT_ID=1"}}`), results: `{"a":true}`, errors: `[]`},
		{name: "a plus is a space", request: batchOf(`{"cmd":{"a":"imbot.chat.leave?CHAT_ID=+13&CLIENT_ID=%6dy"}}`), results: `{"a":true}`, errors: `[]`},
		{name: "a method without parameters", request: batchOf(`{"cmd":{"a":"imbot.chat.leave"}}`), results: `[]`, errors: `{"a":` + emptyChat + `}`},
		{name: "later commands see what earlier ones did", request: batchOf(`{"cmd":{"a":"` + leave39 + `","b":"` + leave39 + `"}}`), results: `{"a":true}`, errors: `{"b":` + stranger + `}`},
		{name: "no stale codes", request: batchOf(`{"cmd":{"a":"` + leave39 + `","b":"` + leave39 + `","c":"` + chatless + `"}}`), results: `{"a":true}`, errors: `{"b":` + stranger + `,"c":` + emptyChat + `}`},
		{name: "stale codes", opts: []imbottest.Option{imbottest.StaleCodes()}, request: batchOf(`{"cmd":{"a":"` + leave39 + `","b":"` + leave39 + `","c":"` + chatless + `"}}`), results: `{"a":true}`, errors: `{"b":` + stranger + `,"c":` + stranger + `}`},
		{name: "no scope", request: request{method: http.MethodPost, path: "/rest/1/nosc0pe0/batch", header: http.Header{"Content-Type": {"application/json"}}, body: `{"cmd":{"a":"` + leave39 + `"}}`}, results: `[]`, errors: `{"a":` + errorOf("insufficient_scope", "") + `}`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			portal := imbottest.NewPortal(t, tt.opts...)

			got := partsOf(t, send(t, portal, tt.request))

			if tt.results != "" {
				assert.Equal(t, tt.results, string(got.Results))
			} else {
				assert.Equal(t, tt.count, strings.Count(string(got.Results), "[1,39,50]"))
				assert.Equal(t, tt.count, strings.Count(string(got.Times), `"start"`))
			}
			assert.Equal(t, tt.errors, strings.ReplaceAll(string(got.Errors), `\u0027`, "'"))
			assert.Equal(t, "[]", string(got.Totals))
			assert.Equal(t, "[]", string(got.Nexts))
			if string(got.Results) == "[]" {
				assert.Equal(t, "[]", string(got.Times), "only results have times")
			}
		})
	}
}

func TestBatch_asAWhole(t *testing.T) {
	t.Parallel()
	body := `{"cmd":{"a":"` + leave39 + `"}}`
	t.Run("89 bad credentials", func(t *testing.T) {
		t.Parallel()
		got := send(t, imbottest.NewPortal(t), request{method: http.MethodPost, path: "/rest/1/bad/batch", header: http.Header{"Content-Type": {"application/json"}}, body: body})
		assert.Equal(t, http.StatusUnauthorized, got.status)
		assert.Contains(t, got.body, "INVALID_CREDENTIALS")
	})
	t.Run("an unknown method", func(t *testing.T) {
		t.Parallel()
		got := partsOf(t, send(t, started(t), batchOf(`{"cmd":{"a":"imbot.nothing?x=1"}}`)))
		assert.Equal(t, `{"a":`+noMethods+`}`, string(got.Errors))
	})
	t.Run("one drop in the bucket", func(t *testing.T) {
		t.Parallel()
		portal := imbottest.NewPortal(t, imbottest.WithRateLimit(0.001, 2))
		two := batchOf(`{"cmd":["` + list13 + `","` + list13 + `"]}`)
		for range 2 {
			assert.Equal(t, http.StatusOK, send(t, portal, two).status)
		}
		assert.Equal(t, http.StatusServiceUnavailable, send(t, portal, two).status)
	})
	t.Run("the journal has the commands after their batch", func(t *testing.T) {
		t.Parallel()
		portal := imbottest.NewPortal(t)
		send(t, portal, batchOf(`{"cmd":{"a":"`+leave39+`","b":"`+chatless+`"}}`))
		calls := portal.Calls()
		require.Len(t, calls, 3)
		assert.Equal(t, "batch", calls[0].Method)
		assert.Empty(t, calls[0].Label)
		assert.Equal(t, "a", calls[1].Label)
		assert.Equal(t, map[string]any{"CHAT_ID": "13", "BOT_ID": "39", "CLIENT_ID": "my"}, calls[1].Params)
		assert.Empty(t, calls[1].Code)
		assert.Equal(t, "CHAT_ID_EMPTY", calls[2].Code)
		assert.Len(t, portal.Calls("imbot.chat.leave"), 2)
	})
	t.Run("the journal forgets", func(t *testing.T) {
		t.Parallel()
		portal := imbottest.NewPortal(t, imbottest.KeepCalls(3))
		for range 20 {
			send(t, portal, batchOf(`{"cmd":{"a":"`+list13+`"}}`))
		}
		calls := portal.Calls()
		require.Len(t, calls, 3)
		assert.Equal(t, "a", calls[2].Label)
	})
	t.Run("answers that were prepared", func(t *testing.T) {
		t.Parallel()
		portal := imbottest.NewPortal(t)
		portal.On("imbot.chat.leave", imbottest.Result("yes"), imbottest.Refuse(403, "ACCESS_ERROR", "no"), imbottest.Raw(502, "text/html", "<html>"))
		portal.On("imbot.other", imbottest.Result(nil))
		got := partsOf(t, send(t, portal, batchOf(`{"cmd":{"a":"`+leave39+`","b":"`+leave39+`","c":"imbot.other"}}`)))
		assert.Equal(t, `{"a":"yes","c":null}`, string(got.Results))
		assert.Equal(t, `{"b":`+errorOf("ACCESS_ERROR", "no")+`}`, string(got.Errors))
		assert.Equal(t, http.StatusBadGateway, send(t, portal, batchOf(`{"cmd":{"a":"`+leave39+`"}}`)).status, "a page is that of the whole batch")
	})
}

func TestBatch_time(t *testing.T) {
	t.Parallel()
	used := func(t *testing.T, raw json.RawMessage) map[string]float64 {
		t.Helper()
		var times map[string]struct {
			Operating float64 `json:"operating"`
			ResetAt   int64   `json:"operating_reset_at"`
		}
		require.NoError(t, json.Unmarshal(raw, &times))
		counters := map[string]float64{}
		for label, time := range times {
			assert.Positive(t, time.ResetAt)
			counters[label] = time.Operating
		}
		return counters
	}
	three := batchOf(`{"cmd":{"a":"` + list13 + `","b":"` + leave39 + `","c":"` + list13 + `"}}`)
	slow := func(opts ...imbottest.Option) []imbottest.Option {
		return append(opts, imbottest.CostTakesTime(), imbottest.WithCost(imbottest.ConstantCost(20*time.Second)), imbottest.WithOperatingLimit(time.Minute))
	}

	t.Run("one after the other, each on its own account", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			portal := imbottest.NewPortal(t, slow()...)
			start := time.Now()
			got := send(t, portal, three)
			assert.Equal(t, time.Minute, time.Since(start))
			assert.Equal(t, map[string]float64{"a": 20, "b": 20, "c": 40}, used(t, partsOf(t, got).Times))
			assert.Contains(t, got.body, `"operating":0}`, "the batch itself costs nothing")
		})
	})
	t.Run("on the account of the batch", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			portal := imbottest.NewPortal(t, slow(imbottest.ChargeBatch())...)
			got := send(t, portal, three)
			assert.Contains(t, got.body, `"operating":60}`)
			again := send(t, portal, three)
			assert.Equal(t, http.StatusTooManyRequests, again.status)
			assert.Contains(t, again.body, "OPERATION_TIME_LIMIT")
			assert.Equal(t, http.StatusOK, send(t, portal, leave(botTrue).at("/rest/1/s3cr3t00/imbot.chat.user.list")).status, "single calls have their own")
		})
	})
	t.Run("cut", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			portal := imbottest.NewPortal(t, slow(imbottest.WithRequestLimit(50*time.Second))...)
			start := time.Now()
			got := send(t, portal, batchOf(`{"cmd":{"a":"`+list13+`","b":"`+list13+`","c":"`+leave39+`","d":"imbot.chat.leave?CHAT_ID=15&CLIENT_ID=my"}}`))
			assert.Equal(t, http.StatusGatewayTimeout, got.status)
			assert.Equal(t, 50*time.Second, time.Since(start))
			assert.False(t, portal.Has(13, imbottest.BotMain), "what had begun is done")
			assert.True(t, portal.Has(15, imbottest.BotMain), "what had not is not")
			assert.Equal(t, http.StatusOK, send(t, portal, leave(botTrue).at("/rest/1/s3cr3t00/imbot.chat.user.list")).status)
		})
	})
	t.Run("a caller who has gone", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			portal := imbottest.NewPortal(t, slow()...)
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			defer cancel()
			body := `{"cmd":{"a":"` + list13 + `","b":"` + leave39 + `"}}`
			req, err := http.NewRequestWithContext(ctx, http.MethodPost, portal.WebhookURL()+"batch", strings.NewReader(body))
			require.NoError(t, err)
			req.Header.Set("Content-Type", "application/json")
			_, err = portal.HTTPClient().Do(req) //nolint:bodyclose // there is no answer
			require.ErrorIs(t, err, context.DeadlineExceeded)
			assert.False(t, portal.Has(13, imbottest.BotMain), "the portal goes on without")
		})
	})
}

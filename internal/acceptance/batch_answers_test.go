package acceptance_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/imbottest"
	"github.com/seed-a6e4e5a4/imbot/internal/clienttest"
)

// twoLeaves sends a batch of two leaves, and answers it with a body.
func twoLeaves(t *testing.T, body string) (first, second *imbot.Queued[bool], err error) {
	t.Helper()
	portal := imbottest.NewPortal(t)
	portal.On("batch", imbottest.Raw(200, "application/json", body))
	batch := portal.Client().NewBatch()
	first = imbot.Queue(batch, imbot.MethodChatLeave, clienttest.Leave13)
	second = imbot.Queue(batch, imbot.MethodChatLeave, imbot.ChatLeaveRequest{ChatID: 14, BotID: 39})
	return first, second, batch.Do(t.Context())
}

// The outcome of a command is what the answer says of it: without a result there is no success.
func TestBatch_answers(t *testing.T) {
	t.Parallel()
	unknown := []error{imbot.ErrOutcomeUnknown, imbot.ErrUnexpectedResult}
	tests := []struct {
		name          string
		body          string
		whole         bool    // the batch itself has an error
		first, second []error // nil: a success
	}{
		{name: "both", body: `{"result":{"result":{"c0":true,"c1":true},"result_error":[]}}`},
		{name: "both in a list", body: `{"result":{"result":[true,true],"result_error":[]}}`},
		{name: "both by their places", body: `{"result":{"result":{"0":true,"1":true},"result_error":[]}}`},
		{name: "one, and one refused", body: `{"result":{"result":{"c0":true},"result_error":{"c1":{"error":"BOT_ID_ERROR","error_description":"Bot not found"}}}}`, second: []error{imbot.ErrBotID}},
		{name: "refused in a list", body: `{"result":{"result":{"1":true},"result_error":[{"error":"BOT_ID_ERROR"}]}}`, first: []error{imbot.ErrBotID}},
		{name: "refused by a bare code", body: `{"result":{"result":{"c0":true},"result_error":{"c1":"ACCESS_ERROR"}}}`, second: []error{imbot.ErrAccess}},
		{name: "refused by a bare text", body: `{"result":{"result":{"c0":true},"result_error":{"c1":"There was an error"}}}`, second: []error{imbot.Code("")}},
		{name: "refused by an empty code", body: `{"result":{"result":{"c0":true},"result_error":{"c1":{"error":"","error_description":"no"}}}}`, second: []error{imbot.Code("")}},
		{name: "refused by a number", body: `{"result":{"result":{"c0":true},"result_error":{"c1":{"error":100}}}}`, second: []error{imbot.Code("100")}},
		{name: "refused by an object", body: `{"result":{"result":{"c0":true},"result_error":{"c1":{"error":{"code":"ACCESS_ERROR","message":"x"}}}}}`, second: []error{imbot.ErrAccess}},
		{name: "refused by a description alone", body: `{"result":{"result":{"c0":true},"result_error":{"c1":{"error_description":"no"}}}}`, second: []error{imbot.Code("")}},
		{name: "refused by an empty object", body: `{"result":{"result":{"c0":true},"result_error":{"c1":{}}}}`, second: []error{imbot.Code("")}},
		{name: "refused by false", body: `{"result":{"result":{"c0":true},"result_error":{"c1":false}}}`, second: []error{imbot.Code("false")}},
		{name: "refused, with the situation", body: `{"result":{"result":[],"result_error":{"c0":{"error":"ACCESS_DENIED_KICK","error_description":"x"},"c1":{"error":"ACCESS_ERROR","error_description":"Action unavailable"}}}}`, first: []error{imbot.ErrNotInChat}, second: []error{imbot.ErrActionUnavailable}},
		{name: "an error that is null is none", body: `{"result":{"result":{"c0":true,"c1":true},"result_error":{"c1":null}}}`},
		{name: "neither", body: `{"result":{"result":{"c0":true},"result_error":[]}}`, second: []error{imbot.ErrNotExecuted}},
		{name: "neither, in a list", body: `{"result":{"result":[true],"result_error":[]}}`, second: []error{imbot.ErrNotExecuted}},
		{name: "other labels", body: `{"result":{"result":{"a":true,"b":true},"result_error":[]}}`, first: unknown, second: unknown},
		{name: "no trace of any", body: `{"result":{"result":[],"result_error":[],"result_total":[],"result_next":[],"result_time":[]}}`, first: []error{imbot.ErrNotExecuted}, second: []error{imbot.ErrNotExecuted}},
		{name: "timed, and no result", body: `{"result":{"result":[],"result_error":[],"result_time":{"c0":{"duration":0.0032}}}}`, first: unknown, second: []error{imbot.ErrNotExecuted}},
		{name: "timed in a list, and no result", body: `{"result":{"result":[],"result_error":[],"result_time":[{"duration":0.0032}]}}`, first: unknown, second: []error{imbot.ErrNotExecuted}},
		{name: "counted, and no result", body: `{"result":{"result":{"c0":true},"result_error":[],"result_total":{"c1":5}}}`, second: unknown},
		{name: "with a next, and no result", body: `{"result":{"result":{"c0":true},"result_error":[],"result_next":{"c1":50}}}`, second: unknown},
		{name: "before one that has a result", body: `{"result":{"result":{"c1":true},"result_error":[]}}`, first: unknown},
		{name: "before one that was refused", body: `{"result":{"result":[],"result_error":{"c1":{"error":"ACCESS_ERROR"}}}}`, first: unknown, second: []error{imbot.ErrAccess}},
		{name: "refused, and timed", body: `{"result":{"result":{"c0":true},"result_error":{"c1":{"error":"ACCESS_ERROR"}},"result_time":{"c1":{"duration":0.0032}}}}`, second: []error{imbot.ErrAccess}},
		{name: "refused at the door, and timed", body: `{"result":{"result":{"c0":true},"result_error":{"c1":{"error":"QUERY_LIMIT_EXCEEDED"}},"result_time":{"c1":{"duration":0.0032}}}}`, second: []error{imbot.ErrQueryLimitExceeded, imbot.ErrOutcomeUnknown}},
		{name: "an empty result and an error", body: `{"result":{"result":{"c0":true,"c1":[]},"result_error":{"c1":{"error":"ACCESS_ERROR"}}}}`, second: []error{imbot.ErrAccess}},
		{name: "twice the same", body: `{"result":{"result":{"c0":true,"c1":true,"c1":true},"result_error":[]}}`},
		{name: "two results", body: `{"result":{"result":{"c0":true,"c1":true,"c1":false},"result_error":[]}}`, second: unknown},
		{name: "two results, by label and by place", body: `{"result":{"result":{"c0":true,"c1":true,"1":false},"result_error":[]}}`, second: unknown},
		{name: "an error and none", body: `{"result":{"result":{"c0":true,"c1":true},"result_error":{"c1":{"error":"ACCESS_ERROR"},"c1":null}}}`, second: []error{imbot.ErrOutcomeUnknown}},
		{name: "two codes", body: `{"result":{"result":{"c0":true},"result_error":{"c1":{"error":"ACCESS_ERROR","error":"BOT_ID_ERROR"}}}}`, second: []error{imbot.ErrOutcomeUnknown}},
		{name: "errors twice", body: `{"result":{"result":{"c0":true,"c1":true},"result_error":{"c1":"X"},"result_error":[]}}`, whole: true, first: unknown, second: unknown},
		{name: "results twice", body: `{"result":{"result":{"c0":true,"c1":true},"result":[],"result_error":[]}}`, whole: true, first: unknown, second: unknown},
		{name: "result and error at once", body: `{"result":{"result":{"c0":true,"c1":true},"result_error":{"c1":{"error":"ACCESS_ERROR"}}}}`, second: []error{imbot.ErrAccess, imbot.ErrOutcomeUnknown}},
		{name: "an error of after the act", body: `{"result":{"result":{"c0":true},"result_error":{"c1":{"error":"INTERNAL_SERVER_ERROR"}}}}`, second: []error{imbot.ErrInternalServer, imbot.ErrOutcomeUnknown}},
		{name: "null for a result", body: `{"result":{"result":{"c0":true,"c1":null},"result_error":[]}}`, second: unknown},
		{name: "false for a result", body: `{"result":{"result":{"c0":true,"c1":false},"result_error":[]}}`, second: []error{imbot.ErrUnexpectedResult}},
		{name: "a text for a result", body: `{"result":{"result":{"c0":true,"c1":"true"},"result_error":[]}}`, second: unknown},
		{name: "no errors to be read", body: `{"result":{"result":{"c0":true}}}`, second: unknown},
		{name: "errors that are a text", body: `{"result":{"result":{"c0":true},"result_error":"x"}}`, second: unknown},
		{name: "results that are a text", body: `{"result":{"result":"x","result_error":{"c1":{"error":"ACCESS_ERROR"}}}}`, first: unknown, second: []error{imbot.ErrAccess}},
		{name: "no results", body: `{"result":{"result_error":{"c1":{"error":"ACCESS_ERROR"}}}}`, first: unknown, second: []error{imbot.ErrAccess}},
		{name: "true", body: `{"result":true}`, whole: true, first: unknown, second: unknown},
		{name: "null", body: `{"result":null}`, whole: true, first: unknown, second: unknown},
		{name: "a list", body: `{"result":[true,true]}`, whole: true, first: unknown, second: unknown},
		{name: "an object without parts", body: `{"result":{"c0":true}}`, whole: true, first: unknown, second: unknown},
		{name: "no result", body: `{"time":{}}`, whole: true, first: unknown, second: unknown},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			first, second, err := twoLeaves(t, tt.body)
			assert.Equal(t, tt.whole, err != nil, "%v", err)
			for i, q := range []*imbot.Queued[bool]{first, second} {
				response, err := q.Result()
				want := [][]error{tt.first, tt.second}[i]
				if want == nil {
					require.NoError(t, err)
					assert.True(t, response.Result)
					continue
				}
				assert.Nil(t, response)
				leavesOpen := false
				for _, target := range want {
					require.ErrorIs(t, err, target)
					leavesOpen = leavesOpen || target == imbot.ErrOutcomeUnknown //nolint:errorlint // a row
				}
				assert.Equal(t, leavesOpen, errors.Is(err, imbot.ErrOutcomeUnknown), "%v", err)
			}
		})
	}
}

// Null is a success where the type has room for it, as in a single call.
func TestBatch_nullResults(t *testing.T) {
	t.Parallel()
	portal := imbottest.NewPortal(t)
	portal.On("batch", imbottest.Raw(200, "application/json", `{"result":{"result":{"c0":null,"c1":null,"c2":null},"result_error":[]}}`))
	batch := portal.Client().NewBatch()
	pointer := imbot.Queue(batch, imbot.Method[params, *int]{Name: "x.get"}, params{})
	raw := imbot.Queue(batch, imbot.Method[params, json.RawMessage]{Name: "x.get"}, params{})
	chat := imbot.Queue(batch, imbot.MethodChatGet, imbot.ChatGetRequest{EntityType: "CRM", EntityID: "LEAD|404"})
	require.NoError(t, batch.Do(t.Context()))

	got, err := pointer.Result()
	require.NoError(t, err)
	assert.Nil(t, got.Result)
	text, err := raw.Result()
	require.NoError(t, err)
	assert.Equal(t, "null", string(text.Result))
	_, err = chat.Result()
	require.ErrorIs(t, err, imbot.ErrNotFound)
}

func TestBatch_timeOfEachCommand(t *testing.T) {
	t.Parallel()
	first, second, err := twoLeaves(t, `{"result":{"result":{"c0":true,"c1":true},"result_error":[],"result_time":{"c0":{"duration":0.25,"operating":1.5},"c1":[]}}}`)
	require.NoError(t, err)
	got, err := first.Result()
	require.NoError(t, err)
	assert.Equal(t, imbot.Time{Duration: 250 * time.Millisecond, HasOperating: true, Operating: 1500 * time.Millisecond}, got.Time)
	got, err = second.Result()
	require.NoError(t, err)
	assert.Zero(t, got.Time)
}

// A batch as a whole is sent, repeated and refused like a single call.
func TestBatch_asAWhole(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name     string
		fault    imbottest.Fault
		reads    bool
		requests int
		is       []error
	}{
		{name: "good", requests: 1},
		{name: "lost after the act", fault: imbottest.LoseAfter(), requests: 1, is: []error{imbot.ErrOutcomeUnknown}},
		{name: "lost before the act", fault: imbottest.LoseBefore(), requests: 1, is: []error{imbot.ErrOutcomeUnknown}},
		{name: "a page", fault: imbottest.HTMLAfter(504), requests: 1, is: []error{imbot.ErrOutcomeUnknown}},
		{name: "half an answer", fault: imbottest.CutJSON(7), requests: 1, is: []error{imbot.ErrOutcomeUnknown}},
		{name: "reads, lost", fault: imbottest.LoseAfter(), reads: true, requests: 2},
		{name: "the rate limit", fault: imbottest.Inside200("QUERY_LIMIT_EXCEEDED", ""), requests: 2},
		{name: "overload", fault: imbottest.Inside200("OVERLOAD_LIMIT", ""), requests: 1, is: []error{imbot.ErrOverloadLimit}},
		{name: "a redirect", fault: imbottest.RedirectTo("https://untrusted.invalid/rest/"), requests: 1, is: []error{new(imbot.RedirectError)}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				portal := imbottest.NewPortal(t)
				portal.Fault("batch", tt.fault)
				batch := clienttest.ForBot(portal).NewBatch()
				var left *imbot.Queued[bool]
				if !tt.reads {
					left = imbot.Queue(batch, imbot.MethodChatLeave, clienttest.Leave13)
				}
				list := imbot.Queue(batch, imbot.MethodChatUserList, imbot.ChatUserListRequest{ChatID: 13, BotID: 39})

				err := batch.Do(t.Context())

				assert.Len(t, portal.Calls("batch"), tt.requests)
				_, listErr := list.Result()
				assert.Equal(t, err, listErr)
				if left != nil {
					_, leftErr := left.Result()
					assert.Equal(t, err, leftErr)
				}
				if tt.is == nil {
					require.NoError(t, err)
				}
				for _, target := range tt.is {
					if _, ok := target.(*imbot.RedirectError); ok { //nolint:errorlint // a row
						require.ErrorAs(t, err, new(*imbot.RedirectError))
						continue
					}
					require.ErrorIs(t, err, target)
				}
			})
		})
	}
}

// An expired token is replaced once, and the whole batch sent again: nothing of it was executed.
func TestBatch_refresh(t *testing.T) {
	t.Parallel()
	portal := imbottest.NewPortal(t)
	client := portal.OAuthClient(clienttest.Refresher(
		func(context.Context) (string, error) { return imbottest.TokenExpired, nil },
		func(context.Context, string) (string, error) { return imbottest.TokenOK, nil },
	))
	batch := client.NewBatch()
	left := imbot.Queue(batch, imbot.MethodChatLeave, imbot.ChatLeaveRequest{ChatID: 13, BotID: imbottest.BotOfApp})
	require.NoError(t, batch.Do(t.Context()))
	_, err := left.Result()
	require.NoError(t, err)
	assert.Len(t, portal.Calls("batch"), 2)
	assert.Len(t, portal.Calls("imbot.chat.leave"), 1)
}

// A method that is blocked in a batch is blocked for single calls, too.
func TestBatch_operatingLimitOfACommand(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		portal := imbottest.NewPortal(t, imbottest.CostTakesTime(), imbottest.WithOperatingLimit(20*time.Second), imbottest.WithCost(imbottest.ConstantCost(15*time.Second)))
		client := clienttest.ForBot(portal)
		start := time.Now()
		batch := client.NewBatch()
		for range 3 {
			imbot.Queue(batch, imbot.MethodChatUserList, imbot.ChatUserListRequest{ChatID: 13, BotID: 39})
		}
		refused := imbot.Queue(batch, imbot.MethodChatUserList, imbot.ChatUserListRequest{ChatID: 13, BotID: 39})
		require.NoError(t, batch.Do(t.Context()))

		_, err := refused.Result()
		require.ErrorIs(t, err, imbot.ErrOperationTimeLimit)
		assert.NotErrorIs(t, err, imbot.ErrOutcomeUnknown)
		var apiErr *imbot.APIError
		require.ErrorAs(t, err, &apiErr)
		assert.WithinDuration(t, start.Add(10*time.Minute), apiErr.RetryAt, time.Second)
		assert.Equal(t, "imbot.chat.user.list", apiErr.Method)

		calls := len(portal.Calls())
		_, err = client.Chat.User.List(t.Context(), imbot.ChatUserListRequest{ChatID: 13, BotID: 39})
		require.ErrorIs(t, err, imbot.ErrOperationTimeLimit)
		assert.Len(t, portal.Calls(), calls, "not even asked")
	})
}

// Whatever a portal answers to a batch, each call has a result or an error, and no command with an error is done.
func FuzzBatch(f *testing.F) {
	for _, seed := range []string{
		`{"result":{"result":{"c0":true,"c1":true},"result_error":[]}}`,
		`{"result":{"result":{"c0":true},"result_error":{"c1":{"error":"ACCESS_ERROR"}}},"time":{"operating":1}}`,
		`{"result":{"result":[true,true],"result_error":["x"]}}`,
		`{"error":"QUERY_LIMIT_EXCEEDED"}`, `{"result":true}`, `<html>`, `{`, ``,
	} {
		f.Add(http.StatusOK, seed)
		f.Add(http.StatusBadGateway, seed)
	}
	f.Fuzz(func(t *testing.T, status int, body string) {
		if status < 200 || status > 599 {
			return
		}
		portal := imbottest.Start()
		defer portal.Close()
		portal.On("batch", imbottest.Raw(status, "application/json", body))
		batch := portal.Client(clienttest.WithoutRepeats()...).NewBatch()
		queued := []*imbot.Queued[bool]{
			imbot.Queue(batch, imbot.MethodChatLeave, clienttest.Leave13),
			imbot.Queue(batch, imbot.MethodChatLeave, imbot.ChatLeaveRequest{ChatID: 14, BotID: 39}),
		}
		doErr := batch.Do(t.Context())
		var answer struct {
			Result struct {
				Errors any `json:"result_error"`
			} `json:"result"`
			Error any `json:"error"`
		}
		readable := json.Unmarshal([]byte(body), &answer) == nil
		for i, q := range queued {
			response, err := q.Result()
			switch {
			case (response == nil) == (err == nil):
				t.Fatalf("%v and %v", response, err)
			case doErr != nil && !errors.Is(err, doErr):
				t.Fatalf("%v, but the batch has %v", err, doErr)
			case err == nil && !response.Result:
				t.Fatal("done, without a true")
			case err == nil && (!readable || answer.Error != nil || isRefused(answer.Result.Errors, i)):
				t.Fatalf("done, it says, of %s", body)
			}
		}
	})
}

// isRefused reports whether the errors of a batch have one for a command.
func isRefused(refusals any, command int) bool {
	byLabel, _ := refusals.(map[string]any)
	return byLabel["c"+strconv.Itoa(command)] != nil
}

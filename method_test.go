package imbot_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/imbottest"
	"github.com/seed-a6e4e5a4/imbot/internal/clienttest"
)

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

// An error of Validate is a mistake of the request, which is not sent then, alone or in a batch.
func TestMethod_Validate(t *testing.T) {
	t.Parallel()
	type request struct{ A int }
	shared := &imbot.ParamError{Method: "of another", Param: "A", Err: imbot.ErrInvalidFormat}
	own := errors.New("no")
	tests := map[string]struct {
		err   error
		param string // empty if it is sent
		is    []error
	}{
		"a ParamError":             {shared, "A", []error{imbot.ErrInvalidFormat}},
		"any other":                {own, "request", []error{own}},
		"one around it":            {fmt.Errorf("%w: %w", own, shared), "request", []error{own, shared}},
		"nothing":                  {nil, "", nil},
		"no ParamError":            {(*imbot.ParamError)(nil), "", nil},
		"an error in a ParamError": {&imbot.ParamError{Param: "B", Err: own}, "B", []error{own}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			portal := imbottest.NewPortal(t)
			portal.On("x.do", imbottest.Result(true).Optional()) // what is refused is not sent
			method := imbot.Method[request, bool]{Name: "x.do", Validate: func(req request) error {
				assert.Equal(t, request{7}, req)
				return tt.err
			}}
			_, called := imbot.Call(t.Context(), portal.Client(), method, request{7})
			batch := portal.Client().NewBatch()
			q := imbot.Queue(batch, method, request{7})
			done := batch.Do(t.Context())
			_, queued := q.Result()
			if tt.param == "" {
				require.NoError(t, errors.Join(called, done, queued))
				assert.Len(t, portal.Calls("x.do"), 2)
				return
			}
			assert.Empty(t, portal.Calls())
			for _, err := range []error{called, done, queued} {
				var param *imbot.ParamError
				require.ErrorAs(t, err, &param)
				assert.Equal(t, "x.do", param.Method)
				assert.Equal(t, tt.param, param.Param)
				for _, is := range tt.is {
					require.ErrorIs(t, err, is)
				}
			}
			assert.Equal(t, "of another", shared.Method, "it is the caller's")
		})
	}
}

// A request that embeds another one is checked by its own method: what it embeds knows nothing of it.
func TestMethod_validatesNoPart(t *testing.T) {
	t.Parallel()
	type request struct {
		imbot.ChatLeaveRequest

		ChatID imbot.ChatID `json:"CHAT_ID"`
	}
	portal := imbottest.NewPortal(t)
	_, err := imbot.Call(t.Context(), clienttest.ForBot(portal), imbot.Method[request, bool]{Name: "imbot.chat.leave"}, request{ChatID: 13})
	require.NoError(t, err)
	assert.False(t, portal.Has(13, imbottest.BotMain))
}

// A nil request has no parameters, and Validate gets a zero value instead of a nil pointer.
func TestMethod_validatesNil(t *testing.T) {
	t.Parallel()
	portal := imbottest.NewPortal(t)
	seen := 0
	_, err := imbot.Call(t.Context(), portal.Client(), imbot.Method[*imbot.ChatLeaveRequest, bool]{Name: "imbot.chat.leave", Validate: func(req *imbot.ChatLeaveRequest) error {
		seen++
		return imbot.MethodChatLeave.Validate(*req)
	}}, nil)
	require.ErrorIs(t, err, imbot.ErrChatIDEmpty)
	_, err = imbot.Call(t.Context(), portal.Client(), imbot.Method[any, bool]{Name: "imbot.chat.leave", Validate: func(req any) error {
		seen++
		return imbot.MethodChatLeave.Validate(*req.(*imbot.ChatLeaveRequest))
	}}, any((*imbot.ChatLeaveRequest)(nil)))
	require.ErrorIs(t, err, imbot.ErrChatIDEmpty)
	_, err = imbot.Call(t.Context(), portal.Client(), imbot.Method[any, bool]{Name: "imbot.chat.leave", Validate: func(req any) error {
		seen++
		assert.Nil(t, req)
		return errors.New("nothing")
	}}, nil)
	require.ErrorAs(t, err, new(*imbot.ParamError))
	assert.Equal(t, 3, seen)
	assert.Empty(t, portal.Calls())
}

var errQuota = errors.New("the quota is used up")

// sendReport is a method of a user's own, with situations and a check.
var sendReport = imbot.Method[struct{}, int64]{
	Name: "x.report.send",
	Refusals: []imbot.Refusal{
		{Code: "LIMIT", Description: "No quota", Means: errQuota},
		{Code: "LIMIT", Status: 403, Means: imbot.ErrAccess},
		{Code: "GONE", Description: "Not for you"},
		{Code: "GONE", Means: imbot.ErrNotFound},
	},
	Check: func(id int64) error {
		switch {
		case id > 0:
			return nil
		case id == 0:
			return fmt.Errorf("no report: %w", imbot.ErrDeclined)
		case id == -2:
			return imbot.ErrNotFound
		default:
			return errQuota
		}
	},
}

// A user's own method has sentinels and checks as those of this package do, alone and in a batch.
func TestMethod_refusalsAndCheck(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name    string
		answer  imbottest.Answer
		inBatch bool // as the only command: there a refusal has no status of its own
		want    []error
	}{
		{"by the description", imbottest.Refuse(400, "LIMIT", "No quota"), true, []error{errQuota, imbot.Code("limit")}},
		{"blanks and letter case", imbottest.Refuse(400, "limit", " no QUOTA "), true, []error{errQuota, imbot.Code("LIMIT")}},
		{"by the status", imbottest.Refuse(403, "LIMIT", "another"), true, []error{imbot.ErrAccess, imbot.Code("LIMIT")}},
		{"by another status", imbottest.Refuse(400, "LIMIT", "another"), false, []error{imbot.Code("LIMIT")}},
		{"a row that means nothing", imbottest.Refuse(400, "GONE", "Not for you"), true, []error{imbot.Code("GONE")}},
		{"the row after it", imbottest.Refuse(400, "GONE", "anything"), true, []error{imbot.Code("GONE"), imbot.ErrNotFound}},
		{"a code without a row", imbottest.Refuse(400, "OTHER", "No quota"), true, []error{imbot.Code("OTHER")}},
		{"declined", imbottest.Result(0), true, []error{imbot.ErrUnexpectedResult, imbot.ErrDeclined}},
		{"not what is documented", imbottest.Result(-1), true, []error{imbot.ErrUnexpectedResult, imbot.ErrOutcomeUnknown, errQuota}},
		{"an error of this package", imbottest.Result(-2), true, []error{imbot.ErrUnexpectedResult, imbot.ErrOutcomeUnknown, imbot.ErrNotFound}},
		{"another type", imbottest.Result("x"), true, []error{imbot.ErrUnexpectedResult, imbot.ErrOutcomeUnknown}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			portal := imbottest.NewPortal(t)
			portal.On(sendReport.Name, tt.answer)
			client := portal.Client(clienttest.WithoutRepeats()...)

			_, err := imbot.Call(t.Context(), client, sendReport, struct{}{})

			clienttest.MatchesOnly(t, err, tt.want...)
			if !tt.inBatch {
				return
			}
			batch := client.NewBatch()
			queued := imbot.Queue(batch, sendReport, struct{}{})
			require.NoError(t, batch.Do(t.Context()))
			_, err = queued.Result()
			clienttest.MatchesOnly(t, err, tt.want...)
		})
	}
}

// Of a read nothing is left open, whatever its Check says.
func TestMethod_checkOfARead(t *testing.T) {
	t.Parallel()
	portal := imbottest.NewPortal(t)
	reading := sendReport
	reading.Idempotent = true
	portal.On(reading.Name, imbottest.Result(-1))

	_, err := imbot.Call(t.Context(), portal.Client(), reading, struct{}{})

	clienttest.MatchesOnly(t, err, imbot.ErrUnexpectedResult, errQuota)
	assert.EqualError(t, err, "x.report.send: unexpected result: the quota is used up")
}

func TestMustBeTrue(t *testing.T) {
	t.Parallel()
	type flag bool
	require.NoError(t, imbot.MustBeTrue(true))
	require.NoError(t, imbot.MustBeTrue(flag(true)))
	assert.ErrorIs(t, imbot.MustBeTrue(flag(false)), imbot.ErrDeclined)
}

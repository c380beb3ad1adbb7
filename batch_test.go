package imbot_test

import (
	"encoding/json"
	"errors"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/imbottest"
	"github.com/seed-a6e4e5a4/imbot/imbotv2"
	"github.com/seed-a6e4e5a4/imbot/internal/clienttest"
)

func TestBatch_eachCallHasItsOwnResult(t *testing.T) {
	t.Parallel()
	portal := imbottest.NewPortal(t)
	portal.On("batch", imbottest.Result(map[string]any{
		"result":       map[string]any{"c0": true, "c2": []int{39}},
		"result_error": map[string]any{"c1": map[string]any{"error": "ACCESS_ERROR", "error_description": "Action unavailable"}},
		"result_total": []any{}, "result_next": []any{},
		"result_time": map[string]any{"c0": map[string]any{"operating": 0.2}},
	}))
	batch := portal.Client().NewBatch()
	left := imbot.Queue(batch, imbot.MethodChatLeave, clienttest.Leave13)
	refused := imbot.Queue(batch, imbot.MethodChatLeave, imbot.ChatLeaveRequest{ChatID: 1, BotID: 39, ClientID: "my"})
	members := imbot.Queue(batch, imbot.MethodChatUserList, imbot.ChatUserListRequest{ChatID: 13, BotID: 39})

	require.NoError(t, batch.Do(t.Context()))

	got, err := left.Result()
	require.NoError(t, err)
	assert.True(t, got.Result)
	_, err = refused.Result()
	require.ErrorIs(t, err, imbot.ErrActionUnavailable)
	list, err := members.Result()
	require.NoError(t, err)
	assert.Equal(t, imbot.UserIDs{39}, list.Result)

	calls := portal.Calls()
	require.Len(t, calls, 1)
	assert.JSONEq(t, `{"halt":0,"cmd":{
		"c0":"imbot.chat.leave?CHAT_ID=13&BOT_ID=39",
		"c1":"imbot.chat.leave?CHAT_ID=1&BOT_ID=39&CLIENT_ID=my",
		"c2":"imbot.chat.user.list?CHAT_ID=13&BOT_ID=39"}}`, string(calls[0].Body))
}

// A batch is encoded as encoding/json would, whatever stands in the commands.
func TestBatch_encoding(t *testing.T) {
	t.Parallel()
	type values struct {
		Text string            `json:"T&<>"`
		Map  map[string]string `json:"M"`
	}
	type request struct {
		Halt int               `json:"halt"`
		Cmd  map[string]string `json:"cmd"`
	}
	for _, halt := range []bool{false, true} {
		portal := imbottest.NewPortal(t)
		portal.On("batch", imbottest.Result(map[string]any{"result": map[string]any{"c0": true}}))
		want := request{Cmd: map[string]string{}}
		var opts []imbot.BatchOption
		if halt {
			want.Halt, opts = 1, []imbot.BatchOption{imbot.WithHalt()}
		}
		batch := portal.Client().NewBatch(opts...)
		imbot.Queue(batch, imbot.Method[values, bool]{Name: "x.y_1"}, values{
			"\"\\/<&>'\x00\x1f\x7f\u2028é😀 +%~", map[string]string{`a"&<\`: "&amp;"},
		})
		require.NoError(t, batch.Do(t.Context()))

		calls := portal.Calls("batch")
		require.Len(t, calls, 1)
		for label, command := range commandsOf(t, portal) {
			line, ok := command.(string)
			require.True(t, ok)
			assert.Contains(t, line, "&")
			want.Cmd[label] = line
		}
		body, err := json.Marshal(want)
		require.NoError(t, err)
		assert.Equal(t, string(body), string(calls[0].Body))
	}
}

// commandsOf returns the commands of the last batch, by their labels.
func commandsOf(t *testing.T, portal *imbottest.Portal) map[string]any {
	t.Helper()
	calls := portal.Calls("batch")
	require.NotEmpty(t, calls)
	commands, ok := calls[len(calls)-1].Params["cmd"].(map[string]any)
	require.True(t, ok)
	return commands
}

// A mistake in one call keeps the whole batch from being sent.
func TestBatch_mistakes(t *testing.T) {
	t.Parallel()
	type text struct {
		Message string `json:"MESSAGE"`
	}
	message := imbot.Method[text, int]{Name: "imbot.message.add"}
	queue := func(message string) func(*imbot.Batch) (any, error) {
		return func(b *imbot.Batch) (any, error) {
			return imbot.Queue(b, imbot.Method[text, int]{Name: "imbot.message.add"}, text{message}).Result()
		}
	}
	named := func(name string) func(*imbot.Batch) (any, error) {
		return func(b *imbot.Batch) (any, error) {
			return imbot.Queue(b, imbot.Method[text, int]{Name: name}, text{}).Result()
		}
	}
	tests := []struct {
		name  string
		queue func(*imbot.Batch) (any, error)
		param string
		is    error
	}{
		{"what the method refuses", func(b *imbot.Batch) (any, error) {
			return imbot.Queue(b, imbot.MethodChatLeave, imbot.ChatLeaveRequest{}).Result()
		}, "CHAT_ID", imbot.ErrChatIDEmpty},
		{"a batch in the batch", named("batch"), "Method.Name", imbot.ErrBatchMethodNotAllowed},
		{"in capitals", named("BATCH"), "Method.Name", imbot.ErrBatchMethodNotAllowed},
		{"an upload", named("upload"), "Method.Name", imbot.ErrBatchMethodNotAllowed},
		{"a download", named("Download"), "Method.Name", imbot.ErrBatchMethodNotAllowed},
		{"no name", named("a b"), "Method.Name", nil},
		{"a reference", queue("$result[c0]"), "MESSAGE", nil},
		{"a reference to an error", queue("$error[c0]"), "MESSAGE", nil},
		{"a reference to a total", queue("$total[c0]"), "MESSAGE", nil},
		{"a reference to a next", queue("$next[c0]"), "MESSAGE", nil},
		{"a reference to a time", queue("$time[c0]"), "MESSAGE", nil},
		{"a reference in capitals within a text", queue("it costs $5, $RESULT[c0][ID] says"), "MESSAGE", nil},
		{"a reference after a dollar", queue("$$result[c0]"), "MESSAGE", nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			portal := imbottest.NewPortal(t)
			batch := clienttest.ForBot(portal).NewBatch()
			before := imbot.Queue(batch, imbot.MethodChatLeave, clienttest.Leave13)
			_, err := tt.queue(batch)
			after := imbot.Queue(batch, message, text{"$5 [result]"})

			var param *imbot.ParamError
			require.ErrorAs(t, err, &param)
			assert.Equal(t, tt.param, param.Param)
			assert.NotContains(t, err.Error(), "c0", "the text is the caller's")
			if tt.is != nil {
				require.ErrorIs(t, err, tt.is)
			}
			doErr := batch.Do(t.Context())
			require.ErrorIs(t, doErr, err)
			assert.Empty(t, portal.Calls())
			for _, of := range []func() error{
				func() error { _, err := before.Result(); return err },
				func() error { _, err := after.Result(); return err },
			} {
				require.ErrorIs(t, of(), imbot.ErrNotExecuted)
				require.ErrorIs(t, of(), err, "and this is why")
			}
		})
	}
}

// Each command names its CLIENT_ID: the portal does not look for one outside.
func TestBatch_clientID(t *testing.T) {
	t.Parallel()
	portal := imbottest.NewPortal(t)
	batch := portal.Client(imbot.WithClientID("my")).NewBatch()
	imbot.Queue(batch, imbot.MethodChatLeave, imbot.ChatLeaveRequest{ChatID: 13})
	imbot.Queue(batch, imbot.MethodChatLeave, imbot.ChatLeaveRequest{ChatID: 13, ClientID: "own"})
	imbot.Queue(batch, imbotv2.MethodChatLeave, imbotv2.ChatLeaveRequest{BotID: 39, DialogID: "chat13"})
	imbot.Queue(batch, imbot.Method[struct {
		ClientID string `json:"client_id"`
	}, bool]{Name: "imbot.x"}, struct {
		ClientID string `json:"client_id"`
	}{})
	imbot.Queue(batch, imbot.Method[struct{}, bool]{Name: "user.current"}, struct{}{})
	portal.On("imbot.x", imbottest.Result(true))
	portal.On("user.current", imbottest.Result(true))
	require.NoError(t, batch.Do(t.Context()))
	assert.Equal(t, map[string]any{
		"c0": "imbot.chat.leave?CHAT_ID=13&CLIENT_ID=my",
		"c1": "imbot.chat.leave?CHAT_ID=13&CLIENT_ID=own",
		"c2": "imbot.v2.Chat.leave?botId=39&dialogId=chat13&botToken=my",
		"c3": "imbot.x?client_id=&CLIENT_ID=my", // of two the portal takes the last, as of the JSON of a call
		"c4": "user.current",
	}, commandsOf(t, portal))
}

// The portal runs commands in the order of the object, so c10 must not come before c2.
func TestBatch_order(t *testing.T) {
	t.Parallel()
	portal := imbottest.NewPortal(t)
	batch := clienttest.ForBot(portal).NewBatch()
	for id := range 50 {
		imbot.Queue(batch, imbot.MethodChatUserList, imbot.ChatUserListRequest{ChatID: imbot.ChatID(id + 1), BotID: 39})
	}
	require.NoError(t, batch.Do(t.Context()))
	for i, call := range portal.Calls("imbot.chat.user.list") {
		assert.Equal(t, "c"+url.QueryEscape(strings.TrimPrefix(call.Label, "c")), call.Label)
		assert.EqualValues(t, i+1, mustNumber(t, call.Params["CHAT_ID"]))
	}
}

func mustNumber(t *testing.T, value any) int64 {
	t.Helper()
	text, ok := value.(string)
	require.True(t, ok)
	id, err := imbot.ParseChatID(text)
	require.NoError(t, err)
	return int64(id)
}

func TestBatch_halt(t *testing.T) {
	t.Parallel()
	for _, halt := range []bool{false, true} {
		portal := imbottest.NewPortal(t)
		var opts []imbot.BatchOption
		if halt {
			opts = []imbot.BatchOption{imbot.WithHalt(), nil}
		}
		batch := clienttest.ForBot(portal).NewBatch(opts...)
		refused := imbot.Queue(batch, imbot.MethodChatLeave, imbot.ChatLeaveRequest{ChatID: 1, BotID: 39})
		left := imbot.Queue(batch, imbot.MethodChatLeave, clienttest.Leave13)
		require.NoError(t, batch.Do(t.Context()))
		_, err := refused.Result()
		require.ErrorIs(t, err, imbot.ErrActionUnavailable)
		_, err = left.Result()
		assert.Equal(t, halt, errors.Is(err, imbot.ErrNotExecuted))
		assert.Equal(t, halt, portal.Has(13, imbottest.BotMain))
	}
}

func TestBatch_isForOneRequest(t *testing.T) {
	t.Parallel()
	portal := imbottest.NewPortal(t)
	batch := clienttest.ForBot(portal).NewBatch()
	require.NoError(t, batch.Do(t.Context()), "an empty batch")
	assert.Empty(t, portal.Calls(), "is not sent")
	require.ErrorAs(t, batch.Do(t.Context()), new(*imbot.ParamError))

	batch = clienttest.ForBot(portal).NewBatch()
	left := imbot.Queue(batch, imbot.MethodChatLeave, clienttest.Leave13)
	_, err := left.Result()
	require.ErrorIs(t, err, imbot.ErrNotExecuted, "not yet")
	require.NoError(t, batch.Do(t.Context()))
	require.ErrorAs(t, batch.Do(t.Context()), new(*imbot.ParamError))
	late := imbot.Queue(batch, imbot.MethodChatLeave, clienttest.Leave13)
	_, err = late.Result()
	require.ErrorAs(t, err, new(*imbot.ParamError))
	_, err = left.Result()
	require.NoError(t, err, "the first result stands")
	assert.Len(t, portal.Calls("batch"), 1)

	var zero imbot.Batch
	_, err = imbot.Queue(&zero, imbot.MethodChatLeave, clienttest.Leave13).Result()
	require.ErrorAs(t, err, new(*imbot.ParamError))
	require.ErrorAs(t, zero.Do(t.Context()), new(*imbot.ParamError))
}

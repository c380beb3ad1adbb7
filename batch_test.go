package imbot_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/imbottest"
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

package acceptance_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/imbottest"
	"github.com/seed-a6e4e5a4/imbot/internal/clienttest"
)

func TestCanLeave(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, dialog string
		want         imbot.LeavePreflight
	}{
		{"member", `{"id":13,"owner":1,"restrictions":{"leave":true,"leave_owner":false}}`, imbot.LeavePreflight{Allowed: true}},
		{"owner who may leave", `{"id":13,"owner":"39","restrictions":{"leave":true,"leave_owner":true}}`, imbot.LeavePreflight{Allowed: true, IsOwner: true}},
		{"owner who may not", `{"id":13,"owner":39,"restrictions":{"leave":true,"leave_owner":false}}`, imbot.LeavePreflight{IsOwner: true, Reason: imbot.ErrLeaveOwnerForbidden}},
		{"nobody leaves", `{"id":13,"owner":39,"type":"sonetGroup","restrictions":{"leave":false,"leave_owner":false}}`, imbot.LeavePreflight{IsOwner: true, Reason: imbot.ErrUserDeleteForbidden}},
		{"general chat", `{"id":1,"owner":0,"type":"general","restrictions":{"leave":false,"leave_owner":false}}`, imbot.LeavePreflight{Reason: imbot.ErrActionUnavailable}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			portal := imbottest.NewPortal(t)
			portal.On("imbot.dialog.get", imbottest.Raw(200, "application/json", `{"result":`+tt.dialog+`}`))

			got, err := portal.Client().Chat.CanLeave(t.Context(), clienttest.Leave13)

			require.NoError(t, err)
			assert.Equal(t, tt.want, got)
			calls := portal.Calls()
			require.Len(t, calls, 1)
			assert.Equal(t, `{"DIALOG_ID":"chat13"}`, string(calls[0].Body))
		})
	}
}

// An answer that does not say whether the bot may leave is an error.
func TestCanLeave_errors(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		req    imbot.ChatLeaveRequest
		answer imbottest.Answer
		want   error
		calls  int
	}{
		{"no restrictions", clienttest.Leave13, imbottest.Result(map[string]any{"id": 13, "owner": 39}), imbot.ErrUnexpectedResult, 1},
		{"no owner to read", clienttest.Leave13, imbottest.Raw(200, "application/json", `{"result":{"owner":{},"restrictions":{"leave":true}}}`), imbot.ErrUnexpectedResult, 1},
		{"no owner", clienttest.Leave13, imbottest.Raw(200, "application/json", `{"result":{"restrictions":{"leave":true,"leave_owner":false}}}`), imbot.ErrUnexpectedResult, 1},
		{"a null owner", clienttest.Leave13, imbottest.Raw(200, "application/json", `{"result":{"owner":null,"restrictions":{"leave":true,"leave_owner":false}}}`), imbot.ErrUnexpectedResult, 1},
		{"other restrictions", clienttest.Leave13, imbottest.Raw(200, "application/json", `{"result":{"owner":39,"restrictions":{"avatar":true}}}`), imbot.ErrUnexpectedResult, 1},
		{"null restrictions", clienttest.Leave13, imbottest.Raw(200, "application/json", `{"result":{"owner":39,"restrictions":{"leave":null,"leave_owner":null}}}`), imbot.ErrUnexpectedResult, 1},
		{"a restriction that is none", clienttest.Leave13, imbottest.Raw(200, "application/json", `{"result":{"owner":39,"restrictions":{"leave":"maybe","leave_owner":true}}}`), imbot.ErrUnexpectedResult, 1},
		{"nothing about owners, of an owner", clienttest.Leave13, imbottest.Raw(200, "application/json", `{"result":{"owner":39,"restrictions":{"leave":true}}}`), imbot.ErrUnexpectedResult, 1},
		{"an empty PHP array", clienttest.Leave13, imbottest.Raw(200, "application/json", `{"result":{"owner":39,"restrictions":[]}}`), imbot.ErrUnexpectedResult, 1},
		{"no access", clienttest.Leave13, imbottest.Refuse(403, "ACCESS_ERROR", "You do not have access to the specified dialog"), imbot.ErrAccess, 1},
		{"no chat", imbot.ChatLeaveRequest{BotID: 39}, imbottest.Result(nil), imbot.ErrChatIDEmpty, 0},
		{"no bot", imbot.ChatLeaveRequest{ChatID: 13}, imbottest.Result(nil), imbot.ErrBotID, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			portal := imbottest.NewPortal(t)
			portal.On("imbot.dialog.get", tt.answer)

			got, err := portal.Client().Chat.CanLeave(t.Context(), tt.req)

			clienttest.MatchesOnly(t, err, tt.want)
			assert.Zero(t, got)
			assert.Len(t, portal.Calls(), tt.calls)
		})
	}
}

// A bot cannot leave a private chat, whatever its restrictions say.
func TestCanLeave_privateChat(t *testing.T) {
	t.Parallel()
	portal := imbottest.NewPortal(t)
	client := portal.Client(imbot.WithClientID(imbottest.ClientID))
	private := imbot.ChatLeaveRequest{ChatID: imbottest.ChatPrivate, BotID: imbottest.BotMain}

	got, err := client.Chat.CanLeave(t.Context(), private)

	require.NoError(t, err)
	assert.False(t, got.Allowed)
	require.ErrorIs(t, got.Reason, imbot.ErrNotInChat)
	_, err = client.Chat.Leave(t.Context(), private)
	require.ErrorIs(t, err, got.Reason)
}

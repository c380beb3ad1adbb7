package imbotv2_test

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/imbottest"
	"github.com/seed-a6e4e5a4/imbot/imbotv2"
)

// chatty returns a supervisor in a chat of n messages, and their ids.
func chatty(t *testing.T, n int) (*imbottest.Portal, *imbotv2.Bot, []imbot.MessageID) {
	t.Helper()
	portal := imbottest.NewPortal(t)
	portal.AddBot(imbottest.Bot{ID: 60, ClientID: "t", Type: "supervisor"})
	portal.AddChat(imbottest.Chat{ID: 90, Members: []imbot.UserID{imbottest.Employee, 60}})
	ids := make([]imbot.MessageID, n)
	for i := range ids {
		ids[i] = portal.PostMessage(90, imbottest.Employee, "text")
	}
	return portal, imbotv2.New(portal.Client()).As(imbotv2.Identity{BotID: 60, BotToken: "t"}), ids
}

// The whole history comes page by page, in both directions, each message once.
func TestMessageService_history(t *testing.T) {
	t.Parallel()
	const n = 23
	for _, size := range []int{1, 5, 22, 0} {
		portal, bot, ids := chatty(t, n)
		for at := range n {
			var newer, older []imbot.MessageID
			from := imbotv2.MessageGetContextRequest{MessageID: ids[at], Range: size}
			for message, err := range bot.Chat.Message.Newer(t.Context(), from) {
				require.NoError(t, err)
				newer = append(newer, message.ID)
			}
			for message, err := range bot.Chat.Message.Older(t.Context(), from) {
				require.NoError(t, err)
				older = append(older, message.ID)
			}
			slices.Reverse(older)
			assert.Equal(t, ids, slices.Concat(older, ids[at:at+1], newer), "from %d by %d", at, size)
		}
		before := len(portal.Calls())
		for _, err := range bot.Chat.Message.Newer(t.Context(), imbotv2.MessageGetContextRequest{MessageID: ids[0], Range: size}) {
			require.NoError(t, err)
			break
		}
		assert.Len(t, portal.Calls(), before+1, "nothing is asked for that nobody waits for")
	}
}

// A message that is deleted while the loop is at it does not stop the history, nor does it make another one come twice.
func TestMessageService_historyDeleted(t *testing.T) {
	t.Parallel()
	const n, size = 20, 5
	for deleted := range size + 1 {
		_, bot, ids := chatty(t, n)
		remove := func(ids []imbot.MessageID) {
			for _, id := range ids {
				_, err := bot.Chat.Message.Delete(t.Context(), imbotv2.MessageDeleteRequest{MessageID: id, Complete: new(true)})
				require.NoError(t, err)
			}
		}
		var newer, older []imbot.MessageID
		for message, err := range bot.Chat.Message.Newer(t.Context(), imbotv2.MessageGetContextRequest{MessageID: ids[0], Range: size}) {
			require.NoError(t, err)
			if newer = append(newer, message.ID); message.ID == ids[size] {
				remove(ids[size+1-deleted : size+1]) // the next page was to begin at the last of them
			}
		}
		assert.Equal(t, ids[1:], newer, "without %d", deleted)
		for message, err := range bot.Chat.Message.Older(t.Context(), imbotv2.MessageGetContextRequest{MessageID: ids[n-1], Range: size}) {
			require.NoError(t, err)
			if older = append(older, message.ID); message.ID == ids[n-1-size] {
				remove(ids[n-1-size : n-1-size+deleted])
			}
		}
		want := slices.Concat(ids[:size+1-deleted], ids[size+1:n-1])
		slices.Reverse(want)
		assert.Equal(t, want, older, "without %d", deleted)
	}

	portal, bot, ids := chatty(t, n)
	var last imbot.MessageID
	var failed error
	for message, err := range bot.Chat.Message.Newer(t.Context(), imbotv2.MessageGetContextRequest{MessageID: ids[0], Range: size}) {
		if failed = err; err != nil {
			break
		}
		last = message.ID
		for _, id := range ids[:size+1] {
			if last == ids[size] {
				portal.DeleteMessage(id)
			}
		}
	}
	require.ErrorIs(t, failed, imbotv2.ErrMessageNotFound, "all that are known are gone")
	assert.Equal(t, ids[size], last)
}

// An error ends the history, as does a portal that promises more and has nothing.
func TestMessageService_historyFails(t *testing.T) {
	t.Parallel()
	portal, bot, ids := chatty(t, 3)
	last := func(id imbot.MessageID) error {
		var failed error
		for message, err := range bot.Chat.Message.Newer(t.Context(), imbotv2.MessageGetContextRequest{MessageID: id, Range: 1}) {
			if failed = err; err != nil {
				assert.Zero(t, message)
			}
		}
		return failed
	}
	require.ErrorIs(t, last(ids[2]+1), imbot.Code("MESSAGE_NOT_FOUND"))
	require.ErrorAs(t, last(0), new(*imbot.ParamError))
	portal.On("imbot.v2.Chat.Message.getContext", imbottest.Result(map[string]any{
		"messages": []any{map[string]any{"id": int64(ids[0])}}, "users": []any{}, "hasPrevPage": false, "hasNextPage": true,
	}))
	require.ErrorIs(t, last(ids[0]), imbot.ErrUnexpectedResult)
	portal.On("imbot.v2.Chat.Message.getContext", imbottest.Result(map[string]any{
		"messages": []any{map[string]any{"id": 9}, map[string]any{"id": 8}}, "users": []any{}, "hasNextPage": true,
	}))
	require.ErrorIs(t, last(8), imbot.ErrUnexpectedResult)
	ordinary := imbotv2.New(portal.Client()).As(imbotv2.Identity{BotID: imbottest.BotMain, BotToken: imbottest.ClientID})
	_, err := ordinary.Chat.Message.Get(t.Context(), imbotv2.MessageGetRequest{MessageID: portal.PostMessage(imbottest.ChatGroup, imbottest.Employee, "a")})
	require.ErrorIs(t, err, imbot.Code("BOT_TYPE_NOT_ALLOWED"))
}

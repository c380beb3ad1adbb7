package imbotv2_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/content"
	"github.com/seed-a6e4e5a4/imbot/imbottest"
	"github.com/seed-a6e4e5a4/imbot/imbotv2"
)

// The buttons of an answer name their bot: the portal would drop those with commands. What cannot name it by itself, a
// call in a batch, is refused without.
func TestCommandAnswer_keyboard(t *testing.T) {
	t.Parallel()
	portal := imbottest.NewPortal(t)
	portal.On("imbot.v2.Command.answer", imbottest.Result(map[string]bool{"result": true}))
	bot := imbotv2.New(portal.Client()).As(imbotv2.Identity{BotID: 456, BotToken: "t"})
	keyboard := content.NewKeyboard(content.Row(content.CommandButton("More", "more", "")))
	answer := imbotv2.CommandAnswerRequest{CommandID: 42, MessageID: 789, DialogID: "chat5", Fields: imbotv2.CommandAnswerFields{Message: "a", Keyboard: keyboard}}

	_, err := bot.Command.Answer(t.Context(), answer)

	require.NoError(t, err)
	var sent struct {
		Fields struct{ Keyboard content.Keyboard }
	}
	require.NoError(t, json.Unmarshal(portal.Calls()[0].Body, &sent))
	assert.Equal(t, int64(456), sent.Fields.Keyboard.BotID)
	assert.Zero(t, keyboard.BotID, "what was given stays as it is")

	answer.BotID = 456
	batch := bot.Client().NewBatch()
	imbot.Queue(batch, imbotv2.MethodCommandAnswer, answer)
	var param *imbot.ParamError
	require.ErrorAs(t, batch.Do(t.Context()), &param)
	assert.Equal(t, "fields.keyboard", param.Param)
	keyboard.BotID = 456
	batch = bot.Client().NewBatch()
	imbot.Queue(batch, imbotv2.MethodCommandAnswer, answer)
	portal.On("batch", imbottest.Result(map[string]any{"result": map[string]any{"c0": map[string]bool{"result": true}}}))
	require.NoError(t, batch.Do(t.Context()))
}

// A file has no room in a command of a batch.
func TestFileUpload_notInABatch(t *testing.T) {
	t.Parallel()
	portal := imbottest.NewPortal(t)
	batch := portal.Client().As("t").NewBatch()
	imbot.Queue(batch, imbotv2.MethodFileUpload, imbotv2.FileUploadRequest{
		BotID: 456, DialogID: "chat5", Fields: imbotv2.FileUploadFields{Name: "a.txt", Content: imbot.NewFileContent(strings.NewReader("a"), 1)},
	})
	require.ErrorAs(t, batch.Do(t.Context()), new(*imbot.ParamError))
	assert.Empty(t, portal.Calls())
}

// The client of a bot of a portal that is not there has nothing to send.
func TestNew_withoutAClient(t *testing.T) {
	t.Parallel()
	for _, client := range []*imbot.Client{nil, new(imbot.Client)} {
		v2 := imbotv2.New(client)
		bot := v2.As(imbotv2.Identity{BotID: 456, BotToken: "t"})
		_, registering := v2.Bot.Register(t.Context(), imbotv2.BotRegisterRequest{Fields: imbotv2.BotRegisterFields{Code: "a", Properties: imbotv2.BotProperties{Name: "a"}}})
		_, saying := bot.Say(t.Context(), "chat5", "a")
		_, leaving := bot.Chat.EnsureLeft(t.Context(), imbotv2.ChatLeaveRequest{DialogID: "chat5"})
		var fetching error
		for _, err := range bot.Events(t.Context()) {
			fetching = err
		}
		var leavingAll error
		for result := range bot.Chat.LeaveAll(t.Context(), slices.Values([]imbotv2.ChatLeaveRequest{{DialogID: "chat5"}})) {
			leavingAll = result.Err
		}
		for _, err := range []error{registering, saying, leaving, leavingAll, fetching, muxOf(nil).Run(t.Context(), bot)} {
			var param *imbot.ParamError
			require.ErrorAs(t, err, &param)
			assert.Equal(t, "client", param.Param)
		}
	}
}

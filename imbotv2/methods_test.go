package imbotv2_test

import (
	"encoding/json"
	"fmt"
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

// What was not made by New and As refuses every call, and does not panic.
func TestZero(t *testing.T) {
	t.Parallel()
	var client imbotv2.Client
	var bot imbotv2.Bot
	ctx := t.Context()
	calls := map[string]func() error{
		"Client.Bot.List":     func() error { _, err := client.Bot.List(ctx, imbotv2.BotListRequest{}); return err },
		"Client.Revision.Get": func() error { _, err := client.Revision.Get(ctx, imbotv2.RevisionGetRequest{}); return err },
		"Client.Bot.Register": func() error {
			fields := imbotv2.BotRegisterFields{Code: "a", Properties: imbotv2.BotProperties{Name: "a"}}
			_, err := client.Bot.Register(ctx, imbotv2.BotRegisterRequest{Fields: fields})
			return err
		},
		"Client.Bot.All": func() (failed error) {
			for _, err := range client.Bot.All(ctx, imbotv2.BotListRequest{}) {
				failed = err
			}
			return failed
		},
		"Client.As": func() error {
			_, err := client.As(imbotv2.Identity{BotID: 456, BotToken: "t"}).Chat.Message.Send(ctx, imbotv2.MessageSendRequest{})
			return err
		},
		"Bot.Get":        func() error { _, err := bot.Get(ctx, imbotv2.BotGetRequest{}); return err },
		"Bot.Update":     func() error { _, err := bot.Update(ctx, imbotv2.BotUpdateRequest{}); return err },
		"Bot.Unregister": func() error { _, err := bot.Unregister(ctx, imbotv2.BotUnregisterRequest{}); return err },
		"Bot.Say":        func() error { _, err := bot.Say(ctx, "chat5", "a"); return err },
		"Bot.Say once":   func() error { _, err := bot.Say(ctx, "chat5", "a", imbotv2.Once()); return err },
		"Bot.Reply":      func() error { _, err := bot.Reply(ctx, &imbotv2.Event{DialogID: "chat5"}, "a"); return err },
	}
	for name, do := range calls {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var problem *imbot.ParamError
			require.ErrorAs(t, do(), &problem)
			assert.Equal(t, "client", problem.Param)
		})
	}
	assert.NotPanics(t, func() { _ = fmt.Sprint(client, &client, bot, &bot, bot.ID(), bot.Client()) })
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

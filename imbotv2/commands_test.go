package imbotv2_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/imbottest"
	"github.com/seed-a6e4e5a4/imbot/imbotv2"
)

// Commands change as they are told to: a language that is nil goes, and others stay.
func TestCommandService_texts(t *testing.T) {
	t.Parallel()
	portal := imbottest.NewPortal(t)
	bot := imbotv2.New(portal.Client()).As(imbotv2.Identity{BotID: imbottest.BotMain, BotToken: imbottest.ClientID})
	registered, err := bot.Command.Register(t.Context(), imbotv2.CommandRegisterRequest{
		Fields: imbotv2.CommandRegisterFields{Command: "help", Title: imbotv2.Localized{"de": "Hilfe", "en": "Help"}},
	})
	require.NoError(t, err)
	id := registered.Result.Command.ID
	title := func() string {
		list, err := bot.Command.List(t.Context(), imbotv2.CommandListRequest{})
		require.NoError(t, err)
		assert.Equal(t, imbotv2.CommandID(-1), list.Result.Commands[0].ID)
		own := list.Result.Commands[len(list.Result.Commands)-1]
		assert.Equal(t, id, own.ID)
		return own.Title
	}
	assert.Equal(t, "Help", title())

	updated, err := bot.Command.Update(t.Context(), imbotv2.CommandUpdateRequest{CommandID: id, Fields: imbotv2.CommandUpdateFields{
		Command: "/assist", Title: imbotv2.LocalizedChange{"en": nil}, Params: imbotv2.Localized{"de": "Frage"}, Common: new(true),
	}})
	require.NoError(t, err)
	assert.Equal(t, imbotv2.Command{ID: id, BotID: bot.ID(), Command: "/assist", Common: true}, updated.Result.Command)
	assert.Equal(t, "Hilfe", title())

	batch := bot.Client().NewBatch()
	imbot.Queue(batch, imbotv2.MethodCommandUpdate, imbotv2.CommandUpdateRequest{
		BotID: bot.ID(), CommandID: id, Fields: imbotv2.CommandUpdateFields{Title: imbotv2.LocalizedChange{"de": nil}},
	})
	var param *imbot.ParamError
	require.ErrorAs(t, batch.Do(t.Context()), &param, "brackets carry no null")
	assert.Equal(t, "fields[title][de]", param.Param)

	_, err = bot.Command.Unregister(t.Context(), imbotv2.CommandUnregisterRequest{CommandID: id})
	require.NoError(t, err)
	_, err = bot.Command.Unregister(t.Context(), imbotv2.CommandUnregisterRequest{CommandID: id})
	require.ErrorIs(t, err, imbot.Code("COMMAND_NOT_FOUND"))
}

// A command that every portal has, and whose id has a form that is not known, does not hide the commands of the bot.
func TestCommandService_List_otherIDs(t *testing.T) {
	t.Parallel()
	portal := imbottest.NewPortal(t)
	bot := imbotv2.New(portal.Client()).As(imbotv2.Identity{BotID: 456, BotToken: "t"})
	list := func(commands ...map[string]any) (*imbotv2.CommandListResponse, error) {
		portal.On("imbot.v2.Command.list", imbottest.Result(map[string]any{"commands": commands}))
		return bot.Command.List(t.Context(), imbotv2.CommandListRequest{})
	}
	builtIn, own := map[string]any{"id": "me", "botId": 0, "command": "/me"}, map[string]any{"id": 42, "botId": 456, "command": "/help"}

	got, err := list(builtIn, own)
	require.NoError(t, err)
	require.Len(t, got.Result.Commands, 2)
	assert.True(t, got.Result.Commands[0].ID.IsBuiltIn())
	assert.Equal(t, imbotv2.CommandID(42), got.Result.Commands[1].ID)

	own["id"] = "help"
	_, err = list(builtIn, own)
	require.ErrorIs(t, err, imbot.ErrUnexpectedResult, "that of the bot has to have a number")
}

// The ids of commands are numbers, or texts for those of every portal.
func TestCommandID_JSON(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]imbotv2.CommandID{`42`: 42, `"def0"`: -1, `"def5"`: -6, `0`: 0} {
		var id imbotv2.CommandID
		require.NoError(t, json.Unmarshal([]byte(text), &id))
		assert.Equal(t, want, id)
		assert.Equal(t, want < 0, id.IsBuiltIn())
		again, err := json.Marshal(id)
		require.NoError(t, err)
		assert.Equal(t, text, string(again))
	}
	id := imbotv2.CommandID(7)
	require.NoError(t, json.Unmarshal([]byte(`"42"`), &id))
	assert.Equal(t, imbotv2.CommandID(42), id)
	for _, text := range []string{`"def"`, `"def-1"`, `-1`, `"x"`, `"DEF0"`, `{}`, `1.5`} {
		require.Error(t, json.Unmarshal([]byte(text), &id), text)
	}
	require.NoError(t, id.UnmarshalJSON([]byte("null")))
	assert.Equal(t, imbotv2.CommandID(42), id)
}

package imbotv2_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/content"
	"github.com/seed-a6e4e5a4/imbot/imbottest"
	"github.com/seed-a6e4e5a4/imbot/imbotv2"
)

// fullMessage sends a message with buttons and an attachment.
func fullMessage(t *testing.T, bot *imbotv2.Bot) imbot.MessageID {
	t.Helper()
	sent, err := bot.Say(t.Context(), "chat13", "Choose",
		imbotv2.WithKeyboard(content.NewKeyboard(content.Row(content.CommandButton("A", "take", "a")))),
		imbotv2.WithAttach(content.NewAttach(content.MessageBlock("a or b"))))
	require.NoError(t, err)
	return sent.Result.ID
}

// What is not set stays, what is empty is taken away, and buttons keep their commands.
func TestMessageUpdate_parts(t *testing.T) {
	t.Parallel()
	more := content.NewKeyboard(content.Row(content.CommandButton("More", "more", "")))
	card := content.NewAttach(content.MessageBlock("c"))
	for name, tt := range map[string]struct {
		fields           imbotv2.MessageUpdateFields
		sent             string
		text             string
		keyboard, attach string // what has to be in it; empty: there is none
	}{
		"the text": {imbotv2.MessageUpdateFields{Message: "Chosen"}, `{"message":"Chosen"}`, "Chosen", `"take"`, "a or b"},
		"the text away": {
			imbotv2.MessageUpdateFields{Message: " "}, `{"message":" "}`, "", `"take"`, "a or b",
		},
		"other buttons": {
			imbotv2.MessageUpdateFields{Keyboard: more},
			`{"keyboard":{"BOT_ID":39,"BUTTONS":[{"TEXT":"More","COMMAND":"more"}]}}`, "Choose", `"more"`, "a or b",
		},
		"buttons away": {imbotv2.MessageUpdateFields{Keyboard: new(content.Keyboard)}, `{"keyboard":"N"}`, "Choose", "", "a or b"},
		"another attachment": {
			imbotv2.MessageUpdateFields{Attach: card}, `{"attach":{"BLOCKS":[{"MESSAGE":"c"}]}}`, "Choose", `"take"`, `"c"`,
		},
		"attachment away":  {imbotv2.MessageUpdateFields{Attach: new(content.Attach)}, `{"attach":"N"}`, "Choose", `"take"`, ""},
		"without previews": {imbotv2.MessageUpdateFields{URLPreview: new(imbot.No)}, `{"urlPreview":"N"}`, "Choose", `"take"`, "a or b"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			portal := imbottest.NewPortal(t)
			bot := imbotv2.New(portal.Client()).As(imbotv2.Identity{BotID: imbottest.BotMain, BotToken: imbottest.ClientID})
			id := fullMessage(t, bot)

			_, err := bot.Chat.Message.Update(t.Context(), imbotv2.MessageUpdateRequest{MessageID: id, Fields: tt.fields})

			require.NoError(t, err)
			calls := portal.Calls()
			var body struct{ Fields json.RawMessage }
			require.NoError(t, json.Unmarshal(calls[len(calls)-1].Body, &body))
			assert.JSONEq(t, tt.sent, string(body.Fields))
			message := portal.Messages(imbottest.ChatGroup)[0]
			assert.Equal(t, tt.text, message.Text)
			for part, want := range map[string]string{string(message.Keyboard): tt.keyboard, string(message.Attach): tt.attach} {
				if want == "" {
					assert.Empty(t, part)
				} else {
					assert.Contains(t, part, want)
				}
			}
		})
	}
	assert.Zero(t, more.BotID, "what was given stays as it is")
}

// A message of which nothing is left is deleted, and in a batch the same is said in brackets.
func TestMessageUpdate_nothingLeft(t *testing.T) {
	t.Parallel()
	portal := imbottest.NewPortal(t)
	bot := imbotv2.New(portal.Client()).As(imbotv2.Identity{BotID: imbottest.BotMain, BotToken: imbottest.ClientID})
	id := fullMessage(t, bot)
	batch := bot.Client().NewBatch()
	updated := imbot.Queue(batch, imbotv2.MethodMessageUpdate, imbotv2.MessageUpdateRequest{BotID: bot.ID(), MessageID: id, Fields: imbotv2.MessageUpdateFields{
		Message: " ", Keyboard: new(content.Keyboard), Attach: new(content.Attach),
	}})
	require.NoError(t, batch.Do(t.Context()))
	_, err := updated.Result()
	require.NoError(t, err)
	assert.True(t, portal.Messages(imbottest.ChatGroup)[0].Deleted)
}

// Of a message that the bot may not delete, the answer is the same as of one that it did.
func TestMessageDelete_saysTrue(t *testing.T) {
	t.Parallel()
	portal := imbottest.NewPortal(t)
	bot := imbotv2.New(portal.Client()).As(imbotv2.Identity{BotID: imbottest.BotMain, BotToken: imbottest.ClientID})
	id := portal.PostMessage(imbottest.ChatGroup, imbottest.Employee, "mine")
	isDeleted := func() bool { return portal.Messages(imbottest.ChatGroup)[0].Deleted }

	response, err := bot.Chat.Message.Delete(t.Context(), imbotv2.MessageDeleteRequest{MessageID: id})
	require.NoError(t, err)
	assert.True(t, bool(response.Result))
	assert.False(t, isDeleted())

	_, err = bot.Chat.Message.Delete(t.Context(), imbotv2.MessageDeleteRequest{MessageID: id, Complete: new(true)})
	require.NoError(t, err)
	assert.True(t, isDeleted())

	_, err = bot.Chat.Message.Delete(t.Context(), imbotv2.MessageDeleteRequest{MessageID: id})
	require.ErrorIs(t, err, imbot.Code("MESSAGE_NOT_FOUND"))
}

// What can never be right about a message to forward and about a command is found before anything is sent.
func TestValidate_forwardsAndCommands(t *testing.T) {
	t.Parallel()
	const uuid, upper = "f47ac10b-58cc-4372-a567-0e02b2c3d479", "F47AC10B-58CC-4372-A567-0E02B2C3D479"
	forward := func(uuid string, id imbot.MessageID) error {
		return imbotv2.MethodMessageSend.Validate(imbotv2.MessageSendRequest{
			BotID: 456, DialogID: "chat5", Fields: imbotv2.MessageSendFields{ForwardIDs: map[string]imbot.MessageID{uuid: id}},
		})
	}
	require.NoError(t, forward(uuid, 789))
	register := func(word string) error {
		return imbotv2.MethodCommandRegister.Validate(imbotv2.CommandRegisterRequest{
			BotID: 456, Fields: imbotv2.CommandRegisterFields{Command: word, Hidden: new(true)},
		})
	}
	require.NoError(t, register("/help"))
	update := func(word string) error {
		return imbotv2.MethodCommandUpdate.Validate(imbotv2.CommandUpdateRequest{
			BotID: 456, CommandID: 42, Fields: imbotv2.CommandUpdateFields{Command: word},
		})
	}
	require.NoError(t, update("help"))
	for name, tt := range map[string]struct {
		err   error
		param string
		code  error
	}{
		"forward: upper case":   {forward(upper, 789), "fields.forwardIds", nil},
		"forward: another text": {forward("first", 789), "fields.forwardIds", nil},
		"forward: version 1":    {forward("f47ac10b-58cc-1372-a567-0e02b2c3d479", 789), "fields.forwardIds", nil},
		"forward: no message":   {forward(uuid, 0), "fields.forwardIds[" + uuid + "]", imbotv2.ErrMessageNotFound},
		"forward: negative":     {forward(uuid, -789), "fields.forwardIds[" + uuid + "]", imbotv2.ErrMessageNotFound},
		"register: a blank":     {register("help me"), "fields.command", imbotv2.ErrCommandNameInvalid},
		"register: a line":      {register("help\n"), "fields.command", imbotv2.ErrCommandNameInvalid},
		"update: a blank":       {update("/help me"), "fields.command", imbotv2.ErrCommandNameInvalid},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var problem *imbot.ParamError
			require.ErrorAs(t, tt.err, &problem)
			assert.Equal(t, tt.param, problem.Param)
			if tt.code != nil {
				require.ErrorIs(t, tt.err, tt.code)
			}
		})
	}
}

// What was read is counted, and reactions are set once.
func TestMessageService_readAndReact(t *testing.T) {
	t.Parallel()
	portal := imbottest.NewPortal(t)
	bot := imbotv2.New(portal.Client()).As(imbotv2.Identity{BotID: imbottest.BotMain, BotToken: imbottest.ClientID})
	first := portal.PostMessage(imbottest.ChatGroup, imbottest.Employee, "one")
	second := portal.PostMessage(imbottest.ChatGroup, imbottest.Employee, "two")

	read, err := bot.Chat.Message.Read(t.Context(), imbotv2.MessageReadRequest{DialogID: "chat13", MessageID: first})
	require.NoError(t, err)
	assert.Equal(t, imbotv2.MessageReadResult{ChatID: 13, LastID: first, Counter: 1, ViewedMessages: []imbot.MessageID{first}}, read.Result)
	read, err = bot.Chat.Message.Read(t.Context(), imbotv2.MessageReadRequest{DialogID: "chat13"})
	require.NoError(t, err)
	assert.Equal(t, imbotv2.MessageReadResult{ChatID: 13, LastID: second, ViewedMessages: []imbot.MessageID{second}}, read.Result)

	like := imbotv2.ReactionAddRequest{MessageID: first, Reaction: "like"}
	_, err = bot.Chat.Message.Reaction.Add(t.Context(), like)
	require.NoError(t, err)
	_, err = bot.Chat.Message.Reaction.Add(t.Context(), like)
	require.ErrorIs(t, err, imbot.Code("REACTION_ALREADY_SET"))
	_, err = bot.Chat.Message.Reaction.Delete(t.Context(), imbotv2.ReactionDeleteRequest(like))
	require.NoError(t, err)
	_, err = bot.Chat.Message.Reaction.Delete(t.Context(), imbotv2.ReactionDeleteRequest(like))
	require.ErrorIs(t, err, imbot.Code("REACTION_NOT_FOUND"))
}

// What can never be right is found before anything is sent.
func TestMethods_mistakes(t *testing.T) {
	t.Parallel()
	portal := imbottest.NewPortal(t)
	v2 := imbotv2.New(portal.Client())
	bot := v2.As(imbotv2.Identity{BotID: imbottest.BotMain, BotToken: imbottest.ClientID})
	named := content.NewKeyboard(content.Row(content.CommandButton("", "take", "")))
	for name, tt := range map[string]struct {
		call  func() error
		param string
	}{
		"update: message": {func() error {
			_, err := bot.Chat.Message.Update(t.Context(), imbotv2.MessageUpdateRequest{Fields: imbotv2.MessageUpdateFields{Message: "a"}})
			return err
		}, "messageId"},
		"update: nothing": {func() error {
			_, err := bot.Chat.Message.Update(t.Context(), imbotv2.MessageUpdateRequest{MessageID: 9})
			return err
		}, "fields"},
		"update: keyboard": {func() error {
			_, err := bot.Chat.Message.Update(t.Context(), imbotv2.MessageUpdateRequest{MessageID: 9, Fields: imbotv2.MessageUpdateFields{Keyboard: named}})
			return err
		}, "fields.keyboard"},
		"update: attach": {func() error {
			_, err := bot.Chat.Message.Update(t.Context(), imbotv2.MessageUpdateRequest{
				MessageID: 9, Fields: imbotv2.MessageUpdateFields{Attach: content.NewAttach(content.Block{})},
			})
			return err
		}, "fields.attach"},
		"update: nobody's keyboard": {func() error {
			return imbotv2.MethodMessageUpdate.Validate(imbotv2.MessageUpdateRequest{BotID: 39, MessageID: 9, Fields: imbotv2.MessageUpdateFields{
				Keyboard: content.NewKeyboard(content.Row(content.CommandButton("A", "take", ""))),
			}})
		}, "fields.keyboard"},
		"delete": {func() error {
			_, err := bot.Chat.Message.Delete(t.Context(), imbotv2.MessageDeleteRequest{MessageID: -1})
			return err
		}, "messageId"},
		"get": {func() error {
			_, err := bot.Chat.Message.Get(t.Context(), imbotv2.MessageGetRequest{})
			return err
		}, "messageId"},
		"getContext: range": {func() error {
			_, err := bot.Chat.Message.GetContext(t.Context(), imbotv2.MessageGetContextRequest{MessageID: 9, Range: 51})
			return err
		}, "range"},
		"read: dialog": {func() error {
			_, err := bot.Chat.Message.Read(t.Context(), imbotv2.MessageReadRequest{MessageID: 9})
			return err
		}, "dialogId"},
		"read: message": {func() error {
			_, err := bot.Chat.Message.Read(t.Context(), imbotv2.MessageReadRequest{DialogID: "chat13", MessageID: -9})
			return err
		}, "messageId"},
		"react": {func() error {
			_, err := bot.Chat.Message.Reaction.Add(t.Context(), imbotv2.ReactionAddRequest{MessageID: 9})
			return err
		}, "reaction"},
		"do not react": {func() error {
			_, err := bot.Chat.Message.Reaction.Delete(t.Context(), imbotv2.ReactionDeleteRequest{Reaction: "like"})
			return err
		}, "messageId"},
		"command: built in": {func() error {
			_, err := bot.Command.Unregister(t.Context(), imbotv2.CommandUnregisterRequest{CommandID: -1})
			return err
		}, "commandId"},
		"command: nothing": {func() error {
			_, err := bot.Command.Update(t.Context(), imbotv2.CommandUpdateRequest{CommandID: 3})
			return err
		}, "fields.command"},
		"command: no word": {func() error {
			_, err := bot.Command.Update(t.Context(), imbotv2.CommandUpdateRequest{CommandID: 3, Fields: imbotv2.CommandUpdateFields{Command: "/", Hidden: new(true)}})
			return err
		}, "fields.command"},
		"command: params alone": {func() error {
			_, err := bot.Command.Update(t.Context(), imbotv2.CommandUpdateRequest{
				CommandID: 3, Fields: imbotv2.CommandUpdateFields{Params: imbotv2.Localized{"en": "query"}},
			})
			return err
		}, "fields.params"},
		"list: bot": {func() error {
			_, err := v2.As(imbotv2.Identity{}).Command.List(t.Context(), imbotv2.CommandListRequest{})
			return err
		}, "botId"},
		"download": {func() error {
			_, err := bot.File.Download(t.Context(), imbotv2.FileDownloadRequest{})
			return err
		}, "fileId"},
		"user: offset": {func() error {
			_, err := v2.IM.Event.Get(t.Context(), imbotv2.IMEventGetRequest{Offset: -1})
			return err
		}, "offset"},
		"user: limit": {func() error {
			_, err := v2.IM.Event.Get(t.Context(), imbotv2.IMEventGetRequest{Limit: 1001})
			return err
		}, "limit"},
		"user: dialog": {func() error {
			_, err := v2.IM.File.Download(t.Context(), imbotv2.IMFileDownloadRequest{FileID: 1})
			return err
		}, "dialogId"},
		"user: file": {func() error {
			_, err := v2.IM.File.Upload(t.Context(), imbotv2.IMFileUploadRequest{DialogID: "chat13", Fields: imbotv2.IMFileUploadFields{Name: "a.txt"}})
			return err
		}, "fields.content"},
	} {
		var param *imbot.ParamError
		if assert.ErrorAs(t, tt.call(), &param, name) {
			assert.Equal(t, tt.param, param.Param, name)
		}
	}
	assert.Empty(t, portal.Calls())
}

// A user hears of a chat, once subscribed, and has neither bot nor token.
func TestIMService(t *testing.T) {
	t.Parallel()
	portal := imbottest.NewPortal(t, imbottest.Empty())
	portal.AddWebhook(imbottest.Webhook{UserID: imbottest.Employee, Secret: imbottest.Secret, Scopes: []string{"im"}})
	portal.AddChat(imbottest.Chat{ID: 5, Members: []imbot.UserID{imbottest.Employee, 2}})
	client, err := imbot.NewClient(imbot.Webhook(portal.WebhookURL()), imbot.WithHTTPClient(portal.HTTPClient()), imbot.WithClientID("not for users"))
	require.NoError(t, err)
	im := imbotv2.New(client).IM
	fetch := func() []imbotv2.Event {
		got, err := im.Event.Get(t.Context(), imbotv2.IMEventGetRequest{})
		require.NoError(t, err)
		return got.Result.Events
	}
	for range 2 {
		_, err = im.Event.Subscribe(t.Context(), imbotv2.IMEventSubscribeRequest{})
		require.NoError(t, err)
	}
	portal.PostMessage(5, 2, "hello")
	events := fetch()
	require.Len(t, events, 1)
	assert.Equal(t, imbotv2.EventUserMessageAdd, events[0].Name)
	for range 2 {
		_, err = im.Event.Unsubscribe(t.Context(), imbotv2.IMEventUnsubscribeRequest{})
		require.NoError(t, err)
	}
	portal.PostMessage(5, 2, "hello")
	assert.Equal(t, events, fetch(), "what waits stays")
	for _, call := range portal.Calls() {
		assert.NotContains(t, string(call.Body), "not for users", call.Method)
	}
	_, err = im.File.Download(t.Context(), imbotv2.IMFileDownloadRequest{DialogID: "chat5", FileID: 138})
	require.ErrorIs(t, err, imbot.Code("FILE_NOT_FOUND"))
}

package imbotv2_test

import (
	"bytes"
	"errors"
	"image"
	"image/png"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/imbottest"
	"github.com/seed-a6e4e5a4/imbot/imbotv2"
)

// mainBot returns the bot of a portal that owns chat 13.
func mainBot(t *testing.T) (*imbottest.Portal, *imbotv2.Bot) {
	t.Helper()
	portal := imbottest.NewPortal(t)
	return portal, imbotv2.New(portal.Client()).As(imbotv2.Identity{BotID: imbottest.BotMain, BotToken: imbottest.ClientID})
}

// smallPicture is a picture of one pixel.
func smallPicture(t *testing.T) imbot.Image {
	t.Helper()
	var data bytes.Buffer
	require.NoError(t, png.Encode(&data, image.NewRGBA(image.Rect(0, 0, 1, 1))))
	return data.Bytes()
}

// What can never be right is found before anything is sent, and says which parameter it is.
func TestValidate_botsAndChats(t *testing.T) {
	t.Parallel()
	type problem struct {
		err      error
		param    string
		sentinel error
	}
	const dialog imbot.DialogID = "chat5"
	update := func(fields imbotv2.BotUpdateFields) error {
		return imbotv2.MethodBotUpdate.Validate(imbotv2.BotUpdateRequest{BotID: 456, Fields: fields})
	}
	register := func(background imbotv2.Background, properties imbotv2.BotProperties) error {
		return imbotv2.MethodBotRegister.Validate(imbotv2.BotRegisterRequest{Fields: imbotv2.BotRegisterFields{
			Code: "a", BackgroundID: background, Properties: properties,
		}})
	}
	list := imbotv2.MethodBotList.Validate
	add := func(fields imbotv2.ChatAddFields) error {
		return imbotv2.MethodChatAdd.Validate(imbotv2.ChatAddRequest{BotID: 456, Fields: fields})
	}
	change := func(fields imbotv2.ChatUpdateFields) error {
		return imbotv2.MethodChatUpdate.Validate(imbotv2.ChatUpdateRequest{BotID: 456, DialogID: dialog, Fields: fields})
	}
	profile := func(p imbotv2.BotProperties) error { return update(imbotv2.BotUpdateFields{Properties: &p}) }
	noPicture := imbot.Image("GIF, or so")
	for name, tt := range map[string]problem{
		"list: type":            {list(imbotv2.BotListRequest{Filter: imbotv2.BotListFilter{Type: "robot"}}), "filter.type", imbotv2.ErrBotInvalidType},
		"list: offset":          {list(imbotv2.BotListRequest{Offset: -1}), "offset", nil},
		"list: limit":           {list(imbotv2.BotListRequest{Limit: -1}), "limit", nil},
		"update: no bot":        {imbotv2.MethodBotUpdate.Validate(imbotv2.BotUpdateRequest{Fields: imbotv2.BotUpdateFields{IsHidden: new(true)}}), "botId", imbot.ErrBotID},
		"update: nothing":       {update(imbotv2.BotUpdateFields{}), "fields", imbot.ErrInvalidFormat},
		"update: empty profile": {profile(imbotv2.BotProperties{}), "fields.properties", imbot.ErrInvalidFormat},
		"update: color":         {profile(imbotv2.BotProperties{Name: "A", Color: "MINT"}), "fields.properties.color", imbot.ErrWrongColor},
		"update: avatar":        {profile(imbotv2.BotProperties{Name: "A", Avatar: noPicture}), "fields.properties.avatar", imbot.ErrAvatar},
		"update: background":    {update(imbotv2.BotUpdateFields{BackgroundID: "null"}), "fields.backgroundId", nil},
		"update: mode":          {update(imbotv2.BotUpdateFields{EventMode: "push"}), "fields.eventMode", imbotv2.ErrBotInvalidEventMode},
		"update: long token":    {update(imbotv2.BotUpdateFields{BotToken: strings.Repeat("ж", 41)}), "fields.botToken", imbotv2.ErrBotTokenInvalidLength},
		"update: blank token":   {update(imbotv2.BotUpdateFields{BotToken: " "}), "fields.botToken", imbotv2.ErrBotTokenInvalidLength},
		"update: gender":        {profile(imbotv2.BotProperties{Name: "A", Gender: "X"}), "fields.properties.gender", nil},
		"register: color":       {register("", imbotv2.BotProperties{Name: "A", Color: "blue"}), "fields.properties.color", imbot.ErrWrongColor},
		"register: gender":      {register("", imbotv2.BotProperties{Name: "A", Gender: "X"}), "fields.properties.gender", nil},
		"register: avatar":      {register("", imbotv2.BotProperties{Name: "A", Avatar: noPicture}), "fields.properties.avatar", imbot.ErrAvatar},
		"register: background":  {register("blue", imbotv2.BotProperties{Name: "A"}), "fields.backgroundId", nil},
		"add: no bot":           {imbotv2.MethodChatAdd.Validate(imbotv2.ChatAddRequest{}), "botId", imbot.ErrBotID},
		"add: color":            {add(imbotv2.ChatAddFields{Color: "blue"}), "fields.color", imbot.ErrWrongColor},
		"add: avatar":           {add(imbotv2.ChatAddFields{Avatar: noPicture}), "fields.avatar", imbot.ErrAvatar},
		"add: user":             {add(imbotv2.ChatAddFields{UserIDs: []imbot.UserID{1, 0}}), "fields.userIds[1]", imbot.ErrUserIDEmpty},
		"add: owner":            {add(imbotv2.ChatAddFields{OwnerID: -1}), "fields.ownerId", imbot.ErrUserIDEmpty},
		"add: message":          {add(imbotv2.ChatAddFields{Message: strings.Repeat("a", 20001)}), "fields.message", nil},
		"change: nothing":       {change(imbotv2.ChatUpdateFields{}), "fields", imbot.ErrInvalidFormat},
		"change: color":         {change(imbotv2.ChatUpdateFields{Color: "x"}), "fields.color", imbot.ErrWrongColor},
		"change: avatar":        {change(imbotv2.ChatUpdateFields{Avatar: noPicture}), "fields.avatar", imbot.ErrAvatar},
		"owner: nobody":         {imbotv2.MethodChatSetOwner.Validate(imbotv2.ChatSetOwnerRequest{BotID: 456, DialogID: dialog}), "userId", imbot.ErrUserIDEmpty},
		"managers: nobody":      {imbotv2.MethodManagerAdd.Validate(imbotv2.ManagerAddRequest{BotID: 456, DialogID: dialog}), "userIds", imbotv2.ErrEmptyUserIDs},
		"managers: no user":     {imbotv2.MethodManagerDelete.Validate(imbotv2.ManagerDeleteRequest{BotID: 456, DialogID: dialog, UserIDs: []imbot.UserID{-4}}), "userIds[0]", imbotv2.ErrEmptyUserIDs},
		"members: nobody":       {imbotv2.MethodUserAdd.Validate(imbotv2.UserAddRequest{BotID: 456, DialogID: dialog}), "userIds", imbot.ErrUserIDEmpty},
		"remove: nobody":        {imbotv2.MethodUserDelete.Validate(imbotv2.UserDeleteRequest{BotID: 456, DialogID: dialog}), "userId", imbot.ErrUserIDEmpty},
		"remove: itself":        {imbotv2.MethodUserDelete.Validate(imbotv2.UserDeleteRequest{BotID: 456, DialogID: dialog, UserID: 456}), "userId", nil},
		"typing: no dialog":     {imbotv2.MethodTextFieldEnabled.Validate(imbotv2.TextFieldEnabledRequest{BotID: 456}), "dialogId", imbot.ErrDialogIDEmpty},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var param *imbot.ParamError
			require.ErrorAs(t, tt.err, &param)
			assert.Equal(t, tt.param, param.Param)
			if tt.sentinel != nil {
				require.ErrorIs(t, tt.err, tt.sentinel)
			}
		})
	}
	for name, err := range map[string]error{
		"a picture":              profile(imbotv2.BotProperties{Avatar: smallPicture(t)}),
		"every color":            change(imbotv2.ChatUpdateFields{Color: imbotv2.ColorGraphite}),
		"a background":           update(imbotv2.BotUpdateFields{BackgroundID: imbotv2.BackgroundCornflower}),
		"the longest token":      update(imbotv2.BotUpdateFields{BotToken: strings.Repeat("ж", 40)}),
		"a chat without a title": add(imbotv2.ChatAddFields{}),
		"all types of bots":      list(imbotv2.BotListRequest{Filter: imbotv2.BotListFilter{Type: imbotv2.BotTypeNetwork}}),
	} {
		require.NoError(t, err, name)
	}
}

// A chat from its beginning to its end, by itself and by a batch, on a portal that does what is asked.
func TestChats_ofABot(t *testing.T) {
	t.Parallel()
	const botUserID, colleague, gone = imbot.UserID(imbottest.BotMain), imbot.UserID(27), imbot.UserID(28)
	portal, bot := mainBot(t)
	portal.AddUser(imbottest.User{ID: colleague})
	portal.AddUser(imbottest.User{ID: gone, Inactive: true})
	ctx := t.Context()

	made, err := bot.Chat.Add(ctx, imbotv2.ChatAddRequest{Fields: imbotv2.ChatAddFields{
		Title: "Support", Color: imbotv2.ColorLightBlue, Avatar: smallPicture(t), UserIDs: []imbot.UserID{imbottest.Employee, gone},
		Message: "Welcome",
	}})
	require.NoError(t, err)
	chat := made.Result.Chat
	assert.Equal(t, "Support", chat.Name)
	assert.Equal(t, botUserID, chat.Owner)
	assert.Equal(t, "Welcome", portal.Messages(chat.ID)[len(portal.Messages(chat.ID))-1].Text)
	assert.ElementsMatch(t, []imbot.UserID{botUserID, imbottest.Employee}, portal.Members(chat.ID), "who has left the company is left out")

	_, err = bot.Chat.Update(ctx, imbotv2.ChatUpdateRequest{DialogID: chat.DialogID, Fields: imbotv2.ChatUpdateFields{Description: "Ask us"}})
	require.NoError(t, err)
	_, err = bot.Chat.TextField.Enabled(ctx, imbotv2.TextFieldEnabledRequest{DialogID: chat.DialogID, Enabled: new(false)})
	require.NoError(t, err)
	_, err = bot.Chat.Manager.Add(ctx, imbotv2.ManagerAddRequest{DialogID: chat.DialogID, UserIDs: []imbot.UserID{imbottest.Employee, gone}})
	require.NoError(t, err)
	got, err := bot.Chat.Get(ctx, imbotv2.ChatGetRequest{DialogID: chat.DialogID})
	require.NoError(t, err)
	assert.Equal(t, "Support: Ask us", got.Result.Chat.Name+": "+got.Result.Chat.Description)
	assert.False(t, got.Result.Chat.TextFieldEnabled)
	assert.Contains(t, got.Result.Chat.ManagerList, imbottest.Employee)
	assert.NotContains(t, got.Result.Chat.ManagerList, gone)

	batch := bot.Client().NewBatch()
	managers := imbot.Queue(batch, imbotv2.MethodManagerDelete, imbotv2.ManagerDeleteRequest{BotID: bot.ID(), DialogID: chat.DialogID, UserIDs: []imbot.UserID{imbottest.Employee}})
	typing := imbot.Queue(batch, imbotv2.MethodTextFieldEnabled, imbotv2.TextFieldEnabledRequest{BotID: bot.ID(), DialogID: chat.DialogID, Enabled: new(true)})
	removed := imbot.Queue(batch, imbotv2.MethodUserDelete, imbotv2.UserDeleteRequest{BotID: bot.ID(), DialogID: chat.DialogID, UserID: imbottest.Employee})
	again := imbot.Queue(batch, imbotv2.MethodUserDelete, imbotv2.UserDeleteRequest{BotID: bot.ID(), DialogID: chat.DialogID, UserID: imbottest.Employee})
	added := imbot.Queue(batch, imbotv2.MethodUserAdd, imbotv2.UserAddRequest{BotID: bot.ID(), DialogID: chat.DialogID, UserIDs: []imbot.UserID{colleague}})
	owner := imbot.Queue(batch, imbotv2.MethodChatSetOwner, imbotv2.ChatSetOwnerRequest{BotID: bot.ID(), DialogID: chat.DialogID, UserID: colleague})
	another := imbot.Queue(batch, imbotv2.MethodChatAdd, imbotv2.ChatAddRequest{BotID: bot.ID()})
	require.NoError(t, batch.Do(ctx))
	for _, queued := range []*imbot.Queued[imbotv2.Result]{managers, typing, removed, again, added, owner} {
		_, err = queued.Result()
		require.NoError(t, err)
	}
	second, err := another.Result()
	require.NoError(t, err)
	assert.NotEqual(t, chat.ID, second.Result.Chat.ID)

	got, err = bot.Chat.Get(ctx, imbotv2.ChatGetRequest{DialogID: chat.DialogID})
	require.NoError(t, err)
	assert.True(t, got.Result.Chat.TextFieldEnabled)
	assert.NotContains(t, got.Result.Chat.ManagerList, imbottest.Employee)
	assert.Equal(t, colleague, got.Result.Chat.Owner)
	assert.ElementsMatch(t, []imbot.UserID{botUserID, colleague}, portal.Members(chat.ID))
	_, err = bot.Chat.SetOwner(ctx, imbotv2.ChatSetOwnerRequest{DialogID: chat.DialogID, UserID: colleague})
	require.ErrorIs(t, err, imbotv2.ErrNotPermitted, "it is there, and does not own the chat")
	require.NotErrorIs(t, err, imbot.ErrNotInChat)
}

// A plan without REST and a user without access are no chat that denies access.
func TestErrNotPermitted_onlyOfTheChat(t *testing.T) {
	t.Parallel()
	for text, wants := range map[string]bool{
		"Access denied": true, "Zugriff verweigert": true, "REST is available only on commercial plans.": false,
		"REST is available only by subscription.": false, "Current user can't be authorized in this context": false,
		"Access denied! Client ID not specified": false,
	} {
		portal, bot := mainBot(t)
		portal.On("imbot.v2.Chat.User.add", imbottest.Refuse(400, "ACCESS_DENIED", text))
		_, err := bot.Chat.User.Add(t.Context(), imbotv2.UserAddRequest{DialogID: "chat13", UserIDs: []imbot.UserID{7}})
		require.ErrorIs(t, err, imbot.ErrAccessDenied, text)
		require.NotErrorIs(t, err, imbot.ErrNotInChat, text)
		assert.Equal(t, wants, errors.Is(err, imbotv2.ErrNotPermitted), text)
	}
	assert.Equal(t, "imbotv2: the bot is not in the chat, or may not do this there", imbotv2.ErrNotPermitted.Error())
}

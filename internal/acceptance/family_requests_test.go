package acceptance_test

import (
	"bytes"
	"context"
	"encoding/json"
	"image"
	"image/png"
	"net/url"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/imbottest"
	"github.com/seed-a6e4e5a4/imbot/internal/clienttest"
)

func TestFamily_findsMistakesBeforeSending(t *testing.T) {
	t.Parallel()
	var wide bytes.Buffer
	require.NoError(t, png.Encode(&wide, image.NewGray(image.Rect(0, 0, 5001, 1))))
	tests := []struct {
		name  string
		call  func(ctx context.Context, c *imbot.Client) (any, error)
		param string
		want  error
	}{
		{"add: user", func(ctx context.Context, c *imbot.Client) (any, error) {
			return resultOf(c.Chat.Add(ctx, imbot.ChatAddRequest{Users: []imbot.UserID{7, 0}}))
		}, "USERS", imbot.ErrInvalidFormat},
		{"add: color", func(ctx context.Context, c *imbot.Client) (any, error) {
			return resultOf(c.Chat.Add(ctx, imbot.ChatAddRequest{Color: "VIOLET"}))
		}, "COLOR", imbot.ErrWrongColor},
		{"add: avatar", func(ctx context.Context, c *imbot.Client) (any, error) {
			return resultOf(c.Chat.Add(ctx, imbot.ChatAddRequest{Avatar: imbot.Image("text")}))
		}, "AVATAR", imbot.ErrAvatar},
		{"add: bot", func(ctx context.Context, c *imbot.Client) (any, error) {
			return resultOf(c.Chat.Add(ctx, imbot.ChatAddRequest{BotID: -1}))
		}, "BOT_ID", imbot.ErrBotID},
		{"get: type", func(ctx context.Context, c *imbot.Client) (any, error) {
			return resultOf(c.Chat.Get(ctx, imbot.ChatGetRequest{EntityID: "13"}))
		}, "ENTITY_TYPE", imbot.ErrNotFound},
		{"get: id", func(ctx context.Context, c *imbot.Client) (any, error) {
			return resultOf(c.Chat.Get(ctx, imbot.ChatGetRequest{EntityType: "CRM"}))
		}, "ENTITY_ID", imbot.ErrNotFound},
		{"title: chat", func(ctx context.Context, c *imbot.Client) (any, error) {
			return resultOf(c.Chat.UpdateTitle(ctx, imbot.ChatUpdateTitleRequest{Title: "x"}))
		}, "CHAT_ID", imbot.ErrChatIDEmpty},
		{"title: empty", func(ctx context.Context, c *imbot.Client) (any, error) {
			return resultOf(c.Chat.UpdateTitle(ctx, imbot.ChatUpdateTitleRequest{ChatID: 13}))
		}, "TITLE", imbot.ErrTitleEmpty},
		{"title: blank", func(ctx context.Context, c *imbot.Client) (any, error) {
			return resultOf(c.Chat.UpdateTitle(ctx, imbot.ChatUpdateTitleRequest{ChatID: 13, Title: " \n\t"}))
		}, "TITLE", imbot.ErrTitleEmpty},
		{"title: bot", func(ctx context.Context, c *imbot.Client) (any, error) {
			return resultOf(c.Chat.UpdateTitle(ctx, imbot.ChatUpdateTitleRequest{ChatID: 13, Title: "x", BotID: -1}))
		}, "BOT_ID", imbot.ErrBotID},
		{"color: chat", func(ctx context.Context, c *imbot.Client) (any, error) {
			return resultOf(c.Chat.UpdateColor(ctx, imbot.ChatUpdateColorRequest{ChatID: -13, Color: imbot.ColorAqua}))
		}, "CHAT_ID", imbot.ErrChatIDEmpty},
		{"color: none", func(ctx context.Context, c *imbot.Client) (any, error) {
			return resultOf(c.Chat.UpdateColor(ctx, imbot.ChatUpdateColorRequest{ChatID: 13}))
		}, "COLOR", imbot.ErrWrongColor},
		{"color: bot", func(ctx context.Context, c *imbot.Client) (any, error) {
			return resultOf(c.Chat.UpdateColor(ctx, imbot.ChatUpdateColorRequest{ChatID: 13, Color: imbot.ColorAqua, BotID: -1}))
		}, "BOT_ID", imbot.ErrBotID},
		{"avatar: chat", func(ctx context.Context, c *imbot.Client) (any, error) {
			return resultOf(c.Chat.UpdateAvatar(ctx, imbot.ChatUpdateAvatarRequest{Avatar: picture(dot)}))
		}, "CHAT_ID", imbot.ErrChatIDEmpty},
		{"avatar: none", func(ctx context.Context, c *imbot.Client) (any, error) {
			return resultOf(c.Chat.UpdateAvatar(ctx, imbot.ChatUpdateAvatarRequest{ChatID: 13}))
		}, "AVATAR", imbot.ErrAvatar},
		{"avatar: too wide", func(ctx context.Context, c *imbot.Client) (any, error) {
			return resultOf(c.Chat.UpdateAvatar(ctx, imbot.ChatUpdateAvatarRequest{ChatID: 13, Avatar: wide.Bytes()}))
		}, "AVATAR", imbot.ErrAvatar},
		{"avatar: bot", func(ctx context.Context, c *imbot.Client) (any, error) {
			return resultOf(c.Chat.UpdateAvatar(ctx, imbot.ChatUpdateAvatarRequest{ChatID: 13, Avatar: picture(dot), BotID: -1}))
		}, "BOT_ID", imbot.ErrBotID},
		{"owner: chat", func(ctx context.Context, c *imbot.Client) (any, error) {
			return resultOf(c.Chat.SetOwner(ctx, imbot.ChatSetOwnerRequest{UserID: 7}))
		}, "CHAT_ID", imbot.ErrChatIDEmpty},
		{"owner: user", func(ctx context.Context, c *imbot.Client) (any, error) {
			return resultOf(c.Chat.SetOwner(ctx, imbot.ChatSetOwnerRequest{ChatID: 13}))
		}, "USER_ID", imbot.ErrUserIDEmpty},
		{"owner: bot", func(ctx context.Context, c *imbot.Client) (any, error) {
			return resultOf(c.Chat.SetOwner(ctx, imbot.ChatSetOwnerRequest{ChatID: 13, UserID: 7, BotID: -1}))
		}, "BOT_ID", imbot.ErrBotID},
		{"manager: chat", func(ctx context.Context, c *imbot.Client) (any, error) {
			return resultOf(c.Chat.SetManager(ctx, imbot.ChatSetManagerRequest{UserID: 7}))
		}, "CHAT_ID", imbot.ErrChatIDEmpty},
		{"manager: user", func(ctx context.Context, c *imbot.Client) (any, error) {
			return resultOf(c.Chat.SetManager(ctx, imbot.ChatSetManagerRequest{ChatID: 13, UserID: -7, BotID: -1}))
		}, "USER_ID", imbot.ErrUserIDEmpty},
		{"manager: bot", func(ctx context.Context, c *imbot.Client) (any, error) {
			return resultOf(c.Chat.SetManager(ctx, imbot.ChatSetManagerRequest{ChatID: 13, UserID: 7, BotID: -1}))
		}, "BOT_ID", imbot.ErrBotID},
		{"typing: dialog", func(ctx context.Context, c *imbot.Client) (any, error) {
			return resultOf(c.Chat.SendTyping(ctx, imbot.ChatSendTypingRequest{BotID: 39}))
		}, "DIALOG_ID", imbot.ErrDialogIDEmpty},
		{"typing: bot", func(ctx context.Context, c *imbot.Client) (any, error) {
			return resultOf(c.Chat.SendTyping(ctx, imbot.ChatSendTypingRequest{BotID: -1}))
		}, "BOT_ID", imbot.ErrBotID},
		{"user add: chat", func(ctx context.Context, c *imbot.Client) (any, error) {
			return resultOf(c.Chat.User.Add(ctx, imbot.ChatUserAddRequest{Users: []imbot.UserID{7}}))
		}, "CHAT_ID", imbot.ErrChatIDEmpty},
		{"user add: nobody", func(ctx context.Context, c *imbot.Client) (any, error) {
			return resultOf(c.Chat.User.Add(ctx, imbot.ChatUserAddRequest{ChatID: 13}))
		}, "USERS", imbot.ErrWrongRequest},
		{"user add: user", func(ctx context.Context, c *imbot.Client) (any, error) {
			return resultOf(c.Chat.User.Add(ctx, imbot.ChatUserAddRequest{ChatID: 13, Users: []imbot.UserID{-7}}))
		}, "USERS", imbot.ErrWrongRequest},
		{"user add: bot", func(ctx context.Context, c *imbot.Client) (any, error) {
			return resultOf(c.Chat.User.Add(ctx, imbot.ChatUserAddRequest{ChatID: 13, Users: []imbot.UserID{7}, BotID: -1}))
		}, "BOT_ID", imbot.ErrBotID},
		{"user list: chat", func(ctx context.Context, c *imbot.Client) (any, error) {
			return resultOf(c.Chat.User.List(ctx, imbot.ChatUserListRequest{BotID: 39}))
		}, "CHAT_ID", imbot.ErrChatIDEmpty},
		{"user list: bot", func(ctx context.Context, c *imbot.Client) (any, error) {
			return resultOf(c.Chat.User.List(ctx, imbot.ChatUserListRequest{ChatID: 13, BotID: -1}))
		}, "BOT_ID", imbot.ErrBotID},
		{"user delete: chat", func(ctx context.Context, c *imbot.Client) (any, error) {
			return resultOf(c.Chat.User.Delete(ctx, imbot.ChatUserDeleteRequest{UserID: 7}))
		}, "CHAT_ID", imbot.ErrChatIDEmpty},
		{"user delete: the bot first, as on the portal", func(ctx context.Context, c *imbot.Client) (any, error) {
			return resultOf(c.Chat.User.Delete(ctx, imbot.ChatUserDeleteRequest{ChatID: 13, BotID: -1}))
		}, "BOT_ID", imbot.ErrBotID},
		{"user delete: user", func(ctx context.Context, c *imbot.Client) (any, error) {
			return resultOf(c.Chat.User.Delete(ctx, imbot.ChatUserDeleteRequest{ChatID: 13}))
		}, "USER_ID", imbot.ErrUserIDEmpty},
		{"dialog", func(ctx context.Context, c *imbot.Client) (any, error) {
			return resultOf(c.Dialog.Get(ctx, imbot.DialogGetRequest{}))
		}, "DIALOG_ID", imbot.ErrDialogIDEmpty},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			portal := imbottest.NewPortal(t)

			_, err := tt.call(t.Context(), portal.Client())

			clienttest.MatchesOnly(t, err, tt.want)
			var paramErr *imbot.ParamError
			require.ErrorAs(t, err, &paramErr)
			assert.NotEmpty(t, paramErr.Method)
			assert.Equal(t, tt.param, paramErr.Param)
			assert.Empty(t, portal.Calls())
		})
	}
}

// A parameter that is not set is not sent. One that is set is, imbot.No included.
func TestFamily_sendsWhatIsSetAndNothingElse(t *testing.T) {
	t.Parallel()
	tests := []struct {
		req         any
		json, query string
	}{
		{imbot.ChatAddRequest{}, `{}`, ``},
		{imbot.ChatAddRequest{Type: imbot.ChatClosed, Users: []imbot.UserID{7, 9}}, `{"TYPE":"CHAT","USERS":[7,9]}`, `TYPE=CHAT&USERS[0]=7&USERS[1]=9`},
		{imbot.ChatUserAddRequest{ChatID: 13, Users: []imbot.UserID{7}}, `{"CHAT_ID":13,"USERS":[7]}`, `CHAT_ID=13&USERS[0]=7`},
		{
			imbot.ChatUserAddRequest{ChatID: 13, Users: []imbot.UserID{7, 9}, HideHistory: new(imbot.Yes)},
			`{"CHAT_ID":13,"USERS":[7,9],"HIDE_HISTORY":"Y"}`, `CHAT_ID=13&USERS[0]=7&USERS[1]=9&HIDE_HISTORY=Y`,
		},
		{
			imbot.ChatUserAddRequest{ChatID: 13, Users: []imbot.UserID{7}, HideHistory: new(imbot.No)},
			`{"CHAT_ID":13,"USERS":[7],"HIDE_HISTORY":"N"}`, `CHAT_ID=13&USERS[0]=7&HIDE_HISTORY=N`,
		},
		{imbot.ChatSetManagerRequest{ChatID: 13, UserID: 7}, `{"CHAT_ID":13,"USER_ID":7}`, `CHAT_ID=13&USER_ID=7`},
		{
			imbot.ChatSetManagerRequest{ChatID: 13, UserID: 7, IsManager: new(imbot.No)},
			`{"CHAT_ID":13,"USER_ID":7,"IS_MANAGER":"N"}`, `CHAT_ID=13&USER_ID=7&IS_MANAGER=N`,
		},
		{
			imbot.ChatUpdateAvatarRequest{ChatID: 13, Avatar: imbot.Image("\xff\xfe\xfd")},
			`{"CHAT_ID":13,"AVATAR":"//79"}`, `CHAT_ID=13&AVATAR=//79`,
		},
		{imbot.BotListRequest{}, `{}`, ``},
	}
	for _, tt := range tests {
		t.Run(tt.json, func(t *testing.T) {
			t.Parallel()
			encoded, err := json.Marshal(tt.req)
			require.NoError(t, err)
			assert.Equal(t, tt.json, string(encoded))
			plain, err := url.QueryUnescape(queuedAs(t, "x", tt.req))
			require.NoError(t, err)
			assert.Equal(t, tt.query, plain)
		})
	}
}

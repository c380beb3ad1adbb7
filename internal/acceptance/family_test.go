package acceptance_test

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"maps"
	"path"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/imbottest"
	"github.com/seed-a6e4e5a4/imbot/internal/clienttest"
)

// dot is the smallest picture.
const dot = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="

func picture(encoded string) imbot.Image {
	data, _ := base64.StdEncoding.DecodeString(encoded)
	return data
}

// refusal has the status for a file of testdata, and the errors that it matches.
type refusal struct {
	status  int
	matches []error
}

// botRefusals are those of all methods that name a bot.
var botRefusals = map[string]refusal{
	"bot_id_error.json":            {400, []error{imbot.ErrBotID}},
	"app_id_error.json":            {400, []error{imbot.ErrAppID}},
	"access_denied_client_id.json": {403, []error{imbot.ErrClientIDMissing, imbot.ErrAccessDenied}},
}

var (
	chatIDEmpty = refusal{400, []error{imbot.ErrChatIDEmpty}}
	userIDEmpty = refusal{400, []error{imbot.ErrUserIDEmpty}}
	dialogEmpty = refusal{400, []error{imbot.ErrDialogIDEmpty}}
	unavailable = refusal{403, []error{imbot.ErrActionUnavailable, imbot.ErrAccess}}
	accessError = refusal{403, []error{imbot.ErrAccess}}
	wrongOne    = refusal{400, []error{imbot.ErrWrongRequest}}
)

// resultOf returns the result of a call, without the time.
func resultOf[T any](response *imbot.Response[T], err error) (any, error) {
	if err != nil {
		return nil, err
	}
	return response.Result, nil
}

// family has the methods beside those of leaving: the request of request_webhook.json (without the CLIENT_ID that of
// request_oauth.json), the result of ok.json, and every refusal.
var family = func() map[string]familyRow {
	rows := maps.Clone(familyOfChats)
	for _, more := range []map[string]familyRow{familyOfBots, familyOfMessages, familyOfCommands} {
		maps.Copy(rows, more)
	}
	return rows
}()

// familyRow is a method of the family.
type familyRow struct {
	call       func(ctx context.Context, c *imbot.Client, clientID string) (any, error)
	repeatable bool // it only reads, or cannot act twice, and is repeated after a lost answer
	want       any
	noBot      bool
	refusals   map[string]refusal
}

var familyOfChats = map[string]familyRow{
	"imbot.chat.add": {
		call: func(ctx context.Context, c *imbot.Client, clientID string) (any, error) {
			return resultOf(c.Chat.Add(ctx, imbot.ChatAddRequest{
				Type: imbot.ChatOpen, Title: "New Chat Name", Description: "Important News", Color: imbot.ColorPink, Message: "Welcome",
				Users: []imbot.UserID{1269, 1271}, Avatar: picture(dot), EntityType: "CHAT", EntityID: "13", BotID: 39, ClientID: clientID,
			}))
		},
		want: imbot.ChatID(2725),
		refusals: map[string]refusal{
			"invalid_format.json": {400, []error{imbot.ErrInvalidFormat}},
			"wrong_request.json":  wrongOne,
		},
	},
	"imbot.chat.get": {
		call: func(ctx context.Context, c *imbot.Client, _ string) (any, error) {
			return resultOf(c.Chat.Get(ctx, imbot.ChatGetRequest{EntityType: "CRM", EntityID: "LEAD|13"}))
		},
		repeatable: true,
		want:       imbot.ChatRef{ID: 2725},
		noBot:      true,
		refusals: map[string]refusal{
			"not_found.json":           {200, []error{imbot.ErrNotFound}},
			"authorize_error.json":     {403, []error{imbot.ErrAuthorize}},
			"access_error_chat.json":   {400, []error{imbot.ErrAccess}},
			"access_error_dialog.json": accessError,
			"dialog_id_empty.json":     dialogEmpty,
		},
	},
	"imbot.chat.updateTitle": {
		call: func(ctx context.Context, c *imbot.Client, clientID string) (any, error) {
			return resultOf(c.Chat.UpdateTitle(ctx, imbot.ChatUpdateTitleRequest{ChatID: 13, Title: "New Chat Name", BotID: 39, ClientID: clientID}))
		},
		want: true,
		refusals: map[string]refusal{
			"chat_id_empty.json":                   chatIDEmpty,
			"access_error_action_unavailable.json": unavailable,
			"access_error_rename.json":             accessError,
			"title_empty.json":                     {400, []error{imbot.ErrTitleEmpty}},
		},
	},
	"imbot.chat.updateColor": {
		call: func(ctx context.Context, c *imbot.Client, clientID string) (any, error) {
			return resultOf(c.Chat.UpdateColor(ctx, imbot.ChatUpdateColorRequest{ChatID: 13, Color: imbot.ColorLightBlue, BotID: 39, ClientID: clientID}))
		},
		want: true,
		refusals: map[string]refusal{
			"chat_id_empty.json":                   chatIDEmpty,
			"access_error_action_unavailable.json": unavailable,
			"wrong_color.json":                     {400, []error{imbot.ErrWrongColor}},
			"wrong_request.json":                   wrongOne,
		},
	},
	"imbot.chat.updateAvatar": {
		call: func(ctx context.Context, c *imbot.Client, clientID string) (any, error) {
			return resultOf(c.Chat.UpdateAvatar(ctx, imbot.ChatUpdateAvatarRequest{ChatID: 13, Avatar: picture(dot), BotID: 39, ClientID: clientID}))
		},
		want: true,
		refusals: map[string]refusal{
			"chat_id_empty.json":                   chatIDEmpty,
			"access_error_action_unavailable.json": unavailable,
			"access_error_avatar.json":             accessError,
			"access_denied.json":                   {400, []error{imbot.ErrAccessDenied}},
			"avatar_error_type.json":               {400, []error{imbot.ErrAvatar}},
			"avatar_error_size.json":               {400, []error{imbot.ErrAvatar}},
			"wrong_request.json":                   wrongOne,
		},
	},
	"imbot.chat.setOwner": {
		call: func(ctx context.Context, c *imbot.Client, clientID string) (any, error) {
			return resultOf(c.Chat.SetOwner(ctx, imbot.ChatSetOwnerRequest{ChatID: 13, UserID: 7, BotID: 39, ClientID: clientID}))
		},
		want: true,
		refusals: map[string]refusal{
			"chat_id_empty.json":                   chatIDEmpty,
			"user_id_empty.json":                   userIDEmpty,
			"access_error_action_unavailable.json": unavailable,
			"wrong_request.json":                   wrongOne,
		},
	},
	"imbot.chat.setManager": {
		call: func(ctx context.Context, c *imbot.Client, clientID string) (any, error) {
			return resultOf(c.Chat.SetManager(ctx, imbot.ChatSetManagerRequest{ChatID: 13, UserID: 7, IsManager: new(imbot.No), BotID: 39, ClientID: clientID}))
		},
		want: true,
		refusals: map[string]refusal{
			"chat_id_empty.json": chatIDEmpty,
			"user_id_empty.json": userIDEmpty,
			"wrong_request.json": wrongOne,
		},
	},
	"imbot.chat.sendTyping": {
		call: func(ctx context.Context, c *imbot.Client, clientID string) (any, error) {
			return resultOf(c.Chat.SendTyping(ctx, imbot.ChatSendTypingRequest{DialogID: "chat13", BotID: 39, ClientID: clientID}))
		},
		want:     true,
		refusals: map[string]refusal{"dialog_id_empty.json": dialogEmpty},
	},
	"imbot.chat.user.add": {
		call: func(ctx context.Context, c *imbot.Client, clientID string) (any, error) {
			return resultOf(c.Chat.User.Add(ctx, imbot.ChatUserAddRequest{
				ChatID: 13, Users: []imbot.UserID{1269, 1271}, HideHistory: new(imbot.No), BotID: 39, ClientID: clientID,
			}))
		},
		want: true,
		refusals: map[string]refusal{
			"chat_id_empty.json":                   chatIDEmpty,
			"access_error_action_unavailable.json": unavailable,
			"access_error_user_add_forbidden.json": {403, []error{imbot.ErrUserAddForbidden, imbot.ErrAccess}},
			"wrong_request_format.json":            wrongOne,
			"wrong_request.json":                   {400, []error{imbot.ErrUserNotAdded, imbot.ErrWrongRequest}},
			"access_denied_extend.json":            {400, []error{imbot.ErrUserNotAdded, imbot.ErrWrongRequest, imbot.Code("ACCESS_DENIED_EXTEND")}},
		},
	},
	"imbot.chat.user.list": {
		call: func(ctx context.Context, c *imbot.Client, clientID string) (any, error) {
			return resultOf(c.Chat.User.List(ctx, imbot.ChatUserListRequest{ChatID: 13, BotID: 39, ClientID: clientID}))
		},
		repeatable: true,
		want:       imbot.UserIDs{1269, 1271, 1291},
		refusals: map[string]refusal{
			"chat_id_empty.json":                   chatIDEmpty,
			"access_error_action_unavailable.json": unavailable,
		},
	},
	"imbot.chat.user.delete": {
		call: func(ctx context.Context, c *imbot.Client, clientID string) (any, error) {
			return resultOf(c.Chat.User.Delete(ctx, imbot.ChatUserDeleteRequest{ChatID: 13, UserID: 7, BotID: 39, ClientID: clientID}))
		},
		want: true,
		refusals: map[string]refusal{
			"chat_id_empty.json":                      chatIDEmpty,
			"user_id_empty.json":                      userIDEmpty,
			"dialog_id_empty.json":                    dialogEmpty,
			"access_error_action_unavailable.json":    unavailable,
			"access_error_user_delete_forbidden.json": {403, []error{imbot.ErrUserDeleteForbidden, imbot.ErrAccess}},
			"access_error_leave_owner_forbidden.json": {403, []error{imbot.ErrLeaveOwnerForbidden, imbot.ErrAccess}},
			"leave_owner_forbidden.json":              {403, []error{imbot.ErrLeaveOwnerForbidden, imbot.ErrAccess, imbot.Code("LEAVE_OWNER_FORBIDDEN")}},
			"wrong_request.json":                      {400, []error{imbot.ErrUserNotDeleted, imbot.ErrWrongRequest}},
			"access_denied_kick.json":                 {400, []error{imbot.ErrUserNotDeleted, imbot.ErrWrongRequest, imbot.Code("ACCESS_DENIED_KICK")}},
			"im_error_kick.json":                      {400, []error{imbot.ErrUserNotDeleted, imbot.ErrWrongRequest, imbot.Code("IM_ERROR_KICK")}},
			"user_not_found.json":                     {400, []error{imbot.ErrUserNotDeleted, imbot.ErrWrongRequest, imbot.Code("USER_NOT_FOUND")}},
			"user_invited_from_structure.json":        {400, []error{imbot.ErrWrongRequest, imbot.Code("USER_INVITED_FROM_STRUCTURE")}},
		},
	},
	"imbot.bot.list": {
		call: func(ctx context.Context, c *imbot.Client, _ string) (any, error) {
			return resultOf(c.Bot.List(ctx, imbot.BotListRequest{}))
		},
		repeatable: true,
		want:       imbot.BotList{{ID: 39, Name: "NewBot", Code: "newbot"}},
		noBot:      true,
		refusals:   map[string]refusal{"wrong_auth_type.json": {403, []error{imbot.ErrWrongAuthType}}},
	},
	"imbot.dialog.get": {
		call: func(ctx context.Context, c *imbot.Client, _ string) (any, error) {
			return resultOf(c.Dialog.Get(ctx, imbot.DialogGetRequest{DialogID: "chat2725"}))
		},
		repeatable: true,
		want:       documentedDialog,
		noBot:      true,
		refusals: map[string]refusal{
			"dialog_id_empty.json":     dialogEmpty,
			"authorize_error.json":     {403, []error{imbot.ErrAuthorize}},
			"access_error_chat.json":   {400, []error{imbot.ErrAccess}},
			"access_error_dialog.json": accessError,
		},
	},
}

func TestFamily_sendsExactlyWhatIsDocumented(t *testing.T) {
	t.Parallel()
	for method, tt := range family {
		for _, file := range []string{"request_webhook.json", "request_oauth.json"} {
			t.Run(method+"/"+file, func(t *testing.T) {
				t.Parallel()
				portal := imbottest.NewPortal(t)
				portal.On(method, imbottest.Raw(200, "application/json", testdata(t, method+"/ok.json")))
				client, clientID := portal.Client(), "EXAMPLE_CLIENT_ID"
				if strings.Contains(file, "oauth") {
					client, clientID = portal.OAuthClient(imbot.StaticToken("EXAMPLE_TOKEN")), ""
				}

				result, err := tt.call(t.Context(), client, clientID)

				require.NoError(t, err)
				assert.Equal(t, tt.want, result)
				calls := portal.Calls()
				require.Len(t, calls, 1)
				assert.Equal(t, testdata(t, method+"/"+file), string(calls[0].Body))
				assert.True(t, strings.HasSuffix(calls[0].Path, "/"+method), calls[0].Path)
				assert.Empty(t, calls[0].Query)
			})
		}
	}
}

// refusalsOf has every file of a method that is neither a request nor a success.
func refusalsOf(method string) map[string]refusal {
	files := map[string]refusal{}
	for file, row := range family[method].refusals {
		files[file] = row
	}
	if !family[method].noBot {
		for file, row := range botRefusals {
			files[file] = row
		}
	}
	return files
}

func TestFamily_refusals(t *testing.T) {
	t.Parallel()
	for method, tt := range family {
		for file, row := range refusalsOf(method) {
			t.Run(method+"/"+file, func(t *testing.T) {
				t.Parallel()
				body := testdata(t, method+"/"+file)
				portal := imbottest.NewPortal(t)
				portal.On(method, imbottest.Raw(row.status, "application/json; charset=utf-8", body))

				_, err := tt.call(t.Context(), portal.Client(), "my")

				clienttest.MatchesOnly(t, err, row.matches...)
				assert.True(t, strings.HasPrefix(err.Error(), method+": "), err.Error())
				assert.Len(t, portal.Calls(), 1, "a refusal is not repeated")
				if row.status == 200 {
					return
				}
				var wire struct {
					Error       imbot.Code `json:"error"`
					Description string     `json:"error_description"`
				}
				require.NoError(t, json.Unmarshal([]byte(body), &wire))
				var apiErr *imbot.APIError
				require.ErrorAs(t, err, &apiErr)
				assert.Equal(t, method, apiErr.Method)
				assert.Equal(t, row.status, apiErr.StatusCode)
				assert.Equal(t, wire.Error, apiErr.Code)
				assert.Equal(t, wire.Description, apiErr.Description)
			})
		}
	}
}

// Every file has a row, and every folder of a method of the first generation a place in the table.
func TestFamily_everyFileHasARow(t *testing.T) {
	t.Parallel()
	methods := map[string]bool{}
	for _, file := range testdataIn(t, "imbot.*") {
		method, name := path.Split(file)
		method = strings.TrimSuffix(method, "/")
		if method == "imbot.chat.leave" || strings.HasPrefix(method, "imbot.v2.") {
			continue
		}
		methods[method] = true
		if !notRefusals[name] {
			assert.Contains(t, refusalsOf(method), name, "%s has no row", file)
		}
	}
	assert.Len(t, methods, len(family))
}

// A success without the result that the method documents is an error. The outcome is unknown, unless the portal said no
// or the method may be repeated.
func TestFamily_unexpectedResults(t *testing.T) {
	t.Parallel()
	for method, tt := range family {
		for _, result := range []string{`null`, `0`, `"yes"`, `[null]`, `{"0":[]}`, `false`} {
			if method == "imbot.chat.get" && result == "null" || method == "imbot.dialog.get" && result == `{"0":[]}` {
				continue // documented, and an object
			}
			t.Run(method+"/"+result, func(t *testing.T) {
				t.Parallel()
				portal := imbottest.NewPortal(t)
				portal.On(method, imbottest.Raw(200, "application/json", `{"result":`+result+`}`))

				_, err := tt.call(t.Context(), portal.Client(clienttest.WithoutRepeats()...), "my")

				require.ErrorIs(t, err, imbot.ErrUnexpectedResult)
				require.NotErrorIs(t, err, imbot.ErrNotFound)
				if tt.repeatable || result == "false" && tt.want == true {
					require.NotErrorIs(t, err, imbot.ErrOutcomeUnknown)
				} else {
					require.ErrorIs(t, err, imbot.ErrOutcomeUnknown)
				}
			})
		}
	}
}

// What only reads, or cannot act twice, is repeated after a lost answer, and nothing else is.
func TestFamily_isRepeated(t *testing.T) {
	t.Parallel()
	for method, tt := range family {
		t.Run(method, func(t *testing.T) {
			t.Parallel()
			portal := imbottest.NewPortal(t)
			portal.On(method, imbottest.Broken(), imbottest.Raw(200, "application/json", testdata(t, method+"/ok.json")))
			client := portal.Client(imbot.WithRetry(imbot.RetryPolicy{MaxAttempts: 2, BaseDelay: time.Millisecond, MaxDelay: time.Millisecond}))

			result, err := tt.call(t.Context(), client, "my")

			if !tt.repeatable {
				require.ErrorIs(t, err, imbot.ErrOutcomeUnknown)
				assert.Len(t, portal.Calls(), 1)
				return
			}
			require.NoError(t, err)
			assert.Equal(t, tt.want, result)
			assert.Len(t, portal.Calls(), 2)
		})
	}
}

package acceptance_test

import (
	"context"
	"encoding/json"
	"maps"
	"path"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/content"
	"github.com/seed-a6e4e5a4/imbot/imbottest"
	"github.com/seed-a6e4e5a4/imbot/imbotv2"
	"github.com/seed-a6e4e5a4/imbot/internal/clienttest"
)

// rowV2 is a method of the second generation: the request of request_webhook.json, which is that of request_oauth.json
// without the token, something of the result of ok.json, and what the refusals match beside their code.
type rowV2 struct {
	call     func(ctx context.Context, v2 *imbotv2.Client, bot *imbotv2.Bot) (any, error)
	repeats  bool
	want     any
	refusals map[string][]error
}

// familyV2 has the methods of the second generation beside that of leaving.
var familyV2 = func() map[string]rowV2 {
	all := maps.Clone(dailyV2)
	for _, more := range []map[string]rowV2{chatsV2, messagesV2, commandsV2, usersV2} {
		maps.Copy(all, more)
	}
	return all
}()

// dailyV2 has those that a bot uses daily.
var dailyV2 = map[string]rowV2{
	"imbot.v2.Bot.register": {
		call: func(ctx context.Context, v2 *imbotv2.Client, _ *imbotv2.Bot) (any, error) {
			return valueOf(func(r imbotv2.BotRegisterResult) any { return r.Bot.ID })(v2.Bot.Register(ctx, imbotv2.BotRegisterRequest{Fields: imbotv2.BotRegisterFields{
				Code: "support_bot", Properties: imbotv2.BotProperties{Name: "Support Bot", WorkPosition: "AI Assistant"},
				Type: imbotv2.BotTypeBot, EventMode: imbotv2.EventModeFetch,
			}}))
		},
		repeats: true,
		want:    imbot.BotID(456),
		refusals: map[string][]error{
			"bot_avatar_incorrect_size.json": nil, "bot_avatar_incorrect_type.json": nil, "bot_code_already_taken.json": nil,
			"bot_code_required.json": nil, "bot_invalid_callback.json": nil, "bot_invalid_event_mode.json": nil, "bot_invalid_type.json": nil,
			"bot_limit_exceeded.json": nil, "bot_properties_required.json": nil, "bot_register_failed.json": nil,
			"bot_token_invalid_length.json": nil, "bot_webhook_url_required.json": nil,
		},
	},
	"imbot.v2.Bot.get": {
		call: func(ctx context.Context, _ *imbotv2.Client, bot *imbotv2.Bot) (any, error) {
			return valueOf(func(r imbotv2.BotGetResult) any { return r.Bot.EventMode })(bot.Get(ctx, imbotv2.BotGetRequest{Code: "support_bot"}))
		},
		repeats:  true,
		want:     imbotv2.EventModeFetch,
		refusals: map[string][]error{"params_required.json": nil},
	},
	"imbot.v2.Bot.unregister": {
		call: func(ctx context.Context, _ *imbotv2.Client, bot *imbotv2.Bot) (any, error) {
			return resultOf(bot.Unregister(ctx, imbotv2.BotUnregisterRequest{}))
		},
		want:     imbotv2.Result(true),
		refusals: map[string][]error{"bot_unregister_failed.json": nil},
	},
	"imbot.v2.Event.get": {
		call: func(ctx context.Context, _ *imbotv2.Client, bot *imbotv2.Bot) (any, error) {
			return valueOf(func(r imbotv2.EventGetResult) any { return r.NextOffset })(bot.Event.Get(ctx, imbotv2.EventGetRequest{
				Offset: 1000, Limit: 50, WithUserEvents: new(true),
			}))
		},
		repeats:  true,
		want:     imbotv2.EventID(1002),
		refusals: map[string][]error{"auth_error.json": nil, "scope_error.json": nil, "user_not_subscribed.json": nil},
	},
	"imbot.v2.Chat.Message.send": {
		call: func(ctx context.Context, _ *imbotv2.Client, bot *imbotv2.Bot) (any, error) {
			button := content.LinkButton("Open", "https://site.example/")
			button.BgColorToken = content.ColorPrimary
			return valueOf(func(r imbotv2.MessageSendResult) any { return r.ID })(bot.Chat.Message.Send(ctx, imbotv2.MessageSendRequest{
				DialogID: "chat5", Fields: imbotv2.MessageSendFields{Message: "Hello from bot!", Keyboard: content.NewKeyboard(content.Row(button))},
			}))
		},
		want: imbot.MessageID(789),
		refusals: map[string][]error{
			"access_denied.json": notThere, "chat_not_found.json": notThere, "empty_message.json": nil, "param_attach_error.json": nil,
			"param_keyboard_error.json": nil, "reply_error.json": nil, "sending_failed.json": nil,
		},
	},
	"imbot.v2.Chat.InputAction.notify": {
		call: func(ctx context.Context, _ *imbotv2.Client, bot *imbotv2.Bot) (any, error) {
			return resultOf(bot.Chat.InputAction.Notify(ctx, imbotv2.InputActionNotifyRequest{
				DialogID: "chat5", StatusMessageCode: imbotv2.ActionThinking, Duration: 30,
			}))
		},
		want:     imbotv2.Result(true),
		refusals: map[string][]error{"access_denied.json": notThere},
	},
	"imbot.v2.Command.register": {
		call: func(ctx context.Context, _ *imbotv2.Client, bot *imbotv2.Bot) (any, error) {
			return valueOf(func(r imbotv2.CommandRegisterResult) any { return r.Command.ID })(bot.Command.Register(ctx, imbotv2.CommandRegisterRequest{
				Fields: imbotv2.CommandRegisterFields{
					Command: "help", Title: imbotv2.Localized{"en": "Show help", "ru": "Show help (ru)"}, Params: imbotv2.Localized{"en": "query", "ru": "query (ru)"},
				},
			}))
		},
		repeats: true,
		want:    imbotv2.CommandID(42),
		refusals: map[string][]error{
			"command_name_invalid.json": nil, "command_register_failed.json": nil, "command_required.json": nil, "command_title_required.json": nil,
		},
	},
	"imbot.v2.Command.answer": {
		call: func(ctx context.Context, _ *imbotv2.Client, bot *imbotv2.Bot) (any, error) {
			return resultOf(bot.Command.Answer(ctx, imbotv2.CommandAnswerRequest{
				CommandID: 42, MessageID: 789, DialogID: "chat5", Fields: imbotv2.CommandAnswerFields{Message: "Here is the help text..."},
			}))
		},
		want:     imbotv2.Result(true),
		refusals: map[string][]error{"command_answer_failed.json": nil, "command_not_found.json": nil, "empty_message.json": nil},
	},
	"imbot.v2.File.upload": {
		call: func(ctx context.Context, _ *imbotv2.Client, bot *imbotv2.Bot) (any, error) {
			return valueOf(func(r imbotv2.FileUploadResult) any { return r.File.Size })(bot.File.Upload(ctx, imbotv2.FileUploadRequest{
				DialogID: "chat5", Fields: imbotv2.FileUploadFields{Name: "report.pdf", Content: imbot.NewFileContent(strings.NewReader("EXAMPLE"), 7), Message: "Here is the report"},
			}))
		},
		want: int64(35341),
		refusals: map[string][]error{
			"access_denied.json": notThere, "chat_not_found.json": notThere, "file_empty.json": nil, "file_folder_error.json": nil,
			"file_invalid_content.json": nil, "file_send_failed.json": nil, "file_too_large.json": nil, "file_upload_failed.json": nil,
		},
	},
	"imbot.v2.Chat.get": {
		call: func(ctx context.Context, _ *imbotv2.Client, bot *imbotv2.Bot) (any, error) {
			return valueOf(func(r imbotv2.ChatGetResult) any { return r.Chat.DialogID })(bot.Chat.Get(ctx, imbotv2.ChatGetRequest{DialogID: "chat5"}))
		},
		repeats:  true,
		want:     imbot.DialogID("chat5"),
		refusals: map[string][]error{"access_denied.json": notThere, "chat_not_found.json": notThere},
	},
	"imbot.v2.Chat.User.list": {
		call: func(ctx context.Context, _ *imbotv2.Client, bot *imbotv2.Bot) (any, error) {
			return valueOf(func(r imbotv2.UserListResult) any { return r[0].ID })(bot.Chat.User.List(ctx, imbotv2.UserListRequest{
				DialogID: "chat5", Order: &imbotv2.UserOrder{ID: imbotv2.Ascending}, Limit: 50,
			}))
		},
		repeats:  true,
		want:     imbot.UserID(1),
		refusals: map[string][]error{"access_denied.json": notThere, "chat_not_found.json": notThere},
	},
}

// botRefusalsV2 are those of all methods that act as a bot.
var botRefusalsV2 = map[string][]error{
	"bot_id_required.json":         {imbot.ErrBotID},
	"bot_not_found.json":           {imbot.ErrBotID},
	"bot_ownership_error.json":     {imbot.ErrAppID},
	"bot_token_not_specified.json": {imbot.ErrClientIDMissing, imbot.ErrAccessDenied},
}

var notThere = []error{imbot.ErrNotInChat, imbot.ErrWrongRequest}

// valueOf returns something of the result of a call.
func valueOf[T any](value func(T) any) func(*imbot.Response[T], error) (any, error) {
	return func(response *imbot.Response[T], err error) (any, error) {
		if err != nil {
			return nil, err
		}
		return value(response.Result), nil
	}
}

func TestFamilyV2_sendsExactlyWhatIsDocumented(t *testing.T) {
	t.Parallel()
	for method, tt := range familyV2 {
		for _, file := range []string{"request_webhook.json", "request_oauth.json"} {
			t.Run(method+"/"+file, func(t *testing.T) {
				t.Parallel()
				portal := imbottest.NewPortal(t)
				portal.On(method, imbottest.Raw(200, "application/json", testdata(t, method+"/ok.json")))
				client := portal.Client().As("EXAMPLE_BOT_TOKEN")
				if file == "request_oauth.json" {
					var err error
					client, err = client.With(imbot.OAuth(portal.Endpoint(), imbot.StaticToken("EXAMPLE_TOKEN")))
					require.NoError(t, err)
				}
				v2 := imbotv2.New(client)

				got, err := tt.call(t.Context(), v2, v2.As(imbotv2.Identity{BotID: 456}))

				require.NoError(t, err)
				assert.Equal(t, tt.want, got)
				calls := portal.Calls()
				require.Len(t, calls, 1)
				assert.Equal(t, method, calls[0].Method)
				assert.Equal(t, testdata(t, method+"/"+file), string(calls[0].Body))
			})
		}
	}
}

func TestFamilyV2_refusals(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for _, file := range append(testdataIn(t, "imbot.v2.*"), testdataIn(t, "im.v2.*")...) {
		method, name := path.Split(file)
		method = strings.TrimSuffix(method, "/")
		if seen[method] = true; method == "imbot.v2.Chat.leave" || notRefusals[name] {
			continue
		}
		t.Run(file, func(t *testing.T) {
			t.Parallel()
			tt := familyV2[method]
			want, ok := tt.refusals[name]
			if !ok {
				want, ok = botRefusalsV2[name]
			}
			require.True(t, ok, "there is no row")
			var wire struct{ Error imbot.Code }
			require.NoError(t, json.Unmarshal([]byte(testdata(t, file)), &wire))
			portal := imbottest.NewPortal(t)
			portal.On(method, imbottest.Raw(400, "application/json", testdata(t, file)))
			v2 := imbotv2.New(portal.Client())

			_, err := tt.call(t.Context(), v2, v2.As(imbotv2.Identity{BotID: 456, BotToken: "my"}))

			clienttest.MatchesOnly(t, err, append([]error{wire.Error}, want...)...)
		})
	}
	assert.Len(t, seen, len(familyV2)+1)
}

// What cannot act twice is repeated after a lost answer, and nothing else is.
func TestFamilyV2_repeats(t *testing.T) {
	t.Parallel()
	for method, tt := range familyV2 {
		t.Run(method, func(t *testing.T) {
			t.Parallel()
			portal := imbottest.NewPortal(t)
			portal.On(method, imbottest.Broken(), imbottest.Raw(200, "application/json", testdata(t, method+"/ok.json")).Optional())
			v2 := imbotv2.New(portal.Client(imbot.WithRetry(imbot.RetryPolicy{MaxAttempts: 2, BaseDelay: time.Millisecond, MaxDelay: time.Millisecond})))

			got, err := tt.call(t.Context(), v2, v2.As(imbotv2.Identity{BotID: 456, BotToken: "my"}))

			if !tt.repeats {
				require.ErrorIs(t, err, imbot.ErrOutcomeUnknown)
				assert.Len(t, portal.Calls(), 1)
				return
			}
			require.NoError(t, err)
			assert.Equal(t, tt.want, got)
			assert.Len(t, portal.Calls(), 2)
		})
	}
}

// A success without the result that the method documents is an error, whose outcome is unknown unless it may be repeated.
func TestFamilyV2_unexpectedResults(t *testing.T) {
	t.Parallel()
	for method, tt := range familyV2 {
		for _, result := range []string{`null`, `0`, `true`, `"yes"`, `[null]`, `[{}]`, `{}`, `{"result":1}`, `{"id":"x"}`, `{"bot":[],"chat":{"id":0},"file":false,"events":null}`} {
			if method == "imbot.v2.Chat.User.list" && result == "{}" || strings.HasSuffix(method, "subscribe") && result == "true" {
				continue // an empty list, and what is documented
			}
			t.Run(method+"/"+result, func(t *testing.T) {
				t.Parallel()
				portal := imbottest.NewPortal(t)
				portal.On(method, imbottest.Raw(200, "application/json", `{"result":`+result+`}`))
				v2 := imbotv2.New(portal.Client(clienttest.WithoutRepeats()...))

				_, err := tt.call(t.Context(), v2, v2.As(imbotv2.Identity{BotID: 456, BotToken: "my"}))

				require.ErrorIs(t, err, imbot.ErrUnexpectedResult)
				if tt.repeats {
					require.NotErrorIs(t, err, imbot.ErrOutcomeUnknown)
				} else {
					require.ErrorIs(t, err, imbot.ErrOutcomeUnknown)
				}
			})
		}
	}
}

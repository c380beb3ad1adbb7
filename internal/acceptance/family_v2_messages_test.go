package acceptance_test

import (
	"context"
	"strings"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/imbotv2"
)

// messagesV2 has what is done with messages that are there, and with files.
var messagesV2 = map[string]rowV2{
	"imbot.v2.Chat.Message.update": {
		call: func(ctx context.Context, _ *imbotv2.Client, bot *imbotv2.Bot) (any, error) {
			return resultOf(bot.Chat.Message.Update(ctx, imbotv2.MessageUpdateRequest{MessageID: 789, Fields: imbotv2.MessageUpdateFields{Message: "Updated text"}}))
		},
		want: imbotv2.Result(true),
		refusals: map[string][]error{
			"access_denied.json": notThere, "message_access_denied.json": nil, "message_not_found.json": nil,
			"param_attach_error.json": nil, "param_keyboard_error.json": nil,
		},
	},
	"imbot.v2.Chat.Message.delete": {
		call: func(ctx context.Context, _ *imbotv2.Client, bot *imbotv2.Bot) (any, error) {
			return resultOf(bot.Chat.Message.Delete(ctx, imbotv2.MessageDeleteRequest{MessageID: 789}))
		},
		want:     imbotv2.Result(true),
		refusals: map[string][]error{"access_denied.json": notThere, "message_not_found.json": nil},
	},
	"imbot.v2.Chat.Message.get": {
		call: func(ctx context.Context, _ *imbotv2.Client, bot *imbotv2.Bot) (any, error) {
			return valueOf(func(r imbotv2.MessageGetResult) any { return r.Message.Text + " " + r.User.Name })(
				bot.Chat.Message.Get(ctx, imbotv2.MessageGetRequest{MessageID: 789}))
		},
		repeats: true,
		want:    "Hello! How are you? John Smith",
		refusals: map[string][]error{
			"access_denied.json": notThere, "bot_type_not_allowed.json": nil, "message_access_denied.json": nil, "message_not_found.json": nil,
		},
	},
	"imbot.v2.Chat.Message.getContext": {
		call: func(ctx context.Context, _ *imbotv2.Client, bot *imbotv2.Bot) (any, error) {
			return valueOf(func(r imbotv2.MessageGetContextResult) any {
				return []any{r.Messages[0].Text, r.Users[1].ID, r.HasPrevPage, r.HasNextPage}
			})(bot.Chat.Message.GetContext(ctx, imbotv2.MessageGetContextRequest{MessageID: 789, Range: 20}))
		},
		repeats: true,
		want:    []any{"Good day!", imbot.UserID(2), false, true},
		refusals: map[string][]error{
			"access_denied.json": notThere, "bot_type_not_allowed.json": nil, "message_access_denied.json": nil, "message_not_found.json": nil,
		},
	},
	"imbot.v2.Chat.Message.read": {
		call: func(ctx context.Context, _ *imbotv2.Client, bot *imbotv2.Bot) (any, error) {
			return resultOf(bot.Chat.Message.Read(ctx, imbotv2.MessageReadRequest{DialogID: "chat5", MessageID: 789}))
		},
		want:     imbotv2.MessageReadResult{ChatID: 5, LastID: 789, ViewedMessages: []imbot.MessageID{785, 786, 789}},
		refusals: map[string][]error{"access_denied.json": notThere, "chat_not_found.json": notThere, "message_not_found.json": nil},
	},
	"imbot.v2.Chat.Message.Reaction.add": {
		call: func(ctx context.Context, _ *imbotv2.Client, bot *imbotv2.Bot) (any, error) {
			return resultOf(bot.Chat.Message.Reaction.Add(ctx, imbotv2.ReactionAddRequest{MessageID: 789, Reaction: "like"}))
		},
		want: imbotv2.Result(true),
		refusals: map[string][]error{
			"access_denied.json": notThere, "message_not_found.json": nil, "reaction_already_set.json": nil, "reaction_not_found.json": nil,
		},
	},
	"imbot.v2.Chat.Message.Reaction.delete": {
		call: func(ctx context.Context, _ *imbotv2.Client, bot *imbotv2.Bot) (any, error) {
			return resultOf(bot.Chat.Message.Reaction.Delete(ctx, imbotv2.ReactionDeleteRequest{MessageID: 789, Reaction: "like"}))
		},
		want:     imbotv2.Result(true),
		refusals: map[string][]error{"access_denied.json": notThere, "message_not_found.json": nil, "reaction_not_found.json": nil},
	},
	"imbot.v2.File.download": {
		call: func(ctx context.Context, _ *imbotv2.Client, bot *imbotv2.Bot) (any, error) {
			return valueOf(func(r imbotv2.FileDownloadResult) any { return r.DownloadURL.Reveal() })(
				bot.File.Download(ctx, imbotv2.FileDownloadRequest{FileID: 138}))
		},
		repeats:  true,
		want:     "https://portal.example/rest/download.json?token=EXAMPLE_TOKEN",
		refusals: map[string][]error{"file_access_error.json": nil, "file_not_found.json": nil},
	},
}

// commandsV2 has what is done with commands that are there.
var commandsV2 = map[string]rowV2{
	"imbot.v2.Command.list": {
		call: func(ctx context.Context, _ *imbotv2.Client, bot *imbotv2.Bot) (any, error) {
			return valueOf(func(r imbotv2.CommandListResult) any { return r.Commands[0].Title })(bot.Command.List(ctx, imbotv2.CommandListRequest{}))
		},
		repeats: true,
		want:    "Show help (ru)",
	},
	"imbot.v2.Command.update": {
		call: func(ctx context.Context, _ *imbotv2.Client, bot *imbotv2.Bot) (any, error) {
			return valueOf(func(r imbotv2.CommandUpdateResult) any { return r.Command.Command })(bot.Command.Update(ctx, imbotv2.CommandUpdateRequest{
				CommandID: 42,
				Fields:    imbotv2.CommandUpdateFields{Title: imbotv2.LocalizedChange{"en": new("Updated help"), "ru": new("Updated help (ru)")}},
			}))
		},
		want: "/help",
		refusals: map[string][]error{
			"command_already_exists.json": nil, "command_name_empty.json": nil, "command_name_invalid.json": nil,
			"command_not_found.json": nil, "command_title_invalid.json": nil,
		},
	},
	"imbot.v2.Command.unregister": {
		call: func(ctx context.Context, _ *imbotv2.Client, bot *imbotv2.Bot) (any, error) {
			return resultOf(bot.Command.Unregister(ctx, imbotv2.CommandUnregisterRequest{CommandID: 42}))
		},
		want:     imbotv2.Result(true),
		refusals: map[string][]error{"command_not_found.json": nil},
	},
}

// usersV2 has the methods that act for a user, and send no token of a bot.
var usersV2 = map[string]rowV2{
	"im.v2.Event.get": {
		call: func(ctx context.Context, v2 *imbotv2.Client, _ *imbotv2.Bot) (any, error) {
			return valueOf(func(r imbotv2.IMEventGetResult) any { return r.NextOffset })(v2.IM.Event.Get(ctx, imbotv2.IMEventGetRequest{Offset: 2000, Limit: 50}))
		},
		repeats: true,
		want:    imbotv2.EventID(2002),
	},
	"im.v2.Event.subscribe": {
		call: func(ctx context.Context, v2 *imbotv2.Client, _ *imbotv2.Bot) (any, error) {
			return resultOf(v2.IM.Event.Subscribe(ctx, imbotv2.IMEventSubscribeRequest{}))
		},
		repeats: true,
		want:    true,
	},
	"im.v2.Event.unsubscribe": {
		call: func(ctx context.Context, v2 *imbotv2.Client, _ *imbotv2.Bot) (any, error) {
			return resultOf(v2.IM.Event.Unsubscribe(ctx, imbotv2.IMEventUnsubscribeRequest{}))
		},
		repeats: true,
		want:    true,
	},
	"im.v2.File.upload": {
		call: func(ctx context.Context, v2 *imbotv2.Client, _ *imbotv2.Bot) (any, error) {
			return valueOf(func(r imbotv2.IMFileUploadResult) any { return r.File.Status })(v2.IM.File.Upload(ctx, imbotv2.IMFileUploadRequest{
				DialogID: "chat5",
				Fields: imbotv2.IMFileUploadFields{
					Name: "report.pdf", Content: imbot.NewFileContent(strings.NewReader("EXAMPLE"), 7), Message: "Here is the report",
				},
			}))
		},
		want: "done",
		refusals: map[string][]error{
			"access_denied.json": nil, "chat_not_found.json": nil, "file_empty.json": nil, "file_invalid_content.json": nil,
			"file_too_large.json": nil, "folder_error.json": nil, "send_failed.json": nil, "upload_failed.json": nil,
		},
	},
	"im.v2.File.download": {
		call: func(ctx context.Context, v2 *imbotv2.Client, _ *imbotv2.Bot) (any, error) {
			return valueOf(func(r imbotv2.IMFileDownloadResult) any { return r.DownloadURL.Reveal() })(
				v2.IM.File.Download(ctx, imbotv2.IMFileDownloadRequest{DialogID: "chat5", FileID: 138}))
		},
		repeats:  true,
		want:     "https://portal.example/rest/download.json?token=EXAMPLE_TOKEN",
		refusals: map[string][]error{"access_denied.json": nil, "chat_not_found.json": nil, "file_not_found.json": nil},
	},
}

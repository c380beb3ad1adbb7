package acceptance_test

import (
	"context"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/imbotv2"
)

// notPermitted is what a bot is told that is not in the chat, or has not the right.
var notPermitted = []error{imbotv2.ErrNotPermitted, imbot.ErrAccessDenied}

// chatsV2 has the methods of bots and chats that familyV2 has beside those of every day.
var chatsV2 = map[string]rowV2{
	"imbot.v2.Bot.list": {
		call: func(ctx context.Context, _ *imbotv2.Client, bot *imbotv2.Bot) (any, error) {
			v2 := imbotv2.New(bot.Client()) // with the token of the bot
			return valueOf(func(r imbotv2.BotListResult) any { return r.Bots[0].CountUser })(v2.Bot.List(ctx, imbotv2.BotListRequest{
				Filter: imbotv2.BotListFilter{Type: imbotv2.BotTypeBot}, Limit: 10,
			}))
		},
		repeats: true,
		want:    int64(45),
	},
	"imbot.v2.Bot.update": {
		call: func(ctx context.Context, _ *imbotv2.Client, bot *imbotv2.Bot) (any, error) {
			return valueOf(func(r imbotv2.BotUpdateResult) any { return r.Users[0].Name })(bot.Update(ctx, imbotv2.BotUpdateRequest{
				Fields: imbotv2.BotUpdateFields{Properties: &imbotv2.BotProperties{Name: "Updated Bot"}, IsHidden: new(true)},
			}))
		},
		want: "Updated Bot",
		refusals: map[string][]error{
			"bot_avatar_incorrect_size.json": nil, "bot_avatar_incorrect_type.json": nil, "bot_invalid_callback.json": nil,
			"bot_invalid_event_mode.json": nil, "bot_token_invalid_length.json": nil, "bot_token_rotation_failed.json": nil,
			"bot_update_failed.json": nil,
		},
	},
	"imbot.v2.Revision.get": {
		call: func(ctx context.Context, v2 *imbotv2.Client, _ *imbotv2.Bot) (any, error) {
			return resultOf(v2.Revision.Get(ctx, imbotv2.RevisionGetRequest{}))
		},
		repeats: true,
		want:    imbotv2.RevisionGetResult{REST: 33, Web: 130, Mobile: 23, Desktop: 6},
	},
	"imbot.v2.Chat.add": {
		call: func(ctx context.Context, _ *imbotv2.Client, bot *imbotv2.Bot) (any, error) {
			return valueOf(func(r imbotv2.ChatAddResult) any { return r.Chat.IsNew && len(r.Users) == 2 })(bot.Chat.Add(ctx, imbotv2.ChatAddRequest{
				Fields: imbotv2.ChatAddFields{Title: "Support Chat", Color: imbotv2.ColorMint, UserIDs: []imbot.UserID{1, 2}},
			}))
		},
		want:     true,
		refusals: map[string][]error{"access_denied.json": nil, "creation_error.json": nil, "wrong_parameter.json": {imbot.ErrAvatar}},
	},
	"imbot.v2.Chat.update": {
		call: func(ctx context.Context, _ *imbotv2.Client, bot *imbotv2.Bot) (any, error) {
			return resultOf(bot.Chat.Update(ctx, imbotv2.ChatUpdateRequest{
				DialogID: "chat5", Fields: imbotv2.ChatUpdateFields{Title: "New Title", Color: imbotv2.ColorAzure},
			}))
		},
		want: imbotv2.Result(true),
		refusals: map[string][]error{
			"access_denied.json": notPermitted, "chat_not_found.json": notThere, "wrong_message_type.json": nil, "wrong_parameter.json": {imbot.ErrAvatar},
		},
	},
	"imbot.v2.Chat.setOwner": {
		call: func(ctx context.Context, _ *imbotv2.Client, bot *imbotv2.Bot) (any, error) {
			return resultOf(bot.Chat.SetOwner(ctx, imbotv2.ChatSetOwnerRequest{DialogID: "chat5", UserID: 1}))
		},
		want:     imbotv2.Result(true),
		refusals: map[string][]error{"access_denied.json": notPermitted, "chat_not_found.json": notThere},
	},
	"imbot.v2.Chat.Manager.add": {
		call: func(ctx context.Context, _ *imbotv2.Client, bot *imbotv2.Bot) (any, error) {
			return resultOf(bot.Chat.Manager.Add(ctx, imbotv2.ManagerAddRequest{DialogID: "chat5", UserIDs: []imbot.UserID{4, 5}}))
		},
		want: imbotv2.Result(true),
		refusals: map[string][]error{
			"access_denied.json": notPermitted, "chat_not_found.json": notThere, "empty_user_ids.json": nil, "wrong_message_type.json": nil,
		},
	},
	"imbot.v2.Chat.Manager.delete": {
		call: func(ctx context.Context, _ *imbotv2.Client, bot *imbotv2.Bot) (any, error) {
			return resultOf(bot.Chat.Manager.Delete(ctx, imbotv2.ManagerDeleteRequest{DialogID: "chat5", UserIDs: []imbot.UserID{4, 5}}))
		},
		want: imbotv2.Result(true),
		refusals: map[string][]error{
			"access_denied.json": notPermitted, "chat_not_found.json": notThere, "empty_user_ids.json": nil, "wrong_message_type.json": nil,
		},
	},
	"imbot.v2.Chat.User.add": {
		call: func(ctx context.Context, _ *imbotv2.Client, bot *imbotv2.Bot) (any, error) {
			return resultOf(bot.Chat.User.Add(ctx, imbotv2.UserAddRequest{DialogID: "chat5", UserIDs: []imbot.UserID{1, 2, 3}}))
		},
		want:     imbotv2.Result(true),
		refusals: map[string][]error{"access_denied.json": notPermitted, "chat_not_found.json": notThere},
	},
	"imbot.v2.Chat.User.delete": {
		call: func(ctx context.Context, _ *imbotv2.Client, bot *imbotv2.Bot) (any, error) {
			return resultOf(bot.Chat.User.Delete(ctx, imbotv2.UserDeleteRequest{DialogID: "chat5", UserID: 1}))
		},
		repeats: true,
		want:    imbotv2.Result(true),
		refusals: map[string][]error{
			"access_denied.json": notPermitted, "chat_not_found.json": notThere, "user_invited_from_structure.json": {imbot.ErrWrongRequest},
		},
	},
	"imbot.v2.Chat.TextField.enabled": {
		call: func(ctx context.Context, _ *imbotv2.Client, bot *imbotv2.Bot) (any, error) {
			return resultOf(bot.Chat.TextField.Enabled(ctx, imbotv2.TextFieldEnabledRequest{DialogID: "chat5", Enabled: new(false)}))
		},
		want:     imbotv2.Result(true),
		refusals: map[string][]error{"access_denied.json": notThere, "chat_not_found.json": notThere},
	},
}

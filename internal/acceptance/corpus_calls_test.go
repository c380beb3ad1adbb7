package acceptance_test

import (
	"context"
	"slices"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/imbotv2"
	"github.com/seed-a6e4e5a4/imbot/internal/clienttest"
)

// corpusCalls are the calls of scripts. A result that is not nil is recorded as JSON.
var corpusCalls = map[string]func(context.Context, *imbot.Client) (any, error){
	"leave": func(ctx context.Context, c *imbot.Client) (any, error) {
		return orNil(c.Chat.Leave(ctx, imbot.ChatLeaveRequest{ChatID: 13, BotID: 39}))
	},
	"leave without a bot": func(ctx context.Context, c *imbot.Client) (any, error) {
		return orNil(c.Chat.Leave(ctx, imbot.ChatLeaveRequest{ChatID: 13, ClientID: "EXAMPLE_ID"}))
	},
	"leave nothing": func(ctx context.Context, c *imbot.Client) (any, error) {
		return orNil(c.Chat.Leave(ctx, imbot.ChatLeaveRequest{BotID: -1}))
	},
	"members": func(ctx context.Context, c *imbot.Client) (any, error) {
		return orNil(c.Chat.User.List(ctx, imbot.ChatUserListRequest{ChatID: 13, BotID: 39}))
	},
	"ensure left": func(ctx context.Context, c *imbot.Client) (any, error) {
		return noOutcome(c.Chat.EnsureLeft(ctx, imbot.ChatLeaveRequest{ChatID: 13, BotID: 39}))
	},
	"ensure left without a bot": func(ctx context.Context, c *imbot.Client) (any, error) {
		return noOutcome(c.Chat.EnsureLeft(ctx, imbot.ChatLeaveRequest{ChatID: 13}))
	},
	"can leave": func(ctx context.Context, c *imbot.Client) (any, error) {
		return c.Chat.CanLeave(ctx, imbot.ChatLeaveRequest{ChatID: 13, BotID: 39})
	},
	"v2 leave": func(ctx context.Context, c *imbot.Client) (any, error) {
		return orNil(clienttest.V2(c).Chat.Leave(ctx, imbotv2.ChatLeaveRequest{DialogID: "chat13", BotID: 39}))
	},
	"v2 ensure left": func(ctx context.Context, c *imbot.Client) (any, error) {
		return noOutcome(clienttest.V2(c).Chat.EnsureLeft(ctx, imbotv2.ChatLeaveRequest{DialogID: "chat13", BotID: 39}))
	},
	"set owner": func(ctx context.Context, c *imbot.Client) (any, error) {
		return orNil(c.Chat.SetOwner(ctx, imbot.ChatSetOwnerRequest{ChatID: 13, UserID: 7}))
	},
	"add user": func(ctx context.Context, c *imbot.Client) (any, error) {
		return orNil(c.Chat.User.Add(ctx, imbot.ChatUserAddRequest{ChatID: 13, Users: []imbot.UserID{7}}))
	},
	"delete user": func(ctx context.Context, c *imbot.Client) (any, error) {
		return orNil(c.Chat.User.Delete(ctx, imbot.ChatUserDeleteRequest{ChatID: 13, UserID: 7}))
	},
	"title": func(ctx context.Context, c *imbot.Client) (any, error) {
		return orNil(c.Chat.UpdateTitle(ctx, imbot.ChatUpdateTitleRequest{ChatID: 13, Title: "a <b> & c"}))
	},
	"get chat": func(ctx context.Context, c *imbot.Client) (any, error) {
		return orNil(c.Chat.Get(ctx, imbot.ChatGetRequest{EntityType: "CRM", EntityID: "LEAD|4"}))
	},
	"add chat": func(ctx context.Context, c *imbot.Client) (any, error) {
		return orNil(c.Chat.Add(ctx, imbot.ChatAddRequest{Title: "Сводка", Users: []imbot.UserID{1, 7}}))
	},
	"dialog": func(ctx context.Context, c *imbot.Client) (any, error) {
		return orNil(c.Dialog.Get(ctx, imbot.DialogGetRequest{DialogID: "chat13"}))
	},
	"own read": func(ctx context.Context, c *imbot.Client) (any, error) {
		return orNil(imbot.Call(ctx, c, imbot.Method[map[string]any, map[string]any]{Name: "im.example.get", Idempotent: true}, map[string]any{"A": 1}))
	},
	"own act": func(ctx context.Context, c *imbot.Client) (any, error) {
		return orNil(imbot.Call(ctx, c, imbot.Method[map[string]any, int64]{Name: "imbot.message.add"}, nil))
	},
	"batch": func(ctx context.Context, c *imbot.Client) (any, error) { return batchOf(ctx, c.NewBatch()) },
	"batch of reads": func(ctx context.Context, c *imbot.Client) (any, error) {
		b := c.NewBatch()
		list := imbot.Queue(b, imbot.MethodChatUserList, imbot.ChatUserListRequest{ChatID: 13, BotID: 39})
		got := imbot.Queue(b, imbot.MethodChatGet, imbot.ChatGetRequest{EntityType: "CRM", EntityID: "LEAD|4"})
		err := b.Do(ctx)
		return []any{outcomeOf(list.Result()), outcomeOf(got.Result())}, err
	},
	"batch with halt": func(ctx context.Context, c *imbot.Client) (any, error) {
		return batchOf(ctx, c.NewBatch(imbot.WithHalt()))
	},
	"leave all": func(ctx context.Context, c *imbot.Client) (any, error) { // of several chats the order would vary
		var all []any
		for result := range c.Chat.LeaveAll(ctx, slices.Values([]imbot.ChatLeaveRequest{{ChatID: 13, BotID: 39}})) {
			came := recorded{Value: result}
			came.noteError(result.Err)
			all = append(all, came)
		}
		return all, nil
	},
	"three calls": func(ctx context.Context, c *imbot.Client) (any, error) {
		first := outcomeOf(c.Chat.Leave(ctx, imbot.ChatLeaveRequest{ChatID: 13, BotID: 39}))
		second := outcomeOf(c.Chat.User.List(ctx, imbot.ChatUserListRequest{ChatID: 13}))
		third := outcomeOf(c.Chat.Leave(ctx, imbot.ChatLeaveRequest{ChatID: 13, BotID: 39}))
		return []any{first, second, third}, nil
	},
}

// recorded is one of several results of a call.
type recorded struct {
	Value any `json:",omitempty"`
	record
}

func batchOf(ctx context.Context, b *imbot.Batch) (any, error) {
	first := imbot.Queue(b, imbot.MethodChatLeave, imbot.ChatLeaveRequest{ChatID: 13, BotID: 39})
	second := imbot.Queue(b, imbot.MethodChatUserList, imbot.ChatUserListRequest{ChatID: 14, BotID: 39})
	third := imbot.Queue(b, imbotv2.MethodChatLeave, imbotv2.ChatLeaveRequest{DialogID: "chat15", BotID: 39})
	wrong := imbot.Queue(b, imbot.MethodChatLeave, imbot.ChatLeaveRequest{})
	err := b.Do(ctx)
	return []any{outcomeOf(first.Result()), outcomeOf(second.Result()), outcomeOf(third.Result()), outcomeOf(wrong.Result())}, err
}

func orNil[T any](got *imbot.Response[T], err error) (any, error) {
	if got == nil {
		return nil, err
	}
	return got, err
}

func noOutcome(outcome imbot.LeaveOutcome, err error) (any, error) { return outcome, err }

func outcomeOf[T any](got *imbot.Response[T], err error) any {
	var came recorded
	if got != nil {
		came.Value = got
	}
	came.noteError(err)
	return came
}

package main

import (
	"context"
	"errors"
	"slices"

	"github.com/seed-a6e4e5a4/imbot"
)

// Methods of the first generation that have no wrapper.
var (
	registerV1   = imbot.Method[map[string]any, imbot.BotID]{Name: "imbot.register", Check: positive[imbot.BotID]}
	unregisterV1 = imbot.Method[map[string]any, bool]{
		Name: "imbot.unregister", Check: imbot.MustBeTrue[bool],
	}
	messageAddV1 = imbot.Method[map[string]any, imbot.ChatID]{Name: "imbot.message.add", Check: positive[imbot.ChatID]}
)

func positive[ID ~int64](id ID) error {
	if id > 0 {
		return nil
	}
	return errors.New("an id that is none")
}

// first goes through the first generation.
type first struct {
	t      *transcript
	client *imbot.Client // with the CLIENT_ID of the bot
	code   string

	bot     imbot.BotID
	made    bool // there may be a bot
	removed bool // and it surely is no longer
}

func (f *first) walk(ctx context.Context) {
	t := f.t
	registered, err := imbot.Call(ctx, f.client, registerV1, map[string]any{
		"CODE": f.code, "TYPE": "B", "EVENT_HANDLER": handlerURL, "PROPERTIES": map[string]any{"NAME": botName},
	})
	f.made = mayBeDone(err)
	if !t.done("v1: a bot is registered", err) {
		return
	}
	f.bot = registered.Result
	bots, err := f.client.Bot.List(ctx, imbot.BotListRequest{})
	if t.done("v1: bots are listed", err) {
		found := slices.ContainsFunc(bots.Result, func(b imbot.Bot) bool { return b.ID == f.bot && b.Code == f.code })
		t.promise("v1: the bot is among them", found, yesNo(found))
	}
	chat, err := f.client.Chat.Add(ctx, imbot.ChatAddRequest{Title: chatTitle, BotID: f.bot})
	if !t.done("v1: a group chat is made", err) {
		return
	}
	_, err = imbot.Call(ctx, f.client, messageAddV1, map[string]any{
		"BOT_ID": f.bot, "DIALOG_ID": chat.Result.DialogID(), "MESSAGE": messageText,
	})
	t.done("v1: a message is sent", err)
	f.leave(ctx, imbot.ChatLeaveRequest{ChatID: chat.Result, BotID: f.bot})
}

// leave leaves the chat, and holds what is said of that beside the members.
func (f *first) leave(ctx context.Context, req imbot.ChatLeaveRequest) {
	t := f.t
	t.isMember(ctx, f.client, "v1: before, it is among the members", req, true)
	outcome, err := f.client.Chat.EnsureLeft(ctx, req)
	t.left("v1: EnsureLeft leaves", outcome, err, imbot.Left)
	_, err = f.client.Chat.Leave(ctx, req)
	t.refused("v1: a second Leave is refused", err, imbot.ErrNotInChat)
	outcome, err = f.client.Chat.EnsureLeft(ctx, req)
	t.left("v1: a second EnsureLeft says so", outcome, err, imbot.AlreadyOut)
	t.isMember(ctx, f.client, "v1: after, it is not among the members that it gets", req, false)

	_, err = imbot.Call(ctx, f.client, unregisterV1, map[string]any{"BOT_ID": req.BotID})
	f.removed = t.done("v1: the bot is unregistered", err)
	_, err = imbot.Call(ctx, f.client, unregisterV1, map[string]any{"BOT_ID": req.BotID})
	t.refused("v1: it is not found any more", err, imbot.ErrBotID)
}

// clean removes the bot, whatever came before, and returns what stays.
func (f *first) clean(ctx context.Context) string {
	if !f.made || f.removed {
		return ""
	}
	bot := f.bot
	if bot == 0 { // the answer to its registration was lost
		bots, err := f.client.Bot.List(ctx, imbot.BotListRequest{})
		if err != nil {
			return "perhaps a bot of the first generation: " + f.t.outcome(err)
		}
		i := slices.IndexFunc(bots.Result, func(b imbot.Bot) bool { return b.Code == f.code })
		if i < 0 {
			return ""
		}
		bot = bots.Result[i].ID
	}
	_, err := imbot.Call(ctx, f.client, unregisterV1, map[string]any{"BOT_ID": bot})
	if errors.Is(err, imbot.ErrOutcomeUnknown) {
		_, err = imbot.Call(ctx, f.client, unregisterV1, map[string]any{"BOT_ID": bot}) // a second call tells
	}
	if err == nil || errors.Is(err, imbot.ErrBotID) {
		return ""
	}
	return "the bot of the first generation: " + f.t.outcome(err)
}

// isMember notes whether a bot is among the members of a chat, or is not.
func (t *transcript) isMember(
	ctx context.Context, client *imbot.Client, promise string, in imbot.ChatLeaveRequest, want bool,
) {
	members, err := client.Chat.User.List(ctx, imbot.ChatUserListRequest(in))
	if err != nil {
		t.done(promise, err)
		return
	}
	is, came := slices.Contains(members.Result, imbot.UserID(in.BotID)), "it is not"
	if is {
		came = "it is"
	}
	t.promise(promise, is == want, came)
}

// left notes what came of leaving.
func (t *transcript) left(promise string, outcome imbot.LeaveOutcome, err error, want imbot.LeaveState) {
	came := t.outcome(err)
	if err == nil {
		came = string(outcome.State)
		if outcome.Verified {
			came += ", verified"
		}
	}
	t.promise(promise, outcome.State == want && outcome.Verified == (want == imbot.AlreadyOut), came)
}

package main

import (
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/events"
	"github.com/seed-a6e4e5a4/imbot/imbotv2"
)

// bot leaves every chat that it is added to, unless it may stay there.
type bot struct {
	as      *imbotv2.Bot
	allowed map[imbot.ChatID]bool
	out     io.Writer
}

// register registers the bot on its portal, which posts its events to url. A bot that is there already is taken as it
// is; imbotv2.Bot.Update moves it to another address. The token is a secret of your choice, which proves calls to the
// portal, and events to the handler.
func register(ctx context.Context, client *imbot.Client, token, url string) (*imbotv2.Bot, error) {
	all := imbotv2.New(client)
	made, err := all.Bot.Register(ctx, imbotv2.BotRegisterRequest{Fields: imbotv2.BotRegisterFields{
		Code: "leaver", BotToken: token, Properties: imbotv2.BotProperties{Name: "Leaver"}, EventMode: imbotv2.EventModeWebhook, WebhookURL: url,
	}})
	if err != nil {
		return nil, err
	}
	return all.As(imbotv2.Identity{BotID: made.Result.Bot.ID, BotToken: token}), nil
}

// handler says what is done about which event. There is one portal, so one token proves all of them.
func (b *bot) handler(token string) (*events.Handler, error) {
	mux := imbotv2.NewMux()
	mux.JoinChat(b.joined)
	lookup := func(context.Context, events.Sender) (string, error) { return token, nil }
	return events.NewHandler(lookup, events.WithMux(mux), events.WithErrorHandler(func(_ context.Context, err error) {
		fmt.Fprintln(b.out, "Failed:", err)
	}))
}

// joined leaves the chat that the bot was added to, unless it may stay.
func (b *bot) joined(ctx context.Context, event *imbotv2.Event) error {
	switch {
	case !strings.HasPrefix(string(event.DialogID), "chat"):
		fmt.Fprintf(b.out, "The bot is in a private chat with the user %s, and there is no leaving it.\n", event.DialogID)
		return nil
	case b.allowed[event.Chat.ID]:
		fmt.Fprintf(b.out, "The bot may stay in the chat %d.\n", event.Chat.ID)
		return nil
	}
	outcome, err := b.as.Chat.EnsureLeft(ctx, imbotv2.ChatLeaveRequest{DialogID: event.DialogID})
	if err != nil {
		return err
	}
	fmt.Fprintf(b.out, "The bot was added to the chat %d by the user %d: %s.\n", event.Chat.ID, event.User.ID, outcome.State)
	return nil
}

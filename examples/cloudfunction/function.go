// Package cloudfunction is a bot as a cloud function: Bitrix24 posts an event, the function takes the bot out of the chat
// that it was added to, and answers.
//
// Deploy the folder with Handler as the entry point, with BITRIX24_WEBHOOK_URL and BITRIX24_BOT_TOKEN among the secrets
// of the function. Register the bot once, with that token and the address of the function: see examples/botserver.
package cloudfunction

import (
	"context"
	"log/slog"
	"net/http"
	"os"
	"sync"
	"time"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/events"
	"github.com/seed-a6e4e5a4/imbot/imbotv2"
)

// bot is made when the first event comes, and serves all that come to the same instance of the function.
var bot = sync.OnceValues(func() (http.Handler, error) {
	return newBot(os.Getenv("BITRIX24_WEBHOOK_URL"), os.Getenv("BITRIX24_BOT_TOKEN"))
})

// Handler is the entry point.
func Handler(w http.ResponseWriter, r *http.Request) {
	handler, err := bot()
	if err != nil {
		slog.ErrorContext(r.Context(), "the bot cannot start", "error", err)
		http.Error(w, "the bot cannot start", http.StatusInternalServerError)
		return
	}
	handler.ServeHTTP(w, r)
}

// newBot returns what is done about events. The portal is answered when the work is done, as an instance may be stopped
// after its answer, and the work has to end before the time of the function is up.
func newBot(webhookURL, token string) (http.Handler, error) {
	client, err := imbot.NewClient(imbot.Webhook(webhookURL), imbot.WithLogger(slog.Default()))
	if err != nil {
		return nil, err
	}
	mux := imbotv2.NewMux()
	mux.JoinChat(func(ctx context.Context, event *imbotv2.Event) error {
		as := imbotv2.New(client).As(imbotv2.Identity{BotID: event.Bot.ID, BotToken: token})
		outcome, err := as.Chat.EnsureLeft(ctx, imbotv2.ChatLeaveRequest{DialogID: event.DialogID})
		if err == nil {
			slog.InfoContext(ctx, "the bot is out of a chat", "dialog_id", event.DialogID, "state", outcome.State)
		}
		return err
	})
	verify := func(context.Context, events.Sender) (string, error) { return token, nil }
	return events.NewHandler(verify, events.WithMux(mux), events.WithSynchronous(),
		events.WithCallbackTimeout(20*time.Second), events.WithLogger(slog.Default()))
}

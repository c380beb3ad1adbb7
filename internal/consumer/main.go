// Consumer imports imbot as a user would, from a module of its own. It stands guard over what that costs: the modules
// that an importer takes on are listed in its test.
package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"slices"
	"strings"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/events"
	"github.com/seed-a6e4e5a4/imbot/imbottest"
	"github.com/seed-a6e4e5a4/imbot/oauth"
)

func main() {
	report, err := run(context.Background())
	if err != nil {
		_, _ = fmt.Fprintln(os.Stderr, "consumer:", err)
		os.Exit(1)
	}
	_, _ = fmt.Print(report) //nolint:forbidigo // it is a program
}

// run uses a little of everything, and reports what came of it.
func run(ctx context.Context) (string, error) {
	var out strings.Builder
	portal := imbottest.Start()
	defer portal.Close()
	app := oauth.App{ID: imbottest.App, Secret: "EXAMPLE_SECRET", HTTPClient: portal.HTTPClient()}
	tokens := app.Source(oauth.NewMemoryStore(oauth.Token{AccessToken: imbottest.TokenOK, ClientEndpoint: portal.Endpoint()}))
	client, err := imbot.NewClient(imbot.OAuth(portal.Endpoint(), tokens), imbot.WithHTTPClient(portal.HTTPClient()))
	if err != nil {
		return "", err
	}
	outcome, err := client.Chat.EnsureLeft(ctx, imbot.ChatLeaveRequest{ChatID: imbottest.ChatGroup, BotID: imbottest.BotOfApp})
	if err != nil {
		return "", err
	}
	fmt.Fprintln(&out, "one chat:", outcome.State)

	byWebhook, err := client.With(imbot.Webhook(portal.WebhookURL()))
	if err != nil {
		return "", err
	}
	requests := []imbot.ChatLeaveRequest{
		{ChatID: imbottest.ChatGroup, BotID: imbottest.BotMain, ClientID: imbottest.ClientID},
		{ChatID: imbottest.ChatOwned, BotID: imbottest.BotMain, ClientID: imbottest.ClientID},
	}
	for result := range byWebhook.Chat.LeaveAll(ctx, slices.Values(requests)) {
		if result.Err != nil {
			return "", result.Err
		}
		fmt.Fprintf(&out, "chat %d: %s\n", result.Request.ChatID, result.Outcome.State)
	}

	req, err := http.NewRequestWithContext(ctx, http.MethodPost, "/", http.NoBody)
	if err != nil {
		return "", err
	}
	if _, err := events.Parse(req); err == nil {
		return "", errors.New("an event was found in nothing")
	}
	fmt.Fprintln(&out, "no event")
	return out.String(), nil
}

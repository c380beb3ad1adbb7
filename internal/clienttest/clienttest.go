// Package clienttest makes clients for tests, and what a client is given in them: transports and token sources. It also
// checks which errors an error matches.
package clienttest

import (
	"context"
	"net/http"
	"testing"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/imbottest"
	"github.com/seed-a6e4e5a4/imbot/imbotv2"
)

// WebhookURL is the address of a webhook.
const WebhookURL = "https://portal.example/rest/1/EXAMPLE_SECRET/"

// Leave13 is the request of Bitrix24's documentation.
var Leave13 = imbot.ChatLeaveRequest{ChatID: 13, BotID: 39}

// Reading is a method that only reads.
var Reading = imbot.Method[struct{}, any]{Name: "imbot.bot.list", Idempotent: true}

// New returns a client.
func New(t testing.TB, auth imbot.Auth, opts ...imbot.Option) *imbot.Client {
	t.Helper()
	client, err := imbot.NewClient(auth, opts...)
	if err != nil {
		t.Fatal(err)
	}
	return client
}

// ForBot returns a client of a portal with the CLIENT_ID of its bots.
func ForBot(portal *imbottest.Portal, opts ...imbot.Option) *imbot.Client {
	return portal.Client(append([]imbot.Option{imbot.WithClientID(imbottest.ClientID)}, opts...)...)
}

// V2 returns the methods of the second generation, as the bot 39.
func V2(client *imbot.Client) *imbotv2.Bot {
	return imbotv2.New(client).As(imbotv2.Identity{BotID: 39})
}

// Over is the option of a client over a transport.
func Over(transport http.RoundTripper) imbot.Option {
	return imbot.WithHTTPClient(&http.Client{Transport: transport})
}

// WithoutRepeats returns the options of a client whose every call is one request.
func WithoutRepeats() []imbot.Option { return []imbot.Option{imbot.WithRetry(imbot.RetryPolicy{})} }

// TokenFunc is a TokenSource of a func.
type TokenFunc func(context.Context) (string, error)

// Token implements imbot.TokenSource.
func (f TokenFunc) Token(ctx context.Context) (string, error) { return f(ctx) }

// Refresher makes a TokenRefresher of two funcs.
func Refresher(token TokenFunc, refresh func(ctx context.Context, rejected string) (string, error)) imbot.TokenRefresher {
	return refresher{token, refresh}
}

type refresher struct {
	TokenFunc

	refresh func(ctx context.Context, rejected string) (string, error)
}

func (r refresher) Refresh(ctx context.Context, rejected string) (string, error) {
	return r.refresh(ctx, rejected)
}

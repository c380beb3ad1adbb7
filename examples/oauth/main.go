// Oauth goes through the life of an application's tokens: it is installed, its access token expires, the token is
// renewed, and the call that needed it is repeated. Portal and OAuth server are in memory, so nothing leaves this
// machine:
//
//	go run ./examples/oauth
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/signal"
	"path/filepath"
	"time"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/imbottest"
	"github.com/seed-a6e4e5a4/imbot/oauth"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx, os.Stdout)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "oauth:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, out io.Writer) error {
	portal := imbottest.Start()
	defer portal.Close()
	folder, err := os.MkdirTemp("", "imbot-oauth-")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(folder) }() // the system clears it away otherwise

	bot := bot{
		app: oauth.App{
			ID:     imbottest.App,
			Secret: imbottest.AppSecret,
			// For Bitrix24's own OAuth server these two are not needed.
			TokenURL:   portal.TokenURL(),
			HTTPClient: portal.HTTPClient(),
		},
		store:  oauth.NewFileStore(filepath.Join(folder, "token.json")),
		portal: portal,
		out:    out,
	}
	return errors.Join(bot.live(ctx), bot.end(ctx))
}

// bot is an application with the place where it keeps its tokens.
type bot struct {
	app    oauth.App
	store  *oauth.FileStore
	portal *imbottest.Portal
	out    io.Writer
}

func (b *bot) live(ctx context.Context) error {
	if err := b.install(ctx); err != nil {
		return err
	}
	if err := b.expireAndCall(ctx); err != nil {
		return err
	}
	return b.removed(ctx)
}

// end waits until a pair that is being renewed is saved, though Ctrl-C has ended the call that needed it.
func (b *bot) end(ctx context.Context) error {
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Minute)
	defer cancel()
	return b.app.Wait(last, b.store)
}

// install sends a user to the portal and exchanges the code that the user brings back.
func (b *bot) install(ctx context.Context) error {
	const state = "state-of-the-session"
	address := b.app.AuthorizeURL("portal.example", state)
	fmt.Fprintf(b.out, "1. Install\n   The user authorizes the application at\n   %s\n", address)
	back, err := b.visit(ctx, address)
	if err != nil {
		return err
	}
	if back.Get("state") != state || back.Get("domain") != imbottest.Host {
		return errors.New("the user comes from somewhere else")
	}
	token, err := b.app.Exchange(ctx, back.Get("code"))
	if err != nil {
		return err
	}
	if _, err := b.store.Update(ctx, func(oauth.Token) (oauth.Token, error) { return token, nil }); err != nil {
		return err
	}
	fmt.Fprintf(b.out, "   and comes back with a code, which becomes a pair of tokens for\n   %s (scope %s, user %d).\n", token.ClientEndpoint, token.Scope, token.UserID)
	token.Expiry = time.Time{} // which differs each time
	fmt.Fprintf(b.out, "   They are in a file now. Printed, they are\n   %v\n", token)
	return nil
}

// visit does what the user's browser does, and returns what the user comes back with.
func (b *bot) visit(ctx context.Context, address string) (url.Values, error) {
	browser := b.portal.HTTPClient()
	browser.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, http.NoBody)
	if err != nil {
		return nil, err
	}
	resp, err := browser.Do(req)
	if err != nil {
		return nil, err
	}
	if err := resp.Body.Close(); err != nil {
		return nil, err
	}
	back, err := resp.Location()
	if err != nil {
		return nil, err
	}
	return back.Query(), nil
}

// expireAndCall makes a call with a token that has expired, which is renewed on the way.
func (b *bot) expireAndCall(ctx context.Context) error {
	before, err := b.store.Load(ctx)
	if err != nil {
		return err
	}
	b.portal.Expire(before.AccessToken)
	fmt.Fprint(b.out, "\n2. Expire\n   An hour passes, and the portal accepts the access token no longer.\n")

	client, err := imbot.NewClient(imbot.OAuth(before.ClientEndpoint, b.app.Source(b.store)), imbot.WithHTTPClient(b.portal.HTTPClient()))
	if err != nil {
		return err
	}
	response, err := client.Chat.Leave(ctx, imbot.ChatLeaveRequest{ChatID: imbottest.ChatGroup, BotID: imbottest.BotOfApp})
	if err != nil {
		return err
	}
	after, err := b.store.Load(ctx)
	if err != nil {
		return err
	}
	fmt.Fprint(b.out, "\n3. Refresh and repeat\n   The bot leaves a chat. To the program that is one call; on the wire it was\n")
	leave := b.portal.Calls(imbot.MethodChatLeave.Name)
	renewals := b.portal.TokenCalls()
	fmt.Fprintf(b.out, "   %s: %s\n", leave[0].Method, said(leave[0].Code))
	fmt.Fprintf(b.out, "   %s, grant_type=%s: %s\n", b.portal.TokenURL(), renewals[1].Form.Get("grant_type"), said(renewals[1].Code))
	fmt.Fprintf(b.out, "   %s: %s\n", leave[1].Method, said(leave[1].Code))
	fmt.Fprintf(b.out, "   The result is %v. The file has another access token: %v, and another refresh token: %v.\n",
		response.Result, before.AccessToken != after.AccessToken, before.RefreshToken != after.RefreshToken)
	return nil
}

// removed shows the end: there is nothing to renew any more, and the error says why.
func (b *bot) removed(ctx context.Context) error {
	b.portal.RemoveApplication(b.app.ID)
	token, err := b.store.Load(ctx)
	if err != nil {
		return err
	}
	_, err = b.app.Source(b.store).Refresh(ctx, token.AccessToken)
	fmt.Fprintf(b.out, "\n4. Remove\n   Somebody removes the application. The next refresh says\n   %v\n", err)
	if !errors.Is(err, imbot.Code("NOT_INSTALLED")) {
		return fmt.Errorf("unexpected answer to a refresh: %w", err)
	}
	return nil
}

func said(code string) string {
	if code == "" {
		return "done"
	}
	return code
}

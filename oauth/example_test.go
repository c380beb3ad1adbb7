package oauth_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/imbottest"
	"github.com/seed-a6e4e5a4/imbot/oauth"
)

func Example() {
	portal := imbottest.Start() // stands for the portal and Bitrix24's OAuth server
	defer portal.Close()
	folder, err := os.MkdirTemp("", "bot")
	if err != nil {
		log.Fatal(err)
	}
	defer func() { _ = os.RemoveAll(folder) }()
	ctx := context.Background()

	app := oauth.App{
		ID:         imbottest.App,
		Secret:     imbottest.AppSecret,
		TokenURL:   portal.TokenURL(),   // not needed for Bitrix24's own
		HTTPClient: portal.HTTPClient(), // not needed either
	}
	store := oauth.NewFileStore(filepath.Join(folder, "token.json"))

	// Once: keep what the installation event brought.
	installed := oauth.Token(portal.IssueTokens(app.ID))
	if _, err := store.Update(ctx, func(oauth.Token) (oauth.Token, error) { return installed, nil }); err != nil {
		log.Fatal(err)
	}

	// From then on the source hands out the token, and renews it when the portal refuses it.
	client, err := imbot.NewClient(imbot.OAuth(installed.ClientEndpoint, app.Source(store)), imbot.WithHTTPClient(portal.HTTPClient()))
	if err != nil {
		log.Fatal(err)
	}
	portal.Expire(installed.AccessToken)
	response, err := client.Chat.Leave(ctx, imbot.ChatLeaveRequest{ChatID: imbottest.ChatGroup, BotID: imbottest.BotOfApp})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("left:", response.Result)
	fmt.Println("renewals:", len(portal.TokenCalls()))
	// Output:
	// left: true
	// renewals: 1
}

func ExampleApp_AuthorizeURL() {
	app := oauth.App{ID: "app.example", Secret: "EXAMPLE_SECRET"}
	fmt.Println(app.AuthorizeURL("portal.example", "state-of-the-session"))
	// Output: https://portal.example/oauth/authorize/?client_id=app.example&state=state-of-the-session
}

func ExampleApp_Exchange() {
	portal := imbottest.Start()
	defer portal.Close()
	app := oauth.App{ID: imbottest.App, Secret: imbottest.AppSecret, TokenURL: portal.TokenURL(), HTTPClient: portal.HTTPClient()}
	code := portal.Authorize(app.ID) // what a user comes back with

	token, err := app.Exchange(context.Background(), code)
	fmt.Println(token.ClientEndpoint, token.Scope, err)
	_, err = app.Exchange(context.Background(), code)
	fmt.Println(err, errors.Is(err, imbot.ErrInvalidGrant))
	// Output:
	// https://portal.example/rest/ imbot <nil>
	// oauth: invalid_grant (HTTP 400) true
}

// Before a program ends it waits for what is under way, though all of its calls have returned.
func ExampleApp_Wait() {
	portal := imbottest.Start()
	defer portal.Close()
	portal.FaultTokens(imbottest.SlowAfter(50 * time.Millisecond))
	app := oauth.App{ID: imbottest.App, Secret: imbottest.AppSecret, TokenURL: portal.TokenURL(), HTTPClient: portal.HTTPClient()}
	token := oauth.Token(portal.IssueTokens(app.ID))
	store := oauth.NewMemoryStore(token) // one that outlives the program, in real life

	soon, cancel := context.WithTimeout(context.Background(), time.Millisecond)
	defer cancel()
	_, err := app.Source(store).Refresh(soon, token.AccessToken)
	fmt.Println("given up:", errors.Is(err, context.DeadlineExceeded))

	last, cancelLast := context.WithTimeout(context.Background(), time.Minute)
	defer cancelLast()
	fmt.Println("waited:", app.Wait(last, store))
	saved, err := store.Load(context.Background())
	fmt.Println("the new pair is saved:", saved.RefreshToken != token.RefreshToken, err)
	// Output:
	// given up: true
	// waited: <nil>
	// the new pair is saved: true <nil>
}

func ExampleToken() {
	token := oauth.Token{AccessToken: "EXAMPLE_ACCESS", RefreshToken: "EXAMPLE_REFRESH", MemberID: "m", Status: "L"}
	fmt.Println(token)
	// Output: oauth.Token{AccessToken:*** RefreshToken:*** Expiry:"" ClientEndpoint:"" ServerEndpoint:"" MemberID:"m" Domain:"" Scope:"" Status:"L" UserID:0}
}

func ExampleNotSavedError() {
	portal := imbottest.Start()
	defer portal.Close()
	app := oauth.App{ID: imbottest.App, Secret: imbottest.AppSecret, TokenURL: portal.TokenURL(), HTTPClient: portal.HTTPClient()}
	token := oauth.Token(portal.IssueTokens(app.ID))
	source := app.Source(&hooked{
		Store: oauth.NewMemoryStore(token),
		save:  func(oauth.Token) error { return errors.New("the disk is full") },
	})

	_, err := source.Refresh(context.Background(), token.AccessToken)
	fmt.Println(err)
	if unsaved, ok := errors.AsType[*oauth.NotSavedError](err); ok {
		spare := oauth.NewMemoryStore(unsaved.Token()) // wherever there is room
		_, err = spare.Load(context.Background())
		fmt.Println("saved elsewhere:", err == nil)
	}
	// Output:
	// oauth: the new pair of tokens could not be saved: the disk is full
	// saved elsewhere: true
}

// A file keeps the pair over restarts, and all processes that use it share it.
func ExampleFileStore() {
	folder, err := os.MkdirTemp("", "bot")
	if err != nil {
		log.Fatal(err)
	}
	defer func() { _ = os.RemoveAll(folder) }()
	ctx := context.Background()

	store := oauth.NewFileStore(filepath.Join(folder, "token.json"))
	_, err = store.Load(ctx)
	fmt.Println("at first:", errors.Is(err, oauth.ErrNoToken))

	installed := oauth.Token{AccessToken: "EXAMPLE_ACCESS", RefreshToken: "EXAMPLE_REFRESH", MemberID: "m1"}
	if _, err := store.Update(ctx, func(oauth.Token) (oauth.Token, error) { return installed, nil }); err != nil {
		log.Fatal(err)
	}

	afterRestart := oauth.NewFileStore(filepath.Join(folder, "token.json"))
	token, err := afterRestart.Load(ctx)
	fmt.Println("then:", token.MemberID, err)
	// Output:
	// at first: true
	// then: m1 <nil>
}

// A file that holds something else is left alone: somebody may want to look at it before it is removed.
func ExampleErrDamaged() {
	folder, err := os.MkdirTemp("", "bot")
	if err != nil {
		log.Fatal(err)
	}
	defer func() { _ = os.RemoveAll(folder) }()
	path := filepath.Join(folder, "token.json")
	if err := os.WriteFile(path, []byte(`{"access_token":"EXAM`), 0o600); err != nil {
		log.Fatal(err)
	}

	_, err = oauth.NewFileStore(path).Load(context.Background())
	fmt.Println(errors.Is(err, oauth.ErrDamaged), errors.Is(err, oauth.ErrNoToken))
	// Output: true false
}

// For tests, and for programs that get a new pair at every start.
func ExampleMemoryStore() {
	ctx := context.Background()
	store := oauth.NewMemoryStore(oauth.Token{AccessToken: "EXAMPLE_ACCESS", MemberID: "m1"})

	if _, err := store.Update(ctx, func(current oauth.Token) (oauth.Token, error) {
		current.Status = "P"
		return current, nil
	}); err != nil {
		log.Fatal(err)
	}

	token, err := store.Load(ctx)
	fmt.Println(token.MemberID, token.Status, err)
	// Output: m1 P <nil>
}

// The client asks the source for the token, and for another one when the portal refuses it. Of many who meet the same
// expired token, one asks the OAuth server.
func ExampleApp_Source() {
	portal := imbottest.Start()
	defer portal.Close()
	app := oauth.App{ID: imbottest.App, Secret: imbottest.AppSecret, TokenURL: portal.TokenURL(), HTTPClient: portal.HTTPClient()}
	store := oauth.NewMemoryStore(oauth.Token(portal.IssueTokens(app.ID)))
	source := app.Source(store)
	ctx := context.Background()

	first, err := source.Token(ctx)
	if err != nil {
		log.Fatal(err)
	}
	second, err := source.Refresh(ctx, first)
	if err != nil {
		log.Fatal(err)
	}
	late, err := source.Refresh(ctx, first) // which is not the current one any more
	if err != nil {
		log.Fatal(err)
	}

	stored, err := store.Load(ctx)
	fmt.Println(first != second, second == late, stored.AccessToken == second, err)
	fmt.Println("renewals:", len(portal.TokenCalls()))
	// Output:
	// true true true <nil>
	// renewals: 1
}

// A portal opens the application in a frame. Whose tokens it posts, the OAuth server knows.
func ExampleFromFrame() {
	frame := url.Values{
		"AUTH_ID": {"EXAMPLE_ACCESS"}, "REFRESH_ID": {"EXAMPLE_REFRESH"}, "AUTH_EXPIRES": {"3600"},
		"member_id": {"EXAMPLE_MEMBER"}, "status": {"F"},
	}
	posted := httptest.NewRequestWithContext(context.Background(), http.MethodPost,
		"https://app.example/?DOMAIN=portal.example&PROTOCOL=1", strings.NewReader(frame.Encode()))
	posted.Header.Set("Content-Type", "application/x-www-form-urlencoded")

	token, err := oauth.FromFrame(posted)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(token.MemberID, token.ClientEndpoint, token.Status)
	fmt.Printf("%s\n", token.LogValue().Group()[0])
	// Output:
	// EXAMPLE_MEMBER https://portal.example/rest/ F
	// access_token=***
}

// oauthServer stands for Bitrix24's OAuth server.
type oauthServer string

func (answer oauthServer) RoundTrip(*http.Request) (*http.Response, error) {
	return &http.Response{StatusCode: http.StatusOK, Body: io.NopCloser(strings.NewReader(string(answer)))}, nil
}

func ExampleApp_Verify() {
	server := oauthServer(`{"result":{"client_id":"app.example","install":{"installed":true,` +
		`"member_id":"EXAMPLE_MEMBER","client_endpoint":"https://portal.example/rest/"}}}`)
	app := oauth.App{ID: "app.example", Secret: "EXAMPLE_SECRET", HTTPClient: &http.Client{Transport: server}}

	info, err := app.Verify(context.Background(), oauth.Token{AccessToken: "EXAMPLE_ACCESS", MemberID: "EXAMPLE_MEMBER"})
	fmt.Println(info.ClientEndpoint, info.Installed, err)

	_, err = app.Verify(context.Background(), oauth.Token{AccessToken: "EXAMPLE_ACCESS", MemberID: "EXAMPLE_OTHER"})
	fmt.Println(errors.Is(err, oauth.ErrNotConfirmed))
	// Output:
	// https://portal.example/rest/ true <nil>
	// true
}

// The application was installed anew, and its new pair is in the store.
func ExampleSource_Reload() {
	store := oauth.NewMemoryStore(oauth.Token{AccessToken: "EXAMPLE_ACCESS_1"})
	source, _ := oauth.App{ID: "app.example", Secret: "EXAMPLE_SECRET"}.Source(store).(*oauth.Source)
	ctx := context.Background()
	before, _ := source.Token(ctx)

	installed := oauth.Token{AccessToken: "EXAMPLE_ACCESS_2"}
	_, err := store.Update(ctx, func(oauth.Token) (oauth.Token, error) { return installed, nil })
	source.Reload()
	after, _ := source.Token(ctx)
	fmt.Println(before, after, err)
	// Output: EXAMPLE_ACCESS_1 EXAMPLE_ACCESS_2 <nil>
}

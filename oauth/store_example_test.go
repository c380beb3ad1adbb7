package oauth_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"os"
	"path/filepath"

	"github.com/seed-a6e4e5a4/imbot/imbottest"
	"github.com/seed-a6e4e5a4/imbot/oauth"
)

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

package sqlstore_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"log"
	"time"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/imbottest"
	"github.com/seed-a6e4e5a4/imbot/imbotv2"
	"github.com/seed-a6e4e5a4/imbot/oauth"
	"github.com/seed-a6e4e5a4/imbot/portals"
	"github.com/seed-a6e4e5a4/imbot/sqlstore"
)

// database opens a database as a program does, with github.com/jackc/pgx/v5/stdlib for one.
func database() *sql.DB {
	db, err := sql.Open("pgx", dsn(server.addr, ""))
	if err != nil {
		log.Fatal(err)
	}
	return db
}

// The tables are made when the program starts, here in a schema of their own. Two replicas share a pair of tokens: both
// meet the same expired one, and one renews it.
func ExampleMigrate() {
	db := database()
	defer func() { _ = db.Close() }()
	portal := imbottest.Start() // stands for the portal and Bitrix24's OAuth server
	defer portal.Close()
	ctx := context.Background()
	schema := sqlstore.WithSchema("example")
	if err := sqlstore.Migrate(ctx, db, schema); err != nil {
		log.Fatal(err)
	}
	app := oauth.App{ID: imbottest.App, Secret: imbottest.AppSecret, TokenURL: portal.TokenURL(), HTTPClient: portal.HTTPClient()}

	replica := func() (*imbot.Client, *sqlstore.Tokens) {
		store := sqlstore.NewTokens(db, imbottest.MemberID, schema)
		bot, err := imbot.NewClient(imbot.OAuth(portal.Endpoint(), app.Source(store)), imbot.WithHTTPClient(portal.HTTPClient()))
		if err != nil {
			log.Fatal(err)
		}
		return bot, store
	}
	first, store := replica()
	second, _ := replica()

	// Once: keep what the installation event brought.
	installed := oauth.Token(portal.IssueTokens(app.ID))
	if _, err := store.Update(ctx, func(oauth.Token) (oauth.Token, error) { return installed, nil }); err != nil {
		log.Fatal(err)
	}

	portal.Expire(installed.AccessToken)
	for _, bot := range []*imbot.Client{first, second} {
		outcome, err := bot.Chat.EnsureLeft(ctx, imbot.ChatLeaveRequest{ChatID: imbottest.ChatGroup, BotID: imbottest.BotOfApp})
		fmt.Println(outcome.State, err)
	}
	fmt.Println("renewals:", len(portal.TokenCalls()))
	// Output:
	// left <nil>
	// already out <nil>
	// renewals: 1
}

// The first pair of tokens comes with the installation of the application.
func ExampleTokens() {
	db := database()
	defer func() { _ = db.Close() }()
	ctx := context.Background()
	if err := sqlstore.Migrate(ctx, db); err != nil {
		log.Fatal(err)
	}

	store := sqlstore.NewTokens(db, "m1", sqlstore.WithLockExpiry(time.Minute))
	_, err := store.Load(ctx)
	fmt.Println("at first:", errors.Is(err, oauth.ErrNoToken))

	installed := oauth.Token{AccessToken: "EXAMPLE_ACCESS", RefreshToken: "EXAMPLE_REFRESH", MemberID: "m1"}
	if _, err := store.Update(ctx, func(oauth.Token) (oauth.Token, error) { return installed, nil }); err != nil {
		log.Fatal(err)
	}
	token, err := store.Load(ctx)
	fmt.Println("then:", token.MemberID, err)
	// Output:
	// at first: true
	// then: m1 <nil>
}

// An application on many portals keeps its installations in the database, where all of its replicas find them.
func ExampleInstallations() {
	db := database()
	defer func() { _ = db.Close() }()
	ctx := context.Background()
	if err := sqlstore.Migrate(ctx, db); err != nil {
		log.Fatal(err)
	}

	store := sqlstore.NewInstallations(db)
	installed := portals.Installation{
		MemberID: "m1", ClientEndpoint: "https://portal.example/rest/", ApplicationToken: "EXAMPLE_APPLICATION",
		Token: oauth.Token{AccessToken: "EXAMPLE_ACCESS", RefreshToken: "EXAMPLE_REFRESH"},
	}
	// A registry does this when the portal posts the installation.
	_, err := store.Update(ctx, "m1", func(portals.Installation) (portals.Installation, error) { return installed, nil })
	if err != nil {
		log.Fatal(err)
	}

	replica := sqlstore.NewInstallations(db)
	found, err := replica.Load(ctx, "m1")
	fmt.Println(found.ClientEndpoint, err)
	for memberID, err := range replica.List(ctx) {
		fmt.Println("installed:", memberID, err)
	}
	for found, err := range replica.Find(ctx, "PORTAL.example") {
		fmt.Println("found:", found.MemberID, err)
	}
	fmt.Println("deleted:", replica.Delete(ctx, "m1"))
	_, err = store.Load(ctx, "m1")
	fmt.Println(errors.Is(err, portals.ErrNotInstalled))
	// Output:
	// https://portal.example/rest/ <nil>
	// installed: m1 <nil>
	// found: m1 <nil>
	// deleted: <nil>
	// true
}

// A bot that fetches its events goes on where it has ended: bot.Events(ctx, imbotv2.WithOffsets(store)).
func ExampleOffsets() {
	db := database()
	defer func() { _ = db.Close() }()
	ctx := context.Background()
	if err := sqlstore.Migrate(ctx, db); err != nil {
		log.Fatal(err)
	}

	key := imbotv2.OffsetKey{Portal: "portal.example", BotID: 39}
	if err := sqlstore.NewOffsets(db).Save(ctx, key, imbotv2.Offset{EventID: 417}); err != nil {
		log.Fatal(err)
	}
	offset, err := sqlstore.NewOffsets(db).Load(ctx, key)
	fmt.Println(offset.EventID, err)
	// Output: 417 <nil>
}

// A program that has a tool for its migrations gives it these files.
func ExampleMigrations() {
	names, err := fs.Glob(sqlstore.Migrations(), "*.sql")
	fmt.Println(names, err)
	// Output: [0001_stores.sql] <nil>
}

package redisstore_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/redis/go-redis/v9"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/imbottest"
	"github.com/seed-a6e4e5a4/imbot/oauth"
	"github.com/seed-a6e4e5a4/imbot/portals"
	"github.com/seed-a6e4e5a4/imbot/redisstore"
)

// Two replicas of a bot share a pair of tokens and a limiter. Both meet the same expired token, and one renews it.
func Example() {
	server, err := miniredis.Run() // stands for Redis
	if err != nil {
		log.Fatal(err)
	}
	defer server.Close()
	portal := imbottest.Start() // stands for the portal and Bitrix24's OAuth server
	defer portal.Close()
	ctx := context.Background()
	app := oauth.App{ID: imbottest.App, Secret: imbottest.AppSecret, TokenURL: portal.TokenURL(), HTTPClient: portal.HTTPClient()}

	replica := func() (*imbot.Client, *redisstore.Store) {
		client := redis.NewClient(&redis.Options{Addr: server.Addr()})
		store := redisstore.NewStore(client, imbottest.MemberID)
		bot, err := imbot.NewClient(
			imbot.OAuth(portal.Endpoint(), app.Source(store)),
			imbot.WithLimiter(redisstore.NewLimiter(client, imbottest.MemberID, imbot.PlanStandard)),
			imbot.WithHTTPClient(portal.HTTPClient()),
		)
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
func ExampleStore() {
	server, err := miniredis.Run() // stands for Redis
	if err != nil {
		log.Fatal(err)
	}
	defer server.Close()
	client := redis.NewClient(&redis.Options{Addr: server.Addr()})
	defer func() { _ = client.Close() }()
	ctx := context.Background()

	store := redisstore.NewStore(client, "m1", redisstore.WithLockExpiry(30*time.Second))
	_, err = store.Load(ctx)
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

// An application on many portals keeps its installations in Redis, where all of its replicas find them.
func ExampleInstallations() {
	server, err := miniredis.Run() // stands for Redis
	if err != nil {
		log.Fatal(err)
	}
	defer server.Close()
	client := redis.NewClient(&redis.Options{Addr: server.Addr()})
	defer func() { _ = client.Close() }()
	ctx := context.Background()

	store := redisstore.NewInstallations(client, "app.example", redisstore.WithLockExpiry(30*time.Second))
	installed := portals.Installation{
		MemberID: "m1", ClientEndpoint: "https://portal.example/rest/", ApplicationToken: "EXAMPLE_APPLICATION",
		Token: oauth.Token{AccessToken: "EXAMPLE_ACCESS", RefreshToken: "EXAMPLE_REFRESH"},
	}
	// A registry does this when the portal posts the installation.
	_, err = store.Update(ctx, "m1", func(portals.Installation) (portals.Installation, error) { return installed, nil })
	if err != nil {
		log.Fatal(err)
	}

	replica := redisstore.NewInstallations(client, "app.example")
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

// Two processes behind one address share what the portal takes from there.
func ExampleLimiter() {
	server, err := miniredis.Run() // stands for Redis
	if err != nil {
		log.Fatal(err)
	}
	defer server.Close()
	client := redis.NewClient(&redis.Options{Addr: server.Addr()})
	defer func() { _ = client.Close() }()
	one := redisstore.NewLimiter(client, "m1", imbot.PlanStandard)
	another := redisstore.NewLimiter(client, "m1", imbot.PlanStandard)

	fmt.Println("a turn:", one.Wait(context.Background()))
	if err := one.Empty(context.Background()); err != nil { // the portal has said that it is too much
		log.Fatal(err)
	}
	soon, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
	defer cancel()
	fmt.Println("none so soon:", errors.Is(another.Wait(soon), context.DeadlineExceeded))
	// Output:
	// a turn: <nil>
	// none so soon: true
}

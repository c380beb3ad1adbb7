package portals_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"net/http"
	"os"
	"time"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/events"
	"github.com/seed-a6e4e5a4/imbot/oauth"
	"github.com/seed-a6e4e5a4/imbot/portals"
)

// An application is installed on a portal, called there, and removed. A program gives the methods of the registry to
// [events.NewHandler], as the package shows.
func ExampleRegistry() {
	bitrix24 := newWorld() // stands for the OAuth server and the portals
	bitrix24.add("portal-1")
	http24 := &http.Client{Transport: bitrix24}
	ctx := context.Background()

	app := oauth.App{ID: "app.example", Secret: "EXAMPLE_SECRET", HTTPClient: http24}
	registry, err := portals.New(app, portals.NewMemoryStore(), portals.WithClientOptions(imbot.WithHTTPClient(http24)))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("installed:", registry.Install(ctx, bitrix24.install("portal-1")))
	applicationToken, err := registry.Lookup(ctx, events.Sender{MemberID: "portal-1"})
	fmt.Println("events are proven by it:", applicationToken == "EXAMPLE_APPLICATION_portal-1", err)

	client, err := registry.Client(ctx, "portal-1")
	if err != nil {
		log.Fatal(err)
	}
	list, err := client.Bot.List(ctx, imbot.BotListRequest{})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("bots:", len(list.Result))

	removed := removal("portal-1")
	removed.Time = removed.Time.Add(time.Minute)
	fmt.Println("removed:", registry.Uninstall(ctx, removed))
	_, err = registry.Client(ctx, "portal-1")
	fmt.Println(errors.Is(err, portals.ErrNotInstalled), registry.Wait(ctx))
	// Output:
	// installed: <nil>
	// events are proven by it: true <nil>
	// bots: 0
	// removed: <nil>
	// true <nil>
}

// A bot answers by the token that came for it with the event, within the limits of its portal.
func ExampleRegistry_BotClient() {
	bitrix24 := newWorld() // stands for the OAuth server and the portals
	bitrix24.add("portal-1")
	http24 := &http.Client{Transport: bitrix24}
	app := oauth.App{ID: "app.example", Secret: "EXAMPLE_SECRET", HTTPClient: http24}
	registry, err := portals.New(app, portals.NewMemoryStore(), portals.WithClientOptions(imbot.WithHTTPClient(http24)))
	if err != nil {
		log.Fatal(err)
	}
	ctx := context.Background()
	if err := registry.Install(ctx, bitrix24.install("portal-1")); err != nil {
		log.Fatal(err)
	}

	bot := events.Bot{ID: 39, Token: oauth.Token{AccessToken: "EXAMPLE_BOT_TOKEN"}} // of an event of portal-1
	client, err := registry.BotClient(ctx, "portal-1", bot)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(client.Portal())
	// Output: example-portal-1.bitrix24.com
}

// A program calls it once a day, for the portals that nobody has used for months.
func ExampleRegistry_KeepAlive() {
	bitrix24 := newWorld() // stands for the OAuth server and the portals
	bitrix24.add("portal-1")
	app := oauth.App{ID: "app.example", Secret: "EXAMPLE_SECRET", HTTPClient: &http.Client{Transport: bitrix24}}
	store := portals.NewMemoryStore()
	registry, err := portals.New(app, store)
	if err != nil {
		log.Fatal(err)
	}
	ctx := context.Background()
	if err := registry.Install(ctx, bitrix24.install("portal-1")); err != nil {
		log.Fatal(err)
	}
	_, err = store.Update(ctx, "portal-1", func(current portals.Installation) (portals.Installation, error) {
		current.Token.Expiry = current.Token.Expiry.AddDate(0, -5, 0) // five months without a call
		return current, nil
	})
	if err != nil {
		log.Fatal(err)
	}

	fmt.Println(registry.KeepAlive(ctx))
	renewed, err := store.Load(ctx, "portal-1")
	fmt.Println(time.Until(renewed.Token.Expiry) > 0, err)
	// Output:
	// <nil>
	// true <nil>
}

// An owner pays for more requests, and replicas share the limiter of a portal.
func ExampleWithLimiter() {
	app := oauth.App{ID: "app.example", Secret: "EXAMPLE_SECRET"}
	shared := func(i portals.Installation) imbot.Limiter {
		fmt.Println("limiter of", i.MemberID, "with the plan", i.Plan)
		return imbot.NewLimiter(i.Plan) // in real life one that other processes know, too
	}
	store := portals.NewMemoryStore()
	registry, err := portals.New(app, store, portals.WithLimiter(shared), portals.WithMaxConnections(200), portals.WithMaxRenewals(8))
	if err != nil {
		log.Fatal(err)
	}
	ctx := context.Background()
	_, err = store.Update(ctx, "portal-1", func(current portals.Installation) (portals.Installation, error) {
		current.MemberID, current.ClientEndpoint, current.Plan = "portal-1", "https://portal.example/rest/", imbot.PlanEnterprise
		return current, nil
	})
	if err != nil {
		log.Fatal(err)
	}
	if _, err := registry.Client(ctx, "portal-1"); err != nil {
		log.Fatal(err)
	}
	// Output: limiter of portal-1 with the plan Enterprise
}

func ExampleDirStore() {
	folder, err := os.MkdirTemp("", "portals")
	if err != nil {
		log.Fatal(err)
	}
	defer func() { _ = os.RemoveAll(folder) }()
	store, err := portals.NewDirStore(folder)
	if err != nil {
		log.Fatal(err)
	}
	ctx := context.Background()
	_, err = store.Update(ctx, "portal-1", func(current portals.Installation) (portals.Installation, error) {
		current.ClientEndpoint = "https://portal.example/rest/"
		return current, nil
	})
	fmt.Println(err)
	for memberID, err := range store.List(ctx) {
		fmt.Println(memberID, err)
	}
	for found, err := range store.Find(ctx, "portal.example") {
		fmt.Println(found.ClientEndpoint, err)
	}
	fmt.Println(store.Delete(ctx, "portal-1"))
	_, err = store.Load(ctx, "portal-1")
	fmt.Println(errors.Is(err, portals.ErrNotInstalled))
	// Output:
	// <nil>
	// portal-1 <nil>
	// https://portal.example/rest/ <nil>
	// <nil>
	// true
}

func ExampleMemoryStore() {
	store := portals.NewMemoryStore()
	ctx := context.Background()
	_, err := store.Update(ctx, "portal-1", func(current portals.Installation) (portals.Installation, error) {
		current.ClientEndpoint = "https://portal.example/rest/"
		return current, nil
	})
	fmt.Println(err)
	for memberID, err := range store.List(ctx) {
		fmt.Println(memberID, err)
	}
	for found, err := range store.Find(ctx, "portal.example") {
		fmt.Println(found.ClientEndpoint, err)
	}
	fmt.Println(store.Delete(ctx, "portal-1"))
	_, err = store.Load(ctx, "portal-1")
	fmt.Println(errors.Is(err, portals.ErrNotInstalled))
	// Output:
	// <nil>
	// portal-1 <nil>
	// https://portal.example/rest/ <nil>
	// <nil>
	// true
}

// Whoever writes a store checks and compares as the others do.
func ExampleInstallation_Domain() {
	i := portals.Installation{MemberID: "portal-1", ClientEndpoint: "https://Portal.example:443/rest/"}
	fmt.Println(i.Domain(), i.IsInstalled(), portals.CheckMemberID(i.MemberID))
	fmt.Println("it is found by PORTAL.example:", portals.NormalDomain("PORTAL.example") == i.Domain())
	fmt.Println(portals.CheckMemberID("../portal-1"))
	// Output:
	// portal.example true <nil>
	// it is found by PORTAL.example: true
	// imbot: member_id: has to be 1 to 64 letters, digits, hyphens and underscores
}

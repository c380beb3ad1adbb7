// Package portals is for an application that is installed on many portals, by a marketplace or by hand: it keeps what
// each installation has brought, and has a client for each.
//
//	store, err := portals.NewDirStore("/var/lib/bot/portals")
//	// …
//	registry, err := portals.New(oauth.App{ID: "app.…", Secret: os.Getenv("BITRIX24_APP_SECRET")}, store)
//	// …
//	handler, err := events.NewHandler(registry.Lookup,
//		events.WithInstallCheck(registry.Install),
//		events.OnAppUninstall(registry.Uninstall),
//		events.OnMessageAdd(func(ctx context.Context, event *events.Event) error {
//			client, err := registry.Client(ctx, event.MemberID)
//			if err != nil {
//				return err
//			}
//			_, err = client.Bot.List(ctx, imbot.BotListRequest{}) // what the bot does there
//			return err
//		}))
//
// # Clients
//
// A portal counts requests, and the working time of methods, by itself. So there is one client for each, with its own
// limiter by the plan of the portal, its own budgets and its own tokens: [Registry.Client]. It is made when it is asked
// for, by one read of the store, however many goroutines ask at the same time. One that nobody uses is dropped after ten
// minutes, when all that it knew of limits is history; a portal in use costs two to three kilobytes.
//
// All clients share their connections. A bounded number is kept open, over HTTP/1.1 and HTTP/2, and whoever comes back
// resumes the TLS session.
//
// # Tokens
//
// The tokens of a portal are handed out from memory and renewed as package oauth says: by a call in the last minutes of
// a pair, and when the portal refuses it; once, however many goroutines and processes use it; and saved before they are
// used. The pairs of portals are renewed at times of their own, and a bounded number at a time. A portal that is used by
// nobody for months loses its tokens, unless [Registry.KeepAlive] is called now and then.
//
// # Installations
//
// Anybody can post an event. An installation counts when the OAuth server confirms whose tokens it has brought, and that
// server says where the portal is; all later events are proven by the application token that came with it. Events come
// late, twice and at the same time, also to several processes: what is kept of a portal follows from their times.
//
// Where the installations are is up to a [Store]: a folder ([NewDirStore]) for processes on one machine, memory
// ([NewMemoryStore]) for tests, Redis or PostgreSQL for replicas (modules redisstore and sqlstore), or whatever else
// implements it.
//
// # Ending
//
// A program ends in this order: no new events, the end of those that are worked on ([events.Handler.Shutdown]), and
// [Registry.Wait].
//
// # Secrets
//
// An [Installation] has the tokens and the application token. No type of this package prints them; the JSON of an
// Installation has them, because that is how it is stored.
package portals

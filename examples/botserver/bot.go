package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/events"
	"github.com/seed-a6e4e5a4/imbot/oauth"
)

// bot is what the program knows: where it may stay, and the portals that have installed it. A real one would keep those
// in a database.
type bot struct {
	app      oauth.App
	endpoint string // of the portal that is expected to install it
	allowed  map[imbot.ChatID]bool
	out      io.Writer

	mu      sync.Mutex
	portals map[string]installation // by member id
}

// installation is what is kept of a portal.
type installation struct {
	applicationToken string
	at               time.Time     // by the clock of the portal
	store            oauth.Store   // of the application's tokens
	client           *imbot.Client // which acts by them
}

func newBot(app oauth.App, endpoint string, allowed map[imbot.ChatID]bool, out io.Writer) *bot {
	return &bot{app: app, endpoint: endpoint, allowed: allowed, out: out, portals: make(map[string]installation)}
}

func (b *bot) handler() (*events.Handler, error) {
	return events.NewHandler(b.applicationToken,
		events.WithInstallCheck(b.install),
		events.OnJoinChat(b.joined),
		events.OnAppUninstall(b.uninstalled),
		events.WithErrorHandler(func(_ context.Context, err error) { fmt.Fprintln(b.out, "Failed:", err) }))
}

func (b *bot) portal(memberID string) installation {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.portals[memberID]
}

// applicationToken is how events are verified.
func (b *bot) applicationToken(_ context.Context, sender events.Sender) (string, error) {
	return b.portal(sender.MemberID).applicationToken, nil
}

// botList proves a token: strangers are refused.
var botList = imbot.Method[struct{}, json.RawMessage]{Name: "imbot.bot.list", Idempotent: true}

// install decides about an installation, which anybody could have posted. The tokens are tried at the portal that is
// expected; where the event says that the portal is does not count. A portal that is known stays what it is: another
// application of the same portal has tokens that work there, and must not take the place of this one. A real program
// would ask the OAuth server (app.info) whose tokens they are, and be called at an address that nobody can guess.
func (b *bot) install(ctx context.Context, event *events.Event) error {
	if known := b.portal(event.MemberID); known.client != nil && !event.Verify(known.applicationToken) {
		return errors.New("the portal has installed the application before, with another application token")
	}
	stranger, err := imbot.NewClient(imbot.OAuth(b.endpoint, imbot.StaticToken(event.Auth.AccessToken)))
	if err != nil {
		return err
	}
	if _, err := imbot.Call(ctx, stranger, botList, struct{}{}); err != nil {
		return err
	}
	store := oauth.NewMemoryStore(event.Auth) // a real program has one that outlives it
	client, err := imbot.NewClient(imbot.OAuth(b.endpoint, b.app.Source(store)))
	if err != nil {
		return err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.portals[event.MemberID] = installation{
		applicationToken: event.ApplicationToken, at: event.Time, store: store, client: client,
	}
	return nil
}

// uninstalled forgets a portal, unless it has installed the application again while the event waited.
func (b *bot) uninstalled(_ context.Context, event *events.Event) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if event.Time.After(b.portals[event.MemberID].at) {
		delete(b.portals, event.MemberID)
	}
	return nil
}

// wait returns when no pair of tokens is being renewed, and none waits to be saved.
func (b *bot) wait(ctx context.Context) error {
	b.mu.Lock()
	var stores []oauth.Store
	for _, portal := range b.portals {
		stores = append(stores, portal.store)
	}
	b.mu.Unlock()
	var problems []error
	for _, store := range stores {
		problems = append(problems, b.app.Wait(ctx, store))
	}
	return errors.Join(problems...)
}

// joined leaves the chat that a bot was added to, unless it may stay.
func (b *bot) joined(ctx context.Context, event *events.Event) error {
	portal := b.portal(event.MemberID)
	if portal.client == nil {
		return errors.New("the application was removed meanwhile")
	}
	for _, member := range event.Bots {
		request, ok := event.LeaveRequest(member)
		switch {
		case !ok:
			fmt.Fprintf(b.out, "The bot %d is in a private chat, and there is no leaving it.\n", member.ID)
			continue
		case b.allowed[event.ChatID]:
			fmt.Fprintf(b.out, "The bot %d may stay in the chat %d.\n", member.ID, event.ChatID)
			continue
		}
		client, err := member.Client(portal.client, b.endpoint)
		if errors.Is(err, events.ErrNoToken) { // nobody has acted whose token the portal could have sent
			client, err = portal.client, nil
		}
		if err != nil {
			return err
		}
		outcome, err := client.Chat.EnsureLeft(ctx, request)
		if err != nil {
			return err
		}
		fmt.Fprintf(b.out, "The bot %d was added to the chat %d by the user %d: %s.\n", member.ID, event.ChatID, event.UserID, outcome.State)
	}
	return nil
}

package portals

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"sync"
	"time"
	"weak"

	"golang.org/x/sync/singleflight"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/events"
	"github.com/seed-a6e4e5a4/imbot/oauth"
)

// Registry has a client for each portal that an application is installed on: see the package. Make one by [New] and keep
// it. It is safe for concurrent use, and printed it shows no secret.
type Registry struct {
	app    func() oauth.App // in a closure, which fmt prints nothing of
	store  Store
	config config

	connections *connections  // nil where net/http's default transport is not its own
	turns       chan struct{} // a semaphore: who holds a place may ask the OAuth server
	checks      chan struct{} // another, for installations, which anybody can post: they are not to take all turns
	flights     singleflight.Group

	mu     sync.Mutex
	known  map[string]*known // by member id
	opened map[string]bool   // the portals whose client is being made; true where the installation has changed meanwhile
	timer  *time.Timer       // for the next sweep; nil where there is nothing to drop
	saving saving
}

// known is a portal whose client was asked for.
type known struct {
	inUse *portal // nil where it was not used for long
	// left is the same. As long as anybody else has its client, that stays the client of the portal: limits and budgets
	// are the portal's, and there are not to be two of them.
	left weak.Pointer[portal]
}

const (
	// idle is how long a client is kept that nobody uses: longer than the ten minutes that a portal counts the working
	// time of methods in.
	idle = 10 * time.Minute
	// sweepEvery is how often those that nobody uses are looked for.
	sweepEvery = time.Minute
	// timeToOpen is how long the store may take to say what is installed.
	timeToOpen = time.Minute
)

// New returns a registry of the portals that app is installed on, which are kept in store. It makes no request and reads
// nothing. The error is a [*imbot.ParamError] for each mistake, joined: an app without ID or Secret, which matches
// [imbot.ErrInvalidClient], no store, and mistakes in options.
//
// Without app.HTTPClient, requests to the OAuth server go over connections of the registry. The other fields of app mean
// what they mean for a single portal.
func New(app oauth.App, store Store, opts ...Option) (*Registry, error) {
	cfg := config{renewals: defaultRenewals, connections: usualConnections(mostFiles())}
	var problems []error
	for _, required := range []struct{ name, value string }{{"client_id", app.ID}, {"client_secret", app.Secret}} {
		if required.value == "" {
			err := fmt.Errorf("is empty: %w", imbot.ErrInvalidClient)
			problems = append(problems, &imbot.ParamError{Param: required.name, Err: err})
		}
	}
	if store == nil {
		problems = append(problems, &imbot.ParamError{Param: "store", Err: errNil})
	}
	for i, opt := range opts {
		if opt == nil {
			problems = append(problems, &imbot.ParamError{Param: "option " + strconv.Itoa(i+1), Err: errNil})
			continue
		}
		if err := opt(&cfg); err != nil {
			problems = append(problems, err)
		}
	}
	if err := errors.Join(problems...); err != nil {
		return nil, err
	}
	r := &Registry{
		store: store, config: cfg, turns: make(chan struct{}, cfg.renewals), checks: make(chan struct{}, max(1, cfg.renewals/4)),
		known: make(map[string]*known), opened: make(map[string]bool), saving: newSaving(),
	}
	if standard, ok := http.DefaultTransport.(*http.Transport); ok {
		r.connections = newConnections(standard, cfg.connections)
		if app.HTTPClient == nil {
			server := standard.Clone()
			server.MaxConnsPerHost, server.MaxIdleConnsPerHost = cfg.renewals, cfg.renewals
			app.HTTPClient = &http.Client{Transport: server}
		}
	}
	r.app = func() oauth.App { return app }
	return r, nil
}

// Client returns the client of a portal. It has the limiter of the portal's plan, the portal's working time of methods,
// and the application's tokens there. It is made when it is asked for the first time, once for all who ask meanwhile,
// and no request is made for it. It is kept until nobody has used it, or asked for it, for ten minutes; whoever still
// has it may go on using it.
//
// The error matches [ErrNotInstalled] where the application is not installed there. It is an [*imbot.ParamError] where
// memberID can never be one or the stored endpoint cannot be used, and matches that of ctx if ctx ends. Any other is the
// store's.
func (r *Registry) Client(ctx context.Context, memberID string) (*imbot.Client, error) {
	p, err := r.portal(ctx, memberID)
	if err != nil {
		return nil, err
	}
	return p.client, nil
}

// BotClient returns a client of a portal that acts by the token which came for a bot with an event, and shares all else
// with that of [Registry.Client]: limits above all. The token is good for an hour, so the client is for this event
// alone. Its calls go to where the portal is by what was stored, whatever the event says.
//
// It fails as Client does, and with [events.ErrNoToken] for a bot that came without a token.
func (r *Registry) BotClient(ctx context.Context, memberID string, bot events.Bot) (*imbot.Client, error) {
	p, err := r.portal(ctx, memberID)
	if err != nil {
		return nil, err
	}
	return bot.Client(p.client, *p.endpoint.Load())
}

// portal returns a portal, and makes its client if there is none.
func (r *Registry) portal(ctx context.Context, memberID string) (*portal, error) {
	if err := check(ctx, memberID); err != nil {
		return nil, err
	}
	if found := r.find(memberID); found != nil {
		return found, nil
	}
	results := r.flights.DoChan(memberID, func() (any, error) {
		work, cancel := context.WithTimeout(context.WithoutCancel(ctx), timeToOpen)
		defer cancel()
		return r.openGuarded(work, memberID)
	})
	select {
	case result := <-results:
		made, ok := result.Val.(*portal)
		if result.Err != nil || !ok {
			return nil, result.Err
		}
		return made, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// find returns a portal that has a client, and notes that it is used; nil for none.
func (r *Registry) find(memberID string) *portal {
	r.mu.Lock()
	defer r.mu.Unlock()
	k := r.known[memberID]
	if k == nil {
		return nil
	}
	if k.inUse == nil {
		k.inUse = k.left.Value()
	}
	if k.inUse != nil {
		k.inUse.use()
		r.sweepLater()
	}
	return k.inUse
}

// load returns what is stored of a portal. A store that returns something else does not lead to another portal.
func (r *Registry) load(ctx context.Context, memberID string) (Installation, error) {
	i, err := r.store.Load(ctx, memberID)
	if err == nil {
		err = i.isOf(memberID)
	}
	if err != nil {
		return Installation{}, err
	}
	return i, nil
}

// errEnded is the error where a store ended the goroutine that it was called in.
var errEnded = errors.New("portals: the store ended its goroutine")

// openGuarded opens a portal in a goroutine of its own: if the store ends that, whoever waits is to learn of it.
func (r *Registry) openGuarded(ctx context.Context, memberID string) (made *portal, err error) {
	err = errEnded
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		made, err = r.open(ctx, memberID)
	}()
	<-ended
	return made, err
}

// open makes the client of a portal by what is stored of it. If that changes meanwhile, it begins anew.
func (r *Registry) open(ctx context.Context, memberID string) (made *portal, err error) {
	defer func() { // a store that panics ends the call, not the program
		if reason := recover(); reason != nil {
			made, err = nil, fmt.Errorf("portals: making the client panicked with a %T", reason)
		}
		r.mu.Lock()
		defer r.mu.Unlock()
		delete(r.opened, memberID)
	}()
	for {
		if found := r.find(memberID); found != nil {
			return found, nil
		}
		r.mu.Lock()
		r.opened[memberID] = false
		r.mu.Unlock()
		installation, err := r.load(ctx, memberID)
		if err != nil {
			return nil, err
		}
		made, err := r.newPortal(installation)
		if err != nil {
			return nil, err
		}
		if r.keep(made) {
			return made, nil
		}
	}
}

// keep makes a portal known, unless its installation has changed since it was loaded.
func (r *Registry) keep(made *portal) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.opened[made.memberID] {
		return false
	}
	r.known[made.memberID] = &known{inUse: made, left: weak.Make(made)}
	made.use()
	r.forgetWith(made)
	r.sweepLater()
	return true
}

// sweepLater has those dropped that nobody uses, when it is time to look. The caller holds mu.
func (r *Registry) sweepLater() {
	if r.timer == nil {
		r.timer = time.AfterFunc(sweepEvery, r.sweep)
	}
}

// sweep drops those that nobody has used for long.
func (r *Registry) sweep() {
	r.mu.Lock()
	defer r.mu.Unlock()
	now, used := time.Now(), false
	for _, k := range r.known {
		if k.inUse != nil && k.inUse.isIdle(now) {
			k.inUse = nil
		}
		used = used || k.inUse != nil
	}
	if r.timer = nil; used {
		r.sweepLater()
	}
}

// changed notes that the installation on a portal has changed otherwise than by a renewal. Where the portal is now
// elsewhere or gone, the next who asks gets another client, or none.
func (r *Registry) changed(memberID, endpoint string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if _, ok := r.opened[memberID]; ok {
		r.opened[memberID] = true
	}
	k := r.known[memberID]
	if k == nil {
		return
	}
	found := k.inUse
	if found == nil {
		found = k.left.Value()
	}
	if found == nil || hostOf(*found.endpoint.Load()) != hostOf(endpoint) {
		delete(r.known, memberID)
	}
	if found != nil {
		found.source.Reload()
	}
}

// Format prints the application's id, whatever the verb.
func (r *Registry) Format(f fmt.State, _ rune) {
	if r == nil || r.app == nil {
		_, _ = fmt.Fprint(f, "portals.Registry{}")
		return
	}
	_, _ = fmt.Fprintf(f, "portals.Registry(%q)", r.app().ID)
}

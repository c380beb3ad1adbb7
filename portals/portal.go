package portals

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync/atomic"
	"time"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/oauth"
)

// portal is a portal with its client. The client has it, by its token source.
type portal struct {
	memberID string
	client   *imbot.Client
	source   *oauth.Source
	endpoint atomic.Pointer[string] // where it is, as far as this process knows
	usedAt   atomic.Int64           // Unix nanoseconds
}

func (p *portal) use() { p.usedAt.Store(time.Now().UnixNano()) }

func (p *portal) isIdle(now time.Time) bool {
	return now.Sub(time.Unix(0, p.usedAt.Load())) > idle
}

// setEndpoint notes where the portal is. It keeps nothing else of what the endpoint was a part of.
func (p *portal) setEndpoint(endpoint string) { p.endpoint.Store(&endpoint) }

// newPortal makes the client of an installation.
func (r *Registry) newPortal(i Installation) (*portal, error) {
	p := &portal{memberID: i.MemberID}
	p.setEndpoint(i.ClientEndpoint)
	source, ok := r.app().Source(tokenStore{r, i.MemberID}).(*oauth.Source)
	if !ok {
		return nil, errors.New("portals: the source of tokens is another than expected")
	}
	p.source = source
	opts := make([]imbot.Option, 0, 2+len(r.config.client))
	if r.connections != nil {
		opts = append(opts, r.connections.options[r.connections.of(i.MemberID)])
	}
	limiter := imbot.Limiter(imbot.NewLimiter(i.Plan))
	if r.config.limiter != nil {
		limiter = r.config.limiter(i)
	}
	opts = append(append(opts, imbot.WithLimiter(limiter)), r.config.client...)
	client, err := imbot.NewClient(imbot.OAuth(i.ClientEndpoint, &tokens{p}), opts...)
	if err != nil {
		return nil, err
	}
	p.client = client
	return p, nil
}

// forgetWith forgets a portal when nobody has its client any more. The caller holds mu. What is called then must not
// have the portal, or it would never be called.
func (r *Registry) forgetWith(p *portal) {
	left := r.known[p.memberID].left
	runtime.AddCleanup(p, func(memberID string) {
		r.mu.Lock()
		defer r.mu.Unlock()
		if k := r.known[memberID]; k != nil && k.left == left { // and not one that came later
			delete(r.known, memberID)
		}
	}, p.memberID)
}

// tokens is the token source of a client. It notes when it is used, which is before each request.
type tokens struct{ portal *portal }

// Token implements [imbot.TokenSource].
func (t *tokens) Token(ctx context.Context) (string, error) {
	t.portal.use()
	return t.portal.source.Token(ctx)
}

// Refresh implements [imbot.TokenRefresher].
func (t *tokens) Refresh(ctx context.Context, rejected string) (string, error) {
	return t.portal.source.Refresh(ctx, rejected)
}

// ClientEndpoint returns where the portal is. A client asks for it where it does not find the portal.
func (t *tokens) ClientEndpoint(ctx context.Context) (string, error) {
	return t.portal.source.ClientEndpoint(ctx)
}

// tokenStore is the store of the tokens on one portal, a part of what is kept of the installation. Two of the same are
// equal, so that their sources share what is to be shared, whichever client they are of.
type tokenStore struct {
	registry *Registry
	memberID string
}

// Load implements [oauth.Store].
func (s tokenStore) Load(ctx context.Context) (oauth.Token, error) {
	i, err := s.registry.load(ctx, s.memberID)
	if errors.Is(err, ErrNotInstalled) {
		err = gone(err)
	}
	return i.Token, err
}

// gone says of an error that there is no token either.
func gone(err error) error { return fmt.Errorf("%w: %w", oauth.ErrNoToken, err) }

// Update implements [oauth.Store]. The number of those that go on at a time is bounded, as each may ask the OAuth
// server. What the application was removed from gets no token any more.
func (s tokenStore) Update(ctx context.Context, change func(oauth.Token) (oauth.Token, error)) (oauth.Token, error) {
	end := s.registry.saving.begin(s.memberID)
	saved := false
	defer func() { end(saved) }()
	if err := take(ctx, s.registry.turns); err != nil {
		return oauth.Token{}, err
	}
	defer func() { <-s.registry.turns }()
	unchanged := false // by change, which has nothing to be saved then
	i, err := s.registry.store.Update(ctx, s.memberID, func(current Installation) (Installation, error) {
		if err := current.isOf(s.memberID); err != nil {
			unchanged = true
			return current, gone(err)
		}
		next, err := change(current.Token)
		if err != nil {
			unchanged = true
			return current, err
		}
		return current.renewed(next), nil
	})
	saved = err == nil || unchanged
	if err != nil {
		return oauth.Token{}, err
	}
	s.registry.renewed(i)
	return i.Token, nil
}

// take takes a place of a semaphore, unless ctx ends before.
func take(ctx context.Context, places chan struct{}) error {
	select {
	case places <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// renewed notes where a portal is by its new pair.
func (r *Registry) renewed(i Installation) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if k := r.known[i.MemberID]; k != nil {
		if p := k.left.Value(); p != nil {
			p.setEndpoint(i.ClientEndpoint)
		}
	}
}

package oauth

import (
	"context"
	"errors"
	"math/rand/v2"
	"sync"
	"time"
)

// A pair is renewed before its access token expires, by the first use in this time before. When exactly is drawn anew
// for each pair: the pairs of many portals, which were handed out together, are not renewed together, and of several
// processes with one store the others find in it what the first has got.
const (
	earliest = 5 * time.Minute
	latest   = time.Minute
	// again is how long a renewal that nothing but the clock asks for is not tried again after it has failed.
	again = time.Minute
)

// memory is the pair that the sources of a store hand out without asking the store: one that the store had. It is
// handed out until the portal refuses it, or until it has expired by the clock of this machine.
type memory struct {
	mu      sync.Mutex
	pair    func() Token // nil for none; in a closure, which fmt prints nothing of
	expiry  time.Time
	due     time.Time // from when on a use renews the pair; zero for never
	asItIs  time.Time // until then the pair is used though it has expired, because it could not be renewed
	changes int       // how often there was another pair, or none any more
}

// version tells what was remembered before from what is remembered later.
func (m *memory) version() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.changes
}

// learn remembers what was loaded from the store, unless the memory has changed since the load began: what was loaded
// may be older than that.
func (m *memory) learn(token Token, version int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.changes == version {
		m.set(token)
	}
}

// replace remembers what was saved.
func (m *memory) replace(token Token) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.set(token)
}

// set remembers a pair. The caller holds mu.
func (m *memory) set(token Token) {
	if m.pair != nil && token.samePair(m.pair()) {
		return // and keep the time for it
	}
	m.changes++
	m.pair, m.expiry, m.due, m.asItIs = nil, token.Expiry, time.Time{}, time.Time{}
	if token.AccessToken == "" {
		return
	}
	m.pair = func() Token { return token }
	if token.RefreshToken != "" && !token.Expiry.IsZero() {
		now := time.Now()
		m.due = token.Expiry.Add(-latest - rand.N(earliest-latest)) //nolint:gosec // it spreads load, and keeps nothing secret
		// Of a pair that has less time left, half is used in any case.
		if half := now.Add(token.Expiry.Sub(now) / 2); m.due.Before(half) {
			m.due = half
		}
	}
}

// forget forgets the pair with an access token; any pair for "".
func (m *memory) forget(accessToken string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.pair == nil || accessToken != "" && m.pair().AccessToken != accessToken {
		return
	}
	m.changes++
	m.pair = nil
}

// get returns the remembered pair, if there is one that has not expired. isDue tells that this use is the one that
// begins its renewal.
func (m *memory) get() (token Token, isDue, found bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	now := time.Now()
	if m.pair == nil || !m.expiry.IsZero() && !now.Before(m.expiry) {
		return Token{}, false, false
	}
	if isDue = !m.due.IsZero() && !now.Before(m.due); isDue {
		m.due = now.Add(again)
	}
	return m.pair(), isDue, true
}

// remembered returns the pair from memory, and begins its renewal if it is about to expire. Nobody waits for that: the
// pair is still good. A failure is no reason to fail either. When the pair has expired the portal refuses it, and the
// renewal that follows reports what is wrong.
func (r *renewer) remembered(ctx context.Context) (Token, bool) {
	token, isDue, found := r.shared.memory.get()
	if isDue {
		r.begin(ctx, r.renewalOf(token.AccessToken), func(ctx context.Context) (Token, error) {
			return r.refresh(ctx, token.AccessToken)
		})
	}
	return token, found
}

// isOver reports whether a pair has expired by the clock of this machine and can be renewed, unless that has failed a
// moment ago.
func (m *memory) isOver(token Token) bool {
	now := time.Now()
	if token.AccessToken == "" || token.RefreshToken == "" || token.Expiry.IsZero() || now.Before(token.Expiry) {
		return false
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	return !now.Before(m.asItIs)
}

// useAsItIs notes that a pair that has expired could not be renewed.
func (m *memory) useAsItIs() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.asItIs = time.Now().Add(again)
}

// renewed returns the pair to use instead of one that has expired: a call with it would be refused. If it cannot be
// renewed it is used all the same, unless it was used up by that or is there no longer. The clock of this machine may be
// wrong, and the portal decides.
func (r *renewer) renewed(ctx context.Context, over Token) (Token, error) {
	next, err := r.once(ctx, r.renewalOf(over.AccessToken), func(ctx context.Context) (Token, error) {
		return r.refresh(ctx, over.AccessToken)
	})
	switch {
	case err == nil:
		return next, nil
	case ctx.Err() != nil, errors.Is(err, ErrNotSaved), errors.Is(err, ErrNoToken):
		return Token{}, err
	default:
		r.shared.memory.useAsItIs()
		return over, nil
	}
}

// load returns the pair of the store, and remembers it.
func (r *renewer) load(ctx context.Context) (Token, error) {
	version := r.shared.memory.version()
	token, err := r.store.Load(ctx)
	if err == nil {
		r.shared.memory.learn(token, version)
	}
	return token, err
}

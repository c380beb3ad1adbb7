package oauth

import (
	"context"
	"sync/atomic"
)

// Store keeps the token of one application on one portal. It must be safe for concurrent use, by as many processes as
// have a store of the same place.
type Store interface {
	// Load returns the token as it is now. It does not wait for an Update that is going on. Without a token its error
	// matches [ErrNoToken].
	Load(ctx context.Context) (Token, error)
	// Update replaces the token by what change returns, and returns that. It calls change once, with the token as it is
	// now (the zero Token if there is none), while it holds a lock that excludes every other Update of the same place.
	// change may take as long as a request to the OAuth server. An error of change ends the Update with that error, and
	// the token stays as it is. A nil error means that the token is saved, so that a crash does not lose it.
	//
	// The wait for the lock ends with ctx.
	Update(ctx context.Context, change func(current Token) (Token, error)) (Token, error)
}

// MemoryStore is a [Store] in memory, for programs whose tokens come from somewhere else at each start, and for tests.
// What it keeps is lost with the process, though the refresh token it was made with is used up by then.
type MemoryStore struct {
	busy    chan struct{} // a semaphore of one, held by an Update; unlike a mutex it can be waited for with a context
	current atomic.Pointer[func() Token]
}

// NewMemoryStore returns a store with a token. The zero Token makes an empty one.
func NewMemoryStore(token Token) *MemoryStore {
	s := &MemoryStore{busy: make(chan struct{}, 1)}
	s.set(token)
	return s
}

// set stores the token in a closure, which fmt prints nothing of.
func (s *MemoryStore) set(token Token) {
	reveal := func() Token { return token }
	s.current.Store(&reveal)
}

// Load implements [Store].
func (s *MemoryStore) Load(ctx context.Context) (Token, error) {
	if err := ctx.Err(); err != nil {
		return Token{}, err
	}
	token := (*s.current.Load())()
	if token.isEmpty() {
		return Token{}, ErrNoToken
	}
	return token, nil
}

// Update implements [Store].
func (s *MemoryStore) Update(ctx context.Context, change func(current Token) (Token, error)) (Token, error) {
	if err := acquire(ctx, s.busy); err != nil {
		return Token{}, err
	}
	defer release(s.busy)
	next, err := change((*s.current.Load())())
	if err != nil {
		return Token{}, err
	}
	s.set(next)
	return next, nil
}

// acquire takes a semaphore of one, unless ctx ends before.
func acquire(ctx context.Context, busy chan struct{}) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	select {
	case busy <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func release(busy chan struct{}) { <-busy }

package portals

import (
	"context"
	"iter"
	"maps"
	"slices"
	"sync"
)

// Store keeps the installations of one application, by member id. It must be safe for concurrent use, by as many
// processes as have a store of the same place.
//
// A member id that can never be one, as [Installation] says, is an [*imbot.ParamError] of every method, before anything
// is read or written.
type Store interface {
	// Load returns the installation on a portal as it is now. It does not wait for an Update that is going on. Its error
	// matches [ErrNotInstalled] where nothing is known of the portal, and where the application was removed.
	Load(ctx context.Context, memberID string) (Installation, error)
	// Update replaces the installation by what change returns, and returns that. It calls change once, with what is
	// kept now, while it holds a lock that excludes every other Update and Delete for the same portal. That is the zero
	// Installation for a portal that nothing is known of, and for one that the application was removed from an
	// Installation with RemovedAt. What is saved has the MemberID of the portal, whatever change returns; if change
	// returns what it was given, nothing is saved.
	//
	// change may take as long as a request to the OAuth server. An error of change ends the Update with that error, and
	// nothing changes. A nil error means that the installation is saved, so that a crash does not lose it. The wait for
	// the lock ends with ctx.
	Update(ctx context.Context, memberID string, change func(current Installation) (Installation, error)) (Installation, error)
	// Delete forgets a portal, with all that is left of it. It is no error if nothing is known of it. It waits as Update
	// does.
	Delete(ctx context.Context, memberID string) error
	// List yields the member ids of the portals that have the application installed, in no particular order. It ends
	// after an error, which comes without an id. What changes meanwhile may be in it or not.
	List(ctx context.Context) iter.Seq2[string, error]
	// Find yields the installations whose ClientEndpoint is at a domain: a host, with the port unless it is 443. There
	// may be several, as a name may pass from one portal to another. It ends after an error. A domain that is none finds
	// nothing.
	Find(ctx context.Context, domain string) iter.Seq2[Installation, error]
}

// MemoryStore is a [Store] in memory, for tests, and for programs that get their installations from somewhere else at
// each start. What it keeps is lost with the process.
type MemoryStore struct {
	mu      sync.Mutex
	portals map[string]*place
}

// place is what a MemoryStore has of one portal.
type place struct {
	busy    chan struct{}       // a semaphore of one, held by an Update; unlike a mutex it can be waited for with a context
	current func() Installation // in a closure, which fmt prints nothing of; nil for nothing
}

// NewMemoryStore returns an empty store.
func NewMemoryStore() *MemoryStore { return &MemoryStore{portals: make(map[string]*place)} }

// of returns the place of a portal.
func (s *MemoryStore) of(memberID string) *place {
	s.mu.Lock()
	defer s.mu.Unlock()
	found := s.portals[memberID]
	if found == nil {
		found = &place{busy: make(chan struct{}, 1)}
		s.portals[memberID] = found
	}
	return found
}

// now returns what is kept of a portal.
func (s *MemoryStore) now(memberID string) Installation {
	s.mu.Lock()
	defer s.mu.Unlock()
	if found := s.portals[memberID]; found != nil && found.current != nil {
		return found.current()
	}
	return Installation{}
}

// Load implements [Store].
func (s *MemoryStore) Load(ctx context.Context, memberID string) (Installation, error) {
	if err := check(ctx, memberID); err != nil {
		return Installation{}, err
	}
	current := s.now(memberID)
	if !current.IsInstalled() {
		return Installation{}, ErrNotInstalled
	}
	return current, nil
}

// Update implements [Store].
func (s *MemoryStore) Update(
	ctx context.Context, memberID string, change func(current Installation) (Installation, error),
) (Installation, error) {
	if err := check(ctx, memberID); err != nil {
		return Installation{}, err
	}
	p := s.of(memberID)
	if err := take(ctx, p.busy); err != nil {
		return Installation{}, err
	}
	defer func() { <-p.busy }()
	current := s.now(memberID)
	next, err := change(current)
	if err != nil {
		return Installation{}, err
	}
	if next == current {
		return next, nil
	}
	next.MemberID = memberID
	s.mu.Lock()
	defer s.mu.Unlock()
	p.current = func() Installation { return next }
	return next, nil
}

// Delete implements [Store].
func (s *MemoryStore) Delete(ctx context.Context, memberID string) error {
	if err := check(ctx, memberID); err != nil {
		return err
	}
	p := s.of(memberID)
	if err := take(ctx, p.busy); err != nil {
		return err
	}
	defer func() { <-p.busy }()
	s.mu.Lock()
	defer s.mu.Unlock()
	p.current = nil // the place stays: somebody may wait for it
	return nil
}

// List implements [Store].
func (s *MemoryStore) List(ctx context.Context) iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		s.mu.Lock()
		ids := slices.Collect(maps.Keys(s.portals))
		s.mu.Unlock()
		for _, id := range ids {
			if err := ctx.Err(); err != nil {
				yield("", err)
				return
			}
			if s.now(id).IsInstalled() && !yield(id, nil) {
				return
			}
		}
	}
}

// Find implements [Store].
func (s *MemoryStore) Find(ctx context.Context, domain string) iter.Seq2[Installation, error] {
	return func(yield func(Installation, error) bool) {
		host := NormalDomain(domain)
		if host == "" {
			return
		}
		for id, err := range s.List(ctx) {
			if err != nil {
				yield(Installation{}, err)
				return
			}
			if found := s.now(id); found.IsInstalled() && found.Domain() == host && !yield(found, nil) {
				return
			}
		}
	}
}

// check is how every method of a store begins.
func check(ctx context.Context, memberID string) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	return CheckMemberID(memberID)
}

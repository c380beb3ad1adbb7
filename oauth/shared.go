package oauth

import (
	"context"
	"reflect"
	"runtime"
	"sync"
	"weak"

	"golang.org/x/sync/singleflight"
)

// shared is what all sources of one store in this process have in common.
type shared struct {
	flights singleflight.Group

	mu      sync.Mutex    // never held over I/O
	flying  int           // who has asked for a flight that has not landed, those who have left included
	landed  chan struct{} // closed when nobody is left of them; nil as long as nobody wants to know
	pending *unsaved
	brake   brake
}

// takeOff counts somebody who is about to ask for a flight.
func (s *shared) takeOff() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.flying++
}

// land is called when the flight of somebody counted has landed.
func (s *shared) land() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.flying--; s.flying == 0 && s.landed != nil {
		close(s.landed)
		s.landed = nil
	}
}

// allLanded returns when nothing is in the air, or when ctx ends.
func (s *shared) allLanded(ctx context.Context) error {
	s.mu.Lock()
	if s.flying == 0 {
		s.mu.Unlock()
		return nil // also where ctx has ended: there is nothing to wait for
	}
	if s.landed == nil {
		s.landed = make(chan struct{})
	}
	landed := s.landed
	s.mu.Unlock()
	select {
	case <-landed:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// unsaved is a new pair that the store does not have yet.
type unsaved struct {
	stored func() Token // what the store has instead
	fresh  func() Token
}

// sharing has the shared half of every store that has a source, for as long as it has one. What waits to be saved is
// kept longer: a program may make a source for each call.
var sharing = struct {
	mu      sync.Mutex
	stores  map[Store]weak.Pointer[shared]
	waiting map[*shared]bool
}{
	stores:  make(map[Store]weak.Pointer[shared]),
	waiting: make(map[*shared]bool),
}

// canShare reports whether the sources of a store can be told from those of others.
func canShare(store Store) bool { return store != nil && reflect.ValueOf(store).Comparable() }

// sharedOf returns the shared half of a store.
func sharedOf(store Store) *shared {
	if !canShare(store) {
		return new(shared)
	}
	sharing.mu.Lock()
	defer sharing.mu.Unlock()
	if found := sharing.stores[store].Value(); found != nil {
		return found
	}
	made := new(shared)
	pointer := weak.Make(made)
	sharing.stores[store] = pointer
	runtime.AddCleanup(made, func(store Store) {
		sharing.mu.Lock()
		defer sharing.mu.Unlock()
		if sharing.stores[store] == pointer { // and not that of sources that came later
			delete(sharing.stores, store)
		}
	}, store)
	return made
}

// keep remembers a new pair until it is saved.
func (s *shared) keep(stored, fresh Token) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if stored.isEmpty() && s.pending != nil { // it was emptied; what it had before is known
		stored = s.pending.stored()
	}
	s.set(&unsaved{
		stored: func() Token { return stored },
		fresh:  func() Token { return fresh },
	})
}

// set replaces what waits. The caller holds mu.
func (s *shared) set(pending *unsaved) {
	s.pending = pending
	sharing.mu.Lock()
	defer sharing.mu.Unlock()
	if pending != nil {
		sharing.waiting[s] = true
	} else {
		delete(sharing.waiting, s)
	}
}

// unsaved returns the pair that waits to be saved, if there is one.
func (s *shared) unsaved() (fresh Token, found bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.pending == nil {
		return Token{}, false
	}
	return s.pending.fresh(), true
}

// newest returns the pair that waits to be saved, if it comes after what the store has. It comes after nothing, too: a
// store that is empty has lost its data or has been emptied, and the pair that waits is the last one that works. If the
// store has another pair by now, somebody has authorized the application anew, and nothing has to wait.
func (s *shared) newest(current Token) Token {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.pending == nil:
		return current
	case current.isEmpty(), current.samePair(s.pending.stored()), current.samePair(s.pending.fresh()):
		return s.pending.fresh()
	default:
		s.set(nil)
		return current
	}
}

// settle notes what a store has saved. It returns the pair before, if the saved one was waiting.
func (s *shared) settle(saved Token) (before Token, waited bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.pending == nil || !saved.samePair(s.pending.fresh()) {
		return Token{}, false
	}
	before = s.pending.stored()
	s.set(nil)
	return before, true
}

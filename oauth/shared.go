package oauth

import (
	"context"
	"reflect"
	"runtime"
	"sync"
	"time"
	"weak"

	"golang.org/x/sync/singleflight"
)

// shared is what all sources of one store in this process share. No lock in it is held during a request or a call of
// the store.
type shared struct {
	renewals singleflight.Group // one renewal for all who ask for the same one
	callers  callers            // those who wait for a renewal, or have given up on one that goes on
	limit    limit              // keeps renewals from being repeated that are of no use
	memory   memory             // the pair that is handed out without asking the store

	mu      sync.Mutex
	unsaved *unsaved // the new pair that the store does not have; nil if there is none
}

// stores has what is shared for every store that has a source, for as long as it has one. It is kept longer where a
// pair could not be saved: a program may make a source for each call.
var stores = struct {
	mu      sync.Mutex // may be taken while the mu of a shared is held, not the other way round
	shared  map[Store]weak.Pointer[shared]
	unsaved map[*shared]bool
}{
	shared:  make(map[Store]weak.Pointer[shared]),
	unsaved: make(map[*shared]bool),
}

// canShare reports whether the sources of a store can be distinguished from those of others.
func canShare(store Store) bool { return store != nil && reflect.ValueOf(store).Comparable() }

// sharedOf returns what the sources of a store share.
func sharedOf(store Store) *shared {
	if !canShare(store) {
		return new(shared)
	}
	stores.mu.Lock()
	defer stores.mu.Unlock()
	if found := stores.shared[store].Value(); found != nil {
		return found
	}
	made := new(shared)
	pointer := weak.Make(made)
	stores.shared[store] = pointer
	runtime.AddCleanup(made, func(store Store) {
		stores.mu.Lock()
		defer stores.mu.Unlock()
		if stores.shared[store] == pointer { // and not that of sources that came later
			delete(stores.shared, store)
		}
	}, store)
	return made
}

// unsaved is a pair that the OAuth server has handed out and the store does not have.
type unsaved struct {
	pair   Token
	before Token // what the store has instead; the refresh token of that is used up
}

// remember keeps a new pair until it is saved. stored is what the store has.
func (s *shared) remember(pair, stored Token) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if stored.isEmpty() && s.unsaved != nil { // it was emptied; what it had before is known
		stored = s.unsaved.before
	}
	s.setUnsaved(&unsaved{pair: pair, before: stored})
}

// setUnsaved replaces the unsaved pair. The caller holds mu.
func (s *shared) setUnsaved(pair *unsaved) {
	s.unsaved = pair
	stores.mu.Lock()
	defer stores.mu.Unlock()
	if pair != nil {
		stores.unsaved[s] = true
	} else {
		delete(stores.unsaved, s)
	}
}

// unsavedPair returns the pair that the store does not have, if there is one.
func (s *shared) unsavedPair() (pair Token, found bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.unsaved == nil {
		return Token{}, false
	}
	return s.unsaved.pair, true
}

// newest returns the unsaved pair, if it comes after what is stored. It comes after nothing, too: a store that is empty
// has lost its data or has been emptied, and the unsaved pair is the last one that works. If the store has another pair
// by now, somebody has authorized the application anew, and nothing is left to be saved.
func (s *shared) newest(stored Token) Token {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.unsaved == nil:
		return stored
	case stored.isEmpty(), stored.samePair(s.unsaved.before), stored.samePair(s.unsaved.pair):
		return s.unsaved.pair
	default:
		s.setUnsaved(nil)
		return stored
	}
}

// saved notes that the store has a pair. It returns what the store had before, if that pair was unsaved.
func (s *shared) saved(pair Token) (before Token, wasUnsaved bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.unsaved == nil || !pair.samePair(s.unsaved.pair) {
		return Token{}, false
	}
	before = s.unsaved.before
	s.setUnsaved(nil)
	return before, true
}

// callers counts those who have asked for a renewal that has not ended.
type callers struct {
	mu    sync.Mutex
	count int
	none  chan struct{} // closed when count is 0 again; nil as long as nobody waits for that
}

func (c *callers) add() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.count++
}

func (c *callers) remove() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.count--; c.count == 0 && c.none != nil {
		close(c.none)
		c.none = nil
	}
}

// wait returns when there are no callers, or when ctx ends. Without any it returns at once, also where ctx has ended.
func (c *callers) wait(ctx context.Context) error {
	c.mu.Lock()
	if c.count == 0 {
		c.mu.Unlock()
		return nil
	}
	if c.none == nil {
		c.none = make(chan struct{})
	}
	none := c.none
	c.mu.Unlock()
	select {
	case <-none:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

const (
	// limitedFor is how long a renewal that is of no use is not repeated. Only people can help then, by a payment or a
	// new authorization, and a server that is asked by every call of a busy bot may block the application.
	limitedFor = time.Minute
	// mostInARow is how many pairs are asked for in that time to replace one that was got in it: the portal may not
	// know the first one yet.
	mostInARow = 2
	// mostInAll is how many are asked for by one process, whatever the store has: of two that meet the same refusals
	// each would be handed the pairs of the other.
	mostInAll = 3
)

// limit keeps renewals from being repeated that are of no use.
type limit struct {
	mu sync.Mutex

	refused *refused // the last request that the server refused; nil for none

	renewed   string      // the access token that was handed out last
	renewedAt []time.Time // when the last ones were handed out
}

// refused is a request that the server refused. The same one is refused without asking until then.
type refused struct {
	request tokenRequest
	refusal error
	until   time.Time
}

// tokenRequest is what the server decides by.
type tokenRequest struct{ id, secret, tokenURL, refreshToken string }

// noteRefusal remembers that the server has refused a request.
func (l *limit) noteRefusal(request tokenRequest, refusal error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.refused = &refused{request: request, refusal: refusal, until: time.Now().Add(limitedFor)}
}

// noteRenewal remembers an access token that the server has handed out.
func (l *limit) noteRenewal(accessToken string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.renewed = accessToken
	l.renewedAt = append(l.renewedAt, time.Now())
	if len(l.renewedAt) > mostInAll {
		l.renewedAt = l.renewedAt[1:]
	}
}

// check returns why a request is not to be made now that would replace an access token the portal has refused.
func (l *limit) check(request tokenRequest, rejected string) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	now, renewals := time.Now(), 0
	for _, at := range l.renewedAt {
		if now.Before(at.Add(limitedFor)) {
			renewals++
		}
	}
	switch {
	case l.refused != nil && l.refused.request == request && now.Before(l.refused.until):
		return l.refused.refusal
	case renewals >= mostInARow && l.renewed == rejected, renewals >= mostInAll:
		return ErrNotAccepted
	default:
		return nil
	}
}

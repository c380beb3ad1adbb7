package operating

import (
	"maps"
	"sync"
	"sync/atomic"
	"time"
)

// Key is what a portal keeps a budget for, whatever credentials it is used up with. A token does not show its
// application, so the clients that share Blocks are taken to be of one.
type Key struct {
	// Portal is the host and port.
	Portal string
	// Caller is a hash of the webhook, and 0 for an application.
	Caller uint64
	// Method is the REST method, in lower case.
	Method string
}

// Blocks remembers which methods are refused until when, for many portals, with the refusals. It is safe for concurrent
// use.
type Blocks[Refusal any] struct {
	mu     sync.Mutex
	states map[Key]state[Refusal]
	swept  time.Time   // when states that are over were dropped last
	met    atomic.Bool // a block was met; most programs meet none, and need no lock to learn that
}

type state[Refusal any] struct {
	resetAt time.Time // by the last report
	refusal Refusal   // the last one
	until   time.Time // when that ends
}

// over reports whether nothing of a state is worth remembering.
func (s state[Refusal]) over(now time.Time) bool { return !s.resetAt.After(now) && !s.until.After(now) }

// NewBlocks returns Blocks that know of none.
func NewBlocks[Refusal any]() *Blocks[Refusal] {
	return &Blocks[Refusal]{states: make(map[Key]state[Refusal])}
}

// Seen notes a report. No state lasts longer than the window, and once in a window those that are over are dropped.
func (b *Blocks[Refusal]) Seen(key Key, r Report) {
	now := time.Now()
	resetAt := r.resetAt(now)
	if resetAt.IsZero() {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if now.Sub(b.swept) >= Window {
		b.swept = now
		maps.DeleteFunc(b.states, func(_ Key, s state[Refusal]) bool { return s.over(now) })
	}
	s := b.states[key]
	s.resetAt = resetAt
	b.states[key] = s
}

// ResetAt returns when the method may be called again, as far as reports say; zero where that is unknown, or over.
func (b *Blocks[Refusal]) ResetAt(key Key) time.Time {
	b.mu.Lock()
	defer b.mu.Unlock()
	if at := b.states[key].resetAt; at.After(time.Now()) {
		return at
	}
	return time.Time{}
}

// Refused notes that the method is refused until some time.
func (b *Blocks[Refusal]) Refused(key Key, refusal Refusal, until time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	s := b.states[key]
	s.refusal, s.until = refusal, until
	b.states[key] = s
	b.met.Store(true)
}

// Blocked returns the refusal that still holds for a method.
func (b *Blocks[Refusal]) Blocked(key Key) (refusal Refusal, ok bool) {
	if !b.met.Load() {
		return refusal, false
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if s := b.states[key]; s.until.After(time.Now()) {
		return s.refusal, true
	}
	return refusal, false
}

// Len returns how many methods are remembered.
func (b *Blocks[Refusal]) Len() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return len(b.states)
}

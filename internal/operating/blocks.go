package operating

import (
	"maps"
	"slices"
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
	few    []known[Refusal]       // as long as they are; a map takes half a kilobyte for the first one
	states map[Key]state[Refusal] // all of them, once they are more; nil before
	swept  time.Time              // when states that are over were dropped last
	met    atomic.Bool            // a block was met; most programs meet none, and need no lock to learn that
}

type state[Refusal any] struct {
	resetAt time.Time // by the last report
	block   *block[Refusal]
}

// known is a state with what it is of.
type known[Refusal any] struct {
	key   Key
	state state[Refusal]
}

// fewStates is how many states are looked for one by one.
const fewStates = 4

// block is the last refusal of a method. Of most methods there is none.
type block[Refusal any] struct {
	refusal Refusal
	until   time.Time // when it ends
}

// over reports whether nothing of a state is worth remembering.
func (s state[Refusal]) over(now time.Time) bool {
	return !s.resetAt.After(now) && !s.block.holds(now)
}

// holds reports whether there is a block that has not ended.
func (b *block[Refusal]) holds(now time.Time) bool { return b != nil && b.until.After(now) }

// NewBlocks returns Blocks that know of none.
func NewBlocks[Refusal any]() *Blocks[Refusal] {
	return new(Blocks[Refusal])
}

// get returns what is known of a method. The caller holds mu.
func (b *Blocks[Refusal]) get(key Key) state[Refusal] {
	for i := range b.few {
		if b.few[i].key == key {
			return b.few[i].state
		}
	}
	return b.states[key]
}

// set replaces what is known of a method. The caller holds mu.
func (b *Blocks[Refusal]) set(key Key, s state[Refusal]) {
	for i := range b.few {
		if b.few[i].key == key {
			b.few[i].state = s
			return
		}
	}
	if b.states == nil && len(b.few) < fewStates {
		b.few = append(b.few, known[Refusal]{key, s})
		return
	}
	if b.states == nil {
		b.states = make(map[Key]state[Refusal])
		for _, one := range b.few {
			b.states[one.key] = one.state
		}
		b.few = nil
	}
	b.states[key] = s
}

// sweep drops what is over. The caller holds mu.
func (b *Blocks[Refusal]) sweep(now time.Time) {
	b.swept = now
	b.few = slices.DeleteFunc(b.few, func(one known[Refusal]) bool { return one.state.over(now) })
	maps.DeleteFunc(b.states, func(_ Key, s state[Refusal]) bool { return s.over(now) })
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
		b.sweep(now)
	}
	s := b.get(key)
	s.resetAt = resetAt
	b.set(key, s)
}

// ResetAt returns when the method may be called again, as far as reports say; zero where that is unknown, or over.
func (b *Blocks[Refusal]) ResetAt(key Key) time.Time {
	b.mu.Lock()
	defer b.mu.Unlock()
	if at := b.get(key).resetAt; at.After(time.Now()) {
		return at
	}
	return time.Time{}
}

// Refused notes that the method is refused until some time.
func (b *Blocks[Refusal]) Refused(key Key, refusal Refusal, until time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	s := b.get(key)
	s.block = &block[Refusal]{refusal: refusal, until: until}
	b.set(key, s)
	b.met.Store(true)
}

// Blocked returns the refusal that still holds for a method.
func (b *Blocks[Refusal]) Blocked(key Key) (refusal Refusal, ok bool) {
	if !b.met.Load() {
		return refusal, false
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if block := b.get(key).block; block.holds(time.Now()) {
		return block.refusal, true
	}
	return refusal, false
}

// Len returns how many methods are remembered.
func (b *Blocks[Refusal]) Len() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return len(b.few) + len(b.states)
}

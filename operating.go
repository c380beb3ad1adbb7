package imbot

import (
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// operatingBudgets remembers what the portal told about the working time of methods: when the oldest part of it will
// be forgotten, and which methods are blocked until then. The portal counts for each method and each application or
// webhook by itself, and so does this.
type operatingBudgets struct {
	mu     sync.Mutex
	states map[operatingKey]operatingState
	met    atomic.Bool // a block was met; most programs meet none, and need no lock to learn that
}

type operatingKey struct {
	credentials *credentials
	method      string
}

type operatingState struct {
	resetAt time.Time // the last operating_reset_at that was seen
	blocked *APIError // the last refusal; it holds until its RetryAt
}

// enoughStates is how many states are kept before those that are over are looked for and dropped.
const enoughStates = 1024

func newOperatingBudgets() *operatingBudgets {
	return &operatingBudgets{states: make(map[operatingKey]operatingState)}
}

// seen notes the time that came with an answer.
func (b *operatingBudgets) seen(key operatingKey, t Time) {
	now := time.Now()
	resetAt := resetByOurClock(t, now)
	if resetAt.IsZero() {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.states) >= enoughStates {
		b.dropPast(now)
	}
	state := b.states[key]
	state.resetAt = resetAt
	b.states[key] = state
}

// resetByOurClock returns when the counters are reset, by the clock of this machine: where the portal's clock is off by
// more than answers take, what counts is how long after the answer the reset comes, if the two fit together. The portal
// counts ten minutes; what is farther away than an hour tells nothing.
func resetByOurClock(t Time, now time.Time) time.Time {
	const (
		underway = 2 * time.Minute
		farthest = time.Hour
	)
	resetAt, after := t.OperatingResetAt, t.OperatingResetAt.Sub(t.Finish)
	if !resetAt.IsZero() && !t.Finish.IsZero() && now.Sub(t.Finish).Abs() > underway && 0 <= after && after <= farthest {
		resetAt = now.Add(after)
	}
	if resetAt.Sub(now) > farthest {
		return time.Time{}
	}
	return resetAt
}

// refused notes that the method is blocked, and tells the error until when, if that is known.
func (b *operatingBudgets) refused(key operatingKey, err *APIError) {
	b.mu.Lock()
	defer b.mu.Unlock()
	state, ok := b.states[key]
	if !ok || !state.resetAt.After(time.Now()) {
		return // the answer that told is too old: the end of the block is unknown
	}
	err.RetryAt = state.resetAt
	copied := *err
	state.blocked = &copied
	b.met.Store(true)
	b.states[key] = state
}

// blocked returns the refusal that still holds for a method, or nil.
func (b *operatingBudgets) blocked(key operatingKey) error {
	if !b.met.Load() {
		return nil
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	state := b.states[key]
	if state.blocked == nil || !state.blocked.RetryAt.After(time.Now()) {
		return nil
	}
	copied := *state.blocked
	return &copied
}

func (b *operatingBudgets) dropPast(now time.Time) {
	for key, state := range b.states {
		if !state.resetAt.After(now) {
			delete(b.states, key)
		}
	}
}

func operatingKeyOf(c *credentials, method string) operatingKey {
	return operatingKey{credentials: c, method: strings.ToLower(method)}
}

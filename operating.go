package imbot

import (
	"strings"
	"sync"
	"time"
)

// operatingBudgets remembers what the portal told about the working time of methods: when the oldest part of it will
// be forgotten, and which methods are blocked until then. The portal counts for each method and each application or
// webhook by itself, and so does this.
type operatingBudgets struct {
	mu     sync.Mutex
	states map[operatingKey]operatingState
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
	if t.OperatingResetAt.IsZero() {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.states) >= enoughStates {
		b.dropPast(time.Now())
	}
	state := b.states[key]
	state.resetAt = t.OperatingResetAt
	b.states[key] = state
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
	state.blocked = err
	b.states[key] = state
}

// blocked returns the refusal that still holds for a method, or nil.
func (b *operatingBudgets) blocked(key operatingKey) error {
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

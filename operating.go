package imbot

import (
	"maps"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// operatingWindow is how long the portal remembers the working time of a method. Nothing that it reports about it
// reaches farther into the future.
const operatingWindow = 10 * time.Minute

// operatingBudgets remembers what portals reported about the working time of methods: when the oldest part of it will
// be forgotten, and which methods are blocked until then. A portal counts for each method and each application or
// webhook by itself, and so does this.
type operatingBudgets struct {
	mu     sync.Mutex
	states map[operatingKey]operatingState
	swept  time.Time   // when states that are over were dropped last
	met    atomic.Bool // a block was met; most programs meet none, and need no lock to learn that
}

// operatingKey is what a portal keeps a budget for, whatever credentials it is used up with. A token does not show its
// application, so clients that come from one another are taken to be of one.
type operatingKey struct {
	portal string // host and port
	caller uint64 // the webhook; 0 for the application
	method string
}

type operatingState struct {
	resetAt time.Time // the last operating_reset_at that was seen
	blocked *APIError // the last refusal; it holds until its RetryAt
}

// over reports whether nothing of a state is worth remembering.
func (s operatingState) over(now time.Time) bool { return !s.resetAt.After(now) && !s.isBlocked(now) }

func (s operatingState) isBlocked(now time.Time) bool {
	return s.blocked != nil && s.blocked.RetryAt.After(now)
}

func newOperatingBudgets() *operatingBudgets {
	return &operatingBudgets{states: make(map[operatingKey]operatingState)}
}

// seen notes the time that came with an answer. No state lasts longer than the window, and once in a window those that
// are over are dropped.
func (b *operatingBudgets) seen(key operatingKey, t Time) {
	now := time.Now()
	resetAt := resetByOurClock(t, now)
	if resetAt.IsZero() {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if now.Sub(b.swept) >= operatingWindow {
		b.swept = now
		maps.DeleteFunc(b.states, func(_ operatingKey, state operatingState) bool { return state.over(now) })
	}
	state := b.states[key]
	state.resetAt = resetAt
	b.states[key] = state
}

// resetByOurClock returns when the counters are reset, by the clock of this machine: where the portal's clock is off by
// more than answers take, what counts is how long after the answer the reset comes, if the two fit together. It is
// never farther away than the window, and zero where what was reported cannot be meant.
func resetByOurClock(t Time, now time.Time) time.Time {
	const underway = 2 * time.Minute
	resetAt, after := t.OperatingResetAt, t.OperatingResetAt.Sub(t.Finish)
	if !resetAt.IsZero() && !t.Finish.IsZero() && now.Sub(t.Finish).Abs() > underway && 0 <= after && after <= operatingWindow+underway {
		resetAt = now.Add(after)
	}
	if resetAt.Sub(now) > operatingWindow+underway {
		return time.Time{}
	}
	return earlier(resetAt, now.Add(operatingWindow))
}

func earlier(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}

// refused notes that the method is blocked, and puts into the error until when, if that is known. A Retry-After of
// somebody before the portal is believed for as long as a block can last.
func (b *operatingBudgets) refused(key operatingKey, err *APIError) {
	now := time.Now()
	err.RetryAt = earlier(err.RetryAt, now.Add(operatingWindow))
	b.mu.Lock()
	defer b.mu.Unlock()
	state, ok := b.states[key]
	if !ok || !state.resetAt.After(now) || err.ambiguous {
		return // the end of the block is unknown; and a refusal that contradicts itself blocks nothing
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
	if !state.isBlocked(time.Now()) {
		return nil
	}
	copied := *state.blocked
	return &copied
}

// operatingKey returns what a portal keeps the budget of a method for.
func (c *credentials) operatingKey(portal *url.URL, method string) operatingKey {
	return operatingKey{portal: hostAndPort(portal), caller: c.caller, method: strings.ToLower(method)}
}

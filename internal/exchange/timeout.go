package exchange

import (
	"context"
	"sync"
	"time"
)

// timeout is a context that ends with its parent, at a deadline, or when the exchange has ended. It is what
// context.WithDeadline returns, but that its timer is made when somebody waits: a timer is a seventh of the work of a
// call, and a transport that has the answer in memory does not wait.
type timeout struct {
	parent   context.Context //nolint:containedctx // this is a context
	deadline time.Time       // its own; that of the parent may come before

	mu    sync.Mutex
	timed context.Context //nolint:containedctx // with the timer, made when somebody waits; nil before
	stop  context.CancelFunc
	ended bool
}

// start sets what has to be known before the context is used.
func (t *timeout) start(parent context.Context, after time.Duration) {
	t.parent, t.deadline = parent, time.Now().Add(after)
}

// Deadline returns when the context ends at the latest.
func (t *timeout) Deadline() (time.Time, bool) {
	if earlier, ok := t.parent.Deadline(); ok && earlier.Before(t.deadline) {
		return earlier, true
	}
	return t.deadline, true
}

// Done makes the timer.
func (t *timeout) Done() <-chan struct{} {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.withTimer().Done()
}

// Err returns why the context has ended, or nil.
func (t *timeout) Err() error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.timed == nil && !t.ended && t.parent.Err() == nil && time.Now().Before(t.deadline) {
		return nil
	}
	return t.withTimer().Err()
}

// Value returns what the parent has, and to package context what it needs to end other contexts with this one.
func (t *timeout) Value(key any) any {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.timed != nil {
		return t.timed.Value(key)
	}
	return t.parent.Value(key)
}

// withTimer returns the context with the timer. The caller holds mu.
func (t *timeout) withTimer() context.Context {
	switch {
	case t.timed != nil:
	case t.ended:
		t.timed, t.stop = context.WithCancel(t.parent)
		t.stop()
	default:
		t.timed, t.stop = context.WithDeadline(t.parent, t.deadline)
	}
	return t.timed
}

// end ends the context.
func (t *timeout) end() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.ended = true
	if t.stop != nil {
		t.stop()
	}
}

package server

import (
	"fmt"
	"strings"
	"sync"
	"testing"
)

// Reporter reports what is wrong to a test, as long as there is one and it runs.
type Reporter struct {
	mu     sync.Mutex
	t      testing.TB // nil in a program
	closed bool
}

// NewReporter returns a reporter for a test, or with nil for a program.
func NewReporter(t testing.TB) *Reporter { return &Reporter{t: t} }

// Close is the end of the test: a call that arrives later may not touch it.
func (r *Reporter) Close() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.closed = true
}

// Unexpected reports a call of a method that has neither a model nor a prepared answer.
func (r *Reporter) Unexpected(method string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.t == nil || r.closed {
		return
	}
	hint := ""
	if strings.Contains(method, "/") { // what the parts of a path make that are too few or too many
		hint = "; is the user id missing in the webhook's path?"
	}
	r.t.Errorf("imbottest: unexpected call of %s: the portal has no model of it, prepare its answer by Portal.On%s", method, hint)
}

// Errorf reports a mistake that shows while a call is answered: that may be in another goroutine than the test's, which
// cannot end the test.
func (r *Reporter) Errorf(format string, args ...any) {
	if r.t == nil {
		panic(fmt.Sprintf(format, args...))
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.closed {
		r.t.Helper()
		r.t.Errorf(format, args...)
	}
}

// Fatalf reports a mistake in the use of the portal. In a program, which has no test to fail, it panics.
func (r *Reporter) Fatalf(format string, args ...any) {
	if r.t == nil {
		panic(fmt.Sprintf(format, args...))
	}
	r.t.Helper()
	r.t.Fatalf(format, args...)
}

package imbottest

import (
	"fmt"
	"strings"
	"sync"
	"testing"
)

// reporter tells a test what is wrong, as long as there is one and it runs.
type reporter struct {
	mu     sync.Mutex
	t      testing.TB // nil in a program; set before the portal is used
	closed bool
}

// close is the end of the test: a call that arrives later may not touch it.
func (r *reporter) close() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.closed = true
}

// unexpected reports a call of a method that nobody prepared the portal for.
func (r *reporter) unexpected(method string) {
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

func (r *reporter) helper() {
	if r.t != nil {
		r.t.Helper()
	}
}

// errorf reports a mistake that shows while a call is answered: that may be in another goroutine than the test's, which
// cannot end the test.
func (r *reporter) errorf(format string, args ...any) {
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

// fatalf reports a mistake in the use of the portal. In a program, which has no test to fail, it panics.
func (r *reporter) fatalf(format string, args ...any) {
	if r.t == nil {
		panic(fmt.Sprintf(format, args...))
	}
	r.t.Helper()
	r.t.Fatalf(format, args...)
}

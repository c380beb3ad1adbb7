package portals

import (
	"net/http"
	"sync/atomic"
)

// OnStep has a store call passed after each step of an update.
func OnStep(s *DirStore, passed func(step string)) { s.passed = passed }

// Kept is how many clients a registry keeps.
func Kept(r *Registry) (n int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, k := range r.known {
		if k.inUse != nil {
			n++
		}
	}
	return n
}

// Known is how many portals a registry knows to have a client, kept or not.
func Known(r *Registry) int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.known)
}

// DropAll drops all clients, as if nobody had used them for long.
func DropAll(r *Registry) {
	r.mu.Lock()
	for _, k := range r.known {
		k.inUse.usedAt.Store(0)
	}
	r.mu.Unlock()
	r.sweep()
}

// Transports makes the transports of a registry. of returns that of a portal, and open is how many connections there
// are.
func Transports(base *http.Transport, most int) (of func(memberID string) *http.Transport, open *atomic.Int64) {
	c := newConnections(base, most)
	return func(memberID string) *http.Transport { return c.shards[c.of(memberID)] }, &c.open
}

// UsualConnections is how many connections are kept in a process that may open so many files.
var UsualConnections = usualConnections

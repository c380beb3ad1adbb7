package onerequest

import (
	"cmp"
	"net/http"
	"runtime"
	"sync"
	"time"
	"weak"
)

// Pinging returns a copy of base that pings HTTP/2 connections that are silent for some time, and closes those that do
// not answer in the same time again. A time that base has set stays.
func Pinging(base *http.Transport, silence time.Duration) *http.Transport {
	made := base.Clone()
	if made.HTTP2 == nil {
		made.HTTP2 = new(http.HTTP2Config)
	}
	made.HTTP2.SendPingTimeout = cmp.Or(made.HTTP2.SendPingTimeout, silence)
	made.HTTP2.PingTimeout = cmp.Or(made.HTTP2.PingTimeout, silence)
	return made
}

// How long a connection may be silent before it is pinged, and how long it may take to answer: a share of the timeout,
// but not so short that a busy machine looks like a dead one.
const (
	share           = 5
	longestSilence  = 5 * time.Second
	shortestSilence = 100 * time.Millisecond
)

// Watched returns a Transport on a copy of base (or [http.DefaultTransport], if that is nil) that finds a dead HTTP/2
// connection by pings, well before timeout ends a request on it, so that the next goes over another. base itself stays
// as it is, and is used where it has pings of its own or is not net/http's. For the same base it is always the same
// copy, with the same connections.
func Watched(base http.RoundTripper, timeout time.Duration) *Transport {
	if base == nil {
		base = http.DefaultTransport
	}
	transport, ok := base.(*http.Transport)
	if !ok || transport.HTTP2 != nil && transport.HTTP2.SendPingTimeout != 0 {
		return New(base)
	}
	return copyOf(transport, max(shortestSilence, min(timeout/share, longestSilence)))
}

// copyKey names a copy of a transport without keeping that alive.
type copyKey struct {
	of      weak.Pointer[http.Transport]
	silence time.Duration
}

// copies has the copies of transports that are still in use.
var copies = struct {
	mu    sync.Mutex
	known map[copyKey]*Transport
}{known: make(map[copyKey]*Transport)}

func copyOf(transport *http.Transport, silence time.Duration) *Transport {
	key := copyKey{of: weak.Make(transport), silence: silence}
	copies.mu.Lock()
	defer copies.mu.Unlock()
	if found := copies.known[key]; found != nil {
		return found
	}
	made := New(Pinging(transport, silence))
	copies.known[key] = made
	runtime.AddCleanup(transport, func(key copyKey) {
		copies.mu.Lock()
		defer copies.mu.Unlock()
		copies.known[key].current.Load().CloseIdleConnections()
		delete(copies.known, key)
	}, key)
	return made
}

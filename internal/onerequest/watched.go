package onerequest

import (
	"net/http"
	"runtime"
	"sync"
	"time"
	"weak"
)

// How long a connection may be silent before it is asked for a sign of life, and how long it may take to give one: a
// share of the timeout, but not so short that a busy machine looks like a dead one.
const (
	share           = 5
	longestSilence  = 5 * time.Second
	shortestSilence = 100 * time.Millisecond
)

// Watched returns a transport like base (or [http.DefaultTransport], if that is nil) that finds a dead HTTP/2
// connection by pings, well before timeout ends a request on it, so that the next goes over another. base itself stays
// as it is, and is returned where it has pings of its own or is not net/http's. For the same base it is always the same
// transport, with the same connections.
func Watched(base http.RoundTripper, timeout time.Duration) http.RoundTripper {
	if base == nil {
		base = http.DefaultTransport
	}
	transport, ok := base.(*http.Transport)
	if !ok || transport.HTTP2 != nil && transport.HTTP2.SendPingTimeout != 0 {
		return base
	}
	return cloneOf(transport, max(shortestSilence, min(timeout/share, longestSilence)))
}

// clone names a copy of a transport without keeping that alive.
type clone struct {
	of      weak.Pointer[http.Transport]
	silence time.Duration
}

var clones = struct {
	mu    sync.Mutex
	known map[clone]*http.Transport
}{known: make(map[clone]*http.Transport)}

func cloneOf(transport *http.Transport, silence time.Duration) *http.Transport {
	name := clone{of: weak.Make(transport), silence: silence}
	clones.mu.Lock()
	defer clones.mu.Unlock()
	if found := clones.known[name]; found != nil {
		return found
	}
	made := transport.Clone()
	if made.HTTP2 == nil {
		made.HTTP2 = new(http.HTTP2Config)
	}
	made.HTTP2.SendPingTimeout, made.HTTP2.PingTimeout = silence, silence
	clones.known[name] = made
	runtime.AddCleanup(transport, func(name clone) {
		clones.mu.Lock()
		defer clones.mu.Unlock()
		clones.known[name].CloseIdleConnections()
		delete(clones.known, name)
	}, name)
	return made
}

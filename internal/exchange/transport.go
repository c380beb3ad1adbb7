package exchange

import (
	"cmp"
	"errors"
	"net/http"
	"sync"
	"sync/atomic"
	"time"
)

// Transport is net/http's own transport, made to send each request once, and to give up connections that do not answer.
//
// What is known of no other transport is known of this one: its traces leave no connection out, and it says in words
// of its own when the other side has not looked at a request.
type Transport struct {
	current atomic.Pointer[generation]

	mu    sync.RWMutex
	http1 map[string]bool // the hosts a connection to which was kept for later, as only those of HTTP/1 are
}

// generation is the transport that was given, which has the number 1 and is never changed, or a copy of it that has
// other connections.
type generation struct {
	transport *http.Transport
	number    uint64
}

// NewTransport returns a Transport on given.
func NewTransport(given *http.Transport) *Transport {
	t := &Transport{http1: map[string]bool{}}
	t.current.Store(&generation{given, 1})
	return t
}

// Tuned returns a Transport on a copy of standard that keeps more idle connections a portal than two, and asks those of
// HTTP/2 that are silent for a sign of life: one that is dead is found out long before the timeout of a request.
func Tuned(standard *http.Transport) *Transport {
	const (
		idlePerPortal = 64
		silence       = 10 * time.Second
	)
	tuned := standard.Clone()
	tuned.MaxIdleConnsPerHost = idlePerPortal
	if tuned.HTTP2 == nil {
		tuned.HTTP2 = &http.HTTP2Config{}
	}
	tuned.HTTP2.SendPingTimeout = cmp.Or(tuned.HTTP2.SendPingTimeout, silence)
	tuned.HTTP2.PingTimeout = cmp.Or(tuned.HTTP2.PingTimeout, silence)
	return NewTransport(tuned)
}

// RoundTrip makes a request by the rules of net/http.
func (t *Transport) RoundTrip(req *http.Request) (*http.Response, error) {
	return t.current.Load().transport.RoundTrip(req)
}

// giveUp makes later requests go over other connections than those of a generation, where one of HTTP/2 did not answer.
// The other requests on that one are left to it: they may still be answered.
func (t *Transport) giveUp(number uint64) {
	used := t.current.Load()
	if used.number != number {
		return
	}
	other := used.transport.Clone()
	other.ForceAttemptHTTP2 = true // where HTTP/2 is there by default, net/http leaves it out of a copy
	if t.current.CompareAndSwap(used, &generation{other, number + 1}) && number > 1 {
		used.transport.CloseIdleConnections()
	}
}

// knownForHTTP1 reports whether connections to host are those of HTTP/1, as far as was seen.
func (t *Transport) knownForHTTP1(host string) bool {
	t.mu.RLock()
	defer t.mu.RUnlock()
	return t.http1[host]
}

// mostHosts is how many hosts are remembered. To forget one costs a failure that could have been mended, at most.
const mostHosts = 10_000

func (t *Transport) noteHTTP1(host string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.http1) >= mostHosts {
		clear(t.http1)
	}
	t.http1[host] = true
}

func (t *Transport) forgetHTTP1(host string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.http1, host)
}

// errAsksAgain is what net/http gets in the place of the body when it wants to send a request again.
var errAsksAgain = errors.New("the connection was lost, and the request is not sent again")

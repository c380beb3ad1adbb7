// Package onerequest sends each request once, says how far it got, and gives up HTTP/2 connections that do not answer.
//
// net/http repeats a request by itself wherever it can get the body anew: over HTTP/2 after a GOAWAY or REFUSED_STREAM
// without end, though the server may have acted.
package onerequest

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"sync"
	"sync/atomic"

	"github.com/seed-a6e4e5a4/imbot/internal/outcome"
	"github.com/seed-a6e4e5a4/imbot/internal/payload"
)

// Transport sends requests by another transport. It is safe for concurrent use.
//
// More is known of net/http's own transport than of any other: its traces leave no connection out, and its errors say
// when nothing was written, or when the server did not look at the request.
type Transport struct {
	given http.RoundTripper
	files *Transport // for bodies that are read while they are sent; nil: this one

	// current is given, where that is net/http's own, or a copy of it that has other connections.
	current atomic.Pointer[http.Transport]

	mu    sync.RWMutex
	http1 map[string]bool // the hosts a connection to which was kept for later, as only those of HTTP/1 are reported
}

// New returns a Transport on given, which is not changed.
func New(given http.RoundTripper) *Transport {
	t := &Transport{given: given, http1: map[string]bool{}}
	if own, ok := given.(*http.Transport); ok {
		t.current.Store(own)
	}
	return t
}

// WithFilesOver returns t with other connections for bodies that are read while they are sent. What is being sent over
// a connection holds up its pings, and with them all other requests.
func (t *Transport) WithFilesOver(other http.RoundTripper) *Transport {
	t.files = New(other)
	return t
}

// Failure is a request that got no answer.
type Failure struct {
	// Err is the error of the transport. It may quote the URL.
	Err error
	// Outcome is NotExecuted where nothing can have reached the server or the server says that it did not look at the
	// request, and Unknown otherwise.
	Outcome outcome.Outcome
	// NoConnection is set where there was no connection to write to, and another request may get one.
	NoConnection bool
	// Unprocessed is set where the server says that it did not look at the request, and may do so the next time.
	Unprocessed bool
}

// Request is a POST to send.
type Request struct {
	URL    url.URL
	Header http.Header // not nil
	Body   payload.Body
	Close  bool // the connection is not kept
}

// Send sends r in a form that net/http does not repeat by itself. The answer has a body. After an error of the body that
// is read meanwhile the outcome is unknown: the server has the beginning of the request.
//
// A kept connection may turn out to be closed before a byte was written to it. Where net/http's own transport says so,
// the request goes on over another connection: it is still the first that anybody sees.
func (t *Transport) Send(ctx context.Context, r Request) (*http.Response, *Failure) {
	if t.files != nil && len(r.Body.Parts) > 0 {
		return t.files.Send(ctx, r)
	}
	for {
		a := &attempt{transport: t}
		out, err := a.request(ctx, &r)
		if err != nil {
			return nil, &Failure{Err: err, Outcome: outcome.NotExecuted}
		}
		resp, err := t.sendOnce(a, out)
		if err == nil {
			return resp, nil
		}
		failure, again := t.judge(ctx, a, err)
		if !again || ctx.Err() != nil {
			return nil, failure
		}
	}
}

// ErrNoAnswer is the error of a transport that returns neither an answer nor an error.
var ErrNoAnswer = errors.New("the transport returned neither an answer nor an error")

// sendOnce hands a request to the transport.
func (t *Transport) sendOnce(a *attempt, out *http.Request) (*http.Response, error) {
	next := t.given
	own := t.current.Load()
	if own != nil {
		next = own
	}
	resp, err := next.RoundTrip(out)
	switch {
	case err == nil && (resp == nil || resp.Body == nil):
		err = ErrNoAnswer
	case err != nil && resp != nil && resp.Body != nil:
		_ = resp.Body.Close()
	}
	switch {
	case err == nil && own != nil && resp.ProtoMajor == 2:
		resp.Body = &http2Body{resp.Body, out.Context(), t, own}
	case err != nil && own != nil && a.bodyError() == nil && isLate(out.Context(), err) && a.overHTTP2():
		t.giveUp(own)
	}
	return resp, err
}

// judge tells what became of a request that ended in err, and whether it goes on over another connection.
func (t *Transport) judge(ctx context.Context, a *attempt, err error) (failure *Failure, again bool) {
	isOwn := t.current.Load() != nil
	if broken := a.bodyError(); broken != nil { // which may be any error, one of net/http's own among them
		return &Failure{Err: broken, Outcome: outcome.Unknown}, false
	}
	switch {
	case isOwn && (a.wasClosed.Load() || nothingWritten(err)):
		return &Failure{Err: err, Outcome: outcome.NotExecuted, NoConnection: ctx.Err() == nil}, a.kept.Load()
	case isOwn && unprocessed(err):
		return &Failure{Err: err, Outcome: outcome.NotExecuted, Unprocessed: true}, false
	case outcome.OfFailure(err, a.contact(isOwn)) == outcome.NotExecuted:
		return &Failure{Err: err, Outcome: outcome.NotExecuted, NoConnection: !outcome.IsCertificate(err)}, false
	default:
		return &Failure{Err: err, Outcome: outcome.Unknown}, false
	}
}

// mostHosts is how many hosts are remembered. To forget one costs a request that could have gone on, at most.
const mostHosts = 10_000

// isHTTP1 reports whether connections to a host are those of HTTP/1, as far as was seen.
func (t *Transport) isHTTP1(host string) bool {
	t.mu.RLock()
	defer t.mu.RUnlock()
	return t.http1[host]
}

// noteHTTP1 notes that connections to a host are those of HTTP/1.
func (t *Transport) noteHTTP1(host string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.http1) >= mostHosts {
		clear(t.http1)
	}
	t.http1[host] = true
}

// forgetHTTP1 notes that they are not, or no longer.
func (t *Transport) forgetHTTP1(host string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.http1, host)
}

// giveUp makes later requests go over other connections than those of used, where one of HTTP/2 did not answer. The
// other requests on that connection stay there: they may still be answered.
func (t *Transport) giveUp(used *http.Transport) {
	if t.current.Load() != used {
		return
	}
	other := used.Clone()
	other.ForceAttemptHTTP2 = true // where HTTP/2 is there by default, net/http leaves it out of a copy
	if t.current.CompareAndSwap(used, other) && used != t.given {
		used.CloseIdleConnections()
	}
}

// http2Body is the body of an answer over HTTP/2.
type http2Body struct {
	io.ReadCloser
	ctx       context.Context
	transport *Transport
	used      *http.Transport
}

// Read reads the body. If the rest of it does not come in time, the connection is given up.
func (b *http2Body) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	if err != nil && err != io.EOF && isLate(b.ctx, err) {
		b.transport.giveUp(b.used)
	}
	return n, err
}

// isLate reports whether a request ended in err because there was no answer in time.
func isLate(ctx context.Context, err error) bool {
	late, ok := errors.AsType[net.Error](err)
	return ok && late.Timeout() || errors.Is(ctx.Err(), context.DeadlineExceeded) ||
		errors.Is(context.Cause(ctx), context.DeadlineExceeded)
}

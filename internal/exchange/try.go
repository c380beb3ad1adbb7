package exchange

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http/httptrace"
	"net/url"
	"sync"
	"sync/atomic"

	"github.com/seed-a6e4e5a4/imbot/internal/outcome"
)

// try is one request of an exchange. It follows how far the request got; the transport may report that from goroutines
// of its own.
type try struct {
	target url.URL // where it goes, webhook and all
	trace  httptrace.ClientTrace

	own      *Transport // nil with a transport of somebody else
	endpoint *url.URL
	mendable bool // the connection may be a kept one of HTTP/1

	asked, had   atomic.Bool
	closedBefore atomic.Bool

	mu   sync.Mutex
	conn net.Conn
}

// follow returns ctx with a trace that reports to t, beside that of others.
func (t *try) follow(ctx context.Context, p *progress) context.Context {
	if httptrace.ContextClientTrace(ctx) != nil {
		ctx = maskedTrace{ctx, p.secrets}
	}
	t.endpoint = p.endpoint
	t.trace.GetConn = func(string) { t.asked.Store(true) }
	t.trace.GotConn = t.got
	if t.own != nil && !t.mendable {
		t.trace.PutIdleConn = t.kept
	}
	return httptrace.WithClientTrace(ctx, &t.trace)
}

func (t *try) got(info httptrace.GotConnInfo) {
	t.had.Store(true)
	t.mu.Lock()
	defer t.mu.Unlock()
	t.conn = info.Conn
}

// kept learns that the connection is one of HTTP/1: net/http tells this of no other.
func (t *try) kept(err error) {
	if err == nil {
		t.own.noteHTTP1(t.endpoint.Host)
	}
}

// contact tells what is known of the connection. That there was none is known of net/http's own transport alone: others
// may make connections that they do not report.
func (t *try) contact() outcome.Contact {
	switch {
	case t.had.Load():
		return outcome.Made
	case t.asked.Load() && t.own != nil:
		return outcome.None
	default:
		return outcome.Unclear
	}
}

// overHTTP2 reports whether the connection was one of HTTP/2.
func (t *try) overHTTP2() bool {
	protocol, secured := t.negotiated()
	return secured && protocol == "h2"
}

// negotiated is the protocol that the two sides agreed on in TLS, if they did.
func (t *try) negotiated() (protocol string, secured bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if conn, ok := t.conn.(*tls.Conn); ok {
		return conn.ConnectionState().NegotiatedProtocol, true
	}
	return "", false
}

// asksAgain is the GetBody of the request. Over HTTP/1 net/http asks for another body of a POST when a connection that
// it kept was closed before a byte was written, and for no other reason. Over HTTP/2 there are more.
func (t *try) asksAgain() (io.ReadCloser, error) {
	switch protocol, secured := t.negotiated(); {
	case secured && (protocol == "" || protocol == "http/1.1"), !secured && t.endpoint.Scheme == "http":
		t.closedBefore.Store(true)
	default:
		t.own.forgetHTTP1(t.endpoint.Host)
	}
	return nil, errAsksAgain
}

// unwritten reports whether err means that the connection was closed before a byte of the request was written.
func (t *try) unwritten(err error) bool {
	return t.closedBefore.Load() && errors.Is(err, errAsksAgain)
}

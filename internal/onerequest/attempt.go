package onerequest

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"reflect"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/seed-a6e4e5a4/imbot/internal/outcome"
	"github.com/seed-a6e4e5a4/imbot/internal/payload"
)

// attempt is a request over one connection. It follows how far the request got; the transport may report that from
// goroutines of its own.
type attempt struct {
	transport *Transport

	url   url.URL
	body  bytes.Reader
	trace httptrace.ClientTrace

	asked, had atomic.Bool // the transport looked for a connection, and had one
	kept       atomic.Bool // the connection had been used before
	wasClosed  atomic.Bool // it was closed before a byte was written

	mu     sync.Mutex
	conn   net.Conn
	unread error // why the body could not be read
}

// request returns what is sent for r. It has no GetBody, or one that refuses: net/http would use it to send the request
// more than once.
func (a *attempt) request(ctx context.Context, r *Request) (*http.Request, error) {
	body, err := a.open(&r.Body)
	if err != nil {
		return nil, err
	}
	a.trace.GetConn, a.trace.GotConn = a.getConn, a.gotConn
	a.url = r.URL
	out := http.Request{
		Method:        http.MethodPost,
		URL:           &a.url,
		Host:          r.URL.Host,
		Proto:         "HTTP/1.1",
		ProtoMajor:    1,
		ProtoMinor:    1,
		Header:        withoutKeys(r.Header),
		Body:          body,
		ContentLength: r.Body.Length(),
		Close:         r.Close,
	}
	switch isOwn := a.transport.current.Load() != nil; {
	case !isOwn: // what others do with their connections is not asked for
	case a.transport.isHTTP1(a.url.Host):
		out.GetBody = a.refuse
	default:
		a.trace.PutIdleConn = a.putIdleConn
	}
	return out.WithContext(httptrace.WithClientTrace(ctx, &a.trace)), nil
}

// open opens a body. One that is in memory is of a kind that net/http knows, and sends in one piece with the head.
func (a *attempt) open(body *payload.Body) (io.ReadCloser, error) {
	if len(body.Parts) == 0 {
		a.body.Reset(body.Text)
		return io.NopCloser(&a.body), nil
	}
	opened, err := body.Open()
	return io.NopCloser(&notedReader{opened, a}), err
}

// notedReader is a body that is read while it is sent. Its error is noted, as the transport may fail with another.
type notedReader struct {
	io.Reader
	a *attempt
}

// Read reads the body.
func (r *notedReader) Read(p []byte) (int, error) {
	n, err := r.Reader.Read(p)
	if err != nil && err != io.EOF {
		r.a.mu.Lock()
		defer r.a.mu.Unlock()
		r.a.unread = err
	}
	return n, err
}

// bodyError returns why the body could not be read, or nil.
func (a *attempt) bodyError() error {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.unread
}

// errRefused is what net/http gets instead of the body when it wants to send a request again.
var errRefused = errors.New("the connection was closed, and the request is not sent again over another")

// refuse is the GetBody of a request over HTTP/1. There net/http wants another body of a POST when a connection that it
// kept was closed before a byte was written, and for no other reason. Over HTTP/2 there are more reasons, and the error
// of a request without GetBody names them.
func (a *attempt) refuse() (io.ReadCloser, error) {
	if a.overHTTP2() {
		a.transport.forgetHTTP1(a.url.Host)
	} else {
		a.wasClosed.Store(true)
	}
	return nil, errRefused
}

// putIdleConn learns that the connection is one of HTTP/1: net/http reports of no other that it is kept.
func (a *attempt) putIdleConn(err error) {
	if err == nil {
		a.transport.noteHTTP1(a.url.Host)
	}
}

// withoutKeys returns header without the keys by which net/http takes a POST for one that it may repeat by itself. What
// is repeated is not for it to decide, and Bitrix24 does not know the keys.
func withoutKeys(header http.Header) http.Header {
	for _, key := range [...]string{"Idempotency-Key", "X-Idempotency-Key"} {
		if _, ok := header[key]; ok {
			header = header.Clone()
			delete(header, key)
		}
	}
	return header
}

func (a *attempt) getConn(string) { a.asked.Store(true) }

func (a *attempt) gotConn(info httptrace.GotConnInfo) {
	a.had.Store(true)
	a.kept.Store(info.Reused)
	a.mu.Lock()
	defer a.mu.Unlock()
	a.conn = info.Conn
}

// contact returns what is known about the connection. Only net/http's own transport shows that there was none: others
// may make connections that they do not report.
func (a *attempt) contact(isOwn bool) outcome.Contact {
	switch {
	case a.had.Load():
		return outcome.Made
	case a.asked.Load() && isOwn:
		return outcome.None
	default:
		return outcome.Unclear
	}
}

// overHTTP2 reports whether the connection was one of HTTP/2.
func (a *attempt) overHTTP2() bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	conn, ok := a.conn.(*tls.Conn)
	return ok && conn.ConnectionState().NegotiatedProtocol == "h2"
}

// What net/http says, over HTTP/1.1 alone, when a connection was closed that no request had been written to.
const (
	closedWhileIdle = "http: server closed idle connection"
	brokenWhileIdle = "readLoopPeekFailLocked: "
)

// nothingWritten reports whether err, from net/http's own transport, says that no byte of the request was written.
// There is neither a variable nor an exported type for that: the tests of this package fail if net/http says it in
// other words.
func nothingWritten(err error) bool {
	if text := err.Error(); text == closedWhileIdle || strings.HasPrefix(text, brokenWhileIdle) {
		return true
	}
	for ; err != nil; err = errors.Unwrap(err) {
		if kind := reflect.TypeOf(err); kind.PkgPath() == "net/http" && kind.Name() == "nothingWrittenError" {
			return true
		}
	}
	return false
}

// unprocessed reports whether err, from net/http's own transport, says that the server did not look at a request over
// HTTP/2: it refused the stream, or sent a GOAWAY that names an earlier stream as the last it has looked at. net/http
// would send the request again, as often as it takes. Without Request.GetBody it cannot, and says why in this text and
// no other way.
//
// The error of any other transport proves nothing, whatever it says: it may be that of the second of two requests.
func unprocessed(err error) bool { return cannotRetry.MatchString(err.Error()) }

var cannotRetry = regexp.MustCompile(`^http2: Transport: cannot retry err \[` +
	`(?:http2: Transport received Server's graceful shutdown GOAWAY|stream error: stream ID \d+; REFUSED_STREAM; received from peer)` +
	`\] after Request\.Body was written; define Request\.GetBody to avoid this error$`)

// Package onerequest sends a request once. net/http repeats one by itself wherever it can get the body anew: over
// HTTP/2 after a GOAWAY or REFUSED_STREAM without end, though the server may have acted.
package onerequest

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"net/http/httptrace"
	"reflect"
	"strings"
	"sync/atomic"
)

// RoundTrip sends a copy of req with body by next, in a form that net/http does not repeat by itself.
//
// A kept connection may turn out to be dead before a byte was written to it. Where next is net/http's own transport,
// which says so, the request goes on over another connection: it is still the first that anybody sees. Where that is
// no help, the error is an [*UnwrittenError].
func RoundTrip(next http.RoundTripper, req *http.Request, body []byte) (*http.Response, error) {
	_, plain := next.(*http.Transport)
	for {
		var kept atomic.Bool // the connection had been used before
		out := req.Clone(httptrace.WithClientTrace(req.Context(), &httptrace.ClientTrace{
			GotConn: func(info httptrace.GotConnInfo) { kept.Store(info.Reused) },
		}))
		out.Header.Del("Idempotency-Key")
		out.Header.Del("X-Idempotency-Key")
		out.Body = io.NopCloser(bytes.NewReader(body))
		out.ContentLength = int64(len(body))
		out.GetBody = nil
		resp, err := next.RoundTrip(out)
		switch {
		case err == nil || !plain || !nothingWritten(err):
			return resp, err
		case !kept.Load() || req.Context().Err() != nil:
			return resp, &UnwrittenError{err}
		}
	}
}

// UnwrittenError says that the connection ended before a byte of the request was written.
type UnwrittenError struct{ err error }

// Error returns what happened to the connection.
func (e *UnwrittenError) Error() string { return e.err.Error() }

// Unwrap returns what happened to the connection.
func (e *UnwrittenError) Unwrap() error { return e.err }

// What net/http says, over HTTP/1.1 alone, when a connection was closed that no request had been written to.
const (
	closedWhileIdle = "http: server closed idle connection"
	brokenWhileIdle = "readLoopPeekFailLocked: "
)

// nothingWritten reports whether net/http says that no byte of the request was written. It has neither a variable nor
// an exported type for that, so that the tests of this package hold it to its words.
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

package events

import (
	"errors"
	"fmt"
	"net/http"
)

// What a [*RequestError] may match: why a post was refused, each with the status that answers it.
var (
	// ErrMethod: only POST brings events (405).
	ErrMethod = errors.New("events: not a POST")
	// ErrMediaType: the body is neither a form nor a JSON object, by what is said of it or by itself (415).
	ErrMediaType = errors.New("events: neither a form nor a JSON object")
	// ErrTooLarge: the body has more than 1 MiB (413).
	ErrTooLarge = errors.New("events: too large")
	// ErrMalformed: the body is not an event (400).
	ErrMalformed = errors.New("events: malformed")
	// ErrUnverified: the application token is not that of the portal, or nothing is known of the portal (403).
	ErrUnverified = errors.New("events: unverified")
	// ErrLookup: the application token of the portal could not be looked up (503).
	ErrLookup = errors.New("events: the lookup of the application token failed")
	// ErrNotKept: the function of [WithEnqueue] has failed, so that the event is not kept, or not surely (503).
	ErrNotKept = errors.New("events: the event could not be kept")
	// ErrBusy: the portal has as many workers as it may have, and as many places in the queue (503).
	ErrBusy = errors.New("events: the queue is full")
	// ErrShutdown: the handler takes no more events (503). Also matched by the [*CallbackError] of an event that was
	// accepted before, but whose callback had not begun when the time for the shutdown was over.
	ErrShutdown = errors.New("events: shut down")
)

// ErrPanic is matched by the [*CallbackError] of a callback that did not return: it panicked, or ended its goroutine.
var ErrPanic = errors.New("events: the callback panicked")

// ErrTooOld is matched by the [*CallbackError] of an event that was older than [WithMaxAge] allows, and not worked on.
var ErrTooOld = errors.New("events: the event is too old")

// RequestError is why a post was refused. It repeats nothing of the post.
type RequestError struct {
	// StatusCode is the HTTP status that says so.
	StatusCode int
	// Reason is one of the errors of this package: [ErrMalformed] and its neighbors.
	Reason error

	detail string
	cause  error
}

// Error returns the reason, and what is known of it.
func (e *RequestError) Error() string {
	text := "events: refused"
	if e.Reason != nil {
		text = e.Reason.Error()
	}
	if e.detail != "" {
		text += ": " + e.detail
	}
	if e.cause != nil {
		text += ": " + e.cause.Error()
	}
	return fmt.Sprintf("%s (HTTP %d)", text, e.StatusCode)
}

// Unwrap returns the reason and what caused it.
func (e *RequestError) Unwrap() []error {
	var chain []error
	for _, err := range []error{e.Reason, e.cause} {
		if err != nil {
			chain = append(chain, err)
		}
	}
	return chain
}

func malformed(detail string) *RequestError {
	return &RequestError{StatusCode: http.StatusBadRequest, Reason: ErrMalformed, detail: detail}
}

func tooLarge() *RequestError {
	return &RequestError{StatusCode: http.StatusRequestEntityTooLarge, Reason: ErrTooLarge, detail: "the body has more than 1 MiB"}
}

func unverified(detail string, cause error) *RequestError {
	return &RequestError{StatusCode: http.StatusForbidden, Reason: ErrUnverified, detail: detail, cause: cause}
}

func unavailable(reason, cause error) *RequestError {
	return &RequestError{StatusCode: http.StatusServiceUnavailable, Reason: reason, cause: cause}
}

// CallbackError is what came of a callback that failed. The portal has been answered by then, unless it waits because of
// [WithSynchronous].
type CallbackError struct {
	// Name is that of the event.
	Name string
	// MemberID is the portal that sent it; empty if the event has none.
	MemberID string
	// Err is what the callback returned, with the secrets of the event masked. It matches [ErrPanic] where the callback
	// panicked, and [ErrShutdown] or [ErrTooOld] where it was never called.
	Err error
	// Stack is where it panicked; nil if it did not.
	Stack []byte
}

// Error returns the name of the event and what went wrong.
func (e *CallbackError) Error() string { return fmt.Sprintf("events: %q: %v", short(e.Name), e.Err) }

// Unwrap returns Err.
func (e *CallbackError) Unwrap() error { return e.Err }

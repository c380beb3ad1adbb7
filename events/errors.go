package events

import (
	"fmt"
	"net/http"
	"strings"

	"github.com/seed-a6e4e5a4/imbot"
)

// What a [*RequestError] may match: why a post was refused, each with the status that answers it.
var (
	// ErrMethod: only POST brings events (405).
	ErrMethod = imbot.NewError("events: not a POST", imbot.Advice{
		Meaning: "somebody asked for the address of events by another method than POST",
		Action:  "nothing; portals post",
	})
	// ErrMediaType: the body is neither a form nor a JSON object, by what is said of it or by itself (415).
	ErrMediaType = imbot.NewError("events: neither a form nor a JSON object", imbot.Advice{
		Meaning: "the body of a post is neither a form nor a JSON object",
		Action:  "nothing; portals post forms",
	})
	// ErrTooLarge: the body has more than 1 MiB (413).
	ErrTooLarge = imbot.NewError("events: too large", imbot.Advice{
		Meaning: "a post has more than 1 MiB",
		Action:  "nothing; portals post less",
	})
	// ErrMalformed: the body is not an event (400).
	ErrMalformed = imbot.NewError("events: malformed", imbot.Advice{
		Meaning: "a post is not an event",
		Action:  "nothing, unless a portal posted it",
	})
	// ErrUnverified: the application token is not that of the portal, or nothing is known of the portal (403).
	ErrUnverified = imbot.NewError("events: unverified", imbot.Advice{
		Meaning: "the application token of an event is not that of its portal, or nothing is known of the portal",
		Action:  "nothing if the portal is none of yours; else correct what Lookup returns, for a bot of a webhook its CLIENT_ID, or install the application again",
	})
	// ErrLookup: the application token of the portal could not be looked up (503).
	ErrLookup = imbot.NewError("events: the lookup of the application token failed", imbot.Advice{
		Meaning: "the application token of a portal could not be looked up, so the event was refused for now",
		Action:  "see to where the installations are stored",
	})
	// ErrNotKept: the function of [WithEnqueue] has failed, so that the event is not kept, or not surely (503).
	ErrNotKept = imbot.NewError("events: the event could not be kept", imbot.Advice{
		Meaning: "an event could not be kept, or not surely, so it was refused",
		Action:  "see to the queue",
	})
	// ErrBusy: the portal has as many workers as it may have, and as many places in the queue (503).
	ErrBusy = imbot.NewError("events: the queue is full", imbot.Advice{
		Meaning: "a portal has all the workers and places in the queue that it may have, so an event was refused",
		Action:  "let callbacks do less, or raise WithWorkers and WithQueue; WithEnqueue keeps events instead",
	})
	// ErrShutdown: the handler takes no more events (503). Also matched by the [*CallbackError] of an event that was
	// accepted before, but whose callback had not begun when the time for the shutdown was over.
	ErrShutdown = imbot.NewError("events: the handler is shut down", imbot.Advice{
		Meaning: "the handler is shut down, and an event was not worked on",
		Action:  "nothing; keep events by WithEnqueue if none may be lost",
	})
)

// ErrPanic is matched by the [*CallbackError] of a callback that did not return: it panicked, or ended its goroutine.
var ErrPanic = imbot.NewError("events: the callback panicked", imbot.Advice{
	Meaning: "a callback panicked, or ended its goroutine",
	Action:  "fix the callback; CallbackError.Stack says where",
})

// ErrTooOld is matched by the [*CallbackError] of an event that was older than [WithMaxAge] allows, and not worked on.
var ErrTooOld = imbot.NewError("events: the event is too old", imbot.Advice{
	Meaning: "an event was older than WithMaxAge allows, and was not worked on",
	Action:  "nothing",
})

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
		text += ": " + strings.TrimPrefix(e.cause.Error(), text+": ") // a lookup may have said the reason already
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

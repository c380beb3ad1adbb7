package eventqueue_test

import (
	"testing"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/eventqueue"
	"github.com/seed-a6e4e5a4/imbot/internal/docs"
)

// The tests of the root module compile the rest of the documentation; what uses this package, they cannot.
func TestDocs_codeCompiles(t *testing.T) {
	t.Parallel()
	docs.TestCode(t, "..", "eventqueue", "queue, err := eventqueue.Open(ctx)", "not enough arguments")
}

func TestErrors_areExplained(t *testing.T) {
	t.Parallel()
	docs.TestErrors(t, ".", map[string]error{
		"ErrInUse":        eventqueue.ErrInUse,
		"ErrClosed":       eventqueue.ErrClosed,
		"ErrWorking":      eventqueue.ErrWorking,
		"ErrLeaseLost":    eventqueue.ErrLeaseLost,
		"ErrGrace":        eventqueue.ErrGrace,
		"ErrPanic":        eventqueue.ErrPanic,
		"ErrDied":         eventqueue.ErrDied,
		"ErrNoDeadLetter": eventqueue.ErrNoDeadLetter,
		"WorkError":       &eventqueue.WorkError{Err: eventqueue.ErrPanic},                              // what it wraps is what is explained
		"LeavesError":     &eventqueue.LeavesError{Failed: []imbot.LeaveResult{{Err: imbot.ErrAccess}}}, // likewise
	})
}

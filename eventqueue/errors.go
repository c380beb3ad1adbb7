package eventqueue

import (
	"errors"
	"fmt"
)

var (
	// ErrInUse means that another process has opened the folder, or this one has and did not close it.
	ErrInUse = errors.New("eventqueue: the folder is in use")
	// ErrClosed means that the queue is closed.
	ErrClosed = errors.New("eventqueue: closed")
	// ErrWorking means that this queue has a worker already.
	ErrWorking = errors.New("eventqueue: Work runs already")
	// ErrLeaseLost is the cause of the end of a callback's context where another replica may begin with its portal.
	ErrLeaseLost = errors.New("eventqueue: the lease was lost")
	// ErrGrace is the cause of the end of a callback's context where it went on for longer than [WithGrace] after the end
	// of Work.
	ErrGrace = errors.New("eventqueue: the time for what was being worked on is over")
	// ErrPanic is matched by the [*WorkError] of a callback that did not return: it panicked, or ended its goroutine.
	ErrPanic = errors.New("eventqueue: the callback panicked")
	// ErrDied is matched by the [*WorkError] of an event at whose last start the process died, before the callback returned.
	ErrDied = errors.New("eventqueue: the process died while the callback ran")
	// ErrNoDeadLetter means that there is no dead letter of that id.
	ErrNoDeadLetter = errors.New("eventqueue: no such dead letter")
)

// WorkError is how a callback failed.
type WorkError struct {
	// Name is that of the event, or "imbot.chat.leave" for [Leaves].
	Name string
	// MemberID is the portal of the event; empty if it has none.
	MemberID string
	// Attempt counts the starts of the callback for this event, from 1, those included that the process has died at.
	Attempt int
	// Dead reports whether it was the last one: the event becomes a dead letter.
	Dead bool
	// Err is what the callback returned. It matches [ErrPanic] where the callback panicked.
	Err error
	// Stack is where it panicked; nil if it did not.
	Stack []byte
}

// Error returns the name of the event and what went wrong.
func (e *WorkError) Error() string {
	return fmt.Sprintf("eventqueue: %q, attempt %d: %v", e.Name, e.Attempt, e.Err)
}

// Unwrap returns Err.
func (e *WorkError) Unwrap() error { return e.Err }

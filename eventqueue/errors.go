package eventqueue

import (
	"fmt"

	"github.com/seed-a6e4e5a4/imbot"
)

var (
	// ErrInUse means that another process has opened the folder, or this one has and did not close it.
	ErrInUse = imbot.NewError("eventqueue: the folder is in use", imbot.Advice{
		Meaning: "another process has opened the folder of the queue, or this one has and did not close it",
		Action:  "end the other process, or use eventqueue.Connect for several",
	})
	// ErrClosed means that the queue is closed.
	ErrClosed = imbot.NewError("eventqueue: the queue is closed", imbot.Advice{
		Meaning: "the queue is closed",
		Action:  "open it again",
	})
	// ErrWorking means that this queue has a worker already.
	ErrWorking = imbot.NewError("eventqueue: Work runs already", imbot.Advice{
		Meaning: "this queue has a worker already",
		Action:  "call Work once",
	})
	// ErrLeaseLost is the cause of the end of a callback's context where another replica may begin with its portal.
	ErrLeaseLost = imbot.NewError("eventqueue: the lease was lost", imbot.Advice{
		Meaning: "the lease of a portal was lost, and another replica may work on its events",
		Action:  "nothing; the events come again",
	})
	// ErrGrace is the cause of the end of a callback's context where it went on for longer than [WithGrace] after the end
	// of Work.
	ErrGrace = imbot.NewError("eventqueue: the time for what was being worked on is over", imbot.Advice{
		Meaning: "the time for what was being worked on is over",
		Action:  "nothing; the event comes again",
	})
	// ErrPanic is matched by the [*WorkError] of a callback that did not return: it panicked, or ended its goroutine.
	ErrPanic = imbot.NewError("eventqueue: the callback panicked", imbot.Advice{
		Meaning: "the callback panicked, or ended its goroutine",
		Action:  "fix the callback; WorkError.Stack says where",
	})
	// ErrDied is matched by the [*WorkError] of an event at whose last start the process died, before the callback returned.
	ErrDied = imbot.NewError("eventqueue: the process died while the callback ran", imbot.Advice{
		Meaning: "the process died while the callback ran, as often as an event may be begun",
		Action:  "look why the process died, then put the event back (PutBack)",
	})
	// ErrNoDeadLetter means that there is no dead letter of that id.
	ErrNoDeadLetter = imbot.NewError("eventqueue: no such dead letter", imbot.Advice{
		Meaning: "there is no dead letter of that id",
		Action:  "list the dead letters",
	})
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

package eventqueue

import (
	"context"
	"fmt"
	"math"
	"time"
)

// Stats is what is in a queue, for all replicas but where a field says otherwise.
type Stats struct {
	// Pending is how many events, and pieces of what [Queue.PutLeave] has kept, are not done. Those that are worked on
	// are among them.
	Pending int
	// Oldest is when the oldest of these was put, by the clock of the server; zero if there is none.
	Oldest time.Time
	// DeadLetters is how many dead letters there are.
	DeadLetters int
	// Working is how many callbacks run in this process.
	Working int
}

// Stats returns what is in the queue now. It takes two requests to the server, so ask every few seconds, not for each
// event. The error matches [ErrClosed] where the queue is closed. ctx bounds it, and 5 s for a request do where ctx has
// no deadline.
func (q *Queue) Stats(ctx context.Context) (Stats, error) {
	if q.isClosed() {
		return Stats{}, ErrClosed
	}
	pending, err := q.stream.Info(ctx)
	if err != nil {
		return Stats{}, fmt.Errorf("eventqueue: the events cannot be counted: %w", err)
	}
	dead, err := q.dead.Info(ctx)
	if err != nil {
		return Stats{}, fmt.Errorf("eventqueue: the dead letters cannot be counted: %w", err)
	}
	stats := Stats{
		Pending:     int(min(pending.State.Msgs, math.MaxInt)),
		DeadLetters: int(min(dead.State.Msgs, math.MaxInt)),
		Working:     int(q.working.Load()),
	}
	if stats.Pending > 0 {
		stats.Oldest = pending.State.FirstTime
	}
	return stats, nil
}

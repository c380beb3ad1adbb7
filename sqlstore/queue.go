package sqlstore

import (
	"context"
	"sync"
)

// queues let one goroutine of this process at a time go on for each row, so that the others take no connection to wait for
// its lock.
type queues struct {
	mu   sync.Mutex
	busy map[string]*queue
}

type queue struct {
	turn  chan struct{}
	users int // who has the turn or waits for it
}

// take waits for the turn, unless ctx ends before. end is called when it is over.
func (q *queues) take(ctx context.Context, name string) (end func(), err error) {
	own := q.join(name)
	select {
	case own.turn <- struct{}{}:
		return func() {
			<-own.turn
			q.leave(name, own)
		}, nil
	case <-ctx.Done():
		q.leave(name, own)
		return nil, ctx.Err()
	}
}

func (q *queues) join(name string) *queue {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.busy == nil {
		q.busy = make(map[string]*queue)
	}
	own := q.busy[name]
	if own == nil {
		own = &queue{turn: make(chan struct{}, 1)}
		q.busy[name] = own
	}
	own.users++
	return own
}

func (q *queues) leave(name string, own *queue) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if own.users--; own.users == 0 {
		delete(q.busy, name)
	}
}

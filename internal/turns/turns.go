// Package turns gives the goroutines of one process turns at what has a name.
package turns

import (
	"context"
	"sync"
)

// Turns lets one goroutine at a time go on for each name, so that only that one asks a server for a lock, or takes a
// connection to wait for it. The zero Turns is ready for use. It must not be copied after the first use.
type Turns struct {
	mu   sync.Mutex
	busy map[string]*queue
}

// queue is for one name. It is forgotten when nobody has the turn or waits for it.
type queue struct {
	turn  chan struct{}
	users int // who has the turn or waits for it
}

// Take waits for the turn, unless ctx ends before. end is called, once, when the turn is over. The error is that of ctx;
// then end is nil.
func (t *Turns) Take(ctx context.Context, name string) (end func(), err error) {
	own := t.join(name)
	select {
	case own.turn <- struct{}{}:
		return func() {
			<-own.turn
			t.leave(name, own)
		}, nil
	case <-ctx.Done():
		t.leave(name, own)
		return nil, ctx.Err()
	}
}

func (t *Turns) join(name string) *queue {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.busy == nil {
		t.busy = make(map[string]*queue)
	}
	own := t.busy[name]
	if own == nil {
		own = &queue{turn: make(chan struct{}, 1)}
		t.busy[name] = own
	}
	own.users++
	return own
}

func (t *Turns) leave(name string, own *queue) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if own.users--; own.users == 0 {
		delete(t.busy, name)
	}
}

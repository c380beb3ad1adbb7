package events

import (
	"slices"
	"sync"
)

// pool runs the work of portals on a bounded number of goroutines, and keeps the rest in a bounded queue. Each portal
// has a line of its own, and portals take turns.
//
// A portal gets another worker only while it has fewer than are free, and another place in the queue likewise: of 16
// workers one portal gets 8 at most, the next 4, so that some are left for whoever comes.
type pool struct {
	workers, capacity int
	idle              chan struct{} // closed when the pool is closed and nothing runs

	mu      sync.Mutex
	portals map[string]*line // those with work
	turns   []*line          // those with work that waits, next one first
	running int
	waiting int
	closed  bool
}

// line is the work of one portal.
type line struct {
	portal  string
	running int
	waiting []func() // oldest first
}

func newPool(workers, capacity int) *pool {
	return &pool{workers: workers, capacity: capacity, idle: make(chan struct{}), portals: make(map[string]*line)}
}

// submit takes a piece of work of a portal, or says why not: ErrBusy or ErrShutdown.
func (p *pool) submit(portal string, work func()) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return ErrShutdown
	}
	l := p.portals[portal]
	if l == nil {
		l = &line{portal: portal}
	}
	switch {
	case len(l.waiting) == 0 && p.mayRun(l):
		p.start(l, work)
	case len(l.waiting) < p.capacity-p.waiting:
		if len(l.waiting) == 0 {
			p.turns = append(p.turns, l)
		}
		l.waiting = append(l.waiting, work)
		p.waiting++
	default:
		return ErrBusy
	}
	p.portals[portal] = l
	return nil
}

// mayRun reports whether a portal may have another worker.
func (p *pool) mayRun(l *line) bool { return l.running < p.workers-p.running }

// start does a piece of work on a goroutine of its own, which is over when the work is, also by runtime.Goexit.
func (p *pool) start(l *line, work func()) {
	l.running++
	p.running++
	go func() {
		defer p.done(l)
		work()
	}()
}

// done is the end of a piece of work. Others may begin then: the portals are asked in turn, and each that has begun one
// goes to the end.
func (p *pool) done(l *line) {
	p.mu.Lock()
	defer p.mu.Unlock()
	l.running--
	p.running--
	for i := slices.IndexFunc(p.turns, p.mayRun); i >= 0; i = slices.IndexFunc(p.turns, p.mayRun) {
		next := p.turns[i]
		p.turns = slices.Delete(p.turns, i, i+1)
		p.start(next, next.take())
		p.waiting--
		if len(next.waiting) > 0 {
			p.turns = append(p.turns, next)
		}
	}
	if l.running == 0 && len(l.waiting) == 0 {
		delete(p.portals, l.portal)
	}
	if p.closed && p.running == 0 {
		close(p.idle)
	}
}

// take takes the oldest piece of work that waits.
func (l *line) take() func() {
	work := l.waiting[0]
	l.waiting[0] = nil // the event is not kept alive by its place in the line
	l.waiting = l.waiting[1:]
	return work
}

// close makes the pool refuse work. What it has taken, it still does.
func (p *pool) close() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.closed && p.running == 0 {
		close(p.idle)
	}
	p.closed = true
}

func (p *pool) isClosed() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.closed
}

// drain takes what waits and was not begun.
func (p *pool) drain() []func() {
	p.mu.Lock()
	defer p.mu.Unlock()
	var rest []func()
	for _, l := range p.turns {
		rest = append(rest, l.waiting...)
		l.waiting = nil
	}
	p.turns, p.waiting = nil, 0
	return rest
}

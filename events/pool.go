package events

import "sync"

// pool runs pieces of work on a bounded number of goroutines, oldest first. It has a goroutine only while there is work
// for it, so that a pool which nobody closes leaves nothing behind.
type pool struct {
	workers, capacity int
	idle              chan struct{} // closed when the pool is closed and nothing runs

	mu      sync.Mutex
	running int
	queue   []func()
	closed  bool
}

func newPool(workers, capacity int) *pool {
	return &pool{workers: workers, capacity: capacity, idle: make(chan struct{})}
}

// submit takes a piece of work, or says why not: ErrBusy or ErrShutdown.
func (p *pool) submit(work func()) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch {
	case p.closed:
		return ErrShutdown
	case p.running < p.workers:
		p.running++
		go p.work(work)
	case len(p.queue) < p.capacity:
		p.queue = append(p.queue, work)
	default:
		return ErrBusy
	}
	return nil
}

// work does a piece of work, and what has queued up meanwhile.
func (p *pool) work(work func()) {
	defer p.leave()
	for work != nil {
		work()
		work = p.next()
	}
}

// next takes the oldest piece of work, and returns nil if there is none.
func (p *pool) next() func() {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.take()
}

// take is next for a caller that holds mu.
func (p *pool) take() func() {
	if len(p.queue) == 0 {
		return nil
	}
	work := p.queue[0]
	p.queue[0] = nil // the event is not kept alive by its place in the queue
	p.queue = p.queue[1:]
	return work
}

// leave is the end of a worker. There may be work nevertheless: some came since the worker looked, or the work ended
// its goroutine by runtime.Goexit. Then another worker takes its place.
func (p *pool) leave() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if work := p.take(); work != nil {
		go p.work(work)
		return
	}
	p.running--
	if p.closed && p.running == 0 {
		close(p.idle)
	}
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

// drain takes what has queued up and was not begun.
func (p *pool) drain() []func() {
	p.mu.Lock()
	defer p.mu.Unlock()
	rest := p.queue
	p.queue = nil
	return rest
}

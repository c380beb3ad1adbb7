package eventqueue

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"runtime/debug"
	"time"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/events"
	"github.com/seed-a6e4e5a4/imbot/imbotv2"
)

// Callback does the work for an event. It may be called more than once for one, and is called at the same time for
// events of several portals. An error has the event repeated, except for one that imbotv2.MayTryAgain says no about.
//
// The event has no tokens. ctx has the values of that of [Queue.Work], and ends where another worker is about to begin with the portal, and when the time of
// [WithGrace] is over.
type Callback = func(ctx context.Context, event *events.Event) error

// ForMux returns a callback that has the functions of mux called for the events of bots and their users, as
// events.WithMux does for a handler. An event for several bots is one: if a function fails for one of them, all of it
// comes again. What is no event for a mux is done. A nil mux makes every event fail with a [*imbot.ParamError].
func ForMux(mux *imbotv2.Mux) Callback {
	return func(ctx context.Context, event *events.Event) error {
		if mux == nil {
			return &imbot.ParamError{Param: "mux", Err: errNil}
		}
		if event.Name == events.AppInstall || event.Name == events.AppUninstall {
			return nil
		}
		var all []error
		for fetched := range event.FetchedAll() {
			all = append(all, mux.Handle(ctx, fetched))
		}
		return errors.Join(all...)
	}
}

// Work has callback called for each event until ctx ends, and then waits until the callbacks that run have returned, for
// the time of [WithGrace] at most before it ends their contexts. What was not done stays for the next worker. It returns
// nil then, and after [Queue.Close] likewise.
//
// A queue has one Work at a time; a second one is refused with [ErrWorking], and one of a closed queue with [ErrClosed].
// A mistake in callback or an option is a [*imbot.ParamError].
func (q *Queue) Work(ctx context.Context, callback Callback, opts ...WorkOption) error {
	c, err := workConfigOf(opts)
	if callback == nil {
		err = errors.Join(err, &imbot.ParamError{Param: "callback", Err: errNil})
	}
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	stopped := make(chan struct{})
	q.mu.Lock()
	switch {
	case q.closed:
		q.mu.Unlock()
		return ErrClosed
	case q.stop != nil:
		q.mu.Unlock()
		return ErrWorking
	}
	q.stop, q.stopped = cancel, stopped
	q.mu.Unlock()
	defer func() {
		q.mu.Lock()
		q.stop = nil
		q.mu.Unlock()
		close(stopped)
	}()
	w := &worker{
		base: context.WithoutCancel(ctx), life: ctx, Queue: q, workConfig: c, callback: callback, id: rand.Text(),
		slots: make(chan struct{}, c.concurrency), alone: make(chan struct{}, 1), owned: make(map[int]*shard), ended: make(chan struct{}, shards),
	}
	w.run(ctx)
	return nil
}

// worker is one run of Work.
type worker struct {
	*Queue
	workConfig

	base     context.Context // has the values of Work's context
	life     context.Context // that of Work, at whose end nothing more is begun
	callback Callback
	id       string        // of this replica, among those that share the queue
	slots    chan struct{} // has one for each event that is worked on
	alone    chan struct{} // has one while a risky event is worked on
	owned    map[int]*shard
	seen     map[string]sighting // the leases and replicas that there are, by key
	ended    chan struct{}       // has one for each shard that has come to its end
}

// call calls the callback, which may panic or end its goroutine.
func (w *worker) call(ctx context.Context, todo job) *WorkError {
	w.working.Add(1)
	defer w.working.Add(-1)
	failed := todo.failed(0, false, ErrPanic)
	finished := make(chan struct{})
	go func() {
		defer close(finished)
		defer func() {
			reason := recover()
			if reason == nil {
				return
			}
			failed.Stack = debug.Stack()
			if err, ok := reason.(error); ok {
				failed.Err = fmt.Errorf("%w: %w", ErrPanic, err)
			} else {
				failed.Err = fmt.Errorf("%w: %v", ErrPanic, reason)
			}
		}()
		failed.Err = todo.run(ctx, w)
	}()
	<-finished
	if failed.Err == nil {
		return nil
	}
	return failed
}

// pause returns how long an event waits after a failure.
func pause(attempt int) time.Duration {
	const first, longest = 200 * time.Millisecond, 10 * time.Second
	if attempt > 6 {
		return longest
	}
	return min(longest, first<<(attempt-1))
}

// wait waits for d, and reports whether it was all of it.
func wait(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

package imbot

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"runtime"
	"runtime/debug"
	"slices"
	"sync"
	"time"
)

// leaveAll is one run of LeaveAll. The goroutine of the loop takes requests and reports what came of them, in their
// order. The requests are left in groups, each on a goroutine of its own (leaveGroup). When a group may go to the
// portal, and how large it is, is decided in admit.
//
// Whatever ends a run early ends the context sends, by its cause: nothing is sent from then on, groups at the portal
// are waited for, and what is open in them is settled with the cause. There is no other way out.
type leaveAll struct {
	client *Client
	method string // the method that leaves
	cfg    leaveAllConfig
	ctx    context.Context //nolint:containedctx // of the requests; a run is one call

	sends    context.Context //nolint:containedctx // ends with ctx, and when nothing more is to be sent
	endSends context.CancelCauseFunc

	report     func(*leaveJob) bool
	unreported func(*leaveJob) // nil without WithUnreported
	reported   LeaveProgress   // what WithProgress was called with last
	left       bool            // the loop was left

	mu        sync.Mutex    // guards what follows; held for no longer than it takes to look or to write
	changed   chan struct{} // closed, and made anew, when any of it changes
	waiting   []*leaveJob   // taken, and in no group
	sendable  int           // how many of those are not settled
	groups    []*leaveGroup // begun, and not reported, in order
	forming   bool          // a goroutine waits to make a group of those that wait
	complete  bool          // nothing more is taken
	refused   bool          // nothing is sent, but requests are taken: each gets the reason
	open      int           // taken, and not reported
	inFlight  int           // batches at the portal, or before the limiter
	atLimiter bool          // one of them stands before the limiter; no other joins it
	progress  LeaveProgress
	unknown   int // of the failed ones
	pace      *leavePace
	failures  int           // batches of which nothing came since one was answered
	failedAt  time.Time     // when the last of them came back
	panicked  *carriedPanic // of a function of the caller, on a goroutine of the run
}

var (
	errLeft     = errors.New("the loop was left")
	errStopped  = errors.New("LeaveAll was stopped")
	errPanicked = errors.New("a function that LeaveAll was given panicked")
)

func newLeaveAll(ctx context.Context, client *Client, method string, cfg leaveAllConfig) *leaveAll {
	w := &leaveAll{
		client: client, method: method, cfg: cfg, ctx: ctx,
		changed: make(chan struct{}),
		pace:    newLeavePace(cfg.batchSize, cfg.concurrency, client.core.doer.Timeout()),
	}
	w.sends, w.endSends = context.WithCancelCause(ctx)
	if cfg.stop != nil {
		go func() {
			select {
			case <-cfg.stop:
				w.endSends(errStopped)
			case <-w.sends.Done():
			}
		}()
	}
	return w
}

// take adds a request, and reports results until there is room for another. It returns false where none is wanted.
func (w *leaveAll) take(j *leaveJob) bool {
	w.change(func() {
		w.waiting = append(w.waiting, j)
		if !j.settled {
			w.sendable++
		}
		w.open++
		w.progress.Taken++
		w.formGroup()
	})
	return w.work(w.hasRoom) && w.wantsMore()
}

// wantsMore reports whether more requests are taken: as long as something may be sent, and where all of them are
// refused for one reason.
func (w *leaveAll) wantsMore() bool {
	ended := w.ended()
	w.mu.Lock()
	defer w.mu.Unlock()
	return ended == nil || w.refused
}

// finish works until every request is reported.
func (w *leaveAll) finish() {
	w.change(func() { w.complete = true })
	if !w.left {
		w.work(func() bool { return w.open == 0 })
	}
}

// close waits, however the loop ended, for the batches at the portal, and reports the results that the loop did not
// wait for. A panic in one of the functions that the run was given goes on here.
func (w *leaveAll) close() {
	w.endSends(errLeft)
	w.change(func() { w.complete = true })
	w.report = func(j *leaveJob) bool {
		if w.unreported != nil {
			w.unreported(j)
		}
		return true
	}
	defer func() { w.panicked.goOn() }()
	w.drain()
}

// drain reports the rest, also where the function that it reports to panics.
func (w *leaveAll) drain() {
	drained := false
	defer func() {
		if !drained {
			w.drain()
		}
	}()
	w.work(func() bool { return w.open == 0 })
	drained = true
}

// refuse ends the run for a reason that is that of every further request as well.
func (w *leaveAll) refuse(err error) {
	w.change(func() { w.refused = w.refused || w.sends.Err() == nil })
	w.endSends(err)
}

// ended returns why nothing is sent any more; nil while something may be.
func (w *leaveAll) ended() error {
	select {
	case <-w.cfg.stop:
		w.endSends(errStopped)
	default:
	}
	cause := context.Cause(w.sends)
	if w.ctx.Err() != nil {
		return foreign(w.ctx, cause)
	}
	return cause
}

// hasRoom reports whether another request may be taken: no more are open than the batches that may be at the portal
// hold, and one, and no more than a batch of them wait. While LeaveAll learns what leaving takes, as many wait as may
// go to the portal then: where that is all there are, they can be divided evenly. It is called under the lock.
func (w *leaveAll) hasRoom() bool {
	batches := 1
	if w.pace.probing {
		turns, _ := w.turns()
		batches = max(batches, turns)
	}
	return len(w.waiting) < batches*maxCommands && w.open < (w.cfg.concurrency+1)*maxCommands
}

// work reports what is there, in order, until there is enough. It returns false when the loop was left.
func (w *leaveAll) work(enough func() bool) bool {
	for {
		changed := w.changes()
		for j := w.next(); j != nil; j = w.next() {
			if !w.deliver(j) {
				w.left = true
				return false
			}
		}
		w.reportProgress()
		if w.isEnough(enough) {
			return true
		}
		<-changed
	}
}

// deliver warns of an outcome that stays unknown, on the goroutine of the loop, and reports a job. It does that also where
// the logger panics.
func (w *leaveAll) deliver(j *leaveJob) (goOn bool) {
	defer func() { goOn = w.report(j) }()
	w.client.logUnknown(w.ctx, w.method, j.outcome.Attempts, j.err)
	return true
}

func (w *leaveAll) isEnough(enough func() bool) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return enough()
}

// next returns the next job to report, or nil where that is not settled.
func (w *leaveAll) next() (next *leaveJob) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for len(w.groups) > 0 && w.groups[0].done {
		g := w.groups[0]
		if len(g.jobs) > 0 {
			next, g.jobs = g.jobs[0], g.jobs[1:]
			w.open--
			return next
		}
		w.groups[0], w.groups = nil, w.groups[1:]
		w.wake()
	}
	return nil
}

// reportProgress calls the function of WithProgress, where something has changed.
func (w *leaveAll) reportProgress() {
	if w.cfg.progress == nil {
		return
	}
	if p := w.progressNow(); p != w.reported {
		w.reported = p
		w.cfg.progress(p)
	}
}

func (w *leaveAll) progressNow() LeaveProgress {
	w.mu.Lock()
	defer w.mu.Unlock()
	p := w.progress
	p.InFlight, p.BatchSize = w.inFlight, w.pace.size(&w.pace.leaving)
	if w.inFlight == 0 {
		p.WaitUntil = w.pace.waitUntil(time.Now())
	}
	return p
}

// change calls f under the lock, and wakes the goroutines that wait for a change.
func (w *leaveAll) change(f func()) {
	w.mu.Lock()
	defer w.mu.Unlock()
	f()
	w.wake()
}

// wake wakes the goroutines that wait for a change. It is called under the lock.
func (w *leaveAll) wake() {
	close(w.changed)
	w.changed = make(chan struct{})
}

// changes returns the channel that is closed by the next change.
func (w *leaveAll) changes() <-chan struct{} {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.changed
}

// formGroup lets a goroutine make a group of those that wait, where none does yet. Those before the first that can be
// sent are settled. It is called under the lock.
func (w *leaveAll) formGroup() {
	if w.forming {
		return
	}
	settled := slices.IndexFunc(w.waiting, func(j *leaveJob) bool { return !j.settled })
	if settled < 0 {
		settled = len(w.waiting)
	}
	if settled > 0 {
		g := &leaveGroup{run: w, done: true}
		g.take(settled)
	}
	if len(w.waiting) > 0 {
		w.forming = true
		go w.runGroup()
	}
}

// runGroup makes a group of requests that wait, when the portal takes some, and works until they are settled.
func (w *leaveAll) runGroup() {
	g := &leaveGroup{run: w, kept: keptBack{core: w.client.core}}
	returned := false
	defer func() {
		if !returned { // by a panic, or by runtime.Goexit
			carried := &carriedPanic{value: recover(), stack: debug.Stack()}
			w.change(func() { w.panicked = cmp.Or(w.panicked, carried) })
			w.endSends(errPanicked)
			g.giveUp(errPanicked)
		}
		w.change(func() { g.done = true })
	}()
	n, err := w.admit(&w.pace.leaving, &g.kept, w.ready)
	w.change(func() { g.begin(n, err != nil) })
	if err != nil {
		g.giveUp(err)
	} else {
		g.work()
	}
	returned = true
}

// carriedPanic is a panic, or the end of a goroutine by runtime.Goexit, on its way to the goroutine of the loop.
type carriedPanic struct {
	value any // nil for Goexit
	stack []byte
}

// goOn ends the goroutine that it is called on as the other was ended.
func (p *carriedPanic) goOn() {
	switch {
	case p == nil:
	case p.value == nil:
		runtime.Goexit()
	default:
		panic(p) //nolint:forbidigo // it is the panic of a function of the program itself
	}
}

// Error returns what was panicked with, and where.
func (p *carriedPanic) Error() string { return fmt.Sprintf("%v\n\n%s", p.value, p.stack) }

// Unwrap returns the value of the panic where that is an error.
func (p *carriedPanic) Unwrap() error {
	err, _ := p.value.(error)
	return err
}

// waitsForBlock reports whether a method that has used up its working time is to be waited for.
func (w *leaveAll) waitsForBlock(m *methodPace) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return m.blocks <= maxBlocks && w.client.core.retry.repeats()
}

// failed counts the batches of which nothing came since one was answered, those that were at the portal together once.
func (w *leaveAll) failed(b *leaveBatch) (failures int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.failures == 0 || b.started.IsZero() || b.started.After(w.failedAt) {
		w.failures++
		w.failedAt = time.Now()
	}
	if isRefusal(b.err, ErrQueryLimitExceeded) {
		w.pace.slowDown(b.started, time.Now())
	}
	return w.failures
}

// answered notes that something came of a batch.
func (w *leaveAll) answered() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.failures = 0
}

// settle ends a job, with the bot being out or with an error.
func (w *leaveAll) settle(j *leaveJob, outcome LeaveOutcome, err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	j.settled, j.outcome, j.err = true, outcome, err
	j.last, j.lost = nil, nil
	w.count(j)
}

// count counts a job that is settled. It is called under the lock.
func (w *leaveAll) count(j *leaveJob) {
	switch j.outcome.State {
	case Left:
		w.progress.Left++
	case AlreadyOut:
		w.progress.AlreadyOut++
	case Out:
		w.progress.Out++
	default:
		w.progress.Failed++
		if errors.Is(j.err, ErrOutcomeUnknown) {
			w.unknown++
		}
	}
}

package imbot

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/seed-a6e4e5a4/imbot/internal/outcome"
)

// leaveAll is one run of LeaveAll. All of it belongs to the goroutine of the loop, but for the batches at the portal.
type leaveAll struct {
	ctx       context.Context //nolint:containedctx // a run is one call
	client    *Client
	cfg       leaveAllConfig
	yield     func(LeaveResult) bool
	waits     context.Context //nolint:containedctx // as ctx, but ends already when nothing more is to be sent
	endWaits  context.CancelCauseFunc
	abandoned chan struct{} // closed when nobody waits for batches any more

	queue   []*departure // taken, and not yielded, in their order
	settled int          // how many of them have a result
	toLeave []*departure // not at the portal, to leave
	toCheck []*departure // not at the portal, to be looked for

	pace     *pace
	inFlight int
	started  chan struct{}  // a batch got through the limiter
	answers  chan *dispatch // batches that came back
	waiting  bool           // a batch stands before the limiter; no other joins it
	ended    bool           // there are no more requests
	left     bool           // the loop was left
	closed   error          // why nothing is sent any more
	expired  error          // why the deadline leaves no time for more
	failures int            // how often nothing came of a batch since one was answered
	failedAt time.Time      // when it last did
	goOnAt   time.Time      // when to go on with what came back last
	begun    time.Time      // when the first batch was sent
	progress LeaveProgress
	told     LeaveProgress
}

// departure is a request on its way.
type departure struct {
	LeaveResult
	settled      bool
	repeats      int       // requests to leave after the first, but for those that went back
	looks        int       // requests for the members after the first
	lost         error     // the first error after which the portal may have acted
	doubt        error     // what the last answer was, where it has to be checked
	toCheckSince time.Time // when that was found
	notBefore    time.Time // when to go on with it
}

// grounds are the errors that leave open where the bot is: what its last answer was, the first that was lost if that is
// another, and what came after.
func (d *departure) grounds(since ...error) []error {
	grounds := []error{d.doubt}
	if d.lost != nil && !errors.Is(d.doubt, d.lost) {
		grounds = append(grounds, d.lost)
	}
	return append(grounds, since...)
}

// aheadBatches is how many batches' worth of requests are taken beyond those that may be at the portal.
const aheadBatches = 1

// longestHeldBack is how long results may wait for one that has to be checked, before that is checked with no more
// others than there are.
const longestHeldBack = 5 * time.Second

// worthwhile is how long a batch may last without being divided.
const worthwhile = 2 * time.Second

// lookAhead is for how long more requests are taken while the first ones are at the portal.
const lookAhead = 50 * time.Millisecond

func newLeaveAll(ctx context.Context, client *Client, cfg leaveAllConfig, yield func(LeaveResult) bool) *leaveAll {
	waits, endWaits := context.WithCancelCause(ctx)
	return &leaveAll{
		ctx:       ctx,
		waits:     waits,
		endWaits:  endWaits,
		client:    client,
		cfg:       cfg,
		yield:     yield,
		abandoned: make(chan struct{}),
		pace:      newPace(cfg.batchSize, cfg.concurrency, client.core.doer.Timeout()),
		started:   make(chan struct{}, 1),
		answers:   make(chan *dispatch),
	}
}

// take adds a request, and works until there is room for another. It returns false where there will be none.
func (w *leaveAll) take(req ChatLeaveRequest) bool {
	d := &departure{LeaveResult: LeaveResult{Request: req}}
	w.queue = append(w.queue, d)
	w.progress.Taken++
	if _, err := MethodChatLeave.command(w.client.clientID(MethodChatLeave.Name), req); err != nil {
		w.settle(d, err)
	} else {
		w.toLeave = append(w.toLeave, d)
	}
	return w.advance(w.hasRoom) && !w.ends()
}

// finish works until every request has its result.
func (w *leaveAll) finish() {
	w.ended = true
	w.advance(func() bool { return len(w.queue) == 0 })
}

// ends reports whether nothing more is to be taken and sent.
func (w *leaveAll) ends() bool { return w.ctx.Err() != nil || w.expired != nil || w.stopped() }

func (w *leaveAll) stopped() bool {
	select {
	case <-w.cfg.stop:
		return true
	default:
		return false
	}
}

func (w *leaveAll) hasRoom() bool {
	return !w.ends() && !w.isFull() && (len(w.toLeave) < w.pace.size(&w.pace.leaving) || w.looksAhead())
}

// isFull reports whether so much is on its way that nothing more is taken.
func (w *leaveAll) isFull() bool {
	batches := w.pace.batches
	if w.pace.probing {
		turns, _ := w.turns()
		batches = min(max(batches, turns), w.pace.mostBatches)
	}
	return len(w.queue) >= (batches+aheadBatches)*maxCommands
}

// looksAhead reports whether to see how many requests there are, while the first of them are at the portal: where all
// of them are known, they can be divided evenly. That must not take time, as results may be there to be reported.
func (w *leaveAll) looksAhead() bool {
	turns, _ := w.turns()
	return w.pace.probing && !w.begun.IsZero() && time.Since(w.begun) < lookAhead && len(w.toLeave) < turns*maxCommands
}

// advance yields what is there, sends what may go and takes in what comes back, until there is enough. It returns false
// when the loop was left.
func (w *leaveAll) advance(enough func() bool) bool {
	for {
		w.giveUp()
		if !w.report() {
			w.windDown()
			return false
		}
		w.send()
		w.tell()
		if enough() || len(w.queue) == 0 {
			return true
		}
		w.wait()
	}
}

// report yields the results whose turn it is.
func (w *leaveAll) report() bool {
	for len(w.queue) > 0 && w.queue[0].settled {
		if !w.yield(w.pop()) {
			w.left = true
			return false
		}
	}
	return true
}

func (w *leaveAll) pop() LeaveResult {
	result := w.queue[0].LeaveResult
	w.queue[0] = nil
	w.queue = w.queue[1:]
	w.settled--
	return result
}

// giveUp settles what will not be sent any more.
func (w *leaveAll) giveUp() {
	cause := w.closed
	switch {
	case w.ctx.Err() != nil:
		cause = foreign(w.ctx, context.Cause(w.ctx))
	case cause != nil:
	case w.expired != nil:
		cause = w.expired
	case w.left:
		cause = errLeft
	case w.stopped():
		cause = errStopped
	default:
		return
	}
	w.endWaits(cause)
	for _, d := range w.toLeave {
		if d.lost == nil {
			w.settle(d, &notExecutedError{method: MethodChatLeave.Name, why: "it was not sent", cause: cause})
		} else {
			w.settle(d, &leaveError{ErrOutcomeUnknown, []error{d.lost, notSent(MethodChatLeave.Name, cause)}})
		}
	}
	for _, d := range w.toCheck {
		w.settle(d, &leaveError{ErrOutcomeUnknown, d.grounds(notSent(MethodChatUserList.Name, cause))})
	}
	w.toLeave, w.toCheck = nil, nil
}

// notSent is why there was no further request where there had been one before.
func notSent(method string, cause error) error {
	return &sendError{method: method, outcome: outcome.NotExecuted, err: cause}
}

var (
	errLeft    = errors.New("the loop was left")
	errStopped = errors.New("LeaveAll was stopped")
)

// windDown waits for the batches at the portal after the loop was left, and tells who asked for it what is left over.
func (w *leaveAll) windDown() {
	w.giveUp()
	for w.inFlight > 0 {
		w.wait()
		w.giveUp()
	}
	w.tell()
	for len(w.queue) > 0 {
		if result := w.pop(); w.cfg.unreported != nil {
			w.cfg.unreported(result)
		}
	}
}

func (w *leaveAll) tell() {
	if w.cfg.progress == nil {
		return
	}
	p := w.progress
	p.InFlight, p.BatchSize = w.inFlight, w.pace.size(&w.pace.leaving)
	if w.inFlight == 0 && len(w.toLeave)+len(w.toCheck) > 0 {
		p.WaitUntil = w.wakeAt(time.Now())
	}
	if p != w.told {
		w.told = p
		w.cfg.progress(p)
	}
}

// wait waits for something to happen. Where the work has ended meanwhile, as within the loop, there may be nothing to
// wait for but for what is given up.
func (w *leaveAll) wait() {
	ends := w.ends()
	if ends && len(w.toLeave)+len(w.toCheck) > 0 {
		return
	}
	var wake <-chan time.Time
	if at := w.wakeAt(time.Now()); !at.IsZero() {
		if deadline, ok := w.ctx.Deadline(); ok && w.inFlight == 0 && !at.Before(deadline) {
			w.expired = fmt.Errorf("the portal takes no more before %s: %w", at.Format(time.TimeOnly), context.DeadlineExceeded)
			return
		}
		timer := time.NewTimer(time.Until(at))
		defer timer.Stop()
		wake = timer.C
	}
	ended, stop := w.ctx.Done(), w.cfg.stop
	if w.left || ends {
		ended, stop = nil, nil // the batches are waited for
	}
	select {
	case <-w.started:
		w.waiting = false
	case back := <-w.answers:
		w.takeIn(back)
	case <-wake:
	case <-ended:
	case <-stop:
	}
}

// wakeAt is when something can be sent that cannot be now; zero where that does not depend on the time.
func (w *leaveAll) wakeAt(now time.Time) time.Time {
	var at time.Time
	soonest := func(t time.Time) {
		if t.After(now) && (at.IsZero() || t.Before(at)) {
			at = t
		}
	}
	if len(w.toLeave) > 0 {
		soonest(w.pace.opensAt(&w.pace.leaving, now))
	}
	if len(w.toCheck) > 0 {
		soonest(w.pace.opensAt(&w.pace.checking, now))
	}
	if since := w.heldBackSince(); !since.IsZero() {
		soonest(since.Add(longestHeldBack))
	}
	for _, list := range [][]*departure{w.toLeave, w.toCheck} {
		for _, d := range list {
			soonest(d.notBefore)
		}
	}
	return at
}

// settle ends the way of a request with an error.
func (w *leaveAll) settle(d *departure, err error) {
	d.Outcome = LeaveOutcome{Attempts: d.Outcome.Attempts}
	d.Err = err
	w.progress.Failed++
	w.done(d)
}

// succeed ends it with the bot being out.
func (w *leaveAll) succeed(d *departure, state LeaveState, verified bool) {
	d.Outcome.State, d.Outcome.Verified = state, verified
	switch state {
	case Left:
		w.progress.Left++
	case AlreadyOut:
		w.progress.AlreadyOut++
	case Out:
		w.progress.Out++
	}
	w.done(d)
}

func (w *leaveAll) done(d *departure) {
	d.settled, d.lost, d.doubt = true, nil, nil
	w.settled++
}

// fail ends the way of a request that the portal does not take. Where an answer was lost before, that leaves it open
// whether the bot is out.
func (w *leaveAll) fail(d *departure, err error) {
	if d.lost != nil && !errors.Is(err, ErrOutcomeUnknown) {
		err = &leaveError{ErrOutcomeUnknown, []error{err, d.lost}}
	}
	w.settle(d, err)
}

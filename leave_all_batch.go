package imbot

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/seed-a6e4e5a4/imbot/internal/outcome"
	"github.com/seed-a6e4e5a4/imbot/internal/retry"
)

// dispatch is a batch at the portal: departures that leave, or that are looked for.
type dispatch struct {
	departures []*departure
	lane       *lane
	left       []*Queued[bool]    // of those that leave
	members    []*Queued[UserIDs] // of those that are looked for

	batch    *Batch
	started  time.Time // zero where it was never sent
	finished time.Time
	err      error // of the whole batch
}

// send sends what may go. One batch at a time stands before the limiter, so that what is in it is decided late.
func (w *leaveAll) send() {
	for !w.waiting && w.inFlight < w.pace.batches && w.closed == nil && !w.ends() {
		next := w.next(time.Now())
		if next == nil {
			return
		}
		w.inFlight++
		w.waiting = true
		next.lane.pending += len(next.departures)
		go w.run(next)
	}
}

// next makes the next batch, or none. Checks go first, as results wait for them, but not for each by itself.
func (w *leaveAll) next(now time.Time) *dispatch {
	p := w.pace
	if n := p.size(&p.checking); len(w.toCheck) >= n || w.settled >= manySettled {
		if picked := pick(&w.toCheck, min(n, p.room(&p.checking, now)), now); picked != nil {
			return w.check(picked)
		}
	}
	n := min(p.size(&p.leaving), p.room(&p.leaving, now))
	if len(w.toLeave) >= n || w.ended || w.isFull() {
		if picked := pick(&w.toLeave, n, now); picked != nil {
			return w.leave(picked)
		}
	}
	if w.ended || w.isFull() || n <= 0 {
		if picked := pick(&w.toCheck, min(p.size(&p.checking), p.room(&p.checking, now)), now); picked != nil {
			return w.check(picked)
		}
	}
	return nil
}

// pick takes up to n departures from a list, of those whose time has come.
func pick(list *[]*departure, n int, now time.Time) (picked []*departure) {
	rest := (*list)[:0]
	for _, d := range *list {
		if len(picked) < n && !d.notBefore.After(now) {
			picked = append(picked, d)
		} else {
			rest = append(rest, d)
		}
	}
	clear((*list)[len(rest):])
	*list = rest
	return picked
}

func (w *leaveAll) leave(departures []*departure) *dispatch {
	next := &dispatch{departures: departures, lane: &w.pace.leaving, batch: w.client.NewBatch()}
	for _, d := range departures {
		next.left = append(next.left, Queue(next.batch, MethodChatLeave, d.Request))
	}
	return next
}

func (w *leaveAll) check(departures []*departure) *dispatch {
	next := &dispatch{departures: departures, lane: &w.pace.checking, batch: w.client.NewBatch()}
	for _, d := range departures {
		next.members = append(next.members, Queue(next.batch, MethodChatUserList, ChatUserListRequest(d.Request)))
	}
	return next
}

// run sends a batch, and hands it back to the loop.
func (w *leaveAll) run(sent *dispatch) {
	sent.err = sent.batch.do(w.ctx, w.waits, func() {
		sent.started = time.Now()
		w.started <- struct{}{}
	})
	sent.finished = time.Now()
	select {
	case w.answers <- sent:
	case <-w.abandoned:
	}
}

// takeIn draws the conclusions from a batch that came back.
func (w *leaveAll) takeIn(back *dispatch) {
	n := len(back.departures)
	w.inFlight--
	back.lane.pending -= n
	switch {
	case back.started.IsZero():
		w.waiting = false
	case back.err == nil:
		w.pace.answered(back.lane, n, back.started, back.finished, back.batch.requests)
	default:
		w.pace.lost(back.lane, n, back.started, back.finished)
	}
	w.pace.whole.seen(back.batch.time, back.finished)
	if blocked, ok := operationBlock(back.err); ok {
		w.pace.whole.blocked(endOfBlock(blocked))
	}
	if w.wasHeldBack(back) {
		w.putBack(back)
		return
	}
	if refusesCaller(back.err) {
		w.closed = back.err
	}
	for i, d := range back.departures {
		if back.left != nil {
			d.Outcome.Attempts += back.batch.requests
			got, err := back.left[i].Result()
			note(&back.lane.budget, got, err, back)
			w.concludeLeave(d, err)
		} else {
			got, err := back.members[i].Result()
			note(&back.lane.budget, got, err, back)
			w.concludeCheck(d, got, err)
		}
	}
}

// wasHeldBack reports whether a batch did nothing because LeaveAll was to end while it waited for its turn, or for another
// try.
func (w *leaveAll) wasHeldBack(back *dispatch) bool {
	cause := context.Cause(w.waits)
	return cause != nil && w.ctx.Err() == nil && errors.Is(back.err, cause) && !errors.Is(back.err, ErrOutcomeUnknown)
}

// putBack takes a batch apart that did nothing.
func (w *leaveAll) putBack(back *dispatch) {
	if back.left == nil {
		w.toCheck = append(w.toCheck, back.departures...)
		return
	}
	for _, d := range back.departures {
		d.Outcome.Attempts += back.batch.requests
	}
	w.toLeave = append(w.toLeave, back.departures...)
}

// note tells the budget of a method what an answer told of it.
func note[T any](b *budget, got *Response[T], err error, back *dispatch) {
	if err == nil {
		b.seen(got.Time, back.finished)
	} else if blocked, ok := operationBlock(err); ok && back.err == nil {
		b.blocked(endOfBlock(blocked))
	}
}

// operationBlock reports whether a method has used up its working time.
func operationBlock(err error) (*APIError, bool) {
	refused, ok := err.(*APIError) //nolint:errorlint // the answer itself, not another in its chain
	return refused, ok && refused.Is(ErrOperationTimeLimit)
}

// refusesCaller reports whether the error of a batch is one that every other batch would meet.
func refusesCaller(err error) bool {
	switch e := err.(type) { //nolint:errorlint // the error of the batch itself
	case nil:
		return false
	case *APIError:
		return !e.unreadable && e.ran() == outcome.NotExecuted && !e.Is(ErrOperationTimeLimit) && !e.Is(ErrQueryLimitExceeded)
	case *sendError:
		return e.outcome == outcome.NotExecuted && !e.dial
	default:
		judged, ok := err.(interface{ ran() outcome.Outcome })
		return ok && judged.ran() == outcome.NotExecuted
	}
}

// concludeLeave goes on with a request to leave that has an answer, or has lost it.
func (w *leaveAll) concludeLeave(d *departure, err error) {
	blocked, isBlocked := operationBlock(err)
	_, unexpected := errors.AsType[*resultError](err)
	switch {
	case err == nil:
		w.succeed(d, Left, false)
	case isBlocked:
		w.waitForBlock(d, &w.toLeave, blocked)
	case errors.Is(err, ErrOutcomeUnknown) || unexpected:
		if d.lost == nil {
			d.lost = err
		}
		w.doubt(d, err)
	case errors.Is(err, ErrNotInChat):
		w.doubt(d, err)
	case errors.Is(err, ErrNotExecuted) && (w.mayRepeat(d) || d.lost != nil):
		w.skipped(d, err)
	case d.lost != nil:
		w.doubt(d, err)
	default:
		w.settle(d, err)
	}
}

// skipped goes on with a request whose command the portal did not run, though nothing told it to stop.
func (w *leaveAll) skipped(d *departure, err error) {
	switch {
	case w.mayRepeat(d):
		w.again(d)
	default: // the last was not executed, but one before it may have been
		w.doubt(d, notSent(MethodChatLeave.Name, errors.New(err.Error())))
	}
}

// doubt goes on with a request whose answer does not prove where the bot is.
func (w *leaveAll) doubt(d *departure, err error) {
	d.doubt = err
	notThere := errors.Is(err, ErrNotInChat)
	switch {
	case notThere && d.Request.BotID == 0:
		w.succeed(d, d.gone(), false)
	case d.Request.BotID != 0 && !w.left:
		w.toCheck = append(w.toCheck, d)
	case w.mayRepeat(d):
		w.again(d)
	default:
		w.settle(d, &leaveError{ErrOutcomeUnknown, []error{err}})
	}
}

// gone is the state of a bot that is not in the chat.
func (d *departure) gone() LeaveState {
	if d.lost != nil {
		return Out
	}
	return AlreadyOut
}

// concludeCheck goes on with a request whose chat was asked for its members.
func (w *leaveAll) concludeCheck(d *departure, members *Response[UserIDs], err error) {
	blocked, isBlocked := operationBlock(err)
	switch {
	case isBlocked:
		w.waitForBlock(d, &w.toCheck, blocked)
	case err != nil:
		w.settle(d, &leaveError{ErrOutcomeUnknown, d.grounds(err)})
	case !slices.Contains(members.Result, UserID(d.Request.BotID)):
		w.succeed(d, d.gone(), true)
	case !errors.Is(d.doubt, ErrNotInChat) && w.mayRepeat(d):
		w.again(d)
	default:
		w.settle(d, &leaveError{ErrStillInChat, d.grounds()})
	}
}

// mayRepeat reports whether a request may be made again.
func (w *leaveAll) mayRepeat(d *departure) bool {
	return !w.left && !w.ends() && d.Outcome.Attempts < w.client.core.retry.MaxAttempts
}

// again lets a bot leave once more, after a pause.
func (w *leaveAll) again(d *departure) {
	d.notBefore = time.Now().Add(w.client.core.retry.bounds().Pause(d.Outcome.Attempts))
	w.toLeave = append(w.toLeave, d)
}

// waitForBlock puts a request back until the portal takes its method again, as far as there is time.
func (w *leaveAll) waitForBlock(d *departure, list *[]*departure, blocked *APIError) {
	d.blocks++
	until := endOfBlock(blocked)
	deadline, hasDeadline := w.ctx.Deadline()
	switch {
	case w.left || d.blocks > maxBlocks || !w.client.core.retry.repeats():
		w.failBlocked(d, blocked)
	case hasDeadline && !until.Before(deadline):
		w.failBlocked(d, &retry.WaitError{Last: blocked, Cause: context.DeadlineExceeded, Wait: time.Until(until)})
	default:
		d.notBefore = until
		*list = append(*list, d)
	}
}

func (w *leaveAll) failBlocked(d *departure, err error) {
	if d.doubt != nil {
		err = &leaveError{ErrOutcomeUnknown, d.grounds(err)}
	}
	w.fail(d, err)
}

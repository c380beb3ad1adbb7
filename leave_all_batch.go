package imbot

import (
	"context"
	"errors"
	"time"

	"golang.org/x/time/rate"

	"github.com/seed-a6e4e5a4/imbot/internal/outcome"
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
		if w.begun.IsZero() {
			w.begun = time.Now()
		}
		w.inFlight++
		w.waiting = true
		w.pace.sent(next.lane, len(next.departures))
		go w.run(next)
	}
}

// next makes the next batch, or none. Checks go first, as results wait for them, but not for each by itself.
func (w *leaveAll) next(now time.Time) *dispatch {
	p := w.pace
	if n := p.size(&p.checking); len(w.toCheck) >= n || w.holdsBack(now) {
		if picked := pick(&w.toCheck, min(n, p.room(&p.checking, now)), now); picked != nil {
			return w.check(picked)
		}
	}
	room := p.room(&p.leaving, now)
	n := min(p.size(&p.leaving), room)
	if w.ended && !p.probing && len(w.toLeave) <= room {
		n = min(n, w.share())
	}
	if len(w.toLeave) >= n || w.ended || w.isFull() {
		if picked := pick(&w.toLeave, n, now); picked != nil {
			return w.leave(picked)
		}
	}
	if p.leaving.pending == 0 && (w.ended || w.isFull() || n <= 0) { // or what comes back may have to be checked with them
		if picked := pick(&w.toCheck, min(p.size(&p.checking), p.room(&p.checking, now)), now); picked != nil {
			return w.check(picked)
		}
	}
	return nil
}

// holdsBack reports whether results have waited long enough for the first of them to be checked.
func (w *leaveAll) holdsBack(now time.Time) bool {
	since := w.heldBackSince()
	return !since.IsZero() && now.Sub(since) >= longestHeldBack
}

// heldBackSince is when the next result began to wait for a check, where others wait for it; else zero.
func (w *leaveAll) heldBackSince() time.Time {
	if w.settled == 0 || w.queue[0].settled {
		return time.Time{}
	}
	return w.queue[0].toCheckSince
}

// share is how many of the last requests each batch gets, where the limiter lets through so many batches at once, but
// for some that are kept for chats to look at again. It does not matter how long a batch takes that is shorter than
// worthwhile.
func (w *leaveAll) share() int {
	turns, kept := w.turns()
	turns = min(turns-kept, w.pace.batches-w.inFlight)
	if turns < 1 {
		return maxCommands
	}
	return max((len(w.toLeave)+turns-1)/turns, int(worthwhile/max(w.pace.leaving.perCommand, 1)), 1)
}

// turns is how many requests the limiter lets through at once, as far as it can tell, and how many of them to keep
// back.
func (w *leaveAll) turns() (now, kept int) {
	switch limiter := w.client.core.limiter.(type) {
	case nil:
		return mostBatches, 0
	case *rate.Limiter:
		return int(limiter.Tokens()), limiter.Burst() / reserve
	default:
		return 0, 0
	}
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
	next.batch.once = true
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
	w.inFlight--
	w.goOnAt = time.Time{}
	w.learn(back)
	if w.goesBack(back) {
		w.putBack(back)
		return
	}
	for i, d := range back.departures {
		if back.left != nil {
			d.Outcome.Attempts += back.batch.requests
			got, err := back.left[i].Result()
			note(back, got, err)
			w.concludeLeave(d, err)
		} else {
			got, err := back.members[i].Result()
			note(back, got, err)
			w.concludeCheck(d, got, err)
		}
	}
}

// learn draws the conclusions for the pace.
func (w *leaveAll) learn(back *dispatch) {
	n := len(back.departures)
	w.pace.back(back.lane, n)
	switch {
	case back.started.IsZero():
		w.waiting = false
	case back.err == nil:
		w.pace.answered(back.lane, n, back.accepted(), back.started, back.finished, back.batch.requests)
	default:
		w.pace.lost(back.lane, n, back.started, back.finished)
	}
	w.pace.probed()
	w.pace.whole.seen(back.batch.time, back.finished)
	if blocked, ok := operationBlock(back.err); ok {
		w.pace.whole.blocked(endOfBlock(blocked))
	}
}

// accepted is how many of the commands were not refused.
func (d *dispatch) accepted() (n int) {
	for _, q := range d.left {
		if q.err == nil {
			n++
		}
	}
	return n
}

// goesBack reports whether a batch surely did nothing, and its departures are to wait for another one.
func (w *leaveAll) goesBack(back *dispatch) bool {
	err := back.err
	switch {
	case err == nil:
		w.failures = 0
		return false
	case w.wasHeldBack(back):
		return true
	case w.outOfTime(err):
		w.expired = err
		return false
	case isRateLimit(err):
		if back.started.After(w.failedAt) || w.failures == 0 { // once for the batches that were at the portal together
			w.failures++
			w.failedAt = back.finished
		}
		w.pace.slowDown(back.started, back.finished)
		return w.mayGoBack(back, maxBlocks)
	case isUnsent(err):
		w.failures++
		if w.mayGoBack(back, w.client.core.retry.MaxAttempts) {
			return true
		}
	case !refusesCaller(err):
		return false
	}
	w.closed = err
	return false
}

// mayGoBack reports whether there may be so many failures, and one more, and lets the departures of a batch pause.
func (w *leaveAll) mayGoBack(back *dispatch, failures int) bool {
	if w.left || w.ends() || w.failures >= failures || !w.client.core.retry.repeats() {
		return false
	}
	for _, d := range back.departures {
		d.notBefore = w.pause(w.failures)
	}
	return true
}

// outOfTime reports whether a request was not made because the deadline of ctx would come before its turn.
func (w *leaveAll) outOfTime(err error) bool {
	_, hasDeadline := w.ctx.Deadline()
	sent, ok := err.(*sendError) //nolint:errorlint // the error of the batch itself
	return hasDeadline && w.ctx.Err() == nil && errors.Is(err, context.DeadlineExceeded) &&
		!errors.Is(err, ErrOutcomeUnknown) && (!ok || !sent.again)
}

// isRateLimit reports whether err is a refusal of one request too many.
func isRateLimit(err error) bool {
	refused, ok := err.(*APIError) //nolint:errorlint // the answer itself, not another in its chain
	return ok && refused.ran() == outcome.NotExecuted && refused.Is(ErrQueryLimitExceeded)
}

// isUnsent reports whether a request was not made for want of something on this side: a token, the limiter.
func isUnsent(err error) bool {
	sent, ok := err.(*sendError) //nolint:errorlint // the error of the batch itself
	return ok && sent.outcome == outcome.NotExecuted && !sent.again
}

// wasHeldBack reports whether a batch did nothing because LeaveAll was to end while it waited for its turn, or for
// another try.
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

// note tells the lane of a method what an answer told of its working time.
func note[T any](back *dispatch, got *Response[T], err error) {
	if err == nil {
		back.lane.blocks = 0
		back.lane.budget.seen(got.Time, back.finished)
	} else if blocked, ok := operationBlock(err); ok {
		back.lane.blocked(back.started, back.finished)
		if back.err == nil {
			back.lane.budget.blocked(endOfBlock(blocked))
		}
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
	case nil, *sendError:
		return false
	case *APIError:
		return !e.unreadable && e.ran() == outcome.NotExecuted && !e.Is(ErrOperationTimeLimit) && !e.Is(ErrQueryLimitExceeded)
	default:
		judged, ok := err.(interface{ ran() outcome.Outcome })
		return ok && judged.ran() == outcome.NotExecuted
	}
}

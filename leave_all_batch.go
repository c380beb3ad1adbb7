package imbot

import (
	"context"
	"errors"
	"time"

	"github.com/seed-a6e4e5a4/imbot/internal/outcome"
	"github.com/seed-a6e4e5a4/imbot/internal/retry"
)

// leaveBatch is a batch of commands of one method, for some jobs of a group.
type leaveBatch struct {
	group   *leaveGroup
	method  *methodPace
	batch   *Batch
	jobs    []*leaveJob
	results []func() (Time, error) // of the commands

	started  time.Time // when the first request passed the limiter; zero where none did
	finished time.Time
	err      error // of the batch as a whole
	undone   bool  // it surely did nothing, and its commands are to be sent again, where anything is
}

func newLeaveBatch(g *leaveGroup, m *methodPace, jobs []*leaveJob) *leaveBatch {
	batch := g.run.client.NewBatch()
	batch.keptBack = g.kept.take()
	return &leaveBatch{group: g, method: m, batch: batch, jobs: jobs}
}

// send sends the batch, and lets the run learn from what came of it.
func (b *leaveBatch) send() {
	w := b.group.run
	defer w.change(func() { // also where a function of the caller panics
		if b.started.IsZero() {
			w.atLimiter = false
		}
		w.inFlight--
		b.group.back = true
		b.finished = time.Now()
		b.learn()
		if b.method == &w.pace.leaving {
			b.noteAttempts()
		}
	})
	b.err = errPanicked // until there is another
	b.err = b.batch.do(w.ctx, callOptions{ofGoal: true, waitCtx: w.sends, onStart: func() {
		w.change(func() {
			b.started = time.Now()
			w.atLimiter = false
		})
	}})
	b.judge()
}

// noteAttempts notes how many requests to leave were made. Where a panic keeps their answers, they may have been
// executed.
func (b *leaveBatch) noteAttempts() {
	for _, j := range b.jobs {
		j.outcome.Attempts += b.batch.requests
		if b.err == errPanicked && b.batch.requests > 0 && j.lost == nil { //nolint:errorlint // no other matches it
			j.lost = &callError{method: b.group.run.method, outcome: outcome.Unknown, cause: errPanicked}
			j.last = j.lost
		}
	}
}

// learn tells the pace what came of the batch. It is called under the lock of the run.
func (b *leaveBatch) learn() {
	p, n := b.group.run.pace, len(b.jobs)
	waits := b.group.run.client.core.retry.repeats() // for the end of a block
	p.back(b.method, n)
	switch {
	case b.started.IsZero():
	case b.err == nil:
		p.answered(b.method, n, b.accepted(), b.started, b.finished, b.batch.requests)
	default:
		p.lost(b.method, n, b.started, b.finished)
	}
	p.endProbing()
	p.whole.Seen(b.batch.time.report(), b.finished)
	if waits && isRefusal(b.err, ErrOperationTimeLimit) {
		p.whole.Blocked(endOfBlock(lastRefusal(b.err)))
	}
	for _, result := range b.results {
		t, err := result()
		switch {
		case err == nil:
			b.method.blocks = 0
			b.method.budget.Seen(t.report(), b.finished)
		case waits && isRefusal(err, ErrOperationTimeLimit):
			b.method.blocked(b.started, b.finished)
			if b.err == nil {
				b.method.budget.Blocked(endOfBlock(lastRefusal(err)))
			}
		}
	}
}

// accepted is how many of the commands were not refused.
func (b *leaveBatch) accepted() (n int) {
	for _, result := range b.results {
		if _, err := result(); err == nil {
			n++
		}
	}
	return n
}

// judge finds out whether the batch surely did nothing, and may do better another time, and whether every other batch
// would fail as it did.
func (b *leaveBatch) judge() {
	g, w, err := b.group, b.group.run, b.err
	most := 0
	switch {
	case err == nil:
		w.answered()
		return
	case b.heldBack():
		b.undone = true
		return
	case b.outOfTime():
		w.endSends(err)
		b.undone = true
		return
	case isRefusal(err, ErrQueryLimitExceeded):
		most = maxBlocks
	case isUnsent(err):
		most = w.client.core.retry.MaxAttempts
	case !refusesCaller(err):
		return
	}
	failures := w.failed(b)
	if w.ended() == nil && failures < most && w.client.core.retry.repeats() {
		b.undone = true
		g.pauseFor(failures, err)
		return
	}
	w.refuse(err)
	b.undone = b.started.IsZero()
}

// heldBack reports whether no request was made because the run ended while the batch waited for its turn, or for
// another try.
func (b *leaveBatch) heldBack() bool {
	w := b.group.run
	cause := context.Cause(w.sends)
	return cause != nil && w.ctx.Err() == nil && errors.Is(b.err, cause) && !errors.Is(b.err, ErrOutcomeUnknown)
}

// outOfTime reports whether no request was made because the deadline of ctx would come before its turn.
func (b *leaveBatch) outOfTime() bool {
	ctx := b.group.run.ctx
	_, hasDeadline := ctx.Deadline()
	if !hasDeadline || ctx.Err() != nil || errors.Is(b.err, ErrOutcomeUnknown) {
		return false
	}
	if waited, ok := asType[*retry.WaitError](b.err); ok && waited.Cause == context.DeadlineExceeded { //nolint:errorlint // of its pause
		return true
	}
	return !b.batch.admitted && errors.Is(b.err, context.DeadlineExceeded)
}

// isRefusal reports whether err is a refusal with a code, which proves that nothing was done, and not another error
// that has one in its chain.
func isRefusal(err error, code Code) bool {
	refused, ok := asType[*APIError](err)
	return ok && refused.ran() == outcome.NotExecuted && refused.Is(code)
}

// isNotExecuted reports whether the portal did not come to a command.
func isNotExecuted(err error) bool {
	_, ok := asType[*notExecutedError](err)
	return ok
}

// isUnsent reports whether a request was not made for want of something on this side: a token, the limiter.
func isUnsent(err error) bool {
	ended, ok := asType[*callError](err)
	return ok && ended.outcome == outcome.NotExecuted && ended.before == nil && !ended.repeatable
}

// refusesCaller reports whether the error of a batch is one that every other batch would meet.
func refusesCaller(err error) bool {
	if refused, ok := asType[*APIError](err); ok {
		return !refused.unreadable && refused.ran() == outcome.NotExecuted && !refused.Is(ErrOperationTimeLimit)
	}
	if ended, ok := asType[*callError](err); ok {
		return ended.isRefusedToken()
	}
	_, ok := asType[*RedirectError](err)
	return ok
}

package imbot

import (
	"context"
	"fmt"
	"time"

	"golang.org/x/time/rate"
)

// ready is how many of the requests that wait may make up a group: all of them where no more come soon, and none while
// there are results to report, by which the loop may decide to stop. It is called under the lock.
func (w *leaveAll) ready() int {
	if len(w.groups) > 0 && (w.groups[0].back || w.groups[0].done) {
		return 0
	}
	switch n := w.sendable; {
	case w.complete && !w.pace.probing:
		return min(n, w.share(n))
	case w.complete, !w.hasRoom(), n >= w.pace.size(&w.pace.leaving):
		return n
	default:
		return 0
	}
}

// share is how many of the last n requests each batch gets, where the limiter lets through several batches at once.
// What takes no longer than worthwhile is not divided.
func (w *leaveAll) share(n int) int {
	const worthwhile = 2 * time.Second
	turns, kept := w.turns()
	turns = min(turns-kept, w.pace.batches-w.inFlight)
	if turns < 1 {
		return maxCommands
	}
	return max((n+turns-1)/turns, int(worthwhile/max(w.pace.leaving.perCommand, 1)), 1)
}

// admit waits until the portal takes commands of a method, and returns how many; the caller sends them, as one batch,
// and calls back. wanted is how many there are, under the lock. The error is why nothing is sent any more.
func (w *leaveAll) admit(m *methodPace, wanted func() int) (n int, err error) {
	w.change(func() { m.waiting++ })
	defer w.change(func() { m.waiting-- })
	for {
		if err := w.ended(); err != nil {
			return 0, err
		}
		changed := w.changes()
		n, opensAt, last := w.tryAdmit(m, wanted, time.Now())
		if n > 0 {
			return n, nil
		}
		if deadline, ok := w.ctx.Deadline(); ok && last && !opensAt.IsZero() && !opensAt.Before(deadline) {
			w.endSends(fmt.Errorf("the portal takes no more before %s: %w", opensAt.Format(time.TimeOnly), context.DeadlineExceeded))
			continue
		}
		w.wait(opensAt, changed)
	}
}

// tryAdmit lets a batch of a method go where the portal takes one now, and returns the number of its commands, or 0,
// and when there may be room by the time alone. last tells that nothing else goes on by which there may be.
func (w *leaveAll) tryAdmit(m *methodPace, wanted func() int, now time.Time) (n int, opensAt time.Time, last bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	opensAt = w.pace.opensAt(m, now)
	last = w.inFlight == 0 && (m == &w.pace.looking || w.pace.looking.waiting == 0)
	n = min(wanted(), w.pace.room(m, now))
	if n <= 0 || w.atLimiter || w.inFlight >= w.pace.batches || m == &w.pace.leaving && w.pace.looksFirst(now) {
		return 0, opensAt, last
	}
	w.atLimiter = true
	w.inFlight++
	w.pace.sent(m, n)
	return n, opensAt, last
}

// wait waits for a time, a change, or the end of the run.
func (w *leaveAll) wait(until time.Time, changed <-chan struct{}) {
	var timer <-chan time.Time
	if !until.IsZero() {
		t := time.NewTimer(time.Until(until))
		defer t.Stop()
		timer = t.C
	}
	select {
	case <-timer:
	case <-changed:
	case <-w.sends.Done():
	}
}

// pause waits, unless the run ends, or the deadline would come before the end of the pause.
func (w *leaveAll) pause(until time.Time) error {
	if deadline, ok := w.ctx.Deadline(); ok && !until.Before(deadline) {
		return context.DeadlineExceeded
	}
	if until.After(time.Now()) {
		w.wait(until, nil)
	}
	return w.ended()
}

// turns is how many requests the limiter lets through at once, as far as it can tell, and how many of them are kept
// back for chats to look at again.
func (w *leaveAll) turns() (now, kept int) {
	const reserve = 20 // one in so many
	switch limiter := w.client.limiter().(type) {
	case nil:
		return mostBatches, 0
	case *rate.Limiter:
		return int(min(limiter.Tokens(), mostBatches)), min(limiter.Burst(), mostBatches) / reserve
	default:
		return 0, 0
	}
}

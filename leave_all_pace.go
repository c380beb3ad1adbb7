package imbot

import (
	"cmp"
	"context"
	"fmt"
	"time"

	"golang.org/x/time/rate"

	"github.com/seed-a6e4e5a4/imbot/internal/operating"
)

// The documented limits of a portal, and how LeaveAll keeps clear of them.
const (
	batchTarget = 20 * time.Second // what a batch is to take, of the 60 s after which it would be cut
	tooLong     = 30 * time.Second // what a batch took that was nearly cut

	probes     = 4  // batches by which LeaveAll learns what leaving takes
	mostProbed = 16 // commands in such a batch, where the portal refuses all of them
)

// leavePace decides how many commands go into a batch, and how many batches to the portal, by what the answers tell. It
// is guarded by the lock of the run.
type leavePace struct {
	mostCommands int
	mostBatches  int
	target       time.Duration // what a batch is to take
	tooLong      time.Duration // what a batch took that was nearly cut
	batches      int           // how many may be in flight
	reduced      time.Time     // when that was last halved
	leaving      methodPace
	looking      methodPace
	whole        operating.Budget // of the method batch, for portals that charge that

	// Probing is the time until it is known what leaving takes. The first probe goes alone, as it may be refused for a
	// reason that is that of every other, the next ones together.
	probing   bool
	probed    int // probes that came back
	unsent    int // probes that may be sent
	atPortal  int // probes in flight
	probeSize int // commands in each
}

// methodPace is one of the two methods that LeaveAll calls.
type methodPace struct {
	perCommand time.Duration // what a command takes; 0 where that is not known
	pending    int           // commands in flight
	budget     operating.Budget
	waiting    int // goroutines that wait to send commands

	blocks    int       // how often the portal had enough of the method since it last took a command
	blockedAt time.Time // when that was
}

// newLeavePace returns the pace of a client that waits so long for an answer.
func newLeavePace(commands, batches int, timeout time.Duration) *leavePace {
	return &leavePace{
		mostCommands: commands,
		mostBatches:  batches,
		target:       min(batchTarget, timeout/3),
		tooLong:      min(tooLong, timeout/2),
		batches:      batches,
		probing:      true,
		unsent:       min(probes, batches),
		probeSize:    1,
	}
}

// size is how many commands of a method make a batch of the right length.
func (p *leavePace) size(m *methodPace) int {
	each := cmp.Or(m.perCommand, p.leaving.perCommand)
	switch {
	case m == &p.leaving && p.probing:
		return p.probeSize
	case each == 0:
		return 1
	default:
		return min(max(int(p.target/each), 1), p.mostCommands)
	}
}

// room is how many commands of a method may be sent now, as one batch.
func (p *leavePace) room(m *methodPace, now time.Time) int {
	if m == &p.leaving && p.probing && (p.unsent == 0 || p.probed == 0 && p.atPortal > 0) {
		return 0
	}
	each := cmp.Or(m.perCommand, p.leaving.perCommand)
	return min(p.size(m), m.budget.Room(now, each, m.pending), p.whole.Room(now, each, p.leaving.pending+p.looking.pending))
}

// opensAt is when there may be room again; the zero time where that does not depend on the time.
func (p *leavePace) opensAt(m *methodPace, now time.Time) time.Time {
	return operating.Later(m.budget.OpensAt(now), p.whole.OpensAt(now))
}

// looksFirst reports whether leaving has to wait for commands that look for bots: results wait for these.
func (p *leavePace) looksFirst(now time.Time) bool {
	return p.looking.waiting > 0 && p.room(&p.looking, now) > 0
}

// waitUntil is when the portal takes more of what waits; zero where that does not depend on the time.
func (p *leavePace) waitUntil(now time.Time) (soonest time.Time) {
	for _, m := range []*methodPace{&p.leaving, &p.looking} {
		at := p.opensAt(m, now)
		if m.waiting > 0 && !at.IsZero() && (soonest.IsZero() || at.Before(soonest)) {
			soonest = at
		}
	}
	return soonest
}

// sent notes a batch that goes out.
func (p *leavePace) sent(m *methodPace, n int) {
	m.pending += n
	if m == &p.leaving && p.probing {
		p.unsent--
		p.atPortal++
	}
}

// back notes that a batch came back, with or without an answer.
func (p *leavePace) back(m *methodPace, n int) {
	m.pending -= n
	if m == &p.leaving && p.probing {
		p.atPortal--
		p.probed++
	}
}

// endProbing ends the probing when all probes came back and one of them had a bot leave. Refusals may be quick: where
// there is nothing else, it goes on, with more commands at a time.
func (p *leavePace) endProbing() {
	switch {
	case !p.probing || p.unsent > 0 || p.atPortal > 0:
	case p.leaving.perCommand > 0:
		p.probing = false
	default:
		p.unsent = min(probes, p.mostBatches)
		p.probeSize = min(2*p.probeSize, mostProbed, p.mostCommands)
	}
}

// answered notes a batch of n commands that was answered after some time, and how many of them were not refused. One
// that took several requests came at a time when the portal had too many.
func (p *leavePace) answered(m *methodPace, n, accepted int, started, now time.Time, requests int) {
	took := now.Sub(started)
	switch {
	case requests > 1 || took > p.tooLong:
		p.slowDown(started, now)
	case p.reduced.IsZero():
	default:
		p.batches = min(p.batches+1, p.mostBatches)
	}
	each := took/time.Duration(n) + 1
	switch {
	case m == &p.leaving && p.probing && accepted == 0:
	case m == &p.leaving && p.probing: // the slowest of a few tells more than the last of them
		m.perCommand = max(m.perCommand, each)
	default:
		m.learn(each)
	}
}

// lost notes a batch without an answer. Its commands may have used up working time nevertheless.
func (p *leavePace) lost(m *methodPace, n int, started, now time.Time) {
	m.budget.Spent(time.Duration(n) * m.perCommand)
	if took := now.Sub(started); took > p.tooLong {
		m.perCommand = max(m.perCommand, 2*took/time.Duration(n))
		p.slowDown(started, now)
	}
}

// slowDown halves the number of batches in flight, once for those that were in flight together.
func (p *leavePace) slowDown(started, now time.Time) {
	if started.Before(p.reduced) {
		return
	}
	p.reduced = now
	p.batches = max(p.batches/2, 1)
}

// learn takes in what a command of the last batch took. It believes in more work at once, and in less with time.
func (m *methodPace) learn(each time.Duration) {
	switch {
	case m.perCommand == 0:
		m.perCommand = each
	case each > m.perCommand:
		m.perCommand = (m.perCommand + each) / 2
	default:
		m.perCommand = (3*m.perCommand + each) / 4
	}
}

// blocked notes that the portal had enough of the method: once for the batches that were in flight together.
func (m *methodPace) blocked(started, now time.Time) {
	if m.blocks == 0 || started.After(m.blockedAt) || started.IsZero() && now.After(m.blockedAt) {
		m.blocks++
		m.blockedAt = now
	}
}

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
// and calls back. wanted is how many there are, under the lock. The waits are added to kept. The error is why nothing is
// sent any more.
func (w *leaveAll) admit(m *methodPace, kept *keptBack, wanted func() int) (n int, err error) {
	w.change(func() { m.waiting++ })
	defer w.change(func() { m.waiting-- })
	for {
		if err := w.ended(); err != nil {
			return 0, err
		}
		changed := w.changes()
		n, opensAt, last, kind := w.tryAdmit(m, kept, wanted, time.Now())
		if n > 0 {
			return n, nil
		}
		if deadline, ok := w.ctx.Deadline(); ok && last && !opensAt.IsZero() && !opensAt.Before(deadline) {
			w.endSends(fmt.Errorf("the portal takes no more before %s: %w", opensAt.Format(time.TimeOnly), context.DeadlineExceeded))
			continue
		}
		end := kept.begin(kind)
		w.wait(opensAt, changed)
		end()
	}
}

// tryAdmit lets a batch of a method go where the portal takes one now, and returns the number of its commands, or 0,
// and when there may be room by the time alone. last tells that nothing else goes on by which there may be. kind is the
// part of kept that a wait belongs to; nil where the portal is not what is waited for.
func (w *leaveAll) tryAdmit(
	m *methodPace, kept *keptBack, wanted func() int, now time.Time,
) (n int, opensAt time.Time, last bool, kind *time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	opensAt = w.pace.opensAt(m, now)
	last = w.inFlight == 0 && (m == &w.pace.looking || w.pace.looking.waiting == 0)
	n = wanted()
	switch {
	case n <= 0:
	case !opensAt.IsZero():
		kind = &kept.Operating
	case w.atLimiter:
		kind = &kept.RateLimit
	}
	n = min(n, w.pace.room(m, now))
	if n <= 0 || w.atLimiter || w.inFlight >= w.pace.batches || m == &w.pace.leaving && w.pace.looksFirst(now) {
		return 0, opensAt, last, kind
	}
	w.atLimiter = true
	w.inFlight++
	w.pace.sent(m, n)
	return n, opensAt, last, nil
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

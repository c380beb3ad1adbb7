package imbot

import (
	"cmp"
	"math"
	"time"
)

// The documented limits of a portal, and how LeaveAll keeps clear of them.
const (
	operatingLimit = 480 * time.Second // working time of a method in ten minutes
	batchTarget    = 20 * time.Second  // what a batch is to take, of the 60 s after which it would be cut
	tooLong        = 30 * time.Second  // what a batch took that was nearly cut

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
	whole        budget // of the method batch, for portals that charge that

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
	budget     budget
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
	return min(p.size(m), m.budget.room(now, each, m.pending), p.whole.room(now, each, p.leaving.pending+p.looking.pending))
}

// opensAt is when there may be room again; the zero time where that does not depend on the time.
func (p *leavePace) opensAt(m *methodPace, now time.Time) time.Time {
	return later(m.budget.opensAt(now), p.whole.opensAt(now))
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
	m.budget.spent(time.Duration(n) * m.perCommand)
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

// budget is what the portal told of the working time of a method.
type budget struct {
	used         time.Duration
	reset        time.Time // when the oldest part is forgotten, by the portal's clock
	resetAt      time.Time // the same by ours
	blockedUntil time.Time
}

// seen notes the time that came with an answer. Answers to batches that ran side by side come in any order: what is
// used only grows until the next part of it is forgotten. When that time has come, whatever is told is believed anew.
func (b *budget) seen(t Time, now time.Time) {
	if !t.HasOperating || now.Before(b.resetAt) && !b.isNewer(t) {
		return
	}
	b.used, b.reset = t.Operating, t.OperatingResetAt
	b.resetAt = resetByOurClock(t, now)
	if b.resetAt.IsZero() { // not told, or not within the ten minutes that the portal counts: look again in a minute
		b.reset, b.resetAt = time.Time{}, now.Add(time.Minute)
	}
}

// isNewer reports whether an answer tells more than what is known.
func (b *budget) isNewer(t Time) bool {
	return t.OperatingResetAt.After(b.reset) || t.OperatingResetAt.Equal(b.reset) && t.Operating > b.used
}

// spent notes what nobody told of, until somebody does.
func (b *budget) spent(time time.Duration) {
	if b.used > 0 {
		b.used += time
	}
}

// blocked notes a refusal that holds for some time.
func (b *budget) blocked(until time.Time) { b.blockedUntil = later(b.blockedUntil, until) }

// room is how many more commands fit in beside those that are at the portal.
func (b *budget) room(now time.Time, each time.Duration, pending int) int {
	switch {
	case now.Before(b.blockedUntil):
		return 0
	case b.used == 0: // nothing is counted, as of commands that take up to 0.1 s
		return math.MaxInt
	}
	if n := int((operatingLimit - b.used - time.Duration(pending)*each) / max(each, 1)); n > 0 {
		return n
	}
	if pending == 0 && (b.used < operatingLimit || !now.Before(b.resetAt)) {
		return 1 // the one that passes the limit, or the one that will tell how much was forgotten
	}
	return 0
}

func (b *budget) opensAt(now time.Time) time.Time {
	switch {
	case now.Before(b.blockedUntil):
		return b.blockedUntil
	case b.used >= operatingLimit && now.Before(b.resetAt):
		return b.resetAt
	default:
		return time.Time{}
	}
}

func later(a, b time.Time) time.Time {
	if a.Before(b) {
		return b
	}
	return a
}

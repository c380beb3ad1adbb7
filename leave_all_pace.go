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
	nearlyCut      = 30 * time.Second  // a batch that was lost after more than this took too long

	// A portal is slow where a batch takes longer than wayAround and uneven times what its commands take at best.
	uneven    = 3
	wayAround = time.Second

	probes     = 4  // batches of one, by which LeaveAll learns what leaving takes
	mostProbed = 16 // commands in such a batch, where the portal refuses all of them
	reserve    = 20 // one request in so many is kept back from the first that are sent, for chats to look at again
)

// pace decides how many commands go into a batch, and how many batches to the portal, by what the answers tell.
type pace struct {
	mostCommands int
	mostBatches  int
	target       time.Duration // what a batch is to take
	nearlyCut    time.Duration // what one took that was lost for taking too long
	batches      int           // how many may be at the portal
	reduced      time.Time     // when that was last taken back
	leaving      lane
	checking     lane
	whole        budget // of the method batch, for portals that charge that

	probing   bool // it is not known yet what leaving takes
	unsent    int  // probes that may be sent
	unknown   int  // probes that are at the portal
	probeSize int  // commands in each
}

// lane is one of the two methods that LeaveAll calls.
type lane struct {
	perCommand time.Duration // what a command takes; 0 where that is not known
	best       time.Duration // what it took when the portal had nothing else to do
	pending    int           // commands at the portal
	budget     budget

	blocks    int       // how often the portal had enough of the method since it last took a command
	blockedAt time.Time // when that was
}

// newPace returns the pace of a client that waits so long for an answer.
func newPace(commands, batches int, timeout time.Duration) *pace {
	p := &pace{
		mostCommands: commands,
		mostBatches:  batches,
		target:       min(batchTarget, timeout/3),
		nearlyCut:    min(nearlyCut, timeout/2),
		batches:      min(probes, batches),
		probing:      true,
		probeSize:    1,
	}
	p.unsent = p.batches
	return p
}

// size is how many commands of a lane make a batch of the right length.
func (p *pace) size(l *lane) int {
	each := cmp.Or(l.perCommand, p.leaving.perCommand)
	switch {
	case l == &p.leaving && p.probing:
		return p.probeSize
	case each == 0:
		return 1
	default:
		return min(max(int(p.target/each), 1), p.mostCommands)
	}
}

// room is how many commands of a lane the portal is believed to take now.
func (p *pace) room(l *lane, now time.Time) int {
	if l == &p.leaving && p.probing && p.unsent == 0 {
		return 0
	}
	each := cmp.Or(l.perCommand, p.leaving.perCommand)
	return min(l.budget.room(now, each, l.pending), p.whole.room(now, each, p.leaving.pending+p.checking.pending))
}

// opensAt is when there may be room again; the zero time where that depends on batches that are at the portal.
func (p *pace) opensAt(l *lane, now time.Time) time.Time {
	return later(l.budget.opensAt(now), p.whole.opensAt(now))
}

// sent notes a batch that goes out.
func (p *pace) sent(l *lane, n int) {
	l.pending += n
	if l == &p.leaving && p.probing {
		p.unsent--
		p.unknown++
	}
}

// back notes that a batch came back, with or without an answer.
func (p *pace) back(l *lane, n int) {
	l.pending -= n
	if l == &p.leaving && p.probing {
		p.unknown--
	}
}

// probed ends the probing when all probes came back and one of them had a bot leave. Refusals may be quick: where there
// is nothing else, it goes on, with more commands at a time.
func (p *pace) probed() {
	switch {
	case !p.probing || p.unsent > 0 || p.unknown > 0:
	case p.leaving.perCommand > 0:
		p.probing = false
		if p.reduced.IsZero() {
			p.batches = p.mostBatches
		}
	default:
		p.unsent = min(probes, p.mostBatches)
		p.probeSize = min(2*p.probeSize, mostProbed, p.mostCommands)
	}
}

// answered notes a batch of n commands that was answered after some time, and how many of them were not refused. One
// that took several requests came at a time when the portal had too many.
func (p *pace) answered(l *lane, n, accepted int, started, now time.Time, requests int) {
	took := now.Sub(started)
	switch {
	case requests > 1 || l.best > 0 && !p.probing && took > wayAround+uneven*time.Duration(n)*l.best:
		p.slowDown(started, now)
	case !p.probing:
		p.batches = min(p.batches+p.step(), p.mostBatches)
	}
	each := took/time.Duration(n) + 1
	switch {
	case l == &p.leaving && p.probing && accepted == 0:
	case l == &p.leaving && p.probing: // the slowest of a few tells more than the last of them
		l.perCommand = max(l.perCommand, each)
		l.best = l.perCommand
	default:
		l.learn(each)
	}
}

// step is by how much the number of batches grows with an answer: to all that is allowed, which leaves it to the
// limiter, or by one after the portal turned out to be slow.
func (p *pace) step() int {
	if p.reduced.IsZero() {
		return p.mostBatches
	}
	return 1
}

// lost notes a batch without an answer. Its commands may have used up working time nevertheless.
func (p *pace) lost(l *lane, n int, started, now time.Time) {
	l.budget.spent(time.Duration(n) * l.perCommand)
	if took := now.Sub(started); took > p.nearlyCut {
		l.perCommand = max(l.perCommand, 2*took/time.Duration(n))
		p.slowDown(started, now)
	}
}

// slowDown halves the number of batches, once for those that were at the portal together.
func (p *pace) slowDown(started, now time.Time) {
	if started.Before(p.reduced) {
		return
	}
	p.reduced = now
	p.batches = max(p.batches/2, 1)
}

// learn takes in what a command of the last batch took. It believes in more work at once, and in less with time.
func (l *lane) learn(each time.Duration) {
	switch {
	case l.perCommand == 0:
		l.perCommand, l.best = each, each
	case each > l.perCommand:
		l.perCommand = (l.perCommand + each) / 2
	default:
		l.perCommand = (3*l.perCommand + each) / 4
	}
	l.best = min(l.best+l.best/50, l.perCommand) // a portal that stays slow is taken for what it is
}

// blocked notes that the portal had enough of the method: once for the batches that were at the portal together.
func (l *lane) blocked(started, now time.Time) {
	if l.blocks == 0 || started.After(l.blockedAt) || started.IsZero() && now.After(l.blockedAt) {
		l.blocks++
		l.blockedAt = now
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
// used only grows until the next part of it is forgotten.
func (b *budget) seen(t Time, now time.Time) {
	switch {
	case !t.HasOperating || t.OperatingResetAt.Before(b.reset):
	case t.OperatingResetAt.Equal(b.reset) && t.Operating <= b.used && !b.reset.IsZero():
	default:
		b.used, b.reset = t.Operating, t.OperatingResetAt
		b.resetAt = resetByOurClock(t, now)
		if b.resetAt.IsZero() { // not told: look again in a minute, the length of a part
			b.resetAt = now.Add(time.Minute)
		}
	}
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

package operating

import (
	"math"
	"time"
)

// Budget is what is left of the working time of one method, for a caller that plans ahead. The zero value knows
// nothing.
type Budget struct {
	used         time.Duration
	reset        time.Time // when the oldest part is forgotten, by the portal's clock
	resetAt      time.Time // the same by ours
	blockedUntil time.Time
}

// Seen notes a report. Answers to requests that were made at the same time come in any order: what is used up only
// grows until the next part of it is forgotten. When that time has come, whatever is reported is believed anew.
func (b *Budget) Seen(r Report, now time.Time) {
	if !r.Known || now.Before(b.resetAt) && !b.isNewer(r) {
		return
	}
	b.used, b.reset = r.Used, r.ResetAt
	b.resetAt = r.resetAt(now)
	if b.resetAt.IsZero() { // not reported, or not within the window: look again in a minute
		b.reset, b.resetAt = time.Time{}, now.Add(time.Minute)
	}
}

// isNewer reports whether a report says more than what is known.
func (b *Budget) isNewer(r Report) bool {
	return r.ResetAt.After(b.reset) || r.ResetAt.Equal(b.reset) && r.Used > b.used
}

// Spent notes time that no answer has reported, until one does.
func (b *Budget) Spent(spent time.Duration) {
	if b.used > 0 {
		b.used += spent
	}
}

// Blocked notes that the method is refused for some time.
func (b *Budget) Blocked(until time.Time) { b.blockedUntil = Later(b.blockedUntil, until) }

// Room returns how many more commands of some length fit in beside those that are at the portal.
func (b *Budget) Room(now time.Time, each time.Duration, pending int) int {
	switch {
	case now.Before(b.blockedUntil):
		return 0
	case b.used == 0: // nothing is counted, as of commands that take up to 0.1 s
		return math.MaxInt
	}
	if n := int((Limit - b.used - time.Duration(pending)*each) / max(each, 1)); n > 0 {
		return n
	}
	if pending == 0 && (b.used < Limit || !now.Before(b.resetAt)) {
		return 1 // the one that passes the limit, or the one whose answer reports how much was forgotten
	}
	return 0
}

// OpensAt returns when there may be room again; zero where that does not depend on the time.
func (b *Budget) OpensAt(now time.Time) time.Time {
	switch {
	case now.Before(b.blockedUntil):
		return b.blockedUntil
	case b.used >= Limit && now.Before(b.resetAt):
		return b.resetAt
	default:
		return time.Time{}
	}
}

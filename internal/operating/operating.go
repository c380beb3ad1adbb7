// Package operating keeps what portals report of the working time of methods. A portal lets a method work for 480 s in
// ten minutes, for each application or webhook, and refuses it after that until the oldest part is forgotten.
package operating

import "time"

const (
	// Window is how long a portal remembers working time. Nothing that it reports of it reaches farther into the
	// future.
	Window = 10 * time.Minute
	// Limit is how much of it a method may use up.
	Limit = 480 * time.Second
)

// Report is what an answer says of the working time of its method.
type Report struct {
	// Known is false where it says nothing of how much was used up.
	Known bool
	// Used is how much was used up.
	Used time.Duration
	// ResetAt is when the oldest part of Used is forgotten, and Finish when the portal was done with the call, both by
	// the portal's clock; zero where it says nothing of them.
	ResetAt, Finish time.Time
}

// resetAt returns when the oldest part is forgotten, by the clock of this machine: where the portal's clock is off by
// more than answers take, what counts is how long after the answer the reset comes, if the two fit together. It is
// never farther away than the window, and zero where what was reported cannot be meant.
func (r Report) resetAt(now time.Time) time.Time {
	const underway = 2 * time.Minute
	at, after := r.ResetAt, r.ResetAt.Sub(r.Finish)
	if !at.IsZero() && !r.Finish.IsZero() && now.Sub(r.Finish).Abs() > underway && 0 <= after && after <= Window+underway {
		at = now.Add(after)
	}
	if at.Sub(now) > Window+underway {
		return time.Time{}
	}
	return Earlier(at, now.Add(Window))
}

// Earlier returns the earlier of two times.
func Earlier(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}

// Later returns the later of two times.
func Later(a, b time.Time) time.Time {
	if a.Before(b) {
		return b
	}
	return a
}

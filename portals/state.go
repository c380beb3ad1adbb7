package portals

import (
	"time"

	"github.com/seed-a6e4e5a4/imbot/events"
	"github.com/seed-a6e4e5a4/imbot/oauth"
)

// The events of a portal may come in any order, at the same time as renewals of its tokens, and to several processes.
// What is kept of it follows from the times of the events alone. Times are in whole seconds: of an installation and a
// removal in the same second the installation counts, whichever comes first, as a lost pair of tokens cannot be got
// back, and a portal refuses the calls of an application that it has removed.

// installed returns what is kept after an installation, in the place of current.
func (i Installation) installed(current Installation) Installation {
	if i.InstalledAt.Before(current.RemovedAt) || i.InstalledAt.Before(current.InstalledAt) {
		return current // it is history
	}
	i.Plan = current.Plan
	if current.IsInstalled() && !current.Token.Expiry.IsZero() && !i.Token.Expiry.After(current.Token.Expiry) {
		// The stored pair was renewed after the event was made.
		i.Token = current.Token
		i.Token.ClientEndpoint = i.ClientEndpoint
	}
	return i
}

// removed returns what is kept after the application was removed at a time.
func (i Installation) removed(at time.Time) Installation {
	if !at.After(i.InstalledAt) || !at.After(i.RemovedAt) {
		return i // it was installed again, or it is known
	}
	return Installation{MemberID: i.MemberID, Plan: i.Plan, RemovedAt: at}
}

// renewed returns what is kept after a renewal of the token.
func (i Installation) renewed(next oauth.Token) Installation {
	i.Token = next
	if next.ClientEndpoint != "" {
		i.ClientEndpoint = next.ClientEndpoint
	}
	return i
}

// timeOf returns when an event was made. One from the future would let nothing count that comes after it, so that it
// counts as one of now, as does an event without a time.
func timeOf(event *events.Event) time.Time {
	now := time.Now().UTC().Round(0)
	if event.Time.IsZero() || event.Time.After(now) {
		return now
	}
	return event.Time.UTC()
}

package oauth

import (
	"errors"
	"sync"
	"time"
)

// ErrNotAccepted is matched where the portal refuses token after token, also the one that was got just now, so that
// another would hardly help. None is asked for within a minute, unless the store gets a new pair by other hands: from
// another process, or when the application is installed or authorized anew.
var ErrNotAccepted = errors.New("oauth: the portal refuses the token that was got just now, as it did the one before; " +
	"no other is asked for within a minute")

const (
	// restFor is how long nothing is asked for that would be of no use. Only people can help then, by a payment or a new
	// authorization, and a server that is asked by every call of a busy bot may block the application.
	restFor = time.Minute
	// mostInARow is how many pairs are asked for in that time to replace one that was got in it: the portal may not know
	// the first one yet.
	mostInARow = 2
	// mostInAll is how many are asked for by one process, whatever the store has: of two that meet the same refusals each
	// would be handed the pairs of the other.
	mostInAll = 3
)

// brake keeps renewals from being repeated that are of no use.
type brake struct {
	mu sync.Mutex

	// The refusal of the last request that was refused. Later ones with the same parameters get the same.
	refused func() renewal
	refusal error
	until   time.Time

	renewed func() string // the access token that was got last
	at      []time.Time   // when the last ones were got
}

// renewal is what the server decides by.
type renewal struct{ id, secret, tokenURL, refreshToken string }

func (r *refresher) request(current Token) renewal {
	return renewal{id: r.app.ID, secret: r.app.Secret, tokenURL: r.app.TokenURL, refreshToken: current.RefreshToken}
}

// refuse remembers that the server has refused a request.
func (b *brake) refuse(request renewal, refusal error, now time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.refused = func() renewal { return request }
	b.refusal, b.until = refusal, now.Add(restFor)
}

// renew remembers a token that the server has handed out.
func (b *brake) renew(accessToken string, now time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.renewed = func() string { return accessToken }
	b.at = append(b.at, now)
	if len(b.at) > mostInAll {
		b.at = b.at[1:]
	}
}

// check returns why a request is not to be made now, in place of an access token that the portal has refused.
func (b *brake) check(request renewal, rejected string, now time.Time) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	got := 0
	for _, at := range b.at {
		if now.Before(at.Add(restFor)) {
			got++
		}
	}
	switch {
	case b.refused != nil && b.refused() == request && now.Before(b.until):
		return b.refusal
	case got >= mostInARow && b.renewed() == rejected, got >= mostInAll:
		return ErrNotAccepted
	default:
		return nil
	}
}

package server

import (
	"sync"
	"time"
)

// bucket limits the rate of requests: it leaks, and a request that would make it overflow is refused and not put in.
type bucket struct {
	mu        sync.Mutex
	perSecond float64
	burst     float64 // 0: no limit
	level     float64
	at        time.Time // when level was right
}

func newBucket(perSecond, burst float64) *bucket {
	return &bucket{perSecond: perSecond, burst: burst}
}

// slack makes up for the rounding of floats, for a client that has waited exactly long enough.
const slack = 1e-6

// take puts a request in, and returns false if there is no room. A clock that went back, as it does where a portal is
// used outside a bubble of testing/synctest first and then inside, drains nothing.
func (b *bucket) take(now time.Time) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.burst <= 0 {
		return true
	}
	if !b.at.IsZero() {
		b.level = max(0, b.level-b.perSecond*max(0, now.Sub(b.at).Seconds()))
	}
	b.at = now
	if b.level+1 > b.burst+slack {
		return false
	}
	b.level++
	return true
}

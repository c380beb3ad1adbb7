package events

import (
	"sync"
	"time"
)

// mostIDs is how many events are remembered, so that they are recognized when they come again.
const mostIDs = 10_000

// repeats remembers the events that came within a window of time, the last of them if there are too many.
type repeats struct {
	window time.Duration

	mu    sync.Mutex
	ids   map[string]bool
	order []arrival // of all ids, oldest first
}

// arrival is when an event came first.
type arrival struct {
	id string
	at time.Time
}

// has reports whether an event came before.
func (r *repeats) has(id string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.forgetOld(time.Now())
	return r.ids[id]
}

// came notes that an event has come, and reports whether it came before.
func (r *repeats) came(id string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	now := time.Now()
	r.forgetOld(now)
	if r.ids[id] {
		return true
	}
	if len(r.order) == mostIDs {
		r.forgetOldest()
	}
	if r.ids == nil {
		r.ids = make(map[string]bool)
	}
	r.ids[id] = true
	r.order = append(r.order, arrival{id, now})
	return false
}

// forgetOld forgets what came before the window.
func (r *repeats) forgetOld(now time.Time) {
	for len(r.order) > 0 && now.Sub(r.order[0].at) >= r.window {
		r.forgetOldest()
	}
}

func (r *repeats) forgetOldest() {
	delete(r.ids, r.order[0].id)
	r.order = r.order[1:]
}

package server

import (
	"context"
	"sync"
	"time"
)

const (
	slotLength    = time.Minute
	slotLife      = 10 * time.Minute
	cheapestCount = 100 * time.Millisecond // what takes no longer is not counted
)

// budget counts the operating time of methods in slots of a minute, and forgets a slot ten minutes after it began.
type budget struct {
	mu    sync.Mutex
	limit time.Duration // 0: count only
	slots map[budgetKey][]slot
}

// budgetKey is what has a budget of its own: a method for an application or a webhook.
type budgetKey struct{ account, method string }

// slot begins with the call that opens it, and at a whole second, because that is how the portal shows its end.
type slot struct {
	start int64
	used  time.Duration
}

func newBudget(limit time.Duration) *budget {
	return &budget{limit: limit, slots: make(map[budgetKey][]slot)}
}

// exhausted reports whether the next call is refused.
func (b *budget) exhausted(key budgetKey, now time.Time) bool {
	if b.limit <= 0 {
		return false
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	return total(b.alive(key, now)) >= b.limit
}

// add counts a call that has started at the given time.
func (b *budget) add(key budgetKey, start time.Time, cost time.Duration) {
	if cost <= cheapestCount {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	slots := b.alive(key, time.Now())
	begin := start.Unix()
	if last := len(slots) - 1; last >= 0 && begin < slots[last].start+int64(slotLength/time.Second) {
		slots[last].used += cost
		return
	}
	b.slots[key] = append(slots, slot{start: begin, used: cost})
}

// counters returns the time used and when the oldest part of it will be forgotten. Where nothing is used, that is when
// something used by the present call would be.
func (b *budget) counters(key budgetKey, start time.Time) (used time.Duration, resetAt int64) {
	b.mu.Lock()
	defer b.mu.Unlock()
	begin := start.Unix()
	slots := b.alive(key, time.Now())
	if len(slots) > 0 {
		begin = slots[0].start
	}
	return total(slots), begin + int64(slotLife/time.Second)
}

// alive drops the slots that are to be forgotten. The caller holds mu.
func (b *budget) alive(key budgetKey, now time.Time) []slot {
	slots := b.slots[key]
	for len(slots) > 0 && now.Unix() >= slots[0].start+int64(slotLife/time.Second) {
		slots = slots[1:]
	}
	b.slots[key] = slots
	return slots
}

func total(slots []slot) time.Duration {
	var sum time.Duration
	for _, s := range slots {
		sum += s.used
	}
	return sum
}

// budgetKey returns what a call counts for, whether its credentials are right or not.
func (s *Server) budgetKey(x *exchange) budgetKey {
	app := ""
	if token, known := s.Store.Token(x.credentials.token); known {
		app = token.App
	}
	return budgetKey{account: x.credentials.account(app), method: x.route.name()}
}

// cost returns what a call of a method is said to cost, and false if nobody has said that.
func (s *Server) cost(method string) (cost time.Duration, isKnown bool) {
	if s.config.Cost == nil {
		return 0, false
	}
	return s.config.Cost(method), true
}

// charge counts what a method has used that began at start, once it is over. If it takes as long as it costs, that is
// after a while. Its error is errCut.
func (s *Server) charge(ctx context.Context, x *exchange, start time.Time, cost time.Duration) error {
	var err error
	if s.config.CostTakesTime {
		err = x.work.spend(ctx, cost-time.Since(start))
	}
	s.budget.add(s.chargedKey(x), start, cost)
	return err
}

// chargedKey returns what the time of a call is counted for: that is the batch for its commands, if batches are charged.
func (s *Server) chargedKey(x *exchange) budgetKey {
	key := s.budgetKey(x)
	if s.config.ChargeBatch && x.isCommand {
		key.method = batchName
	}
	return key
}

package redisstore

import (
	"context"
	"fmt"
	"math"
	"time"

	"github.com/go-redis/redis_rate/v10"
	"github.com/redis/go-redis/v9"

	"github.com/seed-a6e4e5a4/imbot"
)

// Limiter is an [imbot.Limiter] for any number of processes that share one address, and so one bucket at the portal.
// Make one with [NewLimiter]; the zero Limiter is of no use. It is safe for concurrent use.
type Limiter struct {
	rates *redis_rate.Limiter
	key   string
	rate  int           // requests in a second
	burst int           // requests at once
	every time.Duration // between two requests, when the bucket is full
	drain time.Duration // until a full bucket is empty
}

var _ imbot.Limiter = (*Limiter)(nil)

// fine is how many parts redis_rate counts a request as. It knows whole numbers only, and how long a turn may be waited
// for has to be counted in smaller steps than requests. A power of two makes no rounding errors.
const fine = 1024

const (
	// late is added to every wait. The portal counts a request when it comes, and the first ones of many come later
	// after their turn than the others: they have connections to open. Those that wait must not catch up with them.
	late = 50 * time.Millisecond
	// negligible is a wait that comes from rounding: Redis counts time in microseconds.
	negligible = time.Millisecond
	// longestWait bounds a wait of redis_rate, which counts in parts. Longer waits are made of several.
	longestWait = time.Hour
)

// NewLimiter returns a limiter with the documented limits of a plan, those of [imbot.PlanStandard] for one that is not
// known. All limiters with the same key, of all processes, let through together what one of [imbot.NewLimiter] would.
// The key names the portal; all of them have to have the same plan. Nothing is read or written yet.
func NewLimiter(client redis.UniversalClient, key string, plan imbot.Plan) *Limiter {
	limits := imbot.NewLimiter(plan)
	perSecond := float64(limits.Limit())
	return &Limiter{
		rates: redis_rate.NewLimiter(client),
		key:   named(key) + ":rate",
		rate:  int(perSecond),
		burst: limits.Burst(),
		every: seconds(1 / perSecond),
		drain: seconds(float64(limits.Burst()) / perSecond),
	}
}

func seconds(s float64) time.Duration { return time.Duration(s * float64(time.Second)) }

// Wait returns when a request may be made. Turns are given in the order in which Redis is asked for them, across all
// processes. If the turn would come after the deadline of ctx, Wait fails at once, with an error that matches
// [context.DeadlineExceeded], and takes no turn. A wait that ends with ctx gives its turn back, if it is the last one
// that was given; otherwise the turn passes unused. So do the turns of a replica that is killed: N calls that were
// waiting there keep the others waiting for about N/2 seconds, at the two requests a second of most plans.
//
// If Redis fails or does not answer, so does Wait: without it nobody knows what the other processes do, and a request
// that is not made does less harm than a portal that is blocked.
func (l *Limiter) Wait(ctx context.Context) error {
	for {
		room := l.roomFor(ctx)
		turn, err := l.ask(ctx, room)
		if err != nil {
			return fmt.Errorf("redisstore: asking for a turn: %w", err)
		}
		if turn.Allowed > 0 {
			return l.waitFor(ctx, turn)
		}
		if room < longestWait {
			return fmt.Errorf("redisstore: the next turn is in %v: %w",
				(room + turn.RetryAfter).Round(time.Millisecond), context.DeadlineExceeded)
		}
		if err := pause(ctx, turn.RetryAfter); err != nil {
			return fmt.Errorf("redisstore: waiting for a turn: %w", err)
		}
	}
}

// Empty makes the bucket as full as the portal says that it is, when it refuses a request for being one too many. The
// next turn comes when there is room again.
func (l *Limiter) Empty(ctx context.Context) error {
	_, err := await(ctx, func(ctx context.Context) (*redis_rate.Result, error) {
		return l.rates.AllowAtMost(ctx, l.key, l.limit(0), l.burst*fine)
	}, nil)
	if err != nil {
		return fmt.Errorf("redisstore: emptying the limiter: %w", err)
	}
	return nil
}

// roomFor returns how long a turn may be waited for.
func (l *Limiter) roomFor(ctx context.Context) time.Duration {
	deadline, ok := ctx.Deadline()
	if !ok {
		return longestWait
	}
	return min(longestWait, max(0, time.Until(deadline)-late))
}

// limit returns the portal's bucket, made larger by what runs out of it in the time of room. redis_rate refuses what
// does not fit into the bucket. In one that is larger than the portal's, a request that has to wait is let in, and how
// far the level is above the portal's burst says how long: a queue, in which each knows its turn when it comes.
func (l *Limiter) limit(room time.Duration) redis_rate.Limit {
	return redis_rate.Limit{
		Rate:   l.rate * fine,
		Period: time.Second,
		Burst:  l.burst*fine + l.parts(room),
	}
}

// parts is what runs out of the bucket in some time.
func (l *Limiter) parts(d time.Duration) int {
	return int(math.Floor(d.Seconds() * float64(l.rate*fine)))
}

// ask takes a turn, unless it would have to be waited for longer than room.
func (l *Limiter) ask(ctx context.Context, room time.Duration) (*redis_rate.Result, error) {
	return await(ctx, func(ctx context.Context) (*redis_rate.Result, error) {
		return l.rates.AllowN(ctx, l.key, l.limit(room+negligible), fine)
	}, func(turn *redis_rate.Result) { l.giveBack(ctx, turn) })
}

// waitFor waits for a turn that was given.
func (l *Limiter) waitFor(ctx context.Context, turn *redis_rate.Result) error {
	wait := turn.ResetAfter - l.drain
	if wait <= negligible {
		return nil
	}
	start := time.Now()
	err := pause(ctx, wait+late)
	if err == nil {
		return nil
	}
	turn.ResetAfter -= time.Since(start)
	go quietly(func() { l.giveBack(ctx, turn) })
	return fmt.Errorf("redisstore: waiting for a turn: %w", err)
}

// giveBack takes a request out of the bucket, unless turns were given after its own: then somebody counts on its being
// in there. That too is a question of what fits. With the request taken out, the level is one request lower than it was
// when the turn was given, less what has run out since; if there are others after it, it is not.
func (l *Limiter) giveBack(ctx context.Context, turn *redis_rate.Result) {
	if turn.Allowed <= 0 {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), l.drain)
	defer cancel()
	// If it fails, the turn passes unused.
	_, _ = l.rates.AllowN(ctx, l.key, l.limit(turn.ResetAfter-l.drain-l.every/2), -fine)
}

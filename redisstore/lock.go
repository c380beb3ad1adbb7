package redisstore

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/go-redsync/redsync/v4"
	"github.com/redis/go-redis/v9"
)

// Whoever waits for the lock asks again after a pause between these.
const (
	shortestPause = 20 * time.Millisecond
	longestPause  = 100 * time.Millisecond
)

// A hash in which nothing is left but who had the lock is forgotten after this, in milliseconds. A process that was
// late for longer is refused all the same, and looks what is there now.
const forgetAfter = "3600000"

// enterScript notes who has the lock, and reads what is behind it. It returns nothing to a holder whose lock is gone
// already. The value of a lock is random, so that no two holders have the same, whatever becomes of the data in Redis.
var enterScript = redis.NewScript(`
if redis.call('GET', KEYS[2]) ~= ARGV[1] then
  return false
end
redis.call('HSET', KEYS[1], 'fence', ARGV[1])
local found = redis.call('HGET', KEYS[1], ARGV[2])
if not found then
  redis.call('PEXPIRE', KEYS[1], ARGV[3])
  return ''
end
return found
`)

// saveScript writes for the last who entered, and for nobody else: the field, and a member of each further set. Its own
// repeat, by a client that has not got the answer, finds the write done.
var saveScript = redis.NewScript(`
if redis.call('HGET', KEYS[1], 'writer') ~= ARGV[1] then
  if redis.call('HGET', KEYS[1], 'fence') ~= ARGV[1] then
    return 0
  end
  redis.call('HSET', KEYS[1], ARGV[2], ARGV[3], 'writer', ARGV[1])
  if ARGV[3] == '` + forgotten + `' then
    redis.call('PEXPIRE', KEYS[1], ARGV[4])
  else
    redis.call('PERSIST', KEYS[1])
  end
  for i = 3, #KEYS do
    redis.call(ARGV[2 * i - 1], KEYS[i], ARGV[2 * i])
  end
end
if redis.call('GET', KEYS[2]) == ARGV[1] then
  redis.call('DEL', KEYS[2])
end
return 1
`)

// forgotten is written in the place of what was deleted, for an hour: whoever is late with another change sees that.
const forgotten = "null"

// isNil reports whether Redis has answered that there is nothing.
func isNil(err error) bool { return errors.Is(err, redis.Nil) }

// hold is the lock while somebody has it, and what was found behind it.
type hold struct {
	place  *place
	mutex  *redsync.Mutex
	found  func() string // what was stored, out of the reach of fmt
	extend context.CancelFunc
}

// enter waits for the lock, and keeps it until leave or save.
func (p *place) enter(ctx context.Context) (*hold, error) {
	for {
		mutex, err := p.tryLock(ctx)
		var h *hold
		if err == nil {
			h, err = p.pass(ctx, mutex)
		}
		if err == nil {
			h.keepAlive(ctx)
			return h, nil
		}
		if _, taken := errors.AsType[*redsync.ErrTaken](err); !taken && !isNil(err) {
			return nil, fmt.Errorf("redisstore: locking the %s: %w", p.what, err)
		}
		jitter := rand.N(longestPause - shortestPause) //nolint:gosec // jitter needs to be uneven, not secret
		if err := pause(ctx, shortestPause+jitter); err != nil {
			return nil, p.waiting(err)
		}
	}
}

// waiting is the error of who has waited in vain.
func (p *place) waiting(err error) error {
	return fmt.Errorf("redisstore: waiting for the lock of the %s: %w", p.what, err)
}

// tryLock takes the lock if it is free.
func (p *place) tryLock(ctx context.Context) (*redsync.Mutex, error) {
	return await(ctx, func(ctx context.Context) (*redsync.Mutex, error) {
		// One server decides, so that it may take as long to answer as the lock is good for.
		mutex := p.locks.NewMutex(p.lockKey, redsync.WithExpiry(p.expiry), redsync.WithTimeoutFactor(1))
		// A lock that was taken must be known of, to be given back, also if nobody waits any more.
		err := mutex.TryLockContext(context.WithoutCancel(ctx))
		return mutex, err
	}, p.unlock(ctx))
}

// unlock returns what gives a lock back, however long that takes.
func (p *place) unlock(ctx context.Context) func(*redsync.Mutex) {
	return func(mutex *redsync.Mutex) {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), p.expiry)
		defer cancel()
		_, _ = mutex.UnlockContext(ctx) // where it fails, the lock expires
	}
}

// pass makes the owner of the lock the last who entered.
func (p *place) pass(ctx context.Context, mutex *redsync.Mutex) (*hold, error) {
	h := &hold{place: p, mutex: mutex}
	found, err := await(ctx, func(ctx context.Context) (string, error) {
		return enterScript.Run(ctx, p.client, []string{p.key, p.lockKey}, mutex.Value(), p.field, forgetAfter).Text()
	}, nil)
	if err != nil {
		h.leave(ctx)
		return nil, err
	}
	h.found = func() string { return found }
	return h, nil
}

// keepAlive has the lock extended until it is given back.
func (h *hold) keepAlive(ctx context.Context) {
	ctx, h.extend = context.WithCancel(context.WithoutCancel(ctx))
	go func() {
		for pause(ctx, h.place.expiry/3) == nil {
			_, _ = h.mutex.ExtendContext(ctx) // if the lock is lost, the fence decides what becomes of the write
		}
	}()
}

// leave gives the lock back. It waits until Redis has it, but not for long: the lock goes by itself.
func (h *hold) leave(ctx context.Context) {
	h.stop()
	ctx, cancel := lasting(ctx)
	defer cancel()
	_, _ = await(ctx, func(ctx context.Context) (none struct{}, err error) {
		h.place.unlock(ctx)(h.mutex)
		return none, nil
	}, nil)
}

// stop ends the extension of the lock.
func (h *hold) stop() {
	if h.extend != nil {
		h.extend()
	}
}

// save writes and gives the lock back, unless another has entered meanwhile: then it returns false. When ctx ends the
// write may still succeed later, which does no harm: it is refused as soon as another enters.
func (h *hold) save(ctx context.Context, w *write) (saved bool, err error) {
	h.stop()
	p := h.place
	keys := []string{p.key, p.lockKey}
	args := []any{h.mutex.Value(), p.field, []byte(w.data), forgetAfter}
	for _, l := range w.links {
		keys, args = append(keys, l.key), append(args, l.command, l.member)
	}
	return await(ctx, func(ctx context.Context) (bool, error) {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), p.expiry)
		defer cancel()
		saved, err := saveScript.Run(ctx, p.client, keys, args...).Bool()
		if err != nil || !saved {
			p.unlock(ctx)(h.mutex)
		}
		return saved, err
	}, nil)
}

// grace is how long something small may take that has to be done although ctx has ended.
const grace = time.Second

// lasting returns ctx, or, if that has ended, one that lasts a little longer.
func lasting(ctx context.Context) (context.Context, context.CancelFunc) {
	if ctx.Err() == nil {
		return context.WithCancel(ctx)
	}
	return context.WithTimeout(context.WithoutCancel(ctx), grace)
}

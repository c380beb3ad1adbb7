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

// enterScript notes who has the lock, and reads what is behind it. It returns nothing to a holder whose lock is gone
// already. The value of a lock is random, so that no two holders have the same, whatever becomes of the data in Redis.
var enterScript = redis.NewScript(`
if redis.call('GET', KEYS[2]) ~= ARGV[1] then
  return false
end
redis.call('HSET', KEYS[1], 'fence', ARGV[1])
return redis.call('HGET', KEYS[1], 'token') or ''
`)

// saveScript writes for the last who entered, and for nobody else. Its own repeat, by a client that has not got the
// answer, finds the write done.
var saveScript = redis.NewScript(`
if redis.call('HGET', KEYS[1], 'writer') ~= ARGV[1] then
  if redis.call('HGET', KEYS[1], 'fence') ~= ARGV[1] then
    return 0
  end
  redis.call('HSET', KEYS[1], 'token', ARGV[2], 'writer', ARGV[1])
end
if redis.call('GET', KEYS[2]) == ARGV[1] then
  redis.call('DEL', KEYS[2])
end
return 1
`)

// hold is the lock while somebody has it, and what was found behind it.
type hold struct {
	store  *Store
	mutex  *redsync.Mutex
	found  func() string // the stored token, out of the reach of fmt
	extend context.CancelFunc
}

// enter waits for the lock, and keeps it until leave or save.
func (s *Store) enter(ctx context.Context) (*hold, error) {
	for {
		mutex, err := s.tryLock(ctx)
		var h *hold
		if err == nil {
			h, err = s.pass(ctx, mutex)
		}
		if err == nil {
			h.keepAlive(ctx)
			return h, nil
		}
		if _, taken := errors.AsType[*redsync.ErrTaken](err); !taken && !errors.Is(err, redis.Nil) {
			return nil, fmt.Errorf("redisstore: locking the token: %w", err)
		}
		jitter := rand.N(longestPause - shortestPause) //nolint:gosec // jitter needs to be uneven, not secret
		if err := pause(ctx, shortestPause+jitter); err != nil {
			return nil, fmt.Errorf("redisstore: waiting for the lock of the token: %w", err)
		}
	}
}

// tryLock takes the lock if it is free.
func (s *Store) tryLock(ctx context.Context) (*redsync.Mutex, error) {
	return await(ctx, func(ctx context.Context) (*redsync.Mutex, error) {
		// One server decides, so that it may take as long to answer as the lock is good for.
		mutex := s.locks.NewMutex(s.lockKey, redsync.WithExpiry(s.expiry), redsync.WithTimeoutFactor(1))
		// A lock that was taken must be known of, to be given back, also if nobody waits any more.
		err := mutex.TryLockContext(context.WithoutCancel(ctx))
		return mutex, err
	}, s.unlock(ctx))
}

// unlock returns what gives a lock back, however long that takes.
func (s *Store) unlock(ctx context.Context) func(*redsync.Mutex) {
	return func(mutex *redsync.Mutex) {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), s.expiry)
		defer cancel()
		_, _ = mutex.UnlockContext(ctx) // where it fails, the lock expires
	}
}

// pass makes the owner of the lock the last who entered.
func (s *Store) pass(ctx context.Context, mutex *redsync.Mutex) (*hold, error) {
	h := &hold{store: s, mutex: mutex}
	found, err := await(ctx, func(ctx context.Context) (string, error) {
		return enterScript.Run(ctx, s.client, []string{s.tokenKey, s.lockKey}, mutex.Value()).Text()
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
		for pause(ctx, h.store.expiry/3) == nil {
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
		h.store.unlock(ctx)(h.mutex)
		return none, nil
	}, nil)
}

// stop ends the extension of the lock.
func (h *hold) stop() {
	if h.extend != nil {
		h.extend()
	}
}

// save replaces the token and gives the lock back, unless another has entered meanwhile: then it returns false. When
// ctx ends the write may still succeed later, which does no harm: it is refused as soon as another enters.
func (h *hold) save(ctx context.Context, token []byte) (saved bool, err error) {
	h.stop()
	s := h.store
	return await(ctx, func(ctx context.Context) (bool, error) {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), s.expiry)
		defer cancel()
		keys := []string{s.tokenKey, s.lockKey}
		saved, err := saveScript.Run(ctx, s.client, keys, h.mutex.Value(), token).Bool()
		if err != nil || !saved {
			s.unlock(ctx)(h.mutex)
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

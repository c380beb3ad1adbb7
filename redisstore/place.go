package redisstore

import (
	"context"
	"fmt"
	"time"

	"github.com/go-redsync/redsync/v4"
	"github.com/go-redsync/redsync/v4/redis/goredis/v9"
	"github.com/redis/go-redis/v9"
)

// defaultExpiry is that of locks.
const defaultExpiry = 10 * time.Second

// place is what one process at a time may replace: a field of a hash, and the lock beside it.
type place struct {
	client       redis.UniversalClient
	locks        *redsync.Redsync
	expiry       time.Duration
	key, lockKey string
	field        string
	what         string // is in errors: "token"
}

// newLocks returns the locks of a client.
func newLocks(client redis.UniversalClient) *redsync.Redsync {
	return redsync.New(guardedPool{goredis.NewPool(client)})
}

// write is what an update ends in.
type write struct {
	data  string
	links []link
}

// link is a set that gets or loses a member with a write.
type link struct{ command, key, member string }

// load returns what is in the place; "" for nothing.
func (p *place) load(ctx context.Context) (string, error) {
	stored, err := await(ctx, func(ctx context.Context) (string, error) {
		return p.client.HGet(ctx, p.key, p.field).Result()
	}, nil)
	if err != nil && !isNil(err) {
		return "", fmt.Errorf("redisstore: loading the %s: %w", p.what, err)
	}
	return stored, nil
}

// update has change decide what is written in the place of what it is given; nil for nothing. It holds the lock
// meanwhile.
//
// A process that has lost the lock while change ran saves only if what it found is still there, or nothing; isEmpty
// reports whether what is stored is nothing.
func (p *place) update(ctx context.Context, change func(found string) (*write, error), isEmpty func(stored string) bool) error {
	h, err := p.enter(ctx)
	if err != nil {
		return err
	}
	w, err := p.run(ctx, h, change)
	if err != nil || w == nil {
		h.leave(ctx)
		return err
	}
	ctx, cancel := lasting(ctx)
	defer cancel()
	return p.save(ctx, h, w, isEmpty)
}

// run calls change with what was found.
func (p *place) run(ctx context.Context, h *hold, change func(string) (*write, error)) (*write, error) {
	returned := false
	defer func() {
		if !returned { // but panicked, or ended its goroutine
			h.stop()
			go p.unlock(ctx)(h.mutex)
		}
	}()
	w, err := change(h.found())
	returned = true
	return w, err
}

// save writes what change made of what h found. Where others have entered meanwhile, it looks what they have left: if
// that is still the same, or nothing, then what change made is the newest there is.
func (p *place) save(ctx context.Context, h *hold, w *write, isEmpty func(stored string) bool) error {
	for {
		saved, err := h.save(ctx, w)
		switch {
		case err != nil:
			return &saveError{what: p.what, reach: func() error { return err }}
		case saved:
			return nil
		}
		again, err := p.enter(ctx)
		if err != nil {
			return err
		}
		if again.found() != h.found() && !isEmpty(again.found()) {
			again.leave(ctx)
			return ErrOvertaken
		}
		h = again
	}
}

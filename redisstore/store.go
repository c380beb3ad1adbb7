package redisstore

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/go-redsync/redsync/v4"
	"github.com/go-redsync/redsync/v4/redis/goredis/v9"
	"github.com/redis/go-redis/v9"

	"github.com/seed-a6e4e5a4/imbot/oauth"
)

// ErrOvertaken is matched where a new token was not saved because there is a newer one: the process had stopped for
// longer than its lock lasts, and another has updated the token meanwhile. A token that is gone is not a newer one.
var ErrOvertaken = errors.New("redisstore: not saved: another process has updated the token meanwhile")

// Store is an [oauth.Store] for any number of processes. Make one with [NewStore]; the zero Store is of no use. It is
// safe for concurrent use.
type Store struct {
	client            redis.UniversalClient
	locks             *redsync.Redsync
	tokenKey, lockKey string
	expiry            time.Duration

	// busy holds something while an Update goes on. Goroutines of this process queue here, so that one of them at a
	// time asks Redis for the lock.
	busy chan struct{}
}

var _ oauth.Store = (*Store)(nil)

// StoreOption changes how a [Store] works; one that is nil changes nothing.
type StoreOption func(*Store)

// WithLockExpiry sets how long the lock outlives a process that died with it. The default is 10 seconds. It is extended
// as long as an update goes on. A process that stops for longer, or that Redis does not hear of for longer, loses the
// lock, and what it wants to save has to prove that it is not out of date. Zero and less mean the default.
func WithLockExpiry(expiry time.Duration) StoreOption {
	return func(s *Store) {
		if expiry > 0 {
			s.expiry = expiry
		}
	}
}

// NewStore returns the store of one token: the one of the application on the portal that key names. The member id of
// the portal is a good key; with several applications, that and the application's id. Nothing is read or written yet.
func NewStore(client redis.UniversalClient, key string, opts ...StoreOption) *Store {
	const defaultExpiry = 10 * time.Second
	s := &Store{
		client:   client,
		locks:    redsync.New(guardedPool{goredis.NewPool(client)}),
		tokenKey: named(key) + ":token",
		lockKey:  named(key) + ":token:lock",
		expiry:   defaultExpiry,
		busy:     make(chan struct{}, 1),
	}
	for _, opt := range opts {
		if opt != nil {
			opt(s)
		}
	}
	return s
}

// named returns what all keys have in common. The word before the user's own key makes sure that there is something
// between the braces that a cluster reads, whatever that key begins with.
func named(key string) string { return "{imbot:" + key + "}" }

// Load implements [oauth.Store]. Without a token the error is [oauth.ErrNoToken]; it matches [oauth.ErrDamaged] if
// there is something else in the place of the token.
func (s *Store) Load(ctx context.Context) (oauth.Token, error) {
	stored, err := await(ctx, func(ctx context.Context) (string, error) {
		return s.client.HGet(ctx, s.tokenKey, "token").Result()
	}, nil)
	if err != nil && !errors.Is(err, redis.Nil) {
		return oauth.Token{}, fmt.Errorf("redisstore: loading the token: %w", err)
	}
	token, err := s.decode(stored)
	if err == nil && token.AccessToken == "" && token.RefreshToken == "" {
		err = oauth.ErrNoToken
	}
	return token, err
}

// Update implements [oauth.Store]. The lock is held across all processes, and extended as long as change runs.
//
// What change returned is saved also if ctx has ended meanwhile: Update waits a second for it then. A process that has
// lost the lock while change ran saves only if nobody has put another token there since; otherwise the error matches
// [ErrOvertaken]. If the token is gone by then, because Redis has lost its data or somebody has deleted it, it saves:
// what change made may be the only pair of tokens that works. So a deletion while an Update goes on may be undone by
// it.
//
// Where Load fails with [oauth.ErrNoToken], change is called with the zero Token. Where it fails otherwise, so does
// Update.
//
// If the save fails, Update returns the token that change made beside the error. It is not in the store then, or, if
// Redis did not answer, not known to be. After an error of change it returns the zero Token and that error.
func (s *Store) Update(ctx context.Context, change func(current oauth.Token) (oauth.Token, error)) (oauth.Token, error) {
	if err := ctx.Err(); err != nil {
		return oauth.Token{}, err
	}
	select {
	case s.busy <- struct{}{}:
		defer func() { <-s.busy }()
	case <-ctx.Done():
		return oauth.Token{}, fmt.Errorf("redisstore: waiting for the lock of the token: %w", ctx.Err())
	}
	h, err := s.enter(ctx)
	if err != nil {
		return oauth.Token{}, err
	}
	next, data, err := s.run(ctx, h, change)
	if err != nil || data == nil {
		h.leave(ctx)
		return next, err
	}
	ctx, cancel := lasting(ctx)
	defer cancel()
	return next, s.save(ctx, h, data)
}

// run calls change with what was found, and returns the token with its JSON, or without if there is nothing to save.
func (s *Store) run(
	ctx context.Context, h *hold, change func(oauth.Token) (oauth.Token, error),
) (next oauth.Token, data []byte, err error) {
	returned := false
	defer func() {
		if !returned { // but panicked, or ended its goroutine
			h.stop()
			go s.unlock(ctx)(h.mutex)
		}
	}()
	current, err := s.decode(h.found())
	if err == nil {
		next, err = change(current)
	}
	returned = true
	if err != nil {
		return oauth.Token{}, nil, err
	}
	data, err = json.Marshal(next)
	if err != nil {
		return oauth.Token{}, nil, errors.New("redisstore: the token cannot be written as JSON")
	}
	if string(data) == h.found() {
		data = nil
	}
	return next, data, nil
}

// save writes what change made of the token that h found. Where others have entered meanwhile, it looks what they have
// left: if that is still the same token, or none, then what change made is the newest there is.
func (s *Store) save(ctx context.Context, h *hold, data []byte) error {
	for {
		saved, err := h.save(ctx, data)
		switch {
		case err != nil:
			return &saveError{reach: func() error { return err }}
		case saved:
			return nil
		}
		again, err := s.enter(ctx)
		if err != nil {
			return err
		}
		if again.found() != h.found() && !s.isEmpty(again.found()) {
			again.leave(ctx)
			return ErrOvertaken
		}
		h = again
	}
}

// isEmpty reports whether no token is stored.
func (s *Store) isEmpty(stored string) bool {
	token, err := s.decode(stored)
	return err == nil && token.AccessToken == "" && token.RefreshToken == ""
}

// decode reads a stored token; none is the zero Token.
func (s *Store) decode(stored string) (token oauth.Token, err error) {
	if stored != "" && json.Unmarshal([]byte(stored), &token) != nil { // whose error could quote the token
		return oauth.Token{}, fmt.Errorf("redisstore: %s: %w", s.tokenKey, oauth.ErrDamaged)
	}
	return token, nil
}

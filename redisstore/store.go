package redisstore

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/oauth"
)

// ErrOvertaken is matched where a new token or installation was not saved because there is a newer one: the process had
// stopped for longer than its lock lasts, and another has made an update meanwhile. A token that is gone is not a newer
// one; an installation that was deleted is.
var ErrOvertaken = imbot.NewError("redisstore: not saved: another process has made an update meanwhile", imbot.Advice{
	Meaning: "another process has made an update while this one had stopped for longer than its lock lasts",
	Action:  "nothing; what is newer is in the store",
})

// Store is an [oauth.Store] for any number of processes. Make one with [NewStore]; the zero Store is of no use. It is
// safe for concurrent use.
type Store struct {
	place place

	// busy holds something while an Update goes on. Goroutines of this process queue here, so that one of them at a
	// time asks Redis for the lock.
	busy chan struct{}
}

var _ oauth.Store = (*Store)(nil)

// StoreOption changes how a [Store] or [Installations] work; one that is nil changes nothing.
type StoreOption func(*Store)

// WithLockExpiry sets how long the lock outlives a process that died with it. The default is 10 seconds. It is extended
// as long as an update goes on. A process that stops for longer, or that Redis does not hear of for longer, loses the
// lock, and what it wants to save has to prove that it is not out of date. Zero and less mean the default.
func WithLockExpiry(expiry time.Duration) StoreOption {
	return func(s *Store) {
		if expiry > 0 {
			s.place.expiry = expiry
		}
	}
}

// NewStore returns the store of one token: the one of the application on the portal that key names. The member id of
// the portal is a good key; with several applications, that and the application's id. Nothing is read or written yet.
func NewStore(client redis.UniversalClient, key string, opts ...StoreOption) *Store {
	key = named(key) + ":token"
	s := &Store{
		place: place{
			client: client, locks: newLocks(client), expiry: defaultExpiry,
			key: key, lockKey: key + ":lock", field: "token", what: "token",
		},
		busy: make(chan struct{}, 1),
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
	stored, err := s.place.load(ctx)
	if err != nil {
		return oauth.Token{}, err
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
func (s *Store) Update(
	ctx context.Context, change func(current oauth.Token) (oauth.Token, error),
) (next oauth.Token, err error) {
	if err := ctx.Err(); err != nil {
		return oauth.Token{}, err
	}
	select {
	case s.busy <- struct{}{}:
		defer func() { <-s.busy }()
	case <-ctx.Done():
		return oauth.Token{}, s.place.waiting(ctx.Err())
	}
	err = s.place.update(ctx, func(found string) (*write, error) {
		current, err := s.decode(found)
		if err != nil {
			return nil, err
		}
		changed, err := change(current)
		if err != nil {
			return nil, err
		}
		data, err := json.Marshal(changed)
		if err != nil {
			return nil, errors.New("redisstore: the token cannot be written as JSON")
		}
		if next = changed; string(data) == found {
			return nil, nil //nolint:nilnil // there is nothing to write
		}
		return &write{data: string(data)}, nil
	}, s.isEmpty)
	return next, err
}

// isEmpty reports whether no token is stored.
func (s *Store) isEmpty(stored string) bool {
	token, err := s.decode(stored)
	return err == nil && token.AccessToken == "" && token.RefreshToken == ""
}

// decode reads a stored token; none is the zero Token.
func (s *Store) decode(stored string) (token oauth.Token, err error) {
	if stored != "" && json.Unmarshal([]byte(stored), &token) != nil { // whose error could quote the token
		return oauth.Token{}, fmt.Errorf("redisstore: %s: %w", s.place.key, oauth.ErrDamaged)
	}
	return token, nil
}

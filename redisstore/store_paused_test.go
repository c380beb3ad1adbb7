package redisstore_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/assert"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/oauth"
	"github.com/seed-a6e4e5a4/imbot/redisstore"
)

// paused runs an update of a process that stops in the middle until its lock is lost: nothing that it sends arrives.
// Then comes what others do meanwhile.
func paused(t *testing.T, meanwhile func(client *redis.Client, replica *redisstore.Store)) (*redisstore.Store, oauth.Token, error) {
	t.Helper()
	link, client := newProxy(t), newClient(t)
	replica := seeded(t, client, redisstore.WithLockExpiry(short))
	store := redisstore.NewStore(newClient(t, link.through), t.Name(), redisstore.WithLockExpiry(short))
	got, err := store.Update(within(t, 10*time.Second), func(current oauth.Token) (oauth.Token, error) {
		assert.Equal(t, pair(1), current)
		link.stall()
		lock := "{imbot:" + t.Name() + "}:token:lock"
		assert.Eventually(t, func() bool { return client.Exists(t.Context(), lock).Val() == 0 }, 3*time.Second, 10*time.Millisecond)
		meanwhile(client, replica)
		link.resume()
		return pair(2), nil
	})
	return replica, got, err
}

func TestStore_pausedHolderIsRefused(t *testing.T) {
	t.Parallel()
	store, got, err := paused(t, func(_ *redis.Client, replica *redisstore.Store) {
		_, err := replica.Update(t.Context(), to(pair(3)))
		assert.NoError(t, err)
	})

	assert.ErrorIs(t, err, redisstore.ErrOvertaken)
	assert.Equal(t, pair(2), got, "what change made is not kept from the caller")
	assertHas(t, store, pair(3))
	assertUnlocked(t, newClient(t))
}

// Another has the lock and changes the token while the paused one wants to save.
func TestStore_pausedHolderWaitsForTheNextOne(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		next oauth.Token
		err  error
		want oauth.Token
	}{
		"which saves":           {pair(3), nil, pair(3)},
		"which fails":           {oauth.Token{}, errors.New("no"), pair(2)},
		"which changes nothing": {pair(1), nil, pair(2)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			entered, left := make(chan struct{}), make(chan struct{})
			store, _, err := paused(t, func(_ *redis.Client, replica *redisstore.Store) {
				go func() {
					defer close(left)
					_, err := replica.Update(t.Context(), func(current oauth.Token) (oauth.Token, error) {
						close(entered)
						assert.Equal(t, pair(1), current)
						pause(t.Context(), 2*short)
						return test.next, test.err
					})
					assert.Equal(t, test.err, err)
				}()
				<-entered
			})
			<-left

			if test.want == pair(2) {
				assert.NoError(t, err, "nobody has changed what the new pair was made of")
			} else {
				assert.ErrorIs(t, err, redisstore.ErrOvertaken)
			}
			assertHas(t, store, test.want)
			assertUnlocked(t, newClient(t))
		})
	}
}

// Nobody has entered since: the pair is the newest there is, and refusing it would lose it.
func TestStore_pausedHolderWithoutFollowerSaves(t *testing.T) {
	t.Parallel()
	store, _, err := paused(t, func(*redis.Client, *redisstore.Store) {})

	assert.NoError(t, err)
	assertHas(t, store, pair(2))
}

// Not even if all that Redis knew of earlier holders is gone.
func TestStore_pausedHolderIsRefusedByAnotherRedis(t *testing.T) {
	t.Parallel()
	store, _, err := paused(t, func(client *redis.Client, replica *redisstore.Store) {
		assert.NoError(t, client.Del(t.Context(), "{imbot:"+t.Name()+"}:token").Err())
		_, err := replica.Update(t.Context(), to(pair(3)))
		assert.NoError(t, err)
	})

	assert.ErrorIs(t, err, redisstore.ErrOvertaken)
	assertHas(t, store, pair(3))
}

// Whoever deletes the token gets it back from a process that was late: losing the only pair that works would be worse
// than keeping one that nobody wants. The same goes for a Redis that has come back without its data.
func TestStore_pausedHolderBringsBack(t *testing.T) {
	t.Parallel()
	for name, gone := range map[string]func(*testing.T, *redis.Client, *redisstore.Store){
		"the key is gone": func(t *testing.T, client *redis.Client, _ *redisstore.Store) {
			assert.NoError(t, client.Del(t.Context(), "{imbot:"+t.Name()+"}:token").Err())
		},
		"the token is gone": func(t *testing.T, _ *redis.Client, replica *redisstore.Store) {
			_, err := replica.Update(t.Context(), to(oauth.Token{}))
			assert.NoError(t, err)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			store, _, err := paused(t, func(client *redis.Client, replica *redisstore.Store) { gone(t, client, replica) })

			assert.NoError(t, err)
			assertHas(t, store, pair(2))
			assertUnlocked(t, newClient(t))
		})
	}
}

// What is no token is not overwritten.
func TestStore_pausedHolderLeavesDamage(t *testing.T) {
	t.Parallel()
	store, _, err := paused(t, func(client *redis.Client, _ *redisstore.Store) {
		assert.NoError(t, client.HSet(t.Context(), "{imbot:"+t.Name()+"}:token", "token", "[]", "fence", "another").Err())
	})

	assert.ErrorIs(t, err, redisstore.ErrOvertaken)
	_, err = store.Load(t.Context())
	assert.ErrorIs(t, err, oauth.ErrDamaged)
}

// Redis loses all that it has, and the lock with it, while a pair is being renewed.
func TestSource_redisIsEmptied(t *testing.T) {
	t.Parallel()
	client := newClient(t)
	portal, app, store := installed(t, client)
	watched := &emptied{Store: store, keys: []string{"{imbot:" + t.Name() + "}:token", "{imbot:" + t.Name() + "}:token:lock"}, client: client}
	caller := portal.OAuthClient(app.Source(watched))

	_, err := imbot.Call(t.Context(), caller, reading, struct{}{})

	assert.NoError(t, err)
	fresh, err := store.Load(t.Context())
	assert.NoError(t, err)
	assert.Equal(t, "refresh-2", fresh.RefreshToken)
	assert.Len(t, portal.TokenCalls(), 1)
	assertUnlocked(t, client)
}

// emptied is a store whose Redis forgets everything when the new pair has come.
type emptied struct {
	*redisstore.Store

	client *redis.Client
	keys   []string
}

func (s *emptied) Update(ctx context.Context, change func(oauth.Token) (oauth.Token, error)) (oauth.Token, error) {
	return s.Store.Update(ctx, func(current oauth.Token) (oauth.Token, error) {
		next, err := change(current)
		return next, errors.Join(err, s.client.Del(ctx, s.keys...).Err())
	})
}

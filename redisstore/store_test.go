package redisstore_test

import (
	"context"
	"errors"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-a6e4e5a4/imbot/oauth"
	"github.com/seed-a6e4e5a4/imbot/redisstore"
)

// short is a lock that runs out soon.
const short = 300 * time.Millisecond

func pair(n int) oauth.Token {
	return oauth.Token{
		AccessToken:    "access-" + strconv.Itoa(n),
		RefreshToken:   "refresh-" + strconv.Itoa(n),
		Expiry:         time.Unix(1_800_000_000, 0).UTC(),
		ClientEndpoint: "https://portal.example/rest/",
		MemberID:       "0123456789abcdef0123456789abcdef",
		UserID:         7,
	}
}

// to makes a change that ends in a token, whatever there is.
func to(token oauth.Token) func(oauth.Token) (oauth.Token, error) {
	return func(oauth.Token) (oauth.Token, error) { return token, nil }
}

func within(t testing.TB, d time.Duration) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), d)
	t.Cleanup(cancel)
	return ctx
}

// seeded returns a store with a pair in it.
func seeded(t testing.TB, client redis.UniversalClient, opts ...redisstore.StoreOption) *redisstore.Store {
	t.Helper()
	store := redisstore.NewStore(client, t.Name(), opts...)
	_, err := store.Update(t.Context(), to(pair(1)))
	require.NoError(t, err)
	return store
}

func assertHas(t testing.TB, store *redisstore.Store, want oauth.Token) {
	t.Helper()
	got, err := store.Load(context.WithoutCancel(t.Context()))
	assert.NoError(t, err)
	assert.Equal(t, want, got)
}

// assertUnlocked asserts that nobody has to wait for the lock.
func assertUnlocked(t testing.TB, client redis.UniversalClient) {
	t.Helper()
	n, err := client.Exists(t.Context(), "{imbot:"+t.Name()+"}:token:lock").Result()
	assert.NoError(t, err)
	assert.Zero(t, n, "the lock is still there")
}

func TestStore_empty(t *testing.T) {
	t.Parallel()
	client := newClient(t)
	store := redisstore.NewStore(client, t.Name())

	_, err := store.Load(t.Context())

	assert.ErrorIs(t, err, oauth.ErrNoToken)

	_, err = store.Update(t.Context(), func(current oauth.Token) (oauth.Token, error) {
		assert.Zero(t, current)
		return oauth.Token{}, oauth.ErrNoToken
	})

	assert.ErrorIs(t, err, oauth.ErrNoToken)
	_, err = store.Load(t.Context())
	assert.ErrorIs(t, err, oauth.ErrNoToken, "an update that failed makes no token")
	assertUnlocked(t, client)
}

func TestStore_update(t *testing.T) {
	t.Parallel()
	client := newClient(t)
	store, replica := seeded(t, client), redisstore.NewStore(newClient(t), t.Name())
	assertHas(t, replica, pair(1))

	got, err := replica.Update(t.Context(), func(current oauth.Token) (oauth.Token, error) {
		assert.Equal(t, pair(1), current)
		return pair(2), nil
	})

	require.NoError(t, err)
	assert.Equal(t, pair(2), got)
	assertHas(t, store, pair(2))
	assertUnlocked(t, client)

	_, err = store.Update(t.Context(), to(oauth.Token{}))

	require.NoError(t, err)
	_, err = store.Load(t.Context())
	assert.ErrorIs(t, err, oauth.ErrNoToken, "a token can be removed")
}

func TestStore_layout(t *testing.T) {
	t.Parallel()
	client := newClient(t)
	seeded(t, client)
	key := "{imbot:" + t.Name() + "}:token"

	before, err := client.HGetAll(t.Context(), key).Result()
	require.NoError(t, err)
	assert.JSONEq(t, `{"access_token":"access-1","refresh_token":"refresh-1","expires":1800000000,
		"client_endpoint":"https://portal.example/rest/","member_id":"0123456789abcdef0123456789abcdef","user_id":7}`, before["token"])
	assert.NotEmpty(t, before["fence"])
	assert.Equal(t, before["fence"], before["writer"])
	assert.Len(t, before, 3)
	ttl, err := client.TTL(t.Context(), key).Result()
	require.NoError(t, err)
	assert.Negative(t, ttl, "a token does not expire")

	_, err = redisstore.NewStore(client, t.Name()).Update(t.Context(), to(pair(1)))

	require.NoError(t, err)
	after, err := client.HGetAll(t.Context(), key).Result()
	require.NoError(t, err)
	assert.NotEqual(t, before["fence"], after["fence"])
	assert.Equal(t, before["writer"], after["writer"], "what is there already is not written")
	assertUnlocked(t, client)
}

func TestStore_changeFails(t *testing.T) {
	t.Parallel()
	client := newClient(t)
	store := seeded(t, client)
	failure := errors.New("no")

	got, err := store.Update(t.Context(), func(oauth.Token) (oauth.Token, error) { return pair(2), failure })

	assert.Equal(t, failure, err)
	assert.Zero(t, got)
	assertHas(t, store, pair(1))
	assertUnlocked(t, client)
}

func TestStore_changePanics(t *testing.T) {
	t.Parallel()
	client := newClient(t)
	store := seeded(t, client)

	assert.Panics(t, func() {
		_, _ = store.Update(t.Context(), func(oauth.Token) (oauth.Token, error) { panic("no") })
	})

	_, err := store.Update(within(t, 2*time.Second), to(pair(2)))
	assert.NoError(t, err, "the lock is given back long before it runs out")
	assertHas(t, store, pair(2))
}

func TestStore_contextHasEnded(t *testing.T) {
	t.Parallel()
	store := seeded(t, newClient(t))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()

	_, err := store.Load(ctx)
	assert.ErrorIs(t, err, context.Canceled)
	_, err = store.Update(ctx, func(oauth.Token) (oauth.Token, error) {
		assert.Fail(t, "change is called")
		return oauth.Token{}, nil
	})
	assert.ErrorIs(t, err, context.Canceled)
}

func TestStore_contextEndsWaitingForTheLock(t *testing.T) {
	t.Parallel()
	for name, waiting := range map[string]func(*redisstore.Store) *redisstore.Store{
		"of this process": func(held *redisstore.Store) *redisstore.Store { return held },
		"of another":      func(*redisstore.Store) *redisstore.Store { return nil },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			held := seeded(t, newClient(t))
			store := waiting(held)
			if store == nil {
				store = redisstore.NewStore(newClient(t), t.Name())
			}
			_, err := held.Update(t.Context(), func(oauth.Token) (oauth.Token, error) {
				start := time.Now()
				_, err := store.Update(within(t, 200*time.Millisecond), to(pair(3)))
				assert.ErrorIs(t, err, context.DeadlineExceeded)
				assert.Less(t, time.Since(start), time.Second)
				assertHas(t, store, pair(1)) // which does not wait
				return pair(2), nil
			})
			require.NoError(t, err)
			assertHas(t, store, pair(2))
		})
	}
}

// The refresh token is used up by the time that change returns, so that the new one is saved whatever ctx says.
func TestStore_contextEndsWhileChangeRuns(t *testing.T) {
	t.Parallel()
	client := newClient(t)
	store := seeded(t, client)
	ctx, cancel := context.WithCancel(t.Context())

	got, err := store.Update(ctx, func(oauth.Token) (oauth.Token, error) {
		cancel()
		return pair(2), nil
	})

	assert.NoError(t, err)
	assert.Equal(t, pair(2), got)
	assertHas(t, store, pair(2))
	assertUnlocked(t, client)
}

func TestStore_lockIsExtended(t *testing.T) {
	t.Parallel()
	store := seeded(t, newClient(t), nil, redisstore.WithLockExpiry(short))
	replica := redisstore.NewStore(newClient(t), t.Name(), redisstore.WithLockExpiry(short))
	inside := make(chan struct{})
	var running atomic.Int32
	var group sync.WaitGroup
	group.Go(func() {
		_, err := store.Update(t.Context(), func(oauth.Token) (oauth.Token, error) {
			running.Add(1)
			close(inside)
			pause(t.Context(), 4*short)
			running.Add(-1)
			return pair(2), nil
		})
		assert.NoError(t, err)
	})
	<-inside

	_, err := replica.Update(t.Context(), func(current oauth.Token) (oauth.Token, error) {
		assert.Zero(t, running.Load(), "two have the lock")
		assert.Equal(t, pair(2), current)
		return pair(3), nil
	})

	require.NoError(t, err)
	group.Wait()
	assertHas(t, store, pair(3))
}

// A process that died with the lock does not keep it.
func TestStore_lockExpires(t *testing.T) {
	t.Parallel()
	client := newClient(t)
	store := seeded(t, client)
	require.NoError(t, client.Set(t.Context(), "{imbot:"+t.Name()+"}:token:lock", "of the dead", short).Err())
	start := time.Now()

	_, err := store.Update(t.Context(), to(pair(2)))

	require.NoError(t, err)
	assert.GreaterOrEqual(t, time.Since(start), short-100*time.Millisecond)
	assertHas(t, store, pair(2))
}

func TestStore_damaged(t *testing.T) {
	t.Parallel()
	for name, content := range map[string]string{
		"not JSON":      "s3cr3t",
		"half a token":  `{"access_token":"s3cr3t`,
		"another thing": `["s3cr3t"]`,
		"a wrong type":  `{"access_token":{"s3cr3t":1}}`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			client := newClient(t)
			store := redisstore.NewStore(client, t.Name())
			require.NoError(t, client.HSet(t.Context(), "{imbot:"+t.Name()+"}:token", "token", content).Err())

			_, err := store.Load(t.Context())
			assert.ErrorIs(t, err, oauth.ErrDamaged)
			assert.NotErrorIs(t, err, oauth.ErrNoToken)
			assert.NotContains(t, err.Error(), "s3cr3t")
			_, err = store.Update(t.Context(), to(pair(1)))
			assert.ErrorIs(t, err, oauth.ErrDamaged)
			assert.NotContains(t, err.Error(), "s3cr3t")
			assertUnlocked(t, client)
		})
	}
}

// Any number of goroutines in any number of processes meet one expired token: the first to have the lock renews it.
func TestStore_oneRefreshInTwoReplicas(t *testing.T) {
	t.Parallel()
	first := seeded(t, newClient(t))
	second := redisstore.NewStore(newClient(t), t.Name())
	var refreshes, inside atomic.Int32
	start := time.Now()
	var group sync.WaitGroup
	for _, replica := range []*redisstore.Store{first, second} {
		for range 100 {
			group.Go(func() {
				got, err := replica.Update(t.Context(), func(current oauth.Token) (oauth.Token, error) {
					assert.EqualValues(t, 1, inside.Add(1))
					defer inside.Add(-1)
					if current.AccessToken != pair(1).AccessToken {
						return current, nil
					}
					pause(t.Context(), 100*time.Millisecond) // as a request does
					refreshes.Add(1)
					return pair(2), nil
				})
				assert.NoError(t, err)
				assert.Equal(t, pair(2), got)
			})
		}
	}
	group.Wait()

	assert.EqualValues(t, 1, refreshes.Load())
	assertHas(t, first, pair(2))
	assertUnlocked(t, newClient(t))
	t.Logf("200 updates in %v", time.Since(start))
}

package redisstore_test

import (
	"context"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/oauth"
	"github.com/seed-a6e4e5a4/imbot/redisstore"
)

// clients are go-redis clients that end a command by their own timeouts alone, and by the deadline of the context too.
var clients = map[string]func(*redis.Options){
	"a client as it is":                 func(*redis.Options) {},
	"a client that respects a deadline": respectsContexts,
}

// patience is how long calls may wait for a Redis that does not answer. The timeouts of go-redis are longer.
const patience = 400 * time.Millisecond

func assertEndsInTime(t testing.TB, call func(ctx context.Context) error) {
	t.Helper()
	start := time.Now()
	err := call(within(t, patience))
	assert.ErrorIs(t, err, context.DeadlineExceeded)
	assert.Less(t, time.Since(start), patience+600*time.Millisecond)
}

func TestStall_beforeTheCall(t *testing.T) {
	t.Parallel()
	for name, option := range clients {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			link := newProxy(t)
			client := newClient(t, link.through, option)
			store := seeded(t, client)
			limiter := redisstore.NewLimiter(client, t.Name(), imbot.PlanStandard)
			require.NoError(t, limiter.Wait(t.Context()))
			link.stall()

			assertEndsInTime(t, func(ctx context.Context) error {
				_, err := store.Load(ctx)
				return err
			})
			assertEndsInTime(t, func(ctx context.Context) error {
				_, err := store.Update(ctx, to(pair(2)))
				return err
			})
			assertEndsInTime(t, limiter.Wait)
			assertEndsInTime(t, limiter.Empty)

			link.resume()
			assertHas(t, store, pair(1))
			assert.NoError(t, limiter.Wait(t.Context()))
			_, err := store.Update(within(t, 5*time.Second), to(pair(3)))
			assert.NoError(t, err, "a lock that was taken in vain is given back before it runs out")
		})
	}
}

// Redis stops between change and save. The call ends with its context, the caller has the new pair, and the store gets
// it if Redis is back soon.
func TestStall_beforeTheSave(t *testing.T) {
	t.Parallel()
	for name, option := range clients {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			link := newProxy(t)
			store := seeded(t, newClient(t, link.through, option))
			direct := redisstore.NewStore(newClient(t), t.Name())

			assertEndsInTime(t, func(ctx context.Context) error {
				got, err := store.Update(ctx, func(oauth.Token) (oauth.Token, error) {
					link.stall()
					return pair(2), nil
				})
				assert.Equal(t, pair(2), got)
				return err
			})

			assertHas(t, direct, pair(1))
			link.resume()
			assert.Eventually(t, func() bool {
				token, err := direct.Load(context.WithoutCancel(t.Context()))
				return err == nil && token == pair(2)
			}, 5*time.Second, 20*time.Millisecond, "the save goes on behind the call")
		})
	}
}

func TestStall_beforeGivingTheLockBack(t *testing.T) {
	t.Parallel()
	link := newProxy(t)
	store := seeded(t, newClient(t, link.through))
	start := time.Now()

	_, err := store.Update(within(t, patience), func(current oauth.Token) (oauth.Token, error) {
		link.stall()
		return current, nil
	})

	assert.NoError(t, err, "there was nothing to save")
	assert.Less(t, time.Since(start), patience+600*time.Millisecond)
}

func TestRedisIsNotThere(t *testing.T) {
	t.Parallel()
	addr, err := freeAddr(t.Context())
	require.NoError(t, err)
	client := newClient(t, func(o *redis.Options) { o.Addr, o.MaxRetries, o.DialerRetries = addr, -1, 1 })
	store := redisstore.NewStore(client, t.Name())
	limiter := redisstore.NewLimiter(client, t.Name(), imbot.PlanStandard)

	_, err = store.Load(t.Context())
	assert.Error(t, err)
	assert.NotErrorIs(t, err, oauth.ErrNoToken)
	_, err = store.Update(t.Context(), to(pair(1)))
	assert.Error(t, err, "it is not tried again for ever")
	assert.Error(t, limiter.Wait(t.Context()))
	assert.Error(t, limiter.Empty(t.Context()))
}

// almostOver is a context whose deadline has come, and which does not know it yet.
type almostOver struct{ context.Context }

func (almostOver) Deadline() (time.Time, bool) { return time.Now(), true }

// A connection that has the deadline of the context may notice it first.
func TestDeadlineOfTheConnection(t *testing.T) {
	t.Parallel()
	err := redisstore.WithDeadline(almostOver{t.Context()}, timedOut{})
	assert.ErrorIs(t, err, context.DeadlineExceeded)
	assert.ErrorIs(t, err, timedOut{})

	assert.NotErrorIs(t, redisstore.WithDeadline(t.Context(), timedOut{}), context.DeadlineExceeded)
	assert.NotErrorIs(t, redisstore.WithDeadline(within(t, time.Hour), timedOut{}), context.DeadlineExceeded)
}

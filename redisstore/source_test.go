package redisstore_test

import (
	"context"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/imbottest"
	"github.com/seed-a6e4e5a4/imbot/oauth"
	"github.com/seed-a6e4e5a4/imbot/redisstore"
)

// installed returns a portal, its application, and a store with an access token that the portal does not accept any
// more.
func installed(t testing.TB, client redis.UniversalClient) (*imbottest.Portal, oauth.App, *redisstore.Store) {
	t.Helper()
	portal := imbottest.NewPortal(t)
	app := oauth.App{
		ID:         imbottest.App,
		Secret:     imbottest.AppSecret,
		TokenURL:   portal.TokenURL(),
		HTTPClient: portal.HTTPClient(),
	}
	token := oauth.Token(portal.IssueTokens(imbottest.App))
	store := redisstore.NewStore(client, t.Name())
	_, err := store.Update(t.Context(), to(token))
	require.NoError(t, err)
	portal.Expire(token.AccessToken)
	return portal, app, store
}

// 200 goroutines in 4 clients of 2 processes meet one expired token.
func TestSource_oneRefreshInTwoReplicas(t *testing.T) {
	t.Parallel()
	portal, app, store := installed(t, newClient(t))
	portal.FaultTokens(imbottest.SlowBefore(200 * time.Millisecond))
	var clients []*imbot.Client
	for _, replica := range []*redisstore.Store{store, redisstore.NewStore(newClient(t), t.Name())} {
		for range 2 {
			clients = append(clients, portal.OAuthClient(app.Source(replica), imbot.WithLimiter(nil)))
		}
	}
	start := time.Now()
	var group sync.WaitGroup
	for i := range 200 {
		group.Go(func() {
			_, err := imbot.Call(t.Context(), clients[i%4], reading, struct{}{})
			assert.NoError(t, err)
		})
	}
	group.Wait()

	t.Logf("200 calls in %v", time.Since(start))
	require.Len(t, portal.TokenCalls(), 1)
	assert.Equal(t, http.StatusOK, portal.TokenCalls()[0].Status)
	assertUnlocked(t, newClient(t))
}

// Redis stops answering while the pair is being renewed. The call fails within its context, the pair is saved when
// Redis is back, and no refresh token is used twice.
func TestSource_redisStallsInTheMiddle(t *testing.T) {
	t.Parallel()
	for name, option := range clients {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			link := newProxy(t)
			portal, app, store := installed(t, newClient(t, link.through, option))
			portal.FaultTokens(imbottest.SlowBefore(200 * time.Millisecond))
			source := app.Source(store)
			time.AfterFunc(100*time.Millisecond, link.stall)
			client := portal.OAuthClient(source)

			assertEndsInTime(t, func(ctx context.Context) error {
				_, err := imbot.Call(ctx, client, reading, struct{}{})
				return err
			})

			require.Len(t, portal.TokenCalls(), 1)
			link.resume()
			_, err := imbot.Call(within(t, 20*time.Second), client, reading, struct{}{})
			require.NoError(t, err)
			fresh, err := redisstore.NewStore(newClient(t), t.Name()).Load(t.Context())
			require.NoError(t, err)
			assert.Equal(t, "refresh-2", fresh.RefreshToken)
			assert.Len(t, portal.TokenCalls(), 1)
		})
	}
}

// failing is a hook that makes the command fail that has a token among its arguments, and tells the whole command.
type failing struct {
	mu     sync.Mutex
	secret string
	err    func(redis.Cmder) error
}

func (*failing) DialHook(next redis.DialHook) redis.DialHook { return next }

func (*failing) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return next
}

func (f *failing) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, cmd redis.Cmder) error {
		f.mu.Lock()
		fail := f.err
		f.mu.Unlock()
		if fail != nil && f.contains(cmd) {
			err := fail(cmd)
			cmd.SetErr(err)
			return err
		}
		return next(ctx, cmd)
	}
}

func (f *failing) set(err func(redis.Cmder) error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.err = err
}

func TestSource_failedSaveLosesNothing(t *testing.T) {
	t.Parallel()
	client := newClient(t)
	hook := &failing{secret: "refresh-2"}
	client.AddHook(hook)
	portal, app, store := installed(t, client)
	hook.set(func(redis.Cmder) error { return context.DeadlineExceeded })
	caller := portal.OAuthClient(app.Source(store))

	_, err := imbot.Call(t.Context(), caller, reading, struct{}{})

	assert.ErrorIs(t, err, oauth.ErrNotSaved)
	assert.ErrorIs(t, err, context.DeadlineExceeded)
	hook.set(nil)
	_, err = imbot.Call(t.Context(), caller, reading, struct{}{})
	assert.NoError(t, err)
	fresh, err := store.Load(t.Context())
	assert.NoError(t, err)
	assert.Equal(t, "refresh-2", fresh.RefreshToken)
	assert.Len(t, portal.TokenCalls(), 1)
	assertUnlocked(t, client)
}

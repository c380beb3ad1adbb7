package oauth_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/imbottest"
	"github.com/seed-a6e4e5a4/imbot/oauth"
)

// A token that nobody uses in its last minutes is renewed by the first use after its end, and at no other time, however
// often and for however long it is used. No call is made with the old one.
func TestSource_renewsByUseAlone(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := imbottest.NewPortal(t)
		store := oauth.NewMemoryStore(oauth.Token(p.IssueTokens(imbottest.App)))
		client := p.OAuthClient(appOf(p).Source(store), imbot.WithLimiter(nil))
		for hour := range 4 {
			for range 50 {
				require.NoError(t, callBots(t.Context(), client))
				assert.Len(t, p.TokenCalls(), hour)
			}
			time.Sleep(time.Hour) // fake clock
			assert.Len(t, p.TokenCalls(), hour)
		}
		assert.Len(t, p.Calls(), 4*50)
		assert.Zero(t, refused(p))
	})
}

// A call is repeated once after a renewal, and never loops.
func TestSource_neverLoops(t *testing.T) {
	t.Parallel()
	for _, code := range []string{"expired_token", "invalid_token", "EXPIRED_TOKEN"} {
		p := imbottest.NewPortal(t)
		p.On(bots.Name, imbottest.Refuse(401, code, ""))
		client := p.OAuthClient(appOf(p).Source(oauth.NewMemoryStore(expired(p))))
		require.ErrorIs(t, callBots(t.Context(), client), imbot.Code(code))
		assert.Len(t, p.Calls(), 2)
		assert.Len(t, p.TokenCalls(), 1)
	}
}

// What somebody else has renewed is used, without a request.
func TestSource_looksAtTheStoreFirst(t *testing.T) {
	t.Parallel()
	n := &network{}
	store := oauth.NewMemoryStore(oldToken)
	source := appOn(n).Source(store)
	access, err := source.Refresh(t.Context(), "EXAMPLE_ACCESS_0")
	require.NoError(t, err)
	assert.Equal(t, oldToken.AccessToken, access)
	assert.Zero(t, n.requests())
}

// Bitrix24 hands out a refresh token without an access token, too.
func TestSource_refreshTokenAlone(t *testing.T) {
	t.Parallel()
	p := imbottest.NewPortal(t)
	token := oauth.Token(p.IssueTokens(imbottest.App))
	token.AccessToken = ""
	require.NoError(t, callBots(t.Context(), p.OAuthClient(appOf(p).Source(oauth.NewMemoryStore(token)))))
	assert.Len(t, p.Calls(), 1)
	assert.Len(t, p.TokenCalls(), 1)

	token = oauth.Token(p.IssueTokens(imbottest.App))
	token.AccessToken = ""
	store := oauth.NewMemoryStore(token)
	access, err := appOf(p).Source(store).Refresh(t.Context(), "access-0")
	require.NoError(t, err, "none is not another one than what was rejected")
	assert.Equal(t, load(t, store).AccessToken, access)
	assert.NotEmpty(t, access)
	assert.Len(t, p.TokenCalls(), 2)
}

func TestSource_withoutToken(t *testing.T) {
	t.Parallel()
	n := &network{}
	for name, source := range map[string]imbot.TokenRefresher{
		"memory": appOn(n).Source(oauth.NewMemoryStore(oauth.Token{})),
		"file":   appOn(n).Source(oauth.NewFileStore(t.TempDir() + "/none.json")),
	} {
		_, err := source.Token(t.Context())
		require.ErrorIs(t, err, oauth.ErrNoToken, name)
		_, err = source.Refresh(t.Context(), "EXAMPLE_ACCESS_1")
		require.ErrorIs(t, err, oauth.ErrNoToken, name)
		_, err = source.(*oauth.Source).ClientEndpoint(t.Context())
		require.ErrorIs(t, err, oauth.ErrNoToken, name)
	}
	source := appOn(n).Source(nil)
	_, err := source.Token(t.Context())
	require.Error(t, err)
	_, err = source.Refresh(t.Context(), "x")
	require.Error(t, err)
	assert.Zero(t, n.requests())
}

// Whoever waits leaves when their context ends. The renewal goes on, and its pair is saved.
func TestSource_waitersLeave(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := imbottest.NewPortal(t)
		p.FaultTokens(imbottest.SlowAfter(20 * time.Second))
		token := expired(p)
		store := oauth.NewMemoryStore(token)
		source := appOf(p).Source(store)
		first, cancelFirst := context.WithCancel(t.Context())
		second, cancelSecond := context.WithTimeout(t.Context(), 5*time.Second)
		defer cancelSecond()
		type result struct {
			access string
			err    error
		}
		results := map[string]chan result{}
		for name, ctx := range map[string]context.Context{"first": first, "second": second, "third": t.Context()} {
			answer := make(chan result, 1)
			results[name] = answer
			go func() {
				access, err := source.Refresh(ctx, token.AccessToken)
				answer <- result{access, err}
			}()
		}
		synctest.Wait()
		began := time.Now()
		cancelFirst()
		require.ErrorIs(t, (<-results["first"]).err, context.Canceled)
		assert.Zero(t, time.Since(began))
		require.ErrorIs(t, (<-results["second"]).err, context.DeadlineExceeded)
		assert.Equal(t, 5*time.Second, time.Since(began))
		third := <-results["third"]
		require.NoError(t, third.err)
		assert.Equal(t, load(t, store).AccessToken, third.access)
		assert.NotEqual(t, token.AccessToken, third.access)
		assert.Len(t, p.TokenCalls(), 1)

		p.FaultTokens(imbottest.SlowAfter(20 * time.Second))
		alone, cancelAlone := context.WithTimeout(t.Context(), time.Second)
		defer cancelAlone()
		_, err := source.Refresh(alone, third.access)
		require.ErrorIs(t, err, context.DeadlineExceeded)
		time.Sleep(time.Minute) // fake clock
		assert.NotEqual(t, third.access, load(t, store).AccessToken, "the pair of a renewal that nobody waits for is saved too")

		_, err = source.Refresh(alone, "x")
		require.ErrorIs(t, err, context.DeadlineExceeded, "whoever has gone is not served")
	})
}

// A renewal that could not be saved in time is not begun.
func TestSource_lockedForTooLong(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := imbottest.NewPortal(t)
		token := expired(p)
		store := oauth.NewMemoryStore(token)
		for _, held := range []time.Duration{59 * time.Second, 61 * time.Second} {
			go func() {
				_, _ = store.Update(t.Context(), func(current oauth.Token) (oauth.Token, error) {
					time.Sleep(held) // fake clock
					return current, nil
				})
			}()
			synctest.Wait()
			_, err := appOf(p).Source(store).Refresh(t.Context(), load(t, store).AccessToken)
			if held < time.Minute {
				require.NoError(t, err)
				continue
			}
			require.ErrorIs(t, err, context.DeadlineExceeded)
			require.NotErrorIs(t, err, imbot.ErrOutcomeUnknown)
		}
		assert.Len(t, p.TokenCalls(), 1)
	})
}

// invalid_grant may mean that another process has won. Its pair may come to the store a little later.
func TestSource_anotherProcessWon(t *testing.T) {
	t.Parallel()
	for _, later := range []time.Duration{0, 50 * time.Millisecond, time.Second} {
		synctest.Test(t, func(t *testing.T) {
			p := imbottest.NewPortal(t)
			token := expired(p)
			winner, loser := oauth.NewMemoryStore(token), oauth.NewMemoryStore(token)
			won, err := appOf(p).Source(winner).Refresh(t.Context(), token.AccessToken)
			require.NoError(t, err)
			// The stores stand for one place without a common lock.
			time.AfterFunc(later+time.Nanosecond, func() { put(t, loser, load(t, winner)) })

			access, err := appOf(p).Source(loser).Refresh(t.Context(), token.AccessToken)

			require.NoError(t, err)
			assert.Equal(t, won, access)
			assert.Len(t, p.TokenCalls(), 2)
			assert.Equal(t, "invalid_grant", p.TokenCalls()[1].Code)
		})
	}
}

func TestSource_nobodyElseWon(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := imbottest.NewPortal(t)
		token := expired(p)
		token.RefreshToken = "refresh-foreign"
		store := &hooked{Store: oauth.NewMemoryStore(token)}
		source := appOf(p).Source(store)
		_, err := source.Refresh(t.Context(), token.AccessToken)
		require.ErrorIs(t, err, imbot.ErrInvalidGrant)

		broken := errors.New("the store is broken")
		store.onLoad(func() error { return broken })
		time.Sleep(time.Minute) // fake clock: until it is asked for again
		_, err = source.Refresh(t.Context(), token.AccessToken)
		require.ErrorIs(t, err, imbot.ErrInvalidGrant)
		require.ErrorIs(t, err, broken, "that the store could not be looked at is said")
		assert.Len(t, p.TokenCalls(), 2)
	})
}

// The new pair is in the store before the portal sees it.
func TestSource_savesBeforeUse(t *testing.T) {
	t.Parallel()
	p := imbottest.NewPortal(t)
	store := oauth.NewMemoryStore(expired(p))
	var order []string
	watched := &hooked{Store: store, save: func(next oauth.Token) error {
		order = append(order, "saved "+next.AccessToken)
		return nil
	}}
	p.FaultFunc(func(call imbottest.Call) imbottest.Fault {
		order = append(order, "used "+load(t, store).AccessToken)
		return imbottest.NoFault()
	})
	require.NoError(t, callBots(t.Context(), p.OAuthClient(appOf(p).Source(watched))))
	assert.Equal(t, []string{"used access-1", "saved access-2", "used access-2"}, order)
}

// A renamed portal says so with the next pair, and its new address is used and reported.
func TestSource_moved(t *testing.T) {
	t.Parallel()
	p := imbottest.NewPortal(t)
	store := oauth.NewMemoryStore(expired(p))
	app := appOf(p)
	var moves []string
	app.Moved = func(ctx context.Context, from, to oauth.Token) {
		require.NoError(t, ctx.Err())
		saved, err := store.Load(ctx)
		require.NoError(t, err)
		assert.Equal(t, to, saved, "it is saved by then")
		moves = append(moves, from.ClientEndpoint+" "+to.ClientEndpoint)
	}
	source := app.Source(store).(*oauth.Source)
	endpoint, err := source.ClientEndpoint(t.Context())
	require.NoError(t, err)
	assert.Equal(t, "https://portal.example/rest/", endpoint)

	access, err := source.Refresh(t.Context(), load(t, store).AccessToken)
	require.NoError(t, err)
	assert.Empty(t, moves, "it is where it was")
	p.Rename("new.example")
	_, err = source.Refresh(t.Context(), access)
	require.NoError(t, err)

	assert.Equal(t, []string{"https://portal.example/rest/ https://new.example/rest/"}, moves)
	endpoint, err = source.ClientEndpoint(t.Context())
	require.NoError(t, err)
	assert.Equal(t, "https://new.example/rest/", endpoint)
}

package oauth_test

import (
	"context"
	"errors"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/imbottest"
	"github.com/seed-a6e4e5a4/imbot/oauth"
)

// counted is a store that counts how often it was asked.
type counted struct {
	oauth.Store

	loads, updates atomic.Int64
}

func (s *counted) Load(ctx context.Context) (oauth.Token, error) {
	s.loads.Add(1)
	return s.Store.Load(ctx)
}

func (s *counted) Update(ctx context.Context, change func(oauth.Token) (oauth.Token, error)) (oauth.Token, error) {
	s.updates.Add(1)
	return s.Store.Update(ctx, change)
}

// The store is asked once, and again after a refusal only by the renewal itself.
func TestMemory_storeIsAskedOnce(t *testing.T) {
	t.Parallel()
	p := imbottest.NewPortal(t)
	store := &counted{Store: oauth.NewMemoryStore(oauth.Token(p.IssueTokens(imbottest.App)))}
	client := p.OAuthClient(appOf(p).Source(store), imbot.WithLimiter(nil))
	for range 100 {
		require.NoError(t, callBots(t.Context(), client))
	}
	assert.EqualValues(t, 1, store.loads.Load())
	assert.Zero(t, store.updates.Load())

	p.Expire(load(t, store.Store).AccessToken)
	for range 100 {
		require.NoError(t, callBots(t.Context(), client))
	}
	assert.EqualValues(t, 1+1, store.loads.Load(), "the client asks for the new address")
	assert.EqualValues(t, 1, store.updates.Load())
	assert.Len(t, p.TokenCalls(), 1)

	_, err := appOf(p).Source(store).Token(t.Context())
	require.NoError(t, err)
	assert.EqualValues(t, 2, store.loads.Load(), "sources of one store share the memory")
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = appOf(p).Source(store).Token(ended)
	require.ErrorIs(t, err, context.Canceled)
}

// A portal that is used all the time is never refused for the age of its token: each pair is renewed once, one to five
// minutes before its end, and no call waits for that.
func TestMemory_renewsBeforeTheEnd(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := imbottest.NewPortal(t)
		token := oauth.Token(p.IssueTokens(imbottest.App))
		place := oauth.NewMemoryStore(token)
		p.FaultTokens(slices.Repeat([]imbottest.Fault{imbottest.SlowAfter(2 * time.Second)}, 12)...)
		processes := []oauth.Store{&hooked{Store: place}, &hooked{Store: place}}
		var clients []*imbot.Client
		for _, store := range processes {
			clients = append(clients, p.OAuthClient(appOf(p).Source(store), imbot.WithLimiter(nil)))
		}
		expiry, renewals := token.Expiry, 0
		var early []time.Duration
		for began := time.Now(); time.Since(began) < 12*time.Hour; {
			time.Sleep(5 * time.Second) // fake clock
			for _, client := range clients {
				at := time.Now()
				require.NoError(t, callBots(t.Context(), client))
				assert.Zero(t, time.Since(at), "nobody waits")
			}
			if now := len(p.TokenCalls()); now > renewals {
				assert.Equal(t, renewals+1, now)
				renewals = now
				early = append(early, time.Until(expiry))
				time.Sleep(3 * time.Second) // fake clock
				expiry = load(t, place).Expiry
			}
		}
		assert.Equal(t, 12, renewals)
		assert.Zero(t, refused(p))
		times := map[time.Duration]bool{}
		for _, before := range early {
			assert.GreaterOrEqual(t, before, time.Minute-10*time.Second)
			assert.LessOrEqual(t, before, 5*time.Minute)
			times[before] = true
		}
		assert.Greater(t, len(times), 4, "each at a time of its own")
	})
}

// A renewal before the end that fails disturbs nobody, and is tried again, but not by every call. What is wrong is
// reported when the portal refuses the token.
func TestMemory_renewalFails(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := imbottest.NewPortal(t)
		store := &hooked{Store: oauth.NewMemoryStore(oauth.Token(p.IssueTokens(imbottest.App)))}
		p.EndSubscription(imbottest.App)
		source := appOf(p).Source(store)
		first := load(t, store)
		for time.Until(first.Expiry) > 0 {
			access, err := source.Token(t.Context())
			require.NoError(t, err)
			assert.Equal(t, first.AccessToken, access)
			time.Sleep(time.Second) // fake clock
		}
		tried := len(p.TokenCalls())
		assert.Positive(t, tried)
		assert.LessOrEqual(t, tried, 5)
		_, err := source.Refresh(t.Context(), first.AccessToken)
		require.ErrorIs(t, err, imbot.ErrPaymentRequired)
	})
}

// One that has expired by the clock, and cannot be renewed, is used all the same: the portal may know better, and where it
// does not, the renewal says why. The OAuth server is not asked by every call.
func TestMemory_overAndNotRenewed(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := imbottest.NewPortal(t)
		over := oauth.Token(p.IssueTokens(imbottest.App))
		over.Expiry = time.Now().Add(-time.Hour) // by a clock that is wrong
		store := &hooked{Store: oauth.NewMemoryStore(over)}
		client := p.OAuthClient(appOf(p).Source(store), imbot.WithLimiter(nil))
		p.EndSubscription(imbottest.App)
		for range 100 {
			require.NoError(t, callBots(t.Context(), client))
		}
		assert.Len(t, p.TokenCalls(), 1)
		time.Sleep(time.Minute) // fake clock
		p.FaultTokens(imbottest.SlowAfter(20 * time.Second))
		soon, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		require.ErrorIs(t, callBots(soon, client), context.DeadlineExceeded, "whoever waits for it may go")
		var group sync.WaitGroup
		for range 10 {
			group.Go(func() { assert.NoError(t, callBots(t.Context(), client)) })
		}
		group.Wait()
		assert.Len(t, p.TokenCalls(), 2, "all wait for one")

		p.Expire(over.AccessToken)
		time.Sleep(time.Minute) // fake clock
		require.ErrorIs(t, callBots(t.Context(), client), imbot.ErrPaymentRequired)
		p.AddApplication(imbottest.Application{ID: imbottest.App, Secret: imbottest.AppSecret, Scopes: []string{imbottest.ScopeBots}})
		over = oauth.Token(p.IssueTokens(imbottest.App))
		over.Expiry = time.Now().Add(-time.Hour)
		put(t, store, over)
		time.Sleep(time.Minute) // fake clock
		full := errors.New("the disk is full")
		store.onSave(func(oauth.Token) error { return full })
		require.ErrorIs(t, callBots(t.Context(), client), oauth.ErrNotSaved, "a pair that is used up is of no use")
		store.onSave(nil)
		before := len(p.Calls())
		require.NoError(t, callBots(t.Context(), client))
		assert.Len(t, p.Calls(), before+1)
	})
}

// A new pair that the store does not take is no less tried to be saved because nobody waited for it.
func TestMemory_notSaved(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := imbottest.NewPortal(t)
		store := &hooked{Store: oauth.NewMemoryStore(oauth.Token(p.IssueTokens(imbottest.App)))}
		source := appOf(p).Source(store)
		full := errors.New("the disk is full")
		store.onSave(func(oauth.Token) error { return full })
		first, err := source.Token(t.Context())
		require.NoError(t, err)
		time.Sleep(59 * time.Minute) // fake clock
		access, err := source.Token(t.Context())
		require.NoError(t, err)
		assert.Equal(t, first, access)
		synctest.Wait()
		_, err = source.Token(t.Context())
		require.ErrorIs(t, err, oauth.ErrNotSaved)
		require.ErrorIs(t, appOf(p).Wait(t.Context(), store), full)
		store.onSave(nil)
		require.NoError(t, appOf(p).Wait(t.Context(), store))
		access, err = source.Token(t.Context())
		require.NoError(t, err)
		assert.NotEqual(t, first, access)
		assert.Equal(t, load(t, store).AccessToken, access)
		assert.Len(t, p.TokenCalls(), 1)
	})
}

// A program that ends waits for a renewal that nobody waited for.
func TestMemory_wait(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := imbottest.NewPortal(t)
		store := oauth.NewMemoryStore(oauth.Token(p.IssueTokens(imbottest.App)))
		source := appOf(p).Source(store)
		first, err := source.Token(t.Context())
		require.NoError(t, err)
		time.Sleep(59 * time.Minute) // fake clock
		p.FaultTokens(imbottest.SlowAfter(20 * time.Second))
		ending, cancel := context.WithCancel(t.Context())
		_, err = source.Token(ending)
		require.NoError(t, err)
		cancel()
		require.NoError(t, appOf(p).Wait(t.Context(), store))
		assert.NotEqual(t, first, load(t, store).AccessToken)
	})
}

// Of a pair that has little time left, half is used, so that a server that hands out short ones is not asked all the
// time. One that says nothing about its end is used until it is refused, and so is one that cannot be renewed.
func TestMemory_otherTimes(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name          string
		change        func(*oauth.Token)
		first, before time.Duration // the renewal is not before the one, and before the other; never where that is zero
	}{
		{"two minutes", func(token *oauth.Token) { token.Expiry = time.Now().Add(2 * time.Minute) }, time.Minute, 62 * time.Second},
		{"eight minutes", func(token *oauth.Token) { token.Expiry = time.Now().Add(8 * time.Minute) }, 4 * time.Minute, 7*time.Minute + 2*time.Second},
		{"unknown", func(token *oauth.Token) { token.Expiry = time.Time{} }, 0, 0},
		{"over", func(token *oauth.Token) { token.Expiry = time.Now().Add(-time.Minute) }, 0, 2 * time.Second},
		{"no refresh token", func(token *oauth.Token) { token.RefreshToken = "" }, 0, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				p := imbottest.NewPortal(t)
				token := oauth.Token(p.IssueTokens(imbottest.App))
				tt.change(&token)
				source := appOf(p).Source(oauth.NewMemoryStore(token))
				began := time.Now()
				for time.Since(began) < 59*time.Minute && len(p.TokenCalls()) == 0 {
					_, err := source.Token(t.Context())
					require.NoError(t, err)
					time.Sleep(time.Second) // fake clock
				}
				if tt.before == 0 {
					assert.Empty(t, p.TokenCalls())
					return
				}
				assert.GreaterOrEqual(t, time.Since(began), tt.first)
				assert.Less(t, time.Since(began), tt.before)
			})
		})
	}
}

// A pair that somebody has put into the store is used at once after Reload, and otherwise when the portal refuses the
// one before.
func TestSource_Reload(t *testing.T) {
	t.Parallel()
	n := &network{}
	store := oauth.NewMemoryStore(oldToken)
	source := appOn(n).Source(store).(*oauth.Source)
	access, err := source.Token(t.Context())
	require.NoError(t, err)
	assert.Equal(t, oldToken.AccessToken, access)
	put(t, store, oauth.Token{AccessToken: "EXAMPLE_ACCESS_9", RefreshToken: "EXAMPLE_REFRESH_9"})
	access, err = source.Token(t.Context())
	require.NoError(t, err)
	assert.Equal(t, oldToken.AccessToken, access)
	source.Reload()
	access, err = source.Token(t.Context())
	require.NoError(t, err)
	assert.Equal(t, "EXAMPLE_ACCESS_9", access)

	put(t, store, oldToken)
	access, err = source.Refresh(t.Context(), "EXAMPLE_ACCESS_9")
	require.NoError(t, err)
	assert.Equal(t, oldToken.AccessToken, access)
	access, err = source.Token(t.Context())
	require.NoError(t, err)
	assert.Equal(t, oldToken.AccessToken, access)
	assert.Zero(t, n.requests())
}

// What a slow load brings does not take the place of what was saved meanwhile.
func TestMemory_slowLoad(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := imbottest.NewPortal(t)
		slow := &lateLoad{Store: oauth.NewMemoryStore(expired(p))}
		source := appOf(p).Source(slow)
		var group sync.WaitGroup
		group.Go(func() {
			access, err := source.Token(t.Context())
			assert.NoError(t, err)
			assert.Equal(t, "access-1", access)
		})
		synctest.Wait()
		renewed, err := source.Refresh(t.Context(), "access-1")
		require.NoError(t, err)
		group.Wait()
		access, err := source.Token(t.Context())
		require.NoError(t, err)
		assert.Equal(t, renewed, access)
	})
}

// lateLoad is a store that takes a while to say what it had.
type lateLoad struct{ oauth.Store }

func (s *lateLoad) Load(ctx context.Context) (oauth.Token, error) {
	token, err := s.Store.Load(ctx)
	time.Sleep(time.Second) // fake clock
	return token, err
}

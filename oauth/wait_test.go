package oauth_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-a6e4e5a4/imbot/imbottest"
	"github.com/seed-a6e4e5a4/imbot/oauth"
)

// A program that ends while a pair is renewed waits until it is saved, though the call that needed it has returned.
func TestWait(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := imbottest.NewPortal(t)
		p.FaultTokens(imbottest.SlowAfter(20 * time.Second))
		token := expired(p)
		store := oauth.NewMemoryStore(token)
		app := appOf(p)
		ended, end := context.WithCancel(t.Context())
		for range 3 {
			go func() {
				_, err := app.Source(store).Refresh(ended, token.AccessToken)
				assert.ErrorIs(t, err, context.Canceled)
			}()
		}
		synctest.Wait()
		end()
		synctest.Wait()
		hasty, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		began := time.Now()

		err := app.Wait(hasty, store)

		require.ErrorIs(t, err, context.DeadlineExceeded)
		require.NotErrorIs(t, err, oauth.ErrNotSaved)
		assert.Equal(t, time.Second, time.Since(began))
		assert.Equal(t, token, load(t, store))
		assert.NoError(t, app.Wait(hasty, oauth.NewMemoryStore(token)), "of another store nothing is under way")

		require.NoError(t, app.Wait(t.Context(), store))

		assert.Equal(t, 20*time.Second, time.Since(began))
		assert.Equal(t, "refresh-2", load(t, store).RefreshToken)
		assert.NoError(t, app.Wait(ended, store), "there is nothing left to wait for")
		assert.Equal(t, 20*time.Second, time.Since(began))
		assert.Len(t, p.TokenCalls(), 1)
	})
}

// Those who still wait for the renewal have it, too.
func TestWait_besideACall(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := imbottest.NewPortal(t)
		p.FaultTokens(imbottest.SlowAfter(20 * time.Second))
		token := expired(p)
		store := oauth.NewMemoryStore(token)
		app := appOf(p)
		called := make(chan error, 1)
		go func() { called <- callBots(t.Context(), p.OAuthClient(app.Source(store))) }()
		synctest.Wait()

		require.NoError(t, app.Wait(t.Context(), store))

		assert.Equal(t, "refresh-2", load(t, store).RefreshToken)
		assert.NoError(t, <-called)
	})
}

// A pair that could not be saved is tried once more, and is not kept from the program if that fails.
func TestWait_savesWhatIsLeft(t *testing.T) {
	t.Parallel()
	p := imbottest.NewPortal(t)
	store, app, token := failing(t, p)
	_, err := app.Source(store).Refresh(t.Context(), token.AccessToken)
	var first *oauth.NotSavedError
	require.ErrorAs(t, err, &first)
	ended, end := context.WithCancel(t.Context())
	end()
	for name, test := range map[string]struct {
		ctx context.Context
		is  error
	}{"the store fails": {t.Context(), errDisk}, "no time is left": {ended, context.Canceled}} {
		err := app.Wait(test.ctx, store)
		var unsaved *oauth.NotSavedError
		require.ErrorAs(t, err, &unsaved, name)
		require.ErrorIs(t, err, test.is, name)
		assert.Equal(t, first.Token(), unsaved.Token(), name)
	}
	store.onSave(nil)

	require.NoError(t, app.Wait(t.Context(), store))

	assert.Equal(t, first.Token(), load(t, store))
	assert.Len(t, p.TokenCalls(), 1)
}

func TestWait_mistakes(t *testing.T) {
	t.Parallel()
	app := appOn(new(network))
	require.Error(t, app.Wait(t.Context(), nil))
	require.Error(t, app.Wait(t.Context(), struct {
		oauth.Store
		_ []int
	}{Store: oauth.NewMemoryStore(oldToken)}), "its sources cannot be found")
}

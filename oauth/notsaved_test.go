package oauth_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/imbottest"
	"github.com/seed-a6e4e5a4/imbot/oauth"
)

var errDisk = errors.New("the disk is full")

// failing returns a source over a store whose saves fail, with the pair it has.
func failing(t *testing.T, p *imbottest.Portal) (*hooked, oauth.App, oauth.Token) {
	t.Helper()
	token := expired(p)
	store := &hooked{Store: oauth.NewMemoryStore(token), save: func(oauth.Token) error { return errDisk }}
	return store, appOf(p), token
}

// A pair that cannot be saved is reported, is not used, is not lost, and is not asked for twice.
func TestNotSaved(t *testing.T) {
	t.Parallel()
	p := imbottest.NewPortal(t)
	store, app, token := failing(t, p)
	source := app.Source(store).(*oauth.Source)
	client := p.OAuthClient(source)

	err := callBots(t.Context(), client)
	require.ErrorIs(t, err, oauth.ErrNotSaved)
	require.ErrorIs(t, err, errDisk)
	require.ErrorIs(t, err, imbot.ErrExpiredToken)
	var unsaved *oauth.NotSavedError
	require.ErrorAs(t, err, &unsaved)
	fresh := unsaved.Token()
	assert.NotEqual(t, token.RefreshToken, fresh.RefreshToken)
	assert.Equal(t, "https://portal.example/rest/", fresh.ClientEndpoint)

	for range 3 {
		require.ErrorIs(t, callBots(t.Context(), client), oauth.ErrNotSaved)
		_, err = source.ClientEndpoint(t.Context())
		require.ErrorIs(t, err, oauth.ErrNotSaved)
		_, err = app.Source(store).Refresh(t.Context(), token.AccessToken)
		require.ErrorIs(t, err, oauth.ErrNotSaved, "another source of the store knows of the pair")
	}
	assert.Len(t, p.Calls(), 1, "the new token is not used before it is saved")
	assert.Equal(t, token, load(t, store))

	store.onSave(nil)
	require.NoError(t, callBots(t.Context(), client))
	assert.Equal(t, fresh, load(t, store))
	assert.Len(t, p.TokenCalls(), 1)
	require.NoError(t, callBots(t.Context(), client))
}

// The pair waits though nobody has a source any more.
func TestNotSaved_outlivesTheSource(t *testing.T) {
	t.Parallel()
	p := imbottest.NewPortal(t)
	store, app, token := failing(t, p)
	_, err := app.Source(store).Refresh(t.Context(), token.AccessToken)
	require.ErrorIs(t, err, oauth.ErrNotSaved)
	for range 5 {
		runtime.GC()
	}
	store.onSave(nil)
	require.NoError(t, callBots(t.Context(), p.OAuthClient(app.Source(store))))
	assert.Len(t, p.TokenCalls(), 1)
}

// A pair that waits is renewed like another when the portal refuses it meanwhile, and the newest is the one to save.
func TestNotSaved_renewedMeanwhile(t *testing.T) {
	t.Parallel()
	p := imbottest.NewPortal(t)
	store, app, token := failing(t, p)
	source := app.Source(store)
	moves := 0
	app.Moved = func(_ context.Context, from, to oauth.Token) {
		moves++
		assert.Equal(t, "https://portal.example/rest/", from.ClientEndpoint)
		assert.Equal(t, "https://new.example/rest/", to.ClientEndpoint)
	}
	var unsaved *oauth.NotSavedError
	_, err := source.Refresh(t.Context(), token.AccessToken)
	require.ErrorAs(t, err, &unsaved)
	p.Rename("new.example")
	_, err = app.Source(store).Refresh(t.Context(), unsaved.Token().AccessToken)
	require.ErrorAs(t, err, &unsaved)
	assert.Zero(t, moves, "what is not saved is not reported")
	store.onSave(nil)

	access, err := app.Source(store).Token(t.Context())

	require.NoError(t, err)
	assert.Equal(t, unsaved.Token().AccessToken, access)
	assert.Equal(t, unsaved.Token(), load(t, store))
	assert.Len(t, p.TokenCalls(), 2)
	assert.Equal(t, 1, moves)
}

// A renewal of the waiting pair that fails leaves it waiting.
func TestNotSaved_keptWhenARenewalFails(t *testing.T) {
	t.Parallel()
	p := imbottest.NewPortal(t)
	store, app, token := failing(t, p)
	source := app.Source(store)
	var unsaved *oauth.NotSavedError
	_, err := source.Refresh(t.Context(), token.AccessToken)
	require.ErrorAs(t, err, &unsaved)
	p.FaultTokens(imbottest.HTML(502))
	_, err = source.Refresh(t.Context(), unsaved.Token().AccessToken)
	require.ErrorIs(t, err, imbot.ErrOutcomeUnknown)
	require.NotErrorIs(t, err, oauth.ErrNotSaved)
	store.onSave(nil)
	access, err := source.Token(t.Context())
	require.NoError(t, err)
	assert.Equal(t, unsaved.Token().AccessToken, access)
}

// Whoever has authorized the application anew meanwhile has a better pair than the one that waits.
func TestNotSaved_authorizedAnew(t *testing.T) {
	t.Parallel()
	p := imbottest.NewPortal(t)
	store, app, token := failing(t, p)
	source := app.Source(store)
	_, err := source.Refresh(t.Context(), token.AccessToken)
	require.ErrorIs(t, err, oauth.ErrNotSaved)
	store.onSave(nil)
	anew := oauth.Token(p.IssueTokens(imbottest.App))
	put(t, store, anew)
	require.NoError(t, callBots(t.Context(), p.OAuthClient(source)))
	assert.Equal(t, anew, load(t, store))
	assert.Len(t, p.TokenCalls(), 1)
}

// A store that comes back without its data, or without its folder, is given the pair: there is no other that works.
func TestNotSaved_storeIsEmptied(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		calls int
		then  func(t *testing.T, app oauth.App, source imbot.TokenRefresher, store oauth.Store, unsaved oauth.Token)
	}{
		"token": {1, func(t *testing.T, _ oauth.App, source imbot.TokenRefresher, _ oauth.Store, unsaved oauth.Token) {
			access, err := source.Token(t.Context())
			require.NoError(t, err)
			assert.Equal(t, unsaved.AccessToken, access)
		}},
		"wait": {1, func(t *testing.T, app oauth.App, _ imbot.TokenRefresher, store oauth.Store, _ oauth.Token) {
			require.NoError(t, app.Wait(t.Context(), store))
		}},
		"refresh": {2, func(t *testing.T, _ oauth.App, source imbot.TokenRefresher, store oauth.Store, unsaved oauth.Token) {
			store.(*hooked).onSave(func(oauth.Token) error { return errDisk })
			_, err := source.Refresh(t.Context(), unsaved.AccessToken)
			require.ErrorIs(t, err, oauth.ErrNotSaved)
			store.(*hooked).onSave(nil)
			_, err = source.Token(t.Context())
			require.NoError(t, err)
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := imbottest.NewPortal(t)
			store, app, token := failing(t, p)
			var moves []string
			app.Moved = func(_ context.Context, from, to oauth.Token) {
				moves = append(moves, from.ClientEndpoint+" "+to.ClientEndpoint)
			}
			p.Rename("new.example")
			source := app.Source(store)
			_, err := source.Refresh(t.Context(), token.AccessToken)
			var unsaved *oauth.NotSavedError
			require.ErrorAs(t, err, &unsaved)
			store.onSave(nil)
			put(t, store, oauth.Token{})

			test.then(t, app, source, store, unsaved.Token())

			saved := load(t, store)
			assert.Equal(t, []string{"", "refresh-2", "refresh-3"}[test.calls], saved.RefreshToken)
			assert.Equal(t, token.MemberID, saved.MemberID)
			assert.Len(t, p.TokenCalls(), test.calls)
			assert.Equal(t, []string{"https://portal.example/rest/ https://new.example/rest/"}, moves, "where it was before is not forgotten")
		})
	}
}

func TestNotSaved_folderIsGone(t *testing.T) {
	t.Parallel()
	p := imbottest.NewPortal(t)
	folder := filepath.Join(t.TempDir(), "volume")
	require.NoError(t, os.Mkdir(folder, 0o700))
	store := oauth.NewFileStore(filepath.Join(folder, "token.json"))
	token := expired(p)
	put(t, store, token)
	watched := &hooked{Store: store, save: func(oauth.Token) error { return os.RemoveAll(folder) }}
	source := appOf(p).Source(watched)
	_, err := source.Refresh(t.Context(), token.AccessToken)
	require.ErrorIs(t, err, oauth.ErrNotSaved)
	watched.onSave(nil)
	require.NoError(t, os.Mkdir(folder, 0o700))

	require.NoError(t, callBots(t.Context(), p.OAuthClient(source)))

	assert.Equal(t, "refresh-2", load(t, store).RefreshToken)
	assert.Len(t, p.TokenCalls(), 1)
}

// A store that saved the pair and failed after that has it.
func TestNotSaved_savedButReportedFailed(t *testing.T) {
	t.Parallel()
	p := imbottest.NewPortal(t)
	token := expired(p)
	inner := oauth.NewMemoryStore(token)
	store := &afterwards{Store: inner, err: errDisk}
	source := appOf(p).Source(store)
	_, err := source.Refresh(t.Context(), token.AccessToken)
	require.ErrorIs(t, err, oauth.ErrNotSaved)
	store.err = nil
	access, err := source.Token(t.Context())
	require.NoError(t, err)
	assert.Equal(t, load(t, inner).AccessToken, access)
	assert.Len(t, p.TokenCalls(), 1)
}

// afterwards is a store that fails when it has saved.
type afterwards struct {
	oauth.Store

	err error
}

func (s *afterwards) Update(ctx context.Context, change func(oauth.Token) (oauth.Token, error)) (oauth.Token, error) {
	token, err := s.Store.Update(ctx, change)
	return token, errors.Join(err, s.err)
}

// A store that calls its function again, which it should not, leads to no second request.
func TestNotSaved_storeThatRepeats(t *testing.T) {
	t.Parallel()
	p := imbottest.NewPortal(t)
	token := expired(p)
	store := repeating{oauth.NewMemoryStore(token)}
	access, err := appOf(p).Source(store).Refresh(t.Context(), token.AccessToken)
	require.NoError(t, err)
	assert.Equal(t, load(t, store).AccessToken, access)
	assert.Len(t, p.TokenCalls(), 1)
}

type repeating struct{ oauth.Store }

func (s repeating) Update(ctx context.Context, change func(oauth.Token) (oauth.Token, error)) (oauth.Token, error) {
	return s.Store.Update(ctx, func(current oauth.Token) (oauth.Token, error) {
		if next, err := change(current); err != nil {
			return next, err
		}
		return change(current)
	})
}

// A pair that waits and is refused for good is no reason to fall back on the one before it.
func TestNotSaved_refusedForGood(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := imbottest.Start()
		defer p.Close()
		store, app, token := failing(t, p)
		source := app.Source(store)
		_, err := source.Refresh(t.Context(), token.AccessToken)
		var unsaved *oauth.NotSavedError
		require.ErrorAs(t, err, &unsaved)
		p.FaultTokens(imbottest.RefuseTokens(400, "invalid_grant", ""))

		got, err := source.Refresh(t.Context(), unsaved.Token().AccessToken)

		require.ErrorIs(t, err, imbot.ErrInvalidGrant)
		assert.Empty(t, got)
	})
}

package oauth_test

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/internal/privatefile"
	"github.com/seed-a6e4e5a4/imbot/oauth"
)

// newFile returns a store with a token, and its path.
func newFile(t *testing.T, token oauth.Token) (*oauth.FileStore, string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "token.json")
	store := oauth.NewFileStore(path)
	put(t, store, token)
	return store, path
}

// Both stores keep the contract of Store.
func TestStores(t *testing.T) {
	t.Parallel()
	for name, newStore := range map[string]func(t *testing.T) oauth.Store{
		"memory": func(*testing.T) oauth.Store { return oauth.NewMemoryStore(oauth.Token{}) },
		"file":   func(t *testing.T) oauth.Store { return oauth.NewFileStore(filepath.Join(t.TempDir(), "token.json")) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) { testStore(t, newStore(t)) })
		})
	}
}

func testStore(t *testing.T, store oauth.Store) {
	t.Helper()
	_, err := store.Load(t.Context())
	require.ErrorIs(t, err, oauth.ErrNoToken)
	saved, err := store.Update(t.Context(), func(current oauth.Token) (oauth.Token, error) {
		assert.Equal(t, oauth.Token{}, current)
		return wholeToken, nil
	})
	require.NoError(t, err)
	assert.Equal(t, wholeToken, saved)
	assert.Equal(t, wholeToken, load(t, store))

	broken := errors.New("broken")
	_, err = store.Update(t.Context(), func(current oauth.Token) (oauth.Token, error) {
		assert.Equal(t, wholeToken, current)
		return oldToken, broken
	})
	require.ErrorIs(t, err, broken)
	assert.Equal(t, wholeToken, load(t, store), "what failed changes nothing")

	entered := make(chan struct{})
	go func() {
		_, err := store.Update(t.Context(), func(oauth.Token) (oauth.Token, error) {
			close(entered)
			time.Sleep(time.Minute) // fake clock
			return oldToken, nil
		})
		assert.NoError(t, err)
	}()
	<-entered
	assert.Equal(t, wholeToken, load(t, store), "reading does not wait for a change")
	hasty, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	_, err = store.Update(hasty, func(current oauth.Token) (oauth.Token, error) {
		assert.Fail(t, "it is locked")
		return current, nil
	})
	require.ErrorIs(t, err, context.DeadlineExceeded)
	saved, err = store.Update(t.Context(), func(current oauth.Token) (oauth.Token, error) { return current, nil })
	require.NoError(t, err)
	assert.Equal(t, oldToken, saved)

	gone, cancelGone := context.WithCancel(t.Context())
	cancelGone()
	_, err = store.Load(gone)
	require.ErrorIs(t, err, context.Canceled)
	_, err = store.Update(gone, func(oauth.Token) (oauth.Token, error) { return wholeToken, nil })
	require.ErrorIs(t, err, context.Canceled)
	put(t, store, oauth.Token{})
	_, err = store.Load(t.Context())
	require.ErrorIs(t, err, oauth.ErrNoToken, "the zero token empties a store")
}

// Two values of a store are as two processes: the system keeps them apart.
func TestFileStore_locksOutOthers(t *testing.T) {
	t.Parallel()
	_, path := newFile(t, oldToken)
	var inside atomic.Int32
	var group sync.WaitGroup
	for range 20 {
		group.Go(func() {
			_, err := oauth.NewFileStore(path).Update(t.Context(), func(current oauth.Token) (oauth.Token, error) {
				assert.EqualValues(t, 1, inside.Add(1))
				runtime.Gosched()
				inside.Add(-1)
				current.UserID++
				return current, nil
			})
			assert.NoError(t, err)
		})
	}
	group.Wait()
	assert.EqualValues(t, 20, load(t, oauth.NewFileStore(path)).UserID)

	synctest.Test(t, func(t *testing.T) {
		unlock, err := privatefile.Lock(t.Context(), path+".lock")
		require.NoError(t, err)
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		_, err = oauth.NewFileStore(path).Update(ctx, func(current oauth.Token) (oauth.Token, error) { return current, nil })
		require.ErrorIs(t, err, context.DeadlineExceeded)
		unlock()
		put(t, oauth.NewFileStore(path), oldToken)
	})
}

func TestFileStore_files(t *testing.T) {
	t.Parallel()
	store, path := newFile(t, wholeToken)
	content, err := os.ReadFile(path)
	require.NoError(t, err)
	assert.Equal(t, wholeJSON+"\n", string(content))
	names := func() (names []string) {
		entries, err := os.ReadDir(filepath.Dir(path))
		require.NoError(t, err)
		for _, entry := range entries {
			info, err := entry.Info()
			require.NoError(t, err)
			assert.Equal(t, fs.FileMode(0o600), info.Mode(), entry.Name())
			names = append(names, entry.Name())
		}
		return names
	}
	assert.Equal(t, []string{"token.json", "token.json.lock"}, names())

	// What a process that died has left is replaced, and a link is not followed.
	elsewhere := filepath.Join(t.TempDir(), "elsewhere")
	require.NoError(t, os.WriteFile(elsewhere, []byte("precious"), 0o600))
	require.NoError(t, os.Symlink(elsewhere, path+".tmp"))
	put(t, store, oldToken)
	assert.Equal(t, oldToken, load(t, store))
	content, err = os.ReadFile(elsewhere)
	require.NoError(t, err)
	assert.Equal(t, "precious", string(content))
	assert.Equal(t, []string{"token.json", "token.json.lock"}, names())

	before, err := os.Stat(path)
	require.NoError(t, err)
	put(t, store, oldToken)
	after, err := os.Stat(path)
	require.NoError(t, err)
	assert.True(t, os.SameFile(before, after), "what does not change is not written")
}

func TestFileStore_refusesExposedFiles(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("files have no modes here")
	}
	for _, mode := range []fs.FileMode{0o644, 0o640, 0o604, 0o620, 0o666} {
		store, path := newFile(t, wholeToken)
		require.NoError(t, os.Chmod(path, mode))
		_, err := store.Load(t.Context())
		var exposed *oauth.ExposedFileError
		require.ErrorAs(t, err, &exposed)
		assert.Equal(t, oauth.ExposedFileError{Path: path, Mode: mode}, *exposed)
		_, err = store.Update(t.Context(), func(current oauth.Token) (oauth.Token, error) {
			assert.Fail(t, "nothing is done with an exposed token")
			return current, nil
		})
		require.ErrorAs(t, err, &exposed)
		assert.NotContains(t, err.Error(), "EXAMPLE")
		require.NoError(t, os.Chmod(path, 0o400))
		assert.Equal(t, wholeToken, load(t, store))
	}
}

func TestFileStore_failures(t *testing.T) {
	t.Parallel()
	store, path := newFile(t, wholeToken)
	set := func(oauth.Token) (oauth.Token, error) { return oldToken, nil }

	// A folder in the place of the second file can be neither removed nor opened. So there is no room for a new pair,
	// and none is asked for.
	require.NoError(t, os.MkdirAll(filepath.Join(path+".tmp", "x"), 0o700))
	n := new(network)
	for _, source := range []imbot.TokenRefresher{appOn(n).Source(store), appOn(n).Source(oauth.NewFileStore(path))} {
		_, err := source.Refresh(t.Context(), wholeToken.AccessToken)
		require.ErrorContains(t, err, "a new token could not be saved, so that none is asked for")
		require.NotErrorIs(t, err, oauth.ErrNotSaved)
	}
	assert.Zero(t, n.requests())
	_, err := store.Update(t.Context(), set)
	require.Error(t, err)
	assert.Equal(t, wholeToken, load(t, store))
	require.NoError(t, os.RemoveAll(path+".tmp"))

	for _, content := range []string{"{", "[]", "EXAMPLE", `{"access_token":[]}`} {
		require.NoError(t, os.WriteFile(path, []byte(content), 0o600))
		_, err = store.Load(t.Context())
		require.ErrorIs(t, err, oauth.ErrDamaged)
		assert.Contains(t, err.Error(), path)
		require.NotErrorIs(t, err, oauth.ErrNoToken, "a damaged file is not an empty store")
		assert.NotContains(t, err.Error(), "EXAMPLE")
		_, err = store.Update(t.Context(), set)
		require.ErrorIs(t, err, oauth.ErrDamaged, "and is not overwritten")
	}
	for _, content := range []string{"", "\n", " \t\r\n"} {
		require.NoError(t, os.WriteFile(path, []byte(content), 0o600))
		_, err = store.Load(t.Context())
		require.ErrorIs(t, err, oauth.ErrNoToken, "there is nothing in it that could be lost")
		require.NotErrorIs(t, err, oauth.ErrDamaged)
		_, err = store.Update(t.Context(), set)
		require.NoError(t, err)
		assert.Equal(t, oldToken, load(t, store))
	}

	require.NoError(t, os.Remove(path))
	require.NoError(t, os.MkdirAll(filepath.Join(path, "x"), 0o700))
	require.NoError(t, os.Chmod(path, 0o700))
	_, err = store.Load(t.Context())
	require.Error(t, err)

	missing := oauth.NewFileStore(filepath.Join(t.TempDir(), "none", "token.json"))
	_, err = missing.Load(t.Context())
	require.ErrorIs(t, err, oauth.ErrNoToken)
	_, err = missing.Update(t.Context(), set)
	require.ErrorIs(t, err, fs.ErrNotExist)
}

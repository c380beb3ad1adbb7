package privatefile_test

import (
	"context"
	"os"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-a6e4e5a4/imbot/internal/privatefile"
)

// The lock excludes others, waits as long as the context lets it, and ends with its holder.
func TestLock(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "lock")
	synctest.Test(t, func(t *testing.T) {
		unlock, err := privatefile.Lock(t.Context(), path)
		require.NoError(t, err)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		_, err = privatefile.Lock(ctx, path)
		require.ErrorIs(t, err, context.DeadlineExceeded)
		time.AfterFunc(time.Minute, unlock)
		began := time.Now()
		unlock, err = privatefile.Lock(t.Context(), path)
		require.NoError(t, err)
		assert.InDelta(t, time.Minute, time.Since(began), float64(time.Second))
		unlock()
	})
	_, err := privatefile.Lock(t.Context(), filepath.Join(path, "no", "folder"))
	require.Error(t, err)
}

// Who cleans up may remove the lock file while somebody waits for it: a lock on what is no longer there keeps nobody
// out.
func TestLock_fileIsReplaced(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "lock")
	synctest.Test(t, func(t *testing.T) {
		first, err := privatefile.Lock(t.Context(), path)
		require.NoError(t, err)
		second := make(chan func(), 1)
		go func() {
			unlock, err := privatefile.Lock(t.Context(), path)
			assert.NoError(t, err)
			second <- unlock
		}()
		synctest.Wait() // it waits for the file that is about to go
		require.NoError(t, os.Remove(path))
		first()
		unlock := <-second
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()

		_, err = privatefile.Lock(ctx, path)

		require.ErrorIs(t, err, context.DeadlineExceeded, "it holds the lock that others see")
		unlock()
	})
}

// What is made is the owner's alone, and takes the place of whatever was left there, without following a link.
func TestCreate(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	path, elsewhere := filepath.Join(folder, "new"), filepath.Join(folder, "elsewhere")
	require.NoError(t, os.WriteFile(elsewhere, []byte("kept"), privatefile.Mode))
	require.NoError(t, os.Symlink(elsewhere, path))
	_, err := privatefile.Open(path, os.O_RDONLY)
	require.Error(t, err)
	file, err := privatefile.Create(path)
	require.NoError(t, err)
	require.NoError(t, privatefile.WriteAt(file, 0, privatefile.Blank(3)))
	require.NoError(t, privatefile.WriteAt(file, 1, []byte("x")))
	info, err := file.Stat()
	require.NoError(t, err)
	assert.False(t, privatefile.IsExposed(info))
	require.NoError(t, file.Close())
	require.NoError(t, privatefile.SyncFolder(folder))
	require.Error(t, privatefile.SyncFolder(filepath.Join(folder, "none")))
	written, err := os.ReadFile(path)
	require.NoError(t, err)
	assert.Equal(t, " x ", string(written))
	kept, err := os.ReadFile(elsewhere)
	require.NoError(t, err)
	assert.Equal(t, "kept", string(kept))
	assert.Empty(t, privatefile.Blank(-1))

	_, err = privatefile.Open(folder, os.O_RDONLY)
	require.Error(t, err, "no file")
}

package portals_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/oauth"
	"github.com/seed-a6e4e5a4/imbot/portals"
)

func TestNewDirStore(t *testing.T) {
	t.Parallel()
	var param *imbot.ParamError
	_, err := portals.NewDirStore("")
	require.ErrorAs(t, err, &param)
	file := filepath.Join(t.TempDir(), "file")
	require.NoError(t, os.WriteFile(file, nil, 0o600))
	_, err = portals.NewDirStore(filepath.Join(file, "x"))
	require.Error(t, err)
	folder := filepath.Join(t.TempDir(), "a", "b")
	put(t, dirStore(t, folder), full(member(1)))
	require.NoError(t, filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error {
		require.NoError(t, err)
		info, err := entry.Info()
		require.NoError(t, err)
		assert.Zero(t, info.Mode().Perm()&0o077, "%s is the owner's alone", path)
		return nil
	}))
	names, err := filepath.Glob(filepath.Join(folder, "portal-*"))
	require.NoError(t, err)
	assert.Len(t, names, 1, "one file a portal")
}

// What others can read is refused, and what is no installation is not overwritten.
func TestDirStore_refuses(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	store := dirStore(t, folder)
	put(t, store, full(member(1)))
	put(t, store, full(member(2)))
	file := filepath.Join(folder, "portal-"+member(1)+".json")
	unchanged := func(current portals.Installation) (portals.Installation, error) {
		t.Error("change was called")
		return current, nil
	}

	require.NoError(t, os.Chmod(file, 0o640))
	var exposed *oauth.ExposedFileError
	_, err := store.Load(t.Context(), member(1))
	require.ErrorAs(t, err, &exposed)
	assert.Equal(t, file, exposed.Path)
	_, err = store.Update(t.Context(), member(1), unchanged)
	require.ErrorAs(t, err, &exposed)
	require.NoError(t, os.Chmod(file, 0o600))

	for _, damaged := range []string{"", "x", "null", "[]", `{"member_id":"` + member(2) + `"}`, `{"member_id":"EXAMPLE_SECRET`} {
		require.NoError(t, os.WriteFile(file, []byte(damaged), 0o600))
		_, err = store.Load(t.Context(), member(1))
		require.ErrorIs(t, err, portals.ErrDamaged, damaged)
		assert.NotContains(t, err.Error(), "EXAMPLE_SECRET")
		_, err = store.Update(t.Context(), member(1), unchanged)
		require.ErrorIs(t, err, portals.ErrDamaged, damaged)
		kept, err := os.ReadFile(file)
		require.NoError(t, err)
		assert.Equal(t, damaged, string(kept))
	}
	assert.Equal(t, []string{member(2)}, list(t, store), "one that cannot be read does not hide the others")
	for _, err := range store.Find(t.Context(), "portal.example") {
		if err != nil {
			require.ErrorIs(t, err, portals.ErrDamaged)
		}
	}
	require.NoError(t, store.Delete(t.Context(), member(1)), "to forget it is the way out")
	put(t, store, full(member(1)))

	require.NoError(t, os.Remove(file))
	require.NoError(t, os.Symlink(filepath.Join(folder, "portal-"+member(2)+".json"), file))
	_, err = store.Load(t.Context(), member(1))
	require.Error(t, err, "a link is not followed")

	for _, other := range []string{"portal-+.json", "portal-.json", "portal-a.b.json", "portal-" + member(3) + ".json.tmp", "notes.txt"} {
		require.NoError(t, os.WriteFile(filepath.Join(folder, other), []byte("{}"), 0o600))
	}
	assert.Equal(t, []string{member(2)}, list(t, store))
}

// Where there is no place for what a change may bring, it is not called.
func TestDirStore_noRoom(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	store := dirStore(t, folder)
	put(t, store, full(member(1)))
	require.NoError(t, os.Mkdir(filepath.Join(folder, "portal-"+member(1)+".json.tmp"), 0o700))
	require.NoError(t, os.WriteFile(filepath.Join(folder, "portal-"+member(1)+".json.tmp", "x"), nil, 0o600))
	_, err := store.Update(t.Context(), member(1), func(current portals.Installation) (portals.Installation, error) {
		t.Error("change was called")
		return current, nil
	})
	require.Error(t, err)
	assert.Equal(t, full(member(1)), load(t, store, member(1)))

	large := full(member(2))
	large.ApplicationToken = strings.Repeat("x", 1<<20)
	_, err = store.Update(t.Context(), member(2), func(portals.Installation) (portals.Installation, error) { return large, nil })
	require.Error(t, err)
	_, err = store.Load(t.Context(), member(2))
	require.ErrorIs(t, err, portals.ErrNotInstalled)
	require.NoError(t, os.RemoveAll(folder))
	for _, err := range store.List(t.Context()) {
		require.ErrorIs(t, err, fs.ErrNotExist)
	}
}

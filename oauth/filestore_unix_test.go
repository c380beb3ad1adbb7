//go:build unix

package oauth_test

import (
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-a6e4e5a4/imbot/oauth"
)

// What is no file is an error and not a wait, in the place of each of the three files.
func TestFileStore_noFile(t *testing.T) {
	t.Parallel()
	pipe := func(path string) error { return syscall.Mkfifo(path, 0o600) }
	folder := func(path string) error { return os.Mkdir(path, 0o700) }
	device := func(path string) error { return os.Symlink("/dev/zero", path) }
	danglingLink := func(path string) error { return os.Symlink(path+".elsewhere", path) }
	link := func(path string) error {
		if err := os.WriteFile(path+".elsewhere", []byte("somebody's"), 0o600); err != nil {
			return err
		}
		return os.Symlink(path+".elsewhere", path)
	}
	tests := []struct {
		name        string
		suffix      string
		put         func(path string) error
		load, works bool
	}{
		{"pipe", "", pipe, false, false},
		{"folder", "", folder, false, false},
		{"device", "", device, false, false},
		{"pipe to lock", ".lock", pipe, true, false},
		{"folder to lock", ".lock", folder, true, false},
		{"device to lock", ".lock", device, true, false},
		{"dangling link to lock", ".lock", danglingLink, true, false},
		{"link to lock", ".lock", link, true, false},
		{"second pipe", ".tmp", pipe, true, true},
		{"second link", ".tmp", link, true, true},
		{"second dangling link", ".tmp", danglingLink, true, true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), "token.json")
			store := oauth.NewFileStore(path)
			if tt.suffix != "" {
				put(t, store, wholeToken)
				require.NoError(t, os.RemoveAll(path+tt.suffix))
			}
			require.NoError(t, tt.put(path+tt.suffix))

			_, err := store.Load(t.Context())
			assert.Equal(t, tt.load, err == nil, err)
			require.NotErrorIs(t, err, oauth.ErrNoToken)
			asked := false
			_, err = oauth.NewFileStore(path).Update(t.Context(), func(oauth.Token) (oauth.Token, error) {
				asked = true
				return oldToken, nil
			})

			assert.Equal(t, tt.works, err == nil, err)
			assert.Equal(t, tt.works, asked)
			if content, err := os.ReadFile(path + tt.suffix + ".elsewhere"); err == nil {
				assert.Equal(t, "somebody's", string(content), "a link leads nowhere")
			}
		})
	}

	// A damaged file next to a pipe is damaged, and nothing else.
	path := filepath.Join(t.TempDir(), "token.json")
	require.NoError(t, os.WriteFile(path, []byte("!"), 0o600))
	require.NoError(t, pipe(path+".tmp"))
	_, err := oauth.NewFileStore(path).Load(t.Context())
	require.ErrorIs(t, err, oauth.ErrDamaged)
}

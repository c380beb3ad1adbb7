package oauth_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-a6e4e5a4/imbot/oauth"
)

// A link to the file and the file itself are one store.
func TestFileStore_throughALink(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	path, link := filepath.Join(folder, "token.json"), filepath.Join(folder, "link.json")
	direct := oauth.NewFileStore(path)
	_, err := direct.Update(t.Context(), func(oauth.Token) (oauth.Token, error) {
		return oauth.Token{AccessToken: "EXAMPLE_1", RefreshToken: "EXAMPLE_R1"}, nil
	})
	require.NoError(t, err)
	require.NoError(t, os.Symlink(path, link))

	_, err = oauth.NewFileStore(link).Update(t.Context(), func(current oauth.Token) (oauth.Token, error) {
		assert.FileExists(t, path+".lock")
		assert.NoFileExists(t, link+".lock")
		current.AccessToken = "EXAMPLE_2"
		return current, nil
	})

	require.NoError(t, err)
	token, err := direct.Load(t.Context())
	require.NoError(t, err)
	assert.Equal(t, "EXAMPLE_2", token.AccessToken)
	info, err := os.Lstat(link)
	require.NoError(t, err)
	assert.NotZero(t, info.Mode()&os.ModeSymlink, "the link stays one")
}

// A link may lead to a file that is not there yet. It is the file that is made, and the link stays one.
func TestFileStore_throughADanglingLink(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		links map[string]string // where each leads
		want  string
	}{
		"absolute":                     {map[string]string{"etc/token.json": "/data/token.json"}, "data/token.json"},
		"relative":                     {map[string]string{"etc/token.json": "../data/token.json"}, "data/token.json"},
		"in the same folder":           {map[string]string{"etc/token.json": "bot.json"}, "etc/bot.json"},
		"two":                          {map[string]string{"etc/token.json": "../data/link", "data/link": "bot.json"}, "data/bot.json"},
		"in a folder that is a link":   {map[string]string{"etc": "deep/er", "deep/er/token.json": "../bot.json"}, "deep/bot.json"},
		"up from a folder that is one": {map[string]string{"etc/token.json": "x/../bot.json", "etc/x": "../deep/er"}, "deep/bot.json"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			root, err := filepath.EvalSymlinks(t.TempDir())
			require.NoError(t, err)
			for _, folder := range []string{"data", "deep/er", "etc"} {
				if test.links[folder] == "" {
					require.NoError(t, os.MkdirAll(filepath.Join(root, folder), 0o700))
				}
			}
			for link, target := range test.links {
				if filepath.IsAbs(target) {
					target = root + target
				}
				require.NoError(t, os.Symlink(target, filepath.Join(root, link)))
			}
			link, want := filepath.Join(root, "etc", "token.json"), filepath.Join(root, test.want)
			store := oauth.NewFileStore(link)
			_, err = store.Load(t.Context())
			require.ErrorIs(t, err, oauth.ErrNoToken)

			_, err = store.Update(t.Context(), func(oauth.Token) (oauth.Token, error) {
				assert.FileExists(t, want+".lock")
				return oldToken, nil
			})

			require.NoError(t, err)
			assert.Equal(t, oldToken, load(t, store))
			assert.Equal(t, oldToken, load(t, oauth.NewFileStore(want)))
			info, err := os.Lstat(want)
			require.NoError(t, err)
			assert.True(t, info.Mode().IsRegular())
			info, err = os.Lstat(link)
			require.NoError(t, err)
			assert.NotZero(t, info.Mode()&os.ModeSymlink, "the link stays one")
		})
	}
}

func TestFileStore_linksWithoutEnd(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	one, other := filepath.Join(folder, "one"), filepath.Join(folder, "other")
	require.NoError(t, os.Symlink(one, other))
	require.NoError(t, os.Symlink(other, one))
	store := oauth.NewFileStore(one)
	_, err := store.Load(t.Context())
	require.Error(t, err)
	require.NotErrorIs(t, err, oauth.ErrNoToken)
	_, err = store.Update(t.Context(), func(oauth.Token) (oauth.Token, error) { return oldToken, nil })
	require.Error(t, err)
	info, err := os.Lstat(one)
	require.NoError(t, err)
	assert.NotZero(t, info.Mode()&os.ModeSymlink)
}

package docs_test

import (
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-a6e4e5a4/imbot/internal/version"
)

// A release of this tree has a program that can be installed: its tag is at a commit whose go.mod has no replace, and
// whose go.sum knows the root module.
func TestRelease(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("it compiles the program and what that needs")
	}
	tree := copyOfTree(t)
	in := func(folder string, env []string, name string, args ...string) string {
		t.Helper()
		cmd := exec.CommandContext(t.Context(), name, args...)
		cmd.Dir = folder
		cmd.Env = append(os.Environ(), "GIT_CONFIG_GLOBAL="+os.DevNull, "GIT_CONFIG_SYSTEM="+os.DevNull,
			"GIT_AUTHOR_NAME=Example", "GIT_AUTHOR_EMAIL=example@bot.example", "GIT_COMMITTER_NAME=Example", "GIT_COMMITTER_EMAIL=example@bot.example")
		cmd.Env = append(cmd.Env, env...)
		out, err := cmd.CombinedOutput()
		require.NoError(t, err, "%s %s\n%s", name, strings.Join(args, " "), out)
		return string(out)
	}
	in(tree, nil, "git", "init", "--quiet")
	in(tree, nil, "git", "add", "--all")
	in(tree, nil, "git", "commit", "--quiet", "--message", "A release")

	assert.Contains(t, in(tree, nil, "bash", "tools/release.sh"), "This was a rehearsal")
	assert.Empty(t, in(tree, nil, "git", "tag"))
	in(tree, nil, "bash", "tools/release.sh", "--tag")
	v := "v" + version.Version
	assert.Equal(t, []string{"cmd/imbot/" + v, "content/markdown/" + v, "eventqueue/" + v, "otelimbot/" + v, "redisstore/" + v, "sqlstore/" + v, v},
		strings.Fields(in(tree, nil, "git", "tag")))
	assert.Empty(t, in(tree, nil, "git", "status", "--porcelain"), "the branch is as it was")
	assert.Equal(t, "cmd/imbot/go.mod\ncmd/imbot/go.sum\n", in(tree, nil, "git", "diff", "--name-only", v, "cmd/imbot/"+v))
	again := exec.CommandContext(t.Context(), "bash", "tools/release.sh", "--tag")
	again.Dir = tree
	out, err := again.CombinedOutput()
	require.Error(t, err)
	assert.Contains(t, string(out), "there is a tag "+v+" already")

	proxy, modules, bin := t.TempDir(), t.TempDir(), t.TempDir()
	in(tree, nil, "bash", "tools/release.sh", "--proxy", proxy)
	mine := strings.Fields(in(tree, nil, "go", "env", "GOMODCACHE", "GOPROXY"))
	in(bin, []string{
		"GOPROXY=file://" + filepath.ToSlash(proxy) + ",file://" + filepath.ToSlash(mine[0]) + "/cache/download," + mine[1],
		"GONOSUMDB=*", "GOFLAGS=-mod=mod -modcacherw", "GOMODCACHE=" + modules, "GOBIN=" + bin, "GOWORK=off",
	}, "go", "install", "github.com/seed-a6e4e5a4/imbot/cmd/imbot@"+v)
	assert.Contains(t, in(bin, nil, filepath.Join(bin, "imbot"), "--help"), "Exit codes: 0 done")
}

// copyOfTree copies the tree as it is, without what git keeps and what npm has downloaded.
func copyOfTree(t *testing.T) string {
	t.Helper()
	to := t.TempDir()
	err := filepath.WalkDir(root, func(name string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.Name() == ".git", entry.Name() == "node_modules":
			if entry.IsDir() {
				return fs.SkipDir
			}
			return nil
		case !entry.IsDir() && !entry.Type().IsRegular():
			return nil
		}
		relative, err := filepath.Rel(root, name)
		if err != nil {
			return err
		}
		if entry.IsDir() {
			return os.MkdirAll(filepath.Join(to, relative), 0o700)
		}
		content, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		return os.WriteFile(filepath.Join(to, relative), content, 0o600)
	})
	require.NoError(t, err)
	return to
}

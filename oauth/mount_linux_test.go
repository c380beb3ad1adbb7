package oauth_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-a6e4e5a4/imbot/imbottest"
	"github.com/seed-a6e4e5a4/imbot/oauth"
)

func init() { //nolint:gochecknoinits // there is no other place before TestMain that is for Linux alone
	beMounted = func(ctx context.Context) error {
		path, what := os.Getenv(envStore), os.Getenv(envMount)
		size, isDisk := strings.CutPrefix(what, "disk of ")
		if !isDisk {
			if err := syscall.Mount(what, path, "", syscall.MS_BIND, ""); err != nil {
				return err
			}
			return beBot(ctx)
		}
		content, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		if err := syscall.Mount("none", filepath.Dir(path), "tmpfs", 0, "size="+size); err != nil {
			return err
		}
		if err := os.WriteFile(path, content, 0o600); err != nil {
			return err
		}
		return beBot(ctx)
	}
}

// runMounted runs a bot that sees what is mounted by itself alone, and returns what it says.
func runMounted(t *testing.T, p *imbottest.Portal, path, mount, dieAt string) (said string, err error) {
	t.Helper()
	program, err := os.Executable()
	require.NoError(t, err)
	bot := exec.CommandContext(t.Context(), program)
	bot.Env = append(os.Environ(), envStore+"="+path, envTokenURL+"="+p.ServerTokenURL(), envEndpoint+"="+p.ServerEndpoint(),
		envMount+"="+mount, envDieAt+"="+dieAt)
	bot.SysProcAttr = &syscall.SysProcAttr{
		Cloneflags:  syscall.CLONE_NEWUSER | syscall.CLONE_NEWNS,
		UidMappings: []syscall.SysProcIDMap{{HostID: os.Getuid(), Size: 1}},
		GidMappings: []syscall.SysProcIDMap{{HostID: os.Getgid(), Size: 1}},
	}
	var output bytes.Buffer
	bot.Stdout, bot.Stderr = &output, &output
	err = bot.Start()
	if errors.Is(err, syscall.EPERM) || errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EINVAL) {
		t.Skipf("mounts of one's own are not permitted here: %v", err)
	}
	require.NoError(t, err)
	err = bot.Wait()
	return output.String(), err
}

// A file that is mounted alone, as into a container, cannot be replaced. It is written in place, and has a whole pair,
// or the second file has, wherever the process ends.
func TestFileStore_mountedAlone(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		dieAt   string
		forgive bool // as of the places of TestFileStore_kill
		calls   int  // of the OAuth server, in the end
	}{
		{"", false, 1},
		{"created", false, 1},
		{"made room", false, 1},
		{"changed", true, 2},
		{"written 1 of 2", true, 2},
		{"synced", true, 2},
		{"damaged", false, 1},
		{"all but one", false, 1},
		{"in place", false, 1},
		{"saved", false, 1},
	} {
		t.Run("killed at "+test.dieAt, func(t *testing.T) {
			t.Parallel()
			p := imbottest.NewPortal(t)
			p.AddApplication(imbottest.Application{
				ID: imbottest.App, Secret: imbottest.AppSecret, Scopes: []string{imbottest.ScopeBots}, ForgivesLoss: test.forgive,
			})
			outside, inside := filepath.Join(t.TempDir(), "outside.json"), filepath.Join(t.TempDir(), "token.json")
			token := expired(p)
			token.ClientEndpoint = p.ServerEndpoint()
			put(t, oauth.NewFileStore(outside), token)
			require.NoError(t, os.WriteFile(inside, nil, 0o600))

			said, err := runMounted(t, p, inside, outside, test.dieAt)
			assert.Equal(t, test.dieAt == "", err == nil, said)
			said, err = runMounted(t, p, inside, outside, "")
			require.NoError(t, err, said)
			assert.Len(t, p.TokenCalls(), test.calls, "what was got is not lost")

			p.Expire(fmt.Sprintf("access-%d", test.calls+1))
			said, err = runMounted(t, p, inside, outside, "")
			require.NoError(t, err, said)
			assert.Len(t, p.TokenCalls(), test.calls+1)
			content, err := os.ReadFile(outside)
			require.NoError(t, err)
			var saved oauth.Token
			require.NoError(t, json.Unmarshal(content, &saved))
			assert.Equal(t, fmt.Sprintf("refresh-%d", test.calls+2), saved.RefreshToken)
			assert.True(t, bytes.HasSuffix(content, []byte("}\n")), "the room is given back")
			names, err := filepath.Glob(filepath.Join(filepath.Dir(inside), "*"))
			require.NoError(t, err)
			assert.Equal(t, []string{inside, inside + ".lock"}, names)
		})
	}
}

// Where there is no room for a new pair, none is asked for.
func TestFileStore_fullDisk(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		size string
		fits bool
	}{{"4k", false}, {"8k", false}, {"12k", false}, {"1m", true}} {
		p := imbottest.NewPortal(t)
		store, path := newFile(t, expired(p))
		token := load(t, store)
		token.ClientEndpoint = p.ServerEndpoint()
		put(t, store, token)

		said, err := runMounted(t, p, path, "disk of "+test.size, "")

		if test.fits {
			require.NoError(t, err, said)
			assert.Len(t, p.TokenCalls(), 1)
			continue
		}
		require.Error(t, err)
		assert.Contains(t, said, "a new token could not be saved, so that none is asked for: ")
		assert.Contains(t, said, "no space left on device")
		assert.Empty(t, p.TokenCalls())
	}
}

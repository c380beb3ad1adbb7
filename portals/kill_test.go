//go:build unix

package portals_test

import (
	"context"
	"flag"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/events"
	"github.com/seed-a6e4e5a4/imbot/oauth"
	"github.com/seed-a6e4e5a4/imbot/portals"
)

// The variables that make the test binary a bot that installs, and say where it dies.
const (
	envFolder = "IMBOT_TEST_PORTALS"
	envServer = "IMBOT_TEST_SERVER"
	envMember = "IMBOT_TEST_MEMBER"
	envAccess = "IMBOT_TEST_ACCESS"
	envAt     = "IMBOT_TEST_AT" // Unix time of the event
	envDieAt  = "IMBOT_TEST_DIE_AT"
	envAct    = "IMBOT_TEST_ACT" // what it dies of
)

// kills is how often a bot is killed while it is installed, at least, and as often while it renews and is removed.
var kills = flag.Int("portals.kills", 20, "how many kills")

func TestMain(m *testing.M) {
	if os.Getenv(envFolder) == "" {
		os.Exit(m.Run())
	}
	if err := beInstalled(context.Background()); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// beInstalled is a bot that is installed on a portal, renews its tokens or is removed, and dies on the way, by the signal
// that nobody can catch.
func beInstalled(ctx context.Context) error {
	store, err := portals.NewDirStore(os.Getenv(envFolder))
	if err != nil {
		return err
	}
	portals.OnStep(store, func(step string) {
		if step == os.Getenv(envDieAt) {
			_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
			select {}
		}
	})
	app := oauth.App{
		ID: appID, Secret: appSecret, TokenURL: os.Getenv(envServer) + "/oauth/token/",
		TrustHost: func(host string) bool { return strings.HasPrefix(host, "localhost:") },
	}
	registry, err := portals.New(app, store)
	if err != nil {
		return err
	}
	at, err := strconv.ParseInt(os.Getenv(envAt), 10, 64)
	if err != nil {
		return err
	}
	event := &events.Event{
		Name: events.AppInstall, MemberID: os.Getenv(envMember), ApplicationToken: "EXAMPLE_" + os.Getenv(envAccess), Time: time.Unix(at, 0),
		Auth: oauth.Token{AccessToken: os.Getenv(envAccess), RefreshToken: "refresh-" + os.Getenv(envAccess)},
	}
	fmt.Fprintln(os.Stdout, "ready")
	switch os.Getenv(envAct) {
	case actRenew:
		return call(ctx, registry, event.MemberID)
	case actRemove:
		event.Name = events.AppUninstall
		return registry.Uninstall(ctx, event)
	default:
		return registry.Install(ctx, event)
	}
}

// whereToDie are the steps of an installation, each with whether it is there afterwards.
var whereToDie = []struct {
	step string
	kept bool
}{
	{"locked", false},
	{"made room", false},
	{"changed", false},
	{"entered", false},
	{"written 1 of 2", false},
	{"written 2 of 2", false},
	{"renamed", true},
	{"at random", false},
}

// A bot is killed at every step of an installation, a new one and one that takes the place of another at another host.
// Afterwards the store has the one or the other, whole, and the next installation goes on.
func TestDirStore_kill(t *testing.T) {
	t.Parallel()
	const workers = 4
	rounds := max(1, *kills/workers)
	if testing.Short() {
		rounds = 1
	}
	for worker := range workers {
		t.Run(strconv.Itoa(worker), func(t *testing.T) {
			t.Parallel()
			var place atomic.Pointer[string] // where the portal is, by the OAuth server
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				_, _ = fmt.Fprintf(w, `{"result":{"client_id":%q,"install":{"member_id":%q,"client_endpoint":"https://%s/rest/"}}}`,
					appID, member(1), *place.Load())
			}))
			t.Cleanup(server.Close)
			folder := filepath.Join(t.TempDir(), "portals")
			store := dirStore(t, folder)
			var before portals.Installation
			n := 0
			for round := range rounds {
				for _, where := range whereToDie {
					if n++; n%3 == 0 { // of three, one is new
						require.NoError(t, store.Delete(t.Context(), member(1)))
						before = portals.Installation{}
					}
					at := host(member(n))
					place.Store(&at)
					access := fmt.Sprintf("access-%d", n)
					killed := runBot(t, actInstall, folder, server.URL, access, int64(n), where.step)

					after, err := store.Load(t.Context(), member(1))
					if err != nil {
						require.ErrorIs(t, err, portals.ErrNotInstalled, "round %d, %s", round, where.step)
						after = portals.Installation{}
					}
					isNew := after.Token.AccessToken == access
					if where.step != "at random" {
						require.True(t, killed, where.step)
						assert.Equal(t, where.kept, isNew, where.step)
					}
					if isNew {
						assert.Equal(t, "https://"+at+"/rest/", after.ClientEndpoint)
						assert.Equal(t, "EXAMPLE_"+access, after.ApplicationToken)
						assert.Equal(t, "refresh-"+access, after.Token.RefreshToken)
						assert.Equal(t, []string{member(1)}, find(t, store, at))
					} else {
						assert.Equal(t, before, after, where.step)
						assert.Empty(t, find(t, store, at))
					}
					if before.MemberID != "" && isNew {
						assert.Empty(t, find(t, store, strings.TrimSuffix(strings.TrimPrefix(before.ClientEndpoint, "https://"), "/rest/")))
					}

					n++
					next := host(member(n))
					place.Store(&next)
					access = fmt.Sprintf("access-%d", n)
					assert.False(t, runBot(t, actInstall, folder, server.URL, access, int64(n), "nowhere"))
					before = load(t, store, member(1))
					assert.Equal(t, access, before.Token.AccessToken)
					assert.Equal(t, []string{member(1)}, find(t, store, next))
				}
			}
			left, err := filepath.Glob(filepath.Join(folder, "*.tmp"))
			require.NoError(t, err)
			assert.Empty(t, left)
		})
	}
}

// runBot runs a bot until it has ended, and reports whether it was killed.
func runBot(t *testing.T, act, folder, server, access string, at int64, place string) (killed bool) {
	t.Helper()
	program, err := os.Executable()
	require.NoError(t, err)
	bot := exec.CommandContext(t.Context(), program)
	bot.Env = append(os.Environ(), envFolder+"="+folder, envServer+"="+server, envMember+"="+member(1), envAccess+"="+access,
		envAt+"="+strconv.FormatInt(at, 10), envDieAt+"="+place, envAct+"="+act)
	var problems strings.Builder
	bot.Stderr = &problems
	out, err := bot.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, bot.Start())
	_, err = out.Read(make([]byte, len("ready\n")))
	require.NoError(t, err)
	if place == "at random" {
		timer := time.AfterFunc(rand.N(8*time.Millisecond), func() { _ = bot.Process.Kill() })
		defer timer.Stop()
	}
	if err = bot.Wait(); err == nil {
		return false
	}
	var exit *exec.ExitError
	require.ErrorAs(t, err, &exit)
	status, ok := exit.Sys().(syscall.WaitStatus)
	require.True(t, ok)
	require.True(t, status.Signaled() && status.Signal() == syscall.SIGKILL, "%v: %s", err, problems.String())
	return true
}

// A second process renews while this one does. One request is made, and both have the new pair.
func TestDirStore_processes(t *testing.T) {
	t.Parallel()
	w := newWorld()
	folder := t.TempDir()
	installed(t, w, dirStore(t, folder), 3)
	registries := []*portals.Registry{w.registry(t, dirStore(t, folder)), w.registry(t, dirStore(t, folder))}
	for n := range 3 {
		w.expire(load(t, dirStore(t, folder), member(n)).Token.AccessToken)
	}
	errs := make(chan error)
	for _, registry := range registries {
		for range 5 {
			for n := range 3 {
				go func() {
					client, err := registry.Client(t.Context(), member(n))
					if err == nil {
						_, err = imbot.Call(t.Context(), client, bots, struct{}{})
					}
					errs <- err
				}()
			}
		}
	}
	for range 2 * 5 * 3 {
		assert.NoError(t, <-errs)
	}
	renewals, of := w.totals()
	assert.Equal(t, 3, renewals)
	assert.Equal(t, 3, of)
}

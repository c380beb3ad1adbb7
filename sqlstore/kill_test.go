package sqlstore_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-a6e4e5a4/imbot/internal/storetest"
	"github.com/seed-a6e4e5a4/imbot/oauth"
	"github.com/seed-a6e4e5a4/imbot/portals"
	"github.com/seed-a6e4e5a4/imbot/sqlstore"
)

// The variables that make the test binary a bot, and say what it does and where it dies.
const (
	envDSN     = "IMBOT_TEST_DSN"
	envServer  = "IMBOT_TEST_SERVER"
	envDoes    = "IMBOT_TEST_DOES"
	envAccess  = "IMBOT_TEST_ACCESS"
	envRefresh = "IMBOT_TEST_REFRESH"
	envAt      = "IMBOT_TEST_AT" // Unix time of the event
	envDieAt   = "IMBOT_TEST_DIE_AT"
)

// beKilled is a bot that does something to an installation and dies on the way, by the signal that nobody can catch.
func beKilled() int {
	if err := die(context.Background()); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}

func die(ctx context.Context) error {
	db, err := sql.Open("pgx", os.Getenv(envDSN))
	if err != nil {
		return err
	}
	store := sqlstore.NewInstallations(db)
	sqlstore.OnStep(store, func(step string) {
		if step == os.Getenv(envDieAt) {
			if self, err := os.FindProcess(os.Getpid()); err == nil {
				_ = self.Kill()
			}
			select {}
		}
	})
	registry, err := storetest.Registry(os.Getenv(envServer), store)
	if err != nil {
		return err
	}
	seconds, err := strconv.ParseInt(os.Getenv(envAt), 10, 64)
	if err != nil {
		return err
	}
	at := time.Unix(seconds, 0)
	fmt.Fprintln(os.Stdout, "ready")
	switch os.Getenv(envDoes) {
	case "install":
		return registry.Install(ctx, storetest.Install(oauth.Token{
			AccessToken: os.Getenv(envAccess), RefreshToken: os.Getenv(envRefresh), MemberID: storetest.Member(1), Expiry: at.Add(time.Hour),
		}, at))
	case "uninstall":
		return registry.Uninstall(ctx, storetest.Uninstall(storetest.Member(1), at))
	default:
		return storetest.Call(ctx, registry, storetest.Member(1))
	}
}

// kills returns how many bots are killed: 20, or what SQLSTORE_KILLS says.
func kills(t testing.TB) int {
	t.Helper()
	const usual = 20
	text := os.Getenv("SQLSTORE_KILLS")
	if text == "" {
		return usual
	}
	n, err := strconv.Atoi(text)
	require.NoError(t, err)
	return n
}

// A bot is killed in the middle of an installation, a renewal and a removal. Afterwards the store has what was there
// before, or what came, whole; a pair that was committed works; and the next bot goes on at once.
func TestKill(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	k := &killing{server: storetest.NewServer(t), place: p, store: sqlstore.NewInstallations(p.open(t))}
	var cases [][2]string
	for _, does := range []string{"install", "renew", "uninstall"} {
		for _, step := range []string{"locked", "changed", "written", "committed", "at random"} {
			cases = append(cases, [2]string{does, step})
		}
	}
	rand.Shuffle(len(cases), func(i, j int) { cases[i], cases[j] = cases[j], cases[i] })
	rounds := kills(t)
	for n := 0; n < rounds; n++ {
		c := cases[n%len(cases)]
		t.Run(fmt.Sprintf("%d %s, %s", n, c[0], c[1]), func(t *testing.T) { k.round(t, c[0], c[1]) })
	}
}

type killing struct {
	server *storetest.Server
	place  place
	store  *sqlstore.Installations
	clock  int64
}

// kept returns all that is there, also of a removed installation.
func (k *killing) kept(t testing.TB) (kept portals.Installation) {
	t.Helper()
	_, err := k.store.Update(within(t, 10*time.Second), storetest.Member(1), func(current portals.Installation) (portals.Installation, error) {
		kept = current
		return current, nil
	})
	require.NoError(t, err, "the lock went with the process")
	return kept
}

func (k *killing) round(t *testing.T, does, step string) {
	t.Helper()
	k.clock += 10
	at := time.Now().Unix() - 1_000_000 + k.clock
	if does == "install" && rand.IntN(2) == 0 {
		require.NoError(t, k.store.Delete(t.Context(), storetest.Member(1)))
	} else { // an installation as it is before a renewal, or a removal
		i := storetest.Full(storetest.Member(1))
		i.Token, i.InstalledAt = k.server.Issue(i.MemberID), time.Unix(at-5, 0).UTC()
		i.Token.Expiry = i.InstalledAt // or else it may be newer than that of an installation
		i.ClientEndpoint, i.ApplicationToken = i.Token.ClientEndpoint, "EXAMPLE_"+i.MemberID
		k.server.Expire(i.Token.AccessToken)
		storetest.Put(t, k.store, i)
	}
	before := k.kept(t)
	fresh := k.server.Issue(storetest.Member(1)) // what an installation brings

	killed := k.run(t, does, step, fresh, at)

	after := k.kept(t)
	changed := after != before
	if step != "at random" {
		require.True(t, killed)
		assert.Equal(t, step == "committed", changed)
	}
	if !killed {
		assert.True(t, changed, "it has ended by itself")
	}
	switch {
	case !changed:
	case does == "uninstall":
		assert.Equal(t, portals.Installation{MemberID: before.MemberID, Plan: before.Plan, RemovedAt: time.Unix(at, 0).UTC()}, after)
	case does == "install":
		assert.Equal(t, fresh.AccessToken, after.Token.AccessToken)
		assert.Equal(t, fresh.RefreshToken, after.Token.RefreshToken)
		assert.Equal(t, "EXAMPLE_"+storetest.Member(1), after.ApplicationToken)
		assert.Equal(t, time.Unix(at, 0).UTC(), after.InstalledAt)
		assert.Equal(t, before.Plan, after.Plan)
	default:
		renewed := before
		renewed.Token = after.Token
		assert.Equal(t, renewed, after)
	}
	if after.IsInstalled() && (changed || does != "renew") {
		assert.True(t, k.server.Works(after.Token.RefreshToken, after.MemberID), "what was committed is the newest pair")
	}
	want := []string{}
	if after.IsInstalled() {
		want = append(want, after.MemberID)
	}
	assert.Equal(t, want, storetest.List(t, k.store))
	assert.Equal(t, want, storetest.Find(t, k.store, storetest.Host(storetest.Member(1))))
}

// run runs a bot until it has ended, and reports whether it was killed.
func (k *killing) run(t *testing.T, does, step string, fresh oauth.Token, at int64) (killed bool) {
	t.Helper()
	program, err := os.Executable()
	require.NoError(t, err)
	bot := exec.CommandContext(t.Context(), program)
	bot.Env = append(os.Environ(), envDSN+"="+dsn(server.addr, k.place.schema), envServer+"="+k.server.URL, envDoes+"="+does,
		envAccess+"="+fresh.AccessToken, envRefresh+"="+fresh.RefreshToken, envAt+"="+strconv.FormatInt(at, 10), envDieAt+"="+step)
	var problems strings.Builder
	bot.Stderr = &problems
	out, err := bot.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, bot.Start())
	_, err = out.Read(make([]byte, len("ready\n")))
	require.NoError(t, err)
	if step == "at random" {
		timer := time.AfterFunc(rand.N(40*time.Millisecond), func() { _ = bot.Process.Kill() })
		defer timer.Stop()
	}
	if err = bot.Wait(); err == nil {
		return false
	}
	var exit *exec.ExitError
	require.ErrorAs(t, err, &exit)
	require.Equal(t, -1, exit.ExitCode(), "%v: %s", errors.Unwrap(err), problems.String())
	return true
}

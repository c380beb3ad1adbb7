//go:build unix

package main

import (
	"context"
	"database/sql"
	"errors"
	"net"
	"net/url"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Three replicas do what one process does. They share real servers on this machine.
func TestRun_replicas(t *testing.T) {
	t.Parallel()
	shared := startServers(t)
	var out strings.Builder
	err := run(t.Context(), []string{"-replicas", "3", "-database", shared.database, "-redis", shared.redis, "-nats", shared.nats}, &out)
	text := out.String()
	require.NoError(t, err, text)
	assert.Contains(t, text, "Meanwhile a replica has ended, as in an update. The others have its portals now.")
	assert.Contains(t, text, "Cove has posted ONAPPUNINSTALL. Its tokens are deleted; 2 portals are left.")
	assert.Contains(t, text, "People have asked 44 times, and the portals have 44 answers of the bot.")
	assert.True(t, strings.HasSuffix(text, "\nNothing was lost.\n"), text)
	assert.NotContains(t, text, "Failed")

	db, err := sql.Open("pgx", shared.database)
	require.NoError(t, err)
	defer func() { _ = db.Close() }()
	var rows int
	require.NoError(t, db.QueryRowContext(t.Context(), "SELECT count(*) FROM imbot_installations").Scan(&rows))
	assert.Zero(t, rows, "the demonstration leaves nothing")

	// A server that cannot be reached is an error, and what was opened before it is closed.
	for _, away := range []addresses{
		{database: "postgres://127.0.0.1:1/imbot", redis: shared.redis, nats: shared.nats},
		{database: shared.database, redis: "EXAMPLE_PASSWORD@nowhere", nats: shared.nats},
		{database: shared.database, redis: shared.redis, nats: "nats://127.0.0.1:1"},
	} {
		_, err := openShared(t.Context(), away)
		require.Error(t, err)
		assert.NotContains(t, err.Error(), "EXAMPLE_PASSWORD")
	}
}

// startServers starts what replicas share, on loopback ports, until the test ends.
func startServers(t *testing.T) addresses {
	t.Helper()
	if _, err := exec.LookPath("redis-server"); err != nil {
		t.Skip("there is no redis-server in the PATH")
	}
	initdb := newestInitdb()
	if initdb == "" {
		if os.Getenv("CI") != "" {
			t.Fatal("there is no PostgreSQL, neither in the PATH nor in /usr/lib/postgresql: install the package postgresql")
		}
		t.Skip("there is no PostgreSQL, neither in the PATH nor in /usr/lib/postgresql")
	}
	return addresses{database: startPostgres(t, initdb), redis: startRedis(t), nats: startNATS(t)}
}

func startNATS(t *testing.T) string {
	t.Helper()
	s, err := server.NewServer(&server.Options{Host: "127.0.0.1", Port: server.RANDOM_PORT, JetStream: true, StoreDir: t.TempDir(), NoSigs: true, NoLog: true})
	require.NoError(t, err)
	s.Start()
	t.Cleanup(func() {
		s.Shutdown()
		s.WaitForShutdown()
	})
	require.True(t, s.ReadyForConnections(time.Minute))
	return s.ClientURL()
}

func startRedis(t *testing.T) string {
	t.Helper()
	folder := newFolder(t)
	host, port := freeAddress(t)
	start(t, folder, "KILL", nil, "redis-server", "--bind", host, "--port", port, "--dir", folder, "--save", "", "--appendonly", "no")
	client := redis.NewClient(&redis.Options{Addr: net.JoinHostPort(host, port)})
	defer func() { _ = client.Close() }()
	await(t, func(ctx context.Context) error { return client.Ping(ctx).Err() })
	return "redis://" + net.JoinHostPort(host, port)
}

func startPostgres(t *testing.T, initdb string) string {
	t.Helper()
	folder := newFolder(t)
	attributes := unprivileged(t, folder)
	data := filepath.Join(folder, "data")
	command := exec.CommandContext(t.Context(), initdb, "--pgdata", data, "--username", "imbot", "--auth", "trust", "--encoding", "UTF8", "--locale", "C", "--no-sync")
	command.Dir, command.SysProcAttr = folder, attributes
	out, err := command.CombinedOutput()
	require.NoError(t, err, string(out))
	host, port := freeAddress(t)
	start(t, folder, "QUIT", attributes, filepath.Join(filepath.Dir(initdb), "postgres"), "-D", data, "-h", host, "-p", port, "-k", folder, "-c", "fsync=off")
	address := url.URL{Scheme: "postgres", User: url.User("imbot"), Host: net.JoinHostPort(host, port), Path: "/postgres", RawQuery: "sslmode=disable"}
	db, err := sql.Open("pgx", address.String())
	require.NoError(t, err)
	defer func() { _ = db.Close() }()
	await(t, db.PingContext)
	return address.String()
}

// start starts a server. Between it and the test stands a shell that ends it when its input ends: at the latest when the
// process of the test does, however that ends.
func start(t *testing.T, folder, signal string, attributes *syscall.SysProcAttr, args ...string) {
	t.Helper()
	script := `"$@" >log 2>&1 & read -r _; kill -` + signal + ` $!; wait $!`
	command := exec.CommandContext(context.WithoutCancel(t.Context()), "sh", append([]string{"-c", script, "sh"}, args...)...)
	command.Dir, command.SysProcAttr = folder, attributes
	input, err := command.StdinPipe()
	require.NoError(t, err)
	require.NoError(t, command.Start())
	t.Cleanup(func() {
		_ = input.Close()
		_ = command.Wait()
	})
}

// await waits until a server answers.
func await(t *testing.T, ask func(context.Context) error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		err := ask(ctx)
		if err == nil {
			return
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			require.NoError(t, err)
		}
	}
}

func freeAddress(t *testing.T) (host, port string) {
	t.Helper()
	var config net.ListenConfig
	listener, err := config.Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	host, port, err = net.SplitHostPort(listener.Addr().String())
	require.NoError(t, errors.Join(err, listener.Close()))
	return host, port
}

// newFolder makes a folder that another user may own. The folders of a test have parents that are the user's alone.
func newFolder(t *testing.T) string {
	t.Helper()
	folder, err := os.MkdirTemp("", "marketplace") //nolint:usetesting // see above
	require.NoError(t, err)
	t.Cleanup(func() { _ = os.RemoveAll(folder) })
	return folder
}

// newestInitdb returns the initdb of the newest PostgreSQL that there is; "" for none.
func newestInitdb() string {
	if path, err := exec.LookPath("initdb"); err == nil {
		return path
	}
	found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/initdb") // the pattern is right
	if len(found) == 0 {
		return ""
	}
	version := func(path string) int {
		n, _ := strconv.Atoi(filepath.Base(filepath.Dir(filepath.Dir(path)))) // 0 for a folder of another name
		return n
	}
	return slices.MaxFunc(found, func(a, b string) int { return version(a) - version(b) })
}

// unprivileged makes a folder that of a user who may run PostgreSQL, which root may not.
func unprivileged(t *testing.T, folder string) *syscall.SysProcAttr {
	t.Helper()
	if os.Getuid() != 0 {
		return nil
	}
	found, err := user.Lookup("postgres")
	if err != nil {
		found, err = user.Lookup("nobody")
	}
	require.NoError(t, err)
	uid, err := strconv.ParseUint(found.Uid, 10, 32)
	require.NoError(t, err)
	gid, err := strconv.ParseUint(found.Gid, 10, 32)
	require.NoError(t, err)
	require.NoError(t, os.Chown(folder, int(uid), int(gid)))
	return &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}}
}

package sqlstore_test

import (
	"context"
	"database/sql"
	"errors"
	"flag"
	"fmt"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"sync/atomic"
	"testing"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib" // the driver
	"github.com/stretchr/testify/require"

	"github.com/seed-a6e4e5a4/imbot/sqlstore"
)

// server is the PostgreSQL that all tests share. Each test has a schema of its own.
var server struct {
	addr    string
	version string // "" where there is no server
}

func TestMain(m *testing.M) {
	flag.Parse()
	if os.Getenv(envDSN) != "" {
		os.Exit(beKilled())
	}
	os.Exit(runTests(m))
}

func runTests(m *testing.M) int {
	bin := binaries()
	if bin == "" {
		if os.Getenv("CI") != "" {
			fmt.Fprintln(os.Stderr, "there is no PostgreSQL here, neither in the PATH nor in /usr/lib/postgresql: install the package postgresql")
			return 1
		}
		fmt.Fprintln(os.Stderr, "no PostgreSQL, neither in the PATH nor in /usr/lib/postgresql: what needs one is skipped")
		if err := flag.Set("test.run", "^Test"); err != nil { // Examples cannot be skipped
			return 1
		}
		return m.Run()
	}
	stop, err := startPostgres(context.Background(), bin)
	if err != nil {
		fmt.Fprintln(os.Stderr, "PostgreSQL:", err)
		return 1
	}
	defer stop()
	return m.Run()
}

// binaries returns the folder of initdb and postgres, of the newest version that there is; "" for none.
func binaries() string {
	if path, err := exec.LookPath("initdb"); err == nil {
		return filepath.Dir(path)
	}
	found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/initdb") // the pattern is right
	if len(found) == 0 {
		return ""
	}
	return filepath.Dir(slices.MaxFunc(found, func(a, b string) int { return versionOf(a) - versionOf(b) }))
}

func versionOf(initdb string) int {
	version, _ := strconv.Atoi(filepath.Base(filepath.Dir(filepath.Dir(initdb)))) // 0 for a folder of another name
	return version
}

// startPostgres starts a server in a temporary folder. Between it and the test stands a shell that ends it when its
// input ends: at the latest when the process of the test does, however that ends.
func startPostgres(ctx context.Context, bin string) (stop func(), err error) {
	folder, err := os.MkdirTemp("", "sqlstore")
	if err != nil {
		return nil, err
	}
	attributes, err := unprivileged(folder)
	if err != nil {
		return nil, err
	}
	data := filepath.Join(folder, "data")
	initdb := exec.CommandContext(ctx, filepath.Join(bin, "initdb"), "--pgdata", data, "--username", "imbot", "--auth", "trust",
		"--encoding", "UTF8", "--locale", "C", "--no-sync")
	initdb.Dir, initdb.SysProcAttr = folder, attributes
	if out, err := initdb.CombinedOutput(); err != nil {
		_ = os.RemoveAll(folder)
		return nil, fmt.Errorf("initdb: %w: %s", err, out)
	}
	for range 5 { // somebody else may get the port before PostgreSQL does
		var end func()
		if end, err = startOnce(ctx, bin, folder, data); err == nil {
			return func() {
				end()
				_ = os.RemoveAll(folder)
			}, nil
		}
	}
	_ = os.RemoveAll(folder)
	return nil, err
}

func startOnce(ctx context.Context, bin, folder, data string) (stop func(), err error) {
	host, port, err := freeAddr(ctx)
	if err != nil {
		return nil, err
	}
	attributes, err := unprivileged(folder)
	if err != nil {
		return nil, err
	}
	command := exec.CommandContext(context.WithoutCancel(ctx), "sh", "-c",
		`"$@" >postgres.log 2>&1 & read -r _; kill -QUIT $!; wait $!`, "sh", filepath.Join(bin, "postgres"), "-D", data,
		"-h", host, "-p", port, "-k", folder, "-c", "fsync=off", "-c", "max_connections=300", "-c", "shared_buffers=32MB")
	command.Dir, command.SysProcAttr = folder, attributes
	input, err := command.StdinPipe()
	if err != nil {
		return nil, err
	}
	if err := command.Start(); err != nil {
		return nil, err
	}
	stop = func() {
		_ = input.Close()
		_ = command.Wait()
	}
	server.addr = net.JoinHostPort(host, port)
	if server.version, err = answers(ctx); err != nil {
		stop()
		log, _ := os.ReadFile(filepath.Join(folder, "postgres.log")) // what there is of it
		return nil, fmt.Errorf("%w: %s", err, log)
	}
	return stop, nil
}

func freeAddr(ctx context.Context) (host, port string, err error) {
	var config net.ListenConfig
	listener, err := config.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return "", "", err
	}
	host, port, err = net.SplitHostPort(listener.Addr().String())
	return host, port, errors.Join(err, listener.Close())
}

// answers waits until the server is ready, and returns its version.
func answers(ctx context.Context) (version string, err error) {
	db, err := sql.Open("pgx", dsn(server.addr, ""))
	if err != nil {
		return "", err
	}
	defer func() { _ = db.Close() }()
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	for ctx.Err() == nil {
		if err = db.QueryRowContext(ctx, "SHOW server_version").Scan(&version); err == nil {
			return version, nil
		}
		pause(ctx, 20*time.Millisecond)
	}
	return "", errors.Join(err, ctx.Err())
}

// dsn returns what to open, with the schema that names of tables lead to.
func dsn(addr, schema string) string {
	query := url.Values{"sslmode": {"disable"}}
	if schema != "" {
		query.Set("search_path", schema)
	}
	return "postgres://imbot:" + secretPassword + "@" + addr + "/postgres?" + query.Encode()
}

// pause lets real time pass: PostgreSQL lives outside of every bubble of synctest.
func pause(ctx context.Context, d time.Duration) {
	ctx, cancel := context.WithTimeout(ctx, d)
	defer cancel()
	<-ctx.Done()
}

var schemas atomic.Int64

// newSchema makes a schema that goes with the test, without tables.
func newSchema(t testing.TB) string {
	t.Helper()
	if server.version == "" {
		t.Skip("there is no PostgreSQL here")
	}
	t.Log("on PostgreSQL " + server.version)
	name := fmt.Sprintf("test_%d", schemas.Add(1))
	db := open(t, dsn(server.addr, ""))
	_, err := db.ExecContext(t.Context(), "CREATE SCHEMA "+name)
	require.NoError(t, err)
	t.Cleanup(func() {
		admin, err := sql.Open("pgx", dsn(server.addr, ""))
		if err == nil {
			_, _ = admin.ExecContext(context.WithoutCancel(t.Context()), "DROP SCHEMA "+name+" CASCADE")
			_ = admin.Close()
		}
	})
	return name
}

func open(t testing.TB, dsn string) *sql.DB {
	t.Helper()
	db, err := sql.Open("pgx", dsn)
	require.NoError(t, err)
	t.Cleanup(func() { _ = db.Close() })
	return db
}

// place is a schema with tables.
type place struct{ schema string }

func newPlace(t testing.TB) place {
	t.Helper()
	p := place{newSchema(t)}
	require.NoError(t, sqlstore.Migrate(t.Context(), p.open(t)))
	return p
}

// open returns a pool of its own, as another process has.
func (p place) open(t testing.TB) *sql.DB {
	t.Helper()
	return open(t, dsn(server.addr, p.schema))
}

// via returns one that goes through a proxy.
func (p place) via(t testing.TB, link *proxy) *sql.DB {
	t.Helper()
	return open(t, dsn(link.listener.Addr().String(), p.schema))
}

func within(t testing.TB, d time.Duration) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), d)
	t.Cleanup(cancel)
	return ctx
}

package sqlstore_test

import (
	"context"
	"database/sql"
	"io/fs"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-a6e4e5a4/imbot/internal/storetest"
	"github.com/seed-a6e4e5a4/imbot/sqlstore"
)

// migrations returns what was applied, in order.
func migrations(t testing.TB, db *sql.DB) (names []string) {
	t.Helper()
	rows, err := db.QueryContext(t.Context(), "SELECT name FROM imbot_migrations ORDER BY version")
	require.NoError(t, err)
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var name string
		require.NoError(t, rows.Scan(&name))
		names = append(names, name)
	}
	require.NoError(t, rows.Err())
	return names
}

func TestMigrate(t *testing.T) {
	t.Parallel()
	db := open(t, dsn(server.addr, newSchema(t)))
	require.NoError(t, sqlstore.Migrate(t.Context(), db))
	first := func() (at time.Time) {
		require.NoError(t, db.QueryRowContext(t.Context(), "SELECT applied_at FROM imbot_migrations WHERE version = 1").Scan(&at))
		return at
	}
	at := first()
	storetest.Put(t, sqlstore.NewInstallations(db), storetest.Full("m"))
	require.NoError(t, sqlstore.Migrate(t.Context(), db))
	assert.Equal(t, []string{"0001_stores.sql"}, migrations(t, db))
	assert.Equal(t, at, first())
	assert.Equal(t, storetest.Full("m"), storetest.Load(t, sqlstore.NewInstallations(db), "m"))

	ended, cancel := context.WithCancel(t.Context())
	cancel()
	require.ErrorIs(t, sqlstore.Migrate(ended, db), context.Canceled)
}

// Replicas that start at the same time apply each migration once.
func TestMigrate_atTheSameTime(t *testing.T) {
	t.Parallel()
	schema := newSchema(t)
	files := fstest.MapFS{
		"0001_a.sql": {Data: []byte("CREATE TABLE a (n int); SELECT pg_sleep(0.8)")},
		"0002_b.sql": {Data: []byte("INSERT INTO a VALUES (1); CREATE TABLE b ()")},
	}
	var group sync.WaitGroup
	for range 10 {
		db := open(t, dsn(server.addr, schema)+"&lock_timeout=500&statement_timeout=500")
		group.Go(func() { assert.NoError(t, sqlstore.MigrateWith(t.Context(), db, files)) })
	}
	group.Wait()
	db := open(t, dsn(server.addr, schema))
	assert.Equal(t, []string{"0001_a.sql", "0002_b.sql"}, migrations(t, db))
	var n int
	require.NoError(t, db.QueryRowContext(t.Context(), "SELECT count(*) FROM a").Scan(&n))
	assert.Equal(t, 1, n)
}

// What is new is applied to what is there, or none of it.
func TestMigrate_upgrade(t *testing.T) {
	t.Parallel()
	db := open(t, dsn(server.addr, newSchema(t)))
	files := fstest.MapFS{"0001_a.sql": {Data: []byte("CREATE TABLE a ()")}}
	require.NoError(t, sqlstore.MigrateWith(t.Context(), db, files))
	files["0002_b.sql"] = &fstest.MapFile{Data: []byte("CREATE TABLE b ()")}
	files["0003_c.sql"] = &fstest.MapFile{Data: []byte("CREATE TABLE c (); CREATE TABLE a ()")}
	require.EqualError(t, sqlstore.MigrateWith(t.Context(), db, files), "sqlstore: migrating: 0003_c.sql: the database answers 42P07")
	assert.Equal(t, []string{"0001_a.sql"}, migrations(t, db))
	_, err := db.ExecContext(t.Context(), "SELECT FROM b")
	require.Error(t, err, "all or nothing")
	files["0003_c.sql"] = &fstest.MapFile{Data: []byte("CREATE TABLE c ()")}
	require.NoError(t, sqlstore.MigrateWith(t.Context(), db, files))
	assert.Equal(t, []string{"0001_a.sql", "0002_b.sql", "0003_c.sql"}, migrations(t, db))

	delete(files, "0002_b.sql")
	require.ErrorIs(t, sqlstore.MigrateWith(t.Context(), db, files), sqlstore.ErrNewerSchema)
	files["0005_e.sql"], files["0006_f.sql"] = files["0001_a.sql"], files["0001_a.sql"]
	require.EqualError(t, sqlstore.MigrateWith(t.Context(), db, files), "sqlstore: migration 4 is called 0006_f.sql")
}

func TestMigrate_newerSchema(t *testing.T) {
	t.Parallel()
	db := newPlace(t).open(t)
	_, err := db.ExecContext(t.Context(), "INSERT INTO imbot_migrations (version, name) VALUES (99, 'x')")
	require.NoError(t, err)
	err = sqlstore.Migrate(t.Context(), db)
	require.ErrorIs(t, err, sqlstore.ErrNewerSchema)
	assert.Contains(t, err.Error(), "version 99, and this program knows 1")
}

// A schema of any name is made, and used by whoever may not make one.
func TestMigrate_schema(t *testing.T) {
	t.Parallel()
	db := open(t, dsn(server.addr, newSchema(t)))
	name := newSchema(t) + ` "of" the bot's`
	t.Cleanup(func() {
		_, _ = db.ExecContext(context.WithoutCancel(t.Context()), `DROP SCHEMA "`+strings.ReplaceAll(name, `"`, `""`)+`" CASCADE`)
	})
	in := sqlstore.WithSchema(name)
	require.NoError(t, sqlstore.Migrate(t.Context(), db, in, nil))
	require.NoError(t, sqlstore.Migrate(t.Context(), db, in))
	storetest.Put(t, sqlstore.NewInstallations(db, in), storetest.Full("m"))
	assert.Equal(t, []string{"m"}, storetest.List(t, sqlstore.NewInstallations(db, in)))
	assert.Equal(t, []string{"m"}, storetest.Find(t, sqlstore.NewInstallations(db, in), "portal.example"))
	_, err := sqlstore.NewTokens(db, "k", in).Update(t.Context(), to(pair(1)))
	require.NoError(t, err)
	assertHas(t, sqlstore.NewTokens(db, "k", in), pair(1))
	_, err = sqlstore.NewOffsets(db, in).Load(t.Context(), offsetKey)
	require.NoError(t, err)
	_, err = sqlstore.NewInstallations(db).Load(t.Context(), "m")
	require.Error(t, err, "there are no tables elsewhere")
}

// Who runs migrations by another tool may go on with Migrate.
func TestMigrations(t *testing.T) {
	t.Parallel()
	names, err := fs.Glob(sqlstore.Migrations(), "*")
	require.NoError(t, err)
	assert.Equal(t, []string{"0001_stores.sql"}, names)
	db := open(t, dsn(server.addr, newSchema(t)))
	for _, name := range names {
		statements, err := fs.ReadFile(sqlstore.Migrations(), name)
		require.NoError(t, err)
		_, err = db.ExecContext(t.Context(), string(statements))
		require.NoError(t, err)
	}
	storetest.Put(t, sqlstore.NewInstallations(db), storetest.Full("m"))
	require.NoError(t, sqlstore.Migrate(t.Context(), db))
	assert.Equal(t, storetest.Full("m"), storetest.Load(t, sqlstore.NewInstallations(db), "m"))
}

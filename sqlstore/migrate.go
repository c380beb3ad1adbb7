package sqlstore

import (
	"context"
	"database/sql"
	"embed"
	"fmt"
	"io/fs"
	"strings"
)

//go:embed migrations/*.sql
var embedded embed.FS

// Migrations returns the files that [Migrate] applies, for those who run migrations by a tool of their own:
// 0001_stores.sql and those of later versions, in the order of their names. They name no schema. Their statements do no
// harm where the tables are there already.
func Migrations() fs.FS {
	files, err := fs.Sub(embedded, "migrations")
	if err != nil {
		return embedded // the name is right, so that this is never reached
	}
	return files
}

// Migrate makes the tables, or brings those of an earlier version up to date. Call it when the program starts: replicas
// that start at the same time wait for each other, each migration is applied once, and where there is nothing to do
// nothing is changed. All that is missing is applied in one transaction, so that it is there or not. Which migrations
// were applied is in the table imbot_migrations. With [WithSchema] it makes the schema as well, if it is not there.
//
// The error matches [ErrNewerSchema], and nothing is changed, where the tables are of a later version than this package
// knows. Any other is the database's.
func Migrate(ctx context.Context, db *sql.DB, opts ...Option) error {
	return migrate(ctx, db, Migrations(), configOf(opts))
}

// migrationLock is the advisory lock of the database that whoever migrates has. Its digits are "imbot" in hexadecimal.
const migrationLock = 0x696d626f74

func migrate(ctx context.Context, db *sql.DB, files fs.FS, c config) error {
	names, err := fs.Glob(files, "*.sql")
	if err != nil {
		return err
	}
	tx, err := db.BeginTx(ctx, &sql.TxOptions{Isolation: sql.LevelReadCommitted})
	if err != nil {
		return failed(ctx, "migrating", err)
	}
	defer func() { _ = tx.Rollback() }() // after the commit it does nothing
	m := migration{tx, c.schema}
	if err := m.prepare(ctx); err != nil {
		return failed(ctx, "migrating", err)
	}
	applied, err := m.applied(ctx)
	if err != nil {
		return failed(ctx, "migrating", err)
	}
	if applied > len(names) {
		return fmt.Errorf("%w: they have version %d, and this program knows %d", ErrNewerSchema, applied, len(names))
	}
	for n, name := range names[applied:] {
		version := applied + n + 1
		if !strings.HasPrefix(name, fmt.Sprintf("%04d_", version)) {
			return fmt.Errorf("sqlstore: migration %d is called %s", version, name)
		}
		if err := m.apply(ctx, files, version, name); err != nil {
			return failed(ctx, "migrating: "+name, err)
		}
	}
	return failed(ctx, "migrating", tx.Commit())
}

// migration is a transaction that migrates.
type migration struct {
	tx     *sql.Tx
	schema string
}

// prepare waits until nobody else migrates, and makes what has to be there before.
func (m migration) prepare(ctx context.Context) error {
	if _, err := m.tx.ExecContext(ctx, settings, "0"); err != nil {
		return err
	}
	if _, err := m.tx.ExecContext(ctx, "SELECT pg_advisory_xact_lock($1)", int64(migrationLock)); err != nil {
		return err
	}
	if m.schema != "" {
		if err := m.enterSchema(ctx); err != nil {
			return err
		}
	}
	_, err := m.tx.ExecContext(ctx, "CREATE TABLE IF NOT EXISTS imbot_migrations ("+
		"version bigint PRIMARY KEY, name text NOT NULL, applied_at timestamptz NOT NULL DEFAULT now())")
	return err
}

// enterSchema makes the schema, if it is not there, and leads to it. Who may not make schemas may use one.
func (m migration) enterSchema(ctx context.Context) error {
	var found bool
	err := m.tx.QueryRowContext(ctx, "SELECT EXISTS (SELECT FROM pg_namespace WHERE nspname = $1)", m.schema).Scan(&found)
	if err != nil {
		return err
	}
	if !found {
		if _, err := m.tx.ExecContext(ctx, "CREATE SCHEMA "+quote(m.schema)); err != nil {
			return err
		}
	}
	_, err = m.tx.ExecContext(ctx, "SELECT set_config('search_path', $1, true)", quote(m.schema))
	return err
}

// applied returns the version that the tables have.
func (m migration) applied(ctx context.Context) (version int, err error) {
	err = m.tx.QueryRowContext(ctx, "SELECT coalesce(max(version), 0) FROM imbot_migrations").Scan(&version)
	return version, err
}

// apply applies a migration.
func (m migration) apply(ctx context.Context, files fs.FS, version int, name string) error {
	statements, err := fs.ReadFile(files, name)
	if err != nil {
		return err
	}
	if _, err := m.tx.ExecContext(ctx, string(statements)); err != nil { // without arguments, it may be several
		return err
	}
	_, err = m.tx.ExecContext(ctx, "INSERT INTO imbot_migrations (version, name) VALUES ($1, $2)", version, name)
	return err
}

package sqlstore

import (
	"context"
	"database/sql"
	"io/fs"
)

// OnStep has a store call passed after each step of an update.
func OnStep(s *Installations, passed func(step string)) { s.table.passed = passed }

// MigrateWith applies other migrations than those of the package.
func MigrateWith(ctx context.Context, db *sql.DB, files fs.FS, opts ...Option) error {
	return migrate(ctx, db, files, configOf(opts))
}

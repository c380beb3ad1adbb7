// Package sqlstore keeps tokens, installations and offsets in a program's own PostgreSQL database, where all of its
// replicas share them. It uses database/sql alone: the driver is the program's.
//
//	db, err := sql.Open("pgx", os.Getenv("DATABASE_URL")) // by github.com/jackc/pgx/v5/stdlib, for one
//	// …
//	err = sqlstore.Migrate(ctx, db) // makes the tables, if they are not there
//	// …
//	registry, err := portals.New(app, sqlstore.NewInstallations(db))
//
// An application on one portal keeps its pair in [Tokens], a bot that fetches its events keeps in [Offsets] how far it
// is.
//
// # Locks
//
// An update holds the lock of a row, in a transaction that is committed before the update returns. So one process at a
// time renews a pair of tokens, and others that wait for it see the new one. A process that dies loses its lock with its
// connection; one that stops, or that the database does not hear of any more, loses it after a time ([WithLockExpiry]),
// and what it wants to save then is refused if another has made an update meanwhile: [ErrOvertaken].
//
// An update takes a connection of the pool for as long as it goes on, and a renewal waits for the OAuth server. Give the
// pool (SetMaxOpenConns) more connections than a registry makes renewals at a time (portals.WithMaxRenewals).
//
// # When the database fails
//
// No call outlasts its context by more than a second. Where the connection is lost while something is saved, also in the
// middle of the commit, the store connects again and looks what has become of it: what is not there is saved again, as
// long as nobody else has made an update. Where that cannot be found out in ten seconds, the error matches
// [ErrUncertain]. A new pair that could not be saved stays with the source that got it, until it is saved.
//
// # Secrets
//
// The tables have tokens and application tokens as they are, as the other stores do: whoever may read them, or a backup
// of them, may act as the application. No type and no error of this package shows one; a driver that logs the arguments
// of statements, or a server that does (log_parameter_max_length), logs them as well.
package sqlstore

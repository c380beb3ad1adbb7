package sqlstore

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/seed-a6e4e5a4/imbot/internal/turns"
)

// table has rows that one process at a time may replace.
type table struct {
	db     *sql.DB
	expiry time.Duration
	name   string // as it is in statements
	key    string // the column
	what   string // is in errors: "token"
	turns  *turns.Turns

	// keepsGone is set where what was made of a row is saved also if the row is gone meanwhile.
	keepsGone bool

	// passed is called after each step of an update. Tests end the process there.
	passed func(step string)
}

func newTable(db *sql.DB, opts []Option, name, key, what string) *table {
	c := configOf(opts)
	return &table{
		db: db, expiry: c.expiry, name: c.table(name), key: key, what: what, turns: new(turns.Turns), passed: func(string) {},
	}
}

// load returns the data of a row; "" where there is none.
func (t *table) load(ctx context.Context, key string) (data string, err error) {
	err = t.db.QueryRowContext(ctx, "SELECT data FROM "+t.name+" WHERE "+t.key+" = $1", key).Scan(&data)
	if errors.Is(err, sql.ErrNoRows) {
		return "", nil
	}
	return data, failed(ctx, "loading the "+t.what, err)
}

// write is what an update ends in: a statement that ends with a WHERE clause for a row. $1 is the key, $2 the writer.
type write struct {
	statement string
	more      []any // the arguments from $3
	deletes   bool  // no row is left
}

// update has change decide what is written in the place of what it is given, which is "" where there is nothing; nil for
// nothing. It holds the lock of the row meanwhile.
func (t *table) update(ctx context.Context, key string, change func(found string) (*write, error)) error {
	end, err := t.turns.Take(ctx, key)
	if err != nil {
		return fmt.Errorf("sqlstore: waiting for the lock of the %s: %w", t.what, err)
	}
	defer end()
	h, err := t.enter(ctx, key)
	if err != nil {
		return err
	}
	t.passed("locked")
	w, err := h.run(change)
	if err != nil || w == nil {
		h.leave()
		return err
	}
	t.passed("changed")
	return t.save(ctx, h, w)
}

// hold is the lock of a row while somebody has it, and what was found in the row.
type hold struct {
	table *table
	key   string
	tx    *sql.Tx
	end   context.CancelFunc // ends the transaction, whatever it is doing
	data  func() string      // in a closure, which fmt prints nothing of
	// writer is who wrote the row; "" where there was none.
	writer string
}

// enter waits for the lock, and keeps it until leave or save. The transaction outlives ctx from then on: what change
// brings has to be saved.
func (t *table) enter(ctx context.Context, key string) (*hold, error) {
	life, end := context.WithCancel(context.WithoutCancel(ctx))
	stop := context.AfterFunc(ctx, end)
	h := &hold{table: t, key: key, end: end}
	err := h.begin(life)
	if !stop() { // it is ending already
		err = errors.Join(ctx.Err(), err)
	}
	if err != nil {
		h.leave()
		return nil, failed(ctx, "locking the "+t.what, err)
	}
	return h, nil
}

// settings are for one transaction. Waits end with the context alone, the lock with its own time, and what is committed
// is on the disk.
const settings = "SELECT set_config('lock_timeout', '0', true), set_config('statement_timeout', '0', true), " +
	"set_config('idle_in_transaction_session_timeout', $1, true), " +
	"CASE WHEN current_setting('synchronous_commit') = 'off' THEN set_config('synchronous_commit', 'on', true) END"

// begin begins the transaction and locks the row. A row that is not there yet is made, so that there is something to be
// locked; nobody sees it before the commit.
func (h *hold) begin(life context.Context) (err error) {
	t := h.table
	if h.tx, err = t.db.BeginTx(life, &sql.TxOptions{Isolation: sql.LevelReadCommitted}); err != nil {
		return err
	}
	if _, err = h.tx.ExecContext(life, settings, strconv.FormatInt(t.expiry.Milliseconds(), 10)); err != nil {
		return err
	}
	insert := "INSERT INTO " + t.name + " (" + t.key + ", data, writer) VALUES ($1, 'null', '') " + //nolint:gosec // names are identifiers
		"ON CONFLICT (" + t.key + ") DO NOTHING"
	lock := "SELECT data, writer FROM " + t.name + " WHERE " + t.key + " = $1 FOR UPDATE"
	for {
		if _, err = h.tx.ExecContext(life, insert, h.key); err != nil {
			return err
		}
		var data string
		err = h.tx.QueryRowContext(life, lock, h.key).Scan(&data, &h.writer)
		if errors.Is(err, sql.ErrNoRows) {
			continue // it was deleted between the two
		}
		if h.writer == "" {
			data = ""
		}
		h.data = func() string { return data }
		return err
	}
}

// run calls change with what was found.
func (h *hold) run(change func(found string) (*write, error)) (*write, error) {
	returned := false
	defer func() {
		if !returned { // but panicked, or ended its goroutine
			h.leave()
		}
	}()
	w, err := change(h.data())
	returned = true
	return w, err
}

// leave ends the transaction without a change. It does not wait for long: the lock goes with the connection.
func (h *hold) leave() {
	if h.tx != nil {
		timer := time.AfterFunc(grace, h.end)
		_ = h.tx.Rollback() // where it fails, the connection is given up
		timer.Stop()
	}
	h.end()
}

// commit writes and ends the transaction. Where it fails with something that isLost, nobody knows whether it was
// committed.
func (h *hold) commit(ctx context.Context, w *write, writer string) error {
	stop := context.AfterFunc(ctx, h.end)
	defer stop()
	args := []any{h.key}
	if !w.deletes {
		args = append(append(args, writer), w.more...)
	}
	done, err := h.tx.ExecContext(ctx, w.statement, args...)
	if err == nil {
		if rows, failed := done.RowsAffected(); failed == nil && rows != 1 {
			err = errNotWritten
		}
	}
	if err != nil {
		h.leave()
		return err
	}
	h.table.passed("written")
	err = h.tx.Commit()
	h.end()
	if err == nil {
		h.table.passed("committed")
	}
	return err
}

// save writes what change made of what h found. Where the connection is lost on the way, it looks in another what is
// there. Nobody can have entered before the fate of the first transaction is decided: that has the lock of the row.
func (t *table) save(ctx context.Context, h *hold, w *write) error {
	caller := ctx
	ctx, cancel := lasting(caller)
	defer cancel()
	doing, found, writer := "saving the "+t.what, h.writer, rand.Text()
	for {
		err := h.commit(ctx, w, writer)
		if err == nil || !isLost(err) {
			return failed(caller, doing, err)
		}
		if h = t.enterAgain(ctx, h.key); h == nil {
			err = orEnded(caller, err)
			return &databaseError{doing: doing, uncertain: true, reach: func() error { return err }}
		}
		switch {
		case h.writer == writer, w.deletes && h.writer == "":
			h.leave()
			return nil
		case h.writer == found, t.keepsGone && h.writer == "":
			// It is as it was.
		default:
			h.leave()
			return ErrOvertaken
		}
	}
}

// enterAgain takes the lock of a row as soon as it can; nil where ctx ends before.
func (t *table) enterAgain(ctx context.Context, key string) *hold {
	for wait := 20 * time.Millisecond; ; wait = min(2*wait, time.Second) {
		if h, err := t.enter(ctx, key); err == nil {
			return h
		}
		timer := time.NewTimer(wait)
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return nil
		}
	}
}

const (
	// grace is how long something small may take that has to be done although ctx has ended.
	grace = time.Second
	// timeToSave is how long the database may be away while something is saved.
	timeToSave = 10 * time.Second
)

// lasting returns a context that ends a little after ctx does, and after timeToSave.
func lasting(ctx context.Context) (context.Context, context.CancelFunc) {
	longer, cancel := context.WithTimeout(context.WithoutCancel(ctx), timeToSave)
	stop := context.AfterFunc(ctx, func() {
		timer := time.AfterFunc(grace, cancel)
		context.AfterFunc(longer, func() { timer.Stop() })
	})
	return longer, func() {
		stop()
		cancel()
	}
}

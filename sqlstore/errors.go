package sqlstore

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"

	"github.com/seed-a6e4e5a4/imbot"
)

var (
	// ErrOvertaken is matched where a change was not saved because there is a newer one: the connection was lost, or the
	// process had stopped for longer than its lock lasts, and another has made an update meanwhile. A token that is gone
	// is not a newer one; an installation that was deleted is.
	ErrOvertaken = imbot.NewError("sqlstore: not saved: another process has made an update meanwhile", imbot.Advice{
		Meaning: "another process has made an update while this one had stopped or lost its connection",
		Action:  "nothing; what is newer is in the store",
	})
	// ErrUncertain is matched where the connection was lost while something was saved, and the database could not be
	// asked whether it is there. An update that comes later finds out: it is given what is there.
	ErrUncertain = imbot.NewError("sqlstore: whether it was saved is not known", imbot.Advice{
		Meaning: "the connection was lost while something was saved, and the database could not be asked whether it is there",
		Action:  "see to the database; the next update finds out",
	})
	// ErrNewerSchema is matched where the tables are of a later version than this package knows.
	ErrNewerSchema = imbot.NewError("sqlstore: the tables are of a later version of this package", imbot.Advice{
		Meaning: "the tables are of a later version of sqlstore",
		Action:  "use that version",
	})
)

// databaseError is an error of the database or its driver. It may quote what a statement had among its arguments, or
// what a row has. So the text names the reason in words that are none of theirs, and the error itself can be asked, but
// not be got.
type databaseError struct {
	doing     string // "loading the token"
	uncertain bool
	reach     func() error
}

// failed returns an error of something that was done within ctx.
func failed(ctx context.Context, doing string, err error) error {
	if err == nil {
		return nil
	}
	err = orEnded(ctx, err)
	return &databaseError{doing: doing, reach: func() error { return err }}
}

// orEnded returns the error of ctx, if that has ended, in the place of what a driver makes of it, and beside what the
// database has answered.
func orEnded(ctx context.Context, err error) error {
	ended := ctx.Err()
	switch {
	case ended == nil:
		return err
	case stateOf(err) == "":
		return ended
	default:
		return errors.Join(ended, err)
	}
}

func (e *databaseError) Error() string {
	text := "sqlstore: " + e.doing + ": "
	if e.uncertain {
		text += "whether it was saved is not known: "
	}
	return text + reason(e.reach())
}

// Is matches whatever the reason matches.
func (e *databaseError) Is(target error) bool {
	return e.uncertain && target == ErrUncertain || errors.Is(e.reach(), target)
}

// Advice is for [imbot.Explain].
func (e *databaseError) Advice() imbot.Advice {
	for _, known := range []error{ErrUncertain, ErrOvertaken, ErrNewerSchema} {
		if e.Is(known) {
			return imbot.Explain(known)
		}
	}
	return imbot.Advice{Meaning: "the database failed, or could not be reached", Action: "see to the database, and try again"}
}

// SQLState returns the code of the database's answer; "" if it gave none.
func (e *databaseError) SQLState() string { return stateOf(e.reach()) }

// Timeout is part of net.Error.
func (e *databaseError) Timeout() bool {
	timeout, ok := errors.AsType[net.Error](e.reach())
	return ok && timeout.Timeout()
}

// Temporary is part of net.Error; like net's own errors of today it promises nothing.
func (e *databaseError) Temporary() bool { return false }

// Format prints the message whatever the verb.
func (e *databaseError) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(e.Error())) }

// answer is what the drivers of PostgreSQL return for an answer of the database that is an error.
type answer interface {
	error
	SQLState() string
}

// stateOf returns the SQLSTATE of an error; "" where the database gave no answer.
func stateOf(err error) string {
	refused, ok := errors.AsType[answer](err)
	if !ok {
		return ""
	}
	return refused.SQLState()
}

// Some answers of the database.
const (
	noTable       = "42P01"
	idleTooLong   = "25P03"
	longerThanMay = "25P04"
	canceled      = "57014"
)

// errNotWritten is the error of a statement that has written nothing: a trigger or a policy of the database kept it from
// that.
var errNotWritten = errors.New("the database has not written the row")

// isLost reports whether an error says that the connection or the transaction has ended, so that it may be tried again
// with another. Any other is the database's last word.
func isLost(err error) bool {
	if errors.Is(err, errNotWritten) {
		return false
	}
	state := stateOf(err)
	switch state {
	case "", idleTooLong, longerThanMay, canceled:
		return true
	default: // a broken connection, a transaction that was rolled back for others, a server that ends or begins
		return strings.HasPrefix(state, "08") || strings.HasPrefix(state, "40") || strings.HasPrefix(state, "57P")
	}
}

// reason puts an error into words without arguments of statements.
func reason(err error) string {
	for _, known := range []error{
		context.DeadlineExceeded, context.Canceled, sql.ErrConnDone, sql.ErrTxDone, driver.ErrBadConn, errNotWritten,
	} {
		if errors.Is(err, known) {
			return known.Error()
		}
	}
	switch state := stateOf(err); {
	case state == noTable:
		return "the database answers " + noTable + ": there are no tables, or not all, before Migrate has made them"
	case state != "" && strings.Trim(state, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ") == "":
		return "the database answers " + state
	case state != "":
		return "the database answers with an error"
	}
	if broken, ok := errors.AsType[*net.OpError](err); ok { // made of addresses and of what the system says
		return broken.Error()
	}
	if timeout, ok := errors.AsType[net.Error](err); ok && timeout.Timeout() {
		return "timed out"
	}
	for _, known := range []error{io.ErrUnexpectedEOF, io.EOF} {
		if errors.Is(err, known) {
			return known.Error()
		}
	}
	return fmt.Sprintf("the database driver fails with a %T", err)
}

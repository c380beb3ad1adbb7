package imbot

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/seed-a6e4e5a4/imbot/internal/outcome"
)

// What a call may fail with beside an answer: these types are nobody's to ask for, but by the sentinels that they
// match.

// ran tells whether the portal acted, by an error of an attempt itself. Errors of others, which may be in the chain of
// it, are not asked: a token source may have met an unknown outcome of its own.
func ran(err error) outcome.Outcome {
	if judged, ok := err.(interface{ ran() outcome.Outcome }); ok {
		return judged.ran()
	}
	return outcome.NotExecuted
}

// foreignError is an error of what the caller gave: a token source, a limiter. It answers errors.Is and errors.As as
// the error itself would, but for ErrOutcomeUnknown: what it left open is not what was called.
type foreignError struct{ error }

func (e *foreignError) Is(target error) bool {
	return target != ErrOutcomeUnknown && errors.Is(e.error, target)
}

func (e *foreignError) As(target any) bool { return errors.As(e.error, target) }

// foreign wraps the error of what the caller gave. The end of ctx can be asked for, also where it has a cause of its
// own.
func foreign(ctx context.Context, err error) error {
	if ended := ctx.Err(); ended != nil && !errors.Is(err, ended) {
		err = fmt.Errorf("%w: %w", ended, err)
	}
	return &foreignError{err}
}

// refreshError is a token that was refused, and could not be replaced.
type refreshError struct{ refused, cause error }

func (e *refreshError) Error() string {
	return e.refused.Error() + "; not repeated: " + e.cause.Error()
}

func (e *refreshError) Unwrap() []error { return []error{e.refused, e.cause} }

// Format prints the message whatever the verb: the cause may hold anything.
func (e *refreshError) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(e.Error())) }

func (e *refreshError) ran() outcome.Outcome { return outcome.NotExecuted }

// sendError is a call that ended without an answer. What happened on the way stays in the chain, less what could
// show a secret.
type sendError struct {
	method  string
	outcome outcome.Outcome
	dial    bool // there was no connection; another try may get one
	err     error
}

func (e *sendError) Error() string {
	if e.outcome == outcome.Unknown {
		return e.method + ": outcome unknown: " + e.err.Error()
	}
	return e.method + ": not sent: " + e.err.Error()
}

// Is makes the error match ErrOutcomeUnknown where the request may have reached the portal.
func (e *sendError) Is(target error) bool {
	return target == ErrOutcomeUnknown && e.outcome == outcome.Unknown
}

func (e *sendError) Unwrap() error { return e.err }

// certificate reports whether somebody else than the portal answered, or nobody who speaks TLS.
func (e *sendError) certificate() bool {
	_, ofCaller := e.err.(*foreignError) //nolint:errorlint // what the caller gave has connections of its own
	return !ofCaller && e.outcome == outcome.NotExecuted && outcome.IsCertificate(e.err)
}

func (e *sendError) ran() outcome.Outcome { return e.outcome }

// Format prints the message whatever the verb: what the error holds is the network's, and may hold anything.
func (e *sendError) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(e.Error())) }

// lostError is the end of a call of which an earlier request may have been executed.
type lostError struct{ last, lost error }

func (e *lostError) Error() string { return e.last.Error() + "; before that: " + e.lost.Error() }

func (e *lostError) Unwrap() []error { return []error{e.last, e.lost} }

// resultError is a success whose result is not what the method documents.
type resultError struct {
	method string
	got    string
	// known is set where nothing is left open: the portal answered with a plain "no" (false), or there was nothing
	// to be done but to read.
	known bool
	means error // what the error matches in the place of ErrUnexpectedResult, or nil
}

func (e *resultError) Error() string {
	return e.method + ": " + strings.TrimPrefix(cmp.Or(e.means, ErrUnexpectedResult).Error(), "imbot: ") + ": " + e.got
}

// Is makes the error match ErrUnexpectedResult and, where something is left open, ErrOutcomeUnknown.
func (e *resultError) Is(target error) bool {
	return target == cmp.Or(e.means, ErrUnexpectedResult) || target == ErrOutcomeUnknown && !e.known
}

package imbot

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/seed-a6e4e5a4/imbot/internal/outcome"
)

// The errors of a call beside those of answers. They are unexported: match them by the sentinels.

// asType returns err as an E, where it is one. What is in its chain is not looked at: it may be of another call, which
// a token source made, say.
func asType[E error](err error) (E, bool) {
	e, ok := err.(E) //nolint:errorlint // see above
	return e, ok
}

// ran tells whether the portal acted, by an error of an attempt itself. Errors of others, which may be in the chain of
// it, are not asked: a token source may have met an unknown outcome of its own.
func ran(err error) outcome.Outcome {
	if judged, ok := err.(interface{ ran() outcome.Outcome }); ok {
		return judged.ran()
	}
	return outcome.NotExecuted
}

// foreignError is an error of what the caller gave: a token source, a limiter, a Check. It answers errors.Is and
// errors.As as the error itself would, but for ErrOutcomeUnknown: what it left open is not what was called.
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

// callError is how a call ended without an answer that says: its cause, and what was before that. What happened on the
// way stays in the chain, less what could show a secret.
type callError struct {
	method  string // of the cause; empty where that names it
	outcome outcome.Outcome
	cause   error
	before  error // the first answer that was lost, or the refusal of a token that could not be replaced; or nil

	dial       bool // there was no connection
	repeatable bool // nothing was executed, and another request may fare better
}

// isAfterLost reports whether an answer was lost before the cause.
func (e *callError) isAfterLost() bool { return e.before != nil && e.outcome == outcome.Unknown }

// isRefusedToken reports whether a token was refused, and could not be replaced.
func (e *callError) isRefusedToken() bool { return e.before != nil && e.outcome == outcome.NotExecuted }

func (e *callError) Error() string {
	switch {
	case e.isAfterLost():
		return e.cause.Error() + "; before that: " + e.before.Error()
	case e.isRefusedToken():
		return e.before.Error() + "; not repeated: " + e.cause.Error()
	case e.outcome == outcome.Unknown:
		return e.method + ": outcome unknown: " + e.cause.Error()
	default:
		return e.method + ": not sent: " + e.cause.Error()
	}
}

// Is makes the error match ErrOutcomeUnknown where a request may have reached the portal.
func (e *callError) Is(target error) bool {
	return target == ErrOutcomeUnknown && e.outcome == outcome.Unknown
}

func (e *callError) Unwrap() error {
	switch {
	case e.isAfterLost():
		return errors.Join(e.cause, e.before)
	case e.isRefusedToken():
		return errors.Join(e.before, e.cause)
	default:
		return e.cause
	}
}

// isCertificate reports whether the TLS handshake failed. Errors of token sources and limiters do not count.
func (e *callError) isCertificate() bool {
	_, ofCaller := asType[*foreignError](e.cause)
	return !ofCaller && e.outcome == outcome.NotExecuted && outcome.IsCertificate(e.cause)
}

func (e *callError) ran() outcome.Outcome { return e.outcome }

// Format prints the message whatever the verb: what the error holds is the network's, and may hold anything.
func (e *callError) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(e.Error())) }

// resultError is a success whose result is not what the method documents.
type resultError struct {
	method  string
	problem error
	known   bool // nothing is left open, whatever the problem: there was nothing to be done but to read
}

func (e *resultError) Error() string {
	return e.method + ": " + strings.TrimPrefix(e.kind().Error(), "imbot: ") + ": " + e.problem.Error()
}

// kind is ErrUnexpectedResult, unless a read has the documented result for nothing.
func (e *resultError) kind() error {
	if answer, ok := asType[plainAnswer](e.problem); ok && e.known && errors.Is(answer, ErrNotFound) {
		return ErrNotFound
	}
	return ErrUnexpectedResult
}

// Is makes the error match its kind and, where something is left open, ErrOutcomeUnknown.
func (e *resultError) Is(target error) bool {
	return target == e.kind() || target == ErrOutcomeUnknown && !e.known && !errors.Is(e.problem, ErrDeclined)
}

func (e *resultError) Unwrap() error { return e.problem }

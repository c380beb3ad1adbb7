package imbot

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/seed-a6e4e5a4/imbot/internal/outcome"
)

// The errors of a call beside those of answers. They are unexported: match them by the sentinels.

// itself returns err as an E, where it is one. What is in its chain is not looked at: it may be of another call, which
// a token source made, say.
func itself[E error](err error) (E, bool) {
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

// callError is how a call ended without an answer that tells: its cause, and what was before that. What happened on the
// way stays in the chain, less what could show a secret.
type callError struct {
	method  string // of the cause; empty where that names it
	outcome outcome.Outcome
	cause   error
	before  error // a refusal after which there was nothing to go on with, or the first answer that was lost; or nil

	dial  bool // there was no connection
	again bool // nothing was executed, and another try may fare better
}

func (e *callError) Error() string {
	unknown := e.outcome == outcome.Unknown
	switch {
	case e.before != nil && unknown:
		return e.cause.Error() + "; before that: " + e.before.Error()
	case e.before != nil:
		return e.before.Error() + "; not repeated: " + e.cause.Error()
	case unknown:
		return e.method + ": outcome unknown: " + e.cause.Error()
	default:
		return e.method + ": not sent: " + e.cause.Error()
	}
}

// Is makes the error match ErrOutcomeUnknown where a request may have reached the portal.
func (e *callError) Is(target error) bool {
	return target == ErrOutcomeUnknown && e.outcome == outcome.Unknown
}

func (e *callError) Unwrap() []error {
	switch {
	case e.before == nil:
		return []error{e.cause}
	case e.outcome == outcome.Unknown:
		return []error{e.cause, e.before}
	default:
		return []error{e.before, e.cause}
	}
}

// isCertificate reports whether somebody else than the portal answered, or nobody who speaks TLS. What the caller gave
// has connections of its own.
func (e *callError) isCertificate() bool {
	_, ofCaller := itself[*foreignError](e.cause)
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

// kind is ErrUnexpectedResult, unless the result is the documented one for nothing.
func (e *resultError) kind() error {
	if e.problem == errNothing { //nolint:errorlint // a Check of somebody else may wrap another ErrNotFound
		return ErrNotFound
	}
	return ErrUnexpectedResult
}

// Is makes the error match its kind and, where something is left open, ErrOutcomeUnknown.
func (e *resultError) Is(target error) bool {
	return target == e.kind() || target == ErrOutcomeUnknown && !e.known && !errors.Is(e.problem, ErrDeclined)
}

func (e *resultError) Unwrap() error { return e.problem }

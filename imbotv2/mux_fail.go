package imbotv2

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"time"

	"github.com/seed-a6e4e5a4/imbot"
)

// Failed has f called for an event that its function failed for and is not called for again, with the last error; then
// the event is done. It is the place to keep such events. Its context ends after a minute, and not with that of the
// function. Without it the error goes to the function for errors ([Mux.Errors]), and the event is done as well. Without
// that too, [Mux.Run] ends with the error, and the event comes again, unless its outcome is unknown.
func (m *Mux) Failed(f func(ctx context.Context, event *Event, err error)) { m.failed = f }

// Errors has f called with what [Bot.Events] yields errors for, with each error of a function that is called again, and
// with the last one where there is no function for that ([Mux.Failed]). Without it, nobody hears of these errors. Like
// the functions for events, it has to be safe for concurrent use. Its panic ends [Mux.Run], as a [*PanicError].
func (m *Mux) Errors(f func(ctx context.Context, err error)) { m.errors = f }

// tryAgain is an error of [TryAgain].
type tryAgain struct{ err error }

func (e tryAgain) Error() string { return e.err.Error() }

func (e tryAgain) Unwrap() error { return e.err }

// TryAgain is for a function of a [Mux] that may be called again after every error, such as one that does nothing but
// [ChatService.EnsureLeft]. It returns an error that matches whatever err does; nil for nil.
//
// Otherwise a function is not called again after an error that matches [imbot.ErrOutcomeUnknown], but for
// [imbot.ErrStillInChat]: what it did may have been done, and a message would be there twice. Nor is it after a
// [*imbot.ParamError], which the same request would end with again.
func TryAgain(err error) error {
	if err == nil {
		return nil
	}
	return tryAgain{err}
}

// MayTryAgain reports whether a function that failed with err may be called again for the same event, by the rule of
// [TryAgain]. It is for those who call functions for events themselves, such as the worker of a queue. It is true for
// nil.
func MayTryAgain(err error) bool { return !isUnknown(err) && !isHopeless(err) }

// isUnknown reports whether a function may have done what must not be done twice.
func isUnknown(err error) bool {
	_, again := errors.AsType[tryAgain](err)
	return !again && errors.Is(err, imbot.ErrOutcomeUnknown) && !errors.Is(err, imbot.ErrStillInChat)
}

// isHopeless reports whether a function would fail again.
func isHopeless(err error) bool {
	_, again := errors.AsType[tryAgain](err)
	_, isMistake := errors.AsType[*imbot.ParamError](err)
	return !again && isMistake
}

// giveUp hands an event to the function for those that failed, or its error to that for errors, also where ctx has ended.
// It returns the error where there is neither, and otherwise the panic of the function.
func (m *Mux) giveUp(ctx context.Context, event *Event, err error) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Minute)
	defer cancel()
	switch {
	case m.failed != nil:
		return call(ctx, func(ctx context.Context) error {
			m.failed(ctx, event, err)
			return nil
		})
	case m.errors != nil:
		return m.report(ctx, about(event, err))
	default:
		return about(event, err)
	}
}

// report hands an error to the function for errors, and returns its panic.
func (m *Mux) report(ctx context.Context, err error) error {
	if m.errors == nil {
		return nil
	}
	return call(ctx, func(ctx context.Context) error {
		m.errors(ctx, err)
		return nil
	})
}

// PanicError is a panic of a function that a [Mux] called, as the error of that function.
type PanicError struct {
	Value any    // what it panicked with; nil where it ended its goroutine
	Stack []byte // where; nil likewise
}

// Error names what it panicked with.
func (e *PanicError) Error() string {
	if e.Value == nil {
		return "imbotv2: the function ended its goroutine"
	}
	return fmt.Sprintf("imbotv2: the function panicked: %v", e.Value)
}

// Unwrap returns the Value where it is an error.
func (e *PanicError) Unwrap() error {
	err, _ := e.Value.(error)
	return err
}

// Advice is for [imbot.Explain].
func (e *PanicError) Advice() imbot.Advice {
	return imbot.Advice{
		Meaning: "a function of the program panicked, or ended its goroutine",
		Action:  "fix the function; PanicError.Stack says where",
	}
}

// call calls a function on a goroutine of its own, as it may end that. Its panic is an error.
func call(ctx context.Context, f func(context.Context) error) error {
	returned := make(chan error, 1)
	go func() {
		failure := error(new(PanicError))
		defer func() { returned <- failure }()
		defer func() {
			if value := recover(); value != nil {
				failure = &PanicError{Value: value, Stack: debug.Stack()}
			}
		}()
		failure = f(ctx)
	}()
	return <-returned
}

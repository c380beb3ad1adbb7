package events

import (
	"context"
	"errors"
	"time"

	"github.com/seed-a6e4e5a4/imbot"
)

// Step is what a [Handler] does with an event.
type Step string

// The steps.
const (
	StepReceive Step = "receive" // a post is read, verified, and handed to a worker, kept or refused
	StepWork    Step = "work"    // a callback, or a function of the mux, is called for an event
)

// StepOutcome is how a [Step] ended, in a word.
type StepOutcome string

// The outcomes.
const (
	EventAccepted StepOutcome = "accepted" // the post is an event that was verified; of StepReceive
	EventRefused  StepOutcome = "refused"  // the post was not taken: a [*RequestError]; of StepReceive
	EventDone     StepOutcome = "done"     // the function has returned nil; of StepWork
	EventFailed   StepOutcome = "failed"   // the function has failed, or was never called as the handler is shut down: a [*CallbackError]; of StepWork
	EventDropped  StepOutcome = "dropped"  // the event came before ([WithoutRepeats]) or is too old ([WithMaxAge]); of both
)

// StepInfo is a step that begins, for [WithTrace]. It has nothing of what people wrote, and no secret.
type StepInfo struct {
	Step Step      // what begins
	Name string    // of the event, which a portal has chosen; empty for StepReceive, when it is not known yet
	Time time.Time // when the portal says that it happened; zero where it does not, and for StepReceive
}

// StepResult is how a step ended, for [WithTrace].
type StepResult struct {
	Outcome    StepOutcome   // in a word
	Name       string        // of the event; empty where a post was not one, or was not verified
	StatusCode int           // the answer to a post; 0 for StepWork
	Err        error         // why it was refused, or how it failed; with the text that the function gave it
	Duration   time.Duration // from the beginning to the end; of StepReceive with the wait for its worker where an event is kept first
}

// WithTrace calls begin before each step of an event, and what that returns when the step has ended. A post is one step,
// and each function that is called for its event is another: with the context that begin has returned, which is made of
// that of the post where the event is worked on at once. So a span in it is the parent of the calls of a bot.
//
// Several traces are nested, the first is the outermost. begin and what it returns must be safe for concurrent use; a nil
// context or func stands for none. If one panics, nothing else happens.
func WithTrace(begin func(context.Context, StepInfo) (context.Context, func(StepResult))) Option {
	return func(c *config) error {
		if begin == nil {
			return &imbot.ParamError{Param: "WithTrace", Err: errNil}
		}
		c.traces = append(c.traces, begin)
		return nil
	}
}

// begin tells that a step begins, and returns its context and a function that tells how it ended.
func (c *config) begin(ctx context.Context, info StepInfo) (inner context.Context, end func(StepResult)) {
	if len(c.traces) == 0 {
		return ctx, func(StepResult) {}
	}
	began := time.Now()
	ends := make([]func(StepResult), 0, len(c.traces))
	for _, trace := range c.traces {
		ctx, ends = beginOne(ctx, info, trace, ends)
	}
	return ctx, func(result StepResult) {
		result.Duration = time.Since(began)
		for i := len(ends) - 1; i >= 0; i-- {
			endOne(ends[i], result)
		}
	}
}

// beginOne calls a trace. If that panics, there is nobody to tell.
func beginOne(
	ctx context.Context, info StepInfo, trace func(context.Context, StepInfo) (context.Context, func(StepResult)), ends []func(StepResult),
) (inner context.Context, all []func(StepResult)) {
	inner, all = ctx, ends
	defer func() { _ = recover() }()
	made, end := trace(ctx, info)
	if made != nil {
		inner = made
	}
	if end != nil {
		all = append(all, end)
	}
	return inner, all
}

func endOne(end func(StepResult), result StepResult) {
	defer func() { _ = recover() }()
	end(result)
}

// received is how a post was answered.
func received(name string, status int, came error) StepResult {
	result := StepResult{Outcome: EventAccepted, Name: name, StatusCode: status}
	refused, isRefused := errors.AsType[*RequestError](came)
	switch {
	case isRefused:
		result.Outcome, result.Err = EventRefused, refused
	case errors.Is(came, errRepeated), errors.Is(came, ErrTooOld):
		result.Outcome = EventDropped
	}
	return result
}

// worked is how a function for an event ended.
func worked(event *Event, failed *CallbackError, called bool) StepResult {
	result := StepResult{Outcome: EventDone, Name: event.Name}
	switch {
	case errors.Is(failed.Err, ErrTooOld) && !called, failed.Err == nil && !called:
		result.Outcome = EventDropped
	case failed.Err != nil:
		result.Outcome, result.Err = EventFailed, failed
	}
	return result
}

// errRepeated is what came of an event that came before.
var errRepeated = errors.New("events: the event came before")

package imbotv2

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"sync"
	"time"

	"github.com/seed-a6e4e5a4/imbot"
)

const (
	defaultWorkers = 16
	defaultTries   = 3
)

// WithWorkers sets how many functions [Mux.Run] calls at the same time, at least one; 16 without it.
func WithWorkers(n int) EventsOption {
	return func(c *eventsConfig) error {
		if n < 1 {
			return &imbot.ParamError{Param: "WithWorkers", Err: errors.New("want at least one")}
		}
		c.workers = n
		return nil
	}
}

// WithTries sets how often [Mux.Run] calls a function for an event that it fails for, at least once; 3 times without it.
// There are growing pauses between them, of 1 s, 4 s, 16 s and at most a minute.
func WithTries(n int) EventsOption {
	return func(c *eventsConfig) error {
		if n < 1 {
			return &imbot.ParamError{Param: "WithTries", Err: errors.New("want at least one")}
		}
		c.tries = n
		return nil
	}
}

// WithCallbackTimeout ends the context of a function that [Mux.Run] calls when it has run for d, which has to be positive.
// Without it a function may run for as long as it likes, and hold up its dialog; when 1,000 events have come behind its
// own, of whichever dialogs, none is fetched before it returns.
func WithCallbackTimeout(d time.Duration) EventsOption {
	return func(c *eventsConfig) error {
		if d <= 0 {
			return &imbot.ParamError{Param: "WithCallbackTimeout", Err: errors.New("is not positive")}
		}
		c.timeout = d
		return nil
	}
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

// Failed has f called for an event whose function failed each time, with the last error; then the event is done. It is
// the place to keep such events. Without it, [Mux.Run] ends with the error, and the event comes again.
func (m *Mux) Failed(f func(ctx context.Context, event *Event, err error)) { m.failed = f }

// Errors has f called with what [Bot.Events] yields errors for, and with each error of a function that is called again.
// Like the functions for events, it has to be safe for concurrent use. Its panic ends [Mux.Run], as a [*PanicError].
// Without it, [ErrEventsPosted] and [ErrFetchedTwice] end Run, and all other errors are passed over.
func (m *Mux) Errors(f func(ctx context.Context, err error)) { m.errors = f }

// Run fetches the events of the bot, as [Bot.Events] does and with its options, and calls the functions for them. Events
// of one dialog come one after the other, those of others meanwhile. A function that fails is called again, and in the
// end the event is handed to [Mux.Failed]. An event is done when its function has returned nil, or Failed has.
//
// When ctx ends, or the error of an event or of the portal is final, no more functions are called, and Run returns when
// those that run have: nil where ctx has ended.
func (m *Mux) Run(ctx context.Context, bot *Bot, opts ...EventsOption) error {
	f, err := newFeed(bot, opts)
	if err != nil {
		return err
	}
	defer f.close(ctx)
	fetching, stop := context.WithCancelCause(ctx)
	r := &muxRun{mux: m, cfg: f.cfg, stop: stop, slots: make(chan struct{}, f.cfg.workers), dialogs: make(map[string][]*Event)}
	defer func() {
		stop(nil)
		r.running.Wait()
	}()
	for {
		event, err := f.next(fetching)
		switch {
		case event != nil:
			r.start(fetching, event)
		case isFinal(err):
			stop(err)
			return err
		case err != nil:
			if failed := m.report(fetching, err); failed != nil {
				stop(failed)
				return failed
			}
		default:
			if ctx.Err() != nil {
				return nil
			}
			return context.Cause(fetching)
		}
	}
}

// report hands an error to the function for errors, and returns its panic. Without one, it returns an error after which
// nothing would ever come.
func (m *Mux) report(ctx context.Context, err error) error {
	switch {
	case m.errors != nil:
		return call(ctx, func(ctx context.Context) error {
			m.errors(ctx, err)
			return nil
		})
	case errors.Is(err, ErrEventsPosted), errors.Is(err, ErrFetchedTwice):
		return err
	default:
		return nil
	}
}

// muxRun is one run of a Mux. Each dialog with events has a goroutine, which ends when there are no more.
type muxRun struct {
	mux   *Mux
	cfg   eventsConfig
	stop  context.CancelCauseFunc
	slots chan struct{} // full when as many functions run as may

	running sync.WaitGroup
	mu      sync.Mutex
	dialogs map[string][]*Event // that wait, of the dialogs that have a goroutine
}

// start has an event worked on when those before it in its dialog are done.
func (r *muxRun) start(ctx context.Context, event *Event) {
	r.mu.Lock()
	defer r.mu.Unlock()
	dialog := dialogOf(event)
	waiting, isRunning := r.dialogs[dialog]
	r.dialogs[dialog] = append(waiting, event)
	if !isRunning {
		r.running.Go(func() { r.work(ctx, dialog) })
	}
}

// dialogOf returns what the order of an event is kept in: its dialog, or the event alone where it has none.
func dialogOf(event *Event) string {
	if event.DialogID == "" {
		return fmt.Sprint("event ", event.EventID)
	}
	return string(event.DialogID)
}

// work works on the events of a dialog, until there are none or the run ends.
func (r *muxRun) work(ctx context.Context, dialog string) {
	for {
		event := r.take(dialog)
		if event == nil || !r.finish(ctx, event) {
			return
		}
		event.Done()
	}
}

// take takes the next event of a dialog, or ends its goroutine.
func (r *muxRun) take(dialog string) *Event {
	r.mu.Lock()
	defer r.mu.Unlock()
	waiting := r.dialogs[dialog]
	if len(waiting) == 0 {
		delete(r.dialogs, dialog)
		return nil
	}
	r.dialogs[dialog] = waiting[1:]
	return waiting[0]
}

// finish works on an event until it is done, and reports whether it is: not if the run ends before.
func (r *muxRun) finish(ctx context.Context, event *Event) bool {
	for try := 1; ; try++ {
		err := r.try(ctx, event, func(ctx context.Context) error { return r.mux.Handle(ctx, event) })
		switch {
		case err == nil:
			return true
		case ctx.Err() != nil:
			return false
		case try < r.cfg.tries:
			if failed := r.mux.report(ctx, err); failed != nil {
				r.stop(failed)
				return false
			}
			if !pauseAfter(ctx, try) {
				return false
			}
		case r.mux.failed == nil:
			r.stop(err)
			return false
		default:
			failed := r.try(ctx, event, func(ctx context.Context) error {
				r.mux.failed(ctx, event, err)
				return nil
			})
			if failed != nil {
				r.stop(failed)
			}
			return failed == nil
		}
	}
}

// try calls a function for an event when there is room for it, unless the run has ended by then.
func (r *muxRun) try(ctx context.Context, event *Event, f func(context.Context) error) error {
	select {
	case r.slots <- struct{}{}:
	case <-ctx.Done():
		return context.Cause(ctx)
	}
	defer func() { <-r.slots }()
	if ctx.Err() != nil { // there may have been room at the same time
		return context.Cause(ctx)
	}
	if r.cfg.timeout > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, r.cfg.timeout)
		defer cancel()
	}
	if err := call(ctx, f); err != nil {
		return fmt.Errorf("imbotv2: event %s: %w", event.Name, err)
	}
	return nil
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

// pauseAfter waits after a try, and reports whether there is to be another.
func pauseAfter(ctx context.Context, try int) bool {
	const first, factor, longest = time.Second, 4, time.Minute
	pause := first
	for range try - 1 {
		pause = min(factor*pause, longest)
	}
	t := time.NewTimer(pause)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-ctx.Done():
		return false
	}
}

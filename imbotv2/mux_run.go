package imbotv2

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/seed-a6e4e5a4/imbot"
)

// Run fetches the events of the bot, as [Bot.Events] does and with its options, and calls the functions for them. Events
// of one dialog come one after the other, those of others meanwhile. A function that fails is called again ([TryAgain],
// [WithTries]), and in the end the event is handed to [Mux.Failed]. An event is done when its function has returned nil,
// or Failed has.
//
// When ctx ends, no more functions are called, and Run returns nil when those that run have returned. It ends with an
// error likewise where it would wait in vain: after what the sequence of [Bot.Events] ends with, [ErrEventsPosted] and
// [ErrFetchedTwice], and at its beginning where the [OffsetStore] cannot be read. A [*imbot.ParamError] is the error of a
// Mux without functions.
func (m *Mux) Run(ctx context.Context, bot *Bot, opts ...EventsOption) (err error) {
	if m == nil || len(m.byName)+len(m.commands) == 0 && m.other == nil {
		return &imbot.ParamError{Param: "Mux", Err: errors.New("has no functions")}
	}
	f, err := newFeed(bot, opts)
	if err != nil {
		return err
	}
	defer f.close(ctx)
	if err := f.load(ctx); err != nil {
		return err
	}
	fetching, stop := context.WithCancel(ctx)
	r := &muxRun{mux: m, cfg: f.cfg, stop: stop, slots: make(chan struct{}, f.cfg.workers), dialogs: make(map[string][]*Event)}
	defer func() {
		stop()
		r.running.Wait()
		err = r.failure
	}()
	for {
		event, err := f.next(fetching)
		switch {
		case event != nil:
			r.start(fetching, event)
		case err == nil: // ctx has ended, or the run
			return nil
		case isFinal(err), errors.Is(err, ErrEventsPosted), errors.Is(err, ErrFetchedTwice):
			return r.end(err)
		default:
			if failed := m.report(fetching, err); failed != nil {
				return r.end(failed)
			}
		}
	}
}

// muxRun is one run of a Mux. Each dialog with events has a goroutine, which ends when there are no more.
type muxRun struct {
	mux   *Mux
	cfg   eventsConfig
	stop  context.CancelFunc
	slots chan struct{} // full when as many functions run as may

	running sync.WaitGroup
	mu      sync.Mutex
	dialogs map[string][]*Event // that wait, of the dialogs that have a goroutine
	failure error               // what the run ends with
}

// end ends the run with an error, unless it has ended with another, and returns that.
func (r *muxRun) end(err error) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.failure = cmp.Or(r.failure, err)
	r.stop()
	return r.failure
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
		wasCalled, err := r.try(ctx, event)
		switch {
		case !wasCalled:
			return false
		case err == nil:
			return true
		case isUnknown(err):
		case ctx.Err() != nil:
			return false
		case try < r.cfg.tries && !isHopeless(err):
			if failed := r.mux.report(ctx, about(event, err)); failed != nil {
				_ = r.end(failed)
				return false
			}
			if !pauseAfter(ctx, try) {
				return false
			}
			continue
		}
		failed := r.mux.giveUp(ctx, event, err)
		if failed != nil {
			_ = r.end(failed)
		}
		return failed == nil || isUnknown(err)
	}
}

// try calls the function for an event when there is room for it, unless the run has ended by then.
func (r *muxRun) try(ctx context.Context, event *Event) (wasCalled bool, err error) {
	select {
	case r.slots <- struct{}{}:
	case <-ctx.Done():
		return false, nil
	}
	defer func() { <-r.slots }()
	if ctx.Err() != nil { // there may have been room at the same time
		return false, nil
	}
	if r.cfg.timeout > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, r.cfg.timeout)
		defer cancel()
	}
	return true, r.mux.call(ctx, event)
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

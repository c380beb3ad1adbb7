package events

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/internal/identity"
)

// longestKeep is for how long the function of WithEnqueue may take.
const longestKeep = 20 * time.Second

var errEnqueued = errors.New("cannot be combined with WithEnqueue, which answers when the event is kept")

// WithEnqueue has enqueue keep each event before the portal is answered, for a worker that does the work later: 200 says
// that enqueue has returned nil, and 503 that it has not. The put of a queue is such a function, that of module
// eventqueue for one. The worker calls [Handler.Work], or a function of its own.
//
// Every event that is verified is kept, also where the handler has no callback for it, as the worker may be another
// program. Installations and removals are kept, too. [WithInstallCheck] decides about an installation before that, with
// all tokens, and has to store them: a kept event has none ([Event.MarshalBinary]).
//
// The portal waits for enqueue, which has 20 s. Its context does not end when the portal hangs up. enqueue is called by
// the workers ([WithWorkers], [WithQueue]), which no portal fills for the others. Where it fails, panics or ends its
// goroutine, the error is a [*RequestError] that matches [ErrNotKept] and what enqueue has returned, with the secrets of
// the event masked.
//
// [WithoutRepeats] drops events before they are kept, and only those that are the same as one that was kept. [WithMaxAge]
// looks at events when they come and again in Work; [WithCallbackTimeout] and [WithMux] are for Work alone.
// [WithSynchronous] contradicts this option, and both together are a mistake.
func WithEnqueue(enqueue func(ctx context.Context, event *Event) error) Option {
	return func(c *config) error {
		if enqueue == nil {
			return &imbot.ParamError{Param: "WithEnqueue", Err: errNil}
		}
		c.enqueue = enqueue
		return nil
	}
}

// keep has an event kept, and sends to done why it was not.
func (h *Handler) keep(values context.Context, event *Event, done chan<- error) {
	refused := unavailable(ErrNotKept, ErrPanic) // unless keep returns
	var dropped error
	defer func() {
		if reason := recover(); reason != nil {
			refused = unavailable(ErrNotKept, masked(event, panicError(reason)))
		}
		if refused == nil {
			done <- dropped
			return
		}
		done <- refused
	}()
	switch {
	case h.life.Err() != nil:
		refused = unavailable(ErrShutdown, nil)
		return
	case h.isTooOld(event):
		h.report(values, &CallbackError{Name: event.Name, MemberID: event.MemberID, Err: ErrTooOld})
		refused, dropped = nil, ErrTooOld
		return
	}
	var ids []string
	if h.repeats != nil {
		if ids = h.identities(event); h.haveAllCome(ids) {
			refused, dropped = nil, errRepeated
			return
		}
	}
	ctx, cancel := context.WithTimeout(values, longestKeep)
	defer cancel()
	stop := context.AfterFunc(h.life, cancel) //nolint:contextcheck // the two are joined here
	defer stop()
	if err := h.enqueue(ctx, event); err != nil {
		refused = unavailable(ErrNotKept, masked(event, err))
		return
	}
	for _, id := range ids {
		h.repeats.came(id)
	}
	refused = nil
}

// identities returns what makes an event the same: for the mux that of each of its parts.
func (h *Handler) identities(event *Event) []string {
	if h.callback(event.Name) != nil || !h.isForMux(event.Name) {
		return []string{event.ID()}
	}
	var ids []string
	for fetched := range event.FetchedAll() {
		ids = append(ids, identity.Of(event.portal(), fetched.ID()))
	}
	return ids
}

// haveAllCome reports whether nothing of an event is new.
func (h *Handler) haveAllCome(ids []string) bool {
	for _, id := range ids {
		if !h.repeats.has(id) {
			return false
		}
	}
	return true
}

// Work does what the handler has callbacks or a mux for, and returns how that failed: nil, or a [*CallbackError], several
// of them joined. It is for the worker of a queue, which has the events of [WithEnqueue] and calls again for an event that
// failed. The event is not verified, so give it none but those. Nil is also the answer for an event that nothing is to be
// called for, and for one that is too old ([WithMaxAge]).
//
// Errors are reported as those of any callback. ctx is that of the callbacks, which end with [Handler.Shutdown] as well
// and with [WithCallbackTimeout]. An event for several bots is one: if it fails for one of them, all of it comes again.
// A nil event is a [*imbot.ParamError].
func (h *Handler) Work(ctx context.Context, event *Event) error {
	if event == nil {
		return &imbot.ParamError{Param: "event", Err: errNil}
	}
	if h.isTooOld(event) {
		_, end := h.begin(ctx, StepInfo{Step: StepWork, Name: event.Name, Time: event.Time})
		defer end(StepResult{Outcome: EventDropped, Name: event.Name})
		h.report(ctx, &CallbackError{Name: event.Name, MemberID: event.MemberID, Err: ErrTooOld})
		return nil
	}
	done := make(chan error, 1)
	go h.work(ctx, event, done) // on a goroutine of its own, which a callback may end
	if err := <-done; err != nil {
		return fmt.Errorf("events: the work for an event failed: %w", err)
	}
	return nil
}

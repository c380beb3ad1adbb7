package events

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"runtime/debug"
	"time"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/imbotv2"
	"github.com/seed-a6e4e5a4/imbot/internal/identity"
)

// Sender is which portal an event claims to come from.
type Sender struct {
	MemberID string // identifies the portal, whatever its name becomes; it may be missing in the second generation
	Domain   string // the name of the portal, such as "portal.example"; it may change, and may be missing
}

// Lookup returns the application token that was stored when the application was installed on a portal; for bots that
// were registered by a webhook, their CLIENT_ID or botToken. For a portal that is not known it returns "", and the
// event is refused. An error refuses the event too, but for the time being: the portal is answered 503.
//
// Where there is a MemberID, it alone should decide, and else the Domain. One of them is always there, and
// installations and removals have a MemberID.
//
// It is called while the portal waits, for every event, and must be safe for concurrent use.
type Lookup func(ctx context.Context, sender Sender) (applicationToken string, err error)

// LookupFunc is what [NewHandler] takes for a [Lookup]: one, or a func that knows portals by their MemberID alone. Posts
// without a MemberID are refused with that.
type LookupFunc interface {
	Lookup | func(ctx context.Context, sender Sender) (string, error) | func(ctx context.Context, memberID string) (string, error)
}

// lookupOf returns what a LookupFunc is as a Lookup; nil for nil.
func lookupOf[L LookupFunc](lookup L) Lookup {
	switch f := any(lookup).(type) {
	case Lookup:
		return f
	case func(context.Context, Sender) (string, error):
		return f
	case func(context.Context, string) (string, error):
		if f != nil {
			return func(ctx context.Context, sender Sender) (string, error) {
				if sender.MemberID == "" {
					return "", nil
				}
				return f(ctx, sender.MemberID)
			}
		}
	}
	return nil
}

// Callback does the work for an event that was verified. The portal has had its answer by then, so an error goes to
// [WithErrorHandler] and [WithLogger], and nowhere else, except with [WithSynchronous]. Callbacks run at the same time,
// and must be safe for that.
//
// ctx has the values of the request's context, but not its end. It ends when the context of [Handler.Shutdown] does,
// and after the time of [WithCallbackTimeout]. A callback that does not return keeps its worker.
type Callback func(ctx context.Context, event *Event) error

// Handler is an [http.Handler] for the events of portals. It lets through what is proven by an application token,
// answers 200, and calls a callback for the event. What it refuses it answers with the status of the
// [*RequestError]; no callback is called then.
//
// Callbacks are called by a bounded number of goroutines, the workers, and wait for them in a bounded queue. Where
// there is no place in it the event is refused by 503: nobody repeats it, but the portal counts it as failed, and
// monitoring sees it.
//
// No portal fills either for the others: it gets another worker only while it has fewer than are free, so that it has
// half of them at most, and another place in the queue likewise. What waits is taken from the portals in turn, the
// oldest of each first. Several portals together can still hold all workers, and so can any one where there is a single
// worker; how long a callback holds one is for [WithCallbackTimeout] to bound.
//
// A portal has one application token for each application, and one for each CLIENT_ID of webhook bots. A handler knows
// one for a portal: give every application and every CLIENT_ID a handler, and an address, of its own.
//
// How long a portal may take to send is for the http.Server to say, by its ReadTimeout.
//
// With [WithEnqueue] it keeps an event first and answers then, and the callbacks are called by [Handler.Work].
//
// Make one with [NewHandler]. It starts no goroutine before there is work for one, and is safe for concurrent use.
type Handler struct {
	config

	lookup Lookup
	pool   *pool
	life   context.Context // ends when the time for a shutdown is over
	end    context.CancelCauseFunc
}

// NewHandler returns a handler that verifies events by lookup. The error is a [*imbot.ParamError] for each mistake
// among the options, joined.
func NewHandler[L LookupFunc](lookup L, opts ...Option) (*Handler, error) {
	h := &Handler{config: config{workers: defaultWorkers, queue: defaultQueue}, lookup: lookupOf(lookup)}
	var problems []error
	if h.lookup == nil {
		problems = append(problems, &imbot.ParamError{Param: "lookup", Err: errNil})
	}
	for i, opt := range opts {
		if opt == nil {
			problems = append(problems, &imbot.ParamError{Param: fmt.Sprintf("option %d", i+1), Err: errNil})
			continue
		}
		if err := opt(&h.config); err != nil {
			problems = append(problems, err)
		}
	}
	if h.enqueue != nil && h.synchronous {
		problems = append(problems, &imbot.ParamError{Param: "WithSynchronous", Err: errEnqueued})
	}
	if err := errors.Join(problems...); err != nil {
		return nil, err
	}
	h.pool = newPool(h.workers, h.queue)
	h.life, h.end = context.WithCancelCause(context.Background())
	return h, nil
}

// ServeHTTP answers a portal.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Body != nil {
		r.Body = http.MaxBytesReader(w, r.Body, maxBody) // it closes the connection of a client that keeps sending
	}
	ctx, end := h.begin(r.Context(), StepInfo{Step: StepReceive})
	if len(h.traces) > 0 {
		r = r.WithContext(ctx)
	}
	done := make(chan error, 1)
	status := http.StatusOK
	name, refused := h.take(r, done)
	var came error // of an event that was to be kept
	if refused == nil && h.enqueue != nil {
		came = <-done
		refused, _ = errors.AsType[*RequestError](came)
	}
	switch {
	case refused != nil:
		h.report(ctx, refused)
		status, came = refused.StatusCode, refused
	case h.synchronous:
		status = statusOf(<-done)
	}
	end(received(name, status, came))
	switch status {
	case http.StatusOK:
		w.WriteHeader(status)
		return
	case http.StatusMethodNotAllowed:
		w.Header().Set("Allow", http.MethodPost)
	}
	http.Error(w, http.StatusText(status), status)
}

// statusOf returns the answer to an event that was worked on.
func statusOf(failed error) int {
	switch {
	case failed == nil, errors.Is(failed, ErrTooOld):
		return http.StatusOK
	case errors.Is(failed, ErrShutdown):
		return http.StatusServiceUnavailable
	default:
		return http.StatusInternalServerError
	}
}

// take reads an event, verifies it and hands it to the pool. What comes of it is sent to done. The name of an event that
// was verified is returned.
func (h *Handler) take(r *http.Request, done chan<- error) (name string, refused *RequestError) {
	if h.pool.isClosed() {
		return "", unavailable(ErrShutdown, nil)
	}
	event, err := Parse(r)
	if refused, ok := errors.AsType[*RequestError](err); ok {
		return "", refused
	}
	if refused := h.verify(r.Context(), event); refused != nil {
		return "", refused
	}
	if h.enqueue == nil && h.callback(event.Name) == nil && !h.isForMux(event.Name) {
		done <- nil
		return event.Name, nil
	}
	values := context.WithoutCancel(r.Context())
	work := func() { h.work(values, event, done) }
	if h.enqueue != nil {
		work = func() { h.keep(values, event, done) }
	}
	if err := h.pool.submit(event.portal(), work); err != nil {
		return event.Name, unavailable(err, nil)
	}
	return event.Name, nil
}

// verify decides whether the event is what it says. An installation brings the very token that others are verified by,
// so where somebody decides about installations, they alone do.
func (h *Handler) verify(ctx context.Context, event *Event) *RequestError {
	sender := Sender{MemberID: event.MemberID, Domain: event.Auth.Domain}
	isOfApp := event.Name == AppInstall || event.Name == AppUninstall
	if event.MemberID == "" && (isOfApp || sender.Domain == "") || event.ApplicationToken == "" {
		return unverified("there is no member_id, or no application_token", nil)
	}
	if event.Name == AppInstall && h.acceptInstall != nil {
		err := h.acceptInstall(ctx, event)
		switch {
		case errors.Is(err, ErrLookup):
			return unavailable(ErrLookup, masked(event, err))
		case err != nil:
			return unverified("the installation was not accepted", masked(event, err))
		}
		return nil
	}
	stored, err := h.lookup(ctx, sender)
	if err != nil {
		return unavailable(ErrLookup, event.secrets().Error(err))
	}
	if !event.Verify(stored) {
		detail := "the application token is not that of the portal"
		if stored == "" {
			detail = "no application token is known for the portal"
		}
		return unverified(detail, nil)
	}
	return nil
}

// work does what is to be done about an event, and sends what came of it to done.
func (h *Handler) work(values context.Context, event *Event, done chan<- error) {
	failed := ErrPanic // unless work returns
	defer func() { done <- failed }()
	failed = h.workOn(values, event)
}

// workOn calls what is to be called for an event, and returns how that failed.
func (h *Handler) workOn(values context.Context, event *Event) error {
	if callback := h.callback(event.Name); callback != nil {
		return h.call(values, event, event.ID, func(ctx context.Context) error { return callback(ctx, event) })
	}
	if !h.isForMux(event.Name) {
		return nil
	}
	var all []error
	for fetched := range event.FetchedAll() {
		id := func() string { return identity.Of(event.portal(), fetched.ID()) }
		all = append(all, h.call(values, event, id, func(ctx context.Context) error { return h.mux.Handle(ctx, fetched) }))
	}
	return errors.Join(all...)
}

// call calls a function for an event, unless it was called before for one with the same id. It reports how that failed,
// if it did, and returns it.
func (h *Handler) call(
	values context.Context, event *Event, id func() string, function func(context.Context) error,
) (err error) {
	values, end := h.begin(values, StepInfo{Step: StepWork, Name: event.Name, Time: event.Time})
	called := false
	ctx, cancel := context.WithCancelCause(values)
	if h.timeout > 0 {
		var cancelTimeout context.CancelFunc
		ctx, cancelTimeout = context.WithTimeout(ctx, h.timeout)
		defer cancelTimeout()
	}
	stop := context.AfterFunc(h.life, func() { cancel(context.Cause(h.life)) }) //nolint:contextcheck // the two are joined here
	failed := &CallbackError{Name: event.Name, MemberID: event.MemberID, Err: ErrPanic}
	defer func() {
		stop()
		cancel(nil)
		// Where the function has not returned, this says why, or that it ended the goroutine.
		if reason := recover(); reason != nil {
			failed.Err, failed.Stack = panicError(reason), debug.Stack()
		}
		defer func() { end(worked(event, failed, called)) }()
		if failed.Err == nil {
			return
		}
		if panicked, ok := errors.AsType[*imbotv2.PanicError](failed.Err); ok { // of a function of the mux
			failed.Err, failed.Stack = panicError(panicked.Value), panicked.Stack
		}
		failed.Err = masked(event, failed.Err)
		h.report(values, failed)
		err = failed
	}()
	switch {
	case h.life.Err() != nil:
		failed.Err = ErrShutdown
	case h.isTooOld(event):
		failed.Err = ErrTooOld
	case h.enqueue == nil && h.repeats != nil && h.repeats.came(id()): // what comes from a queue comes again after a failure
		failed.Err = nil
	default:
		called = true
		failed.Err = function(ctx)
	}
	return nil
}

func (h *Handler) isTooOld(event *Event) bool {
	isOfApp := event.Name == AppInstall || event.Name == AppUninstall
	return h.maxAge > 0 && !isOfApp && !event.Time.IsZero() && time.Since(event.Time) > h.maxAge
}

// masked masks the event's secrets in a callback's error; the error's own methods may panic.
func masked(event *Event, err error) (safe error) {
	defer func() {
		if recover() != nil {
			safe = ErrPanic
		}
	}()
	return event.secrets().Error(err)
}

// panicError is what a function panicked with, or ErrPanic alone where it ended its goroutine.
func panicError(reason any) error {
	if reason == nil {
		return ErrPanic
	}
	if err, ok := reason.(error); ok {
		return fmt.Errorf("%w: %w", ErrPanic, err)
	}
	return fmt.Errorf("%w: %v", ErrPanic, reason)
}

// Shutdown stops the handler: from now on every event is refused by 503. It waits until the callbacks of all events
// that were accepted have returned, and then returns nil.
//
// If ctx ends before, so do the contexts of the callbacks, and Shutdown returns with an error that has the cause in its
// chain, without waiting for them. Events whose callback had not begun are reported, as a [*CallbackError] that matches
// [ErrShutdown]. A later call waits again.
//
// Shut the http.Server down first, so that no portal is refused without need.
func (h *Handler) Shutdown(ctx context.Context) error {
	h.pool.close()
	select {
	case <-h.pool.idle:
		return nil // also where ctx has ended: there is nothing to wait for
	default:
	}
	select {
	case <-h.pool.idle:
		return nil
	case <-ctx.Done():
		cause := context.Cause(ctx)
		h.end(cause)
		for _, work := range h.pool.drain() {
			work() // which reports that it was not begun
		}
		return fmt.Errorf("events: callbacks are still running: %w", cause)
	}
}

// report tells whoever wants to know what went wrong. If that fails in turn, there is nobody left to tell.
func (h *Handler) report(ctx context.Context, err error) {
	defer func() { _ = recover() }()
	if h.logger != nil {
		h.log(ctx, err)
	}
	if h.onError != nil {
		h.onError(ctx, err)
	}
}

package imbot

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/seed-a6e4e5a4/imbot/internal/outcome"
	"github.com/seed-a6e4e5a4/imbot/internal/retry"
)

// CallInfo is a call that begins, for [WithTrace]. It has no parameters and no secret.
type CallInfo struct {
	Method     string   // the REST method, such as "imbot.chat.leave", or "batch"
	Portal     string   // the host of the portal, as [Client.Portal] has it
	InBatch    bool     // it is a command of a batch, which the batch carries
	Commands   int      // how many commands a batch has; 0 for any other call
	Idempotent bool     // a repeat cannot act twice, as of reads
	Waited     CallWait // how long [LeaveAll] has kept a batch back before the call began; zero for any other call
}

// CallResult is how a call ended, for [WithTrace]. It has no parameters and no secret; its Err may name a host, and has
// the texts of the portal.
type CallResult struct {
	Outcome      CallOutcome   // in a word
	Err          error         // nil for [CallDone]
	Code         Code          // of a refusal; empty where it had none
	Attempts     int           // the requests that were made; for a command those of its batch
	Duration     time.Duration // from the beginning to the end, waits included
	Wait         CallWait      // zero for a command, which waits as its batch does
	HasOperating bool          // the answer said how much working time is used up
	Operating    time.Duration // the working time that the method has used up in the last ten minutes, as [Time] has it
}

// CallWait is how long a call has waited, by the cause.
type CallWait struct {
	RateLimit time.Duration // for the [Limiter], and after the portal had refused one request too many
	Operating time.Duration // for a method that had used up its working time, which only goals like [EnsureLeft] wait for
	Backoff   time.Duration // before a repeat for any other reason: there was no connection, or an answer was lost
}

// of returns the part that a pause after err belongs to.
func (w *CallWait) of(err error) *time.Duration {
	if refused, ok := asType[*APIError](err); ok {
		switch {
		case refused.Is(ErrOperationTimeLimit):
			return &w.Operating
		case refused.Is(ErrQueryLimitExceeded):
			return &w.RateLimit
		}
	}
	return &w.Backoff
}

// CallOutcome is how a call ended, in a word.
type CallOutcome string

// The outcomes.
const (
	CallDone       CallOutcome = "done"       // there is a result
	CallRefused    CallOutcome = "refused"    // the portal said no, or that there is nothing, and did nothing
	CallNotSent    CallOutcome = "not sent"   // nothing was executed: no request was made, was taken, or came to the command
	CallUnexpected CallOutcome = "unexpected" // the result of a read is not the documented one; nothing is left open
	CallUnknown    CallOutcome = "unknown"    // the portal may have acted: [ErrOutcomeUnknown]
)

// outcomeOf returns the outcome of a call that ended with err, and the code of a refusal.
func outcomeOf(err error) (CallOutcome, Code) {
	if err == nil {
		return CallDone, ""
	}
	refused, code := refusalOf(err), Code("")
	switch {
	case refused == nil:
	case refused.isTooMany():
		code = ErrQueryLimitExceeded
	default:
		code = refused.Code
	}
	switch {
	case errors.Is(err, ErrOutcomeUnknown):
		return CallUnknown, code
	case refused != nil, errors.Is(err, ErrDeclined), errors.Is(err, ErrNotFound):
		return CallRefused, code
	case isUnexpected(err):
		return CallUnexpected, ""
	default:
		return CallNotSent, ""
	}
}

// refusalOf returns what the portal answered last, where a call ended by that; nil for any other end.
func refusalOf(err error) *APIError {
	if waited, ok := asType[*retry.WaitError](err); ok {
		err = waited.Last
	}
	if ended, ok := asType[*callError](err); ok {
		if ended.isRefusedToken() {
			err = ended.before
		} else {
			err = ended.cause
		}
	}
	refused, _ := asType[*APIError](err)
	return refused
}

// trace is a call that is reported to the functions of [WithTrace]. It is nil where there are none.
type trace struct {
	core  *core
	info  CallInfo
	began time.Time
	ends  []func(CallResult)
	last  CallResult // of a command of a batch: how it has ended so far
}

// isTraced reports whether there is a function of WithTrace.
func (c *core) isTraced() bool { return len(c.traces) > 0 }

// newTrace returns a call that was not begun yet; nil where there is no function of WithTrace.
func (c *Client) newTrace(info CallInfo) *trace {
	if !c.isMade() || !c.core.isTraced() {
		return nil
	}
	info.Portal = c.Portal()
	return &trace{core: c.core, info: info}
}

// begin tells that a call begins, and returns the context of its requests. Where a function panics, the ends of those
// before it are still called.
func (t *trace) begin(ctx context.Context) context.Context {
	if t == nil {
		return ctx
	}
	t.began = time.Now()
	return beginAll(ctx, t.core.traces, t.info, &t.ends)
}

// beginAll calls each of begins with the context of the one before it, and puts what they return into ends at once. It
// returns the context of the last.
func beginAll[Info, Result any](
	ctx context.Context, begins []func(context.Context, Info) (context.Context, func(Result)), info Info, ends *[]func(Result),
) context.Context {
	*ends = make([]func(Result), 0, len(begins))
	for _, begin := range begins {
		inner, end := begin(ctx, info)
		if inner != nil {
			ctx = inner
		}
		if end != nil {
			*ends = append(*ends, end)
		}
	}
	return ctx
}

// end tells how a call ended, the innermost first. Where a function panics, the others are still called.
func (t *trace) end(result CallResult) {
	result.Duration = time.Since(t.began)
	result.Outcome, result.Code = outcomeOf(result.Err)
	lastFirst(t.ends, result)
}

// lastFirst calls functions in reverse order, each also where one before it panics.
func lastFirst[Result any](ends []func(Result), result Result) {
	last := len(ends) - 1
	if last < 0 {
		return
	}
	defer lastFirst(ends[:last], result)
	ends[last](result)
}

var errNotReturned = errors.New("a function that the client was given did not return")

// unreturned is the error of a call that did not return after so many requests, because an observer panics, say.
func unreturned(method string, requests int) error {
	if requests == 0 {
		return &callError{method: method, outcome: outcome.NotExecuted, cause: errNotReturned}
	}
	return &callError{method: method, outcome: outcome.Unknown, cause: errNotReturned}
}

// Attempt is one request of a call, for [WithObserver]. It has no parameters, path or secret; its Err may name a host.
type Attempt struct {
	Method     string        // the REST method
	Portal     string        // its host, as of [Client.Portal]
	Number     int           // counts the requests of the call, from 1
	StatusCode int           // the HTTP status of the answer, 0 where there was none
	Code       Code          // the code of a refusal; empty for a success, and where none could be read
	Err        error         // the refusal, or why there was no answer; nil for an answer with a result, whatever that is
	Wait       time.Duration // how long the request waited before it was made: for the limiter, for the token, and since the attempt before it
	Duration   time.Duration // how long it then took
	Operating  time.Duration // the working time that the method has used up in the last ten minutes, as [Time] has it; 0 where the answer did not say
}

// now returns the time if somebody watches, else the zero time: reading the clock costs.
func (c *core) now() time.Time {
	if len(c.observers) == 0 && len(c.traces) == 0 && c.logger == nil {
		return time.Time{}
	}
	return time.Now()
}

// observe reports an attempt to the observers and the logger.
func (c *core) observe(ctx context.Context, a Attempt) {
	for _, observer := range c.observers {
		observer(ctx, a)
	}
	if c.logger == nil || !c.logger.Enabled(ctx, slog.LevelDebug) {
		return
	}
	c.logger.LogAttrs(ctx, slog.LevelDebug, "bitrix24 request",
		slog.String("method", a.Method),
		slog.String("portal", a.Portal),
		slog.Int("attempt", a.Number),
		slog.Int("status", a.StatusCode),
		slog.String("code", string(a.Code)),
		slog.Duration("wait", a.Wait),
		slog.Duration("duration", a.Duration),
	)
}

// logRepeat logs that a call is made again, after a pause.
func (c *Client) logRepeat(ctx context.Context, call *calling, pause time.Duration) {
	if !c.isLogged(ctx, slog.LevelInfo) {
		return
	}
	status := 0
	if refused, ok := asType[*APIError](call.last); ok {
		status = refused.StatusCode
	}
	c.core.logger.LogAttrs(ctx, slog.LevelInfo, "bitrix24 request repeated",
		slog.String("method", call.method),
		slog.String("portal", c.Portal()),
		slog.Int("attempt", call.requests),
		slog.Int("status", status),
		slog.String("code", string(codeOf(call.last))),
		slog.Duration("pause", pause),
	)
}

// isGivenUp reports whether the caller no longer waits for a call that cannot act twice, so that nothing has to be looked
// at.
func isGivenUp(ctx context.Context, idempotent bool) bool { return idempotent && ctx.Err() != nil }

// logUnknown logs a call, or a goal made of calls, whose outcome is unknown. That a bot is still in its chat is known.
func (c *Client) logUnknown(ctx context.Context, method string, attempts int, err error) {
	if err == nil || !c.isLogged(ctx, slog.LevelWarn) || !errors.Is(err, ErrOutcomeUnknown) || errors.Is(err, ErrStillInChat) {
		return
	}
	_, code := outcomeOf(err)
	c.core.logger.LogAttrs(ctx, slog.LevelWarn, "bitrix24 outcome unknown", slog.String("method", method),
		slog.String("portal", c.Portal()), slog.Int("attempts", attempts), slog.String("code", string(code)))
}

// logNoToken logs that a token was not to be had, or not another one in place of one that the portal has refused. That a
// caller has given up is no reason to look.
func (c *Client) logNoToken(ctx context.Context, call *calling, err error) {
	if !c.isLogged(ctx, slog.LevelWarn) || ctx.Err() != nil {
		return
	}
	named, _ := errors.AsType[Code](err) // of whatever the token source met
	code := cmp.Or(call.known().Code(string(named)), string(codeOf(call.last)))
	c.core.logger.LogAttrs(ctx, slog.LevelWarn, "bitrix24 token not renewed", slog.String("method", call.method),
		slog.String("portal", c.Portal()), slog.Int("attempts", call.requests), slog.String("code", code))
}

// isLogged reports whether records of a level go anywhere.
func (c *Client) isLogged(ctx context.Context, level slog.Level) bool {
	return c.isMade() && c.core.logger != nil && c.core.logger.Enabled(ctx, level)
}

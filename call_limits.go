package imbot

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"net/url"
	"strings"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"github.com/seed-a6e4e5a4/imbot/internal/operating"
	"github.com/seed-a6e4e5a4/imbot/internal/outcome"
	"github.com/seed-a6e4e5a4/imbot/internal/retry"
)

// Limiter paces requests: Wait is called before each of them and returns when it may be made. It has to be safe for
// concurrent use; an error ends the call before anything is sent. A [*rate.Limiter] is one.
//
// When the portal refuses a request as one too many, a [*rate.Limiter] is emptied. For another limiter its method
// Empty(ctx context.Context) error is called, if it has one; its error is ignored.
type Limiter interface {
	Wait(ctx context.Context) error
}

// Plan is what the portal's owner pays for; it sets how many requests a portal takes from one address.
type Plan int

// The plans that differ in their limits.
const (
	PlanStandard   Plan = iota // every plan but Enterprise: 50 requests at once, and then 2 a second
	PlanEnterprise             // 250 requests at once, and then 5 a second
)

// String returns the name of the plan: "Standard" or "Enterprise".
func (p Plan) String() string {
	if p == PlanEnterprise {
		return "Enterprise"
	}
	return "Standard"
}

// NewLimiter returns a limiter with the documented limits of a plan; an unknown plan is taken for [PlanStandard].
//
// A portal counts the requests of all programs behind one address together, and other portals by themselves: give the
// clients of one portal one limiter, by [Client.With] or [WithLimiter].
func NewLimiter(plan Plan) *rate.Limiter {
	if plan == PlanEnterprise {
		return rate.NewLimiter(5, 250)
	}
	return rate.NewLimiter(2, 50)
}

// limiters has the limiter of each portal.
type limiters struct {
	given   Limiter // for all portals; nil for none
	isGiven bool

	mu    sync.Mutex
	own   map[string]*ownLimiter // by host and port
	swept time.Time              // when unused ones were dropped last
}

// ownLimiter is the limiter of one portal, where none was given.
type ownLimiter struct {
	*rate.Limiter
	usedAt time.Time
}

// limiterLife is how long an unused limiter is kept. By then it is as full as a new one.
const limiterLife = operating.Window

// of returns the limiter of a portal, by its host and port. It may be nil.
func (l *limiters) of(portal string) Limiter {
	if l.isGiven {
		return l.given
	}
	now := time.Now()
	l.mu.Lock()
	defer l.mu.Unlock()
	if now.Sub(l.swept) >= limiterLife {
		l.swept = now
		maps.DeleteFunc(l.own, func(_ string, own *ownLimiter) bool { return own.over(now) })
	}
	own, ok := l.own[portal]
	if !ok {
		own = &ownLimiter{Limiter: NewLimiter(PlanStandard)}
		l.own[portal] = own
	}
	own.usedAt = now
	return own.Limiter
}

// over reports whether a limiter is unused, and no call waits for it.
func (o *ownLimiter) over(now time.Time) bool {
	return now.Sub(o.usedAt) >= limiterLife && o.TokensAt(now) >= float64(o.Burst())
}

// limit lets requests through when the portal takes them. For a method that the portal has blocked it fails at once.
func (c *core) limit(next step) step {
	return func(ctx context.Context, call *calling) (answer, error) {
		call.address.setTarget()
		call.admitted = false
		key := call.operatingKey()
		if refused := c.blocked(key); refused != nil {
			return answer{}, refused
		}
		began := c.now()
		err := waitTurn(call.waits(ctx), c.limiters.of(key.Portal))
		call.waited.RateLimit += c.now().Sub(began)
		if err != nil {
			return answer{}, call.unsent(ctx, cmp.Or(call.heldBack(ctx), err))
		}
		if refused := c.blocked(key); refused != nil { // another call may have met the block meanwhile
			return answer{}, refused
		}
		call.admitted = true
		return next(ctx, call)
	}
}

// blocked returns the refusal that still holds for a method, or nil.
func (c *core) blocked(key operating.Key) *APIError {
	refused, ok := c.operating.Blocked(key)
	if !ok {
		return nil
	}
	own := refused // each call gets an error of its own
	return &own
}

// heldBack is why no request is to be made any more, though ctx has not ended.
func (call *calling) heldBack(ctx context.Context) error {
	if ctx.Err() == nil {
		return context.Cause(call.waits(ctx))
	}
	return nil
}

// unsent is why a request was not made; of one before it, what that failed with stays in the chain.
func (call *calling) unsent(ctx context.Context, err error) error {
	err = foreign(ctx, call.known().Error(err))
	if call.last != nil {
		return &retry.WaitError{Last: call.last, Cause: err}
	}
	return &callError{method: call.method, outcome: outcome.NotExecuted, cause: err}
}

func (call *calling) operatingKey() operating.Key {
	return call.client.credentials.operatingKey(call.address.target, call.method)
}

// operatingKey returns what a portal keeps the budget of a method for.
func (c *credentials) operatingKey(portal *url.URL, method string) operating.Key {
	return operating.Key{Portal: portal.Host, Caller: c.caller, Method: strings.ToLower(method)}
}

// noteRefusal learns from a refusal that is about limits, and sets when the method may be called again, as far as that
// is known.
func (c *core) noteRefusal(ctx context.Context, key operating.Key, e *APIError, retryAfter time.Time) {
	e.RetryAt = retryAfter
	switch {
	case e.Is(ErrQueryLimitExceeded):
		limitExceeded(ctx, c.limiters.of(key.Portal))
	case e.Code.Is(ErrOperationTimeLimit):
		c.noteBlock(key, e)
	}
}

// noteBlock notes that a method has used up its working time, until the time that was reported for the key. Without
// such a time the end of the block is unknown, and a Retry-After of somebody before the portal is believed for as long
// as a block can last. A refusal that contradicts itself blocks nothing.
func (c *core) noteBlock(key operating.Key, e *APIError) {
	e.RetryAt = operating.Earlier(e.RetryAt, time.Now().Add(operating.Window))
	if until := c.operating.ResetAt(key); !until.IsZero() && !e.ambiguous {
		e.RetryAt = until
		c.operating.Refused(key, *e, until)
	}
}

// waitTurn waits for a limiter.
func waitTurn(ctx context.Context, limiter Limiter) error {
	if limiter == nil {
		return nil
	}
	err := limiter.Wait(ctx)
	if err == nil || ctx.Err() != nil || errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	if limiter, ok := limiter.(*rate.Limiter); ok && limiter.Burst() > 0 { // one without a burst lets nothing through
		if _, hasDeadline := ctx.Deadline(); hasDeadline { // x/time says so at once, in an error of its own
			return fmt.Errorf("%w: %w", err, context.DeadlineExceeded)
		}
	}
	return err
}

// limitExceeded empties a limiter: the portal's own bucket is full.
func limitExceeded(ctx context.Context, limiter Limiter) {
	switch limiter := limiter.(type) {
	case *rate.Limiter:
		now := time.Now()
		if tokens := int(limiter.TokensAt(now)); tokens > 0 {
			limiter.AllowN(now, tokens)
		}
	case interface {
		Empty(ctx context.Context) error
	}:
		_ = limiter.Empty(ctx)
	}
}

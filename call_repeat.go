package imbot

import (
	"context"
	"errors"
	"time"

	"github.com/seed-a6e4e5a4/imbot/internal/outcome"
	"github.com/seed-a6e4e5a4/imbot/internal/retry"
)

// RetryPolicy bounds the repeats of a call; the zero value switches them off. Repeated is a call that surely was not
// executed and may be the next time, after a rate limit or without a connection; one whose outcome is unknown only
// where it cannot act twice. [ChatService.EnsureLeft] also waits, unless repeats are off, up to 15 times for a method
// that is blocked; these are not counted as attempts.
//
// Pauses have full jitter. Where the answer says when to come again they last until then, or the call fails at once if
// that is longer than MaxDelay. A pause that would outlast the deadline of the context is not begun: the error matches
// the refusal and [context.DeadlineExceeded]. A redirect that is followed and a request with a refreshed token are no
// repeats.
//
// These are mistakes: a negative number, a delay of more than a day, a delay beside a MaxAttempts of zero, and a
// MaxDelay below BaseDelay.
type RetryPolicy struct {
	MaxAttempts int           // requests of a call at the most; zero and one both mean one
	BaseDelay   time.Duration // the longest pause before the second request, then doubled; zero: 500 ms, or MaxDelay if less
	MaxDelay    time.Duration // the longest pause; zero: 15 s, or BaseDelay if more
}

const longestDelay = 24 * time.Hour

// repeats reports whether the policy allows any.
func (p RetryPolicy) repeats() bool { return p.MaxAttempts > 1 }

// defaultRetry is the policy of a client that is given none.
var defaultRetry = RetryPolicy{MaxAttempts: 4, BaseDelay: 500 * time.Millisecond, MaxDelay: 15 * time.Second}

// complete fills in the delays that were left out, and finds what cannot be meant.
func (p RetryPolicy) complete() (RetryPolicy, error) {
	switch {
	case p.MaxAttempts < 0 || p.BaseDelay < 0 || p.MaxDelay < 0:
		return p, errors.New("there are negative numbers in the policy")
	case p.MaxAttempts == 0 && p != RetryPolicy{}:
		return p, errors.New("there are delays in the policy, but MaxAttempts is zero, so nothing would be repeated")
	case max(p.BaseDelay, p.MaxDelay) > longestDelay:
		return p, errors.New("there is a delay of more than a day in the policy")
	}
	if p.MaxDelay == 0 {
		p.MaxDelay = max(defaultRetry.MaxDelay, p.BaseDelay)
	}
	if p.BaseDelay == 0 {
		p.BaseDelay = min(defaultRetry.BaseDelay, p.MaxDelay)
	}
	if p.MaxDelay < p.BaseDelay {
		return p, errors.New("MaxDelay is shorter than BaseDelay")
	}
	return p, nil
}

func (p RetryPolicy) bounds() retry.Policy { return retry.Policy(p) }

// maxBlocks is how often a call waits for a blocked method. The portal forgets its counters after ten minutes, in ten
// parts; a method that is blocked for longer is used up by others as fast as it recovers.
const maxBlocks = 15

// repeat makes further requests as long as the answers say that it may help, within the bounds of the [RetryPolicy].
func (c *core) repeat(next step) step {
	return func(ctx context.Context, call *calling) (answer, error) {
		call.endedAt = c.now()
		got, err := next(ctx, call)
		if err == nil {
			return got, nil
		}
		blocks := 0
		judge := func(err error) retry.Verdict { return c.judge(call, err, &blocks) }
		call.noteLost(err)
		if verdict := judge(err); verdict.Repeat {
			paused := call.pause(err)
			got, err = retry.Again(call.waits(ctx), c.retry.bounds(), err, verdict, func() (answer, error) {
				call.client.logRepeat(ctx, call, paused())
				got, err := next(ctx, call)
				call.noteLost(err)
				paused = call.pause(err)
				return got, err
			}, judge)
			if waited, ok := asType[*retry.WaitError](err); ok && waited.Wait == 0 {
				paused() // it was cut short
			}
		}
		call.address.ended(call.last)
		if err != nil && call.lost != nil && !errors.Is(err, ErrOutcomeUnknown) {
			err = &callError{outcome: outcome.Unknown, cause: err, before: call.lost}
		}
		return got, err
	}
}

// pause begins a pause after err, and returns a function that ends it, notes what it was for, and returns how long it
// took.
func (call *calling) pause(err error) (end func() time.Duration) {
	began, kind := call.client.core.now(), call.waited.of(err)
	return func() time.Duration {
		took := call.client.core.now().Sub(began)
		*kind += took
		return took
	}
}

// noteLost remembers the first error after which the portal may have acted.
func (call *calling) noteLost(err error) {
	if call.lost == nil && err != nil && ran(err) == outcome.Unknown {
		call.lost = err
	}
}

// judge says whether a call that failed with err may be made again: it surely was not executed and another request may
// fare better, or it cannot act twice.
func (c *core) judge(call *calling, err error, blocks *int) retry.Verdict {
	var verdict retry.Verdict
	tooLarge := false
	if failed, ok := asType[*callError](err); ok {
		verdict.Repeat = failed.repeatable
	} else if refused, ok := asType[*APIError](err); ok {
		verdict = c.judgeRefusal(refused, call.repeatable, blocks)
		tooLarge = refused.head != nil
	}
	if (call.idempotent || call.repeatable) && ran(err) == outcome.Unknown {
		verdict.Repeat = !tooLarge // it would be so again
	}
	return verdict
}

// judgeRefusal judges a refusal by its code, and by when it asks to come again. To wait for longer than the longest
// pause is left to the caller, but for a blocked method of a call that is repeatable. An answer that has a result too
// contradicts itself: its code proves nothing.
func (c *core) judgeRefusal(refused *APIError, repeatable bool, blocks *int) retry.Verdict {
	switch {
	case refused.ambiguous:
		return retry.Verdict{At: refused.RetryAt}
	case refused.Is(ErrOperationTimeLimit):
		*blocks++
		return retry.Verdict{Repeat: repeatable && *blocks <= maxBlocks && c.retry.repeats(), At: endOfBlock(refused), Free: true}
	default:
		return retry.Verdict{Repeat: refused.Is(ErrQueryLimitExceeded), At: refused.RetryAt}
	}
}

// endOfBlock is when a method that has used up its working time may be tried again, at most ten minutes from now. Where
// the portal reported no time, or the time has come and gone, it is a minute from now: the portal counts in parts of
// that length.
func endOfBlock(refused *APIError) time.Time {
	if now := time.Now(); !refused.RetryAt.After(now) {
		return now.Add(time.Minute)
	}
	return refused.RetryAt
}

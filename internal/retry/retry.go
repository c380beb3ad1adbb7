// Package retry repeats what may be repeated, with growing pauses that end with the caller's context.
package retry

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/cenkalti/backoff/v5"
)

// Policy bounds the repeats.
type Policy struct {
	// MaxAttempts is how often something is tried in all. Zero and one both mean once.
	MaxAttempts int
	// BaseDelay is the longest pause before the second attempt. It doubles with each further one, up to MaxDelay.
	BaseDelay, MaxDelay time.Duration
}

// Pause draws the pause after so many attempts: full jitter, between nothing and what the policy allows.
func (p Policy) Pause(attempts int) time.Duration {
	growing := p.growing()
	longest := growing.NextBackOff()
	for range attempts - 1 {
		longest = growing.NextBackOff()
	}
	return jitter(longest)
}

func (p Policy) growing() *backoff.ExponentialBackOff {
	return &backoff.ExponentialBackOff{InitialInterval: p.BaseDelay, MaxInterval: p.MaxDelay, Multiplier: 2}
}

func jitter(longest time.Duration) time.Duration {
	return rand.N(longest + 1) //nolint:gosec // it needs to be uneven, not secret
}

// Verdict says what to do after a failed attempt.
type Verdict struct {
	// Repeat allows another attempt, as far as the policy does.
	Repeat bool
	// At, where it is set, is when to make the next attempt, instead of after a pause of the policy's. One that is
	// farther away than the policy's MaxDelay is not waited for.
	At time.Time
	// Free leaves the attempt uncounted, and At unbounded.
	Free bool
}

// Again calls try until it succeeds, judge has enough of its errors, the policy is used up, or ctx ends, after a first
// attempt that failed with last and was judged as verdict. Pauses have full jitter: their length is drawn between
// nothing and what the policy allows.
//
// The error is the last one of try. Where a pause was cut short, or not begun because it would have outlasted ctx's
// deadline, it is wrapped in a [*WaitError].
func Again[T any](
	ctx context.Context, policy Policy, last error, verdict Verdict, try func() (T, error), judge func(error) Verdict,
) (result T, err error) {
	attempts, judged := 0, true
	pauses := newPauses(ctx, policy)
	result, err = backoff.Retry(ctx, func() (T, error) {
		if !judged {
			if result, last = try(); last == nil {
				return result, nil
			}
			verdict = judge(last)
		}
		judged = false
		if !verdict.Free {
			attempts++
		}
		switch {
		case !verdict.Repeat || ctx.Err() != nil:
			return result, backoff.Permanent(last)
		case !verdict.Free && attempts >= policy.MaxAttempts:
			return result, backoff.Permanent(last)
		case !verdict.At.IsZero():
			pause := max(time.Until(verdict.At), 0)
			if !verdict.Free && pause > policy.MaxDelay {
				return result, backoff.Permanent(last)
			}
			if pauses.outlastDeadline(pause) {
				return result, backoff.Permanent(last)
			}
			pauses.given = true
			return result, &backoff.RetryAfterError{Duration: pause}
		default:
			return result, last
		}
	}, backoff.WithBackOff(pauses), backoff.WithMaxElapsedTime(0))
	switch {
	case err == nil:
		return result, nil
	case pauses.refused:
		return result, &WaitError{Last: last, Cause: context.DeadlineExceeded, Wait: pauses.tooLong}
	case errors.Is(err, last):
		return result, last
	case !errors.Is(err, ctx.Err()): // the context has a cause of its own
		return result, &WaitError{Last: last, Cause: fmt.Errorf("%w: %w", ctx.Err(), err)}
	default: // the pause was cut short, and backoff tells the cause alone
		return result, &WaitError{Last: last, Cause: err}
	}
}

// pauses is a backoff.BackOff with full jitter that stops before a pause which would outlast the deadline.
type pauses struct {
	growing     *backoff.ExponentialBackOff
	deadline    time.Time
	hasDeadline bool
	given       bool          // the next pause is not this policy's to draw
	refused     bool          // a pause was not begun, as it would have outlasted the deadline
	tooLong     time.Duration // how long it would have been
}

func newPauses(ctx context.Context, policy Policy) *pauses {
	p := &pauses{growing: policy.growing()}
	p.deadline, p.hasDeadline = ctx.Deadline()
	return p
}

// Reset is called before the first attempt and after a wait until a given time.
func (p *pauses) Reset() { p.growing.Reset() }

// NextBackOff draws the next pause. It is asked also where a time is given, and then has no say.
func (p *pauses) NextBackOff() time.Duration {
	if p.given {
		p.given = false
		return 0
	}
	pause := jitter(p.growing.NextBackOff())
	if p.outlastDeadline(pause) {
		return backoff.Stop
	}
	return pause
}

// outlastDeadline reports whether there is no time for a pause, and remembers that.
func (p *pauses) outlastDeadline(pause time.Duration) bool {
	if p.hasDeadline && time.Until(p.deadline) <= pause {
		p.refused, p.tooLong = true, pause
	}
	return p.refused
}

// WaitError is the last error of something that was not tried again, because there was no time left to wait.
type WaitError struct {
	// Last is what the last attempt failed with.
	Last error
	// Cause is the end of the context: its cause, or context.DeadlineExceeded where that was certain to come.
	Cause error
	// Wait is the pause that was not begun; zero where it was begun and cut short.
	Wait time.Duration
}

// Error names the last error and why there was no other attempt.
func (e *WaitError) Error() string {
	if e.Wait > 0 {
		return fmt.Sprintf("%v; not repeated, as the wait of %s would outlast the deadline", e.Last, e.Wait.Round(time.Millisecond))
	}
	return fmt.Sprintf("%v; not repeated: %v", e.Last, e.Cause)
}

// Unwrap returns both errors.
func (e *WaitError) Unwrap() []error { return []error{e.Last, e.Cause} }

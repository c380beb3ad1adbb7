package imbot

import (
	"errors"
	"time"

	"github.com/seed-a6e4e5a4/imbot/internal/retry"
)

// RetryPolicy bounds the repeats of a call. What is repeated follows from what is known of the call:
//
//   - it surely was not executed and may be the next time (the rate limit, a refused connection, an HTTP/2
//     request that the portal did not look at): repeated
//   - its outcome is unknown: repeated where that cannot act twice ([Method].Idempotent, [ChatService.EnsureLeft])
//   - its method has used up its working time: EnsureLeft waits for the end of that, up to 15 times, which is not
//     counted among the attempts
//   - anything else: not repeated
//
// Pauses have full jitter; where the answer told when to come again (Retry-After), they last until then, if that is no
// longer than MaxDelay: otherwise the call fails at once, with APIError.RetryAt. They end with the context of the call.
// One that would outlast the context's deadline is not begun: the call fails at once, with an error that matches the
// refusal and [context.DeadlineExceeded].
//
// The zero policy switches repeats off. A redirect that is followed, a request with a refreshed token, and one that
// goes on over another connection because a kept one was closed before it, are no repeats in this sense.
//
// Negative numbers in a policy are a mistake, as are delays beside a MaxAttempts of zero, a delay of more than a day,
// and a MaxDelay below BaseDelay.
type RetryPolicy struct {
	// MaxAttempts is how many requests are made of a call at the most. Zero and one both mean one.
	MaxAttempts int
	// BaseDelay is the longest pause before the second request, and doubles with each further one up to MaxDelay.
	// One that is zero, where MaxAttempts is not, is that of the default policy, 500 ms and 15 s, as far as the other
	// allows.
	BaseDelay, MaxDelay time.Duration
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

package oauth

import (
	"context"
	"errors"
	"time"

	"github.com/seed-a6e4e5a4/imbot"
)

// Renewal is how the renewal of a pair of tokens ended, for [App.Renewing]. It has no secret.
type Renewal struct {
	Outcome  RenewalOutcome // in a word
	Err      error          // nil for [Renewed] and [RenewedElsewhere]
	Code     imbot.Code     // of a refusal of the OAuth server; empty where it had none
	Duration time.Duration  // from the beginning to the end, with the waiting for the lock of the store
}

// RenewalOutcome is how a renewal ended, in a word.
type RenewalOutcome string

// The outcomes of renewals.
const (
	Renewed          RenewalOutcome = "renewed"           // the OAuth server has handed out a pair, and the store has it
	RenewedElsewhere RenewalOutcome = "renewed elsewhere" // the store had a new pair already, by another process or hand
	RenewalRefused   RenewalOutcome = "refused"           // the OAuth server has refused, now or within the last minute: [*Error], [ErrNotAccepted]
	RenewalNotSaved  RenewalOutcome = "not saved"         // there is a new pair, and the store does not have it: [ErrNotSaved]
	RenewalUnknown   RenewalOutcome = "unknown"           // the answer of the OAuth server was lost, and the pair may be used up
	RenewalFailed    RenewalOutcome = "failed"            // nothing was asked, for want of a connection, a token or the store
)

// outcomeOf returns the outcome of a renewal that ended with err, and the code of a refusal. asked tells whether the
// server has handed out a pair.
func outcomeOf(err error, asked bool) (RenewalOutcome, imbot.Code) {
	refused, isRefused := errors.AsType[*Error](err)
	switch {
	case err == nil && asked:
		return Renewed, ""
	case err == nil:
		return RenewedElsewhere, ""
	case errors.Is(err, ErrNotSaved):
		return RenewalNotSaved, ""
	case errors.Is(err, imbot.ErrOutcomeUnknown):
		return RenewalUnknown, ""
	case isRefused:
		return RenewalRefused, refused.Code
	case errors.Is(err, ErrNotAccepted):
		return RenewalRefused, ""
	default:
		return RenewalFailed, ""
	}
}

// refresh returns the pair to use instead of one whose access token was rejected, and tells who wants to know of it.
func (r *renewer) refresh(ctx context.Context, rejected string) (token Token, err error) {
	asked := false
	if r.app.Renewing == nil {
		return r.renew(ctx, rejected, &asked)
	}
	began := time.Now()
	inner, end := r.app.Renewing(ctx)
	if inner != nil {
		ctx = inner
	}
	if end == nil {
		return r.renew(ctx, rejected, &asked)
	}
	err = errNotReturned // until it does
	defer func() {
		renewal := Renewal{Err: err, Duration: time.Since(began)}
		renewal.Outcome, renewal.Code = outcomeOf(err, asked)
		end(renewal)
	}()
	return r.renew(ctx, rejected, &asked)
}

var errNotReturned = errors.New("oauth: the renewal did not return")

package imbot

import (
	"context"
	"errors"
	"time"

	"github.com/seed-a6e4e5a4/imbot/internal/redact"
	"github.com/seed-a6e4e5a4/imbot/internal/retry"
)

// sending is a call on its way: what was made of it so far.
type sending struct {
	*call
	client *Client
	goal   bool // the caller wants a state, not an act: to act twice does no harm, and there is time to wait

	attempts  int           // requests made
	lost      error         // the first error after which the portal may have acted
	idleSince time.Time     // when the last request ended, or the call began
	token     redact.Secret // what the last request carried
	refreshed redact.Secret // what to carry instead of the token of the source
	followed  bool          // a redirect was followed
}

// send makes the requests of a call until the answer to one of them stands.
func (s *sending) send(ctx context.Context) (answer, error) {
	s.idleSince = time.Now()
	got, err := retry.Do(ctx, s.client.core.retry.bounds(), func() (answer, error) { return s.try(ctx) }, s.judge)
	if err != nil && s.lost != nil && !errors.Is(err, ErrOutcomeUnknown) {
		err = &lostError{last: err, lost: s.lost}
	}
	return got, err
}

// judge says whether a call that failed with err may be made again: it surely was not executed and another try may
// fare better, or it cannot act twice.
func (s *sending) judge(err error) retry.Verdict {
	var refused *APIError
	var unsent *sendError
	switch {
	case errors.As(err, &refused) && refused.Is(ErrQueryLimitExceeded):
		return retry.Verdict{Repeat: true, At: refused.RetryAt}
	case refused != nil && refused.Is(ErrOperationTimeLimit):
		return retry.Verdict{Repeat: s.goal, At: endOfBlock(refused), Free: true}
	case errors.As(err, &unsent) && unsent.dial:
		return retry.Verdict{Repeat: true}
	case (s.idempotent || s.goal) && errors.Is(err, ErrOutcomeUnknown):
		verdict := retry.Verdict{Repeat: true}
		if refused != nil {
			verdict.At = refused.RetryAt
		}
		return verdict
	default:
		return retry.Verdict{}
	}
}

// endOfBlock is when a method that has used up its working time may be tried again. Where the portal never told, or
// the time it told has come and gone, it is a minute from now: the portal counts in buckets of that length.
func endOfBlock(e *APIError) time.Time {
	if now := time.Now(); !e.RetryAt.After(now) {
		return now.Add(time.Minute)
	}
	return e.RetryAt
}

// try makes one request, and at once another where the portal told what was wrong with the first: the portal has
// moved, or the token has expired. Both is done once a call.
func (s *sending) try(ctx context.Context) (answer, error) {
	got, err := s.attempt(ctx, s.endpoint())
	if redirect, ok := errors.AsType[*RedirectError](err); ok && redirect.follow != nil && !s.followed {
		s.followed = true
		got, err = s.attempt(ctx, redirect.follow)
		if saidByPortal(err) {
			s.client.core.moved.Store(s.client.credentials.endpoint.Host, redirect.follow)
		}
	}
	if s.mayRefresh(err) {
		if s.refreshed, err = s.refresh(ctx, err); err == nil {
			got, err = s.attempt(ctx, s.endpoint())
		}
	}
	if s.lost == nil && errors.Is(err, ErrOutcomeUnknown) {
		s.lost = err
	}
	return got, err
}

// mayRefresh reports whether err says that the token is not accepted, and there is a way to another one that was not
// tried yet.
func (s *sending) mayRefresh(err error) bool {
	return s.client.credentials.refresh != nil && s.refreshed.IsZero() &&
		(errors.Is(err, ErrExpiredToken) || errors.Is(err, ErrInvalidToken))
}

// refresh asks the token source for another token than the one that was refused with err.
func (s *sending) refresh(ctx context.Context, refused error) (redact.Secret, error) {
	token, err := s.client.credentials.refresh(ctx, s.token.Reveal())
	if err == nil && token == "" {
		err = errEmptyToken
	}
	if err != nil {
		known := redact.Set{s.token}
		return redact.Secret{}, &retry.WaitError{Last: refused, Cause: known.Error(err)}
	}
	s.heedNewAddress(ctx)
	return redact.NewSecret(token), nil
}

// heedNewAddress goes on where the token source says that the portal is now.
func (s *sending) heedNewAddress(ctx context.Context) {
	credentials := s.client.credentials
	if credentials.moved == nil {
		return
	}
	address, err := credentials.moved(ctx)
	if err != nil {
		return // the portal itself will tell, by a redirect
	}
	if endpoint, problem := parseClientEndpoint(address); problem == "" {
		s.client.core.moved.Store(credentials.endpoint.Host, endpoint)
	}
}

// saidByPortal reports whether a request came to a portal of Bitrix24: it had a result or a refusal for an answer.
func saidByPortal(err error) bool {
	refused, ok := errors.AsType[*APIError](err)
	return err == nil || ok && !refused.unreadable
}

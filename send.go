package imbot

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"time"

	"github.com/seed-a6e4e5a4/imbot/internal/outcome"
	"github.com/seed-a6e4e5a4/imbot/internal/redact"
	"github.com/seed-a6e4e5a4/imbot/internal/retry"
)

// sending is a call on its way: what was made of it so far.
//
// The way of a call has six steps: a method of a service, Call (encoding, decoding), send (repeats), try (a redirect, a
// refresh), attempt (limits, the token, reading the answer), and Do of internal/exchange (HTTP, and the credentials at
// the very end).
type sending struct {
	*call
	client *Client
	// persistent is set where the caller wants a state, not an act: to act twice does no harm, and there is time to
	// wait for a method that is blocked.
	persistent bool
	// started, where it is set, is told once, when the limits let the first request go.
	started func()
	// waits, where it is set, ends the waiting, for a turn or for another try, before ctx ends the request.
	waits context.Context //nolint:containedctx // a sending is one call

	attempts  int           // requests made
	hadTurn   bool          // the limits let the last of them go, or the next one
	blocks    int           // waits for a block to end
	last      error         // what the last request failed with
	lost      error         // the first error after which the portal may have acted
	idleSince time.Time     // when the last request ended, or the call began
	token     redact.Secret // the token of the last request
	carried   redact.Set    // the secrets of its credentials
	renewed   redact.Secret // what to carry instead of the token of the source
	refreshed bool          // a refresh was tried
	followed  bool          // a redirect was followed
	inquired  bool          // the token source was asked for the address
	home      *url.URL      // where the portal is, but for the redirects that led away from there
	moved     *url.URL      // where a redirect was followed to
	asked     *url.URL      // where the last request went, or the next one is to go
}

// maxBlocks is how often a call waits for a blocked method. The portal forgets its counters after ten minutes, in ten
// parts; a method that is blocked for longer is used up by others as fast as it recovers.
const maxBlocks = 15

// send makes the requests of a call until the answer to one of them stands.
func (s *sending) send(ctx context.Context) (answer, error) {
	s.idleSince = s.client.core.now()
	got, err := retry.Do(s.patience(ctx), s.client.core.retry.bounds(), func() (answer, error) { return s.try(ctx) }, s.judge)
	if isDown(s.last) && isSamePlace(s.asked, s.home) { // not before: a network may be down for a while
		s.client.credentials.told.CompareAndSwap(s.home, nil)
	}
	if err != nil && s.lost != nil && !errors.Is(err, ErrOutcomeUnknown) {
		err = &lostError{last: err, lost: s.lost}
	}
	return got, err
}

// patience is the context of all waiting: it may end before ctx, which is that of the requests.
func (s *sending) patience(ctx context.Context) context.Context {
	if s.waits == nil {
		return ctx
	}
	return s.waits
}

// judge says whether a call that failed with err may be made again: it surely was not executed and another try may
// fare better, or it cannot act twice.
func (s *sending) judge(err error) retry.Verdict {
	var again retry.Verdict
	switch e := err.(type) { //nolint:errorlint // an error of try, not of somebody else inside it
	case *sendError:
		again.Repeat = e.again
	case *APIError:
		again = s.judgeAnswer(e)
	}
	if (s.idempotent || s.persistent) && ran(err) == outcome.Unknown {
		again.Repeat = true
	}
	return again
}

// judgeAnswer judges an answer by its code, and by when it asks to come again. To wait for longer than the longest
// pause is left to the caller. One that has a result too contradicts itself: its code proves nothing.
func (s *sending) judgeAnswer(e *APIError) retry.Verdict {
	if e.ambiguous {
		return retry.Verdict{At: e.RetryAt}
	}
	if e.Is(ErrOperationTimeLimit) {
		s.blocks++
		return retry.Verdict{Repeat: s.persistent && s.blocks <= maxBlocks && s.client.core.retry.repeats(), At: endOfBlock(e), Free: true}
	}
	return retry.Verdict{Repeat: e.Is(ErrQueryLimitExceeded), At: e.RetryAt}
}

// endOfBlock is when a method that has used up its working time may be tried again, at most ten minutes from now. Where
// the portal never told, or the time it told has come and gone, it is a minute from now: the portal counts in parts of
// that length.
func endOfBlock(e *APIError) time.Time {
	if now := time.Now(); !e.RetryAt.After(now) {
		return now.Add(time.Minute)
	}
	return e.RetryAt
}

// try makes one request, and at once another where it became known what was wrong with the first: the portal has moved,
// or the token has expired. A token is refreshed once a call.
func (s *sending) try(ctx context.Context) (answer, error) {
	got, err := s.reach(ctx)
	if s.mayRefresh(err) {
		if err = s.refresh(ctx, err); err == nil {
			got, err = s.reach(ctx)
		}
	}
	if s.lost == nil && err != nil && ran(err) == outcome.Unknown {
		s.lost = err
	}
	return got, err
}

// reach makes one request, and at once another where the portal has moved, by a redirect or by what the token source
// reports. Each of the two is done once a call.
func (s *sending) reach(ctx context.Context) (answer, error) {
	for {
		got, err := s.attempt(ctx)
		if s.follow(err) {
			continue
		}
		s.learnAddress(err)
		if !s.inquire(ctx, err) {
			return got, err
		}
	}
}

// follow reports whether err is a redirect that may be followed, and goes on there.
func (s *sending) follow(err error) bool {
	redirect, ok := err.(*RedirectError) //nolint:errorlint // as in judge
	if !ok || redirect.follow == nil || s.followed {
		return false
	}
	s.followed, s.moved = true, redirect.follow
	return true
}

// learnAddress remembers for other calls where the portal answered, and forgets a redirect to where it no longer does.
// Where a redirect led is for all clients of the core, as the policy is theirs too.
func (s *sending) learnAddress(err error) {
	moved := &s.client.core.moved
	switch {
	case s.moved != nil && saidByPortal(err):
		moved.Store(s.home.Host, s.moved)
	case s.moved == nil && isElsewhere(err):
		if _, wasMoved := moved.LoadAndDelete(s.home.Host); !wasMoved && !isDown(err) {
			s.client.credentials.told.CompareAndSwap(s.home, nil)
		}
	}
}

// saidByPortal reports whether a request came to a portal of Bitrix24: it had a result or a refusal for an answer.
func saidByPortal(err error) bool {
	refused, ok := err.(*APIError) //nolint:errorlint // as in judge
	return err == nil || ok && !refused.unreadable
}

// isElsewhere reports whether there is no portal of Bitrix24 where a request was sent: nobody is there, or somebody
// else, who has no such page or sends on. One that has too many requests may be a portal.
func isElsewhere(err error) bool {
	switch e := err.(type) { //nolint:errorlint // as in judge
	case *RedirectError:
		return true
	case *sendError:
		return isDown(e) || e.certificate()
	case *APIError:
		return e.unreadable && e.StatusCode < http.StatusInternalServerError && !e.isTooMany()
	default:
		return false
	}
}

// isDown reports whether there was no connection, which may be for a while.
func isDown(err error) bool {
	e, ok := err.(*sendError) //nolint:errorlint // as in judge
	return ok && e.dial
}

// inquire asks the token source where the portal is, after a request that found none, and remembers a new address. It
// reports whether to make the request again there, which is where nothing was executed.
func (s *sending) inquire(ctx context.Context, err error) bool {
	if s.inquired || !isElsewhere(err) || ctx.Err() != nil {
		return false
	}
	s.inquired = true
	endpoint := s.client.credentials.reported(ctx)
	if endpoint == nil || isSamePlace(endpoint, s.home) {
		return false
	}
	s.adopt(endpoint)
	if isSamePlace(s.client.core.endpoint(endpoint), s.asked) || ran(err) != outcome.NotExecuted {
		return false
	}
	s.moved = nil
	return true
}

// adopt makes an address that the token source reported the one of its credentials. No policy was asked about it, so it
// is for these, and no others.
func (s *sending) adopt(endpoint *url.URL) { s.client.credentials.told.Store(endpoint) }

// mayRefresh reports whether err says that the token is not accepted, and another was not asked for yet.
func (s *sending) mayRefresh(err error) bool {
	refused, ok := err.(*APIError) //nolint:errorlint // as in judge
	return ok && !refused.ambiguous && s.client.credentials.refresh != nil && !s.refreshed &&
		(refused.Is(ErrExpiredToken) || refused.Is(ErrInvalidToken))
}

// refresh asks the token source for another token than the one that was refused.
func (s *sending) refresh(ctx context.Context, refused error) error {
	s.refreshed = true
	token, err := s.client.credentials.refresh(ctx, s.token.Reveal())
	if err == nil && token == "" {
		err = errEmptyToken
	}
	if err != nil {
		return &refreshError{refused: refused, cause: foreign(ctx, s.known().Error(err))}
	}
	s.renewed = redact.NewSecret(token)
	s.heedNewAddress(ctx)
	return nil
}

// heedNewAddress goes on where the token source reports that the portal is now.
func (s *sending) heedNewAddress(ctx context.Context) {
	if endpoint := s.client.credentials.reported(ctx); endpoint != nil {
		s.client.core.moved.Delete(endpoint.Host) // a redirect from there is older than what the source says
		s.adopt(endpoint)
	}
}

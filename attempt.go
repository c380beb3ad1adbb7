package imbot

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"github.com/seed-a6e4e5a4/imbot/internal/envelope"
	"github.com/seed-a6e4e5a4/imbot/internal/exchange"
	"github.com/seed-a6e4e5a4/imbot/internal/outcome"
	"github.com/seed-a6e4e5a4/imbot/internal/redact"
	"github.com/seed-a6e4e5a4/imbot/internal/retry"
)

// maxValues is how many values the result of a call may be made of, more than any page of Bitrix24 has. A value may
// take a hundred times the memory of its text, and a text of 10 MiB comes in 10 KiB where it is compressed. With this
// bound the work that is left when an answer has come is a fraction of a second. It is not cut short when ctx ends
// meanwhile: a result that is here is the truth, and is handed on.
const maxValues = 250_000

// answer is what a call succeeded with.
type answer struct {
	result json.RawMessage // nil where the answer had none
	time   Time
}

// attempt makes one request, when the limits allow it, and reports it to the observer and the logger.
func (s *sending) attempt(ctx context.Context) (answer, error) {
	core := s.client.core
	s.asked, s.hadTurn = s.endpoint(), false
	if err := s.waitTurn(ctx); err != nil {
		return answer{}, err
	}
	s.hadTurn = true
	added, secrets, err := s.client.credentials.forCall(ctx, s.renewed)
	if err != nil {
		return answer{}, s.unsent(ctx, err)
	}
	if held := s.heldBack(ctx); held != nil {
		return answer{}, s.unsent(ctx, held)
	}
	s.token, s.carried = added.Token, secrets
	s.attempts++
	if s.started != nil && s.attempts == 1 {
		s.started()
	}

	s.asked = s.endpoint() // another call may have learned it meanwhile
	req := exchange.Request{
		Endpoint:    s.asked,
		Method:      s.method,
		Body:        s.body,
		UserAgent:   core.userAgent,
		Credentials: added,
		Secrets:     secrets,
	}
	start := core.now()
	watched := Attempt{Method: s.method, Number: s.attempts, Wait: start.Sub(s.idleSince)}
	raw, failure := core.doer.Do(ctx, req)
	got, err := s.read(ctx, &req, &raw, failure)
	watched.StatusCode, watched.Code = raw.Status, codeOf(err)
	s.idleSince = core.now()
	s.last = err
	watched.Duration, watched.Operating, watched.Err = s.idleSince.Sub(start), got.time.Operating, err
	core.observe(ctx, watched)
	return got, err
}

// waitTurn waits until the limits allow a request. For a method that the portal has blocked it fails at once.
func (s *sending) waitTurn(ctx context.Context) error {
	core, key := s.client.core, s.operatingKey()
	if err := core.operating.blocked(key); err != nil {
		return err
	}
	if err := waitTurn(s.patience(ctx), core.limiters.of(key.portal)); err != nil {
		return s.unsent(ctx, cmp.Or(s.heldBack(ctx), err))
	}
	return core.operating.blocked(key) // another call may have met the block meanwhile
}

// heldBack is why no request is to be made any more, though ctx has not ended.
func (s *sending) heldBack(ctx context.Context) error {
	if ctx.Err() == nil {
		return context.Cause(s.patience(ctx))
	}
	return nil
}

// unsent is why a request was not made; of one before it, what that failed with stays in the chain.
func (s *sending) unsent(ctx context.Context, err error) error {
	err = foreign(ctx, s.known().Error(err))
	if s.last != nil {
		return &retry.WaitError{Last: s.last, Cause: err}
	}
	return &sendError{method: s.method, outcome: outcome.NotExecuted, err: err}
}

func (s *sending) operatingKey() operatingKey {
	return s.client.credentials.operatingKey(s.asked, s.method)
}

// known returns the secrets that a text from outside may repeat: those that the last request carried, and those among
// the parameters. To look for these takes time, so nothing but a failure asks.
func (s *sending) known() redact.Set { return s.carried.And(s.hidden()) }

// endpoint is where the next request goes: where a redirect of this call led, or where the portal is known to be.
func (s *sending) endpoint() *url.URL {
	if s.moved != nil {
		return s.moved
	}
	s.home = s.client.credentials.home()
	return s.client.core.endpoint(s.home)
}

// read takes an answer apart, and remembers what it tells of the limits.
func (s *sending) read(ctx context.Context, req *exchange.Request, raw *exchange.Answer, failure *exchange.Failure) (answer, error) {
	core := s.client.core
	if failure != nil {
		return answer{}, &sendError{
			method:  s.method,
			outcome: failure.Outcome,
			dial:    failure.Dial,
			again:   failure.Dial || failure.Unprocessed,
			err:     s.known().Error(failure.Err),
		}
	}
	env, err := envelope.Parse(raw.Body)
	switch {
	case err == nil && env.Refusal != nil:
		refused := s.refused(raw.Status, &env, s.known())
		core.noteRefusal(ctx, s.operatingKey(), refused, raw.RetryAfter)
		return answer{}, refused
	case isRedirect(raw.Status) && !env.HasResult():
		return answer{}, &RedirectError{
			Method:     s.method,
			StatusCode: raw.Status,
			Host:       s.known().Bounded(hostOf(raw.Location, req.Endpoint), redact.MaxCode),
			follow:     core.followed(raw, req),
		}
	case err != nil || raw.Status < 200 || raw.Status > 299 || env.Contradicts || env.Values > maxValues:
		failed := &APIError{
			Method:      s.method,
			StatusCode:  raw.Status,
			Description: s.known().Text(unreadable(raw, &env)), // its type may repeat a secret
			unreadable:  true,
			ambiguous:   env.HasData() || env.HasResult() && raw.Status != http.StatusTooManyRequests,
		}
		core.noteRefusal(ctx, s.operatingKey(), failed, raw.RetryAfter)
		return answer{}, failed
	default:
		got := answer{result: env.Result, time: parseTime(env.Time)}
		core.operating.seen(s.operatingKey(), got.time)
		return got, nil
	}
}

// codeOf returns the code of a refusal; it is empty for anything else.
func codeOf(err error) Code {
	if refused, ok := err.(*APIError); ok { //nolint:errorlint // as in judge
		return refused.Code
	}
	return ""
}

// noteRefusal heeds a refusal that is about limits, and tells in it when to come again, as far as that is known.
func (c *core) noteRefusal(ctx context.Context, key operatingKey, e *APIError, retryAfter time.Time) {
	e.RetryAt = retryAfter
	switch {
	case e.Is(ErrQueryLimitExceeded):
		limitExceeded(ctx, c.limiters.of(key.portal))
	case e.Code.Is(ErrOperationTimeLimit):
		c.operating.refused(key, e)
	}
}

// refused makes an error of a refusal, with what is worth keeping of its texts. A 429 is not the method's own: its code
// stands, but no situation of the method is behind it.
func (c *call) refused(status int, env *envelope.Envelope, secrets redact.Set) *APIError {
	refusal := env.Refusal
	e := &APIError{
		Method:      c.method,
		StatusCode:  status,
		Code:        Code(secrets.Code(refusal.Code)),
		Description: secrets.Bounded(refusal.Description, redact.MaxText),
		ambiguous:   env.Contradicts,
	}
	if status == http.StatusTooManyRequests {
		e.ambiguous = env.HasData()
	} else {
		e.reason = c.recognize(status, Code(refusal.Code), refusal.Description)
	}
	if e.ambiguous && e.Description == "" {
		e.Description = contradiction
	}
	for _, detail := range refusal.Details {
		e.Details = append(e.Details, ErrorDetail{
			Field:   secrets.Bounded(detail.Field, redact.MaxCode),
			Message: secrets.Bounded(detail.Message, redact.MaxDetail),
		})
	}
	return e
}

const contradiction = "the answer contradicts itself"

// unreadable says what the answer was instead of Bitrix24's JSON, and nothing of what stood in it.
func unreadable(raw *exchange.Answer, env *envelope.Envelope) string {
	mediaType := raw.MediaType()
	switch {
	case env.Contradicts:
		return contradiction
	case env.Values > maxValues:
		return fmt.Sprintf("the answer has more than %d values", maxValues)
	case raw.TooLarge:
		return "the answer is larger than 10 MiB"
	case len(raw.Body) == 0:
		return "the answer is empty"
	case mediaType == "" || mediaType == "application/json":
		return "the answer is not a whole JSON object of Bitrix24"
	default:
		return "the answer is not JSON but " + mediaType
	}
}

func isRedirect(status int) bool {
	switch status {
	case http.StatusMovedPermanently, http.StatusFound, http.StatusSeeOther,
		http.StatusTemporaryRedirect, http.StatusPermanentRedirect:
		return true
	default:
		return false
	}
}

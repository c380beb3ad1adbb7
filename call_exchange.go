package imbot

import (
	"context"
	"fmt"
	"net/http"

	"github.com/seed-a6e4e5a4/imbot/internal/envelope"
	"github.com/seed-a6e4e5a4/imbot/internal/exchange"
	"github.com/seed-a6e4e5a4/imbot/internal/redact"
)

// maxValues is how many values the result of a call may be made of, more than any page of Bitrix24 has. A value may
// take a hundred times the memory of its text, and a text of 10 MiB comes in 10 KiB where it is compressed. With this
// bound the work that is left when an answer has come is a fraction of a second. It is not cut short when ctx ends
// meanwhile: a result that is here is the truth, and is handed on.
const maxValues = 250_000

// exchange makes one request, and reports it to the observers and the logger.
func (c *core) exchange(ctx context.Context, call *calling) (answer, error) {
	added, secrets, err := call.client.credentials.forRequest(ctx, call.token.renewed)
	if err != nil {
		call.client.logNoToken(ctx, call, err)
		return answer{}, call.unsent(ctx, err)
	}
	if held := call.heldBack(ctx); held != nil {
		return answer{}, call.unsent(ctx, held)
	}
	call.token.sent, call.token.secrets = added.Token, secrets
	call.requests++
	if call.onStart != nil && call.requests == 1 {
		call.onStart()
	}

	call.address.setTarget() // the source may have reported another address meanwhile
	req := exchange.Request{
		Endpoint:    call.address.target,
		Method:      call.method,
		Body:        call.body,
		UserAgent:   c.userAgent,
		Credentials: added,
		Secrets:     secrets,
	}
	start := c.now()
	attempt := Attempt{Method: call.method, Portal: call.client.Portal(), Number: call.requests, Wait: start.Sub(call.endedAt)}
	raw, failure := c.doer.Do(ctx, req)
	got, err := c.read(ctx, call, &req, &raw, failure)
	call.endedAt, call.last = c.now(), err
	attempt.StatusCode, attempt.Code, attempt.Err = raw.Status, codeOf(err), err
	attempt.Duration, attempt.Operating = call.endedAt.Sub(start), got.time.Operating
	c.observe(ctx, attempt)
	return got, err
}

// read takes an answer apart, and remembers what it says of the limits.
func (c *core) read(ctx context.Context, call *calling, req *exchange.Request, raw *exchange.Answer, failure *exchange.Failure) (answer, error) {
	if failure != nil {
		return answer{}, &callError{
			method:     call.method,
			outcome:    failure.Outcome,
			cause:      call.known().Error(failure.Err),
			dial:       failure.Dial,
			repeatable: failure.Dial || failure.Unprocessed,
		}
	}
	env, err := envelope.Parse(raw.Body)
	switch {
	case err == nil && env.Refusal != nil:
		refused := call.refused(raw.Status, &env, call.known())
		c.noteRefusal(ctx, call.operatingKey(), refused, raw.RetryAfter)
		return answer{}, refused
	case isRedirect(raw.Status) && !env.HasResult():
		return answer{}, &RedirectError{
			Method:     call.method,
			StatusCode: raw.Status,
			Host:       call.known().Bounded(hostOf(raw.Location, req.Endpoint), redact.MaxCode),
			follow:     c.redirects.allowed(raw, req),
		}
	case err != nil || raw.Status < 200 || raw.Status > 299 || env.Contradicts || env.Values > maxValues:
		failed := &APIError{
			Method:      call.method,
			StatusCode:  raw.Status,
			Description: call.known().Text(unreadable(raw, &env)), // its type may repeat a secret
			unreadable:  true,
			ambiguous:   env.HasData() || env.HasResult() && raw.Status != http.StatusTooManyRequests,
		}
		if head := headOfLarge(raw, &env); head != nil {
			failed.head = func() []byte { return head }
		}
		c.noteRefusal(ctx, call.operatingKey(), failed, raw.RetryAfter)
		return answer{}, failed
	default:
		got := answer{result: env.Result, time: parseTime(env.Time)}
		c.operating.Seen(call.operatingKey(), got.time.report())
		return got, nil
	}
}

// codeOf returns the code of a refusal; it is empty for anything else.
func codeOf(err error) Code {
	if refused, ok := asType[*APIError](err); ok {
		return refused.Code
	}
	return ""
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
		switch reason := c.recognize(status, Code(refusal.Code), refusal.Description).(type) { //nolint:errorlint // see asType
		case nil, *situation, Code:
			e.reason = reason
		default:
			e.reason = &foreignError{reason}
		}
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

// headOfLarge returns how an answer begins that is too large; nil for others.
func headOfLarge(raw *exchange.Answer, env *envelope.Envelope) []byte {
	switch {
	case raw.TooLarge:
		return raw.Head
	case env.Values > maxValues:
		return raw.Body[:min(len(raw.Body), envelope.MaxHead)]
	default:
		return nil
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

package imbot

import (
	"context"
	"net/url"
	"slices"

	"github.com/seed-a6e4e5a4/imbot/internal/envelope"
	"github.com/seed-a6e4e5a4/imbot/internal/exchange"
	"github.com/seed-a6e4e5a4/imbot/internal/outcome"
	"github.com/seed-a6e4e5a4/imbot/internal/redact"
)

// attempt makes one request of a call and reads what comes back.
func (c *Client) attempt(ctx context.Context, call *call) (envelope.Envelope, error) {
	if err := ctx.Err(); err != nil {
		return envelope.Envelope{}, &sendError{method: call.method, outcome: outcome.NotExecuted, err: err}
	}
	credentials, secrets, err := c.credentials.forCall(ctx)
	if err != nil {
		return envelope.Envelope{}, &sendError{method: call.method, outcome: outcome.NotExecuted, err: call.secrets.Error(err)}
	}
	secrets = slices.Concat(secrets, call.secrets)
	answer, failure := c.core.doer.Do(ctx, exchange.Request{
		Endpoint:    c.credentials.endpoint,
		Method:      call.method,
		Body:        call.body,
		UserAgent:   c.core.userAgent,
		Credentials: credentials,
		Secrets:     secrets,
	})
	if failure != nil {
		return envelope.Envelope{}, &sendError{method: call.method, outcome: failure.Outcome, err: failure.Err}
	}
	return call.read(answer, secrets)
}

// read makes a result or an error of an answer. The body decides: the portal reports errors with any status.
func (c *call) read(answer exchange.Answer, secrets redact.Set) (envelope.Envelope, error) {
	env, err := envelope.Parse(answer.Body)
	switch {
	case err == nil && env.Refusal != nil:
		return envelope.Envelope{}, c.refused(answer.Status, env.Refusal, secrets)
	case isRedirect(answer.Status):
		return envelope.Envelope{}, &RedirectError{Method: c.method, StatusCode: answer.Status, Host: secrets.Text(hostOf(answer.Location))}
	case err != nil || answer.Status < 200 || answer.Status > 299:
		return envelope.Envelope{}, &APIError{
			Method:      c.method,
			StatusCode:  answer.Status,
			Description: unreadable(answer),
			unreadable:  true,
		}
	default:
		return env, nil
	}
}

func (c *call) refused(status int, refusal *envelope.Refusal, secrets redact.Set) *APIError {
	e := &APIError{
		Method:      c.method,
		StatusCode:  status,
		Code:        Code(secrets.Text(refusal.Code)),
		Description: secrets.Text(refusal.Description),
		reason:      c.recognize(Code(refusal.Code), refusal.Description),
	}
	for _, detail := range refusal.Details {
		e.Details = append(e.Details, ErrorDetail{Field: secrets.Text(detail.Field), Message: secrets.Text(detail.Message)})
	}
	return e
}

// unreadable says what the answer was instead of Bitrix24's JSON, and nothing of what stood in it.
func unreadable(answer exchange.Answer) string {
	switch {
	case answer.TooLarge:
		return "the answer is larger than 10 MiB"
	case len(answer.Body) == 0:
		return "the answer is empty"
	case answer.MediaType == "" || answer.MediaType == "application/json":
		return "the answer is not a whole JSON object of Bitrix24"
	default:
		return "the answer is not JSON but " + answer.MediaType
	}
}

func isRedirect(status int) bool {
	switch status {
	case 301, 302, 303, 307, 308:
		return true
	default:
		return false
	}
}

// hostOf returns the host of a redirect's target, or nothing where it has none that can be shown.
func hostOf(location string) string {
	u, err := url.Parse(location)
	if err != nil {
		return ""
	}
	return u.Host
}

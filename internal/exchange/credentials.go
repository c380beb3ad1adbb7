package exchange

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptrace"
	"slices"
	"sync/atomic"

	"github.com/seed-a6e4e5a4/imbot/internal/onerequest"
	"github.com/seed-a6e4e5a4/imbot/internal/outcome"
	"github.com/seed-a6e4e5a4/imbot/internal/payload"
	"github.com/seed-a6e4e5a4/imbot/internal/redact"
)

// Credentials are what a portal knows the caller by: the one or the other.
type Credentials struct {
	// WebhookPath goes between the endpoint and the method: "1/SECRET/".
	WebhookPath redact.Secret
	// Token goes into the body as "auth".
	Token redact.Secret
}

// progress follows one exchange from the outside of the middleware to its inside and back.
type progress struct {
	request  Request
	headers  [3]string                     // their values, in the same piece of memory
	location atomic.Pointer[string]        // of the last answer, if it had one
	masked   atomic.Pointer[redact.Reader] // by which middleware reads the body of the last answer
	upload   *upload                       // nil where all of the body is in memory
	timeout  timeout                       // where it is

	// open counts the requests that were handed to the transport, less those that surely did not reach the portal.
	// Middleware may make none, several, or several at once.
	open atomic.Int32
	// noConnection is set when a request failed because there was no connection.
	noConnection atomic.Bool
	// unprocessed is set when the portal said of a request that it had not looked at it.
	unprocessed atomic.Bool
}

// outcome is what is known of an exchange that failed.
func (p *progress) outcome() outcome.Outcome {
	if p.open.Load() == 0 {
		return outcome.NotExecuted
	}
	return outcome.Unknown
}

// failedDial reports whether an exchange failed because there was no connection, and may have one the next time.
func (p *progress) failedDial() bool { return p.open.Load() == 0 && p.noConnection.Load() }

// wasUnprocessed reports whether an exchange failed because the portal did not look at it, and may the next time.
func (p *progress) wasUnprocessed() bool { return p.open.Load() == 0 && p.unprocessed.Load() }

// header returns the header of the request.
func (p *progress) header() http.Header {
	p.headers = [...]string{"application/json", "application/json", p.request.UserAgent}
	return http.Header{
		"Accept":       p.headers[0:1:1],
		"Content-Type": p.headers[1:2:2],
		"User-Agent":   p.headers[2:3:3],
	}
}

// sender sends requests with their credentials, and takes these out of the answers.
type sender struct{ transport *onerequest.Transport }

// send makes one request of what it is given, the address and the credentials.
func (s sender) send(ctx context.Context, p *progress, out onerequest.Request) (*http.Response, error) {
	if token := p.request.Credentials.Token.Reveal(); token != "" {
		var err error
		if out.Body, err = withToken(out.Body, token); err != nil {
			return nil, err
		}
	}
	if httptrace.ContextClientTrace(ctx) != nil {
		ctx = withMaskedTrace(ctx, p.request.Secrets)
	}
	p.open.Add(1)
	out.URL = p.request.withPath(p.request.Path())
	resp, failure := s.transport.Send(ctx, out)
	if failure != nil {
		return nil, p.failed(failure)
	}
	p.noteLocation(resp)
	return resp, nil
}

// failed notes how a request failed.
func (p *progress) failed(failure *onerequest.Failure) error {
	switch {
	case failure.Unprocessed:
		p.open.Add(-1)
		p.unprocessed.Store(true)
	case failure.Outcome == outcome.NotExecuted:
		p.open.Add(-1)
		p.noConnection.Store(failure.NoConnection)
	}
	return p.request.Secrets.Error(failure.Err)
}

// noteLocation notes where a redirect points.
func (p *progress) noteLocation(resp *http.Response) {
	var sent *string
	if resp.StatusCode/100 == 3 && len(resp.Header["Location"]) > 0 {
		sent = new(resp.Header["Location"][0])
	}
	p.location.Store(sent)
}

var errNoObject = errors.New("a middleware changed the body of the request: no token is put into it")

// withToken returns body, a JSON object, with the token as its last member. One with parts has other members.
func withToken(body payload.Body, token string) (payload.Body, error) {
	quoted, err := json.Marshal(token)
	if err != nil {
		return body, errors.New("the token is not a text")
	}
	members, closed := bytes.CutSuffix(bytes.TrimSpace(body.Text), []byte{'}'})
	if !closed {
		return body, errNoObject
	}
	key := `,"auth":`
	if len(members) <= 1 && len(body.Parts) == 0 {
		key = key[1:]
	}
	body.Text = slices.Concat(members, []byte(key), quoted, []byte{'}'})
	return body, nil
}

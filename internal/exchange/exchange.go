// Package exchange makes single HTTP exchanges with a portal: one POST, one answer or one failure. It is the only
// place that puts credentials into a request.
package exchange

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/seed-a6e4e5a4/imbot/internal/envelope"
	"github.com/seed-a6e4e5a4/imbot/internal/onerequest"
	"github.com/seed-a6e4e5a4/imbot/internal/outcome"
	"github.com/seed-a6e4e5a4/imbot/internal/payload"
	"github.com/seed-a6e4e5a4/imbot/internal/redact"
)

// MaxBody is how much of an answer is read, in bytes.
const MaxBody = 10 << 20

// Middleware wraps the transport; it never sees credentials.
type Middleware = func(http.RoundTripper) http.RoundTripper

// Request is one exchange to make.
type Request struct {
	// Endpoint is where the methods of the portal live, without credentials: https://portal.example/rest/
	Endpoint *url.URL
	// Method is the REST method, the last part of the path.
	Method string
	// Body is a JSON object, without the token.
	Body payload.Body
	// UserAgent is sent as it is.
	UserAgent string
	// Credentials are added on the way out.
	Credentials Credentials
	// Secrets are those of the credentials. They are masked in what comes back, and in what middleware sees of it.
	Secrets redact.Set
}

// Path is the path of the request as it goes out, credentials and all.
func (r *Request) Path() string {
	return r.Endpoint.Path + r.Credentials.WebhookPath.Reveal() + r.Method
}

// withPath returns the address of another path at the endpoint.
func (r *Request) withPath(path string) url.URL {
	other := *r.Endpoint
	other.Path = path
	return other
}

// Answer is what came back, whatever its status.
type Answer struct {
	Status int
	// Header is what came with the body.
	Header http.Header
	// Location is where a redirect points, as it was sent; it may repeat the webhook's secret.
	Location string
	Body     []byte
	// RetryAfter is when the answer asks to come again; zero where it does not.
	RetryAfter time.Time
	// TooLarge is set where the body went on after MaxBody bytes; Body is empty then, and Head has its beginning.
	TooLarge bool
	Head     []byte
}

// Failure is an exchange without an answer.
type Failure struct {
	// Err is what happened, without the URL and without secrets.
	Err error
	// Outcome is NotExecuted where nothing can have reached the portal, and Unknown otherwise.
	Outcome outcome.Outcome
	// Dial is set where there was no connection, and another try may get one.
	Dial bool
	// Unprocessed is set where the server said that it had not looked at the request, and it may the next time.
	Unprocessed bool
}

// Doer makes exchanges over one transport. It is safe for concurrent use.
//
// There is no http.Client in it. What one adds to its transport is what must not happen here: it follows redirects,
// keeps cookies (a portal's session beside other credentials makes it refuse both), and quotes the address in errors.
type Doer struct {
	sender     sender
	middleware http.RoundTripper // around the sender; nil without one
	timeout    time.Duration
}

// New returns a Doer on a transport. The timeout covers each exchange by itself; where files are sent, it begins anew
// with each piece of them. The first middleware is the outermost.
func New(transport *onerequest.Transport, timeout time.Duration, middleware ...Middleware) (*Doer, error) {
	d := &Doer{sender: sender{transport}, timeout: timeout}
	if len(middleware) == 0 {
		return d, nil
	}
	d.middleware = &credentialLayer{d.sender}
	for i := len(middleware) - 1; i >= 0; i-- {
		if d.middleware = middleware[i](d.middleware); d.middleware == nil {
			return nil, errors.New("the middleware returned no RoundTripper")
		}
	}
	return d, nil
}

// Tuned returns a transport on a copy of standard that keeps more idle connections a portal than two, and pings those of
// HTTP/2 that are silent: one that is dead is found out long before the timeout of a request. Files go over connections
// of their own, without pings.
func Tuned(standard *http.Transport) *onerequest.Transport {
	const (
		idlePerPortal = 64
		silence       = 10 * time.Second
	)
	tuned := onerequest.Pinging(standard, silence)
	tuned.MaxIdleConnsPerHost = idlePerPortal
	return onerequest.New(tuned).WithFilesOver(standard.Clone())
}

// Timeout is how long an exchange may take.
func (d *Doer) Timeout() time.Duration { return d.timeout }

// Do makes one exchange, unless ctx has ended.
func (d *Doer) Do(ctx context.Context, r Request) (Answer, *Failure) {
	if err := ctx.Err(); err != nil {
		return Answer{}, &Failure{Err: err, Outcome: outcome.NotExecuted}
	}
	p := &progress{request: r}
	attempt := p.begin(ctx, d.timeout)
	defer p.end()
	resp, err := d.send(attempt, p) //nolint:bodyclose // read does
	var answer Answer
	if err == nil {
		answer, err = p.read(resp)
	}
	p.upload.goOn()
	if err == nil {
		return answer, nil
	}
	switch ended := ctx.Err(); {
	case ended != nil && !errors.Is(err, ended): // the transport returns the cause alone
		err = fmt.Errorf("%w: %w", ended, err)
	case ended == nil && attempt.Err() != nil && p.upload != nil: // the transport may say that it was canceled
		err = fmt.Errorf("no answer within %s of what was sent last: %w", d.timeout, context.DeadlineExceeded)
	case ended == nil && attempt.Err() != nil:
		err = fmt.Errorf("no answer within %s: %w", d.timeout, err)
	}
	return Answer{}, &Failure{
		Err:         r.Secrets.Error(err),
		Outcome:     p.outcome(),
		Dial:        p.failedDial(),
		Unprocessed: p.wasUnprocessed(),
	}
}

// begin returns the context of the exchange.
func (p *progress) begin(ctx context.Context, timeout time.Duration) context.Context {
	if len(p.request.Body.Parts) == 0 {
		p.timeout.start(ctx, timeout)
		return &p.timeout
	}
	attempt, cancel := context.WithCancelCause(ctx)
	p.upload = newUpload(cancel, timeout)
	p.request.Body = p.upload.watched(p.request.Body)
	return attempt
}

// end ends the context.
func (p *progress) end() {
	if p.upload != nil {
		p.upload.end()
		return
	}
	p.timeout.end()
}

// send hands the request to the outermost middleware, or sends it.
func (d *Doer) send(ctx context.Context, p *progress) (*http.Response, error) {
	if d.middleware == nil {
		return d.sender.send(ctx, p, onerequest.Request{Header: p.header(), Body: p.request.Body})
	}
	req, err := p.withoutCredentials(ctx)
	if err != nil {
		return nil, err
	}
	resp, err := d.middleware.RoundTrip(req)
	if err == nil && (resp == nil || resp.Body == nil) {
		return nil, onerequest.ErrNoAnswer
	}
	return resp, err
}

// read reads an answer, and closes it.
func (p *progress) read(resp *http.Response) (Answer, error) {
	defer func() { _ = resp.Body.Close() }() // read to its end or given up on; there is nothing left to learn
	answer := Answer{
		Status:     resp.StatusCode,
		Header:     resp.Header,
		RetryAfter: retryAfter(resp.Header["Retry-After"]),
	}
	if location := p.location.Load(); location != nil {
		answer.Location = *location
	}
	if resp.StatusCode == http.StatusSwitchingProtocols {
		return answer, nil // what follows is no body, and reading it would not end with the context
	}
	body, err := readBody(resp)
	switch {
	case err != nil:
		return Answer{}, fmt.Errorf("reading the answer (HTTP %d): %w", resp.StatusCode, err)
	case len(body) > MaxBody:
		answer.TooLarge, answer.Head = true, slices.Clone(body[:envelope.MaxHead])
	default:
		answer.Body = p.shown(body)
	}
	return answer, nil
}

// readBody reads at most one byte more than MaxBody. An answer with a length gets as much memory at once, and a byte to
// find its end with, unless the length is more than answers have.
func readBody(resp *http.Response) ([]byte, error) {
	const usual, unknown = 64 << 10, 512
	size := unknown
	if length := resp.ContentLength; length >= 0 && length <= usual {
		size = int(length) + 1
	}
	body := make([]byte, 0, size)
	for len(body) <= MaxBody {
		body = slices.Grow(body, 1)
		n, err := resp.Body.Read(body[len(body):min(cap(body), MaxBody+1)])
		body = body[:len(body)+n]
		if err == io.EOF {
			break
		}
		if err != nil {
			return nil, err
		}
	}
	return body, nil
}

// MediaType is the type of the body without parameters, fit for a message; empty where it does not look like one.
func (a *Answer) MediaType() string {
	const enough = 64
	name, _, _ := strings.Cut(a.Header.Get("Content-Type"), ";")
	name = strings.ToLower(strings.TrimSpace(name))
	for _, c := range name {
		if !strings.ContainsRune("abcdefghijklmnopqrstuvwxyz0123456789/+.-", c) {
			return ""
		}
	}
	return name[:min(len(name), enough)]
}

// retryAfter reads a Retry-After header, in seconds or as a date, and takes more than a day for a day. Bitrix24 sends
// none, but what stands before a portal may.
func retryAfter(sent []string) time.Time {
	const longest = 24 * 60 * 60
	if len(sent) == 0 {
		return time.Time{}
	}
	header, now := sent[0], time.Now()
	tomorrow := now.Add(longest * time.Second)
	seconds, err := strconv.Atoi(header)
	switch {
	case seconds > longest: // also where there are too many digits for a number
		return tomorrow
	case err == nil && seconds > 0:
		return now.Add(time.Duration(seconds) * time.Second)
	}
	at, err := http.ParseTime(header)
	switch {
	case err != nil || !at.After(now):
		return time.Time{}
	case at.After(tomorrow):
		return tomorrow
	default:
		return at
	}
}

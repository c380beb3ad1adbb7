package exchange

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptrace"
	"net/textproto"
	"net/url"
	"slices"
	"sync/atomic"

	"github.com/seed-a6e4e5a4/imbot/internal/onerequest"
	"github.com/seed-a6e4e5a4/imbot/internal/outcome"
	"github.com/seed-a6e4e5a4/imbot/internal/redact"
)

// Credentials are what a portal knows the caller by: the one or the other.
type Credentials struct {
	// WebhookPath goes between the endpoint and the method: "1/SECRET/".
	WebhookPath redact.Secret
	// Token goes into the body as "auth".
	Token redact.Secret
}

// progress follows one exchange from the outside of the middleware to its inside and back. It is a context, because
// that is the one thing that middleware hands on; so it holds nothing that shows a secret to who takes it apart.
type progress struct {
	context.Context
	endpoint    *url.URL
	method      string
	path        string // of both, as middleware knows it
	credentials Credentials
	secrets     redact.Set
	location    atomic.Pointer[string]        // of the last answer, if it had one
	masked      atomic.Pointer[redact.Reader] // that middleware is handed the body of the last answer by

	// open counts the tries that were handed to the transport, less those that surely did not reach the portal. A
	// middleware may make none, several, or several at once.
	open atomic.Int32
	// noConnection is set when a try failed for want of one.
	noConnection atomic.Bool
	// unprocessed is set when the other side said of a try that it had not looked at it.
	unprocessed atomic.Bool
}

type progressKey struct{}

func newProgress(ctx context.Context, r *Request) *progress {
	return &progress{
		Context:     ctx,
		endpoint:    r.Endpoint,
		method:      r.Method,
		path:        r.Endpoint.Path + r.Method,
		credentials: r.Credentials,
		secrets:     r.Secrets,
	}
}

// Value returns the progress itself, or what the context has.
func (p *progress) Value(key any) any {
	if key == (progressKey{}) {
		return p
	}
	return p.Context.Value(key)
}

// Format prints what a program that prints contexts may see of it, whatever the verb.
func (p *progress) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, "imbot exchange") }

// outcome judges an exchange that failed.
func (p *progress) outcome() outcome.Outcome {
	if p.open.Load() == 0 {
		return outcome.NotExecuted
	}
	return outcome.Unknown
}

// failedDial reports whether an exchange failed because there was no connection, and may have one the next time.
func (p *progress) failedDial() bool { return p.open.Load() == 0 && p.noConnection.Load() }

// wasUnprocessed reports whether an exchange failed because the other side did not look at it, and may the next time.
func (p *progress) wasUnprocessed() bool { return p.open.Load() == 0 && p.unprocessed.Load() }

// credentialLayer is the innermost RoundTripper. The URL and the body that net/http and all middleware know have no
// secret in them; here it goes in, and here it is taken out of what comes back.
type credentialLayer struct {
	next *onerequest.Transport
	seen bool // there is middleware, which is handed the answers
}

var errForeignRequest = errors.New("a middleware changed the request into another: no credentials are sent with it")

// RoundTrip sends a copy of req with the credentials.
func (l *credentialLayer) RoundTrip(req *http.Request) (*http.Response, error) {
	p, ok := req.Context().Value(progressKey{}).(*progress)
	if !ok || !p.asked(req) {
		closeBody(req)
		return nil, errForeignRequest
	}
	if err := req.Context().Err(); err != nil {
		closeBody(req)
		return nil, err
	}
	resp, err := l.send(p, req)
	if err != nil {
		return nil, p.secrets.Error(err)
	}
	resp.Request = req          // the transport has put the copy here, with the secret in its URL
	p.noteLocation(resp.Header) // as it is: middleware is shown it with the webhook masked
	if resp.Header == nil {
		resp.Header = http.Header{} // which middleware may write to
	}
	if l.seen {
		maskHeader(resp.Header, p.secrets)
		resp.Status = p.secrets.Text(resp.Status)
		p.hide(resp)
	}
	return resp, nil
}

// send makes one request of req and the credentials.
func (l *credentialLayer) send(p *progress, req *http.Request) (*http.Response, error) {
	body, err := l.content(p, req)
	if err != nil {
		return nil, err
	}
	if ctx := req.Context(); httptrace.ContextClientTrace(ctx) != nil {
		req = req.WithContext(withMaskedTrace(ctx, p.secrets))
	}
	changes := onerequest.Changes{Body: body}
	if path := p.credentials.WebhookPath.Reveal(); path != "" {
		changes.URL = withPath(p.endpoint, p.endpoint.Path+path+p.method)
	}
	p.open.Add(1)
	resp, failure := l.next.Send(req, changes)
	if failure == nil {
		return resp, nil
	}
	switch {
	case failure.Unprocessed:
		p.open.Add(-1)
		p.unprocessed.Store(true)
	case failure.Outcome == outcome.NotExecuted:
		p.open.Add(-1)
		p.noConnection.Store(failure.NoConnection)
	}
	return nil, failure.Err
}

// hide masks the secrets in the body of an answer, for middleware.
func (p *progress) hide(resp *http.Response) {
	masked := redact.NewReader(resp.Body, p.secrets)
	p.masked.Store(masked)
	resp.Body = &maskedBody{masked, resp.Body, resp, p.secrets}
}

// shown returns the body of the answer as it was before its secrets were hidden from middleware.
func (p *progress) shown(body []byte) []byte {
	if masked := p.masked.Load(); masked != nil {
		return masked.Original(body)
	}
	return body
}

// maskHeader masks secrets in a header, in names and values.
func maskHeader(header map[string][]string, secrets redact.Set) {
	for name, values := range header {
		for i, value := range values {
			if masked := secrets.Text(value); masked != value {
				values[i] = masked
			}
		}
		if masked := secrets.Text(name); masked != name {
			delete(header, name)
			header[masked] = append(header[masked], values...)
		}
	}
}

// maskedBody masks the body of an answer, and its trailer when that has come, which is at the end of the body.
type maskedBody struct {
	*redact.Reader
	io.Closer
	resp    *http.Response
	secrets redact.Set
}

// Read reads the body.
func (b *maskedBody) Read(p []byte) (int, error) {
	n, err := b.Reader.Read(p)
	if errors.Is(err, io.EOF) {
		maskHeader(b.resp.Trailer, b.secrets)
	}
	return n, err
}

// asked reports whether req is the request that was to be sent, as far as the credentials depend on it: to the same
// address, by POST, with a body.
func (p *progress) asked(req *http.Request) bool {
	return req.Method == http.MethodPost && req.Body != nil && req.Body != http.NoBody &&
		req.URL != nil && *req.URL == withPath(p.endpoint, p.path) &&
		(req.Host == "" || req.Host == p.endpoint.Host)
}

func withPath(u *url.URL, path string) url.URL {
	other := *u
	other.Path = path
	return other
}

func (p *progress) noteLocation(header http.Header) {
	var sent *string
	if location := header["Location"]; len(location) > 0 {
		sent = new(location[0])
	}
	p.location.Store(sent)
}

// content returns the body of req with the token. Without a token it is nil, unless a middleware may have changed the
// body: then GetBody of req may return another one, and is not used.
func (l *credentialLayer) content(p *progress, req *http.Request) ([]byte, error) {
	token := p.credentials.Token.Reveal()
	if token == "" && !l.seen {
		return nil, nil
	}
	defer closeBody(req)
	body, err := io.ReadAll(req.Body)
	if err != nil {
		return nil, fmt.Errorf("reading the request: %w", err)
	}
	if token == "" {
		return body, nil
	}
	return withToken(body, token)
}

// withToken returns body, a JSON object, with the token as its last member.
func withToken(body []byte, token string) ([]byte, error) {
	quoted, err := json.Marshal(token)
	if err != nil {
		return nil, errors.New("the token is no text")
	}
	members, closed := bytes.CutSuffix(bytes.TrimSpace(body), []byte{'}'})
	if !closed {
		return nil, errors.New("a middleware changed the body of the request: no token is put into it")
	}
	key := `,"auth":`
	if len(members) <= 1 {
		key = key[1:]
	}
	return slices.Concat(members, []byte(key), quoted, []byte{'}'}), nil
}

// maskedTrace is a context whose httptrace.ClientTrace, where middleware or the caller has set one, is not told the
// path of the request, which HTTP/2 sends as a header field, nor what an early answer repeats of it: traces are
// recorded.
type maskedTrace struct {
	context.Context
	secrets redact.Set
}

func withMaskedTrace(ctx context.Context, secrets redact.Set) context.Context {
	return maskedTrace{ctx, secrets}
}

// Value returns what the context has.
func (c maskedTrace) Value(key any) any {
	value := c.Context.Value(key)
	trace, ok := value.(*httptrace.ClientTrace)
	if !ok || trace == nil || trace.WroteHeaderField == nil && trace.Got1xxResponse == nil {
		return value
	}
	masked := *trace
	if trace.WroteHeaderField != nil {
		masked.WroteHeaderField = func(key string, value []string) {
			if key != ":path" {
				trace.WroteHeaderField(key, value)
			}
		}
	}
	if trace.Got1xxResponse != nil {
		masked.Got1xxResponse = func(code int, header textproto.MIMEHeader) error {
			maskHeader(header, c.secrets)
			return trace.Got1xxResponse(code, header)
		}
	}
	return &masked
}

func closeBody(req *http.Request) {
	if req.Body != nil {
		_ = req.Body.Close()
	}
}

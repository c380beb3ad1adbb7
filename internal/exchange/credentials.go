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
	"net/url"
	"slices"
	"strings"
	"sync/atomic"

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

// progress follows one exchange from the outside of the middleware to its inside and back. It travels in the
// context, because that is the one thing that middleware hands on.
type progress struct {
	credentials Credentials
	endpoint    *url.URL
	secrets     redact.Set
	location    atomic.Pointer[string] // of the last answer

	// open counts the tries that were handed to the transport, less those that surely did not reach the portal. A
	// middleware may make none, several, or several at once.
	open atomic.Int32
	// noConnection is set when a try failed for want of one.
	noConnection atomic.Bool
}

type progressKey struct{}

func withProgress(ctx context.Context, p *progress) context.Context {
	return context.WithValue(ctx, progressKey{}, p)
}

// outcome judges an exchange that failed.
func (p *progress) outcome() outcome.Outcome {
	if p.open.Load() == 0 {
		return outcome.NotExecuted
	}
	return outcome.Unknown
}

// failedDial reports whether an exchange failed because there was no connection, and may have one the next time.
func (p *progress) failedDial() bool { return p.open.Load() == 0 && p.noConnection.Load() }

// credentialLayer is the innermost RoundTripper. The URL and the body that net/http and all middleware know have no
// secret in them; here it goes in, and here it is taken out of what comes back.
type credentialLayer struct{ next http.RoundTripper }

var errForeignRequest = errors.New("a middleware changed the address of the request: no credentials are sent there")

// RoundTrip sends a copy of req with the credentials.
func (l *credentialLayer) RoundTrip(req *http.Request) (*http.Response, error) {
	p, ok := req.Context().Value(progressKey{}).(*progress)
	if !ok || !within(req.URL, p.endpoint) {
		closeBody(req)
		return nil, errForeignRequest
	}
	out, err := p.addCredentials(req)
	if err != nil {
		return nil, err
	}
	var conn connection
	p.open.Add(1)
	resp, err := l.next.RoundTrip(conn.follow(out))
	if err != nil {
		if outcome.OfFailure(err, conn.mayHaveSent()) == outcome.NotExecuted {
			p.open.Add(-1)
			p.noConnection.Store(!outcome.IsCertificate(err))
		}
		return nil, p.secrets.Error(err)
	}
	if resp == nil || resp.Header == nil {
		return nil, errors.New("the transport returned neither an answer nor an error")
	}
	resp.Request = req // the transport has put the copy here, with the secret in its URL
	location := resp.Header.Get("Location")
	p.location.Store(&location)
	resp.Header.Del("Location") // repeats the webhook
	for name, values := range resp.Header {
		for i, value := range values {
			if masked := p.secrets.Text(value); masked != value {
				resp.Header[name][i] = masked
			}
		}
	}
	return resp, nil
}

// within reports whether target is a method of endpoint.
func within(target, endpoint *url.URL) bool {
	return target.Scheme == endpoint.Scheme && target.Host == endpoint.Host && strings.HasPrefix(target.Path, endpoint.Path)
}

func (p *progress) addCredentials(req *http.Request) (*http.Request, error) {
	copied := *req
	out := &copied
	if path := p.credentials.WebhookPath.Reveal(); path != "" {
		target := *req.URL
		target.Path = p.endpoint.Path + path + strings.TrimPrefix(req.URL.Path, p.endpoint.Path)
		out.URL = &target
	}
	if token := p.credentials.Token.Reveal(); token != "" {
		body, err := withToken(req, token)
		if err != nil {
			return nil, err
		}
		out.ContentLength = int64(len(body))
		out.Body = io.NopCloser(bytes.NewReader(body))
		out.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(body)), nil }
	}
	return out, nil
}

// withToken reads the body of req, a JSON object, and returns it with the token as its last member.
func withToken(req *http.Request, token string) ([]byte, error) {
	defer closeBody(req)
	body, err := io.ReadAll(req.Body)
	if err != nil {
		return nil, fmt.Errorf("reading the request: %w", err)
	}
	quoted, err := json.Marshal(token)
	if err != nil {
		return nil, errors.New("the token is no text")
	}
	body, closed := bytes.CutSuffix(bytes.TrimSpace(body), []byte{'}'})
	if !closed {
		return nil, errors.New("a middleware changed the body of the request: no token is put into it")
	}
	if len(body) > 1 {
		body = append(body, ',')
	}
	return slices.Concat(body, []byte(`"auth":`), quoted, []byte{'}'}), nil
}

// connection follows how far one try got. The transport may report from goroutines of its own.
type connection struct{ asked, had atomic.Bool }

func (c *connection) follow(req *http.Request) *http.Request {
	return req.WithContext(httptrace.WithClientTrace(req.Context(), &httptrace.ClientTrace{
		GetConn: func(string) { c.asked.Store(true) },
		GotConn: func(httptrace.GotConnInfo) { c.had.Store(true) },
	}))
}

// mayHaveSent is false where the transport looked for a connection and got none. One that does not say may have sent.
func (c *connection) mayHaveSent() bool { return c.had.Load() || !c.asked.Load() }

func closeBody(req *http.Request) {
	if req.Body != nil {
		_ = req.Body.Close()
	}
}

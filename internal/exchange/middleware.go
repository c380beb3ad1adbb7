package exchange

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptrace"
	"net/textproto"

	"github.com/seed-a6e4e5a4/imbot/internal/onerequest"
	"github.com/seed-a6e4e5a4/imbot/internal/payload"
	"github.com/seed-a6e4e5a4/imbot/internal/redact"
)

// credentialLayer is the RoundTripper inside of all middleware. The URL and the body that middleware knows have no
// secret in them; here it goes in, and here it is taken out of what comes back.
type credentialLayer struct{ sender sender }

// progressKey is what a context has the progress by, as a func: a context is the one thing that middleware hands on,
// and a program that prints one sees only the address of a func.
type progressKey struct{}

// withoutCredentials returns the request as middleware knows it.
func (p *progress) withoutCredentials(ctx context.Context) (*http.Request, error) {
	address := p.request.withPath(p.request.Endpoint.Path + p.request.Method)
	open := func() (io.ReadCloser, error) {
		body, err := p.request.Body.Open()
		return io.NopCloser(body), err
	}
	body, err := open()
	if err != nil {
		return nil, err
	}
	req := http.Request{
		Method:        http.MethodPost,
		URL:           &address,
		Host:          address.Host,
		Proto:         "HTTP/1.1",
		ProtoMajor:    1,
		ProtoMinor:    1,
		Header:        p.header(),
		ContentLength: p.request.Body.Length(),
		Body:          body,
		GetBody:       open,
	}
	return req.WithContext(context.WithValue(ctx, progressKey{}, func() *progress { return p })), nil
}

var (
	errForeignRequest = errors.New("a middleware changed the request into another: no credentials are sent with it")
	errBodyIsLost     = errors.New("a middleware has read the body of the request, or changed it without its length; GetBody returns it anew")
)

// RoundTrip sends a copy of req with the credentials.
func (l *credentialLayer) RoundTrip(req *http.Request) (*http.Response, error) {
	progressOf, ok := req.Context().Value(progressKey{}).(func() *progress)
	if !ok || !progressOf().isRequest(req) {
		if req.Body != nil {
			_ = req.Body.Close()
		}
		return nil, errForeignRequest
	}
	p := progressOf()
	body, err := p.bodyOf(req)
	if err == nil {
		err = req.Context().Err()
	}
	if err != nil {
		return nil, err
	}
	resp, err := l.sender.send(req.Context(), p, onerequest.Request{Header: req.Header, Body: body, Close: req.Close})
	if err != nil {
		return nil, err
	}
	resp.Request = req // the transport has put the copy here, with the secret in its URL
	if resp.Header == nil {
		resp.Header = http.Header{} // which middleware may write to
	}
	maskHeader(resp.Header, p.request.Secrets)
	resp.Status = p.request.Secrets.Text(resp.Status)
	p.hide(resp)
	return resp, nil
}

// bodyOf returns the body of a request that middleware handed on. It is read here, or while it is sent.
func (p *progress) bodyOf(req *http.Request) (payload.Body, error) {
	if p.upload != nil {
		return p.upload.handedOn(req)
	}
	body, err := io.ReadAll(req.Body)
	_ = req.Body.Close()
	switch {
	case err != nil:
		return payload.Body{}, fmt.Errorf("reading the request: %w", err)
	case len(body) == 0, req.ContentLength > 0 && req.ContentLength != int64(len(body)):
		return payload.Body{}, errBodyIsLost
	}
	return payload.Body{Text: body}, nil
}

// isRequest reports whether req is the request that was to be sent, as far as the credentials depend on it: to the same
// address, by POST, with a body.
func (p *progress) isRequest(req *http.Request) bool {
	return req.Method == http.MethodPost && req.Body != nil && req.Body != http.NoBody &&
		req.URL != nil && *req.URL == p.request.withPath(p.request.Endpoint.Path+p.request.Method) &&
		(req.Host == "" || req.Host == p.request.Endpoint.Host)
}

// hide masks the secrets in the body of an answer, for middleware.
func (p *progress) hide(resp *http.Response) {
	masked := redact.NewReader(resp.Body, p.request.Secrets)
	p.masked.Store(masked)
	resp.Body = &maskedBody{masked, resp.Body, resp, p.request.Secrets}
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

// maskedTrace is a context whose httptrace.ClientTrace, where middleware or the caller has set one, does not see the
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

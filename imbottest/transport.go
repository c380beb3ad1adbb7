package imbottest

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"strings"
	"syscall"
)

// RoundTripper returns a transport that reaches the portal in memory, at its host and at those that it had, and its
// OAuth server. All other hosts are unknown to it. It starts no goroutine, and waits only where it was told to, until
// the request's context ends.
func (p *Portal) RoundTripper() http.RoundTripper { return memory{p} }

// HTTPClient returns a new client over [Portal.RoundTripper]. It follows redirects, as clients of net/http do.
func (p *Portal) HTTPClient() *http.Client { return &http.Client{Transport: p.RoundTripper()} }

// memory is the way to a portal without a network.
type memory struct{ portal *Portal }

// RoundTrip implements http.RoundTripper.
func (m memory) RoundTrip(req *http.Request) (*http.Response, error) {
	body, err := readRequest(req)
	if err != nil {
		return nil, err
	}
	ctx := req.Context()
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	host := hostOf(req.URL)
	if !m.portal.site.reachable(host) {
		return nil, errNoHost(req.URL.Hostname())
	}
	rep, err := m.portal.serve(ctx, request{
		httpMethod: methodOrGet(req.Method),
		secure:     req.URL.Scheme == "https",
		host:       host,
		url:        req.URL,
		header:     req.Header,
		body:       body,
	})
	if err == nil {
		err = rep.cut
	}
	if err != nil {
		return nil, err
	}
	return rep.response(req), nil
}

// readRequest reads the body of an outgoing request and closes it.
func readRequest(req *http.Request) ([]byte, error) {
	if req.Body == nil {
		return nil, nil
	}
	body, err := io.ReadAll(req.Body)
	return body, errors.Join(err, req.Body.Close())
}

// methodOrGet returns the method of an outgoing request, for which "" means GET.
func methodOrGet(method string) string {
	if method == "" {
		return http.MethodGet
	}
	return method
}

// hostOf returns the host of a URL as the portal compares it: in lower case and without the default port.
func hostOf(target *url.URL) string {
	host := strings.ToLower(target.Host)
	switch target.Scheme {
	case "https":
		return strings.TrimSuffix(host, ":443")
	default:
		return strings.TrimSuffix(host, ":80")
	}
}

// response makes a reply what a client sees.
func (rep reply) response(req *http.Request) *http.Response {
	length := max(rep.length, len(rep.body))
	header := rep.header.Clone()
	header.Set("Content-Length", strconv.Itoa(length))
	var body io.Reader = bytes.NewReader(rep.body)
	if length > len(rep.body) {
		body = io.MultiReader(body, cutReader{})
	}
	return &http.Response{
		Status:        strconv.Itoa(rep.status) + " " + http.StatusText(rep.status),
		StatusCode:    rep.status,
		Proto:         "HTTP/1.1",
		ProtoMajor:    1,
		ProtoMinor:    1,
		Header:        header,
		Body:          io.NopCloser(body),
		ContentLength: int64(length),
		Request:       req,
	}
}

// cutReader is the end of a body that ends too early.
type cutReader struct{}

func (cutReader) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

// The following are the errors that net/http gives over a real network.

func errNoHost(host string) error {
	return &net.OpError{Op: "dial", Net: "tcp", Err: &net.DNSError{Err: "no such host", Name: host, IsNotFound: true}}
}

func errRefused() error {
	return &net.OpError{Op: "dial", Net: "tcp", Err: os.NewSyscallError("connect", syscall.ECONNREFUSED)}
}

func errReset() error {
	return &net.OpError{Op: "read", Net: "tcp", Err: os.NewSyscallError("read", syscall.ECONNRESET)}
}

package server

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"
	"syscall"
)

// RoundTrip answers a request in memory, if it is for a host of the portal or of its OAuth server. It starts no
// goroutine.
func (s *Server) RoundTrip(req *http.Request) (*http.Response, error) {
	body, err := readRequest(req)
	if err != nil {
		return nil, err
	}
	ctx := req.Context()
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	host := hostOf(req.URL)
	site := s.site.now()
	isKnown := host == site.host || slices.Contains(site.former, host) || host == s.config.OAuthHost
	if site.gone || !isKnown {
		return nil, errNoHost(req.URL.Hostname())
	}
	rep, err := s.serve(ctx, request{
		httpMethod: methodOrGet(req.Method),
		secure:     req.URL.Scheme == "https",
		host:       host,
		url:        req.URL,
		header:     req.Header,
		body:       body,
	})
	if err == nil {
		err = rep.Cut
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
func (rep Reply) response(req *http.Request) *http.Response {
	length := max(rep.Length, len(rep.Body))
	header := rep.Header.Clone()
	header.Set("Content-Length", strconv.Itoa(length))
	var body io.Reader = bytes.NewReader(rep.Body)
	if length > len(rep.Body) {
		body = io.MultiReader(body, cutReader{})
	}
	return &http.Response{
		Status:        strconv.Itoa(rep.Status) + " " + http.StatusText(rep.Status),
		StatusCode:    rep.Status,
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

// ErrRefused is a connection that is refused.
func ErrRefused() error {
	return &net.OpError{Op: "dial", Net: "tcp", Err: os.NewSyscallError("connect", syscall.ECONNREFUSED)}
}

// ErrReset is a connection that is reset.
func ErrReset() error {
	return &net.OpError{Op: "read", Net: "tcp", Err: os.NewSyscallError("read", syscall.ECONNRESET)}
}

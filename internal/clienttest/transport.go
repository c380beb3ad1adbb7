package clienttest

import (
	"bytes"
	"io"
	"net/http"
	"strings"
)

// RoundTrip makes a transport of a func.
type RoundTrip func(*http.Request) (*http.Response, error)

// RoundTrip implements http.RoundTripper.
func (f RoundTrip) RoundTrip(req *http.Request) (*http.Response, error) { return f(req) }

// Answering is a transport without a network.
func Answering(status int, body string) http.RoundTripper {
	return RoundTrip(func(req *http.Request) (*http.Response, error) {
		if _, err := io.Copy(io.Discard, req.Body); err != nil {
			return nil, err
		}
		return &http.Response{
			StatusCode:    status,
			Header:        http.Header{"Content-Type": {"application/json; charset=utf-8"}},
			Body:          io.NopCloser(strings.NewReader(body)),
			ContentLength: int64(len(body)),
			Request:       req,
		}, nil
	})
}

// Done answers that what was asked for is done.
var Done = Answering(http.StatusOK, `{"result":true}`)

// Redirecting answers with a redirect, or with one that has no Location where that is empty.
func Redirecting(status int, location, body string) http.RoundTripper {
	return RoundTrip(func(req *http.Request) (*http.Response, error) {
		resp, err := Answering(status, body).RoundTrip(req)
		if err == nil && location != "" {
			resp.Header.Set("Location", location)
		}
		return resp, err
	})
}

// Failing answers nothing.
func Failing(err error) http.RoundTripper {
	return RoundTrip(func(*http.Request) (*http.Response, error) { return nil, err })
}

// The hosts of a portal in Bitrix24's cloud: before and after it was renamed.
const (
	OldHost = "example-old.bitrix24.com"
	NewHost = "example-new.bitrix24.com"
)

// Web is a transport to several hosts, without a network. It is for one request at a time.
type Web struct {
	Answers map[string]http.RoundTripper // by host
	Asked   []string                     // method, address and body of each request
	Hosts   []string                     // the host of each request
}

// RoundTrip implements http.RoundTripper.
func (w *Web) RoundTrip(req *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(req.Body)
	if err != nil {
		return nil, err
	}
	w.Asked = append(w.Asked, req.Method+" "+req.URL.String()+" "+string(body))
	w.Hosts = append(w.Hosts, req.URL.Host)
	host, ok := w.Answers[req.URL.Host]
	if !ok {
		return nil, io.ErrUnexpectedEOF
	}
	req = req.Clone(req.Context())
	req.Body = io.NopCloser(bytes.NewReader(body))
	return host.RoundTrip(req)
}

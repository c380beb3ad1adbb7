package server

import (
	"bytes"
	"io"
	"net/http"
	"slices"
	"strings"
)

// Cloud is several portals that are reached in one place.
type Cloud []*Server

// RoundTrip lets the portal answer that the request is for.
func (c Cloud) RoundTrip(req *http.Request) (*http.Response, error) {
	body, err := readRequest(req)
	if err != nil {
		return nil, err
	}
	if len(c) == 0 {
		return nil, errNoHost(req.URL.Hostname())
	}
	again := req.WithContext(req.Context())
	again.Body = io.NopCloser(bytes.NewReader(body))
	resp, err := c.choose(request{host: hostOf(req.URL), url: req.URL, header: req.Header, body: body}).RoundTrip(again)
	if resp != nil {
		resp.Request = req
	}
	return resp, err
}

// ServeHTTP lets the portal answer that the request is for, and the first one where it is for none.
func (c Cloud) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	switch {
	case err != nil:
		http.Error(w, "the body could not be read", http.StatusRequestEntityTooLarge)
	case len(c) == 0:
		http.NotFound(w, r)
	default:
		again := r.WithContext(r.Context())
		again.Body = io.NopCloser(bytes.NewReader(body))
		c.choose(request{host: strings.ToLower(r.Host), url: r.URL, header: r.Header, body: body}).ServeHTTP(w, again)
	}
}

// choose returns the portal that a request is for. All share one OAuth server: a request to that is for the portal that
// has issued what it brings.
func (c Cloud) choose(req request) *Server {
	first := c[0]
	if path := oauthPath(req); first.receives(req) && path != authorizePath {
		form, token := formOf(req), readExchange(req).credentials.token
		for _, s := range c {
			if _, known := s.Store.Token(token); known || s.OAuth.HasIssued(form) {
				return s
			}
		}
		return first
	}
	for _, s := range c {
		if s.isAt(req.host) {
			return s
		}
	}
	return first
}

// isAt reports whether a host is one of the portal's, or was.
func (s *Server) isAt(host string) bool {
	site := s.site.now()
	return host == site.host || slices.Contains(site.former, host) || host == s.servedAt()
}

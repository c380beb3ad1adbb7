package server

import (
	"net/url"
	"slices"
	"strings"
	"sync"
)

// site is the portal as a whole.
type site struct {
	mu sync.Mutex
	is siteState
}

// siteState is where the portal is, and whether it is there.
type siteState struct {
	gone     bool
	host     string
	former   []string // the hosts that it had
	closed   int      // the status of PORTAL_DELETED; 0: open
	overload int      // the status of OVERLOAD_LIMIT; 0: not overloaded
}

func (s *site) now() siteState {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.is
}

func (s *site) change(do func(is *siteState)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	do(&s.is)
}

// redirected returns where a request has to go if it was sent to a host that the portal has left.
func (is siteState) redirected(req request) (string, bool) {
	if len(is.former) == 0 || req.host == is.host {
		return "", false
	}
	scheme := "http"
	if req.secure {
		scheme = "https"
	}
	target := url.URL{Scheme: scheme, Host: is.host, Path: req.url.Path, RawPath: req.url.RawPath, RawQuery: req.url.RawQuery}
	return target.String(), true
}

// Rename moves the portal to another host.
func (s *Server) Rename(newHost string) {
	s.site.change(func(is *siteState) {
		is.former = append(slices.Clip(is.former), is.host)
		is.host = strings.ToLower(newHost)
	})
}

// CloseSite makes every call end by PORTAL_DELETED with this status, and none with 0.
func (s *Server) CloseSite(status int) { s.site.change(func(is *siteState) { is.closed = status }) }

// Overload makes every call with valid credentials end by OVERLOAD_LIMIT with this status, and none with 0.
func (s *Server) Overload(status int) { s.site.change(func(is *siteState) { is.overload = status }) }

package server

import (
	"net/url"
	"strings"
	"sync"
)

// site is the portal as a whole: where it is, and whether it is there.
type site struct {
	mu             sync.Mutex
	isShut         bool
	oauthHost      string // of the OAuth server
	host           string
	former         map[string]bool
	closedStatus   int // 0: open
	overloadStatus int // 0: not overloaded
}

func newSite(host, oauthHost string) *site {
	return &site{host: host, oauthHost: oauthHost, former: make(map[string]bool)}
}

// shut makes the portal unreachable for good.
func (s *site) shut() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.isShut = true
}

// gone tells whether the portal was shut.
func (s *site) gone() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.isShut
}

// reachable tells whether a request in memory finds the portal, or its OAuth server, at this host.
func (s *site) reachable(host string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return !s.isShut && (host == s.host || s.former[host] || host == s.oauthHost)
}

// redirected returns where a request has to go if it was sent to a host that the portal has left.
func (s *site) redirected(req request) (string, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.former) == 0 || req.host == s.host {
		return "", false
	}
	scheme := "http"
	if req.secure {
		scheme = "https"
	}
	target := url.URL{Scheme: scheme, Host: s.host, Path: req.url.Path, RawPath: req.url.RawPath, RawQuery: req.url.RawQuery}
	return target.String(), true
}

// current returns the host of the portal.
func (s *site) current() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.host
}

func (s *site) closed() (status int, closed bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.closedStatus, s.closedStatus != 0
}

func (s *site) overloaded() (status int, overloaded bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.overloadStatus, s.overloadStatus != 0
}

// Rename moves the portal to another host.
func (s *Server) Rename(newHost string) {
	newHost = strings.ToLower(newHost)
	s.site.mu.Lock()
	defer s.site.mu.Unlock()
	s.site.former[s.site.host] = true
	s.site.host = newHost
}

// CloseSite makes every call end by PORTAL_DELETED with this status, and none with 0.
func (s *Server) CloseSite(status int) {
	s.site.mu.Lock()
	defer s.site.mu.Unlock()
	s.site.closedStatus = status
}

// Overload makes every call with valid credentials end by OVERLOAD_LIMIT with this status, and none with 0.
func (s *Server) Overload(status int) {
	s.site.mu.Lock()
	defer s.site.mu.Unlock()
	s.site.overloadStatus = status
}

package imbottest

import (
	"net/http"
	"net/url"
	"strings"
	"sync"
)

// site is the portal as a whole: where it is, and whether it is there.
type site struct {
	mu             sync.Mutex
	isShut         bool
	host           string
	former         map[string]bool
	closedStatus   int // 0: open
	overloadStatus int // 0: not overloaded
}

func newSite(host string) *site {
	return &site{host: host, former: make(map[string]bool)}
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
	return !s.isShut && (host == s.host || s.former[host] || host == OAuthHost)
}

// moved returns where a request has to go if it was sent to a host that the portal has left.
func (s *site) moved(req request) (string, bool) {
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

// Rename moves the portal to another host. From now on a request to any other host is answered by a redirect (302) to
// the same path and query at the new one, as long as it reaches the portal. [Portal.WebhookURL] and [Portal.Endpoint]
// stay what they were: clients do not know of the new name. For the server behind [Portal.URL], the new host needs a
// port, such as "localhost:8080".
func (p *Portal) Rename(newHost string) {
	newHost = strings.ToLower(newHost)
	p.site.mu.Lock()
	defer p.site.mu.Unlock()
	p.site.former[p.site.host] = true
	p.site.host = newHost
}

// CloseSite deletes the portal: every call is answered by PORTAL_DELETED. The status 0 stands for 403, which is the
// server's; 410 and 500 have been seen and documented, too. [Portal.Reopen] takes it back.
func (p *Portal) CloseSite(status int) {
	p.reporter.helper()
	if status == 0 {
		status = http.StatusForbidden
	}
	if err := checkStatus("CloseSite", status); err != nil {
		p.reporter.fatalf("%v", err)
		return
	}
	p.site.mu.Lock()
	defer p.site.mu.Unlock()
	p.site.closedStatus = status
}

// Overload blocks applications and webhooks: every call with valid credentials is answered by OVERLOAD_LIMIT. The
// status 0 stands for 401, which is the server's; the documentation has 503. [Portal.Reopen] takes it back.
func (p *Portal) Overload(status int) {
	p.reporter.helper()
	if status == 0 {
		status = http.StatusUnauthorized
	}
	if err := checkStatus("Overload", status); err != nil {
		p.reporter.fatalf("%v", err)
		return
	}
	p.site.mu.Lock()
	defer p.site.mu.Unlock()
	p.site.overloadStatus = status
}

// Reopen takes [Portal.CloseSite] and [Portal.Overload] back.
func (p *Portal) Reopen() {
	p.site.mu.Lock()
	defer p.site.mu.Unlock()
	p.site.closedStatus, p.site.overloadStatus = 0, 0
}

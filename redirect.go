package imbot

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"

	"github.com/seed-a6e4e5a4/imbot/internal/exchange"
)

// RedirectPolicy decides whether a call, credentials and all, may be repeated on another host that the portal redirects
// to. Both are in lower case, with the port where the address names one other than 443. It is asked only about a
// redirect to https, with the path and the query of the request, and at most once a call; whatever else an answer
// redirects to is a [*RedirectError].
type RedirectPolicy func(from, to string) bool

// RenamedPortal is the default policy. It follows a portal of Bitrix24's cloud that was renamed: both hosts are
// NAME.bitrix24.TLD with the same TLD.
func RenamedPortal(from, to string) bool {
	old, renamed := cloudHost.FindStringSubmatch(from), cloudHost.FindStringSubmatch(to)
	return old != nil && renamed != nil && old[1] == renamed[1]
}

var cloudHost = regexp.MustCompile(`^[a-z0-9-]+\.bitrix24\.([a-z]{2,}(?:\.[a-z]{2})?)$`)

// NoRedirect follows no redirect at all.
func NoRedirect(from, to string) bool { return false } //nolint:revive // the names are for who reads the signature

// followed returns the endpoint to repeat a redirected request at, or nil where it is not to be repeated.
func (c *core) followed(answer *exchange.Answer, asked *exchange.Request) *url.URL {
	if answer.Status == http.StatusSeeOther {
		return nil // this one asks for a GET, and the parameters would be gone
	}
	target, err := url.Parse(answer.Location)
	if err != nil || target.Scheme != "https" || target.User != nil || target.RawQuery != "" || target.ForceQuery ||
		target.Fragment != "" || target.EscapedPath() != asked.Path() {
		return nil
	}
	from, to := hostAndPort(asked.Endpoint), hostAndPort(target)
	if to == "" || to == from || !c.redirectPolicy(from, to) {
		return nil
	}
	moved := *asked.Endpoint
	moved.Scheme, moved.Host = target.Scheme, to
	return &moved
}

// hostAndPort returns the host of an https address in lower case, with the port unless it is the usual one.
func hostAndPort(u *url.URL) string {
	return strings.TrimSuffix(strings.ToLower(u.Host), ":443")
}

// isSamePlace reports whether two endpoints are at the same host and port.
func isSamePlace(a, b *url.URL) bool { return a.Scheme == b.Scheme && hostAndPort(a) == hostAndPort(b) }

// endpoint returns where a portal is now: at home, or where it was followed to from there.
func (c *core) endpoint(home *url.URL) *url.URL {
	if moved, ok := c.moved.Load(home.Host); ok {
		return moved.(*url.URL) //nolint:errcheck // nothing else is ever stored
	}
	return home
}

// hostOf returns the host of a redirect's target, which may be relative to the address that was asked, or nothing where
// it cannot be read.
func hostOf(location string, asked *url.URL) string {
	u, err := url.Parse(location)
	if err != nil || location == "" {
		return ""
	}
	return asked.ResolveReference(u).Host
}

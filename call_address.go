package imbot

import (
	"context"
	"net/http"
	"net/url"
	"regexp"
	"sync"
	"sync/atomic"

	"github.com/seed-a6e4e5a4/imbot/internal/exchange"
	"github.com/seed-a6e4e5a4/imbot/internal/hostname"
	"github.com/seed-a6e4e5a4/imbot/internal/outcome"
)

// RedirectPolicy decides whether a call, credentials and all, may be repeated on another host that the portal redirects
// to. Hosts are in lower case and ASCII, with a port other than 443. It is asked about redirects to https with the path
// and query of the request, once a call; any other redirect is a [*RedirectError].
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

// portalAddress is where the portal of an [Auth] is, by the Auth itself.
type portalAddress struct {
	configured *url.URL                // https://portal.example/rest/
	reported   atomic.Pointer[url.URL] // by the token source, in the place of configured; nil where it reported none
	source     func(context.Context) (string, error)
}

// endpoint returns where the portal is, but for redirects.
func (a *portalAddress) endpoint() *url.URL {
	if reported := a.reported.Load(); reported != nil {
		return reported
	}
	return a.configured
}

// ask returns what the token source reports, or nil where it knows no address that [OAuth] would accept.
func (a *portalAddress) ask(ctx context.Context) *url.URL {
	if a.source == nil {
		return nil
	}
	address, err := a.source(ctx)
	if err != nil {
		return nil // the portal itself will redirect
	}
	endpoint, problem := parseClientEndpoint(address)
	if problem != "" {
		return nil
	}
	return endpoint
}

// redirects are where portals were redirected to, as the policy allowed. All clients that share the policy share them.
type redirects struct {
	policy RedirectPolicy
	met    atomic.Bool // there was one; of most portals there is none, and an empty map takes space once it is asked
	known  sync.Map    // by the host that a redirect led away from: *url.URL
}

// from returns the endpoint that a redirect led to from another one, or that one.
func (r *redirects) from(endpoint *url.URL) *url.URL {
	if !r.met.Load() {
		return endpoint
	}
	if led, ok := r.known.Load(endpoint.Host); ok {
		return led.(*url.URL) //nolint:errcheck // nothing else is ever stored
	}
	return endpoint
}

// allowed returns the endpoint to repeat a redirected request at, or nil where it is not to be repeated.
func (r *redirects) allowed(answer *exchange.Answer, sent *exchange.Request) *url.URL {
	if answer.Status == http.StatusSeeOther {
		return nil // this one asks for a GET, and the parameters would be gone
	}
	target, err := url.Parse(answer.Location)
	if err != nil || target.Scheme != "https" || target.User != nil || target.RawQuery != "" || target.ForceQuery ||
		target.Fragment != "" || target.EscapedPath() != sent.Path() {
		return nil
	}
	from := sent.Endpoint.Host
	if !hostname.Normalize(target) || target.Host == from || !r.policy(from, target.Host) {
		return nil
	}
	led := *sent.Endpoint
	led.Scheme, led.Host = target.Scheme, target.Host
	return &led
}

// callAddress is where the requests of one call go.
type callAddress struct {
	portal    *portalAddress
	redirects *redirects

	base     *url.URL // by the Auth; where a redirect led during this call, what it led away from
	target   *url.URL // where that went, or the next one is to go
	redirect *url.URL // where a redirect led during this call, or nil
	followed bool     // there was one
	asked    bool     // the token source was asked
}

func (c *Client) newCallAddress() callAddress {
	return callAddress{portal: &c.credentials.address, redirects: &c.core.redirects}
}

// setTarget sets the target of the next request. Another call may have learned a new address meanwhile.
func (a *callAddress) setTarget() {
	if a.redirect != nil {
		a.target = a.redirect
		return
	}
	a.base = a.portal.endpoint()
	a.target = a.redirects.from(a.base)
}

// follow makes a request again at once where the portal is at another address, by a redirect or by what the token
// source reports. It does each of the two once a call.
func (c *core) follow(next step) step {
	return func(ctx context.Context, call *calling) (answer, error) {
		for {
			got, err := next(ctx, call)
			if call.address.followRedirect(err) {
				continue
			}
			call.address.learn(err)
			if !call.address.askSource(ctx, err) {
				return got, err
			}
		}
	}
}

// followRedirect reports whether err is a redirect to follow, and sets the target there.
func (a *callAddress) followRedirect(err error) bool {
	redirect, ok := asType[*RedirectError](err)
	if !ok || redirect.follow == nil || a.followed {
		return false
	}
	a.followed, a.redirect = true, redirect.follow
	return true
}

// learn remembers for other calls where the portal answered, and forgets an address where it no longer does.
func (a *callAddress) learn(err error) {
	switch {
	case a.redirect != nil && isOfPortal(err):
		a.redirects.known.Store(a.base.Host, a.redirect)
		a.redirects.met.Store(true)
	case a.redirect == nil && isElsewhere(err):
		if _, was := a.redirects.known.LoadAndDelete(a.base.Host); !was && !isDown(err) {
			a.forget()
		}
	}
}

// askSource asks the token source where the portal is, after a request that found none, and remembers a new address. It
// reports whether to make the request again there, which is where nothing was executed.
func (a *callAddress) askSource(ctx context.Context, err error) bool {
	if a.asked || !isElsewhere(err) || ctx.Err() != nil {
		return false
	}
	a.asked = true
	endpoint := a.portal.ask(ctx)
	if endpoint == nil || isSamePlace(endpoint, a.base) {
		return false
	}
	a.portal.reported.Store(endpoint)
	if isSamePlace(a.redirects.from(endpoint), a.target) || ran(err) != outcome.NotExecuted {
		return false
	}
	a.redirect = nil
	return true
}

// report goes on at the address that the token source reports with a new token. A redirect from there is older than the
// report.
func (a *callAddress) report(ctx context.Context) {
	if endpoint := a.portal.ask(ctx); endpoint != nil {
		a.redirects.known.Delete(endpoint.Host)
		a.portal.reported.Store(endpoint)
	}
}

// ended forgets a reported address where a whole call found no connection: not before, as a network may be down for a
// while.
func (a *callAddress) ended(last error) {
	if isDown(last) && isSamePlace(a.target, a.base) {
		a.forget()
	}
}

// forget goes back to the configured address, unless another call has learned of a new one.
func (a *callAddress) forget() { a.portal.reported.CompareAndSwap(a.base, nil) }

// isOfPortal reports whether a request came to a portal of Bitrix24: it had a result or a refusal for an answer.
func isOfPortal(err error) bool {
	refused, ok := asType[*APIError](err)
	return err == nil || ok && !refused.unreadable
}

// isElsewhere reports whether there is no portal of Bitrix24 where a request was sent: nobody is there, or somebody
// else, who has no such page or sends on. One that has too many requests may be a portal.
func isElsewhere(err error) bool {
	if _, ok := asType[*RedirectError](err); ok {
		return true
	}
	if failed, ok := asType[*callError](err); ok {
		return failed.dial || failed.isCertificate()
	}
	refused, ok := asType[*APIError](err)
	return ok && refused.unreadable && refused.StatusCode < http.StatusInternalServerError && !refused.isTooMany()
}

// isDown reports whether there was no connection, which may be for a while.
func isDown(err error) bool {
	failed, ok := asType[*callError](err)
	return ok && failed.dial
}

// isSamePlace reports whether two endpoints are at the same host and port.
func isSamePlace(a, b *url.URL) bool { return a.Scheme == b.Scheme && a.Host == b.Host }

// hostOf returns the host of a redirect's target, which may be relative to the address of the request, or nothing where
// it cannot be read.
func hostOf(location string, sent *url.URL) string {
	u, err := url.Parse(location)
	if err != nil || location == "" {
		return ""
	}
	return sent.ResolveReference(u).Host
}

package imbottest

import (
	"net/http"

	"github.com/seed-a6e4e5a4/imbot/imbottest/internal/server"
)

// Cloud is several portals with one OAuth server, as an application of the market meets them. Each portal has a host
// and a member id of its own, by [WithHost] and [WithMemberID], and keeps everything else to itself: chats, limits,
// faults, and what [Portal.Calls] and [Portal.TokenCalls] know. Make one with [NewCloud]. It is safe for concurrent
// use.
type Cloud struct{ servers server.Cloud }

// NewCloud returns a cloud of portals, which are closed one by one. A request goes to the portal of its host. One to
// the OAuth server goes to the portal that has issued the code, the refresh token or the access token that it brings,
// and to the first one if none has.
func NewCloud(portals ...*Portal) *Cloud {
	c := new(Cloud)
	for _, portal := range portals {
		c.servers = append(c.servers, portal.server)
	}
	return c
}

// HTTPClient returns a new client that reaches the portals in memory, as [Portal.HTTPClient] does for one.
func (c *Cloud) HTTPClient() *http.Client { return &http.Client{Transport: c.servers} }

// ServeHTTP answers a request that came over a connection: its portal is the one of [WithAddress] or [WithHost] that the
// request names as its host, and the first one if it names none of them.
func (c *Cloud) ServeHTTP(w http.ResponseWriter, r *http.Request) { c.servers.ServeHTTP(w, r) }

package portals_test

import (
	"net/http"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/imbottest"
	"github.com/seed-a6e4e5a4/imbot/oauth"
	"github.com/seed-a6e4e5a4/imbot/portals"
)

// hosts has fake portals at hosts of their own.
type hosts map[string]*imbottest.Portal

func (h hosts) RoundTrip(req *http.Request) (*http.Response, error) {
	portal, found := h[req.URL.Host]
	if !found {
		portal = imbottest.Start()
		defer portal.Close()
		return portal.RoundTripper().RoundTrip(req) // it is at no such host
	}
	there := req.Clone(req.Context())
	there.URL.Host, there.Host = imbottest.Host, imbottest.Host
	return portal.RoundTripper().RoundTrip(there)
}

// Many portals that are called at the same time, each by several goroutines, are each called as often as they allow, and
// no more often.
func TestRegistry_rates(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const n, workers, long = 20, 5, time.Minute
		network, store := hosts{}, portals.NewMemoryStore()
		for i := range n {
			plan := imbottest.Standard
			if i%5 == 0 {
				plan = imbottest.Enterprise
			}
			portal := imbottest.NewPortal(t, imbottest.WithPlan(plan))
			network[host(member(i))] = portal
			put(t, store, portals.Installation{
				MemberID: member(i), ClientEndpoint: "https://" + host(member(i)) + "/rest/", Plan: plan, ApplicationToken: "EXAMPLE",
				Token: oauth.Token{AccessToken: imbottest.TokenOK}, InstalledAt: time.Now(),
			})
		}
		client := &http.Client{Transport: network}
		registry, err := portals.New(oauth.App{ID: appID, Secret: appSecret, HTTPClient: client}, store,
			portals.WithClientOptions(imbot.WithHTTPClient(client), imbot.WithRetry(imbot.RetryPolicy{})))
		require.NoError(t, err)
		end := time.Now().Add(long)
		var group sync.WaitGroup
		for i := range n {
			for range workers {
				group.Go(func() {
					for time.Now().Before(end) {
						if !assert.NoError(t, call(t.Context(), registry, member(i))) {
							return
						}
					}
				})
			}
		}
		group.Wait()
		for i := range n {
			allowed := 50 + 2*long.Seconds()
			if i%5 == 0 {
				allowed = 250 + 5*long.Seconds()
			}
			done := 0
			for _, call := range network[host(member(i))].Calls() {
				assert.Equal(t, http.StatusOK, call.Status)
				if call.At.Before(end) {
					done++
				}
			}
			assert.GreaterOrEqual(t, float64(done), 0.95*allowed, "portal %d", i)
		}
	})
}

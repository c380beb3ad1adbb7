package portals_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"net/http"
	"runtime"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/events"
	"github.com/seed-a6e4e5a4/imbot/oauth"
	"github.com/seed-a6e4e5a4/imbot/portals"
)

// oddStore is a store whose Load does something else.
type oddStore struct {
	portals.Store

	load func(ctx context.Context, memberID string) (portals.Installation, error)
}

func (s oddStore) Load(ctx context.Context, memberID string) (portals.Installation, error) {
	return s.load(ctx, memberID)
}

// A store that does not do what it has to makes a call fail. It neither ends the program, nor keeps anybody waiting for
// ever, nor leads to another portal.
func TestRegistry_oddStores(t *testing.T) {
	t.Parallel()
	type load = func(ctx context.Context, memberID string) (portals.Installation, error)
	tests := map[string]struct {
		load load
		want error
	}{
		"panics":             {func(context.Context, string) (portals.Installation, error) { panic("EXAMPLE_SECRET") }, nil},
		"ends its goroutine": {func(context.Context, string) (portals.Installation, error) { runtime.Goexit(); return full("x"), nil }, nil},
		"hangs": {func(ctx context.Context, _ string) (portals.Installation, error) {
			<-ctx.Done()
			return portals.Installation{}, ctx.Err()
		}, context.DeadlineExceeded},
		"returns another portal": {func(context.Context, string) (portals.Installation, error) { return full(member(9)), nil }, nil},
		"returns nothing":        {func(context.Context, string) (portals.Installation, error) { return portals.Installation{}, nil }, nil},
		"returns one that was removed": {func(_ context.Context, memberID string) (portals.Installation, error) {
			i := full(memberID)
			i.RemovedAt = i.InstalledAt.Add(time.Hour)
			return i, nil
		}, portals.ErrNotInstalled},
		"fails": {func(context.Context, string) (portals.Installation, error) { return full(member(1)), errStop }, errStop},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				registry := newWorld().registry(t, oddStore{portals.NewMemoryStore(), tt.load})
				began := time.Now()
				var group sync.WaitGroup
				for range 10 {
					group.Go(func() {
						client, err := registry.Client(t.Context(), member(1))
						if !assert.Error(t, err) {
							return
						}
						if tt.want != nil {
							assert.ErrorIs(t, err, tt.want)
						}
						assert.Nil(t, client)
						assert.NotContains(t, err.Error(), "EXAMPLE")
					})
				}
				group.Wait()
				assert.LessOrEqual(t, time.Since(began), time.Minute)
				if name != "panics" && name != "ends its goroutine" && name != "hangs" {
					token, _ := registry.Lookup(t.Context(), events.Sender{MemberID: member(1)})
					assert.Empty(t, token)
				}
				require.NoError(t, registry.Wait(t.Context()))
				assert.Zero(t, portals.Known(registry))
			})
		})
	}
}

// However many ask at once, in real time, each gets the one client that there is.
func TestRegistry_Client_atOnce(t *testing.T) {
	t.Parallel()
	w, store := newWorld(), portals.NewMemoryStore()
	installed(t, w, store, 1)
	registry := w.registry(t, store)
	clients := make([]*imbot.Client, 1000)
	start := make(chan struct{})
	var group sync.WaitGroup
	for i := range clients {
		group.Go(func() {
			<-start
			var err error
			clients[i], err = registry.Client(t.Context(), member(0))
			assert.NoError(t, err)
		})
	}
	close(start)
	group.Wait()
	for _, client := range clients {
		require.Same(t, clients[0], client)
	}
}

// refusing is a world whose portals refuse all tokens.
type refusing struct{ *world }

func (r refusing) RoundTrip(req *http.Request) (*http.Response, error) {
	if strings.HasPrefix(req.URL.Host, "oauth.") {
		return r.world.RoundTrip(req)
	}
	r.mu.Lock()
	r.calls++
	r.mu.Unlock()
	return (&world{portals: r.portals}).RoundTrip(req)
}

// A portal that refuses every token does not have the OAuth server asked by every call: for two pairs a minute at most,
// by one process, and by three for no more than three each.
func TestRegistry_refusesForever(t *testing.T) {
	t.Parallel()
	for processes, most := range map[int]int{1: 2, 3: 9} {
		synctest.Test(t, func(t *testing.T) {
			w, store := newWorld(), portals.NewMemoryStore()
			installed(t, w, store, 1)
			client := &http.Client{Transport: refusing{w}}
			var registries []*portals.Registry
			for range processes {
				registry, err := portals.New(oauth.App{ID: appID, Secret: appSecret, HTTPClient: client}, store,
					portals.WithClientOptions(imbot.WithHTTPClient(client), imbot.WithLimiter(nil)))
				require.NoError(t, err)
				registries = append(registries, registry)
			}
			const minutes, callsAMinute = 30, 120
			for range minutes * callsAMinute {
				for _, registry := range registries {
					require.Error(t, call(t.Context(), registry, member(0)))
				}
				time.Sleep(time.Minute / callsAMinute) // fake clock
			}
			renewals, _ := w.totals()
			assert.LessOrEqual(t, renewals, minutes*most, "%d processes", processes)
			assert.LessOrEqual(t, w.calls, 2*minutes*callsAMinute*processes)
			t.Logf("%d processes: %d renewals in %d minutes", processes, renewals, minutes)
		})
	}
}

// A program that ends may do so while everything else goes on. Nothing hangs, and nothing is lost.
func TestRegistry_endsInTheMiddle(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const n = 30
		w, store := newWorld(), portals.NewMemoryStore()
		installed(t, w, store, n)
		w.slow = 200 * time.Millisecond
		registry := w.registry(t, store, portals.WithMaxRenewals(2))
		time.Sleep(121 * 24 * time.Hour) // fake clock
		var group sync.WaitGroup
		for i := range n {
			group.Go(func() {
				ctx, cancel := context.WithTimeout(t.Context(), rand.N(3*time.Second))
				defer cancel()
				err := call(ctx, registry, member(i))
				isGone := i%3 == 0 && (errors.Is(err, portals.ErrNotInstalled) || errors.Is(err, oauth.ErrNoToken))
				if !isGone && !errors.Is(err, context.DeadlineExceeded) {
					assert.NoError(t, err)
				}
			})
			if i%3 == 0 {
				event := removal(member(i))
				group.Go(func() { assert.NoError(t, registry.Uninstall(t.Context(), event)) })
			}
		}
		ended, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		group.Go(func() { _ = registry.KeepAlive(ended) })
		group.Go(func() { _ = registry.Wait(ended) })
		group.Go(func() { assert.NoError(t, registry.Wait(t.Context())) })
		group.Wait()
		require.NoError(t, registry.Wait(t.Context()))
		require.NoError(t, registry.KeepAlive(t.Context()))
		for i := range n {
			if i%3 == 0 {
				continue
			}
			kept := load(t, store, member(i))
			assert.Equal(t, member(i), w.refresh[kept.Token.RefreshToken], "the pair that works is kept")
			require.NoError(t, call(t.Context(), registry, member(i)))
		}
	})
}

// A domain comes from outside. No letters in it lead anywhere but to the portal that has it.
func TestLookup_oddDomains(t *testing.T) {
	t.Parallel()
	eachStore(t, func(t *testing.T, store, _ portals.Store) {
		registry := newWorld().registry(t, store)
		i := full(member(1))
		i.ClientEndpoint = "https://xn--e1aybc.example:8443/rest/"
		put(t, store, i)
		for _, domain := range []string{
			"xn--e1aybc.example", "xn--e1aybc.example:443", "xn--e1aybc.example:8443/", "xn--e1aybc.example:8443@evil.example", "..", ".",
			"../portal-" + member(1), "xn--e1aybc.example:8443\x00", "xn--e1aybc.example:8443\n", "xn--e1aybc.example:8443%00", "[::1]", "[::1",
			"https://xn--e1aybc.example:8443/rest/", "*", "%2e%2e", strings.Repeat("a", 1<<20), "xn--e1aybc.example:8443?", " xn--e1aybc.example:8443",
			"xn--e1aybc．example:8443", "\xff\xfe", "xn--e1aybc.example.:8443",
		} {
			token, err := registry.Lookup(t.Context(), events.Sender{Domain: domain})
			require.NoError(t, err, "%.50q", domain)
			assert.Empty(t, token, "%.50q", domain)
		}
		token, err := registry.Lookup(t.Context(), events.Sender{Domain: "XN--E1aybc.example:8443"})
		require.NoError(t, err)
		assert.Equal(t, i.ApplicationToken, token)
	})
}

package portals_test

import (
	"context"
	"net/http"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
	"weak"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/events"
	"github.com/seed-a6e4e5a4/imbot/oauth"
	"github.com/seed-a6e4e5a4/imbot/portals"
)

// installed puts so many portals into a world and a store.
func installed(t testing.TB, w *world, store portals.Store, n int) {
	t.Helper()
	for i := range n {
		w.add(member(i))
		event := w.install(member(i))
		put(t, store, portals.Installation{
			MemberID: member(i), ClientEndpoint: event.Auth.ClientEndpoint, ApplicationToken: event.ApplicationToken,
			Token: event.Auth, InstalledAt: event.Time,
		})
	}
}

func TestNew_mistakes(t *testing.T) {
	t.Parallel()
	app, store := oauth.App{ID: appID, Secret: appSecret}, portals.NewMemoryStore()
	tests := map[string]func() (*portals.Registry, error){
		"no id":                func() (*portals.Registry, error) { return portals.New(oauth.App{Secret: appSecret}, store) },
		"no secret":            func() (*portals.Registry, error) { return portals.New(oauth.App{ID: appID}, store) },
		"no store":             func() (*portals.Registry, error) { return portals.New(app, nil) },
		"no option":            func() (*portals.Registry, error) { return portals.New(app, store, nil) },
		"no client option":     func() (*portals.Registry, error) { return portals.New(app, store, portals.WithClientOptions(nil)) },
		"no limiter":           func() (*portals.Registry, error) { return portals.New(app, store, portals.WithLimiter(nil)) },
		"no renewals":          func() (*portals.Registry, error) { return portals.New(app, store, portals.WithMaxRenewals(0)) },
		"no connections":       func() (*portals.Registry, error) { return portals.New(app, store, portals.WithMaxConnections(0)) },
		"two mistakes at once": func() (*portals.Registry, error) { return portals.New(oauth.App{}, nil) },
	}
	for name, make := range tests {
		registry, err := make()
		var param *imbot.ParamError
		require.ErrorAs(t, err, &param, name)
		assert.Nil(t, registry, name)
		assert.NotContains(t, err.Error(), appSecret)
	}
	_, err := portals.New(oauth.App{}, store)
	require.ErrorIs(t, err, imbot.ErrInvalidClient)
	_, err = portals.New(app, store)
	require.NoError(t, err)
}

// slowStore is a store that takes its time to load, and counts the loads.
type slowStore struct {
	portals.Store

	loads atomic.Int64
	fails atomic.Pointer[error]
}

func (s *slowStore) Load(ctx context.Context, memberID string) (portals.Installation, error) {
	s.loads.Add(1)
	time.Sleep(time.Second) // fake clock
	if failure := s.fails.Load(); failure != nil {
		return portals.Installation{}, *failure
	}
	return s.Store.Load(ctx, memberID)
}

// However many ask at the same time, a client is made once. Who waits leaves with their context, and the others get it.
func TestRegistry_Client(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w, store := newWorld(), &slowStore{Store: portals.NewMemoryStore()}
		installed(t, w, store, 2)
		registry := w.registry(t, store)
		soon, cancel := context.WithTimeout(t.Context(), time.Millisecond)
		defer cancel()
		_, err := registry.Client(soon, member(0))
		require.ErrorIs(t, err, context.DeadlineExceeded)
		_, err = registry.Client(soon, member(0))
		require.ErrorIs(t, err, context.DeadlineExceeded)
		var group sync.WaitGroup
		clients := make([]*imbot.Client, 1000)
		for i := range clients {
			group.Go(func() {
				var err error
				clients[i], err = registry.Client(t.Context(), member(0))
				assert.NoError(t, err)
			})
		}
		group.Wait()
		for _, client := range clients {
			assert.Same(t, clients[0], client)
		}
		assert.EqualValues(t, 1, store.loads.Load())
		assert.Equal(t, host(member(0)), clients[0].Portal())
		other, err := registry.Client(t.Context(), member(1))
		require.NoError(t, err)
		assert.NotSame(t, clients[0], other)
		require.NoError(t, callBots(t.Context(), clients[0]))
		require.NoError(t, callBots(t.Context(), other))
	})
}

func TestRegistry_Client_fails(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w, store := newWorld(), &slowStore{Store: portals.NewMemoryStore()}
		installed(t, w, store, 1)
		registry := w.registry(t, store)
		_, err := registry.Client(t.Context(), member(1))
		require.ErrorIs(t, err, portals.ErrNotInstalled)
		var param *imbot.ParamError
		_, err = registry.Client(t.Context(), "../x")
		require.ErrorAs(t, err, &param)
		store.fails.Store(&errStop)
		_, err = registry.Client(t.Context(), member(0))
		require.ErrorIs(t, err, errStop)
		store.fails.Store(nil)
		require.NoError(t, call(t.Context(), registry, member(0)), "a failure is not kept")
		nowhere := full(member(2))
		nowhere.ClientEndpoint = "http://portal.example/rest/"
		put(t, store, nowhere)
		_, err = registry.Client(t.Context(), member(2))
		require.ErrorAs(t, err, &param)
	})
}

type panickingStore struct{ portals.Store }

func (panickingStore) Load(context.Context, string) (portals.Installation, error) {
	panic("EXAMPLE_SECRET")
}

func TestRegistry_Client_panic(t *testing.T) {
	t.Parallel()
	registry := newWorld().registry(t, panickingStore{portals.NewMemoryStore()})
	_, err := registry.Client(t.Context(), member(0))
	require.Error(t, err)
	assert.NotContains(t, err.Error(), "EXAMPLE_SECRET")
}

// Each portal has a limiter of its own, by its plan.
func TestRegistry_limiters(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w, store := newWorld(), portals.NewMemoryStore()
		installed(t, w, store, 3)
		large := load(t, store, member(1))
		large.Plan = imbot.PlanEnterprise
		put(t, store, large)
		registry := w.registry(t, store)
		took := func(registry *portals.Registry, memberID string, calls int) time.Duration {
			began := time.Now()
			for range calls {
				require.NoError(t, call(t.Context(), registry, memberID))
			}
			return time.Since(began)
		}
		assert.Equal(t, 5*time.Second, took(registry, member(0), 60), "50 at once, then 2 a second")
		assert.Equal(t, 2*time.Second, took(registry, member(1), 260), "250 at once, then 5 a second")
		assert.Zero(t, took(registry, member(2), 50), "what others have used up is theirs")

		var made []string
		own := w.registry(t, store, portals.WithLimiter(func(i portals.Installation) imbot.Limiter {
			made = append(made, i.MemberID)
			return nil
		}))
		assert.Zero(t, took(own, member(0), 100))
		assert.Equal(t, []string{member(0)}, made)
		none := w.registry(t, store, portals.WithClientOptions(imbot.WithLimiter(nil)))
		assert.Zero(t, took(none, member(0), 100))
	})
}

// A client is dropped when nobody has asked for it or used it for longer than ten minutes, and no sooner.
func TestRegistry_drops(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w, store := newWorld(), &slowStore{Store: portals.NewMemoryStore()}
		installed(t, w, store, 1)
		registry := w.registry(t, store)
		client, err := registry.Client(t.Context(), member(0))
		require.NoError(t, err)
		for range 30 {
			time.Sleep(9*time.Minute + 50*time.Second) // fake clock
			require.NoError(t, callBots(t.Context(), client), "used, and not asked for")
		}
		assert.Equal(t, 1, portals.Kept(registry))
		for range 30 {
			time.Sleep(9*time.Minute + 50*time.Second) // fake clock
			again, err := registry.Client(t.Context(), member(0))
			require.NoError(t, err)
			assert.Same(t, client, again)
		}
		time.Sleep(10 * time.Minute) // fake clock
		assert.Equal(t, 1, portals.Kept(registry))
		time.Sleep(2 * time.Minute) // fake clock
		assert.Zero(t, portals.Kept(registry))
		again, err := registry.Client(t.Context(), member(0))
		require.NoError(t, err)
		assert.Same(t, client, again, "somebody still has it, and there are not to be two")
		assert.Equal(t, 1, portals.Kept(registry))
		runtime.KeepAlive(client)
	})
}

// What is dropped is collected, with all that belongs to it, and a client that is asked for later is a new one.
func TestRegistry_collected(t *testing.T) {
	t.Parallel()
	w, store := newWorld(), portals.NewMemoryStore()
	installed(t, w, store, 100)
	registry := w.registry(t, store)
	var clients []weak.Pointer[imbot.Client]
	for n := range 100 {
		client, err := registry.Client(t.Context(), member(n))
		require.NoError(t, err)
		require.NoError(t, callBots(t.Context(), client))
		clients = append(clients, weak.Make(client))
	}
	portals.DropAll(registry)
	assert.Eventually(t, func() bool {
		runtime.GC()
		for _, client := range clients {
			if client.Value() != nil {
				return false
			}
		}
		return portals.Known(registry) == 0
	}, 10*time.Second, time.Millisecond)
	require.NoError(t, call(t.Context(), registry, member(0)))
}

// The client of a portal that has removed the application, or is elsewhere now, is collected like any other.
func TestRegistry_collectedWhenChanged(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(t *testing.T, w *world, registry *portals.Registry){
		actRemove: func(t *testing.T, _ *world, registry *portals.Registry) {
			t.Helper()
			gone := removal(member(0))
			gone.Time = time.Now()
			require.NoError(t, registry.Uninstall(t.Context(), gone))
		},
		actRename: func(t *testing.T, w *world, registry *portals.Registry) {
			t.Helper()
			w.rename(member(0), "example-renamed.bitrix24.com")
			require.NoError(t, registry.Install(t.Context(), w.install(member(0))))
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w, store := newWorld(), portals.NewMemoryStore()
			w.add(member(0))
			registry := w.registry(t, store)
			first := w.install(member(0))
			first.Time = first.Time.Add(-time.Minute)
			require.NoError(t, registry.Install(t.Context(), first))
			client, err := registry.Client(t.Context(), member(0))
			require.NoError(t, err)
			require.NoError(t, callBots(t.Context(), client))
			left := weak.Make(client)
			change(t, w, registry)
			require.Zero(t, portals.Known(registry))
			assert.Eventually(t, func() bool {
				runtime.GC()
				return left.Value() == nil
			}, 10*time.Second, time.Millisecond)
		})
	}
}

// The token that came for a bot acts at the stored address, within the limits of the portal.
func TestRegistry_BotClient(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w, store := newWorld(), portals.NewMemoryStore()
		installed(t, w, store, 1)
		registry := w.registry(t, store)
		bot := events.Bot{ID: 39, Token: w.install(member(0)).Auth}
		bot.Token.ClientEndpoint = "https://evil.example/rest/"
		base, err := registry.Client(t.Context(), member(0))
		require.NoError(t, err)
		for range 40 {
			require.NoError(t, callBots(t.Context(), base))
		}
		client, err := registry.BotClient(t.Context(), member(0), bot)
		require.NoError(t, err)
		assert.Equal(t, host(member(0)), client.Portal())
		began := time.Now()
		for range 20 {
			require.NoError(t, callBots(t.Context(), client))
		}
		assert.Equal(t, 5*time.Second, time.Since(began), "one limit for both")

		// The portal is renamed, and says so with the next pair.
		w.rename(member(0), "example-renamed.bitrix24.com")
		w.expire(load(t, store, member(0)).Token.AccessToken)
		_, err = registryToken(t, registry, base)
		require.NoError(t, err)
		client, err = registry.BotClient(t.Context(), member(0), bot)
		require.NoError(t, err)
		assert.Equal(t, "example-renamed.bitrix24.com", client.Portal())
		assert.Equal(t, []string{member(0)}, find(t, store, "example-renamed.bitrix24.com"))

		_, err = registry.BotClient(t.Context(), member(0), events.Bot{ID: 39})
		require.ErrorIs(t, err, events.ErrNoToken)
		_, err = registry.BotClient(t.Context(), member(1), bot)
		require.ErrorIs(t, err, portals.ErrNotInstalled)
	})
}

// registryToken makes a call that renews the token of a client.
func registryToken(t testing.TB, registry *portals.Registry, client *imbot.Client) (*portals.Registry, error) {
	t.Helper()
	return registry, callBots(t.Context(), client)
}

// A program that has its own default transport, or gives the application one, has its way.
func TestRegistry_givenTransport(t *testing.T) {
	t.Parallel()
	w, store := newWorld(), portals.NewMemoryStore()
	installed(t, w, store, 1)
	registry, err := portals.New(oauth.App{ID: appID, Secret: appSecret, HTTPClient: &http.Client{Transport: w}}, store,
		portals.WithClientOptions(imbot.WithHTTPClient(&http.Client{Transport: w})), portals.WithClientOptions(imbot.WithUserAgent("vendor/1")))
	require.NoError(t, err)
	w.expire("access-1")
	require.NoError(t, call(t.Context(), registry, member(0)))
	assert.Equal(t, 2, w.calls)
}

package portals_test

import (
	"context"
	"errors"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/oauth"
	"github.com/seed-a6e4e5a4/imbot/portals"
)

// No more requests than allowed are made to the OAuth server at a time, and all are made.
func TestRegistry_boundsRenewals(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w, store := newWorld(), portals.NewMemoryStore()
		installed(t, w, store, 50)
		w.slow = time.Second
		registry := w.registry(t, store, portals.WithMaxRenewals(4))
		for n := range 50 {
			w.expire(load(t, store, member(n)).Token.AccessToken)
		}
		began := time.Now()
		var group sync.WaitGroup
		for n := range 50 {
			group.Go(func() { assert.NoError(t, call(t.Context(), registry, member(n))) })
			if n%10 == 0 {
				group.Go(func() { assert.NoError(t, registry.Install(t.Context(), w.install(member(n)))) })
			}
		}
		group.Wait()
		renewals, of := w.totals()
		assert.GreaterOrEqual(t, renewals, 45)
		assert.Equal(t, renewals, of)
		assert.Equal(t, 4, w.most)
		assert.LessOrEqual(t, time.Since(began), 20*time.Second)
	})
}

// Whoever posts installations that are never confirmed does not keep a portal from its renewal.
func TestRegistry_floodOfInstallations(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w, store := newWorld(), portals.NewMemoryStore()
		installed(t, w, store, 1)
		w.slow = 20 * time.Second
		registry := w.registry(t, store, portals.WithMaxRenewals(2))
		var group sync.WaitGroup
		for range 20 {
			event := w.install(member(0))
			event.Auth.AccessToken = "made up"
			group.Go(func() { assert.Error(t, registry.Install(t.Context(), event)) })
		}
		synctest.Wait()
		began := time.Now()
		w.expire(load(t, store, member(0)).Token.AccessToken)
		require.NoError(t, call(t.Context(), registry, member(0)))
		assert.Equal(t, 20*time.Second, time.Since(began), "it has a turn at once")
		group.Wait()
	})
}

// Ten thousand tokens that end in one hour cost ten thousand renewals, whatever the number of calls and of processes.
// Nobody waits for one, and no call is refused for the age of its token.
func TestRegistry_tenThousand(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		n := 10_000
		if testing.Short() {
			n = 500
		}
		w, store := newWorld(), portals.NewMemoryStore()
		installed(t, w, store, n)
		registries := []*portals.Registry{w.registry(t, store), w.registry(t, store)}
		at := func(minute int) {
			began := time.Now()
			var group sync.WaitGroup
			for worker := range 8 {
				group.Go(func() {
					for i := worker / 2; i < n; i += 4 { // two workers for each portal, in two processes
						if err := call(t.Context(), registries[worker%2], member(i)); err != nil {
							assert.NoError(t, err)
						}
					}
				})
			}
			group.Wait()
			assert.Zero(t, time.Since(began), "minute %d", minute)
			time.Sleep(time.Minute) // fake clock
		}
		for _, minutes := range [][2]int{{0, 1}, {54, 60}} {
			time.Sleep(time.Duration(minutes[0])*time.Minute - time.Since(epoch())) // fake clock
			for minute := minutes[0]; minute < minutes[1]; minute++ {
				at(minute)
			}
		}
		renewals, of := w.totals()
		assert.Equal(t, n, renewals)
		assert.Equal(t, n, of)
		assert.Zero(t, w.refused)
		for _, registry := range registries {
			require.NoError(t, registry.Wait(t.Context()))
		}
	})
}

// epoch is when the clock of a bubble begins.
func epoch() time.Time { return time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC) }

// What is under way at the end of a program is waited for, and what could not be saved is tried again.
func TestRegistry_Wait(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w, store := newWorld(), &fullStore{Store: portals.NewMemoryStore()}
		installed(t, w, store, 3)
		w.slow = 20 * time.Second
		registry := w.registry(t, store)
		require.NoError(t, registry.Wait(t.Context()))
		w.expire(load(t, store, member(0)).Token.AccessToken)
		soon, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		require.ErrorIs(t, call(soon, registry, member(0)), context.DeadlineExceeded)
		require.NoError(t, registry.Wait(t.Context()))
		assert.NotEqual(t, "access-1", load(t, store, member(0)).Token.AccessToken)

		w.expire(load(t, store, member(1)).Token.AccessToken)
		store.isFull.Store(true)
		require.ErrorIs(t, call(t.Context(), registry, member(1)), oauth.ErrNotSaved)
		time.Sleep(time.Hour) // fake clock; the client is dropped meanwhile
		runtime.GC()
		err := registry.Wait(t.Context())
		require.ErrorIs(t, err, oauth.ErrNotSaved)
		assert.Contains(t, err.Error(), member(1))
		assert.NotContains(t, err.Error(), "access-")
		store.isFull.Store(false)
		require.NoError(t, registry.Wait(t.Context()))
		assert.Equal(t, "access-5", load(t, store, member(1)).Token.AccessToken)
		require.NoError(t, registry.Wait(t.Context()))
	})
}

// fullStore is a store that saves nothing while it is full.
type fullStore struct {
	portals.Store

	isFull atomic.Bool
}

func (s *fullStore) Update(
	ctx context.Context, memberID string, change func(portals.Installation) (portals.Installation, error),
) (portals.Installation, error) {
	return s.Store.Update(ctx, memberID, func(current portals.Installation) (portals.Installation, error) {
		next, err := change(current)
		if err == nil && s.isFull.Load() {
			return current, errors.New("the disk is full")
		}
		return next, err
	})
}

// Pairs that nobody has used for long are renewed before their refresh tokens end, once.
func TestRegistry_KeepAlive(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w, store := newWorld(), portals.NewMemoryStore()
		installed(t, w, store, 4)
		registries := []*portals.Registry{w.registry(t, store), w.registry(t, store)}
		keepAlive := func() error {
			return errors.Join(registries[0].KeepAlive(t.Context()), registries[1].KeepAlive(t.Context()))
		}
		require.NoError(t, keepAlive())
		time.Sleep(119 * 24 * time.Hour) // fake clock
		require.NoError(t, call(t.Context(), registries[0], member(0)))
		require.NoError(t, keepAlive())
		renewals, _ := w.totals()
		assert.Equal(t, 1, renewals, "that of the call")

		time.Sleep(2 * 24 * time.Hour) // fake clock
		broken := load(t, store, member(1))
		broken.Token.RefreshToken = "used-up"
		put(t, store, broken)
		err := keepAlive()
		require.ErrorIs(t, err, imbot.ErrInvalidGrant)
		assert.Contains(t, err.Error(), member(1))
		renewals, of := w.totals()
		assert.Equal(t, 3, renewals, "the others are renewed nevertheless")
		assert.Equal(t, 3, of)
		require.ErrorIs(t, keepAlive(), imbot.ErrInvalidGrant)
		renewals, _ = w.totals()
		assert.Equal(t, 3, renewals)
		ended, cancel := context.WithCancel(t.Context())
		cancel()
		require.ErrorIs(t, registries[0].KeepAlive(ended), context.Canceled)
	})
}

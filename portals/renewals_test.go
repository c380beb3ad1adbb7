package portals_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"runtime"
	"slices"
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

// Ten thousand tokens that end in one hour cost ten thousand renewals, whatever the number of processes, and although each
// portal is called a few times only. No pair is lost, and no call is made with a token that is of no use any more.
func TestRegistry_tenThousand(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name      string
		portals   int
		processes int
		store     func(t *testing.T) func() portals.Store // of a process
	}{
		{"one process", 10_000, 1, inOneMemory},
		{"three processes", 10_000, 3, inOneMemory},
		{"three processes, in files", 100, 3, inOneFolder},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			storeOf := tt.store(t)
			n := tt.portals
			if testing.Short() {
				n /= 20
			}
			synctest.Test(t, func(t *testing.T) {
				w, store := newWorld(), storeOf()
				installer := w.registry(t, store)
				for i := range n { // in forty minutes
					w.add(member(i))
					require.NoError(t, installer.Install(t.Context(), w.install(member(i))))
					time.Sleep(40 * time.Minute / time.Duration(n)) // fake clock
				}
				var registries []*portals.Registry
				for range tt.processes {
					registries = append(registries, w.registry(t, storeOf()))
				}
				w.slow = 300 * time.Millisecond
				const calls = 4
				var group sync.WaitGroup
				for i := range n {
					group.Go(func() {
						var times []time.Duration
						for range calls - 1 {
							times = append(times, 10*time.Minute+rand.N(55*time.Minute))
						}
						times = append(times, 60*time.Minute+rand.N(5*time.Minute)) // when all have ended
						slices.Sort(times)
						began := time.Now()
						for _, at := range times {
							time.Sleep(at - time.Since(began)) // fake clock
							assert.NoError(t, call(t.Context(), registries[rand.IntN(len(registries))], member(i)))
						}
					})
				}
				group.Wait()
				for _, registry := range registries {
					require.NoError(t, registry.Wait(t.Context()))
				}
				renewals, of := w.totals()
				assert.Equal(t, n, renewals)
				assert.Equal(t, n, of)
				assert.LessOrEqual(t, w.most, 64, "requests to the OAuth server at a time")
				assert.Equal(t, calls*n, w.calls)
				assert.Zero(t, w.refused)
				for i := range n {
					kept := load(t, store, member(i))
					assert.Equal(t, member(i), w.refresh[kept.Token.RefreshToken], "the pair that works is kept")
				}
				t.Logf("%d renewals of %d tokens, %d at a time, %d calls of %d of use", renewals, n, w.most, w.calls, calls*n)
			})
		})
	}
}

func inOneMemory(*testing.T) func() portals.Store {
	store := portals.NewMemoryStore()
	return func() portals.Store { return store }
}

func inOneFolder(t *testing.T) func() portals.Store {
	t.Helper()
	folder := t.TempDir()
	return func() portals.Store { return dirStore(t, folder) }
}

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

package portals_test

import (
	"iter"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-a6e4e5a4/imbot/events"
	"github.com/seed-a6e4e5a4/imbot/portals"
)

// orders yields all orders of n things.
func orders(n int) iter.Seq[[]int] {
	return func(yield func([]int) bool) {
		var add func(so []int) bool
		add = func(so []int) bool {
			if len(so) == n {
				return yield(so)
			}
			for i := range n {
				used := false
				for _, j := range so {
					used = used || i == j
				}
				if !used && !add(append(so[:len(so):len(so)], i)) {
					return false
				}
			}
			return true
		}
		add(nil)
	}
}

// A portal that is renamed, removed and installed again ends in the state that its events say by their times, in
// whatever order they come, and also if they come at the same time, to two processes.
func TestOrder(t *testing.T) {
	t.Parallel()
	const install, remove = true, false
	histories := map[string][]bool{ // after an installation
		"installed again": {remove, install},
		"removed":         {install, remove},
		"removed twice":   {remove, install, remove},
		"back and forth":  {remove, install, remove, install},
	}
	for name, history := range histories {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			eachStore(t, func(t *testing.T, one, other portals.Store) {
				if _, inFiles := one.(*portals.DirStore); inFiles && len(history) > 3 {
					return // there are too many orders to wait for the disk in each
				}
				n := 0
				for order := range orders(len(history) + 1) { // with a renewal, which says that the portal was renamed
					for _, atOnce := range []bool{false, true} {
						n++
						synctest.Test(t, func(t *testing.T) { testOrder(t, history, order, atOnce, one, other, member(n)) })
					}
				}
			})
		})
	}
}

func testOrder(t *testing.T, history []bool, order []int, atOnce bool, one, other portals.Store, memberID string) {
	t.Helper()
	w := newWorld()
	w.add(memberID)
	registries := []*portals.Registry{w.registry(t, one), w.registry(t, other)}
	require.NoError(t, registries[0].Install(t.Context(), w.install(memberID)))
	for _, registry := range registries {
		require.NoError(t, call(t.Context(), registry, memberID))
	}
	renamed := "example-new-" + host(memberID)
	w.rename(memberID, renamed)
	var steps []func(*portals.Registry)
	var last *events.Event
	for _, isInstall := range history {
		time.Sleep(time.Second) // fake clock
		event := removal(memberID)
		if isInstall {
			event = w.install(memberID)
		}
		last = event
		steps = append(steps, func(registry *portals.Registry) {
			if event.Name == events.AppInstall {
				assert.NoError(t, registry.Install(t.Context(), event))
			} else {
				assert.NoError(t, registry.Uninstall(t.Context(), event))
			}
		})
	}
	steps = append(steps, func(registry *portals.Registry) { _ = call(t.Context(), registry, memberID) }) // it may be removed
	w.slow = 10 * time.Millisecond
	w.expire("access-1")
	var group sync.WaitGroup
	for i, step := range order {
		do := func() { steps[step](registries[i%2]) }
		if atOnce {
			group.Go(do)
		} else {
			do()
		}
	}
	group.Wait()
	if last.Name == events.AppUninstall {
		w.revoke(memberID)
	}
	for _, registry := range registries {
		require.NoError(t, registry.Wait(t.Context()))
		token, err := registry.Lookup(t.Context(), events.Sender{MemberID: memberID})
		require.NoError(t, err)
		byDomain, err := registry.Lookup(t.Context(), events.Sender{Domain: renamed})
		require.NoError(t, err)
		assert.Equal(t, token, byDomain)
		if last.Name == events.AppUninstall {
			assert.Empty(t, token, "%v", order)
			require.Error(t, call(t.Context(), registry, memberID), "%v: also where another process knows of the removal", order)
			_, err := one.Load(t.Context(), memberID)
			require.ErrorIs(t, err, portals.ErrNotInstalled)
			continue
		}
		assert.Equal(t, applicationToken(memberID), token, "%v", order)
		kept := load(t, one, memberID)
		assert.Equal(t, last.Time, kept.InstalledAt, "%v", order)
		assert.Equal(t, "https://"+renamed+"/rest/", kept.ClientEndpoint)
		require.NoError(t, call(t.Context(), registry, memberID), "%v", order)
	}
	require.NoError(t, one.Delete(t.Context(), memberID))
}

// In the same second, the installation counts. A time from the future is none, and neither is none.
func TestOrder_times(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w, store := newWorld(), portals.NewMemoryStore()
		w.add(member(0))
		registry := w.registry(t, store)
		require.NoError(t, registry.Install(t.Context(), w.install(member(0))))
		require.NoError(t, registry.Uninstall(t.Context(), removal(member(0))))
		assert.Len(t, list(t, store), 1)
		time.Sleep(time.Second) // fake clock
		require.NoError(t, registry.Uninstall(t.Context(), removal(member(0))))
		assert.Empty(t, list(t, store))
		require.NoError(t, registry.Install(t.Context(), w.install(member(0))))
		assert.Len(t, list(t, store), 1)

		future := w.install(member(0))
		future.Time = future.Time.Add(1000 * time.Hour)
		require.NoError(t, registry.Install(t.Context(), future))
		time.Sleep(time.Minute) // fake clock
		timeless := removal(member(0))
		timeless.Time = time.Time{}
		require.NoError(t, registry.Uninstall(t.Context(), timeless))
		assert.Empty(t, list(t, store))
		_, err := store.Update(t.Context(), member(0), func(left portals.Installation) (portals.Installation, error) {
			assert.Equal(t, portals.Installation{MemberID: member(0), RemovedAt: time.Now().UTC()}, left, "no secret is left")
			return left, nil
		})
		require.NoError(t, err)
	})
}

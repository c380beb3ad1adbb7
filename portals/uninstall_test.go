package portals_test

import (
	"context"
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

// A removal has to be proven also where nobody has done so before. The client of a removed portal is of no use, and
// another is made when it is installed again.
func TestUninstall(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w, store := newWorld(), portals.NewMemoryStore()
		w.add(member(0))
		registry := w.registry(t, store)
		require.NoError(t, registry.Uninstall(t.Context(), removal(member(0))), "nothing is known of it")
		require.NoError(t, registry.Install(t.Context(), w.install(member(0))))
		client, err := registry.Client(t.Context(), member(0))
		require.NoError(t, err)
		time.Sleep(time.Minute) // fake clock
		forged := removal(member(0))
		forged.ApplicationToken = "made up"
		require.ErrorIs(t, registry.Uninstall(t.Context(), forged), events.ErrUnverified)
		require.NoError(t, callBots(t.Context(), client))
		var param *imbot.ParamError
		require.ErrorAs(t, registry.Uninstall(t.Context(), &events.Event{}), &param)

		require.NoError(t, registry.Uninstall(t.Context(), removal(member(0))))
		require.ErrorIs(t, callBots(t.Context(), client), oauth.ErrNoToken)
		_, err = registry.Client(t.Context(), member(0))
		require.ErrorIs(t, err, portals.ErrNotInstalled)
		calls := w.calls
		require.NoError(t, registry.Install(t.Context(), w.install(member(0))))
		again, err := registry.Client(t.Context(), member(0))
		require.NoError(t, err)
		require.NoError(t, callBots(t.Context(), again))
		require.NoError(t, callBots(t.Context(), client))
		assert.Equal(t, calls+2, w.calls)
	})
}

// A removal that comes while a client is being made leaves none behind.
func TestUninstall_whileOpening(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w, store := newWorld(), &slowStore{Store: portals.NewMemoryStore()}
		w.add(member(0))
		registry := w.registry(t, lateStore{store})
		require.NoError(t, registry.Install(t.Context(), w.install(member(0))))
		var group sync.WaitGroup
		group.Go(func() {
			_, err := registry.Client(t.Context(), member(0))
			assert.ErrorIs(t, err, portals.ErrNotInstalled)
		})
		synctest.Wait()
		event := removal(member(0))
		event.Time = time.Time{}
		time.Sleep(100 * time.Millisecond) // fake clock
		require.NoError(t, registry.Uninstall(t.Context(), event))
		group.Wait()
		assert.Zero(t, portals.Kept(registry))
	})
}

// A removal that was kept in a queue has no application token any more.
func TestUninstall_fromQueue(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w, store := newWorld(), portals.NewMemoryStore()
		w.add(member(0))
		registry := w.registry(t, store)
		require.NoError(t, registry.Install(t.Context(), w.install(member(0))))
		removed := removal(member(0))
		atRest, err := removed.MarshalBinary()
		require.NoError(t, err)
		kept := new(events.Event)
		require.NoError(t, kept.UnmarshalBinary(atRest))
		require.Empty(t, kept.ApplicationToken)
		require.NoError(t, registry.Uninstall(t.Context(), kept))
		load(t, store, member(0)) // it was made in the second of the installation

		time.Sleep(time.Minute) // fake clock
		removed = removal(member(0))
		atRest, err = removed.MarshalBinary()
		require.NoError(t, err)
		require.NoError(t, kept.UnmarshalBinary(atRest))
		removed.ApplicationToken = ""
		require.ErrorIs(t, registry.Uninstall(t.Context(), removed), events.ErrUnverified, "it comes from no queue")
		require.NoError(t, registry.Uninstall(t.Context(), kept))
		_, err = store.Load(t.Context(), member(0))
		require.ErrorIs(t, err, portals.ErrNotInstalled)
	})
}

// lateStore takes its time after it has loaded.
type lateStore struct{ portals.Store }

func (s lateStore) Load(ctx context.Context, memberID string) (portals.Installation, error) {
	found, err := s.Store.(*slowStore).Store.Load(ctx, memberID)
	time.Sleep(time.Second) // fake clock
	return found, err
}

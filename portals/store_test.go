package portals_test

import (
	"context"
	"errors"
	"path/filepath"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-a6e4e5a4/imbot/internal/storetest"
	"github.com/seed-a6e4e5a4/imbot/portals"
)

// stores make the stores that every test of this table is for. What is made with the same place has the same portals,
// as stores of two processes do.
var stores = map[string]storetest.Open{
	"memory": func(testing.TB) (one, other portals.Store) {
		store := portals.NewMemoryStore()
		return store, store
	},
	"folder": func(t testing.TB) (one, other portals.Store) {
		folder := filepath.Join(t.TempDir(), "portals")
		return dirStore(t, folder), dirStore(t, folder)
	},
}

func dirStore(t testing.TB, folder string) *portals.DirStore {
	t.Helper()
	store, err := portals.NewDirStore(folder)
	require.NoError(t, err)
	return store
}

// eachStore runs a test for each store.
func eachStore(t *testing.T, test func(t *testing.T, one, other portals.Store)) {
	t.Helper()
	for name, make := range stores {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			one, other := make(t)
			test(t, one, other)
		})
	}
}

// full is an installation with every field.
func full(memberID string) portals.Installation { return storetest.Full(memberID) }

var errStop = errors.New("stop")

func TestStore(t *testing.T) {
	t.Parallel()
	for name, open := range stores {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			storetest.Test(t, open)
		})
	}
}

// list returns the portals of a store, in order.
func list(t testing.TB, store portals.Store) []string {
	t.Helper()
	return storetest.List(t, store)
}

// find returns the portals of a store that are at a domain, in order.
func find(t testing.TB, store portals.Store, domain string) []string {
	t.Helper()
	return storetest.Find(t, store, domain)
}

// An update excludes others of the same portal, and no other portal's. Who waits for the lock leaves with their context.
func TestStore_lock(t *testing.T) {
	t.Parallel()
	eachStore(t, func(t *testing.T, one, other portals.Store) {
		synctest.Test(t, func(t *testing.T) {
			held := make(chan struct{})
			var group sync.WaitGroup
			group.Go(func() {
				_, err := one.Update(t.Context(), member(1), func(portals.Installation) (portals.Installation, error) {
					close(held)
					time.Sleep(time.Minute) // fake clock
					return full(member(1)), nil
				})
				assert.NoError(t, err)
			})
			<-held
			began := time.Now()
			soon, cancel := context.WithTimeout(t.Context(), time.Second)
			defer cancel()
			_, err := other.Update(soon, member(1), func(current portals.Installation) (portals.Installation, error) { return current, nil })
			require.ErrorIs(t, err, context.DeadlineExceeded)
			require.ErrorIs(t, other.Delete(soon, member(1)), context.DeadlineExceeded)
			put(t, other, full(member(2)))
			_, err = other.Load(t.Context(), member(1))
			require.ErrorIs(t, err, portals.ErrNotInstalled, "it is not saved yet, and nobody waits")
			assert.Less(t, time.Since(began), 2*time.Second)
			require.NoError(t, other.Delete(t.Context(), member(1)))
			assert.InDelta(t, time.Minute, time.Since(began), float64(time.Second))
			group.Wait()
		})
	})
}

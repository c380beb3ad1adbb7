package portals_test

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/oauth"
	"github.com/seed-a6e4e5a4/imbot/portals"
)

// stores make the stores that every test of this table is for. What is made with the same place has the same portals,
// as stores of two processes do.
var stores = map[string]func(t testing.TB) (one, other portals.Store){
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
func full(memberID string) portals.Installation {
	return portals.Installation{
		MemberID: memberID, ClientEndpoint: "https://portal.example/rest/", ApplicationToken: "EXAMPLE_APPLICATION",
		Token: oauth.Token{
			AccessToken: "EXAMPLE_ACCESS", RefreshToken: "EXAMPLE_REFRESH", Expiry: time.Unix(1780319382, 0).UTC(),
			ClientEndpoint: "https://portal.example/rest/", MemberID: memberID, UserID: 67,
		},
		Plan: imbot.PlanEnterprise, InstalledAt: time.Unix(1780315782, 0).UTC(),
	}
}

var errStop = errors.New("stop")

func TestStore(t *testing.T) {
	t.Parallel()
	eachStore(t, func(t *testing.T, one, other portals.Store) {
		ctx := t.Context()
		_, err := one.Load(ctx, member(1))
		require.ErrorIs(t, err, portals.ErrNotInstalled)
		unchanged := func(current portals.Installation) (portals.Installation, error) {
			assert.Zero(t, current)
			return current, nil
		}
		got, err := one.Update(ctx, member(1), unchanged)
		require.NoError(t, err)
		assert.Zero(t, got)
		_, err = one.Update(ctx, member(1), func(portals.Installation) (portals.Installation, error) { return full("x"), errStop })
		require.ErrorIs(t, err, errStop)
		_, err = other.Load(ctx, member(1))
		require.ErrorIs(t, err, portals.ErrNotInstalled)

		want := full(member(1))
		got, err = one.Update(ctx, member(1), func(portals.Installation) (portals.Installation, error) {
			return full("another"), nil
		})
		require.NoError(t, err)
		want.Token.MemberID = "another"
		assert.Equal(t, want, got, "it is stored for the portal that was named")
		assert.Equal(t, want, load(t, other, member(1)))
		got, err = other.Update(ctx, member(1), func(current portals.Installation) (portals.Installation, error) {
			assert.Equal(t, want, current)
			current.Token.AccessToken = "EXAMPLE_ACCESS_2"
			return current, nil
		})
		require.NoError(t, err)
		assert.Equal(t, got, load(t, one, member(1)))
		assert.Equal(t, "EXAMPLE_ACCESS_2", got.Token.AccessToken)

		require.NoError(t, one.Delete(ctx, member(1)))
		require.NoError(t, one.Delete(ctx, member(1)), "there is nothing to forget")
		_, err = other.Load(ctx, member(1))
		require.ErrorIs(t, err, portals.ErrNotInstalled)
		_, err = one.Update(ctx, member(1), unchanged)
		require.NoError(t, err)
	})
}

// What is left of a removed installation is there for Update alone.
func TestStore_removed(t *testing.T) {
	t.Parallel()
	eachStore(t, func(t *testing.T, one, other portals.Store) {
		put(t, one, full(member(1)))
		left := portals.Installation{MemberID: member(1), RemovedAt: time.Unix(1780316000, 0).UTC()}
		put(t, one, left)
		_, err := other.Load(t.Context(), member(1))
		require.ErrorIs(t, err, portals.ErrNotInstalled)
		assert.Empty(t, list(t, other))
		assert.Empty(t, find(t, other, "portal.example"))
		_, err = other.Update(t.Context(), member(1), func(current portals.Installation) (portals.Installation, error) {
			assert.Equal(t, left, current)
			return full(member(1)), nil
		})
		require.NoError(t, err)
		assert.Equal(t, full(member(1)), load(t, one, member(1)))
		assert.Equal(t, []string{member(1)}, find(t, one, "portal.example"))
	})
}

// list returns the portals of a store, in order.
func list(t testing.TB, store portals.Store) []string {
	t.Helper()
	var found []string
	for id, err := range store.List(t.Context()) {
		require.NoError(t, err)
		found = append(found, id)
	}
	slices.Sort(found)
	return found
}

// find returns the portals of a store that are at a domain, in order.
func find(t testing.TB, store portals.Store, domain string) []string {
	t.Helper()
	var found []string
	for i, err := range store.Find(t.Context(), domain) {
		require.NoError(t, err)
		found = append(found, i.MemberID)
	}
	slices.Sort(found)
	return found
}

func TestStore_listAndFind(t *testing.T) {
	t.Parallel()
	eachStore(t, func(t *testing.T, one, other portals.Store) {
		assert.Empty(t, list(t, one))
		for n, endpoint := range []string{
			"https://a.example/rest/", "https://a.example/rest/", "https://A.example:443/rest/", "https://b.example:8443/rest/", "", "no endpoint",
		} {
			i := full(member(n))
			i.ClientEndpoint = endpoint
			put(t, one, i)
		}
		assert.Equal(t, []string{member(0), member(1), member(2), member(3), member(4), member(5)}, list(t, other))
		assert.Equal(t, []string{member(0), member(1), member(2)}, find(t, other, "a.example"))
		assert.Equal(t, []string{member(0), member(1), member(2)}, find(t, other, "A.EXAMPLE:443"))
		assert.Equal(t, []string{member(3)}, find(t, other, "b.example:8443"))
		for _, none := range []string{"", "b.example", "c.example", "..", "../portal", "a.example/", "a.example?", "me@a.example", "a.example#", `a\b`, "\x00"} {
			assert.Empty(t, find(t, other, none), none)
		}

		moved := load(t, other, member(1))
		moved.ClientEndpoint = "https://c.example/rest/"
		put(t, one, moved)
		assert.Equal(t, []string{member(1)}, find(t, other, "c.example"))
		assert.Equal(t, []string{member(0), member(2)}, find(t, other, "a.example"))
		require.NoError(t, one.Delete(t.Context(), member(1)))
		assert.Empty(t, find(t, other, "c.example"))

		for id, err := range one.List(t.Context()) {
			require.NoError(t, err)
			assert.NotEmpty(t, id)
			break
		}
		for i, err := range one.Find(t.Context(), "a.example") {
			require.NoError(t, err)
			assert.NotZero(t, i)
			break
		}
	})
}

func TestStore_context(t *testing.T) {
	t.Parallel()
	eachStore(t, func(t *testing.T, one, other portals.Store) {
		put(t, one, full(member(1)))
		ended, cancel := context.WithCancel(t.Context())
		cancel()
		_, err := one.Load(ended, member(1))
		require.ErrorIs(t, err, context.Canceled)
		_, err = one.Update(ended, member(1), func(current portals.Installation) (portals.Installation, error) {
			t.Error("change was called")
			return current, nil
		})
		require.ErrorIs(t, err, context.Canceled)
		require.ErrorIs(t, one.Delete(ended, member(1)), context.Canceled)
		for _, err := range one.List(ended) {
			require.ErrorIs(t, err, context.Canceled)
		}
		for _, err := range one.Find(ended, "portal.example") {
			require.ErrorIs(t, err, context.Canceled)
		}
		assert.Equal(t, full(member(1)), load(t, other, member(1)))
	})
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

// No update is lost, however many there are at the same time, by two stores of one place.
func TestStore_concurrent(t *testing.T) {
	t.Parallel()
	eachStore(t, func(t *testing.T, one, other portals.Store) {
		const goroutines, updates = 8, 10
		var group sync.WaitGroup
		for n := range goroutines {
			group.Go(func() {
				store := []portals.Store{one, other}[n%2]
				for range updates {
					_, err := store.Update(t.Context(), member(1), func(current portals.Installation) (portals.Installation, error) {
						count, _ := strconv.Atoi(current.ApplicationToken)
						current.ApplicationToken = strconv.Itoa(count + 1)
						current.ClientEndpoint = fmt.Sprintf("https://p%d.example/rest/", n)
						return current, nil
					})
					assert.NoError(t, err)
					for i, err := range store.Find(t.Context(), fmt.Sprintf("p%d.example", n)) {
						assert.NoError(t, err)
						assert.Equal(t, member(1), i.MemberID)
					}
				}
			})
		}
		group.Wait()
		last := load(t, one, member(1))
		assert.Equal(t, strconv.Itoa(goroutines*updates), last.ApplicationToken)
		at := 0
		for n := range goroutines {
			at += len(find(t, other, fmt.Sprintf("p%d.example", n)))
		}
		assert.Equal(t, 1, at, "it is at one place")
	})
}

// A member id comes from whoever posts an event. None leads out of the folder, or to another portal.
func TestStore_hostileMembers(t *testing.T) {
	t.Parallel()
	eachStore(t, func(t *testing.T, one, _ portals.Store) {
		for _, id := range []string{
			"", ".", "..", "../x", "a/b", `a\b`, "/etc/passwd", "a.b", "a b", "a\x00", "a\n", "п", "a+b", "%2e%2e", "a:b", "~", strings.Repeat("a", 65),
		} {
			var param *imbot.ParamError
			_, err := one.Load(t.Context(), id)
			require.ErrorAs(t, err, &param, "%q", id)
			_, err = one.Update(t.Context(), id, func(current portals.Installation) (portals.Installation, error) {
				t.Error("change was called")
				return current, nil
			})
			require.ErrorAs(t, err, &param, "%q", id)
			require.ErrorAs(t, one.Delete(t.Context(), id), &param, "%q", id)
			if len(id) > 4 {
				assert.NotContains(t, err.Error(), id)
			}
		}
		for n, id := range []string{"abc", "ABC", "aBc", "-", "_", "con", strings.Repeat("A", 64), "portal-x"} {
			i := full(id)
			i.ApplicationToken = strconv.Itoa(n)
			put(t, one, i)
		}
		assert.Len(t, list(t, one), 8)
		assert.Equal(t, "0", load(t, one, "abc").ApplicationToken)
		assert.Equal(t, "1", load(t, one, "ABC").ApplicationToken)
		assert.Equal(t, "2", load(t, one, "aBc").ApplicationToken)
	})
}

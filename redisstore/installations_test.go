package redisstore_test

import (
	"context"
	"errors"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-a6e4e5a4/imbot/internal/storetest"
	"github.com/seed-a6e4e5a4/imbot/portals"
	"github.com/seed-a6e4e5a4/imbot/redisstore"
)

// Two clients of one Redis are two processes to it.
func twoInstallations(t testing.TB) (one, other portals.Store) {
	t.Helper()
	return redisstore.NewInstallations(newClient(t), t.Name()), redisstore.NewInstallations(newClient(t), t.Name())
}

func TestInstallations(t *testing.T) {
	t.Parallel()
	storetest.Test(t, twoInstallations)
}

func TestInstallations_lock(t *testing.T) {
	t.Parallel()
	one, other := twoInstallations(t)
	storetest.Lock(t, one, other)
}

// Three replicas meet 300 pairs that have expired. Each is renewed once, and none is lost.
func TestInstallations_replicas(t *testing.T) {
	t.Parallel()
	n := 300
	if testing.Short() {
		n = 60
	}
	name := t.Name()
	storetest.Replicas(t, n, func(t testing.TB) portals.Store { return redisstore.NewInstallations(newClient(t), name) })
}

// at returns an installation at a domain, the nth of its portal.
func at(domain string, n byte) portals.Installation {
	i := storetest.Full(storetest.Member(1))
	i.ClientEndpoint = "https://" + domain + "/rest/"
	i.Token.AccessToken += string('0' + n)
	return i
}

func becomes(i portals.Installation) func(portals.Installation) (portals.Installation, error) {
	return func(portals.Installation) (portals.Installation, error) { return i, nil }
}

func TestInstallations_layout(t *testing.T) {
	t.Parallel()
	client := newClient(t)
	store := redisstore.NewInstallations(client, t.Name())
	prefix := "{imbot:" + t.Name() + "}:"
	key := prefix + "portal:" + storetest.Member(1)
	keys := func() (names []string) {
		found, err := client.Keys(t.Context(), prefix+"*").Result()
		require.NoError(t, err)
		for _, name := range found {
			names = append(names, strings.TrimPrefix(name, prefix))
		}
		return names
	}

	_, err := store.Update(t.Context(), storetest.Member(1), func(i portals.Installation) (portals.Installation, error) { return i, nil })
	require.NoError(t, err)
	assert.Positive(t, client.TTL(t.Context(), key).Val(), "who asks for portals that are none fills no memory")
	storetest.Put(t, store, at("a.example", 1))
	assert.Negative(t, client.TTL(t.Context(), key).Val(), "an installation does not expire")
	storetest.Put(t, store, at("b.example", 1))
	assert.ElementsMatch(t, []string{"portal:" + storetest.Member(1), "portals", "domain:b.example"}, keys())
	left := portals.Installation{MemberID: storetest.Member(1), RemovedAt: time.Unix(1780316000, 0).UTC()}
	storetest.Put(t, store, left)
	assert.Equal(t, []string{"portal:" + storetest.Member(1)}, keys())
	assert.Negative(t, client.TTL(t.Context(), key).Val(), "the time of a removal does not expire")

	storetest.Put(t, store, at("a.example", 1))
	require.NoError(t, store.Delete(t.Context(), storetest.Member(1)))
	assert.Equal(t, []string{"portal:" + storetest.Member(1)}, keys())
	assert.Equal(t, "null", client.HGet(t.Context(), key, "installation").Val())
	assert.InDelta(t, time.Hour, client.TTL(t.Context(), key).Val(), float64(time.Minute))
	storetest.Put(t, store, at("a.example", 2))
	assert.Negative(t, client.TTL(t.Context(), key).Val())
}

// What others have left in a list is not believed.
func TestInstallations_listsAreVerified(t *testing.T) {
	t.Parallel()
	client := newClient(t)
	store := redisstore.NewInstallations(client, t.Name())
	storetest.Put(t, store, at("a.example", 1))
	for _, member := range []string{storetest.Member(1), storetest.Member(2)} {
		require.NoError(t, client.SAdd(t.Context(), "{imbot:"+t.Name()+"}:domain:b.example", member).Err())
	}
	assert.Empty(t, storetest.Find(t, store, "b.example"))
	assert.Equal(t, []string{storetest.Member(1)}, storetest.Find(t, store, "a.example"))
}

// A thousand portals at one domain, and more than one page of them.
func TestInstallations_many(t *testing.T) {
	t.Parallel()
	store := redisstore.NewInstallations(newClient(t), t.Name())
	const n = 1100
	for i := range n {
		storetest.Put(t, store, storetest.Full(storetest.Member(i)))
	}
	assert.Len(t, storetest.List(t, store), n)
	assert.Len(t, storetest.Find(t, store, "portal.example"), n)
}

func TestInstallations_damaged(t *testing.T) {
	t.Parallel()
	for name, content := range map[string]string{
		"not JSON":      "s3cr3t",
		"half of it":    `{"member_id":"s3cr3t`,
		"another thing": `["s3cr3t"]`,
		"another's":     `{"member_id":"s3cr3t"}`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			client := newClient(t)
			store := redisstore.NewInstallations(client, t.Name())
			key := "{imbot:" + t.Name() + "}:portal:" + storetest.Member(1)
			require.NoError(t, client.HSet(t.Context(), key, "installation", content).Err())
			require.NoError(t, client.SAdd(t.Context(), "{imbot:"+t.Name()+"}:domain:portal.example", storetest.Member(1)).Err())

			_, loaded := store.Load(t.Context(), storetest.Member(1))
			_, updated := store.Update(t.Context(), storetest.Member(1), becomes(at("a.example", 1)))
			errs := []error{loaded, updated}
			for _, err := range store.Find(t.Context(), "portal.example") {
				errs = append(errs, err)
			}
			assert.Len(t, errs, 3)
			for _, err := range errs {
				assert.ErrorIs(t, err, portals.ErrDamaged)
				assert.NotContains(t, err.Error(), "s3cr3t")
			}
			assert.Equal(t, content, client.HGet(t.Context(), key, "installation").Val())
			require.NoError(t, store.Delete(t.Context(), storetest.Member(1)), "to forget it is the way out")
			storetest.Put(t, store, at("a.example", 1))
		})
	}
}

// pausedInstallation runs an update of a process that stops in the middle until its lock is lost.
func pausedInstallation(t *testing.T, meanwhile func(client *redis.Client, replica *redisstore.Installations)) (*redisstore.Installations, error) {
	t.Helper()
	link, client := newProxy(t), newClient(t)
	replica := redisstore.NewInstallations(client, t.Name(), redisstore.WithLockExpiry(short))
	storetest.Put(t, replica, at("a.example", 1))
	store := redisstore.NewInstallations(newClient(t, link.through), t.Name(), redisstore.WithLockExpiry(short))
	got, err := store.Update(within(t, 10*time.Second), storetest.Member(1), func(current portals.Installation) (portals.Installation, error) {
		assert.Equal(t, at("a.example", 1), current)
		link.stall()
		lock := "{imbot:" + t.Name() + "}:portal:" + storetest.Member(1) + ":lock"
		assert.Eventually(t, func() bool { return client.Exists(t.Context(), lock).Val() == 0 }, 3*time.Second, 10*time.Millisecond)
		meanwhile(client, replica)
		link.resume()
		return at("b.example", 2), nil
	})
	assert.Equal(t, at("b.example", 2), got, "what change made is not kept from the caller")
	return replica, err
}

func TestInstallations_pausedHolder(t *testing.T) {
	t.Parallel()
	gone := portals.Installation{}
	for name, test := range map[string]struct {
		meanwhile func(t *testing.T, client *redis.Client, replica *redisstore.Installations)
		err       error
		want      portals.Installation
	}{
		"nobody came": {func(*testing.T, *redis.Client, *redisstore.Installations) {}, nil, at("b.example", 2)},
		"another has updated it": {func(t *testing.T, _ *redis.Client, replica *redisstore.Installations) {
			storetest.Put(t, replica, at("c.example", 3))
		}, redisstore.ErrOvertaken, at("c.example", 3)},
		"another came and changed nothing": {func(t *testing.T, _ *redis.Client, replica *redisstore.Installations) {
			storetest.Put(t, replica, at("a.example", 1))
		}, nil, at("b.example", 2)},
		"another has deleted it": {func(t *testing.T, _ *redis.Client, replica *redisstore.Installations) {
			assert.NoError(t, replica.Delete(t.Context(), storetest.Member(1)))
		}, redisstore.ErrOvertaken, gone},
		"Redis has lost it": {func(t *testing.T, client *redis.Client, _ *redisstore.Installations) {
			keys, err := client.Keys(t.Context(), "{imbot:"+t.Name()+"}*").Result()
			assert.NoError(t, err)
			assert.NoError(t, client.Del(t.Context(), keys...).Err())
		}, nil, at("b.example", 2)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			store, err := pausedInstallation(t, func(client *redis.Client, replica *redisstore.Installations) {
				test.meanwhile(t, client, replica)
			})

			assert.ErrorIs(t, err, test.err)
			if test.want == gone {
				assert.Empty(t, storetest.List(t, store))
				assert.Empty(t, storetest.Find(t, store, "b.example"))
				return
			}
			assert.Equal(t, test.want, storetest.Load(t, store, storetest.Member(1)))
			assert.Equal(t, []string{storetest.Member(1)}, storetest.List(t, store))
			for _, domain := range []string{"a.example", "b.example", "c.example"} {
				assert.Len(t, storetest.Find(t, store, domain), map[bool]int{true: 1}[domain == test.want.Domain()], domain)
			}
		})
	}
}

// No call outlasts its context, and what could not be saved is not said to be.
func TestInstallations_stall(t *testing.T) {
	t.Parallel()
	for name, option := range clients {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			link := newProxy(t)
			store := redisstore.NewInstallations(newClient(t, link.through, option), t.Name())
			storetest.Put(t, store, at("a.example", 1))
			direct := redisstore.NewInstallations(newClient(t), t.Name())
			assertEndsInTime(t, func(ctx context.Context) error {
				got, err := store.Update(ctx, storetest.Member(1), func(portals.Installation) (portals.Installation, error) {
					link.stall()
					return at("a.example", 2), nil
				})
				assert.Equal(t, at("a.example", 2), got)
				return err
			})
			assert.Equal(t, at("a.example", 1), storetest.Load(t, direct, storetest.Member(1)))
			assertEndsInTime(t, func(ctx context.Context) error {
				_, err := store.Load(ctx, storetest.Member(1))
				return err
			})
			assertEndsInTime(t, func(ctx context.Context) error { return store.Delete(ctx, storetest.Member(2)) })
			assertEndsInTime(t, func(ctx context.Context) (last error) {
				for _, err := range store.List(ctx) {
					last = err
				}
				return last
			})
			assertEndsInTime(t, func(ctx context.Context) (last error) {
				for _, err := range store.Find(ctx, "a.example") {
					last = err
				}
				return last
			})
			link.resume()
			assert.Eventually(t, func() bool {
				i, err := direct.Load(context.WithoutCancel(t.Context()), storetest.Member(1))
				return err == nil && i == at("a.example", 2)
			}, 5*time.Second, 20*time.Millisecond, "the save goes on behind the call")
		})
	}
}

// A hook that panics or ends its goroutine does that to the caller.
func TestInstallations_hooks(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		stop func()
		want any
	}{
		"panics":             {func() { panic("a hook") }, "a hook"},
		"ends its goroutine": {runtime.Goexit, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var on atomic.Bool
			client := newClient(t)
			store := redisstore.NewInstallations(client, t.Name())
			storetest.Put(t, store, at("a.example", 1))
			client.AddHook(hook{func(context.Context, string) {
				if on.Load() {
					test.stop()
				}
			}})
			on.Store(true)
			for what, call := range map[string]func() error{
				"load": func() error { _, err := store.Load(t.Context(), storetest.Member(1)); return err },
				"update": func() error {
					_, err := store.Update(t.Context(), storetest.Member(1), becomes(at("b.example", 2)))
					return err
				},
				"delete": func() error { return store.Delete(t.Context(), storetest.Member(1)) },
				"list": func() (last error) {
					for _, err := range store.List(t.Context()) {
						last = err
					}
					return last
				},
			} {
				assert.Equal(t, ended{panicked: test.want}, endOf(call), what)
			}
			on.Store(false)
			assert.Equal(t, at("a.example", 1), storetest.Load(t, store, storetest.Member(1)))
			storetest.Put(t, store, at("b.example", 2))
		})
	}
}

// A proxy or a hook may repeat the arguments of the command, and so the secrets.
func TestInstallations_secrets(t *testing.T) {
	t.Parallel()
	client := newClient(t)
	hook := &failing{secret: secretRefresh}
	client.AddHook(hook)
	hook.set(func(cmd redis.Cmder) error { return errors.New("no: " + cmd.String()) })
	store := redisstore.NewInstallations(client, t.Name())
	i := at("a.example", 1)
	i.Token, i.ApplicationToken = secretToken, secretPassword

	got, err := store.Update(t.Context(), i.MemberID, becomes(i))

	assert.Equal(t, i, got)
	require.EqualError(t, err, "redisstore: saving the installation: the Redis client fails")
	assertShowsNoSecret(t, err, "a failed save")
	hook.set(nil)
	storetest.Put(t, store, i)
	assertShowsNoSecret(t, store, "Installations")
	assertShowsNoSecret(t, *store, "Installations by value")
	_, err = store.Update(t.Context(), i.MemberID, func(current portals.Installation) (portals.Installation, error) {
		assert.Equal(t, i, current)
		assertShowsNoSecret(t, store, "Installations while it works")
		return current, nil
	})
	require.NoError(t, err)
}

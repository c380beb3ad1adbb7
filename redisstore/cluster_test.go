package redisstore_test

import (
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/internal/storetest"
	"github.com/seed-a6e4e5a4/imbot/oauth"
	"github.com/seed-a6e4e5a4/imbot/redisstore"
)

// A cluster refuses a script whose keys are in different slots, also a cluster of one server.
func TestCluster(t *testing.T) {
	t.Parallel()
	if !server.real {
		t.Skip("miniredis is no cluster")
	}
	addr, version, stop, err := startRedis(t.Context(), t.TempDir(), "--cluster-enabled", "yes")
	require.NoError(t, err)
	t.Cleanup(stop)
	t.Log("on a cluster of one redis-server " + version)
	client := redis.NewClusterClient(&redis.ClusterOptions{Addrs: []string{addr}})
	t.Cleanup(func() { _ = client.Close() })
	node := redis.NewClient(&redis.Options{Addr: addr})
	t.Cleanup(func() { _ = node.Close() })
	require.NoError(t, node.ClusterAddSlotsRange(t.Context(), 0, 16383).Err())
	require.Eventually(t, func() bool {
		return strings.Contains(node.ClusterInfo(t.Context()).Val(), "cluster_state:ok")
	}, 10*time.Second, 20*time.Millisecond)

	for _, key := range []string{"portal", "", "}portal", "a{b}c", "{}", "{", "a}b{c}"} {
		store := redisstore.NewStore(client, key)
		_, err := store.Load(t.Context())
		assert.ErrorIs(t, err, oauth.ErrNoToken, "another key has another token")
		_, err = store.Update(t.Context(), to(pair(1)))
		assert.NoError(t, err, key)
		_, err = store.Update(t.Context(), to(pair(2)))
		assert.NoError(t, err, key)
		assertHas(t, store, pair(2))
		limiter := redisstore.NewLimiter(client, key, imbot.PlanStandard)
		assert.NoError(t, limiter.Wait(t.Context()), key)
		assert.NoError(t, limiter.Empty(t.Context()), key)
		installations := redisstore.NewInstallations(client, key)
		storetest.Put(t, installations, at("a.example", 1))
		storetest.Put(t, installations, at("b.example", 2))
		assert.Len(t, storetest.List(t, installations), 1, key)
		assert.Empty(t, storetest.Find(t, installations, "a.example"), key)
		assert.Len(t, storetest.Find(t, installations, "b.example"), 1, key)
		assert.NoError(t, installations.Delete(t.Context(), storetest.Member(1)), key)
	}
}

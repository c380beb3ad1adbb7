package portals_test

import (
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/portals"
)

// What a portal in use costs: its client, limiter, budgets and tokens, less the installation in the store.
func BenchmarkRegistry_bytesPerPortal(b *testing.B) {
	const n = 2000
	w, store := newWorld(), portals.NewMemoryStore()
	installed(b, w, store, n)
	for b.Loop() {
		registry := w.registry(b, store)
		before := heap()
		for i := range n {
			require.NoError(b, call(b.Context(), registry, member(i)))
		}
		b.ReportMetric(float64(heap()-before)/n, "B/portal")
		runtime.KeepAlive(registry)
	}
}

// heap is how many bytes are in use.
func heap() int64 {
	var stats runtime.MemStats
	runtime.GC()
	runtime.GC()
	runtime.ReadMemStats(&stats)
	return int64(stats.HeapAlloc)
}

// What asking for a client costs that is there, on top of the call.
func BenchmarkRegistry_Client(b *testing.B) {
	w, store := newWorld(), portals.NewMemoryStore()
	installed(b, w, store, 100)
	registry := w.registry(b, store, portals.WithClientOptions(imbot.WithLimiter(nil)))
	b.ReportAllocs()
	n := 0
	for b.Loop() {
		n = (n + 1) % 100
		_, err := registry.Client(b.Context(), member(n))
		require.NoError(b, err)
	}
}

// A portal in use costs a few kilobytes, so that ten thousand fit into some tens of megabytes.
func TestRegistry_bytesPerPortal(t *testing.T) { //nolint:paralleltest // others would allocate meanwhile
	const n, most = 500, 6 << 10
	w, store := newWorld(), portals.NewMemoryStore()
	installed(t, w, store, n)
	registry := w.registry(t, store)
	before := heap()
	for i := range n {
		require.NoError(t, call(t.Context(), registry, member(i)))
	}
	each := (heap() - before) / n
	require.Less(t, each, int64(most))
	require.Equal(t, n, portals.Kept(registry))
}

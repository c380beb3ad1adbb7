package portals_test

import (
	"net/http"
	"runtime"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/portals"
)

// heap is how many bytes are in use.
func heap() int64 {
	var stats runtime.MemStats
	for range 3 { // what has a cleanup is collected by a later one
		runtime.GC()
	}
	runtime.ReadMemStats(&stats)
	return int64(stats.HeapAlloc)
}

// mostPerPortal is how many bytes a portal in use may cost: its client, limiter, budgets and tokens.
const mostPerPortal = 2500

// A portal in use costs some kilobytes, whatever the store, so that ten thousand fit into 25 MB. One that is dropped
// costs nothing.
func TestRegistry_bytesPerPortal(t *testing.T) { //nolint:paralleltest // others would allocate meanwhile
	tests := []struct {
		name  string
		n     int
		store portals.Store
	}{
		{"in memory", 10_000, portals.NewMemoryStore()},
		{"in files", 300, dirStore(t, t.TempDir())},
	}
	for _, tt := range tests { //nolint:paralleltest // the same
		t.Run(tt.name, func(t *testing.T) {
			if testing.Short() {
				tt.n = min(tt.n, 1000)
			}
			synctest.Test(t, func(t *testing.T) {
				w := newWorld()
				installed(t, w, tt.store, tt.n)
				registry := w.registry(t, tt.store)
				before := heap()
				for i := range tt.n {
					require.NoError(t, call(t.Context(), registry, member(i)))
				}
				each := (heap() - before) / int64(tt.n)
				t.Logf("%d bytes a portal", each)
				assert.LessOrEqual(t, each, int64(mostPerPortal))
				require.Equal(t, tt.n, portals.Kept(registry))

				time.Sleep(12 * time.Minute) // fake clock
				require.Zero(t, portals.Kept(registry))
				for portals.Known(registry) > 0 { // cleanups run a little after the collection
					runtime.GC()
					runtime.Gosched()
				}
				left := heap() - before
				t.Logf("%d bytes are left of %d portals", left, tt.n)
				assert.LessOrEqual(t, left/int64(tt.n), int64(100), "a map keeps its table")
			})
		})
	}
}

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

// A call whose token comes from memory, beside one with a token that never changes: x/static is how many times as long
// it takes. The two take turns, so that a busy moment of the machine slows both.
func BenchmarkRegistry_tokenInMemory(b *testing.B) {
	w, store := newWorld(), portals.NewMemoryStore()
	installed(b, w, store, 1)
	registry := w.registry(b, store, portals.WithClientOptions(imbot.WithLimiter(nil)))
	kept, err := registry.Client(b.Context(), member(0))
	require.NoError(b, err)
	i := load(b, store, member(0))
	static, err := imbot.NewClient(imbot.OAuth(i.ClientEndpoint, imbot.StaticToken(i.Token.AccessToken)),
		imbot.WithHTTPClient(&http.Client{Transport: w}), imbot.WithLimiter(nil))
	require.NoError(b, err)
	var took [2]time.Duration
	for b.Loop() {
		for which, client := range []*imbot.Client{static, kept} {
			began := time.Now()
			for range 50 {
				require.NoError(b, callBots(b.Context(), client))
			}
			took[which] += time.Since(began)
		}
	}
	b.ReportMetric(took[1].Seconds()/took[0].Seconds(), "x/static")
}

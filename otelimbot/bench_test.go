package otelimbot_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"runtime"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	metricnoop "go.opentelemetry.io/otel/metric/noop"
	"go.opentelemetry.io/otel/sdk/metric"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	tracenoop "go.opentelemetry.io/otel/trace/noop"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/imbottest"
	"github.com/seed-a6e4e5a4/imbot/internal/clienttest"
	"github.com/seed-a6e4e5a4/imbot/otelimbot"
)

// nobody is an exporter that drops all spans.
type nobody struct{}

func (nobody) ExportSpans(context.Context, []sdktrace.ReadOnlySpan) error { return nil }

func (nobody) Shutdown(context.Context) error { return nil }

// BenchmarkClient is 20 calls without telemetry and 20 with it: by providers that do nothing, and by those of the SDK,
// whose exporter drops what it gets. The server is the portal for tests or, by TLS, one that does nothing but answer; both
// are on this machine. "x-none" is how many times as long calls take as without; at most 1.15 with the portal. They take
// turns, so that a busy moment of the machine slows all, and the middle one of the turns counts. "more-allocs" is how
// many allocations a call has more.
func BenchmarkClient(b *testing.B) {
	portal := imbottest.NewPortal(b)
	bare := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write([]byte(`{"result":{},"time":{"operating":0.1,"operating_reset_at":1790000000}}`))
	}))
	b.Cleanup(bare.Close)
	for _, server := range []struct {
		name string
		url  string
		http *http.Client
	}{{"portal", portal.ServerWebhookURL(), &http.Client{}}, {"bare", bare.URL + "/rest/1/EXAMPLE_SECRET/", bare.Client()}} {
		for _, providers := range []struct {
			name string
			opts []otelimbot.Option
		}{
			{"nothing", []otelimbot.Option{otelimbot.WithTracerProvider(tracenoop.NewTracerProvider()), otelimbot.WithMeterProvider(metricnoop.NewMeterProvider())}},
			{"sdk", []otelimbot.Option{
				otelimbot.WithTracerProvider(sdktrace.NewTracerProvider(sdktrace.WithSyncer(nobody{}))),
				otelimbot.WithMeterProvider(metric.NewMeterProvider(metric.WithReader(metric.NewManualReader()))),
			}},
		} {
			b.Run("server="+server.name+"/providers="+providers.name, func(b *testing.B) {
				telemetry, err := otelimbot.New(providers.opts...)
				require.NoError(b, err)
				made := func(opts ...imbot.Option) *imbot.Client {
					return clienttest.New(b, imbot.Webhook(server.url), append(opts, imbot.WithLimiter(nil), imbot.WithHTTPClient(server.http))...)
				}
				compare(b, made(), made(telemetry.Client()))
			})
		}
	}
}

// compare reports what calls of an observed client cost more than those of another one.
func compare(b *testing.B, none, observed *imbot.Client) {
	b.Helper()
	const calls = 20
	took, allocs := map[*imbot.Client][]time.Duration{}, map[*imbot.Client][]uint64{}
	var before, after runtime.MemStats
	for b.Loop() {
		for _, client := range []*imbot.Client{none, observed} {
			runtime.ReadMemStats(&before)
			began := time.Now()
			for range calls {
				if _, err := client.Bot.List(b.Context(), imbot.BotListRequest{}); err != nil {
					b.Fatal(err)
				}
			}
			took[client] = append(took[client], time.Since(began))
			runtime.ReadMemStats(&after)
			allocs[client] = append(allocs[client], after.Mallocs-before.Mallocs)
		}
	}
	b.ReportMetric(middle(took[observed])/middle(took[none]), "x-none")
	b.ReportMetric((middle(allocs[observed])-middle(allocs[none]))/calls, "more-allocs")
}

func middle[N ~int64 | ~uint64](found []N) float64 {
	slices.Sort(found)
	return float64(found[len(found)/2])
}

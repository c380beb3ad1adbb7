package otelimbot_test

import (
	"context"
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

// BenchmarkClient is one call of the portal for tests, over loopback, without telemetry, and with it: by providers that do nothing, and by those of
// the SDK, whose exporter drops what it gets. "x-none" is how many times each takes what it takes without; at most 1.15.
// They take turns, so that a busy moment of the machine slows all, and the middle one of the turns counts.
func BenchmarkClient(b *testing.B) {
	portal := imbottest.NewPortal(b)
	webhook := imbot.Webhook(portal.ServerWebhookURL())
	none := clienttest.New(b, webhook, imbot.WithLimiter(nil))
	for name, opts := range map[string][]otelimbot.Option{
		"nothing": {otelimbot.WithTracerProvider(tracenoop.NewTracerProvider()), otelimbot.WithMeterProvider(metricnoop.NewMeterProvider())},
		"sdk": {
			otelimbot.WithTracerProvider(sdktrace.NewTracerProvider(sdktrace.WithSyncer(nobody{}))),
			otelimbot.WithMeterProvider(metric.NewMeterProvider(metric.WithReader(metric.NewManualReader()))),
		},
	} {
		b.Run("providers="+name, func(b *testing.B) {
			telemetry, err := otelimbot.New(opts...)
			require.NoError(b, err)
			observed := clienttest.New(b, webhook, imbot.WithLimiter(nil), telemetry.Client())
			took := map[*imbot.Client][]time.Duration{}
			b.ReportAllocs()
			for b.Loop() {
				for _, client := range []*imbot.Client{none, observed} {
					began := time.Now()
					for range 20 {
						if _, err := client.Bot.List(b.Context(), imbot.BotListRequest{}); err != nil {
							b.Fatal(err)
						}
					}
					took[client] = append(took[client], time.Since(began))
				}
			}
			b.ReportMetric(middle(took[observed])/middle(took[none]), "x-none")
		})
	}
}

func middle(took []time.Duration) float64 {
	slices.Sort(took)
	return float64(took[len(took)/2])
}

package otelimbot_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	metricnoop "go.opentelemetry.io/otel/metric/noop"
	"go.opentelemetry.io/otel/sdk/metric"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	tracenoop "go.opentelemetry.io/otel/trace/noop"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/internal/clienttest"
	"github.com/seed-a6e4e5a4/imbot/otelimbot"
)

// nobody is an exporter that drops all spans.
type nobody struct{}

func (nobody) ExportSpans(context.Context, []sdktrace.ReadOnlySpan) error { return nil }

func (nobody) Shutdown(context.Context) error { return nil }

// BenchmarkClient is one call over loopback, by TLS as portals have it, without telemetry, and with it: by providers that do nothing, and by those of
// the SDK, whose exporter drops what it gets. "x-none" is how many times each takes what it takes without; at most 1.15.
// They take turns, so that a busy moment of the machine slows all, and the middle one of the turns counts.
func BenchmarkClient(b *testing.B) {
	server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		_, _ = io.Copy(io.Discard, req.Body)
		_, _ = io.WriteString(w, `{"result":true,"time":{"operating":1,"operating_reset_at":4102444800}}`)
	}))
	defer server.Close()
	webhook := imbot.Webhook(server.URL + "/rest/1/EXAMPLE_SECRET/")
	over := imbot.WithHTTPClient(server.Client())
	none := clienttest.New(b, webhook, imbot.WithLimiter(nil), over)
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
			observed := clienttest.New(b, webhook, imbot.WithLimiter(nil), over, telemetry.Client())
			took := map[*imbot.Client][]time.Duration{}
			b.ReportAllocs()
			for b.Loop() {
				for _, client := range []*imbot.Client{none, observed} {
					began := time.Now()
					for range 20 {
						if _, err := client.Chat.Leave(b.Context(), clienttest.Leave13); err != nil {
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

package main

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"

	"github.com/seed-a6e4e5a4/imbot/events"
	"github.com/seed-a6e4e5a4/imbot/otelimbot"
)

func TestWatch(t *testing.T) {
	t.Parallel()
	storage, err := openFolder(t.Context(), t.TempDir())
	require.NoError(t, err)
	reader := metric.NewManualReader()
	telemetry, err := otelimbot.New(otelimbot.WithMeterProvider(metric.NewMeterProvider(metric.WithReader(reader))))
	require.NoError(t, err)
	stop, err := watch(telemetry, storage.queue)
	require.NoError(t, err)
	require.NoError(t, storage.queue.Put(t.Context(), &events.Event{Name: events.BotDelete, MemberID: "m1", Bots: []events.Bot{{ID: 9}}}))

	var all metricdata.ResourceMetrics
	require.NoError(t, reader.Collect(t.Context(), &all))
	got := map[string]bool{}
	for _, m := range all.ScopeMetrics[0].Metrics {
		switch data := m.Data.(type) {
		case metricdata.Gauge[int64]:
			got[m.Name] = data.DataPoints[0].Value == map[string]int64{"imbot.queue.depth": 1}[m.Name]
		case metricdata.Gauge[float64]:
			got[m.Name] = data.DataPoints[0].Value >= 0 && data.DataPoints[0].Value < 3600
		}
	}
	assert.Equal(t, map[string]bool{"imbot.queue.depth": true, "imbot.queue.age": true, "imbot.queue.dead_letters": true}, got)

	require.NoError(t, stop())
	require.NoError(t, storage.close())
	require.NoError(t, reader.Collect(t.Context(), &all), "a queue that is closed is not asked")
}

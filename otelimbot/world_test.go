package otelimbot_test

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"

	"github.com/seed-a6e4e5a4/imbot/otelimbot"
)

// watch is a telemetry whose spans and metrics stay in memory.
type watch struct {
	*otelimbot.Telemetry

	spans  *tracetest.InMemoryExporter
	tracer *sdktrace.TracerProvider
	reader *metric.ManualReader
}

func newWatch(t testing.TB, opts ...otelimbot.Option) *watch {
	t.Helper()
	w := &watch{spans: tracetest.NewInMemoryExporter(), reader: metric.NewManualReader()}
	w.tracer = sdktrace.NewTracerProvider(sdktrace.WithSyncer(w.spans))
	telemetry, err := otelimbot.New(append([]otelimbot.Option{
		otelimbot.WithTracerProvider(w.tracer), otelimbot.WithMeterProvider(metric.NewMeterProvider(metric.WithReader(w.reader))),
	}, opts...)...)
	require.NoError(t, err)
	w.Telemetry = telemetry
	return w
}

// named returns the spans with a name.
func (w *watch) named(name string) (found []tracetest.SpanStub) {
	for _, span := range w.spans.GetSpans() {
		if span.Name == name {
			found = append(found, span)
		}
	}
	return found
}

// values returns the points of a metric: the sum of a counter, the count of a histogram, the value of a gauge, by the
// labels that are asked for.
func (w *watch) values(t testing.TB, name string, labels ...attribute.Key) map[string]float64 {
	t.Helper()
	return valuesOf(t, w.collect(t), name, labels...)
}

func valuesOf(t testing.TB, all metricdata.ResourceMetrics, name string, labels ...attribute.Key) map[string]float64 {
	t.Helper()
	found := make(map[string]float64)
	note := func(set attribute.Set, value float64) {
		var key []string
		for _, label := range labels {
			if value, ok := set.Value(label); ok {
				key = append(key, value.String())
			} else {
				key = append(key, "-")
			}
		}
		found[strings.Join(key, " ")] += value
	}
	for _, scope := range all.ScopeMetrics {
		for _, m := range scope.Metrics {
			if m.Name != name {
				continue
			}
			switch data := m.Data.(type) {
			case metricdata.Sum[int64]:
				for _, point := range data.DataPoints {
					note(point.Attributes, float64(point.Value))
				}
			case metricdata.Histogram[float64]:
				for _, point := range data.DataPoints {
					note(point.Attributes, float64(point.Count))
				}
			case metricdata.Gauge[int64]:
				for _, point := range data.DataPoints {
					note(point.Attributes, float64(point.Value))
				}
			case metricdata.Gauge[float64]:
				for _, point := range data.DataPoints {
					note(point.Attributes, point.Value)
				}
			default:
				t.Errorf("%s is a %T", name, data)
			}
		}
	}
	return found
}

// sum returns what a histogram has measured, added up.
func (w *watch) sum(t testing.TB, name string) (sum float64) {
	t.Helper()
	for _, scope := range w.collect(t).ScopeMetrics {
		for _, m := range scope.Metrics {
			if data, ok := m.Data.(metricdata.Histogram[float64]); ok && m.Name == name {
				for _, point := range data.DataPoints {
					sum += point.Sum
				}
			}
		}
	}
	return sum
}

func (w *watch) collect(t testing.TB) metricdata.ResourceMetrics {
	t.Helper()
	all, err := w.tryCollect(t)
	require.NoError(t, err)
	return all
}

func (w *watch) tryCollect(t testing.TB) (all metricdata.ResourceMetrics, err error) {
	t.Helper()
	err = w.reader.Collect(t.Context(), &all)
	return all, err
}

// read returns the text of a file.
func read(t testing.TB, file string) string {
	t.Helper()
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	return string(text)
}

// printed is everything that is recorded, in every form that an exporter may give it.
func (w *watch) printed(t testing.TB) string {
	t.Helper()
	var text strings.Builder
	for _, span := range w.spans.GetSpans() {
		encoded, err := json.Marshal(span)
		require.NoError(t, err)
		_, _ = fmt.Fprintf(&text, "%+v %s\n", span, encoded)
		for _, a := range span.Attributes {
			_, _ = fmt.Fprintf(&text, "%s=%v\n", a.Key, a.Value.String())
		}
		for _, event := range span.Events {
			for _, a := range event.Attributes {
				_, _ = fmt.Fprintf(&text, "%s=%v\n", a.Key, a.Value.String())
			}
		}
	}
	for _, scope := range w.collect(t).ScopeMetrics {
		for _, m := range scope.Metrics {
			encoded, err := json.Marshal(m)
			require.NoError(t, err)
			_, _ = fmt.Fprintf(&text, "%s\n", encoded)
		}
	}
	return text.String()
}

// attr returns an attribute of a span as a text; "" where there is none.
func attr(span tracetest.SpanStub, key attribute.Key) string {
	for _, a := range span.Attributes {
		if a.Key == key {
			return a.Value.String()
		}
	}
	return ""
}

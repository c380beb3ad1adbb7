package otelimbot

import (
	"errors"
	"fmt"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/metric"
	semconv "go.opentelemetry.io/otel/semconv/v1.43.0"
	"go.opentelemetry.io/otel/semconv/v1.43.0/messagingconv"
	"go.opentelemetry.io/otel/semconv/v1.43.0/rpcconv"
	"go.opentelemetry.io/otel/trace"

	"github.com/seed-a6e4e5a4/imbot"
)

// scope is the name of the tracer and the meter.
const scope = "github.com/seed-a6e4e5a4/imbot/otelimbot"

// system is the name of what is called, and of what sends events.
const system = "bitrix24"

// Telemetry observes clients, tokens, events and queues. [New] makes one; the zero Telemetry is of no use. It is safe for
// concurrent use, and serves any number of clients.
type Telemetry struct {
	tracer    trace.Tracer
	meter     metric.Meter
	labels    labels
	duration  rpcconv.ClientCallDuration
	process   messagingconv.ProcessDuration
	calls     metric.Int64Counter
	wait      metric.Float64Histogram
	operating metric.Float64Histogram
	leaves    metric.Int64Counter
	renewals  metric.Int64Counter
	events    metric.Int64Counter
}

// Option changes what [New] makes.
type Option func(*config) error

type config struct {
	tracers trace.TracerProvider
	meters  metric.MeterProvider
	portals bool
	methods []string
}

var errNil = errors.New("is nil")

// WithTracerProvider makes spans by provider, instead of by the global one (otel.GetTracerProvider). Nil is a
// [*imbot.ParamError].
func WithTracerProvider(provider trace.TracerProvider) Option {
	return func(c *config) error {
		if provider == nil {
			return &imbot.ParamError{Param: "WithTracerProvider", Err: errNil}
		}
		c.tracers = provider
		return nil
	}
}

// WithMeterProvider makes metrics by provider, instead of by the global one (otel.GetMeterProvider). Nil is a
// [*imbot.ParamError].
func WithMeterProvider(provider metric.MeterProvider) Option {
	return func(c *config) error {
		if provider == nil {
			return &imbot.ParamError{Param: "WithMeterProvider", Err: errNil}
		}
		c.meters = provider
		return nil
	}
}

// WithPortals puts the host of the portal on the metrics of calls, as server.address. It is for programs with a few
// portals: with thousands, each metric has thousands of series.
func WithPortals() Option {
	return func(c *config) error {
		c.portals = true
		return nil
	}
}

// New returns a Telemetry of the providers that are given, or else of the global ones. The error is a
// [*imbot.ParamError] for each mistake among the options, joined, or what the provider says of an instrument.
func New(opts ...Option) (*Telemetry, error) {
	c := config{tracers: otel.GetTracerProvider(), meters: otel.GetMeterProvider()}
	var problems []error
	for i, opt := range opts {
		if opt == nil {
			problems = append(problems, &imbot.ParamError{Param: fmt.Sprintf("option %d", i+1), Err: errNil})
			continue
		}
		problems = append(problems, opt(&c))
	}
	if err := errors.Join(problems...); err != nil {
		return nil, err
	}
	t := &Telemetry{
		tracer: c.tracers.Tracer(scope, trace.WithSchemaURL(semconv.SchemaURL)),
		meter:  c.meters.Meter(scope, metric.WithSchemaURL(semconv.SchemaURL)),
		labels: labels{withPortals: c.portals, methods: newMethods(c.methods)},
	}
	if err := t.instruments(); err != nil {
		return nil, fmt.Errorf("otelimbot: %w", err)
	}
	return t, nil
}

// instruments makes the instruments. Those that the conventions have are as they say, up to the bounds of the buckets.
func (t *Telemetry) instruments() error {
	var all [8]error
	t.duration, all[0] = rpcconv.NewClientCallDuration(t.meter)
	t.process, all[1] = messagingconv.NewProcessDuration(t.meter)
	t.calls, all[2] = t.meter.Int64Counter("imbot.calls", metric.WithUnit("{call}"),
		metric.WithDescription("Calls, and the commands of batches, by outcome."))
	t.wait, all[3] = t.meter.Float64Histogram("imbot.call.wait", metric.WithUnit("s"),
		metric.WithExplicitBucketBoundaries(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600),
		metric.WithDescription("How long calls have waited, by the cause."))
	t.operating, all[4] = t.meter.Float64Histogram("imbot.operating.used", metric.WithUnit("s"),
		metric.WithExplicitBucketBoundaries(1, 10, 60, 120, 240, 360, 420, 480),
		metric.WithDescription("The working time that a method had used up in the ten minutes before, of 480 s."))
	t.renewals, all[5] = t.meter.Int64Counter("imbot.renewals", metric.WithUnit("{renewal}"),
		metric.WithDescription("Renewals of OAuth tokens, by outcome."))
	t.events, all[6] = t.meter.Int64Counter("imbot.events", metric.WithUnit("{event}"),
		metric.WithDescription("Posts of events, and the work for them, by outcome."))
	t.leaves, all[7] = t.meter.Int64Counter("imbot.leaves", metric.WithUnit("{chat}"),
		metric.WithDescription("Chats that bots were to be out of, by outcome."))
	return errors.Join(all[:]...)
}

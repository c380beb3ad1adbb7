package otelimbot

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/metric"
	semconv "go.opentelemetry.io/otel/semconv/v1.43.0"
	"go.opentelemetry.io/otel/semconv/v1.43.0/messagingconv"
	"go.opentelemetry.io/otel/trace"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/events"
	"github.com/seed-a6e4e5a4/imbot/oauth"
)

// App returns app with each renewal of its tokens as a span, and counted. A function that app has for that already is
// called as well, inside of the span.
func (t *Telemetry) App(app oauth.App) oauth.App {
	before := app.Renewing
	app.Renewing = func(ctx context.Context) (context.Context, func(oauth.Renewal)) {
		ctx, end := t.renewal(ctx)
		if before == nil {
			return ctx, end
		}
		returned := false
		defer func() {
			if !returned { // it panics, and nobody will end what it began
				end(oauth.Renewal{Outcome: oauth.RenewalFailed})
			}
		}()
		inner, endBefore := before(ctx)
		returned = true
		return inner, func(renewal oauth.Renewal) {
			defer end(renewal)
			if endBefore != nil {
				endBefore(renewal)
			}
		}
	}
	return app
}

func (t *Telemetry) renewal(ctx context.Context) (context.Context, func(oauth.Renewal)) {
	ctx, span := t.tracer.Start(ctx, "renew token", trace.WithSpanKind(trace.SpanKindClient))
	return ctx, func(renewal oauth.Renewal) {
		isFailure := renewal.Outcome != oauth.Renewed && renewal.Outcome != oauth.RenewedElsewhere
		failed := func(code string) string {
			if code == "" {
				return string(renewal.Outcome)
			}
			return code
		}
		labels := []attribute.KeyValue{outcomeKey.String(string(renewal.Outcome))}
		span.SetAttributes(labels...)
		if isFailure {
			labels = append(labels, semconv.ErrorTypeKey.String(failed(knownCode(renewal.Code))))
			span.SetAttributes(semconv.ErrorTypeKey.String(failed(knownCode(renewal.Code))))
			span.SetStatus(codes.Error, string(renewal.Outcome))
		}
		t.renewals.Add(ctx, 1, metric.WithAttributes(labels...))
		span.End()
	}
}

// Events returns an option for [events.NewHandler]: each post of an event is a span, and so is the work for it, with the
// calls that are made in it; both are counted. What comes from a queue has a span for the work alone.
func (t *Telemetry) Events() events.Option { return events.WithTrace(t.step) }

func (t *Telemetry) step(ctx context.Context, info events.StepInfo) (context.Context, func(events.StepResult)) {
	operation, kind := semconv.MessagingOperationTypeReceive, trace.SpanKindServer
	if info.Step == events.StepWork {
		operation, kind = semconv.MessagingOperationTypeProcess, trace.SpanKindConsumer
	}
	ctx, span := t.tracer.Start(ctx, operation.Value.AsString(), trace.WithSpanKind(kind), trace.WithAttributes(
		semconv.MessagingSystemKey.String(system), operation, semconv.MessagingOperationName(string(info.Step))))
	return ctx, func(result events.StepResult) {
		name := knownEvent(result.Name)
		labels := []attribute.KeyValue{
			stepKey.String(string(info.Step)), eventKey.String(name), outcomeKey.String(string(result.Outcome)),
		}
		t.events.Add(ctx, 1, metric.WithAttributes(labels...))
		if info.Step == events.StepWork && result.Outcome != events.EventDropped {
			t.process.Record(ctx, result.Duration.Seconds(), string(info.Step), messagingconv.SystemAttr(system), labels[1:]...)
		}
		if span.IsRecording() {
			t.describeStep(span, operation.Value.AsString()+" "+name, labels[1:], result)
		}
		span.End()
	}
}

func (t *Telemetry) describeStep(span trace.Span, name string, labels []attribute.KeyValue, result events.StepResult) {
	span.SetName(name)
	span.SetAttributes(labels...)
	if result.StatusCode != 0 {
		span.SetAttributes(semconv.HTTPResponseStatusCode(result.StatusCode))
	}
	// A post that is refused by 4xx is the fault of who sent it.
	if result.Outcome == events.EventFailed || result.StatusCode >= http.StatusInternalServerError {
		span.SetAttributes(semconv.ErrorTypeKey.String(string(result.Outcome)))
		span.SetStatus(codes.Error, string(result.Outcome))
	}
}

// Backlog is what a queue of events holds, for [Telemetry.Queue].
type Backlog struct {
	Pending     int       // events that are not done
	Oldest      time.Time // when the oldest of them was put; zero if there is none
	DeadLetters int       // events that were given up
}

// Queue observes a queue of events: look is asked whenever metrics are collected, and has to be safe for concurrent use.
// Where it fails or panics there is no value, and the error handler of OpenTelemetry is told. The name tells several
// queues apart. What it returns ends that. The error is an [*imbot.ParamError] for a look that is nil, or that of the
// meter.
//
// For a queue of module eventqueue, look is a call of its method Stats, which has these three among its fields, as
// README.md shows.
func (t *Telemetry) Queue(name string, look func(context.Context) (Backlog, error)) (stop func() error, err error) {
	if look == nil {
		return nil, &imbot.ParamError{Param: "look", Err: errNil}
	}
	depth, err := t.meter.Int64ObservableGauge("imbot.queue.depth", metric.WithUnit("{event}"),
		metric.WithDescription("Events in the queue that are not done."))
	if err != nil {
		return nil, fmt.Errorf("otelimbot: %w", err)
	}
	age, err := t.meter.Float64ObservableGauge("imbot.queue.age", metric.WithUnit("s"),
		metric.WithDescription("How old the oldest event in the queue is."))
	if err != nil {
		return nil, fmt.Errorf("otelimbot: %w", err)
	}
	dead, err := t.meter.Int64ObservableGauge("imbot.queue.dead_letters", metric.WithUnit("{event}"),
		metric.WithDescription("Events that were given up."))
	if err != nil {
		return nil, fmt.Errorf("otelimbot: %w", err)
	}
	labels := metric.WithAttributes(queueKey.String(name))
	registration, err := t.meter.RegisterCallback(func(ctx context.Context, to metric.Observer) error {
		held, err := looked(ctx, look)
		if err != nil {
			return fmt.Errorf("otelimbot: queue %q: %w", name, err)
		}
		old := 0.0
		if !held.Oldest.IsZero() {
			old = max(time.Since(held.Oldest).Seconds(), 0)
		}
		to.ObserveInt64(depth, int64(held.Pending), labels)
		to.ObserveFloat64(age, old, labels)
		to.ObserveInt64(dead, int64(held.DeadLetters), labels)
		return nil
	}, depth, age, dead)
	if err != nil {
		return nil, fmt.Errorf("otelimbot: %w", err)
	}
	return registration.Unregister, nil
}

// looked returns what look does. It is called on a goroutine of the reader of the metrics, where a panic of look would end
// the program.
func looked(ctx context.Context, look func(context.Context) (Backlog, error)) (held Backlog, err error) {
	defer func() {
		if value := recover(); value != nil {
			err = fmt.Errorf("it panics with a %T", value) // whose text may be anything
		}
	}()
	return look(ctx)
}

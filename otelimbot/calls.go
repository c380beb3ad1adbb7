package otelimbot

import (
	"context"
	"errors"
	"net"
	"strconv"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	semconv "go.opentelemetry.io/otel/semconv/v1.43.0"
	"go.opentelemetry.io/otel/trace"

	"github.com/seed-a6e4e5a4/imbot"
)

// Client returns an option for [imbot.NewClient] and portals.WithClientOptions: each call is a span, with one for each of
// its requests, and is counted; goals are spans around their calls. Give it before other options that trace, whose spans
// are to be inside of these.
func (t *Telemetry) Client() imbot.Option {
	return imbot.WithOptions(imbot.WithTrace(t.call), imbot.WithObserver(t.attempt), imbot.WithGoalTrace(t.goal))
}

var asClient = trace.WithSpanKind(trace.SpanKindClient)

// batchKey is what a context has the span of a batch by.
type batchKey struct{}

// batchSpan is the span of a batch, and whether the outcome of one of its commands is unknown.
type batchSpan struct {
	span      trace.Span
	isUnknown bool
}

// call begins the span of a call. A command of a batch has none, but is an event of its batch.
func (t *Telemetry) call(ctx context.Context, info imbot.CallInfo) (context.Context, func(imbot.CallResult)) {
	if info.InBatch {
		batch, _ := ctx.Value(batchKey{}).(*batchSpan)
		return ctx, func(result imbot.CallResult) { t.endCommand(ctx, batch, info, result) }
	}
	started, span := t.tracer.Start(ctx, t.labels.methods.named(info.Method), t.labels.start(info.Method, info.Portal)...)
	if info.Commands == 0 {
		return started, func(result imbot.CallResult) { t.endCall(started, span, info, result, false) }
	}
	batch := &batchSpan{span: span}
	return context.WithValue(started, batchKey{}, batch), func(result imbot.CallResult) {
		t.endCall(started, span, info, result, batch.isUnknown)
	}
}

// endCall ends the span of a call, and counts it. Of a batch it is told whether the outcome of a command is unknown.
func (t *Telemetry) endCall(ctx context.Context, span trace.Span, info imbot.CallInfo, result imbot.CallResult, isUnknown bool) {
	defer span.End()
	if labels := t.count(ctx, info, result); labels != nil {
		t.duration.Inst().Record(ctx, result.Duration.Seconds(), labels.record...)
	}
	if (result.Wait != imbot.CallWait{} || info.Waited != imbot.CallWait{}) && t.wait.Enabled(ctx) {
		t.waits(ctx, info, result.Wait)
	}
	if !span.IsRecording() {
		return
	}
	if attrs := described(result); attrs != nil {
		span.SetAttributes(attrs...)
	}
	if info.Commands > 0 {
		span.SetAttributes(attribute.Int("imbot.batch.commands", info.Commands))
	}
	switch {
	case isFailure(result):
		span.SetStatus(codes.Error, string(result.Outcome))
	case isUnknown:
		span.SetStatus(codes.Error, "the outcome of a command is unknown")
	}
}

// addressOf returns the attributes for a host, which has a port if that is not the usual one.
func addressOf(host string) []attribute.KeyValue {
	attrs := make([]attribute.KeyValue, 0, 4) //nolint:mnd // with two for the caller
	name, port, err := net.SplitHostPort(host)
	if err != nil {
		return append(attrs, semconv.ServerAddress(host))
	}
	number, _ := strconv.Atoi(port) // a URL has a number there
	return append(attrs, semconv.ServerAddress(name), semconv.ServerPort(number))
}

// endCommand notes how a command of a batch ended.
func (t *Telemetry) endCommand(ctx context.Context, batch *batchSpan, info imbot.CallInfo, result imbot.CallResult) {
	t.count(ctx, info, result)
	if batch == nil {
		return
	}
	batch.isUnknown = batch.isUnknown || result.Outcome == imbot.CallUnknown
	if batch.span.IsRecording() {
		name := t.labels.methods.named(info.Method)
		attrs := append(described(result), semconv.RPCMethod(name))
		if name != info.Method && isShown(info.Method) {
			attrs = append(attrs, semconv.RPCMethodOriginal(info.Method))
		}
		batch.span.AddEvent(name, trace.WithAttributes(attrs...))
	}
}

// count counts a call by its outcome, and what it has used up. It returns the labels; nil where nobody wants metrics.
func (t *Telemetry) count(ctx context.Context, info imbot.CallInfo, result imbot.CallResult) *measured {
	if !t.calls.Enabled(ctx) && !t.duration.Enabled(ctx) && !t.operating.Enabled(ctx) {
		return nil
	}
	labels := t.labels.of(labelKey{
		method: info.Method, portal: info.Portal, outcome: string(result.Outcome), code: string(result.Code), inBatch: info.InBatch,
	})
	t.calls.Add(ctx, 1, labels.add...)
	if result.HasOperating {
		t.operating.Record(ctx, result.Operating.Seconds(), labels.method...)
	}
	return labels
}

// waits notes how long a call has waited, by the cause, and was kept back before it began.
func (t *Telemetry) waits(ctx context.Context, info imbot.CallInfo, waited imbot.CallWait) {
	for _, wait := range [...]struct {
		cause string
		took  time.Duration
	}{
		{"rate_limit", info.Waited.RateLimit + waited.RateLimit},
		{"operating", info.Waited.Operating + waited.Operating},
		{"backoff", info.Waited.Backoff + waited.Backoff},
	} {
		if wait.took > 0 {
			labels := t.labels.of(labelKey{method: info.Method, portal: info.Portal, cause: wait.cause})
			t.wait.Record(ctx, wait.took.Seconds(), labels.record...)
		}
	}
}

// described returns the attributes of how a call ended: none if it was done at once, as most are.
func described(result imbot.CallResult) []attribute.KeyValue {
	var attrs []attribute.KeyValue
	if result.Attempts > 1 {
		attrs = append(attrs, attribute.Int("imbot.attempts", result.Attempts))
	}
	if result.Outcome == imbot.CallDone {
		return attrs
	}
	attrs = append(attrs, outcomeKey.String(string(result.Outcome)))
	if code := shownCode(result.Code); code != "" {
		attrs = append(attrs, semconv.RPCResponseStatusCode(code))
	}
	if failed := errorType(result.Outcome, knownCode(result.Code)); failed != "" {
		attrs = append(attrs, semconv.ErrorTypeKey.String(failed))
	}
	return attrs
}

// isFailure reports whether a call has failed, or nobody knows.
func isFailure(result imbot.CallResult) bool {
	switch result.Outcome {
	case imbot.CallDone:
		return false
	case imbot.CallRefused:
		return !isBenign(result.Err)
	default:
		return true
	}
}

// attempt makes the span of a request when that is over, inside of that of its call.
func (t *Telemetry) attempt(ctx context.Context, a imbot.Attempt) {
	if !trace.SpanFromContext(ctx).IsRecording() {
		return
	}
	failed := ""
	if a.Err != nil {
		if failed = knownCode(a.Code); failed == "" {
			failed = string(unanswered(a.Err))
		}
	}
	made := t.labels.request(requestKey{t.labels.methods.named(a.Method), a.StatusCode, a.Number, failed})
	_, span := t.tracer.Start(ctx, made.name, asClient, trace.WithTimestamp(time.Now().Add(-a.Duration)))
	span.SetAttributes(made.attrs...)
	if failed != "" && !isBenign(a.Err) {
		span.SetStatus(codes.Error, failed)
	}
	span.End()
}

// unanswered is what came of a request that has no code for an answer.
func unanswered(err error) imbot.CallOutcome {
	if errors.Is(err, imbot.ErrOutcomeUnknown) {
		return imbot.CallUnknown
	}
	return imbot.CallNotSent
}

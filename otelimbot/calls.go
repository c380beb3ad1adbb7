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
// its requests, and is counted. Give it before other options that trace, whose spans are to be inside of these.
func (t *Telemetry) Client() imbot.Option {
	return imbot.WithOptions(imbot.WithTrace(t.call), imbot.WithObserver(t.attempt))
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
	ctx, span := t.tracer.Start(ctx, info.Method, t.labels.start(info.Method, info.Portal)...)
	var batch *batchSpan
	if info.Method == "batch" {
		batch = &batchSpan{span: span}
		ctx = context.WithValue(ctx, batchKey{}, batch)
	}
	return ctx, func(result imbot.CallResult) {
		labels := t.count(ctx, info, result)
		t.duration.Inst().Record(ctx, result.Duration.Seconds(), labels.record...)
		if result.Wait != (imbot.CallWait{}) {
			t.waits(ctx, info, result.Wait)
		}
		if span.IsRecording() {
			if attrs := described(result); attrs != nil {
				span.SetAttributes(attrs...)
			}
			if info.Commands > 0 {
				span.SetAttributes(attribute.Int("imbot.batch.commands", info.Commands))
			}
			isUnknown := batch != nil && batch.isUnknown && result.Outcome == imbot.CallDone
			if isUnknown {
				span.SetStatus(codes.Error, "the outcome of a command is unknown")
			} else if isFailure(result) {
				span.SetStatus(codes.Error, string(result.Outcome))
			}
		}
		span.End()
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
		attrs := append(described(result), semconv.RPCMethod(info.Method))
		batch.span.AddEvent(info.Method, trace.WithAttributes(attrs...))
	}
}

// count counts a call by its outcome, and what it has used up. It returns the labels.
func (t *Telemetry) count(ctx context.Context, info imbot.CallInfo, result imbot.CallResult) *measured {
	labels := t.labels.of(labelKey{
		method: info.Method, portal: info.Portal, outcome: string(result.Outcome), code: string(result.Code), inBatch: info.InBatch,
	})
	t.calls.Add(ctx, 1, labels.add...)
	if result.HasOperating {
		t.operating.Record(ctx, result.Operating.Seconds(), labels.method...)
	}
	return labels
}

// waits notes how long a call has waited, by the cause.
func (t *Telemetry) waits(ctx context.Context, info imbot.CallInfo, waited imbot.CallWait) {
	for _, wait := range [...]struct {
		cause string
		took  time.Duration
	}{{"rate_limit", waited.RateLimit}, {"operating", waited.Operating}, {"backoff", waited.Backoff}} {
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
	code := shownCode(result.Code)
	if code != "" {
		attrs = append(attrs, semconv.RPCResponseStatusCode(code))
	}
	if failed := errorType(result.Outcome, code); failed != "" {
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
	attrs := make([]attribute.KeyValue, 0, 2) //nolint:mnd // as many as there are as a rule
	attrs = append(attrs, semconv.HTTPRequestMethodPost)
	if a.Number > 1 {
		attrs = append(attrs, semconv.HTTPRequestResendCount(a.Number-1))
	}
	if a.StatusCode != 0 {
		attrs = append(attrs, semconv.HTTPResponseStatusCode(a.StatusCode))
	}
	failed := ""
	if a.Err != nil {
		if failed = shownCode(a.Code); failed == "" {
			failed = string(unanswered(a.Err))
		}
		attrs = append(attrs, semconv.ErrorTypeKey.String(failed))
	}
	now := time.Now()
	_, span := t.tracer.Start(ctx, "POST "+a.Method, asClient, trace.WithTimestamp(now.Add(-a.Duration)), trace.WithAttributes(attrs...))
	if failed != "" && !isBenign(a.Err) {
		span.SetStatus(codes.Error, failed)
	}
	span.End(trace.WithTimestamp(now))
}

// unanswered is what came of a request that has no code for an answer.
func unanswered(err error) imbot.CallOutcome {
	if errors.Is(err, imbot.ErrOutcomeUnknown) {
		return imbot.CallUnknown
	}
	return imbot.CallNotSent
}

package otelimbot

import (
	"context"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/metric"
	semconv "go.opentelemetry.io/otel/semconv/v1.43.0"
	"go.opentelemetry.io/otel/trace"

	"github.com/seed-a6e4e5a4/imbot"
)

// goal begins the span of a goal, in which those of its calls are.
func (t *Telemetry) goal(ctx context.Context, info imbot.GoalInfo) (context.Context, func(imbot.GoalResult)) {
	ctx, span := t.tracer.Start(ctx, string(info.Goal), trace.WithAttributes(append(addressOf(info.Portal), goalKey.String(string(info.Goal)))...))
	return ctx, func(result imbot.GoalResult) {
		defer span.End()
		for _, came := range [...]struct {
			outcome string
			chats   int
		}{
			{string(imbot.Left), result.Left},
			{string(imbot.AlreadyOut), result.AlreadyOut},
			{string(imbot.Out), result.Out},
			{outcomeFailed, result.Failed - result.Unknown},
			{string(imbot.CallUnknown), result.Unknown},
		} {
			if came.chats > 0 {
				labels := metric.WithAttributes(goalKey.String(string(info.Goal)), outcomeKey.String(came.outcome))
				t.leaves.Add(ctx, int64(came.chats), labels)
			}
		}
		span.SetAttributes(
			attribute.Int("imbot.goal.out", result.Left+result.AlreadyOut+result.Out), attribute.Int("imbot.goal.failed", result.Failed))
		if result.Failed > 0 {
			failed := outcomeFailed
			if result.Unknown > 0 {
				failed = string(imbot.CallUnknown)
			}
			span.SetAttributes(semconv.ErrorTypeKey.String(failed))
			span.SetStatus(codes.Error, failed)
		}
	}
}

// outcomeFailed is the outcome of a chat that a bot was not got out of, and that it surely is in as it was.
const outcomeFailed = "failed"

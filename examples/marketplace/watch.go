package main

import (
	"context"

	"github.com/seed-a6e4e5a4/imbot/eventqueue"
	"github.com/seed-a6e4e5a4/imbot/otelimbot"
)

// watch lets the metrics tell how much waits in a queue, for how long, and what needs a person. What it returns ends that.
func watch(telemetry *otelimbot.Telemetry, queue *eventqueue.Queue) (stop func() error, err error) {
	return telemetry.Queue("events", func(ctx context.Context) (otelimbot.Backlog, error) {
		stats, err := queue.Stats(ctx)
		return otelimbot.Backlog{Pending: stats.Pending, Oldest: stats.Oldest, DeadLetters: stats.DeadLetters}, err
	})
}

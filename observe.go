package imbot

import (
	"context"
	"log/slog"
	"time"
)

// Attempt is one request of a call, for [WithObserver]. It has no parameters, no path and no secret; its Err may name
// a host.
type Attempt struct {
	// Method is the REST method.
	Method string
	// Number counts the requests of the call, from 1.
	Number int
	// StatusCode is the HTTP status of the answer, 0 where there was none.
	StatusCode int
	// Code is the code of a refusal; empty for a success, and where none could be read.
	Code Code
	// Err is the refusal, or why there was no answer; nil for an answer with a result, whatever that is.
	Err error
	// Wait is how long the request waited before it was made: for the limiter, for the token, and since the attempt
	// before it.
	Wait time.Duration
	// Duration is how long it then took.
	Duration time.Duration
	// Operating is the working time that the method has used up in the last ten minutes, as [Time] has it; 0 where
	// the answer did not tell.
	Operating time.Duration
}

// now returns the time if there is an observer or a logger, else the zero time: reading the clock costs.
func (c *core) now() time.Time {
	if c.observer == nil && c.logger == nil {
		return time.Time{}
	}
	return time.Now()
}

// observe hands an attempt to who wants to know.
func (c *core) observe(ctx context.Context, a Attempt) {
	if c.observer != nil {
		c.observer(ctx, a)
	}
	if c.logger == nil || !c.logger.Enabled(ctx, slog.LevelDebug) {
		return
	}
	c.logger.LogAttrs(ctx, slog.LevelDebug, "bitrix24 request",
		slog.String("method", a.Method),
		slog.Int("attempt", a.Number),
		slog.Int("status", a.StatusCode),
		slog.String("code", string(a.Code)),
		slog.Duration("wait", a.Wait),
		slog.Duration("duration", a.Duration),
	)
}

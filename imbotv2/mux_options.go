package imbotv2

import (
	"fmt"
	"time"

	"github.com/seed-a6e4e5a4/imbot"
)

const (
	defaultWorkers = 16
	defaultTries   = 3
)

// WithWorkers sets how many functions [Mux.Run] calls at the same time, at least one; 16 without it.
func WithWorkers(n int) EventsOption {
	return func(c *eventsConfig) error {
		if n < 1 {
			return &imbot.ParamError{Param: "WithWorkers", Err: fmt.Errorf("has to be at least 1, not %d", n)}
		}
		c.workers = n
		return nil
	}
}

// WithTries sets how often [Mux.Run] calls a function for an event that it fails for, at least once; 3 times without it.
// There are growing pauses between them, of 1 s, 4 s, 16 s and at most a minute. [TryAgain] says which failures another
// call follows.
func WithTries(n int) EventsOption {
	return func(c *eventsConfig) error {
		if n < 1 {
			return &imbot.ParamError{Param: "WithTries", Err: fmt.Errorf("has to be at least 1, not %d", n)}
		}
		c.tries = n
		return nil
	}
}

// WithCallbackTimeout ends the context of a function that [Mux.Run] calls when it has run for d, which has to be positive.
// Without it a function may run for as long as it likes, and hold up its dialog; when 1,000 events have come behind its
// own, of whichever dialogs, none is fetched before it returns.
func WithCallbackTimeout(d time.Duration) EventsOption {
	return func(c *eventsConfig) error {
		if d <= 0 {
			return &imbot.ParamError{Param: "WithCallbackTimeout", Err: fmt.Errorf("has to be positive, not %v", d)}
		}
		c.timeout = d
		return nil
	}
}

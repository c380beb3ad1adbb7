package oauth

import (
	"context"
	"time"
)

// poll calls try until it succeeds or fails, with growing pauses, unless ctx ends before.
func poll(ctx context.Context, try func() (bool, error)) error {
	const longest = 100 * time.Millisecond
	for pause := time.Millisecond; ; pause = min(2*pause, longest) {
		if done, err := try(); done || err != nil {
			return err
		}
		if err := wait(ctx, pause); err != nil {
			return err
		}
	}
}

// wait lets time pass, unless ctx ends before.
func wait(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

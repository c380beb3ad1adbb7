package redisstore

import (
	"context"
	"errors"
	"fmt"
	"net"
	"time"
)

// await returns when work does or when ctx ends, whatever comes first. A go-redis client ends a command that is under
// way by its own timeouts, and by the context only on request. Work that no caller waits for any more goes on;
// what it gets is given to abandoned, unless that is nil.
//
// Where work does not return, but panics or ends its goroutine, await does that to its caller, if that still waits.
func await[T any](ctx context.Context, work func(context.Context) (T, error), abandoned func(T)) (T, error) {
	var none T
	if err := ctx.Err(); err != nil {
		return none, err
	}
	type result struct {
		value T
		err   error
	}
	results, gone := make(chan result), make(chan struct{})
	go func() {
		value, err := returning(func() (T, error) { return work(ctx) })
		select {
		case results <- result{value, err}:
		case <-gone:
			if err == nil && abandoned != nil {
				quietly(func() { abandoned(value) })
			}
		}
	}()
	select {
	case r := <-results:
		carry(r.err)
		return r.value, withDeadline(ctx, r.err)
	case <-ctx.Done():
		close(gone)
		return none, ctx.Err()
	}
}

// withDeadline makes an error tell that ctx is at its end. A client that sets the deadline of ctx on its connection
// says "i/o timeout", and may say so a moment before ctx does.
func withDeadline(ctx context.Context, err error) error {
	if err == nil || errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled) {
		return err
	}
	if ended := ctx.Err(); ended != nil {
		return fmt.Errorf("%w: %w", ended, err)
	}
	deadline, ok := ctx.Deadline()
	if timeout, isNet := errors.AsType[net.Error](err); ok && isNet && timeout.Timeout() && !time.Now().Before(deadline) {
		return fmt.Errorf("%w: %w", context.DeadlineExceeded, err)
	}
	return err
}

// pause lets time pass, unless ctx ends before.
func pause(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

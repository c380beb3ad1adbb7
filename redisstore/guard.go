package redisstore

import (
	"context"
	"errors"
	"runtime"
	"time"

	"github.com/go-redsync/redsync/v4/redis"
)

// A go-redis client has hooks and dialers that others have written. They may panic, or end their goroutine as a test
// does that fails. What is asked of Redis in goroutines of this package, or of redsync, must end neither the program
// nor keep others waiting by that.

// stoppedError says that something did not return.
type stoppedError struct{ reason any } // of the panic; nil where the goroutine ended

func (e *stoppedError) Error() string {
	if e.reason == nil {
		return "a hook of the client ended its goroutine"
	}
	return "a hook of the client panicked"
}

// returning does work, and returns a *stoppedError where that does not return.
func returning[T any](work func() (T, error)) (value T, err error) {
	err = new(stoppedError)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		defer func() {
			if reason := recover(); reason != nil {
				err = &stoppedError{reason}
			}
		}()
		value, err = work()
	}()
	<-ended
	return value, err
}

// quietly does what nobody waits for.
func quietly(work func()) {
	_, _ = returning(func() (none struct{}, err error) {
		work()
		return none, nil
	})
}

// carry does to its caller what was done to work, if that did not return.
func carry(err error) {
	stopped, ok := errors.AsType[*stoppedError](err)
	switch {
	case !ok:
	case stopped.reason == nil:
		runtime.Goexit()
	default:
		panic(stopped.reason) //nolint:forbidigo // the panic is of the caller's own hook
	}
}

// guardedPool has connections that always return. redsync asks them in goroutines of its own.
type guardedPool struct{ redis.Pool }

// Get implements redis.Pool.
func (p guardedPool) Get(ctx context.Context) (redis.Conn, error) {
	conn, err := p.Pool.Get(ctx)
	return guardedConn{conn}, err
}

type guardedConn struct{ redis.Conn }

// SetNX takes a lock.
func (c guardedConn) SetNX(name, value string, expiry time.Duration) (bool, error) {
	return returning(func() (bool, error) { return c.Conn.SetNX(name, value, expiry) })
}

// Eval extends a lock or gives it back.
func (c guardedConn) Eval(script *redis.Script, keysAndArgs ...any) (any, error) {
	return returning(func() (any, error) { return c.Conn.Eval(script, keysAndArgs...) })
}

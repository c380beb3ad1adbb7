package redisstore

import (
	"context"
	"time"
)

// WithDeadline makes an error tell that ctx is at its end.
var WithDeadline = withDeadline

// Turn takes a turn that comes within some time, and returns how long it would have to be waited for.
func (l *Limiter) Turn(ctx context.Context, room time.Duration) (wait time.Duration, given bool, err error) {
	turn, err := l.ask(ctx, room)
	if err != nil {
		return 0, false, err
	}
	return max(0, turn.ResetAfter-l.drain), turn.Allowed > 0, nil
}

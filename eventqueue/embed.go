package eventqueue

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/nats-io/nats-server/v2/server"
)

// begin starts an embedded server, and waits until it has read its folder.
func begin(ctx context.Context, embedded *server.Server) error {
	failed := make(fatal, 1)
	embedded.SetLoggerV2(failed, false, false, false)
	ctx, cancel := context.WithTimeoutCause(ctx, startTime, errors.New("it takes too long"))
	defer cancel()
	embedded.Start() // returns when the folder is read, or cannot be
	for !embedded.ReadyForConnections(10 * time.Millisecond) {
		select {
		case err := <-failed:
			return err
		case <-ctx.Done():
			return context.Cause(ctx)
		default:
		}
	}
	return ctx.Err()
}

// fatal is a logger that keeps why the server cannot start, and nothing else.
type fatal chan error

func (f fatal) Fatalf(format string, values ...any) {
	select {
	case f <- fmt.Errorf(format, values...): //nolint:err113 // the server has no other errors
	default:
	}
}

func (fatal) Noticef(string, ...any) {}
func (fatal) Warnf(string, ...any)   {}
func (fatal) Errorf(string, ...any)  {}
func (fatal) Debugf(string, ...any)  {}
func (fatal) Tracef(string, ...any)  {}

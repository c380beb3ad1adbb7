package redisstore

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"

	"github.com/redis/go-redis/v9"

	"github.com/seed-a6e4e5a4/imbot"
)

// saveError is why a token or an installation could not be saved. The command had it among its arguments, and a server, a proxy or
// a hook of the client may repeat arguments in its errors. So the text names the reason in words that are none of
// theirs, and the error itself can be asked, but not be got.
type saveError struct {
	what  string
	reach func() error
}

func (e *saveError) Error() string {
	return "redisstore: saving the " + e.what + ": " + reason(e.reach())
}

// Is matches whatever the reason matches.
func (e *saveError) Is(target error) bool { return errors.Is(e.reach(), target) }

// Advice is for [imbot.Explain].
func (e *saveError) Advice() imbot.Advice {
	if e.Is(ErrOvertaken) {
		return imbot.Explain(ErrOvertaken)
	}
	return imbot.Advice{Meaning: "Redis failed, or could not be reached", Action: "see to Redis, and try again"}
}

// Timeout is part of net.Error.
func (e *saveError) Timeout() bool {
	timeout, ok := errors.AsType[net.Error](e.reach())
	return ok && timeout.Timeout()
}

// Temporary is part of net.Error; like net's own errors of today it promises nothing.
func (e *saveError) Temporary() bool { return false }

// Format prints the message whatever the verb.
func (e *saveError) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(e.Error())) }

// reason puts an error into words without arguments of commands.
func reason(err error) string {
	for _, known := range []error{
		context.DeadlineExceeded, context.Canceled, io.EOF, io.ErrUnexpectedEOF,
		redis.ErrClosed, redis.ErrPoolTimeout, redis.ErrPoolExhausted,
	} {
		if errors.Is(err, known) {
			return known.Error()
		}
	}
	if refused, ok := errors.AsType[redis.Error](err); ok {
		code, _, _ := strings.Cut(refused.Error(), " ")
		if code != "" && strings.Trim(code, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") == "" {
			return "Redis answers " + code
		}
		return "Redis answers with an error"
	}
	if broken, ok := errors.AsType[*net.OpError](err); ok { // made of addresses and of what the system says
		return broken.Error()
	}
	if timeout, ok := errors.AsType[net.Error](err); ok && timeout.Timeout() {
		return "timed out"
	}
	return "the Redis client fails"
}

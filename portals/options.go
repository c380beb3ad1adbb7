package portals

import (
	"errors"
	"fmt"
	"slices"

	"github.com/seed-a6e4e5a4/imbot"
)

// Option changes what [New] makes. Of two equal ones the later counts, but for WithClientOptions, which add up. A mistake
// in one is a [*imbot.ParamError] of New.
type Option func(*config) error

// config is what options write into.
type config struct {
	client      []imbot.Option
	limiter     func(Installation) imbot.Limiter
	renewals    int // how many requests to the OAuth server at a time
	connections int // how many connections to portals are kept
}

const (
	defaultRenewals    = 16
	defaultConnections = 2048
)

// usualConnections is how many connections are kept without an option: half of what the process may open at most.
func usualConnections(mostFiles uint64) int {
	if half := mostFiles / 2; half > 0 && half < defaultConnections {
		return int(half)
	}
	return defaultConnections
}

// WithClientOptions gives options to the clients of all portals. [imbot.WithHTTPClient] takes the place of the shared
// transport, and [imbot.WithLimiter] that of the portal's own limiter: nil for none, and any other limiter is one for
// all portals together, which is hardly what is wanted.
func WithClientOptions(opts ...imbot.Option) Option {
	return func(c *config) error {
		if i := slices.IndexFunc(opts, func(opt imbot.Option) bool { return opt == nil }); i >= 0 {
			return &imbot.ParamError{Param: fmt.Sprintf("WithClientOptions, option %d", i+1), Err: errNil}
		}
		c.client = append(c.client, opts...)
		return nil
	}
}

// WithLimiter has the limiter of a portal made by limiter, such as one that replicas share. It is called once for each
// client that is made, and must be safe for concurrent use. Where it returns nil, requests to that portal are not
// limited. Without it a limiter has the limits of the portal's plan, for this process.
func WithLimiter(limiter func(Installation) imbot.Limiter) Option {
	return func(c *config) error {
		if limiter == nil {
			return &imbot.ParamError{Param: "WithLimiter", Err: errNil}
		}
		c.limiter = limiter
		return nil
	}
}

// WithMaxRenewals sets how many requests to the OAuth server are made at a time, at least one; 16 without it. The others
// wait for their turn, a minute at most. Installations that are to be confirmed, which anybody can post, have a quarter
// of the turns at most, and at least one.
func WithMaxRenewals(n int) Option {
	return func(c *config) error {
		if n < 1 {
			return &imbot.ParamError{Param: "WithMaxRenewals", Err: fmt.Errorf("has to be at least 1, not %d", n)}
		}
		c.renewals = n
		return nil
	}
}

// WithMaxConnections sets how many connections to portals are kept open, at least one. Without it they are 2048, or half
// as many as the process may have files open, if that is less. When there are more, idle ones are closed, over HTTP/1.1
// and HTTP/2; those that are in use are never closed, and may be more. One that nobody uses is closed after a minute and
// a half. Portals in turn, of which there are more than connections, cost a handshake for many of their calls.
func WithMaxConnections(n int) Option {
	return func(c *config) error {
		if n < 1 {
			return &imbot.ParamError{Param: "WithMaxConnections", Err: fmt.Errorf("has to be at least 1, not %d", n)}
		}
		c.connections = n
		return nil
	}
}

var errNil = errors.New("is nil")

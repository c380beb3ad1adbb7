package eventqueue

import "time"

// WithLease sets how long a lease lasts.
func WithLease(d time.Duration) Option {
	return func(c *config) error {
		c.lease = d
		return nil
	}
}

package eventqueue

import "time"

// WithLease sets how long a lease lasts.
func WithLease(d time.Duration) Option {
	return func(c *config) error {
		c.lease = d
		return nil
	}
}

// WithMaxStore sets how many bytes the folder may have.
func WithMaxStore(n int64) Option {
	return func(c *config) error {
		c.maxStore = n
		return nil
	}
}

package sqlstore

import (
	"strings"
	"time"
)

// Option changes how a store or [Migrate] works; one that is nil changes nothing.
type Option func(*config)

type config struct {
	schema string
	expiry time.Duration
}

// defaultExpiry is longer than a renewal takes.
const defaultExpiry = 2 * time.Minute

func configOf(opts []Option) config {
	c := config{expiry: defaultExpiry}
	for _, opt := range opts {
		if opt != nil {
			opt(&c)
		}
	}
	return c
}

// WithSchema has the tables in a schema of the database, whatever its name is. Without it, and with an empty name, they
// are where the search_path of the connection leads.
func WithSchema(name string) Option {
	return func(c *config) { c.schema = name }
}

// WithLockExpiry sets how long an update may go on before the database takes its lock away, in case the process has
// stopped or cannot be reached. The default is two minutes, more than a renewal takes. What a process wants to save
// after that has to prove that it is not out of date. Zero and less mean the default; [Migrate] has no use for it.
func WithLockExpiry(expiry time.Duration) Option {
	return func(c *config) {
		if expiry > 0 {
			c.expiry = max(expiry, time.Millisecond)
		}
	}
}

// quote makes an identifier of a name.
func quote(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }

// table returns the name of a table in statements.
func (c config) table(name string) string {
	if c.schema == "" {
		return name
	}
	return quote(c.schema) + "." + name
}

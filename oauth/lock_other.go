//go:build !(darwin || dragonfly || freebsd || illumos || linux || netbsd || openbsd || windows)

package oauth

import (
	"context"
	"errors"
)

// lockFile fails: a lock that does not end with its process, or that two can have, would be worse than none.
func lockFile(context.Context, string) (unlock func(), err error) {
	return nil, errors.ErrUnsupported
}

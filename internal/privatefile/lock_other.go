//go:build !(darwin || dragonfly || freebsd || illumos || linux || netbsd || openbsd || windows)

package privatefile

import (
	"context"
	"errors"
)

// Lock fails: this system has no lock that surely ends with its process and excludes every other one.
func Lock(context.Context, string) (unlock func(), err error) {
	return nil, errors.ErrUnsupported
}

//go:build !(darwin || dragonfly || freebsd || illumos || linux || netbsd || openbsd || windows)

package oauth

import (
	"context"
	"errors"
)

// lockFile fails: this system has no lock that surely ends with its process and excludes every other one.
func lockFile(context.Context, string) (unlock func(), err error) {
	return nil, errors.ErrUnsupported
}

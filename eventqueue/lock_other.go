//go:build !(darwin || dragonfly || freebsd || illumos || linux || netbsd || openbsd || windows)

package eventqueue

import "errors"

// lockFile fails: this system has no lock that surely ends with its process and excludes every other one.
func lockFile(string) (unlock func(), err error) { return nil, errors.ErrUnsupported }

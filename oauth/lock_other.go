//go:build !(darwin || dragonfly || freebsd || illumos || linux || netbsd || openbsd)

package oauth

import "context"

// lockFile makes the presence of a file the lock, where the system has no better one.
func lockFile(ctx context.Context, path string) (unlock func(), err error) {
	return lockByPresence(ctx, path)
}

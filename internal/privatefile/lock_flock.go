//go:build darwin || dragonfly || freebsd || illumos || linux || netbsd || openbsd

package privatefile

import (
	"context"
	"errors"
	"os"
	"syscall"
)

// Lock locks a file, and returns what unlocks it. The system unlocks it if the process dies.
func Lock(ctx context.Context, path string) (unlock func(), err error) {
	for {
		unlock, err = lockOpened(ctx, path)
		if !errors.Is(err, errReplaced) {
			return unlock, err
		}
	}
}

// errReplaced means that the locked file is not the one at its path any more: the lock excludes no other process.
var errReplaced = errors.New("the lock file was replaced")

func lockOpened(ctx context.Context, path string) (unlock func(), err error) {
	file, err := Open(path, os.O_RDWR|os.O_CREATE)
	if err != nil {
		return nil, err
	}
	err = poll(ctx, func() (bool, error) {
		err := syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
		if errors.Is(err, syscall.EWOULDBLOCK) || errors.Is(err, syscall.EINTR) {
			return false, nil
		}
		return err == nil, err
	})
	if err == nil && !isAt(file, path) {
		err = errReplaced
	}
	if err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return func() {
		// Closing would not do at once: a process that this one is just starting has the file open, too.
		_ = syscall.Flock(int(file.Fd()), syscall.LOCK_UN)
		_ = file.Close()
	}, nil
}

// Open opens a regular file. It does not follow a link, and does not wait for the other end of a pipe.
func Open(path string, flag int) (*os.File, error) {
	file, err := os.OpenFile(path, flag|syscall.O_NOFOLLOW|syscall.O_NONBLOCK, Mode)
	if err != nil {
		return nil, err
	}
	return plain(file)
}

// isAt reports whether file is the one at path.
func isAt(file *os.File, path string) bool {
	opened, err := file.Stat()
	if err != nil {
		return false
	}
	there, err := os.Lstat(path)
	return err == nil && os.SameFile(opened, there)
}

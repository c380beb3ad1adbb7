package oauth

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"time"
)

// staleAfter is the age at which the lock of another process is taken for one that was left behind. No update takes a
// third of it.
const staleAfter = 10 * time.Minute

// lockByPresence makes a file that must not be there yet, and returns what removes it.
func lockByPresence(ctx context.Context, path string) (unlock func(), err error) {
	err = poll(ctx, func() (bool, error) {
		file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, privateMode)
		if err == nil {
			return true, file.Close()
		}
		if !errors.Is(err, fs.ErrExist) && !errors.Is(err, fs.ErrPermission) {
			return false, err
		}
		if info, statErr := os.Stat(path); statErr == nil {
			if time.Since(info.ModTime()) > staleAfter {
				return false, os.Remove(path)
			}
			return false, nil
		} else if errors.Is(err, fs.ErrPermission) && !errors.Is(statErr, fs.ErrNotExist) {
			return false, err
		}
		// It has gone meanwhile. A file on its way out answers with a missing permission on Windows.
		return false, nil
	})
	if err != nil {
		return nil, err
	}
	return func() { _ = os.Remove(path) }, nil
}

// poll calls try until it succeeds or fails, with growing pauses, unless ctx ends before.
func poll(ctx context.Context, try func() (bool, error)) error {
	const longest = 100 * time.Millisecond
	for pause := time.Millisecond; ; pause = min(2*pause, longest) {
		if done, err := try(); done || err != nil {
			return err
		}
		if err := wait(ctx, pause); err != nil {
			return err
		}
	}
}

// wait lets time pass, unless ctx ends before.
func wait(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

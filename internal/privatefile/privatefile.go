// Package privatefile has what stores of secrets do with files: files of the owner alone, written to the disk before
// anything goes on, and locks that end with their process.
package privatefile

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"runtime"
	"syscall"
	"time"
)

const (
	// Mode is that of every file.
	Mode fs.FileMode = 0o600
	// FolderMode is that of every folder.
	FolderMode fs.FileMode = 0o700

	others fs.FileMode = 0o077
)

// IsExposed reports whether others than its owner can get at a file. It is false where modes mean nothing.
func IsExposed(info fs.FileInfo) bool {
	return info.Mode().Perm()&others != 0 && runtime.GOOS != "windows"
}

// Create makes a new file at path, and removes what a process that died has left there: it could be a link to
// elsewhere.
func Create(path string) (*os.File, error) {
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	return os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, Mode)
}

// WriteAt writes to a place in a file, and waits until the disk has it.
func WriteAt(file *os.File, at int, data []byte) error {
	if _, err := file.WriteAt(data, int64(at)); err != nil {
		return err
	}
	return file.Sync()
}

// Blank returns so many spaces, or none. They reserve room for JSON, and may follow it.
func Blank(n int) []byte { return bytes.Repeat([]byte{' '}, max(n, 0)) }

// SyncFolder waits until the disk has what was made, renamed or removed in a folder, where the system has a way to.
func SyncFolder(path string) error {
	if runtime.GOOS == "windows" {
		return nil
	}
	folder, err := os.Open(path)
	if err != nil {
		return err
	}
	err = folder.Sync()
	if errors.Is(err, syscall.EINVAL) || errors.Is(err, errors.ErrUnsupported) {
		err = nil
	}
	return errors.Join(err, folder.Close())
}

// plain returns a file that was opened, unless it is a pipe, a folder, a device or the like.
func plain(file *os.File) (*os.File, error) {
	info, err := file.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = notRegular(file.Name())
	}
	if err != nil {
		_ = file.Close() // nothing was written
		return nil, err
	}
	return file, nil
}

func notRegular(path string) error { return fmt.Errorf("%s is not a regular file", path) }

// poll calls try until it succeeds or fails, with growing pauses, unless ctx ends before.
func poll(ctx context.Context, try func() (bool, error)) error {
	const longest = 100 * time.Millisecond
	for pause := time.Millisecond; ; pause = min(2*pause, longest) {
		if done, err := try(); done || err != nil {
			return err
		}
		timer := time.NewTimer(pause)
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return ctx.Err()
		}
	}
}

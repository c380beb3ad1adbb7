package oauth

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"syscall"
)

// FileStore is a [Store] in a file that the owner alone may read, for one or more processes on one machine. The file
// has the token as JSON, with both secrets: see [Token.MarshalJSON].
//
// A write goes to a second file (PATH.tmp), to the disk, and only then takes the place of the first, so that the file
// has a whole pair whenever the process or the machine stops. Updates exclude each other by a lock on a third file
// (PATH.lock), which stays there; the lock of a process that died is released by the system. Where PATH is a symbolic
// link, all of that is about the file that it leads to, which need not exist yet. On systems without such locks an
// update fails with [errors.ErrUnsupported]; do not put the files on a network file system that has none.
//
// A file that others than its owner can get at is refused with an [*ExposedFileError], and one that holds something
// else than a token with [ErrDamaged]. An empty file is one without a token.
type FileStore struct {
	path string
	busy chan struct{} // as in MemoryStore: goroutines of this process queue here, not at the lock file

	// passed is called after each step of an update, by tests that end the process there.
	passed func(step string)
}

// NewFileStore returns a store in the file at path. The file need not exist; its folder must. Nothing is read or
// written yet.
func NewFileStore(path string) *FileStore {
	if absolute, err := filepath.Abs(path); err == nil { // or else the folder that the process is in stays in it
		path = absolute
	}
	return &FileStore{path: filepath.Clean(path), busy: make(chan struct{}, 1), passed: func(string) {}}
}

var errLinks = errors.New("too many symbolic links")

// target returns the file behind the links that path may have, whether it exists or not. All processes have to lock and
// to replace the same.
func (s *FileStore) target() (string, error) {
	const most = 40 // as many as Linux follows
	path := s.path
	for range most {
		folder, name := filepath.Split(path)
		if behind, err := filepath.EvalSymlinks(cmp.Or(folder, ".")); err == nil { // or else whoever opens the file will say it
			folder = behind
		}
		path = filepath.Join(folder, name)
		link, err := os.Readlink(path)
		switch {
		case err == nil && filepath.IsAbs(link):
			path = link
		case err == nil:
			path = folder + string(filepath.Separator) + link // not cleaned: what ".." leads to, a link may decide
		default: // it is no link, or there is nothing
			return path, nil
		}
	}
	return "", fmt.Errorf("oauth: %s: %w", s.path, errLinks)
}

const (
	privateMode fs.FileMode = 0o600
	othersMode  fs.FileMode = 0o077
	maxFile                 = 1 << 20
)

// Load implements [Store].
//
// The error matches [ErrNoToken] where there is no file or nothing in it, and [ErrDamaged] where the file holds
// something else than a token; it is an [*ExposedFileError] where others can get at the file. Any other is of the
// system.
func (s *FileStore) Load(ctx context.Context) (Token, error) {
	if err := ctx.Err(); err != nil {
		return Token{}, err
	}
	path, err := s.target()
	if err != nil {
		return Token{}, err
	}
	token, err := s.read(path)
	if err == nil && token.isEmpty() {
		err = ErrNoToken
	}
	return token, err
}

// Update implements [Store].
//
// Where Load fails with [ErrNoToken], change is called with the zero Token. Where Load fails otherwise ([ErrDamaged],
// [*ExposedFileError], an error of the system), or the file cannot be locked, so does Update, and change is not called.
// An error after that says that the token could not be saved.
func (s *FileStore) Update(ctx context.Context, change func(current Token) (Token, error)) (Token, error) {
	if err := acquire(ctx, s.busy); err != nil {
		return Token{}, err
	}
	defer release(s.busy)
	path, err := s.target()
	if err != nil {
		return Token{}, err
	}
	unlock, err := lockFile(ctx, path+".lock")
	if err != nil {
		return Token{}, fmt.Errorf("oauth: locking %s.lock: %w", path, err)
	}
	defer unlock()
	s.passed("locked")
	current, err := s.read(path)
	if err != nil && !errors.Is(err, ErrNoToken) {
		return Token{}, err
	}
	next, err := change(current)
	if err != nil {
		return Token{}, err
	}
	s.passed("changed")
	if next == current {
		return next, nil
	}
	if err := s.write(path, next); err != nil {
		return Token{}, fmt.Errorf("oauth: saving the token: %w", err)
	}
	return next, nil
}

// read returns what is in the file that target has returned.
func (s *FileStore) read(path string) (Token, error) {
	file, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return Token{}, fmt.Errorf("%w: %w", ErrNoToken, err)
	}
	if err != nil {
		return Token{}, fmt.Errorf("oauth: %w", err)
	}
	defer func() { _ = file.Close() }() // nothing was written
	info, err := file.Stat()
	if err != nil {
		return Token{}, fmt.Errorf("oauth: %w", err)
	}
	if mode := info.Mode(); mode.Perm()&othersMode != 0 && runtime.GOOS != "windows" { // where modes mean nothing
		return Token{}, &ExposedFileError{Path: s.path, Mode: mode.Perm()}
	}
	data, err := io.ReadAll(io.LimitReader(file, maxFile))
	if err != nil {
		return Token{}, fmt.Errorf("oauth: %w", err)
	}
	if len(bytes.TrimSpace(data)) == 0 {
		return Token{}, fmt.Errorf("%w: %s is empty", ErrNoToken, s.path)
	}
	var token Token
	if json.Unmarshal(data, &token) != nil { // whose error could quote the token
		return Token{}, fmt.Errorf("%w: %s", ErrDamaged, s.path)
	}
	return token, nil
}

// write replaces the file. The caller holds the lock, so that the second file is its own.
func (s *FileStore) write(path string, token Token) error {
	data, err := json.Marshal(token)
	if err != nil {
		return err
	}
	temporary := path + ".tmp"
	if err := s.writeSecond(temporary, append(data, '\n')); err != nil {
		_ = os.Remove(temporary) // what went wrong before is what matters
		return err
	}
	if err := os.Rename(temporary, path); err != nil {
		_ = os.Remove(temporary)
		return err
	}
	s.passed("renamed")
	return syncFolder(filepath.Dir(path))
}

// writeSecond writes the second file and waits until the disk has it.
func (s *FileStore) writeSecond(path string, data []byte) (err error) {
	// What a process that died has left may be anything, a link to elsewhere included.
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, privateMode)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	s.passed("created")
	half := len(data) / 2
	for _, part := range [][]byte{data[:half], data[half:]} {
		if _, err := file.Write(part); err != nil {
			return err
		}
		s.passed("written")
	}
	if err := file.Sync(); err != nil {
		return err
	}
	s.passed("synced")
	return nil
}

// syncFolder makes a rename last, where the system has a way to: without, the rename is as safe as it gets.
func syncFolder(path string) error {
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

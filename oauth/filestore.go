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

	"github.com/seed-a6e4e5a4/imbot/internal/privatefile"
)

// FileStore is a [Store] in a file that the owner alone may read, for one or more processes on one machine. The file
// has the token as JSON, with both secrets: see [Token.MarshalJSON].
//
// A write goes to a second file (PATH.tmp), to the disk, and only then takes the place of the first, so that the file
// has a whole pair whenever the process or the machine stops. Updates exclude each other by a lock on a third file
// (PATH.lock), which stays there, and is no link; the lock of a process that died is released by the system. Where PATH
// is a symbolic link, all of that is about the file that it leads to, which need not exist yet. On systems without such
// locks an update fails with [errors.ErrUnsupported]; do not put the files on a network file system that has none.
//
// A refresh token works once, so that a pair must not be asked for that could not be kept. Before an update goes on it
// has the second file on the disk, with room for a token of 16 KiB, and knows that the first can be replaced. A file
// that is mounted alone, as by "docker run -v ./token.json:/data/token.json", cannot: it is written in place then,
// which is tried before as well, and the second file keeps the new pair until that is done. Whoever finds the first
// damaged by then takes the second.
//
// One moment is left. A process that is killed after the OAuth server has answered and before the second file is
// written takes the new pair with it, and the refresh token in the file is used up: the application may have to be
// authorized again.
//
// A file that others than its owner can get at is refused with an [*ExposedFileError], and one that holds something
// else than a token with [ErrDamaged]. An empty file is one without a token. What is no regular file is refused, too.
type FileStore struct {
	path string
	busy chan struct{} // as in MemoryStore: goroutines of this process queue here, not at the lock file

	// replaced is the file that this process has replaced before, so that it need not be tried again. busy guards it.
	replaced string

	// passed is called after each step of an update. Tests end the process there.
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

const maxFile = 1 << 20 // bytes

// Load implements [Store].
//
// The error matches [ErrNoToken] where there is no file or nothing in it, and [ErrDamaged] where the file holds
// something else than a token; it is an [*ExposedFileError] where others can get at the file. Any other error is the
// system's.
func (s *FileStore) Load(ctx context.Context) (Token, error) {
	if err := ctx.Err(); err != nil {
		return Token{}, err
	}
	path, err := s.target()
	if err != nil {
		return Token{}, err
	}
	held, err := s.read(path)
	if err == nil && held.token.isEmpty() {
		err = ErrNoToken
	}
	return held.token, err
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
	unlock, err := privatefile.Lock(ctx, path+".lock")
	if err != nil {
		return Token{}, fmt.Errorf("oauth: locking %s.lock: %w", path, err)
	}
	defer unlock()
	s.passed("locked")
	held, err := s.read(path)
	if err != nil && !errors.Is(err, ErrNoToken) {
		return Token{}, err
	}
	room, err := s.makeRoom(path, held)
	if err != nil {
		return Token{}, fmt.Errorf("oauth: a new token could not be saved, so that none is asked for: %w", err)
	}
	defer room.giveBack()
	next, err := change(held.token)
	if err != nil {
		return Token{}, err
	}
	s.passed("changed")
	if next == held.token {
		return next, nil
	}
	if err := room.save(next); err != nil {
		return Token{}, fmt.Errorf("oauth: saving the token: %w", err)
	}
	return next, nil
}

// held is what a file has.
type held struct {
	token  Token
	data   []byte // nil where there is no file
	second bool   // it was found in the second file
}

// read returns what is in the file that target has returned. If that was being written in place when its process died,
// the second file has it.
func (s *FileStore) read(path string) (held, error) {
	first, err := s.readOne(path)
	if errors.Is(err, ErrDamaged) {
		if second, err := s.readOne(path + secondSuffix); err == nil {
			second.second = true
			return second, nil
		}
	}
	return first, err
}

// readOne returns what is in a file; with an error that matches ErrNoToken, only the bytes.
func (s *FileStore) readOne(path string) (held, error) {
	file, err := privatefile.Open(path, os.O_RDONLY)
	if errors.Is(err, fs.ErrNotExist) {
		return held{}, fmt.Errorf("%w: %w", ErrNoToken, err)
	}
	if err != nil {
		return held{}, fmt.Errorf("oauth: %w", err)
	}
	defer func() { _ = file.Close() }() // nothing was written
	info, err := file.Stat()
	if err != nil {
		return held{}, fmt.Errorf("oauth: %w", err)
	}
	if privatefile.IsExposed(info) {
		return held{}, &ExposedFileError{Path: s.path, Mode: info.Mode().Perm()}
	}
	data, err := io.ReadAll(io.LimitReader(file, maxFile))
	if err != nil {
		return held{}, fmt.Errorf("oauth: %w", err)
	}
	if len(bytes.TrimSpace(data)) == 0 {
		return held{data: data}, fmt.Errorf("%w: %s is empty", ErrNoToken, s.path)
	}
	var token Token
	if json.Unmarshal(data, &token) != nil { // whose error could quote the token
		return held{}, fmt.Errorf("%w: %s", ErrDamaged, s.path)
	}
	return held{token: token, data: data}, nil
}

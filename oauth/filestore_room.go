package oauth

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"syscall"

	"github.com/seed-a6e4e5a4/imbot/internal/privatefile"
)

const (
	secondSuffix = ".tmp"
	roomSize     = 16 << 10
)

// room is space on the disk that is reserved for the next token. It is filled with spaces, which may follow JSON.
type room struct {
	store  *FileStore
	path   string
	second *os.File
	keep   bool // the second file has a token that the first does not have, and is not removed

	// Where the file cannot be replaced, it is written in place.
	inPlace *os.File
	used    int // how many bytes of it are JSON; spaces follow
}

// makeRoom makes sure that a token can be saved where held is now. The caller holds the lock, so that the second file
// is its own, and gives the room back.
func (s *FileStore) makeRoom(path string, held held) (*room, error) {
	r := &room{store: s, path: path, keep: held.second}
	err := r.tryToReplace(held)
	if err == nil {
		r.keep = false
		r.second, err = privatefile.Create(path + secondSuffix)
	}
	if err == nil {
		s.passed("created")
		err = privatefile.WriteAt(r.second, 0, privatefile.Blank(roomSize))
	}
	if err != nil {
		r.giveBack()
		return nil, err
	}
	s.passed("made room")
	return r, nil
}

// tryToReplace has a copy take the place of the file, unless this process has replaced it before. If that fails because
// the file is a mount of its own, it makes room in the file itself.
func (r *room) tryToReplace(held held) error {
	if held.data == nil || r.store.replaced == r.path && !held.second {
		return nil // whoever may make the second file may make it the first
	}
	if !held.second {
		if err := r.copy(held.data); err != nil {
			return err
		}
	}
	err := os.Rename(r.path+secondSuffix, r.path)
	switch {
	case err == nil:
		r.store.replaced = r.path
		r.store.passed("replaced")
		return nil
	case errors.Is(err, syscall.EBUSY):
		return r.openInPlace(held)
	default:
		return err
	}
}

// copy makes the second file one like the first.
func (r *room) copy(data []byte) error {
	file, err := privatefile.Create(r.path + secondSuffix)
	if err != nil {
		return err
	}
	err = privatefile.WriteAt(file, 0, data)
	if closed := file.Close(); err == nil {
		err = closed
	}
	return err
}

// openInPlace makes room in the file behind what was found, and puts that into it first if it was found in the second.
func (r *room) openInPlace(held held) (err error) {
	if r.inPlace, err = privatefile.Open(r.path, os.O_WRONLY); err != nil {
		return err
	}
	data := bytes.TrimRight(held.data, " ")
	if held.second {
		err = r.overwrite(data)
	}
	if r.used = len(data); err == nil {
		err = privatefile.WriteAt(r.inPlace, r.used, privatefile.Blank(roomSize))
	}
	return err
}

// save puts the token where there is room for it.
func (r *room) save(token Token) error {
	data, err := json.Marshal(token)
	if err != nil {
		return err
	}
	data = append(data, '\n')
	if err := r.writeSecond(data); err != nil {
		return err
	}
	if r.inPlace != nil {
		return r.overwrite(data)
	}
	if err := os.Rename(r.path+secondSuffix, r.path); err != nil {
		r.store.replaced = "" // what worked before may have to be tried again
		return err
	}
	r.store.replaced = r.path
	r.store.passed("renamed")
	return privatefile.SyncFolder(filepath.Dir(r.path))
}

// writeSecond writes the second file, in two halves, and waits until the disk has it.
func (r *room) writeSecond(data []byte) error {
	half := len(data) / 2
	if err := privatefile.WriteAt(r.second, 0, data[:half]); err != nil {
		return err
	}
	r.store.passed("written")
	if err := r.second.Truncate(int64(len(data))); err != nil {
		return err
	}
	if err := privatefile.WriteAt(r.second, half, data[half:]); err != nil {
		return err
	}
	r.store.passed("written")
	err := r.second.Close() // a file that is open cannot be renamed everywhere
	r.second = nil
	r.store.passed("synced")
	return err
}

// overwrite replaces what is in the file, room and all. Its first byte makes it damaged until the disk has the rest:
// half of one pair before half of another could pass for a pair. As long as it is damaged, the second file is the one
// that counts.
func (r *room) overwrite(data []byte) error {
	info, err := r.inPlace.Stat()
	if err != nil {
		return err
	}
	r.keep = true
	whole := append(bytes.Clone(data), privatefile.Blank(int(info.Size())-len(data))...)
	for _, part := range []struct {
		at   int
		data []byte
		step string
	}{
		{0, []byte{'!'}, "damaged"}, {1, whole[1:], "all but one"}, {0, whole[:1], "in place"},
	} {
		if err := privatefile.WriteAt(r.inPlace, part.at, part.data); err != nil {
			return err
		}
		r.store.passed(part.step)
	}
	r.used, r.keep = len(data), false
	return nil
}

// giveBack frees the reserved space. Where it fails, there are spaces behind the token, or there is a file that the
// next update removes.
func (r *room) giveBack() {
	if r.second != nil {
		_ = r.second.Close()
	}
	if r.inPlace != nil {
		if !r.keep {
			_ = r.inPlace.Truncate(int64(r.used))
		}
		_ = r.inPlace.Close()
	}
	if !r.keep {
		_ = os.Remove(r.path + secondSuffix)
	}
}

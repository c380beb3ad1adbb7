package portals

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/seed-a6e4e5a4/imbot/internal/privatefile"
)

// Update implements [Store].
//
// Where the file cannot be read or locked, or there is no room for another, change is not called. An error after that
// says that the installation could not be saved.
func (s *DirStore) Update(
	ctx context.Context, memberID string, change func(current Installation) (Installation, error),
) (Installation, error) {
	unlock, err := s.lock(ctx, memberID)
	if err != nil {
		return Installation{}, err
	}
	defer unlock()
	current, err := s.read(memberID)
	if err != nil {
		return Installation{}, err
	}
	path := s.file(memberID)
	second, err := s.makeRoom(path)
	if err != nil {
		return Installation{}, fmt.Errorf("portals: an installation could not be saved, so that nothing is changed: %w", err)
	}
	defer func() {
		_ = second.Close()                 // where it was written to the end, it is closed by now
		_ = os.Remove(path + secondSuffix) // and renamed
	}()
	next, err := change(current)
	if err != nil {
		return Installation{}, err
	}
	s.passed("changed")
	if next == current {
		return next, nil
	}
	next.MemberID = memberID
	if err := s.save(current, next, second); err != nil {
		return Installation{}, fmt.Errorf("portals: saving the installation: %w", next.secrets().Error(err))
	}
	return next, nil
}

// lock locks what is kept of a portal.
func (s *DirStore) lock(ctx context.Context, memberID string) (unlock func(), err error) {
	if err := check(ctx, memberID); err != nil {
		return nil, err
	}
	path := filepath.Join(s.path, lockFolder, nameOf(memberID)+lockSuffix)
	unlock, err = privatefile.Lock(ctx, path)
	if err != nil {
		return nil, fmt.Errorf("portals: locking %s: %w", path, err)
	}
	s.passed("locked")
	return unlock, nil
}

// makeRoom makes the second file, with room on the disk for any installation.
func (s *DirStore) makeRoom(path string) (*os.File, error) {
	second, err := privatefile.Create(path + secondSuffix)
	if err != nil {
		return nil, err
	}
	if err := privatefile.WriteAt(second, 0, privatefile.Blank(roomSize)); err != nil {
		_ = second.Close()
		_ = os.Remove(path + secondSuffix)
		return nil, err
	}
	s.passed("made room")
	return second, nil
}

// save puts next in the place of current. The domain leads to the portal before it is there, and as long as it is.
func (s *DirStore) save(current, next Installation, second *os.File) error {
	data, err := json.Marshal(next)
	if err != nil {
		return err
	}
	if data = append(data, '\n'); len(data) >= maxFile {
		return errors.New("it is larger than 1 MiB")
	}
	was, is := s.domainOf(current), s.domainOf(next)
	if is != "" && is != was {
		if err := s.enter(is, next.MemberID); err != nil {
			return err
		}
		s.passed("entered")
	}
	if err := s.write(second, data); err != nil {
		return err
	}
	path := s.file(next.MemberID)
	if err := os.Rename(path+secondSuffix, path); err != nil {
		return err
	}
	s.passed("renamed")
	if err := privatefile.SyncFolder(s.path); err != nil {
		return err
	}
	if was != "" && was != is {
		s.leave(was, next.MemberID)
	}
	return nil
}

// write writes the second file, in two halves, and waits until the disk has it.
func (s *DirStore) write(second *os.File, data []byte) error {
	half := len(data) / 2
	if err := privatefile.WriteAt(second, 0, data[:half]); err != nil {
		return err
	}
	s.passed("written 1 of 2")
	if err := second.Truncate(int64(len(data))); err != nil {
		return err
	}
	if err := privatefile.WriteAt(second, half, data[half:]); err != nil {
		return err
	}
	s.passed("written 2 of 2")
	return second.Close() // a file that is open cannot be renamed everywhere
}

// domainOf returns the folder of the domain of an installation, or "".
func (s *DirStore) domainOf(i Installation) string {
	if host := i.Domain(); host != "" && i.IsInstalled() {
		return s.domain(host)
	}
	return ""
}

// enter makes a domain lead to a portal.
func (s *DirStore) enter(folder, memberID string) error {
	path := filepath.Join(folder, nameOf(memberID))
	for { // whoever leaves last removes the folder
		if err := os.Mkdir(folder, privatefile.FolderMode); err != nil && !errors.Is(err, fs.ErrExist) {
			return err
		}
		file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE, privatefile.Mode)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return err
		}
		return errors.Join(file.Close(), privatefile.SyncFolder(folder), privatefile.SyncFolder(filepath.Dir(folder)))
	}
}

// leave makes a domain no longer lead to a portal. Where that fails, Find sees that the portal is elsewhere.
func (s *DirStore) leave(folder, memberID string) {
	_ = os.Remove(filepath.Join(folder, nameOf(memberID)))
	_ = os.Remove(folder) // if it is empty
}

// Delete implements [Store].
func (s *DirStore) Delete(ctx context.Context, memberID string) error {
	unlock, err := s.lock(ctx, memberID)
	if err != nil {
		return err
	}
	defer unlock()
	current, err := s.read(memberID)
	if err != nil && !errors.Is(err, ErrDamaged) {
		return err
	}
	path := s.file(memberID)
	for _, name := range []string{path, path + secondSuffix} {
		if err := os.Remove(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("portals: %w", err)
		}
	}
	if err := privatefile.SyncFolder(s.path); err != nil {
		return fmt.Errorf("portals: %w", err)
	}
	if was := s.domainOf(current); was != "" {
		s.leave(was, memberID)
	}
	return nil
}

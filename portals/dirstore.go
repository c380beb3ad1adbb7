package portals

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"os"
	"path/filepath"
	"strings"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/internal/privatefile"
	"github.com/seed-a6e4e5a4/imbot/oauth"
)

// DirStore is a [Store] in a folder, one file a portal, for one or more processes on one machine. The files have the
// installations as JSON, with their secrets: see [Installation.MarshalJSON].
//
// A file is written as that of an [oauth.FileStore] is: to a second file, to the disk, and only then in the place of the
// first, so that there is a whole installation whenever the process or the machine stops. Room for it is made before an
// update goes on, so that no pair of tokens is asked for that could not be kept. Updates for one portal exclude each
// other by a lock file, which the system releases if a process dies; on systems without such locks an update fails with
// [errors.ErrUnsupported]. Do not put the folder on a network file system that has none.
//
// A process that is killed between the answer of the OAuth server and the save takes the new pair with it: see
// [oauth.FileStore].
//
// A file that others than its owner can get at is refused with an [*oauth.ExposedFileError], and one that holds
// something else than an installation with [ErrDamaged]. The names of files follow from member ids, which are checked,
// and those of domains are not used as they are: no event makes the store leave its folder.
type DirStore struct {
	path string

	// passed is called after each step of an update. Tests end the process there.
	passed func(step string)
}

const (
	filePrefix, fileSuffix = "portal-", ".json"
	secondSuffix           = ".tmp"
	lockFolder             = "locks"   // a lock file for each portal
	domainFolder           = "domains" // a folder for each domain, with an empty file for each portal that is or was there
	lockSuffix             = ".lock"

	roomSize = 32 << 10
	maxFile  = 1 << 20
)

// NewDirStore returns a store in the folder at path, which is made for the owner alone if it is not there. The error is
// the system's, or an [*imbot.ParamError] for an empty path.
func NewDirStore(path string) (*DirStore, error) {
	if path == "" {
		return nil, &imbot.ParamError{Param: "path", Err: errors.New("is empty")}
	}
	absolute, err := filepath.Abs(path) // or else the folder that the process is in would stay in it
	if err != nil {
		return nil, fmt.Errorf("portals: %w", err)
	}
	for _, folder := range []string{absolute, filepath.Join(absolute, lockFolder), filepath.Join(absolute, domainFolder)} {
		if err := os.MkdirAll(folder, privatefile.FolderMode); err != nil {
			return nil, fmt.Errorf("portals: %w", err)
		}
	}
	return &DirStore{path: absolute, passed: func(string) {}}, nil
}

// nameOf returns the name of a portal in file names. Capital letters are marked: some file systems take them for the
// same as small ones.
func nameOf(memberID string) string {
	var name strings.Builder
	for _, c := range memberID {
		if 'A' <= c && c <= 'Z' {
			name.WriteByte('+')
			c += 'a' - 'A'
		}
		name.WriteRune(c)
	}
	return name.String()
}

// memberOf returns the member id that nameOf has made a name of, or "".
func memberOf(name string) string {
	var id strings.Builder
	for i := 0; i < len(name); i++ {
		c := name[i]
		if c == '+' && i+1 < len(name) {
			i++
			c = name[i] - ('a' - 'A')
		}
		id.WriteByte(c)
	}
	if CheckMemberID(id.String()) != nil || nameOf(id.String()) != name {
		return ""
	}
	return id.String()
}

// file returns the file of a portal.
func (s *DirStore) file(memberID string) string {
	return filepath.Join(s.path, filePrefix+nameOf(memberID)+fileSuffix)
}

// domain returns the folder of a domain.
func (s *DirStore) domain(host string) string {
	sum := sha256.Sum256([]byte(host))
	return filepath.Join(s.path, domainFolder, hex.EncodeToString(sum[:16]))
}

// Load implements [Store].
//
// The error matches [ErrDamaged] where the file holds something else than an installation, and is an
// [*oauth.ExposedFileError] where others can get at it. Any other but [ErrNotInstalled] is the system's.
func (s *DirStore) Load(ctx context.Context, memberID string) (Installation, error) {
	if err := check(ctx, memberID); err != nil {
		return Installation{}, err
	}
	current, err := s.read(memberID)
	if err == nil && !current.IsInstalled() {
		err = ErrNotInstalled
	}
	if err != nil {
		return Installation{}, err
	}
	return current, nil
}

// read returns what is kept of a portal; the zero Installation for nothing.
func (s *DirStore) read(memberID string) (Installation, error) {
	path := s.file(memberID)
	file, err := privatefile.Open(path, os.O_RDONLY)
	if errors.Is(err, fs.ErrNotExist) {
		return Installation{}, nil
	}
	if err != nil {
		return Installation{}, fmt.Errorf("portals: %w", err)
	}
	defer func() { _ = file.Close() }() // nothing was written
	info, err := file.Stat()
	if err != nil {
		return Installation{}, fmt.Errorf("portals: %w", err)
	}
	if privatefile.IsExposed(info) {
		return Installation{}, &oauth.ExposedFileError{Path: path, Mode: info.Mode().Perm()}
	}
	data, err := io.ReadAll(io.LimitReader(file, maxFile))
	if err != nil {
		return Installation{}, fmt.Errorf("portals: %w", err)
	}
	var read Installation
	if json.Unmarshal(data, &read) != nil || read.MemberID != memberID { // the error could quote what was read
		return Installation{}, fmt.Errorf("%w: %s", ErrDamaged, path)
	}
	return read, nil
}

// List implements [Store]. It reads all files, and leaves out those that cannot be read.
func (s *DirStore) List(ctx context.Context) iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		for name, err := range names(s.path) {
			if err = errors.Join(err, ctx.Err()); err != nil {
				yield("", err)
				return
			}
			inner, isFile := strings.CutPrefix(name, filePrefix)
			inner, isFirst := strings.CutSuffix(inner, fileSuffix)
			id := memberOf(inner)
			if !isFile || !isFirst || id == "" {
				continue
			}
			if _, err := s.Load(ctx, id); err == nil && !yield(id, nil) {
				return
			}
		}
	}
}

// Find implements [Store]. It reads the files of the portals that are or were at the domain, and ends at one that
// cannot be read.
func (s *DirStore) Find(ctx context.Context, domain string) iter.Seq2[Installation, error] {
	return func(yield func(Installation, error) bool) {
		host := NormalDomain(domain)
		if host == "" {
			return
		}
		for name, err := range names(s.domain(host)) {
			if errors.Is(err, fs.ErrNotExist) {
				return
			}
			id := memberOf(name)
			if err == nil && id == "" {
				continue
			}
			var found Installation
			if err == nil {
				found, err = s.Load(ctx, id)
			}
			switch {
			case errors.Is(err, ErrNotInstalled), err == nil && found.Domain() != host:
				continue
			case err != nil:
				yield(Installation{}, err)
				return
			case !yield(found, nil):
				return
			}
		}
	}
}

// names yields the names in a folder, some at a time.
func names(path string) iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		folder, err := os.Open(path)
		if err != nil {
			yield("", err)
			return
		}
		defer func() { _ = folder.Close() }()
		for {
			some, err := folder.Readdirnames(256)
			for _, name := range some {
				if !yield(name, nil) {
					return
				}
			}
			if errors.Is(err, io.EOF) {
				return
			}
			if err != nil {
				yield("", err)
				return
			}
		}
	}
}

package imbotv2

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/seed-a6e4e5a4/imbot"
)

// OffsetKey says whose events an [Offset] is about.
type OffsetKey struct {
	Portal string      // the host of the portal, as [imbot.Client.Portal] has it
	BotID  imbot.BotID // the bot
}

// Offset is how far the events of a bot are done. The zero value is that nothing is known.
type Offset struct {
	EventID   EventID   `json:"event_id"`   // the last event that is done, with all before it
	Date      time.Time `json:"date"`       // when that happened, which shows whether the portal has begun to number its events anew
	FetchedAt time.Time `json:"fetched_at"` // when the portal was last asked, by the clock of the program
}

// OffsetStore keeps offsets over restarts of the program: what is done is not handed out again. It is never sent to the
// portal, so that no event is lost where an offset is lost or old. Events are lost where it is ahead, such as that of
// another bot: those with lower numbers that are no later than its date count as done. It has to be safe for concurrent
// use.
type OffsetStore interface {
	// Load returns what was saved last, and a zero Offset where nothing was.
	Load(ctx context.Context, key OffsetKey) (Offset, error)
	// Save replaces what was saved.
	Save(ctx context.Context, key OffsetKey, offset Offset) error
}

// MemoryOffsets keeps offsets for as long as the program runs. The zero value is empty.
type MemoryOffsets struct {
	mu    sync.Mutex
	known map[OffsetKey]Offset
}

// NewMemoryOffsets returns an empty store.
func NewMemoryOffsets() *MemoryOffsets { return new(MemoryOffsets) }

// Load returns what was saved last.
func (s *MemoryOffsets) Load(_ context.Context, key OffsetKey) (Offset, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.known[key], nil
}

// Save replaces what was saved.
func (s *MemoryOffsets) Save(_ context.Context, key OffsetKey, offset Offset) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.known == nil {
		s.known = make(map[OffsetKey]Offset)
	}
	s.known[key] = offset
	return nil
}

// FileOffsets keeps offsets in a folder, one file for each bot.
type FileOffsets struct{ folder string }

var errNoFolder = &imbot.ParamError{Param: "folder", Err: errors.New("is empty")}

// NewFileOffsets returns the store in a folder, which is made when the first offset is saved. Where the folder is an empty
// name, Load and Save fail with a [*imbot.ParamError].
func NewFileOffsets(folder string) *FileOffsets { return &FileOffsets{folder} }

// Load returns what was saved last. A file that does not hold an offset is an error once, and is renamed to *.broken:
// no event is lost by that, but some come again.
func (s *FileOffsets) Load(_ context.Context, key OffsetKey) (Offset, error) {
	if s.folder == "" {
		return Offset{}, errNoFolder
	}
	path := s.path(key)
	data, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return Offset{}, nil
	}
	var offset Offset
	if err == nil {
		if err = json.Unmarshal(data, &offset); err != nil {
			err = errors.Join(err, os.Rename(path, path+".broken"))
		}
	}
	if err != nil {
		return Offset{}, fmt.Errorf("imbotv2: reading the offset of the events of bot %d: %w", key.BotID, err)
	}
	return offset, nil
}

// Save replaces what was saved, in one step: whoever reads meanwhile sees the one or the other.
func (s *FileOffsets) Save(_ context.Context, key OffsetKey, offset Offset) error {
	if err := s.replace(s.path(key), offset); err != nil {
		return fmt.Errorf("imbotv2: saving the offset of the events of bot %d: %w", key.BotID, err)
	}
	return nil
}

func (s *FileOffsets) replace(path string, offset Offset) error {
	if s.folder == "" {
		return errNoFolder
	}
	data, err := json.Marshal(offset)
	if err != nil {
		return err
	}
	const ownerOnly = 0o700
	if err := os.MkdirAll(s.folder, ownerOnly); err != nil {
		return err
	}
	file, err := os.CreateTemp(s.folder, "*.tmp") // which only the owner may read
	if err != nil {
		return err
	}
	_, err = file.Write(append(data, '\n'))
	if err = errors.Join(err, file.Sync(), file.Close()); err == nil {
		err = os.Rename(file.Name(), path)
	}
	if err != nil {
		return errors.Join(err, os.Remove(file.Name()))
	}
	return nil
}

// path is the file of a bot. Hosts have no character that a file cannot have, but for the colon before a port.
func (s *FileOffsets) path(key OffsetKey) string {
	host := strings.Map(func(r rune) rune {
		if strings.ContainsRune(`:/\`, r) {
			return '_'
		}
		return r
	}, key.Portal)
	return filepath.Join(s.folder, fmt.Sprintf("%s_%d.json", host, key.BotID))
}

package sqlstore

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/seed-a6e4e5a4/imbot/imbotv2"
)

// Offsets is an [imbotv2.OffsetStore] in the database, for any number of bots: whichever replica fetches the events of
// one goes on where the last has ended. Make one with [NewOffsets]; the zero Offsets is of no use. It is safe for
// concurrent use.
type Offsets struct {
	db   *sql.DB
	name string
}

var _ imbotv2.OffsetStore = (*Offsets)(nil)

// NewOffsets returns the store. Nothing is read or written yet.
func NewOffsets(db *sql.DB, opts ...Option) *Offsets {
	return &Offsets{db, configOf(opts).table("imbot_offsets")}
}

// Load returns what was saved last. What is no offset is an error, until the row is deleted or another is saved.
func (s *Offsets) Load(ctx context.Context, key imbotv2.OffsetKey) (imbotv2.Offset, error) {
	var data string
	err := s.db.QueryRowContext(ctx, "SELECT data FROM "+s.name+" WHERE portal = $1 AND bot_id = $2", key.Portal, int64(key.BotID)).Scan(&data)
	if errors.Is(err, sql.ErrNoRows) {
		return imbotv2.Offset{}, nil
	}
	if err != nil {
		return imbotv2.Offset{}, failed(ctx, fmt.Sprintf("loading the offset of the events of bot %d", key.BotID), err)
	}
	var offset imbotv2.Offset
	if err := json.Unmarshal([]byte(data), &offset); err != nil {
		return imbotv2.Offset{}, fmt.Errorf("sqlstore: %s, bot %d: this is not an offset: %w", s.name, key.BotID, err)
	}
	return offset, nil
}

// Save replaces what was saved.
func (s *Offsets) Save(ctx context.Context, key imbotv2.OffsetKey, offset imbotv2.Offset) error {
	data, err := json.Marshal(offset)
	if err != nil {
		return fmt.Errorf("sqlstore: the offset of bot %d cannot be written as JSON: %w", key.BotID, err)
	}
	insert := "INSERT INTO " + s.name + " (portal, bot_id, data) VALUES ($1, $2, $3) " + //nolint:gosec // the name is an identifier
		"ON CONFLICT (portal, bot_id) DO UPDATE SET data = excluded.data, updated_at = now()"
	_, err = s.db.ExecContext(ctx, insert, key.Portal, int64(key.BotID), string(data))
	return failed(ctx, fmt.Sprintf("saving the offset of the events of bot %d", key.BotID), err)
}

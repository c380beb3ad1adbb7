package imbotv2_test

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-a6e4e5a4/imbot/imbotv2"
)

func TestFileOffsets(t *testing.T) {
	t.Parallel()
	folder := filepath.Join(t.TempDir(), "offsets", "of bots")
	first, second := imbotv2.OffsetKey{Portal: "portal.example:8443", BotID: 39}, imbotv2.OffsetKey{Portal: "portal.example:8443", BotID: 41}
	want := imbotv2.Offset{EventID: 417, Date: time.Date(2026, 11, 28, 10, 0, 0, 0, time.UTC), FetchedAt: time.Date(2026, 11, 28, 10, 0, 5, 0, time.UTC)}

	got, err := imbotv2.NewFileOffsets(folder).Load(t.Context(), first)
	require.NoError(t, err)
	assert.Zero(t, got)
	require.NoError(t, imbotv2.NewFileOffsets(folder).Save(t.Context(), first, imbotv2.Offset{EventID: 1}))
	require.NoError(t, imbotv2.NewFileOffsets(folder).Save(t.Context(), first, want))
	got, err = imbotv2.NewFileOffsets(folder).Load(t.Context(), first)
	require.NoError(t, err)
	assert.Equal(t, want, got)
	got, err = imbotv2.NewFileOffsets(folder).Load(t.Context(), second)
	require.NoError(t, err)
	assert.Zero(t, got)

	files, err := os.ReadDir(folder)
	require.NoError(t, err)
	require.Len(t, files, 1, "nothing else is left")
	info, err := files[0].Info()
	require.NoError(t, err)
	assert.Zero(t, info.Mode().Perm()&0o077, "others may not read it")
}

// A file that cannot be read is reported once, and does not stop the bot for ever.
func TestFileOffsets_broken(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	store := imbotv2.NewFileOffsets(folder)
	require.NoError(t, os.WriteFile(filepath.Join(folder, "portal.example_39.json"), []byte(`{"event_id":41`), 0o600))

	_, err := store.Load(t.Context(), key)
	require.ErrorContains(t, err, "bot 39")
	got, err := store.Load(t.Context(), key)
	require.NoError(t, err)
	assert.Zero(t, got)
	kept, err := os.ReadFile(filepath.Join(folder, "portal.example_39.json.broken"))
	require.NoError(t, err)
	assert.JSONEq(t, `{"event_id":41}`, string(kept)+"}")
}

func TestFileOffsets_cannotSave(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "file")
	require.NoError(t, os.WriteFile(file, nil, 0o600))
	require.ErrorContains(t, imbotv2.NewFileOffsets(file).Save(t.Context(), key, imbotv2.Offset{}), "bot 39")
	_, err := imbotv2.NewFileOffsets(file).Load(t.Context(), key)
	require.ErrorContains(t, err, "bot 39")
}

package imbotv2_test

import (
	"context"
	"fmt"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-a6e4e5a4/imbot/imbotv2"
)

// Where one function of a dialog returns after the end of ctx, that for its next event is not called, though there is
// room for it.
func TestMux_Run_callsNothingAfterItsEnd(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var events []map[string]any
		for id := 1; id <= 30; id += 2 {
			dialog := fmt.Sprint("chat", id)
			events = append(events, in(dialog, id), in(dialog, id+1))
		}
		_, bot := botOf(t, pageOf(false, events...))
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		var late atomic.Int32
		mux := imbotv2.NewMux()
		mux.Message(func(context.Context, *imbotv2.Event) error {
			if ctx.Err() != nil {
				late.Add(1)
			}
			<-ctx.Done()
			return nil
		})
		require.NoError(t, mux.Run(ctx, bot))
		assert.Zero(t, late.Load())
	})
}

// panickingStore cannot save.
type panickingStore struct{ imbotv2.MemoryOffsets }

func (*panickingStore) Save(_ context.Context, _ imbotv2.OffsetKey, offset imbotv2.Offset) error {
	if offset.EventID > 0 {
		panic("ouch")
	}
	return nil
}

// A panic of a store reaches the caller when the functions that run have returned.
func TestMux_Run_storePanics(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		_, bot := botOf(t, pageOf(false, in("chat1", 1), in("chat2", 2)))
		returned := false
		mux := muxOf(func(ctx context.Context, event *imbotv2.Event) error {
			if event.EventID == 1 {
				time.Sleep(time.Second) // fake clock
				return nil
			}
			<-ctx.Done()
			returned = true
			return nil
		})
		assert.PanicsWithValue(t, "ouch", func() { _ = mux.Run(t.Context(), bot, imbotv2.WithOffsets(new(panickingStore))) })
		assert.True(t, returned)
	})
}

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

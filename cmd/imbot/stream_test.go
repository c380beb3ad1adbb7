package main

import (
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/seed-a6e4e5a4/imbot/imbottest"
)

// full is a stream that takes nothing.
type full struct{ why error }

// Write implements io.Writer.
func (f full) Write([]byte) (int, error) { return 0, f.why }

// TestOutput_lost holds that a command whose output is lost does not pass for one that went well, unless its reader
// wants no more.
func TestOutput_lost(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		why  error
		code int
		says string
	}{
		{errors.New("no space left"), exitFailed, "imbot leave: it was done, and what came of it could not be printed: no space left\n"},
		{io.ErrClosedPipe, exitDone, ""},
	} {
		for _, more := range []string{"", "--json"} {
			portal := imbottest.NewPortal(t)
			env := asMain(portal)
			var errs strings.Builder
			code := run(t.Context(), strings.Fields("leave 13 "+more), func(name string) string { return env[name] }, nil, streams{strings.NewReader(""), full{tt.why}, &errs})
			assert.Equal(t, tt.code, code)
			assert.Equal(t, tt.says, errs.String())
			assert.False(t, portal.Has(imbottest.ChatGroup, imbottest.BotMain))
		}
	}
	var errs strings.Builder
	code := run(t.Context(), []string{"leave", "--help"}, func(string) string { return "" }, nil, streams{strings.NewReader(""), full{io.ErrClosedPipe}, &errs})
	assert.Equal(t, exitDone, code)
	assert.Empty(t, errs.String())
}

// TestEvents_lost holds that no event is deleted that nobody has seen, and that nothing is fetched for nobody.
func TestEvents_lost(t *testing.T) {
	t.Parallel()
	for _, args := range []string{"events --confirm --once", "events --confirm --timeout 100ms", "events --timeout 100ms"} {
		for _, why := range []error{errors.New("no space left"), io.ErrClosedPipe} {
			portal, env := fetching(t)
			var errs strings.Builder
			run(t.Context(), strings.Fields(args), func(name string) string { return env[name] }, nil, streams{strings.NewReader(""), full{why}, &errs})
			assert.Equal(t, []int{0}, offsets(t, portal), args)
		}
	}
}

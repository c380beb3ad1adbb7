package acceptance_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net/http"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/internal/clienttest"
)

// A file that cannot be read fails the call: before anything is sent, or in the middle of a request that the portal has
// the beginning of.
func TestFileContent_thatCannotBeRead(t *testing.T) {
	t.Parallel()
	const size = 100_000
	failing := func(from int64, err error) readerAt {
		return func(p []byte, off int64) (int, error) {
			if off+int64(len(p)) > from && off < size-1 || from == 0 {
				return 0, err
			}
			return len(p), nil
		}
	}
	for name, tt := range map[string]struct {
		file    imbot.FileContent
		matches error
		unknown bool
	}{
		"at once":            {imbot.NewFileContent(failing(0, fs.ErrClosed), size), fs.ErrClosed, false},
		"in the middle":      {imbot.NewFileContent(failing(50_000, fs.ErrClosed), size), fs.ErrClosed, true},
		"shorter":            {imbot.NewFileContent(strings.NewReader("file"), 5), io.ErrUnexpectedEOF, false},
		"becoming shorter":   {imbot.NewFileContent(failing(50_000, io.EOF), size), io.ErrUnexpectedEOF, true},
		"of another call":    {imbot.NewFileContent(failing(0, imbot.ErrOutcomeUnknown), size), nil, false},
		"a timeout":          {imbot.NewFileContent(failing(0, http.ErrHandlerTimeout), size), http.ErrHandlerTimeout, false},
		"without a reader":   {imbot.NewFileContent(nil, 5), nil, false},
		"of a negative size": {imbot.NewFileContent(strings.NewReader("file"), -1), nil, false},
		"of an absurd size":  {imbot.NewFileContent(failing(1<<62, nil), 1<<62), nil, false},
	} {
		for kind, opts := range map[string][]imbot.Option{"": nil, ", with middleware": {imbot.WithMiddleware(wrapping)}} {
			t.Run(name+kind, func(t *testing.T) {
				t.Parallel()
				sent := &sentBodies{next: clienttest.Done}
				var logged bytes.Buffer
				var attempts []imbot.Attempt
				client := clienttest.New(t, imbot.Webhook(clienttest.WebhookURL), append(opts, clienttest.Over(sent),
					imbot.WithLogger(slog.New(slog.NewTextHandler(&logged, &slog.HandlerOptions{Level: slog.LevelDebug}))),
					imbot.WithObserver(func(_ context.Context, a imbot.Attempt) { attempts = append(attempts, a) }))...)

				_, err := imbot.Call(t.Context(), client, sendingFiles, files{File: tt.file})

				require.Error(t, err)
				if tt.matches != nil {
					require.ErrorIs(t, err, tt.matches)
				}
				assert.Equal(t, tt.unknown, errors.Is(err, imbot.ErrOutcomeUnknown), err)
				assert.Empty(t, sent.bodies)
				assert.NotContains(t, fmt.Sprintf("%+v %s %+v", err, logged.String(), attempts), "AAAA")
				_, err = json.Marshal(files{File: tt.file})
				require.Error(t, err)
			})
		}
	}
}

// A panic or Goexit of a file ends the goroutine of the call, on whichever it was read.
func TestFileContent_thatDoesNotReturn(t *testing.T) {
	t.Parallel()
	acts := map[string]func(){"panic": func() { panic("of the caller") }, "Goexit": runtime.Goexit}
	for how, act := range acts {
		for _, at := range []int64{0, 60_000, 99_999} {
			for kind, opts := range map[string][]imbot.Option{"": nil, ", with middleware": {imbot.WithMiddleware(wrapping)}} {
				t.Run(fmt.Sprintf("%s at %d%s", how, at, kind), func(t *testing.T) {
					t.Parallel()
					// As net/http does, it reads bodies on another goroutine than the caller's.
					reading := clienttest.RoundTrip(func(req *http.Request) (*http.Response, error) {
						failed := make(chan error, 1)
						go func() {
							_, err := io.Copy(io.Discard, req.Body)
							failed <- err
						}()
						select {
						case err := <-failed:
							return nil, err
						case <-req.Context().Done():
							return nil, req.Context().Err()
						}
					})
					client := clienttest.New(t, imbot.Webhook(clienttest.WebhookURL), append(opts, clienttest.Over(reading))...)
					file := readerAt(func(p []byte, off int64) (int, error) {
						if off <= at && at < off+int64(len(p)) {
							act()
						}
						return len(p), nil
					})
					ended := make(chan any)
					go func() {
						var reason any = "Goexit"
						defer func() {
							if value := recover(); value != nil {
								reason = fmt.Sprint("panic: ", value)
							}
							ended <- reason
						}()
						_, _ = imbot.Call(t.Context(), client, sendingFiles, files{File: imbot.NewFileContent(file, 100_000)})
						reason = "return"
					}()
					got := fmt.Sprint(<-ended)
					assert.True(t, strings.HasPrefix(got, how), got)
				})
			}
		}
	}
}

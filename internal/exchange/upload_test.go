package exchange_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	"net"
	"net/http"
	"os"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-a6e4e5a4/imbot/internal/exchange"
	"github.com/seed-a6e4e5a4/imbot/internal/onerequest"
	"github.com/seed-a6e4e5a4/imbot/internal/outcome"
	"github.com/seed-a6e4e5a4/imbot/internal/payload"
)

type readerAt func(p []byte, off int64) (int, error)

func (f readerAt) ReadAt(p []byte, off int64) (int, error) { return f(p, off) }

// fileSize is more than connections and servers hold back of a body.
const fileSize = 3 << 17

// uploading returns a request by a token with a file of zeros, which calls read for each piece of it.
func uploading(scheme string, read func(off int64) error) exchange.Request {
	r := byToken(scheme)
	file := readerAt(func(p []byte, off int64) (int, error) {
		if err := read(off); err != nil {
			return 0, err
		}
		clear(p)
		return len(p), nil
	})
	r.Body = payload.Body{Text: []byte(`{"file":"","TITLE":"x"}`), Parts: []payload.Part{payload.File(len(`{"file":"`), file, fileSize)}}
	return r
}

func always(int64) error { return nil }

var uploaded = `{"file":"` + strings.Repeat("A", fileSize/3*4) + `","TITLE":"x","auth":"EXAMPLE_TOKEN"}`

// assertUploaded compares a body with the one that was to come, and prints neither.
func assertUploaded(t *testing.T, body string) {
	t.Helper()
	if body != uploaded {
		t.Errorf("another body came, of %d bytes", len(body))
	}
}

// counting is middleware that reads bodies while they are sent.
func counting(next http.RoundTripper) http.RoundTripper {
	return roundTrip(func(req *http.Request) (*http.Response, error) {
		req = req.Clone(req.Context())
		req.Body = struct {
			io.Reader
			io.Closer
		}{io.TeeReader(req.Body, io.Discard), req.Body}
		return next.RoundTrip(req)
	})
}

// overEach runs a test over each protocol, without and with middleware.
func overEach(t *testing.T, test func(t *testing.T, protocol, scheme string, middleware []exchange.Middleware)) {
	t.Helper()
	for protocol, scheme := range map[string]string{"http": "http", "https": "https", "h2": "https"} {
		for kind, middleware := range map[string][]exchange.Middleware{"": nil, ", with middleware": {counting}} {
			t.Run(protocol+kind, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					test(t, protocol, scheme, middleware)
					time.Sleep(2 * time.Hour) // fake clock: for the server
				})
			})
		}
	}
}

// The time of a request is counted from the last piece that was sent. One that gets on is not cut, however long it takes.
func TestUpload_slow(t *testing.T) {
	t.Parallel()
	overEach(t, func(t *testing.T, protocol, scheme string, middleware []exchange.Middleware) {
		n := newNetwork(t, protocol, func(_ http.ResponseWriter, req *http.Request) {
			assert.Equal(t, int64(len(uploaded)), req.ContentLength)
			assert.Empty(t, req.TransferEncoding)
			var got bytes.Buffer
			for {
				time.Sleep(10 * time.Second) // fake clock
				if _, err := io.CopyN(&got, req.Body, 20_000); err != nil {
					assert.Equal(t, io.EOF, err)
					break
				}
			}
			assertUploaded(t, got.String())
		})
		start := time.Now()
		_, failure := newDoer(t, onerequest.New(n.transport), middleware...).Do(t.Context(), uploading(scheme, always))
		require.Nil(t, failure)
		assert.Greater(t, time.Since(start), 3*time.Minute)
	})
}

// A ping waits behind what is being sent, and in a slow network for longer than it is waited for. Files go over
// connections without pings, and hold up nothing else.
func TestUpload_hasNoPings(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		n := newNetwork(t, "h2", func(_ http.ResponseWriter, req *http.Request) { _, _ = io.Copy(io.Discard, req.Body) })
		doer := newDoer(t, exchange.Tuned(n.transport))
		var last time.Time
		file := uploading("https", func(int64) error { last = time.Now(); return nil })
		for range 2 {
			_, failure := doer.Do(t.Context(), webhook("https"))
			require.Nil(t, failure)
			_, failure = doer.Do(t.Context(), file)
			require.Nil(t, failure)
		}
		assert.Equal(t, 2, n.dials())
		n.breakAll(swallowing)
		_, failure := doer.Do(t.Context(), file)
		require.NotNil(t, failure)
		assert.Equal(t, 65*time.Second, time.Since(last))
	})
}

// One that does not get on is found out, in the middle of a body and after it, and so is one whose context ends.
func TestUpload_stalled(t *testing.T) {
	t.Parallel()
	for name, read := range map[string]int64{"in the middle": fileSize / 2, "at the end": 2 * fileSize} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			overEach(t, func(t *testing.T, protocol, scheme string, middleware []exchange.Middleware) {
				silent := true
				n := newNetwork(t, protocol, func(_ http.ResponseWriter, req *http.Request) {
					if silent {
						_, _ = io.CopyN(io.Discard, req.Body, read)
						time.Sleep(time.Hour) // fake clock
					}
					_, _ = io.Copy(io.Discard, req.Body)
				})
				doer := newDoer(t, onerequest.New(n.transport), middleware...)
				var last time.Time
				file := uploading(scheme, func(int64) error { last = time.Now(); return nil })
				_, failure := doer.Do(t.Context(), file)
				require.NotNil(t, failure)
				require.ErrorIs(t, failure.Err, context.DeadlineExceeded)
				require.NotErrorIs(t, failure.Err, context.Canceled)
				var timeout net.Error
				require.ErrorAs(t, failure.Err, &timeout)
				assert.True(t, timeout.Timeout())
				assert.Equal(t, outcome.Unknown, failure.Outcome)
				assert.Equal(t, 65*time.Second, time.Since(last))

				ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
				defer cancel()
				_, failure = doer.Do(ctx, file)
				require.NotNil(t, failure)
				require.ErrorIs(t, failure.Err, context.DeadlineExceeded)
				assert.Equal(t, 5*time.Second, time.Since(last).Round(time.Second))

				ctx, stop := context.WithCancel(t.Context())
				time.AfterFunc(5*time.Second, stop)
				_, failure = doer.Do(ctx, file)
				require.NotNil(t, failure)
				require.ErrorIs(t, failure.Err, context.Canceled)
				assert.Equal(t, outcome.Unknown, failure.Outcome)

				dials := n.dials()
				assert.Equal(t, 3, dials, "the connection that did not answer is given up")
				silent = false
				_, failure = doer.Do(t.Context(), file)
				require.Nil(t, failure)
			})
		})
	}
}

// A file that cannot be read leaves the server with half a request.
func TestUpload_unreadable(t *testing.T) {
	t.Parallel()
	broken := &net.OpError{Op: "dial", Err: os.ErrDeadlineExceeded} // as of a file in a network
	overEach(t, func(t *testing.T, protocol, scheme string, middleware []exchange.Middleware) {
		var whole atomic.Int32
		n := newNetwork(t, protocol, func(_ http.ResponseWriter, req *http.Request) {
			if _, err := io.Copy(io.Discard, req.Body); err == nil {
				whole.Add(1)
			}
		})
		doer := newDoer(t, onerequest.New(n.transport), middleware...)
		for off, want := range map[int64]outcome.Outcome{fileSize - 1: outcome.NotExecuted, 0: outcome.Unknown, 24 << 10: outcome.Unknown} {
			_, failure := doer.Do(t.Context(), uploading(scheme, func(at int64) error {
				if at == off {
					return broken
				}
				return nil
			}))
			require.NotNil(t, failure)
			require.ErrorIs(t, failure.Err, os.ErrDeadlineExceeded)
			assert.Equal(t, want, failure.Outcome)
			assert.False(t, failure.Dial || failure.Unprocessed)
		}
		_, failure := doer.Do(t.Context(), uploading(scheme, always))
		require.Nil(t, failure)
		synctest.Wait()
		assert.EqualValues(t, 1, whole.Load())
		if protocol == "h2" {
			assert.Equal(t, 1, n.dials(), "it is not the connection that was late")
		}
	})
}

// A kept connection that was closed is not an attempt for a file either.
func TestUpload_closedConnection(t *testing.T) {
	t.Parallel()
	overEach(t, func(t *testing.T, protocol, scheme string, middleware []exchange.Middleware) {
		if protocol == "h2" {
			return // where it is not known that nothing was written
		}
		var bodies []string
		n := newNetwork(t, protocol, func(_ http.ResponseWriter, req *http.Request) {
			body, err := io.ReadAll(req.Body)
			assert.NoError(t, err)
			bodies = append(bodies, string(body))
		})
		doer := newDoer(t, onerequest.New(n.transport), middleware...)
		for range 3 {
			_, failure := doer.Do(t.Context(), uploading(scheme, always))
			require.Nil(t, failure)
			n.breakAll(closed)
		}
		assert.Equal(t, 3, n.dials())
		require.Len(t, bodies, 3)
		for _, body := range bodies {
			assertUploaded(t, body)
		}
	})
}

// An answer may come before the body was read. It is the answer, and when the exchange is over nobody reads the file.
func TestUpload_earlyAnswer(t *testing.T) {
	t.Parallel()
	overEach(t, func(t *testing.T, protocol, scheme string, middleware []exchange.Middleware) {
		n := newNetwork(t, protocol, func(w http.ResponseWriter, req *http.Request) {
			_, _ = io.CopyN(io.Discard, req.Body, fileSize/2)
			w.WriteHeader(http.StatusRequestEntityTooLarge)
			_ = http.NewResponseController(w).Flush()
			time.Sleep(time.Second) // fake clock
		})
		doer := newDoer(t, onerequest.New(n.transport), middleware...)
		var over atomic.Bool
		answer, failure := doer.Do(t.Context(), uploading(scheme, func(int64) error {
			assert.False(t, over.Load(), "it is read after the end")
			return nil
		}))
		over.Store(true)
		require.Nil(t, failure)
		assert.Equal(t, http.StatusRequestEntityTooLarge, answer.Status)
	})
}

// A transport may keep a body for longer than it should. The file is not read any more.
func TestUpload_readAfterTheEnd(t *testing.T) {
	t.Parallel()
	var kept io.Reader
	over := false
	transport := roundTrip(func(req *http.Request) (*http.Response, error) {
		kept = req.Body
		_, err := io.CopyN(io.Discard, kept, fileSize/2)
		return &http.Response{StatusCode: http.StatusOK, Body: http.NoBody}, err
	})
	_, failure := newDoer(t, onerequest.New(transport)).Do(t.Context(), uploading("https", func(int64) error {
		assert.False(t, over)
		return nil
	}))
	require.Nil(t, failure)
	over = true
	_, err := io.Copy(io.Discard, kept)
	require.Error(t, err)
}

// Middleware that has read a body, or changed it into what no token can be put into, sends half a request at the most.
func TestUpload_changedByMiddleware(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		change func(*http.Request)
		want   outcome.Outcome
	}{
		"read":           {func(req *http.Request) { _, _ = io.Copy(io.Discard, req.Body) }, outcome.NotExecuted},
		"without length": {func(req *http.Request) { req.ContentLength = -1 }, outcome.NotExecuted},
		"unreadable": {func(req *http.Request) {
			req.Body = io.NopCloser(readerOf(func([]byte) (int, error) { return 0, fs.ErrClosed }))
		}, outcome.NotExecuted},
		"half read":      {func(req *http.Request) { _, _ = io.CopyN(io.Discard, req.Body, fileSize) }, outcome.Unknown},
		"shorter length": {func(req *http.Request) { req.ContentLength-- }, outcome.Unknown},
		"longer length":  {func(req *http.Request) { req.ContentLength++ }, outcome.Unknown},
		"another":        {func(req *http.Request) { req.Body, req.ContentLength = io.NopCloser(strings.NewReader("text")), 4 }, outcome.Unknown},
		"another object": {func(req *http.Request) { req.Body, req.ContentLength = io.NopCloser(strings.NewReader(`{"A":1}`)), 7 }, outcome.Executed},
		"anew": {func(req *http.Request) {
			_, _ = io.Copy(io.Discard, req.Body)
			req.Body, _ = req.GetBody()
		}, outcome.Executed},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				whole := 0
				n := newNetwork(t, "http", func(_ http.ResponseWriter, req *http.Request) {
					if body, err := io.ReadAll(req.Body); err == nil {
						whole++
						assert.True(t, strings.HasSuffix(string(body), `,"auth":"EXAMPLE_TOKEN"}`))
					}
				})
				var closed atomic.Int32
				_, failure := newDoer(t, onerequest.New(n.transport), changing(tt.change), changing(func(req *http.Request) {
					req.Body = struct {
						io.Reader
						io.Closer
					}{req.Body, closer(func() { closed.Add(1) })}
				})).Do(t.Context(), uploading("http", always))
				time.Sleep(time.Minute) // fake clock: for the server
				assert.EqualValues(t, 1, closed.Load())
				if tt.want == outcome.Executed {
					require.Nil(t, failure)
					assert.Equal(t, 1, whole)
					return
				}
				require.NotNil(t, failure)
				assert.Equal(t, tt.want, failure.Outcome)
				assert.Zero(t, whole)
			})
		})
	}
}

type readerOf func(p []byte) (int, error)

func (f readerOf) Read(p []byte) (int, error) { return f(p) }

type closer func()

func (f closer) Close() error {
	f()
	return errors.New("closed")
}

// Middleware whose body panics ends the call, and not the program.
func TestUpload_panicOfMiddleware(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		n := newNetwork(t, "http", func(_ http.ResponseWriter, req *http.Request) { _, _ = io.Copy(io.Discard, req.Body) })
		doer := newDoer(t, onerequest.New(n.transport), changing(func(req *http.Request) {
			first := req.Body
			req.Body = io.NopCloser(io.MultiReader(io.LimitReader(first, 100), readerOf(func([]byte) (int, error) { panic(fs.ErrClosed) })))
		}))
		defer func() {
			time.Sleep(time.Minute) // fake clock: for the server
			err, _ := recover().(error)
			require.ErrorIs(t, err, fs.ErrClosed)
		}()
		_, _ = doer.Do(t.Context(), uploading("http", always))
		t.Error("it returned")
	})
}

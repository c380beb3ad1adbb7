package exchange

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"runtime"
	"runtime/debug"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/seed-a6e4e5a4/imbot/internal/payload"
)

// upload follows a body with files, which the transport reads on a goroutine of its own: the exchange ends when nothing
// was read for too long, and nothing is read when it has ended.
type upload struct {
	cancel  context.CancelCauseFunc
	timeout time.Duration
	timer   *time.Timer
	crashed atomic.Pointer[crash] // the first one

	mu      sync.RWMutex // held while a file is read
	ended   bool
	closers []io.Closer // what is left to be closed
}

var (
	errEnded   = errors.New("the request has ended")
	errCrashed = errors.New("reading the request panicked")
)

func newUpload(cancel context.CancelCauseFunc, timeout time.Duration) *upload {
	return &upload{
		cancel:  cancel,
		timeout: timeout,
		timer:   time.AfterFunc(timeout, func() { cancel(context.DeadlineExceeded) }),
	}
}

// end waits until nothing is read any more.
func (u *upload) end() {
	u.cancel(errEnded)
	u.mu.Lock()
	defer u.mu.Unlock()
	u.ended = true
	u.timer.Stop()
	for _, body := range u.closers {
		_ = body.Close() // there is nothing left to learn
	}
}

// watched returns a body whose parts are watched while they are read.
func (u *upload) watched(body payload.Body) payload.Body {
	body.Parts = slices.Clone(body.Parts)
	for i, part := range body.Parts {
		body.Parts[i].Open = func() (io.Reader, error) {
			opened, err := part.Open()
			return &watchedReader{opened, u}, err
		}
	}
	return body
}

// watchedReader is an open file.
type watchedReader struct {
	io.Reader
	u *upload
}

// Read reads the file.
func (r *watchedReader) Read(p []byte) (int, error) {
	r.u.mu.RLock()
	defer r.u.mu.RUnlock()
	if r.u.ended {
		return 0, errEnded
	}
	n, err := r.u.read(r.Reader, p)
	r.u.timer.Reset(r.u.timeout)
	return n, err
}

// read reads from what a caller gave, whose panic would end the program on the goroutine of a transport.
func (u *upload) read(from io.Reader, p []byte) (n int, err error) {
	returned := false
	defer func() {
		if !returned {
			u.crashed.CompareAndSwap(nil, &crash{value: recover(), stack: debug.Stack()})
			u.cancel(errCrashed)
			n, err = 0, errCrashed
		}
	}()
	n, err = from.Read(p)
	returned = true
	return n, err
}

// guardedReader is what middleware gave.
type guardedReader struct {
	io.Reader
	u *upload
}

// Read reads it.
func (r *guardedReader) Read(p []byte) (int, error) { return r.u.read(r.Reader, p) }

// crash is a panic, or the end of a goroutine by runtime.Goexit, on its way to the goroutine of the call.
type crash struct {
	value any // nil for Goexit
	stack []byte
}

// goOn ends the goroutine of the call as the one that read was ended.
func (u *upload) goOn() {
	if u == nil {
		return
	}
	switch crashed := u.crashed.Load(); {
	case crashed == nil:
	case crashed.value == nil:
		runtime.Goexit()
	default:
		panic(crashed) //nolint:forbidigo // it is the panic of a function of the program itself
	}
}

// Error returns what was panicked with, and where.
func (c *crash) Error() string { return fmt.Sprintf("%v\n\n%s", c.value, c.stack) }

// Unwrap returns the value of the panic where that is an error.
func (c *crash) Unwrap() error {
	err, _ := c.value.(error)
	return err
}

// handedOn returns the body of a request that middleware handed on. It is an object, and its last byte is left out for
// the token.
func (u *upload) handedOn(req *http.Request) (payload.Body, error) {
	u.mu.Lock()
	u.closers = append(u.closers, req.Body)
	u.mu.Unlock()
	first := make([]byte, 1)
	switch _, err := io.ReadFull(req.Body, first); {
	case err == io.EOF || err == nil && req.ContentLength <= 0:
		return payload.Body{}, errBodyIsLost
	case err != nil:
		return payload.Body{}, fmt.Errorf("reading the request: %w", err)
	}
	body := &guardedReader{io.MultiReader(bytes.NewReader(first), req.Body), u}
	r := &handedOnReader{body: body, left: req.ContentLength - 1}
	return payload.Body{Text: []byte{'}'}, Parts: []payload.Part{{Length: r.left, Open: r.open}}}, nil
}

// handedOnReader is a body of middleware less its last byte. It can be opened until it is read.
type handedOnReader struct {
	body   io.Reader
	left   int64
	isRead atomic.Bool
}

func (r *handedOnReader) open() (io.Reader, error) {
	if r.isRead.Load() {
		return nil, errBodyIsLost
	}
	return r, nil
}

// Read reads the body, and checks how it ends.
func (r *handedOnReader) Read(p []byte) (int, error) {
	r.isRead.Store(true)
	if r.left == 0 {
		return 0, r.checkEnd()
	}
	n, err := r.body.Read(p[:min(int64(len(p)), r.left)])
	r.left -= int64(n)
	if err == io.EOF {
		err = errBodyIsLost
	}
	return n, err
}

// checkEnd returns io.EOF where nothing but the end of an object is left.
func (r *handedOnReader) checkEnd() error {
	var end [2]byte
	switch _, err := io.ReadFull(r.body, end[:]); {
	case err == nil || err == io.EOF:
		return errBodyIsLost // there is more, or less
	case err != io.ErrUnexpectedEOF:
		return err
	case end[0] != '}':
		return errNoObject
	default:
		return io.EOF
	}
}

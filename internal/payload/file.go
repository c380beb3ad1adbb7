package payload

import (
	"encoding/base64"
	"errors"
	"fmt"
	"io"
)

// File returns a part that is the base64 of a file, without quotes. When it is opened, the last byte of the file is
// read: one that cannot be read, or is shorter than its size, is mostly found by that.
func File(at int, content io.ReaderAt, size int64) Part {
	return Part{At: at, Length: (size + 2) / 3 * 4, Open: func() (io.Reader, error) {
		if size > 0 {
			if err := readWhole(content, make([]byte, 1), size-1); err != nil {
				return nil, err
			}
		}
		return &encoder{content: content, size: size}, nil
	}}
}

// piece is how many bytes of a file are read at once; three of them are four of its base64.
const piece = 24 << 10

// encoder reads the base64 of a file.
type encoder struct {
	content io.ReaderAt
	size    int64
	at      int64  // how much of the file was read
	raw     []byte // the last piece of it
	text    []byte // as base64
	unread  []byte // the rest of the text
}

// Read reads the base64.
func (e *encoder) Read(p []byte) (int, error) {
	if len(e.unread) == 0 {
		if err := e.next(); err != nil {
			return 0, err
		}
	}
	n := copy(p, e.unread)
	e.unread = e.unread[n:]
	return n, nil
}

// next reads the next piece of the file.
func (e *encoder) next() error {
	n := min(piece, e.size-e.at)
	if n <= 0 {
		return io.EOF
	}
	if e.raw == nil {
		e.raw = make([]byte, n)
	}
	if err := readWhole(e.content, e.raw[:n], e.at); err != nil {
		return err
	}
	e.at += n
	e.text = base64.StdEncoding.AppendEncode(e.text[:0], e.raw[:n])
	e.unread = e.text
	return nil
}

var errShort = fmt.Errorf("the file is shorter than its size: %w", io.ErrUnexpectedEOF)

// readWhole fills p with what a file has at an offset.
func readWhole(content io.ReaderAt, p []byte, at int64) error {
	n, err := content.ReadAt(p, at)
	switch {
	case n == len(p):
		return nil
	case err == nil || errors.Is(err, io.EOF):
		return errShort
	default:
		return err
	}
}

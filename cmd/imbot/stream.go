package main

import (
	"errors"
	"io"
	"sync"
	"syscall"
)

// shared is a stream that several write to. It takes everything, and remembers what went wrong.
type shared struct {
	mu  sync.Mutex
	out io.Writer
	err error // why the first text was not written
}

// Write implements io.Writer.
func (s *shared) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, err := s.out.Write(p); err != nil && s.err == nil {
		s.err = err
	}
	return len(p), nil
}

// lost tells why something that was printed did not arrive; nil if everything did.
func (s *shared) lost() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.err
}

// hasGone tells whether an error means that the reader wants no more, as head does after its lines.
func hasGone(err error) bool {
	return errors.Is(err, syscall.EPIPE) || errors.Is(err, io.ErrClosedPipe)
}

// IsTerminal tells whether somebody reads it.
func (s *shared) IsTerminal() bool { return isTerminal(s.out) }

// Columns tells how wide it is.
func (s *shared) Columns() int { return columns(s.out) }

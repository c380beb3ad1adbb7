package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"sync"
)

// stopper ends the program at an interrupt. Before the work has begun, that is at once; later, the first one waits for what
// is at the portal, and the second does not.
type stopper struct {
	stop    chan struct{}      // closed by the first
	prepare context.Context    //nolint:containedctx // of what is done before the work; it ends with the first
	cancel  context.CancelFunc // for the second
	err     io.Writer
	done    chan struct{}

	mu      sync.Mutex
	working bool
}

// watch waits for interrupts. The context that it returns ends with the second.
func watch(ctx context.Context, interrupts <-chan os.Signal, err io.Writer) (context.Context, *stopper) {
	ctx, cancel := context.WithCancel(ctx)
	prepare, prepared := context.WithCancel(ctx)
	s := &stopper{stop: make(chan struct{}), prepare: prepare, cancel: cancel, err: err, done: make(chan struct{})}
	go func() {
		defer cancel()
		for count := 1; ; count++ {
			select {
			case <-interrupts:
			case <-s.done:
				return
			}
			switch count {
			case 1:
				s.first()
				prepared()
			case 2:
				cancel()
				s.tell("Stopping at once. What is at the portal is written down as unknown.")
			}
		}
	}()
	return ctx, s
}

func (s *stopper) first() {
	s.mu.Lock()
	defer s.mu.Unlock()
	close(s.stop) // before saying so
	if s.working {
		s.tell("Stopping when what is at the portal is answered. Interrupt again to stop at once.")
	}
}

// begin tells that the work begins, and returns whether it is to.
func (s *stopper) begin() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.working = true
	return !s.asked()
}

func (s *stopper) tell(text string) { fmt.Fprintln(s.err, "\n"+text) }

// asked tells whether there was an interrupt.
func (s *stopper) asked() bool {
	select {
	case <-s.stop:
		return true
	default:
		return false
	}
}

func (s *stopper) end() { close(s.done) }

var errInterrupted = errors.New("interrupted before anything was left")

// unless waits for something that knows no context, such as a person. When ctx ends it goes without.
func unless[T any](ctx context.Context, wait func() (T, error)) (T, error) {
	type result struct {
		value T
		err   error
	}
	came := make(chan result, 1)
	go func() {
		value, err := wait()
		came <- result{value, err}
	}()
	select {
	case got := <-came:
		return got.value, got.err
	case <-ctx.Done():
		var none T
		return none, ctx.Err()
	}
}

// shared is a stream that several write to.
type shared struct {
	mu  sync.Mutex
	out io.Writer
}

// Write implements io.Writer.
func (s *shared) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.out.Write(p)
}

// IsTerminal tells whether somebody reads it.
func (s *shared) IsTerminal() bool { return isTerminal(s.out) }

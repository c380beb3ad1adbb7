package main

import (
	"context"
	"errors"
	"io"
	"os"
	"sync"
	"time"

	"github.com/seed-a6e4e5a4/imbot"
)

// stopper ends the program at an interrupt. Before the work has begun, that is at once; later, the first one waits for
// what is at the portal, and the second does not. The third waits for nothing at all, such as a terminal that takes no
// text.
type stopper struct {
	stop    chan struct{}      // closed by the first
	prepare context.Context    //nolint:containedctx // of what is done before the work; it ends with the first
	cancel  context.CancelFunc // for the second
	exit    func(code int)     // for the third
	texts   chan string        // to be printed, as many at the most as there is room for
	done    chan struct{}
	printed chan struct{} // closed when there is nothing to print any more

	mu      sync.Mutex
	working bool
}

// watch waits for interrupts. The context that it returns ends with the second.
func watch(ctx context.Context, interrupts <-chan os.Signal, err io.Writer, exit func(code int)) (context.Context, *stopper) {
	ctx, cancel := context.WithCancel(ctx)
	prepare, prepared := context.WithCancel(ctx)
	s := &stopper{
		stop: make(chan struct{}), prepare: prepare, cancel: cancel, exit: exit,
		texts: make(chan string, 2), done: make(chan struct{}), printed: make(chan struct{}),
	}
	go func() {
		defer close(s.printed)
		for text := range s.texts {
			say(err, "\n"+text)
		}
	}()
	go s.watch(interrupts, prepared)
	return ctx, s
}

func (s *stopper) watch(interrupts <-chan os.Signal, prepared context.CancelFunc) {
	defer s.cancel()
	done := s.done
	for count := 1; ; count++ {
		select {
		case <-interrupts:
		case <-done:
			close(s.texts)
			done = nil
			count = max(count, 2) // it ends already
			continue
		case <-s.printed:
			return
		}
		switch count {
		case 1:
			s.first()
			prepared()
		case 2:
			s.cancel()
			s.texts <- "Stopping at once. What is at the portal is written down as unknown."
		default:
			s.exit(exitInterrupted)
		}
	}
}

func (s *stopper) first() {
	s.mu.Lock()
	defer s.mu.Unlock()
	close(s.stop) // before saying so
	if s.working {
		s.texts <- "Stopping when what is at the portal is answered. Interrupt again to stop at once."
	}
}

// begin tells that the work begins, and returns whether it is to.
func (s *stopper) begin() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.working = true
	return !s.asked()
}

// asked tells whether there was an interrupt.
func (s *stopper) asked() bool {
	select {
	case <-s.stop:
		return true
	default:
		return false
	}
}

// end is the end of the work. It waits until everything has been printed.
func (s *stopper) end() {
	close(s.done)
	<-s.printed
}

// Why nothing was done. The texts say all that there is to say.
var (
	errNothingSent = imbot.NewError("interrupted, and nothing was sent", imbot.Advice{})
	errInterrupted = imbot.NewError("interrupted before anything was left", imbot.Advice{})
	errTimeUp      = imbot.NewError("the time was up before anything was left", imbot.Advice{})
)

// isUndone tells whether an error says that there was an interrupt, or that the time was up, before anything was done.
func isUndone(err error) bool {
	return errors.Is(err, errNothingSent) || errors.Is(err, errInterrupted) || errors.Is(err, errTimeUp)
}

// clock is the time that there is for the portal. It does not run while somebody is asked.
type clock struct {
	most time.Duration // 0: any
	used time.Duration
}

// limit bounds a part of the work.
func (c *clock) limit(ctx context.Context) (context.Context, context.CancelFunc) {
	if c.most == 0 {
		return ctx, func() {}
	}
	began := time.Now()
	ctx, cancel := context.WithTimeout(ctx, c.most-c.used)
	return ctx, func() {
		c.used += time.Since(began)
		cancel()
	}
}

// isUp tells whether the time is up that a part of the work had.
func (c *clock) isUp(ctx context.Context) bool { return errors.Is(ctx.Err(), context.DeadlineExceeded) }

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

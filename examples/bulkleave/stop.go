package main

import (
	"context"
	"fmt"
	"io"
	"os"
)

// stopper ends the work: at the first interrupt when the batches at the portal are answered, at the second at once.
type stopper struct {
	stop chan struct{} // closed by the first
	done chan struct{}
}

func watch(interrupts <-chan os.Signal, cancel context.CancelFunc, err io.Writer) *stopper {
	s := &stopper{stop: make(chan struct{}), done: make(chan struct{})}
	go func() {
		for count := 1; ; count++ {
			select {
			case <-interrupts:
			case <-s.done:
				return
			}
			switch count {
			case 1:
				close(s.stop)
				fmt.Fprintln(err, "\nStopping when what is at the portal is answered. Interrupt again to stop at once.")
			case 2:
				cancel()
				fmt.Fprintln(err, "\nStopping at once. What is at the portal is written down as unknown.")
			}
		}
	}()
	return s
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

func (s *stopper) end() { close(s.done) }

//go:build !unix

package main

import (
	"os"
	"os/signal"
	"syscall"
)

// notify has signals to end the program sent to a channel.
func notify(interrupts chan<- os.Signal) { signal.Notify(interrupts, os.Interrupt, syscall.SIGTERM) }

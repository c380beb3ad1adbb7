//go:build unix

package main

import (
	"os"
	"os/signal"
	"syscall"
)

// notify has signals to end the program sent to a channel. What reads the output may end before the program does, as
// tee does at Ctrl-C: that is no reason to die.
func notify(interrupts chan<- os.Signal) {
	signal.Ignore(syscall.SIGPIPE)
	signal.Notify(interrupts, os.Interrupt, syscall.SIGTERM)
	if !signal.Ignored(syscall.SIGHUP) { // as nohup has it
		signal.Notify(interrupts, syscall.SIGHUP)
	}
}

package imbot

import (
	"fmt"
	"runtime"
)

// carriedPanic is a panic, or the end of a goroutine by runtime.Goexit, on its way to the goroutine of the loop.
type carriedPanic struct {
	value any // nil for Goexit
	stack []byte
}

// goOn ends the goroutine that it is called on as the other was ended.
func (p *carriedPanic) goOn() {
	switch {
	case p == nil:
	case p.value == nil:
		runtime.Goexit()
	default:
		panic(p) //nolint:forbidigo // it is the panic of a function of the program itself
	}
}

// Error returns what was panicked with, and where.
func (p *carriedPanic) Error() string { return fmt.Sprintf("%v\n\n%s", p.value, p.stack) }

// Unwrap returns the value of the panic where that is an error.
func (p *carriedPanic) Unwrap() error {
	err, _ := p.value.(error)
	return err
}

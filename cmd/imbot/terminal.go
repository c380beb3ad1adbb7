package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"golang.org/x/term"
)

// ask asks whether something is meant. The error is a *usageError, or errNothingSent when ctx ends first.
func (p *process) ask(ctx context.Context, question string) error {
	if !isTerminal(p.in) {
		return usagef("there is nobody to ask whether that is meant: say so by --yes")
	}
	fmt.Fprint(p.err, question+"? [y/N] ")
	answer, err := unless(ctx, func() (string, error) {
		text, err := bufio.NewReader(p.in).ReadString('\n')
		if errors.Is(err, io.EOF) {
			err = nil // which is an answer: no
		}
		return text, err
	})
	if ctx.Err() != nil && err != nil {
		fmt.Fprintln(p.err) // the question ends here
		return errNothingSent
	}
	if err != nil {
		return err
	}
	if answer = strings.ToLower(strings.TrimSpace(answer)); answer != "y" && answer != "yes" {
		return usagef("not confirmed")
	}
	return nil
}

func isTerminal(stream any) bool {
	if known, ok := stream.(interface{ IsTerminal() bool }); ok {
		return known.IsTerminal()
	}
	file, ok := stream.(*os.File)
	return ok && term.IsTerminal(int(file.Fd()))
}

// usualColumns is how wide a terminal is that does not tell.
const usualColumns = 80

// columns tells how wide a terminal is.
func columns(stream any) int {
	if known, ok := stream.(interface{ Columns() int }); ok {
		return known.Columns()
	}
	if file, ok := stream.(*os.File); ok {
		if width, _, err := term.GetSize(int(file.Fd())); err == nil && width > 0 {
			return width
		}
	}
	return usualColumns
}

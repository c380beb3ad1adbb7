// Diagram draws the pictures of the documentation: it reads boxes and arrows from a text, and writes an SVG that can be
// read on a light page and on a dark one.
//
//	go run ./internal/diagram docs/call.txt docs/call.svg
package main

import (
	"errors"
	"fmt"
	"os"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "diagram:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	if len(args) != 2 {
		return errors.New("want the name of the text and that of the picture")
	}
	text, err := os.ReadFile(args[0])
	if err != nil {
		return err
	}
	picture, err := draw(string(text))
	if err != nil {
		return fmt.Errorf("%s:%w", args[0], err)
	}
	return os.WriteFile(args[1], picture, 0o644) //nolint:gosec // everybody may read the documentation
}

// draw makes the picture of a text. The error begins with the number of a line.
func draw(text string) ([]byte, error) {
	d, err := parse(text)
	if err != nil {
		return nil, err
	}
	if err := d.layOut(); err != nil {
		return nil, err
	}
	return d.svg(), nil
}

// Package payload has the bodies of requests: texts in memory, and files that are read while they are sent.
package payload

import (
	"bytes"
	"io"
)

// Body is the body of a request: a text and, at places in it, parts that are not in memory.
type Body struct {
	Text  []byte
	Parts []Part // in the order of their places
}

// Part is read when the request is sent.
type Part struct {
	// At is its place in the text.
	At int
	// Length is how many bytes it has.
	Length int64
	// Open returns a reader that begins anew, and returns as many bytes or an error. What Open itself finds to be
	// wrong is found before anything is sent.
	Open func() (io.Reader, error)
}

// Length is how many bytes are sent.
func (b *Body) Length() int64 {
	length := int64(len(b.Text))
	for i := range b.Parts {
		length += b.Parts[i].Length
	}
	return length
}

// Open returns a reader of the whole body, which begins anew.
func (b *Body) Open() (io.Reader, error) {
	if len(b.Parts) == 0 {
		return bytes.NewReader(b.Text), nil
	}
	readers := make([]io.Reader, 0, 2*len(b.Parts)+1)
	end := 0
	for i := range b.Parts {
		part := &b.Parts[i]
		opened, err := part.Open()
		if err != nil {
			return nil, err
		}
		readers = append(readers, bytes.NewReader(b.Text[end:part.At]), opened)
		end = part.At
	}
	return io.MultiReader(append(readers, bytes.NewReader(b.Text[end:]))...), nil
}

// Package errors exports two errors, for a test.
package errors

import "errors"

// ErrOne is an error.
var ErrOne = errors.New("one")

// TwoError is another.
type TwoError struct{ error }

// Package php has PHP's values for the fake portal: how they come out of a request, how PHP converts them, and how it
// writes them into an answer or a form. It reads no answers.
package php

import "github.com/seed-a6e4e5a4/imbot/internal/phparray"

// Array is what PHP has for lists and maps alike. Parameters come in as one and results go out as one, so that the
// oddities of PHP (an empty map is a list, a map with the keys 0..n-1 is a list) need no code elsewhere. Its values are
// nil, bool, int64, float64, string, *Array, or on the way out whatever encoding/json takes.
type Array = phparray.Array

// New returns an empty array.
func New() *Array { return phparray.New() }

// ListOf returns a list of these values.
func ListOf[T any](values []T) *Array { return phparray.ListOf(values) }

// Plain returns a value as one of Go: lists as []any, other arrays as map[string]any.
func Plain(value any) any {
	array, isArray := value.(*Array)
	switch {
	case !isArray:
		return value
	case !array.IsList():
		return PlainMap(array)
	}
	list := make([]any, 0, array.Len())
	for _, value := range array.All() {
		list = append(list, Plain(value))
	}
	return list
}

// PlainMap returns an array as a map of Go, a list as well.
func PlainMap(array *Array) map[string]any {
	values := make(map[string]any, array.Len())
	for key, value := range array.All() {
		values[key] = Plain(value)
	}
	return values
}

// Value returns what a value of Go is to PHP, arrays as copies.
func Value(value any) any {
	array, isArray := Decoded(value).(*Array)
	if !isArray {
		return Decoded(value)
	}
	copied := New()
	for key, value := range array.All() {
		copied.Set(key, Value(value))
	}
	return copied
}

// Decoded returns what a value of Go is to PHP. An array is returned as it is, with whatever values of Go are in it.
func Decoded(value any) any {
	switch value.(type) {
	case nil, bool, int64, float64, string, *Array:
		return value
	}
	encoded, err := Marshal(value)
	if err != nil {
		return nil
	}
	plain, _ := decode(encoded) // it was encoded just now
	return plain
}

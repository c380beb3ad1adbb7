package imbottest

import (
	"bytes"
	"encoding/json"
	"iter"
	"slices"
	"strconv"
	"strings"
)

// array is what PHP has for lists and maps alike: an ordered map. Parameters come in as one and results go out as one,
// so that the oddities of PHP (an empty map is a list, a map with the keys 0..n-1 is a list) need no code elsewhere.
// Its values are nil, bool, int64, float64, string, *array, or on the way out whatever encoding/json takes.
type array struct {
	keys  []string
	items map[string]any
}

func newArray() *array { return &array{items: make(map[string]any)} }

// listOf makes a PHP list of a slice.
func listOf[T any](values []T) *array {
	list := newArray()
	for i, value := range values {
		list.set(strconv.Itoa(i), value)
	}
	return list
}

// set puts a value under a key, and keeps the place of a key that is there already. It returns the array for chaining.
func (a *array) set(key string, value any) *array {
	if _, known := a.items[key]; !known {
		a.keys = append(a.keys, key)
	}
	a.items[key] = value
	return a
}

// get returns the value under a key, and nil where there is none: to PHP's isset, null and missing are the same.
func (a *array) get(key string) any { return a.items[key] }

func (a *array) all() iter.Seq2[string, any] {
	return func(yield func(string, any) bool) {
		for _, key := range a.keys {
			if !yield(key, a.items[key]) {
				return
			}
		}
	}
}

// merge puts the values of b over those of a.
func (a *array) merge(b *array) {
	for key, value := range b.all() {
		a.set(key, value)
	}
}

// without returns a copy that lacks the given keys.
func (a *array) without(keys ...string) *array {
	rest := newArray()
	for key, value := range a.all() {
		if !slices.Contains(keys, key) {
			rest.set(key, value)
		}
	}
	return rest
}

// upper returns a copy with the keys in upper case. Of two spellings of a key the last one wins.
func (a *array) upper() *array {
	changed := newArray()
	for key, value := range a.all() {
		changed.set(strings.ToUpper(key), value)
	}
	return changed
}

// isList tells whether PHP writes the array as a JSON list.
func (a *array) isList() bool {
	for i, key := range a.keys {
		if key != strconv.Itoa(i) {
			return false
		}
	}
	return true
}

// plain returns the array as Go values: lists as []any, everything else as map[string]any.
func (a *array) plain() any {
	if a.isList() {
		list := make([]any, 0, len(a.keys))
		for _, value := range a.all() {
			list = append(list, plainValue(value))
		}
		return list
	}
	return a.plainMap()
}

func (a *array) plainMap() map[string]any {
	values := make(map[string]any, len(a.keys))
	for key, value := range a.all() {
		values[key] = plainValue(value)
	}
	return values
}

func plainValue(value any) any {
	if nested, ok := value.(*array); ok {
		return nested.plain()
	}
	return value
}

// MarshalJSON writes the array in its order, as a list where PHP would write one.
func (a *array) MarshalJSON() ([]byte, error) { return a.appendJSON(nil) }

func (a *array) appendJSON(out []byte) ([]byte, error) {
	isList := a.isList()
	out = append(out, bracket(isList, '[', '{'))
	for i, key := range a.keys {
		if i > 0 {
			out = append(out, ',')
		}
		var err error
		if !isList {
			if out, err = appendValue(out, key); err != nil {
				return nil, err
			}
			out = append(out, ':')
		}
		if out, err = appendValue(out, a.items[key]); err != nil {
			return nil, err
		}
	}
	return append(out, bracket(isList, ']', '}')), nil
}

// appendValue writes what most answers consist of itself, and leaves the rest to encoding/json.
func appendValue(out []byte, value any) ([]byte, error) {
	switch v := value.(type) {
	case *array:
		return v.appendJSON(out)
	case int64:
		return strconv.AppendInt(out, v, 10), nil
	case bool:
		return strconv.AppendBool(out, v), nil
	case string:
		if isPlain(v) {
			out = append(out, '"')
			out = append(out, v...)
			return append(out, '"'), nil
		}
	}
	encoded, err := marshal(value)
	return append(out, encoded...), err
}

// isPlain tells whether a text stands in JSON as it is.
func isPlain(text string) bool {
	for i := range len(text) {
		if b := text[i]; b < ' ' || b > '~' || b == '"' || b == '\\' {
			return false
		}
	}
	return true
}

func bracket(isList bool, list, object byte) byte {
	if isList {
		return list
	}
	return object
}

// marshal is json.Marshal without the escapes for HTML, which PHP writes differently.
func marshal(value any) ([]byte, error) {
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(value); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(out.Bytes(), []byte("\n")), nil
}

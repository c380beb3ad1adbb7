// Package loose reads the JSON that PHP writes: numbers in quotes, booleans as letters, empty objects as lists, and
// false for what is not there. A reader returns what it understood, and whether that was all of it.
package loose

import (
	"bytes"
	"encoding/json"
	"errors"
	"strconv"
	"time"

	"github.com/seed-a6e4e5a4/imbot/internal/envelope"
)

// Object is what is left of an object: [Take] takes out what it understands.
type Object map[string]json.RawMessage

// Take reads a member of an object into a value, and takes it out unless read did not understand all of it. null leaves
// the value as it is.
func Take[T any](o Object, name string, into *T, read func(json.RawMessage) (T, bool)) {
	raw, ok := o[name]
	if !ok {
		return
	}
	if IsNull(raw) {
		delete(o, name)
		return
	}
	value, ok := read(raw)
	*into = value
	if ok {
		delete(o, name)
	}
}

// Fill reads an object by fill, and reports whether that took all of it. An empty object is a list in PHP.
func Fill(raw json.RawMessage, fill func(Object)) bool {
	if !envelope.HasData(raw) {
		return raw[0] != '"'
	}
	var o Object
	if json.Unmarshal(raw, &o) != nil {
		return false
	}
	fill(o)
	return len(o) == 0
}

// IsNull reports whether a value is null.
func IsNull(raw json.RawMessage) bool { return bytes.Equal(raw, []byte("null")) }

// Bare returns a value without the quotes around it.
func Bare(raw json.RawMessage) json.RawMessage {
	if n := len(raw); n >= 2 && raw[0] == '"' && raw[n-1] == '"' {
		return raw[1 : n-1]
	}
	return raw
}

// Int reads a whole number, plain or quoted.
func Int[N ~int64](raw json.RawMessage) (N, bool) {
	n, err := strconv.ParseInt(string(Bare(raw)), 10, 64)
	if err != nil {
		return 0, false
	}
	return N(n), true
}

// Text reads a text, or a number as one. false is no text, and understood.
func Text[S ~string](raw json.RawMessage) (S, bool) {
	var text string
	if json.Unmarshal(raw, &text) == nil {
		return S(text), true
	}
	var number json.Number
	if json.Unmarshal(raw, &number) == nil {
		return S(number), true
	}
	return "", string(raw) == "false"
}

// String is a text that may come as a number.
type String string

var errNoText = errors.New("not a text")

// UnmarshalJSON reads what [Text] understands.
func (s *String) UnmarshalJSON(raw []byte) error {
	text, ok := Text[String](raw)
	if !ok {
		return errNoText
	}
	*s = text
	return nil
}

// Bool reads true, 1, "1", "Y", and false, 0, "0", "", "N".
func Bool[B ~bool](raw json.RawMessage) (B, bool) {
	switch string(raw) {
	case `"Y"`, `"y"`, "true", "1", `"1"`:
		return true, true
	case `"N"`, `"n"`, "false", "0", `"0"`, `""`:
		return false, true
	default:
		return false, false
	}
}

// Date reads a date of ISO 8601. An empty text and false are none, and understood.
func Date(raw json.RawMessage) (time.Time, bool) {
	if n := len(raw); n > 2 && raw[0] == '"' {
		if t, err := time.Parse(time.RFC3339, string(raw[1:n-1])); err == nil {
			return t, true
		}
	}
	return time.Time{}, string(raw) == `""` || string(raw) == "false"
}

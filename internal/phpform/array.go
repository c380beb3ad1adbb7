package phpform

import (
	"iter"
	"math"
	"strconv"
)

// Value is a node of the tree that [Parse] builds: a text or an [Array].
type Value struct {
	text  string
	array *Array
}

// Text returns the text of the value, and false if it is an array.
func (v Value) Text() (string, bool) { return v.text, v.array == nil }

// Array returns the array that the value is, and nil if it is a text.
func (v Value) Array() *Array { return v.array }

// Array is what PHP calls an array: a map that remembers the order in which its keys came. The zero value and a nil
// pointer are empty arrays. What [Parse] has returned does not change any more, so any number of goroutines may read
// it.
type Array struct {
	keys  []string
	items map[string]Value
	next  int64 // the index that "[]" takes
	full  bool  // the largest index is taken, so that "[]" has none left
}

// Len returns the number of keys.
func (a *Array) Len() int {
	if a == nil {
		return 0
	}
	return len(a.keys)
}

// All returns the keys with their values, in the order in which the keys came first.
func (a *Array) All() iter.Seq2[string, Value] {
	return func(yield func(string, Value) bool) {
		if a == nil {
			return
		}
		for _, key := range a.keys {
			if !yield(key, a.items[key]) {
				return
			}
		}
	}
}

// Lookup follows the keys into the tree: Lookup("auth", "domain") is auth[domain]. It returns false if one of them is
// missing, and for no keys.
func (a *Array) Lookup(keys ...string) (Value, bool) {
	var value Value
	found := false
	for _, key := range keys {
		if a == nil {
			return Value{}, false
		}
		if value, found = a.items[key]; !found {
			return Value{}, false
		}
		a = value.array
	}
	return value, found
}

// Text returns the text at the end of the keys, and false if there is none or an array.
func (a *Array) Text(keys ...string) (string, bool) {
	value, found := a.Lookup(keys...)
	if !found {
		return "", false
	}
	return value.Text()
}

// Sub returns the array at the end of the keys, and nil if there is none or a text.
func (a *Array) Sub(keys ...string) *Array {
	value, _ := a.Lookup(keys...)
	return value.array
}

// set puts a value under a key and keeps the place of a key that is there already.
func (a *Array) set(key string, value Value) {
	if a.items == nil {
		a.items = make(map[string]Value)
	}
	if _, known := a.items[key]; !known {
		a.keys = append(a.keys, key)
		a.count(key)
	}
	a.items[key] = value
}

// count moves the next free index behind a key that PHP would hold as a number: "7", but not "07" or "+7".
func (a *Array) count(key string) {
	n, err := strconv.ParseInt(key, 10, 64)
	if err != nil || n < a.next || strconv.FormatInt(n, 10) != key {
		return
	}
	if n == math.MaxInt64 {
		a.full = true
		return
	}
	a.next = n + 1
}

// sub returns the array under a key for writing, and makes one where there is none. A text gives way to it.
func (a *Array) sub(key string) *Array {
	if value, known := a.items[key]; known && value.array != nil {
		return value.array
	}
	made := new(Array)
	a.set(key, Value{array: made})
	return made
}

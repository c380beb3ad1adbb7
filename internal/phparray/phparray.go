// Package phparray has the one container of PHP: an ordered map, which stands for lists and maps alike.
package phparray

import (
	"iter"
	"math"
	"slices"
	"strconv"
	"strings"
)

// Array is PHP's array: a map that remembers the order in which its keys came first. The zero value and a nil pointer
// are empty arrays; only the former can be filled. An array that no longer changes may be read by any number of
// goroutines.
//
// What PHP itself puts into one is nil, bool, int64, float64, string or *Array.
type Array struct {
	items []item         // in the order in which their keys came
	index map[string]int // where the item of a key is; nil as long as there are few
	next  int64          // the index that [Array.Append] takes
	full  bool           // the largest index is taken, so that Append has none left
}

type item struct {
	key   string
	value any
}

// few is how many items are looked through sooner than they are found in a map.
const few = 64

// New returns an empty array.
func New() *Array { return new(Array) }

// ListOf returns a list of these values.
func ListOf[T any](values []T) *Array {
	list := &Array{items: make([]item, 0, len(values))}
	for _, value := range values {
		list.Append(value)
	}
	return list
}

// Len returns the number of keys.
func (a *Array) Len() int {
	if a == nil {
		return 0
	}
	return len(a.items)
}

// Get returns the value under a key, and nil where there is none: to PHP's isset, null and missing are the same.
func (a *Array) Get(key string) any {
	if a == nil {
		return nil
	}
	if at, found := a.find(key); found {
		return a.items[at].value
	}
	return nil
}

// Set puts a value under a key, and keeps the place of a key that is there already. It returns the array for chaining.
func (a *Array) Set(key string, value any) *Array {
	if at, found := a.find(key); found {
		a.items[at].value = value
		return a
	}
	a.add(key, value)
	a.count(key)
	return a
}

// Append puts a value under the next free index, as PHP does for "[]". It returns false, and drops the value, if the
// largest index is taken.
func (a *Array) Append(value any) bool {
	key, free := a.Next()
	if !free {
		return false
	}
	a.add(key, value)
	a.count(key)
	return true
}

// Next returns the next free index: one more than the largest that was ever there. It returns false if none is left.
func (a *Array) Next() (key string, free bool) {
	return strconv.FormatInt(a.next, 10), !a.full
}

// All returns the keys with their values, in the order in which the keys came first.
func (a *Array) All() iter.Seq2[string, any] {
	return func(yield func(string, any) bool) {
		if a == nil {
			return
		}
		for _, item := range a.items {
			if !yield(item.key, item.value) {
				return
			}
		}
	}
}

// Merge puts the values of b over those of a.
func (a *Array) Merge(b *Array) {
	for key, value := range b.All() {
		a.Set(key, value)
	}
}

// Without returns a copy that lacks the given keys.
func (a *Array) Without(keys ...string) *Array {
	rest := New()
	for key, value := range a.All() {
		if !slices.Contains(keys, key) {
			rest.Set(key, value)
		}
	}
	return rest
}

// Upper returns a copy with the keys in upper case. Of two spellings of a key the last one wins.
func (a *Array) Upper() *Array {
	changed := New()
	for key, value := range a.All() {
		changed.Set(strings.ToUpper(key), value)
	}
	return changed
}

// IsList reports whether PHP writes the array as a JSON list: its keys are 0, 1, 2 and so on, in this order.
func (a *Array) IsList() bool {
	for i := range a.Len() {
		if a.items[i].key != strconv.Itoa(i) {
			return false
		}
	}
	return true
}

// find returns the place of a key among the items.
func (a *Array) find(key string) (int, bool) {
	if a.index != nil {
		at, found := a.index[key]
		return at, found
	}
	for at := len(a.items) - 1; at >= 0; at-- { // the last one first: that is where the next field of a form belongs
		if a.items[at].key == key {
			return at, true
		}
	}
	return 0, false
}

// add puts a value at the end, under a key that is not there yet.
func (a *Array) add(key string, value any) {
	a.items = append(a.items, item{key, value})
	if a.index != nil {
		a.index[key] = len(a.items) - 1
	} else if len(a.items) > few {
		a.index = make(map[string]int, 2*few)
		for at, item := range a.items {
			a.index[item.key] = at
		}
	}
}

// count moves the next free index behind a key that PHP would hold as a number: "7", but not "07" or "+7".
func (a *Array) count(key string) {
	if key == "" || key[0] < '0' || key[0] > '9' {
		return // not worth an error of strconv, which has a copy of the key
	}
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

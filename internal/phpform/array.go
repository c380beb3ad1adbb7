package phpform

import (
	"iter"
	"math"
	"slices"
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
	items []item         // in the order in which their keys came
	index map[string]int // where the item of a key is; nil as long as there are few
	next  int64          // the index that "[]" takes
	full  bool           // the largest index is taken, so that "[]" has none left
}

type item struct {
	key   string
	value Value
}

// few is how many items are looked through sooner than they are found in a map.
const few = 16

// Len returns the number of keys.
func (a *Array) Len() int {
	if a == nil {
		return 0
	}
	return len(a.items)
}

// All returns the keys with their values, in the order in which the keys came first.
func (a *Array) All() iter.Seq2[string, Value] {
	return func(yield func(string, Value) bool) {
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

// Lookup follows the keys into the tree: Lookup("auth", "domain") is auth[domain]. It returns false if one of them is
// missing, and for no keys.
func (a *Array) Lookup(keys ...string) (Value, bool) {
	var value Value
	for _, key := range keys {
		if a == nil {
			return Value{}, false
		}
		at, found := a.find(key)
		if !found {
			return Value{}, false
		}
		value = a.items[at].value
		a = value.array
	}
	return value, len(keys) > 0
}

// find returns the place of a key among the items.
func (a *Array) find(key string) (int, bool) {
	if a.index != nil {
		at, found := a.index[key]
		return at, found
	}
	at := slices.IndexFunc(a.items, func(i item) bool { return i.key == key })
	return at, at >= 0
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

// set puts a value under a key and keeps the place of a key that is there already. It reports whether the key is new.
func (a *Array) set(key string, value Value) bool {
	if at, found := a.find(key); found {
		a.items[at].value = value
		return false
	}
	a.items = append(a.items, item{key, value})
	if a.index != nil {
		a.index[key] = len(a.items) - 1
	} else if len(a.items) > few {
		a.index = make(map[string]int, 2*few)
		for at, item := range a.items {
			a.index[item.key] = at
		}
	}
	a.count(key)
	return true
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

// put stores a value at the end of a path. It returns how many texts and arrays that made.
func (a *Array) put(path []string, value string) int {
	made := 0
	for i, key := range path {
		if key == "" {
			if a.full {
				return made // no index is left, and PHP drops the value
			}
			key = strconv.FormatInt(a.next, 10)
		}
		if i == len(path)-1 {
			if a.set(key, Value{text: value}) {
				made++
			}
			return made
		}
		at, found := a.find(key)
		if !found || a.items[at].value.array == nil { // a text gives way to an array
			next := new(Array)
			a.set(key, Value{array: next})
			made++
			a = next
			continue
		}
		a = a.items[at].value.array
	}
	return made
}

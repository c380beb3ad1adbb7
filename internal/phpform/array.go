package phpform

import (
	"iter"

	"github.com/seed-a6e4e5a4/imbot/internal/phparray"
)

// Value is a node of the tree that [Parse] builds: a text or an [Array].
type Value struct{ node any }

// Text returns the text of the value, and false if it is an array.
func (v Value) Text() (string, bool) {
	text, _ := v.node.(string)
	return text, v.Array() == nil
}

// Array returns the array that the value is, and nil if it is a text.
func (v Value) Array() *Array {
	array, _ := v.node.(*phparray.Array)
	return (*Array)(array)
}

// Array is a PHP array of texts and of further such arrays. The zero value and a nil pointer are empty arrays. What
// [Parse] has returned does not change any more, so any number of goroutines may read it.
type Array phparray.Array

// PHP returns the array as the type for arrays of all kinds.
func (a *Array) PHP() *phparray.Array { return (*phparray.Array)(a) }

// Len returns the number of keys.
func (a *Array) Len() int { return a.PHP().Len() }

// All returns the keys with their values, in the order in which the keys came first.
func (a *Array) All() iter.Seq2[string, Value] {
	return func(yield func(string, Value) bool) {
		for key, node := range a.PHP().All() {
			if !yield(key, Value{node}) {
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
		value = Value{a.PHP().Get(key)}
		if value.node == nil {
			return Value{}, false
		}
		a = value.Array()
	}
	return value, len(keys) > 0
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
	return value.Array()
}

// put stores a text at the end of a path. It returns how many texts and arrays that made.
func put(a *phparray.Array, path []string, text string) int {
	made := 0
	for i, key := range path {
		if key == "" {
			next, free := a.Next()
			if !free {
				return made // PHP drops the value
			}
			key = next
		}
		before := a.Len()
		if i == len(path)-1 {
			a.Set(key, text)
			return made + a.Len() - before
		}
		inner, isArray := a.Get(key).(*phparray.Array)
		if !isArray { // a text gives way to an array
			inner = phparray.New()
			a.Set(key, inner)
			made++
		}
		a = inner
	}
	return made
}

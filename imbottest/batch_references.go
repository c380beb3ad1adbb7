package imbottest

import (
	"bytes"
	"encoding/json"
	"strings"
)

// This file resolves the references of commands to earlier ones.

// resolve replaces the references to what earlier commands came to. The server looks for them in keys as well, but a
// key with brackets is an array by then.
func (b *batch) resolve(params *array) *array {
	resolved := newArray()
	for key, value := range params.all() {
		switch v := value.(type) {
		case string:
			resolved.set(key, b.resolveText(v))
		case *array:
			resolved.set(key, b.resolve(v))
		default:
			resolved.set(key, value)
		}
	}
	return resolved
}

// resolveText replaces a text that is a reference by what it refers to, of whatever type, and references within a text
// by texts and numbers alone.
func (b *batch) resolveText(text string) any {
	if start, end := findReference(text, 0); start == 0 && end == len(text) {
		return b.refer(text)
	}
	var out strings.Builder
	for from := 0; ; {
		start, end := findReference(text, from)
		if start < 0 {
			out.WriteString(text[from:])
			return out.String()
		}
		out.WriteString(text[from:start])
		switch target := b.refer(text[start:end]).(type) {
		case string, int64, float64:
			out.WriteString(stringOf(target))
		default:
			out.WriteString(text[start:end])
		}
		from = end
	}
}

// containers are what a reference can begin with.
var containers = []string{"result", "error", "total", "next", "time"}

// findReference returns where the first reference after from is: a dollar, the name of a container in any case of
// letters, and one key in brackets or more.
func findReference(text string, from int) (start, end int) {
	for i := from; i < len(text); i++ {
		if text[i] != '$' {
			continue
		}
		for _, name := range containers {
			if end := i + 1 + len(name); end <= len(text) && strings.EqualFold(text[i+1:end], name) {
				if keys := bracketed(text[end:]); keys > 0 {
					return i, end + keys
				}
			}
		}
	}
	return -1, -1
}

// bracketed returns the length of the keys in brackets that a text begins with.
func bracketed(text string) int {
	length := 0
	for strings.HasPrefix(text[length:], "[") {
		closing := strings.IndexByte(text[length:], ']')
		if closing < 0 {
			break
		}
		length += closing + 1
	}
	return length
}

// refer follows a reference. Where it leads nowhere, it ends at the last array on its way.
func (b *batch) refer(reference string) any {
	name, keys, _ := strings.Cut(strings.TrimSuffix(reference[1:], "]"), "[")
	var at any
	switch strings.ToLower(name) {
	case "result":
		at = b.results
	case "error":
		at = b.errors
	case "total":
		at = b.totals
	case "next":
		at = b.nexts
	default:
		at = b.times
	}
	for key := range strings.SplitSeq(keys, "][") {
		container, ok := at.(*array)
		if !ok || container.get(key) == nil {
			break
		}
		at = decoded(container.get(key))
	}
	return phpValue(at)
}

// phpValue returns a copy of what a value of Go is to PHP, with all that is in it.
func phpValue(value any) any {
	values, ok := decoded(value).(*array)
	if !ok {
		return decoded(value)
	}
	copied := newArray()
	for key, value := range values.all() {
		copied.set(key, phpValue(value))
	}
	return copied
}

// decoded returns what a value of Go is to PHP. An array may still hold others.
func decoded(value any) any {
	switch value.(type) {
	case nil, bool, int64, float64, string, *array:
		return value
	}
	encoded, err := marshal(value)
	if err != nil {
		return nil
	}
	decoder := json.NewDecoder(bytes.NewReader(encoded))
	decoder.UseNumber()
	plain, _ := decodeValue(decoder, 0) // it was encoded just now
	return plain
}

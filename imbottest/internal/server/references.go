package server

import (
	"strings"

	"github.com/seed-a6e4e5a4/imbot/imbottest/internal/php"
)

// This file resolves the references of commands to earlier ones.

// resolve replaces the references to what earlier commands came to. The server looks for them in keys as well, but a
// key with brackets is an array by then.
func (b *batch) resolve(params *php.Array) *php.Array {
	resolved := php.New()
	for key, value := range params.All() {
		switch v := value.(type) {
		case string:
			resolved.Set(key, b.resolveText(v))
		case *php.Array:
			resolved.Set(key, b.resolve(v))
		default:
			resolved.Set(key, value)
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
			out.WriteString(php.StringOf(target))
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
		container, ok := at.(*php.Array)
		if !ok || container.Get(key) == nil {
			break
		}
		at = php.Decoded(container.Get(key))
	}
	return php.Value(at)
}

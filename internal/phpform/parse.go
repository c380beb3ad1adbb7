package phpform

import (
	"fmt"
	"iter"
	"strings"
)

// Limits bounds what [Parse] and [ParsePairs] take in. A zero field stands for PHP's own default.
type Limits struct {
	MaxFields  int // pairs of name and value, 1000 by default
	MaxNesting int // brackets of one name, 64 by default
}

const (
	defaultMaxFields  = 1000
	defaultMaxNesting = 64
)

// Limit names one of the [Limits].
type Limit string

// The limits that a [LimitError] may name.
const (
	Fields  Limit = "fields"
	Nesting Limit = "nesting"
)

// LimitError says that the input went beyond a limit. It holds nothing of the input.
type LimitError struct {
	Limit Limit
	Max   int
}

// Error names the limit and its value.
func (e *LimitError) Error() string {
	return fmt.Sprintf("phpform: too much input: the limit of %s is %d", e.Limit, e.Max)
}

// Parse reads a query or a form body. Its only error is a [*LimitError], with which it returns what stood before the
// pair that went too far: PHP, too, goes on with that.
func Parse(raw string, limits Limits) (*Array, error) {
	return ParsePairs(split(raw), limits)
}

// ParsePairs does what [Parse] does with names and values that are decoded already, such as those of a multipart form.
func ParsePairs(pairs iter.Seq2[string, string], limits Limits) (*Array, error) {
	if limits.MaxFields <= 0 {
		limits.MaxFields = defaultMaxFields
	}
	if limits.MaxNesting <= 0 {
		limits.MaxNesting = defaultMaxNesting
	}
	root := new(Array)
	fields := 0
	for name, value := range pairs {
		if fields++; fields > limits.MaxFields {
			return root, &LimitError{Limit: Fields, Max: limits.MaxFields}
		}
		keys, ok := path(name, limits.MaxNesting)
		if !ok {
			return root, &LimitError{Limit: Nesting, Max: limits.MaxNesting}
		}
		root.put(keys, value)
	}
	return root, nil
}

// split yields the decoded pairs of a query. Empty pieces between two "&" are no pairs.
func split(raw string) iter.Seq2[string, string] {
	return func(yield func(string, string) bool) {
		for piece := range strings.SplitSeq(raw, "&") {
			if piece == "" {
				continue
			}
			name, value, _ := strings.Cut(piece, "=")
			if !yield(unescape(name), unescape(value)) {
				return
			}
		}
	}
}

// key is one step of a name's path; "[]" is a step that takes the next free index.
type key struct {
	name string
	next bool
}

// path takes a name apart: data[BOT][] is data, BOT, next. It returns no keys for a name that PHP drops, and false for
// one with more than maxNesting brackets.
func path(name string, maxNesting int) ([]key, bool) {
	name = strings.TrimLeft(name, " ")
	if end := strings.IndexByte(name, 0); end >= 0 {
		name = name[:end] // the name is a C string to PHP
	}
	open := strings.IndexByte(name, '[')
	if open < 0 {
		return variable(name), true
	}
	if open > 0 && !strings.Contains(name[open:], "]") {
		// An unclosed first bracket is a letter of the name, and as such not allowed in one.
		return []key{{name: clean(name[:open]) + "_" + name[open+1:]}}, true
	}
	keys := variable(name[:open])
	if keys == nil {
		return nil, true
	}
	for rest := name[open:]; strings.HasPrefix(rest, "["); {
		inner, after, closed := strings.Cut(rest[1:], "]")
		if !closed {
			break
		}
		if len(keys) > maxNesting {
			return nil, false
		}
		keys = append(keys, key{name: inner, next: inner == "" || len(inner) == 1 && isSpace(inner[0])})
		rest = after // text after a bracket that opens no further one is ignored
	}
	return keys, true
}

// variable returns the first step of a path, or nothing for an empty name.
func variable(name string) []key {
	if name == "" {
		return nil
	}
	return []key{{name: clean(name)}}
}

// clean replaces what PHP does not allow in the name of a variable.
func clean(name string) string {
	return strings.NewReplacer(" ", "_", ".", "_").Replace(name)
}

func isSpace(b byte) bool { return b == ' ' || b >= '\t' && b <= '\r' }

// put stores a value at the end of a path.
func (a *Array) put(keys []key, value string) {
	for i, step := range keys {
		if step.next {
			if a.full {
				return // no index is left, and PHP drops the value
			}
			step.name = indexName(a.next)
		}
		if i == len(keys)-1 {
			a.set(step.name, Value{text: value})
			return
		}
		a = a.sub(step.name)
	}
}

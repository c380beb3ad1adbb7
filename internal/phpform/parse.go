package phpform

import (
	"iter"
	"math"
	"strings"

	"github.com/seed-a6e4e5a4/imbot/internal/phparray"
)

// Limits bounds what [Parse] and [ParsePairs] take in. What goes beyond is left out, and the rest is read.
type Limits struct {
	// MaxFields is how many pairs of name and value are taken; 1000, as in PHP, if it is zero.
	MaxFields int
	// MaxNesting is how many brackets a name may have; 64, as in PHP, if it is zero.
	MaxNesting int
	// MaxElements is how many texts and arrays the tree may have, give or take the nesting of one name; zero is no
	// limit. It bounds the memory, which MaxFields does not: a pair makes an array for each of its brackets.
	MaxElements int
	// Reserve tells where a field finds room when there is none left for all: in reserve 1 or 2, each of a tenth of
	// MaxElements, or nowhere, which is 0. So what is needed most is not left out for what stands before it. path is
	// the name taken apart, with "" for "[]". A nil function is 0 for all.
	Reserve func(path []string) int
}

const (
	defaultMaxFields  = 1000
	defaultMaxNesting = 64
)

// Parse reads a query or a form body, and returns how many of its fields were left out for a limit.
func Parse(raw string, limits Limits) (form *Array, leftOut int) {
	return ParsePairs(split(raw), limits)
}

// ParsePairs does what [Parse] does with names and values that are decoded already, such as those of a multipart form.
func ParsePairs(pairs iter.Seq2[string, string], limits Limits) (form *Array, leftOut int) {
	if limits.MaxFields <= 0 {
		limits.MaxFields = defaultMaxFields
	}
	if limits.MaxNesting <= 0 {
		limits.MaxNesting = defaultMaxNesting
	}
	if limits.MaxElements <= 0 {
		limits.MaxElements = math.MaxInt
	}
	root := phparray.New()
	rooms := [...]int{limits.MaxElements, limits.MaxElements / 10, limits.MaxElements / 10}
	fields := 0
	var keys []string
	for name, value := range pairs {
		fields++
		var ok bool
		keys, ok = path(keys[:0], name, limits.MaxNesting)
		if ok && len(keys) == 0 {
			continue // PHP has no use for it either
		}
		reserve := 0
		if ok && rooms[0] <= 0 && limits.Reserve != nil {
			reserve = limits.Reserve(keys)
		}
		if !ok || fields > limits.MaxFields || rooms[reserve] <= 0 {
			leftOut++
			continue
		}
		rooms[reserve] -= put(root, keys, value)
	}
	return (*Array)(root), leftOut
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

// path takes a name apart and appends its parts to keys: data[BOT][] is data, BOT and "", which takes the next free
// index. It appends nothing for a name that PHP drops, and returns false for one with more than maxNesting brackets.
func path(keys []string, name string, maxNesting int) ([]string, bool) {
	name = strings.TrimLeft(name, " ")
	if end := strings.IndexByte(name, 0); end >= 0 {
		name = name[:end] // the name is a C string to PHP
	}
	open := strings.IndexByte(name, '[')
	switch {
	case name == "" || open == 0:
		return keys, true
	case open < 0:
		return append(keys, clean(name)), true
	case !strings.Contains(name[open:], "]"):
		// An unclosed first bracket is a letter of the name, and as such not allowed in one.
		return append(keys, clean(name[:open])+"_"+name[open+1:]), true
	}
	keys = append(keys, clean(name[:open]))
	for rest := name[open:]; strings.HasPrefix(rest, "["); {
		inner, after, closed := strings.Cut(rest[1:], "]")
		if !closed {
			break
		}
		if len(keys) > maxNesting {
			return keys, false
		}
		if len(inner) == 1 && isSpace(inner[0]) {
			inner = ""
		}
		keys = append(keys, inner)
		rest = after // text after a bracket that opens no further one is ignored
	}
	return keys, true
}

// notInNames replaces what PHP does not allow in the name of a variable.
var notInNames = strings.NewReplacer(" ", "_", ".", "_")

func clean(name string) string { return notInNames.Replace(name) }

func isSpace(b byte) bool { return b == ' ' || b >= '\t' && b <= '\r' }

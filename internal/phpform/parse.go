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
	limits = limits.orDefault()
	return ParsePaths(func(yield func([]string, string) bool) {
		var keys []string
		for name, value := range pairs {
			if keys = path(keys[:0], name, limits.MaxNesting); !yield(keys, value) {
				return
			}
		}
	}, limits)
}

// ParsePaths does what [ParsePairs] does with names that are taken apart already, with "" for "[]". A path may change
// when the next one is asked for.
func ParsePaths(paths iter.Seq2[[]string, string], limits Limits) (form *Array, leftOut int) {
	limits = limits.orDefault()
	root := phparray.New()
	rooms := [...]int{limits.MaxElements, limits.MaxElements / 10, limits.MaxElements / 10}
	fields := 0
	for keys, value := range paths {
		fields++
		if len(keys) == 0 {
			continue // PHP has no use for it either
		}
		isDeep := len(keys)-1 > limits.MaxNesting
		reserve := 0
		if !isDeep && rooms[0] <= 0 && limits.Reserve != nil {
			reserve = limits.Reserve(keys)
		}
		if isDeep || fields > limits.MaxFields || rooms[reserve] <= 0 {
			leftOut++
			continue
		}
		rooms[reserve] -= put(root, keys, value)
	}
	return (*Array)(root), leftOut
}

func (l Limits) orDefault() Limits {
	if l.MaxFields <= 0 {
		l.MaxFields = defaultMaxFields
	}
	if l.MaxNesting <= 0 {
		l.MaxNesting = defaultMaxNesting
	}
	if l.MaxElements <= 0 {
		l.MaxElements = math.MaxInt
	}
	return l
}

// split yields the decoded pairs of a query. Empty pieces between two "&" are no pairs.
func split(raw string) iter.Seq2[string, string] {
	return func(yield func(string, string) bool) {
		var decoded decoder
		decoded.Grow(len(raw))
		for piece := range strings.SplitSeq(raw, "&") {
			if piece == "" {
				continue
			}
			name, value, _ := strings.Cut(piece, "=")
			if !yield(decoded.unescape(name), decoded.unescape(value)) {
				return
			}
		}
	}
}

// path takes a name apart and appends its parts to keys: data[BOT][] is data, BOT and "", which takes the next free
// index. It appends nothing for a name that PHP drops, and of one with more than maxNesting brackets not all of them.
func path(keys []string, name string, maxNesting int) []string {
	name = strings.TrimLeft(name, " ")
	if end := strings.IndexByte(name, 0); end >= 0 {
		name = name[:end] // the name is a C string to PHP
	}
	open := strings.IndexByte(name, '[')
	switch {
	case name == "" || open == 0:
		return keys
	case open < 0:
		return append(keys, clean(name))
	case !strings.Contains(name[open:], "]"):
		// An unclosed first bracket is a letter of the name, and as such not allowed in one.
		return append(keys, clean(name[:open])+"_"+name[open+1:])
	}
	keys = append(keys, clean(name[:open]))
	for rest := name[open:]; strings.HasPrefix(rest, "["); {
		inner, after, closed := strings.Cut(rest[1:], "]")
		if !closed {
			break
		}
		if len(inner) == 1 && isSpace(inner[0]) {
			inner = ""
		}
		keys = append(keys, inner)
		rest = after // text after a bracket that opens no further one is ignored
		if len(keys)-1 > maxNesting {
			break
		}
	}
	return keys
}

// notInNames replaces what PHP does not allow in the name of a variable.
var notInNames = strings.NewReplacer(" ", "_", ".", "_")

func clean(name string) string { return notInNames.Replace(name) }

func isSpace(b byte) bool { return b == ' ' || b >= '\t' && b <= '\r' }

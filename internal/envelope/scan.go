package envelope

import (
	"bytes"
	"slices"
)

// Members goes once through a JSON object and calls member for each of its members, with the name as it is spelled and
// the value still JSON. It reports false where it gave up, perhaps after some calls: on what is no object, and on a
// name that member reports false for. Otherwise encoding/json would find the same.
func Members(object []byte, member func(name, value []byte) bool) bool {
	s := scanner{data: object}
	return s.object(member, 0) && s.end()
}

// Elements goes once through a PHP array, which is a JSON list or, where it has holes or names, an object. It calls
// element for each value, which is still JSON, with its name, or with its place in a list and no name. It reports false
// where it gave up: on what is neither, and where element reports false.
func Elements(array []byte, element func(place int, name string, value []byte) bool) bool {
	s, place := scanner{data: array}, 0
	next := func(name, value []byte) bool {
		place++
		return element(place-1, spelled(name), value)
	}
	if s.space(); s.pos < len(array) && array[s.pos] == '[' {
		return s.array(next, 0) && s.end()
	}
	return s.object(next, 0) && s.end()
}

// spelled returns a name as it is meant: it may have escapes.
func spelled(name []byte) string {
	if bytes.IndexByte(name, '\\') < 0 {
		return string(name)
	}
	return unquote(slices.Concat([]byte{'"'}, name, []byte{'"'}))
}

// SaysTwice reports whether an object somewhere in a JSON value has two members of the same name that differ. Whoever
// reads it would have to choose one of them.
func SaysTwice(value []byte) bool {
	if len(value) == 0 || value[0] != '{' && value[0] != '[' {
		return false
	}
	s := scanner{data: value, compares: true, members: make([]named, 0, 4)}
	return s.value(0) && s.differs
}

// IsPlain reports whether a name means the same to encoding/json as no other name in plain lower case does: it reads
// escapes, and takes letters of either case for the same.
func IsPlain(name []byte) bool {
	for _, c := range name {
		if c == '\\' || c >= 0x80 || 'A' <= c && c <= 'Z' {
			return false
		}
	}
	return true
}

// scanner is somewhere in a JSON text. Its methods go past what they are named after, and the space before that, or
// report that something else stands there.
type scanner struct {
	data   []byte
	pos    int
	values int // that it went past

	compares bool    // members of the same name are compared
	differs  bool    // and two of them were found to differ
	members  []named // of the objects around pos, the inner ones last
}

// named is a member of an object.
type named struct{ name, value []byte }

// deepest is how deep the values of members may be nested: with the object itself, as deep as encoding/json reads.
const deepest = 10_000 - 1

// object hands on the members where somebody wants them.
func (s *scanner) object(member func(name, value []byte) bool, depth int) bool {
	if !s.mark('{') {
		return false
	}
	if s.mark('}') {
		return true
	}
	outer := len(s.members)
	for {
		name, ok := s.name()
		if !ok || !s.mark(':') {
			return false
		}
		s.space()
		start := s.pos
		if !s.value(depth) {
			return false
		}
		if member != nil && !member(name, s.data[start:s.pos:s.pos]) {
			return false
		}
		if s.compares {
			s.note(name, s.data[start:s.pos:s.pos])
		}
		if !s.mark(',') {
			s.compare(outer)
			return s.mark('}')
		}
	}
}

// note keeps a member until the end of its object.
func (s *scanner) note(name, value []byte) {
	if bytes.IndexByte(name, '\\') >= 0 {
		name = []byte(spelled(name))
	}
	s.members = append(s.members, named{name, value})
}

// compare looks for members of the same name in the object that ends here, and forgets them.
func (s *scanner) compare(outer int) {
	members := s.members[outer:]
	slices.SortFunc(members, func(a, b named) int { return bytes.Compare(a.name, b.name) })
	for i := 1; i < len(members); i++ {
		if bytes.Equal(members[i].name, members[i-1].name) && !same(members[i].value, members[i-1].value) {
			s.differs = true
		}
	}
	clear(members)
	s.members = s.members[:outer]
}

// array hands on the elements where somebody wants them.
func (s *scanner) array(element func(name, value []byte) bool, depth int) bool {
	if !s.mark('[') {
		return false
	}
	if s.mark(']') {
		return true
	}
	for {
		s.space()
		start := s.pos
		if !s.value(depth) {
			return false
		}
		if element != nil && !element(nil, s.data[start:s.pos:s.pos]) {
			return false
		}
		if !s.mark(',') {
			return s.mark(']')
		}
	}
}

func (s *scanner) value(depth int) bool {
	s.space()
	if s.pos == len(s.data) {
		return false
	}
	s.values++
	switch s.data[s.pos] {
	case '{':
		return depth < deepest && s.object(nil, depth+1)
	case '[':
		return depth < deepest && s.array(nil, depth+1)
	case '"':
		return s.text()
	case 't':
		return s.word("true")
	case 'f':
		return s.word("false")
	case 'n':
		return s.word("null")
	default:
		return s.number()
	}
}

// name returns the name of a member as it is spelled between its quotes.
func (s *scanner) name() ([]byte, bool) {
	s.space()
	start := s.pos
	if !s.text() {
		return nil, false
	}
	return s.data[start+1 : s.pos-1], true
}

func (s *scanner) text() bool {
	if !s.next('"') {
		return false
	}
	for {
		s.all(isVerbatim)
		if s.next('"') {
			return true
		}
		if !s.next('\\') || !s.escaped() {
			return false
		}
	}
}

// escaped goes past what stands behind a backslash.
func (s *scanner) escaped() bool {
	if s.pos == len(s.data) {
		return false
	}
	c := s.data[s.pos]
	s.pos++
	switch c {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		return true
	case 'u':
		for range 4 {
			if s.pos == len(s.data) || !isHex(s.data[s.pos]) {
				return false
			}
			s.pos++
		}
		return true
	default:
		return false
	}
}

func (s *scanner) number() bool {
	s.next('-')
	if !s.next('0') && !s.digits() {
		return false
	}
	if s.next('.') && !s.digits() {
		return false
	}
	if s.next('e') || s.next('E') {
		if !s.next('-') {
			s.next('+')
		}
		return s.digits()
	}
	return true
}

func (s *scanner) digits() bool {
	start := s.pos
	s.all(isDigit)
	return s.pos > start
}

func (s *scanner) word(word string) bool {
	end := s.pos + len(word)
	if end > len(s.data) || string(s.data[s.pos:end]) != word {
		return false
	}
	s.pos = end
	return true
}

func (s *scanner) mark(c byte) bool {
	s.space()
	return s.next(c)
}

func (s *scanner) end() bool {
	s.space()
	return s.pos == len(s.data)
}

func (s *scanner) space() { s.all(isSpace) }

// next goes past c, where that is the very next character.
func (s *scanner) next(c byte) bool {
	if s.pos == len(s.data) || s.data[s.pos] != c {
		return false
	}
	s.pos++
	return true
}

// all goes past what is of one kind.
func (s *scanner) all(is func(byte) bool) {
	pos := s.pos
	for pos < len(s.data) && is(s.data[pos]) {
		pos++
	}
	s.pos = pos
}

func isSpace(c byte) bool    { return c == ' ' || c == '\t' || c == '\n' || c == '\r' }
func isVerbatim(c byte) bool { return c >= ' ' && c != '"' && c != '\\' }
func isDigit(c byte) bool    { return '0' <= c && c <= '9' }
func isHex(c byte) bool      { return isDigit(c) || 'a' <= c && c <= 'f' || 'A' <= c && c <= 'F' }

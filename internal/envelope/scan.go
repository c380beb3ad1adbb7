package envelope

// Members goes once through a JSON object and calls member for each of its members, with the name as it is spelled and
// the value still JSON. It reports false where it gave up, perhaps after some calls: on what is no object, on deep
// nesting, and on a name that member reports false for. encoding/json has the last word then; otherwise it would find
// the same.
func Members(object []byte, member func(name, value []byte) bool) bool {
	s := scanner{data: object}
	return s.object(member, 0) && s.end()
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
	data []byte
	pos  int
}

// deepest is how deep the values of members may be nested.
const deepest = 50

// object hands on the members where somebody wants them.
func (s *scanner) object(member func(name, value []byte) bool, depth int) bool {
	if !s.mark('{') {
		return false
	}
	if s.mark('}') {
		return true
	}
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
		if !s.mark(',') {
			return s.mark('}')
		}
	}
}

func (s *scanner) array(depth int) bool {
	if !s.mark('[') {
		return false
	}
	if s.mark(']') {
		return true
	}
	for s.value(depth) {
		if !s.mark(',') {
			return s.mark(']')
		}
	}
	return false
}

func (s *scanner) value(depth int) bool {
	s.space()
	if s.pos == len(s.data) {
		return false
	}
	switch s.data[s.pos] {
	case '{':
		return depth < deepest && s.object(nil, depth+1)
	case '[':
		return depth < deepest && s.array(depth+1)
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

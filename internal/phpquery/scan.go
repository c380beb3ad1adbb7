package phpquery

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"unicode/utf16"
)

// scanner is somewhere in a JSON text that is known to be valid.
type scanner struct {
	json string
	pos  int
}

// member is a member of an object, or an element of a list, whose name is its number.
type member struct {
	name string
	pos  int // of the value
}

// split goes past an object or a list, and returns its members; of those with the same name the last one, in the place
// of the first. It reports false if there are more than limit.
func (s *scanner) split(limit int) ([]member, bool) {
	isObject := s.next() == '{'
	s.pos++
	members := make([]member, 0, 8)
	for {
		switch s.next() {
		case '}', ']':
			s.pos++
			return members, true
		case ',':
			s.pos++
			continue
		}
		name, at := strconv.Itoa(len(members)), -1
		if isObject {
			name = s.text()
			at = slices.IndexFunc(members, func(m member) bool { return m.name == name })
			s.next() // the colon
			s.pos++
		}
		switch {
		case at >= 0:
			members[at].pos = s.pos
		case len(members) == limit:
			return nil, false
		default:
			members = append(members, member{name, s.pos})
		}
		s.skip()
	}
}

// next goes past spaces and returns what stands behind them.
func (s *scanner) next() byte {
	for {
		switch c := s.json[s.pos]; c {
		case ' ', '\t', '\n', '\r':
			s.pos++
		default:
			return c
		}
	}
}

// skip goes past a value.
func (s *scanner) skip() {
	depth := 0
	for {
		switch s.next() {
		case '{', '[':
			depth++
			s.pos++
		case '}', ']':
			depth--
			s.pos++
		case '"':
			s.quoted()
		case ',', ':':
			s.pos++
		default:
			s.literal()
		}
		if depth == 0 {
			return
		}
	}
}

// literal goes past a number, true, false or null, and returns it as it stands.
func (s *scanner) literal() string {
	start := s.pos
	s.pos += strings.IndexAny(s.json[start:], ",]} \t\n\r")
	return s.json[start:s.pos]
}

// text goes past a text and returns what it says.
func (s *scanner) text() string {
	quoted := s.quoted()
	if strings.IndexByte(quoted, '\\') < 0 {
		return quoted[1 : len(quoted)-1]
	}
	var text string
	_ = json.Unmarshal([]byte(quoted), &text) // it is valid
	return text
}

// quoted goes past a text and returns it with its quotes.
func (s *scanner) quoted() string {
	start := s.pos
	for s.pos++; s.json[s.pos] != '"'; s.pos++ {
		if s.json[s.pos] == '\\' {
			s.pos++
		}
	}
	s.pos++
	return s.json[start:s.pos]
}

// hasLoneSurrogate reports whether a valid JSON text has half of a surrogate pair, such as \ud800: PHP takes that for
// no JSON at all, where Go reads another character.
func hasLoneSurrogate(text string) bool {
	for {
		at := strings.IndexByte(text, '\\')
		if at < 0 {
			return false
		}
		text = text[at:]
		first, ok := escaped(text)
		if !ok {
			text = text[2:]
			continue
		}
		text = text[len(`\u0000`):]
		if !utf16.IsSurrogate(first) {
			continue
		}
		second, ok := escaped(text)
		if !ok || utf16.DecodeRune(first, second) == '\uFFFD' {
			return true
		}
		text = text[len(`\u0000`):]
	}
}

// escaped returns the number behind a \u at the beginning.
func escaped(text string) (rune, bool) {
	digits, ok := strings.CutPrefix(text, `\u`)
	if !ok {
		return 0, false
	}
	number, err := strconv.ParseUint(digits[:4], 16, 16)
	return rune(number), err == nil
}

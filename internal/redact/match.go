package redact

import (
	"html"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// rule says where a secret is one.
type rule struct {
	// anywhere is the length in bytes from which a secret is masked wherever it stands. A shorter one is masked only
	// where it is a word of its own: a CLIENT_ID of "my" must not eat into other words.
	anywhere int
	// folds tells that the letter case of such a secret does not matter.
	folds bool
}

var (
	inText = rule{anywhere: 6, folds: true}
	inCode = rule{anywhere: 8} // codes are made of words, and decided by
)

// starts notes the bytes that a secret may begin with in a text, and returns the length of the shortest, or 0 where
// there are none. In no form is a secret shorter than it is.
func (set Set) starts(rule rule, starts *[256]bool) (shortest int) {
	for _, secret := range set {
		text := secret.Reveal()
		if text == "" {
			continue
		}
		if shortest == 0 || len(text) < shortest {
			shortest = len(text)
		}
		first := text[0]
		starts[first] = true
		if rule.folds {
			starts[otherCase(first)] = true
		}
		if first == ' ' {
			starts['+'] = true
		}
	}
	starts['%'], starts['\\'], starts['&'] = true, true, true
	return shortest
}

// at returns the length of the longest secret that stands at a place of s, or 0. Where s goes on after its end, partial
// tells that with more of it there might be another answer.
func (set Set) at(s string, i int, rule rule, end bool) (longest int, partial bool) {
	for _, secret := range set {
		text := secret.Reveal()
		if text == "" {
			continue
		}
		isLong := len(text) >= rule.anywhere
		n, found, more := match(text, s[i:], rule.folds && isLong)
		partial = partial || more
		if !found || n <= longest {
			continue
		}
		if !isLong {
			partial = partial || i+n == len(s)
			if i > 0 && isWord(s[i-1]) || i+n < len(s) && isWord(s[i+n]) {
				continue
			}
		}
		longest = n
	}
	return longest, partial && !end
}

func isWord(c byte) bool {
	return c == '_' || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= 0x80
}

// longestForm is how many bytes a character takes at the most, however it is escaped.
const longestForm = 32

// match compares the beginning of s with a secret, any character of which may be escaped in any way, and returns its
// length there. Where it did not find it, partial tells that s ended before that was certain.
func match(secret, s string, folds bool) (n int, found, partial bool) {
	plain := 0
	for plain < min(len(secret), len(s)) && !isEscape(s[plain]) && (s[plain] == secret[plain] || folds && otherCase(s[plain]) == secret[plain]) {
		plain++
	}
	switch {
	case plain == len(secret):
		return plain, true, false
	case plain == len(s):
		return 0, false, true
	case isEscape(s[plain]) || s[plain] == '+':
		n, found, partial = matchEscaped(secret[plain:], s[plain:], folds)
		return plain + n, found, partial
	default:
		return 0, false, false
	}
}

// isEscape reports whether an escaped character may begin with c.
func isEscape(c byte) bool { return c == '%' || c == '\\' || c == '&' }

// matchEscaped is match for a text whose first character may be escaped.
func matchEscaped(secret, s string, folds bool) (n int, found, partial bool) {
	_, size := utf8.DecodeRuneInString(secret)
	char := secret[:size]
	for _, n := range lengths(char, s[:min(len(s), longestForm)], folds) {
		if n == 0 {
			continue
		}
		rest, found, more := match(secret[size:], s[n:], folds)
		if found {
			return n + rest, true, false
		}
		partial = partial || more
	}
	return 0, false, partial || len(s) < longestForm && isEscape(s[0])
}

// literal returns the length of a character at the beginning of s, as it is or as forms have a space, or 0.
func literal(char, s string, folds bool) int {
	if strings.HasPrefix(s, char) || folds && len(char) == 1 && otherCase(char[0]) == s[0] || char == " " && s[0] == '+' {
		return len(char)
	}
	return 0
}

// otherCase returns a letter of ASCII in the other case, and anything else as it is.
func otherCase(c byte) byte {
	switch {
	case 'a' <= c && c <= 'z':
		return c - 'a' + 'A'
	case 'A' <= c && c <= 'Z':
		return c - 'A' + 'a'
	default:
		return c
	}
}

// lengths returns how many bytes a character may take at the beginning of s, in any of the forms, or 0.
func lengths(char, s string, folds bool) [4]int {
	switch s[0] {
	case '%':
		return [4]int{inURL(char, s), literal(char, s, folds)}
	case '&':
		return [4]int{inHTML(char, s), literal(char, s, folds)}
	case '\\':
		if char == `\` { // once more in each JSON around it
			slashes := len(s) - len(strings.TrimLeft(s, `\`))
			return [4]int{inUTF16(char, s), 4 * min(slashes/4, 1), 2 * min(slashes/2, 1), 1}
		}
		return [4]int{inJSON(char, s), inHTML(char, s)}
	default:
		return [4]int{literal(char, s, folds)}
	}
}

// inURL reads %XX, for each byte of the character.
func inURL(char, s string) int {
	if len(s) < 3*len(char) {
		return 0
	}
	for i := range len(char) {
		escape := s[3*i : 3*i+3]
		if c, err := strconv.ParseUint(escape[1:], 16, 8); escape[0] != '%' || err != nil || byte(c) != char[i] {
			return 0
		}
	}
	return 3 * len(char)
}

// inJSON reads a backslash and what stands for the character behind it: itself, a letter, or uXXXX. What is JSON within
// JSON has several backslashes.
func inJSON(char, s string) int {
	behind := strings.TrimLeft(s, `\`)
	slashes := len(s) - len(behind)
	if behind == "" {
		return 0
	}
	if behind[0] == 'u' {
		return inUTF16(char, s)
	}
	const letters, meant = "bfnrt", "\b\f\n\r\t"
	if i := strings.IndexByte(letters, behind[0]); i >= 0 && char == meant[i:i+1] || char == behind[:1] && !isWord(behind[0]) {
		return slashes + 1
	}
	return 0
}

// inUTF16 reads \uXXXX, twice for a character that has two of them.
func inUTF16(char, s string) int {
	r, _ := utf8.DecodeRuneInString(char)
	rest := s
	for _, unit := range utf16.AppendRune(nil, r) {
		behind := strings.TrimLeft(rest, `\`)
		if len(behind) == len(rest) || len(behind) < 5 || behind[0] != 'u' {
			return 0
		}
		if got, err := strconv.ParseUint(behind[1:5], 16, 16); err != nil || got != uint64(unit) {
			return 0
		}
		rest = behind[5:]
	}
	return len(s) - len(rest)
}

// inHTML reads an entity, by name or number. Its ampersand may be escaped itself: once more in HTML, or in JSON.
func inHTML(char, s string) int {
	for _, ampersand := range [...]string{"&amp;", "&", `\u0026`} {
		entity, ok := strings.CutPrefix(s, ampersand)
		if !ok {
			continue
		}
		end := strings.IndexByte(entity, ';')
		if end >= 0 && html.UnescapeString("&"+entity[:end+1]) == char {
			return len(ampersand) + end + 1
		}
		if ampersand == "&amp;" && char == "&" {
			return len(ampersand)
		}
	}
	return 0
}

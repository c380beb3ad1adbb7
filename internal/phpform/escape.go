package phpform

import "strings"

// unescape undoes the encoding of a form: "+" is a space, %XX a byte. Other than net/url it cannot fail: an escape that
// is none stays as it stands.
func unescape(s string) string {
	if !strings.ContainsAny(s, "+%") {
		return s
	}
	var text strings.Builder
	text.Grow(len(s))
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] == '+':
			text.WriteByte(' ')
		case s[i] == '%' && i+2 < len(s) && isHex(s[i+1]) && isHex(s[i+2]):
			text.WriteByte(hexDigit(s[i+1])<<4 | hexDigit(s[i+2]))
			i += 2
		default:
			text.WriteByte(s[i])
		}
	}
	return text.String()
}

func isHex(b byte) bool {
	return b >= '0' && b <= '9' || b|0x20 >= 'a' && b|0x20 <= 'f'
}

// hexDigit returns the value of a digit that isHex has accepted.
func hexDigit(b byte) byte {
	if b <= '9' {
		return b - '0'
	}
	return b | 0x20 - 'a' + 10
}

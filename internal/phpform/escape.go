package phpform

import "strings"

// decoder has all texts that it has decoded in one piece of memory. It needs no more than the texts had before.
type decoder struct{ strings.Builder }

// unescape undoes the encoding of a form: "+" is a space, %XX a byte. Other than net/url it cannot fail: an escape that
// is none stays as it stands.
func (d *decoder) unescape(s string) string {
	start := d.Len()
	plain := 0 // where the bytes begin that stand for themselves and are not written yet
	for i := 0; i < len(s); i++ {
		var c byte
		size := 1
		switch {
		case s[i] == '+':
			c = ' '
		case s[i] == '%' && i+2 < len(s) && isHex(s[i+1]) && isHex(s[i+2]):
			c, size = hexDigit(s[i+1])<<4|hexDigit(s[i+2]), len("%XX")
		default:
			continue
		}
		d.WriteString(s[plain:i])
		d.WriteByte(c)
		plain = i + size
		i = plain - 1
	}
	if plain == 0 {
		return s // nothing is escaped
	}
	d.WriteString(s[plain:])
	return d.String()[start:]
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

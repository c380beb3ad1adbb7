// Package hostname knows how the name of a host has to be written so that net/http means one host by it. By some names
// in other alphabets (with a capital letter, a full-width dot) it means two, and over HTTP/2 opens connections to the
// one without end while it looks for those to the other.
package hostname

import (
	"net/url"
	"strings"
	"unicode"
)

// LowerURL puts the host of u into lower case, and reports whether u can be used then.
func LowerURL(u *url.URL) (ok bool) {
	u.Host = strings.ToLower(u.Host)
	return isOne(u.Hostname())
}

// isOne reports whether net/http means one host by a name in lower case. It does by all that are in ASCII, and by those
// in letters that have one spelling, made of labels as a registry takes them.
func isOne(name string) bool {
	ascii := !strings.ContainsFunc(name, func(r rune) bool { return r > unicode.MaxASCII })
	if ascii {
		return true
	}
	for label := range strings.SplitSeq(name, ".") {
		if strings.Trim(label, "-") != label || strings.Contains(label, "--") {
			return false
		}
	}
	return !strings.ContainsFunc(name, func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < '0' || r > '9') && r != '.' && r != '-' && !unicode.Is(letters, r)
	})
}

// letters are small letters with one spelling. Names in others can be written in their ASCII form, xn--….
var letters = &unicode.RangeTable{R16: []unicode.Range16{
	{Lo: 'ß', Hi: 'ö', Stride: 1},
	{Lo: 'ø', Hi: 'ÿ', Stride: 1}, // Latin
	{Lo: 'ā', Hi: 'ı', Stride: 2},
	{Lo: 'ĵ', Hi: 'ķ', Stride: 2},
	{Lo: 'ĺ', Hi: 'ľ', Stride: 2},
	{Lo: 'ł', Hi: 'ň', Stride: 2},
	{Lo: 'ŋ', Hi: 'ŷ', Stride: 2},
	{Lo: 'ź', Hi: 'ž', Stride: 2},
	{Lo: 'ά', Hi: 'ώ', Stride: 1}, // Greek
	{Lo: 'а', Hi: 'џ', Stride: 1},
	{Lo: 'ґ', Hi: 'ґ', Stride: 1}, // Cyrillic
	{Lo: 'ぁ', Hi: 'ゖ', Stride: 1},
	{Lo: 'ァ', Hi: 'ー', Stride: 1}, // Japanese
	{Lo: '一', Hi: '鿿', Stride: 1},
	{Lo: '가', Hi: '힣', Stride: 1}, // Chinese and Korean
}}

package main

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// printable makes one line of a text from elsewhere, which moves no cursor and changes no color.
func printable(text string) string { return strings.Map(plain, strings.ToValidUTF8(text, "?")) }

// printableLines does the same for each line of a text.
func printableLines(text string) string {
	return strings.Map(func(r rune) rune {
		if r == '\n' {
			return r
		}
		return plain(r)
	}, strings.ToValidUTF8(text, "?"))
}

func plain(r rune) rune {
	if !unicode.IsPrint(r) {
		return ' '
	}
	return r
}

// few is the beginning of a text from elsewhere.
func few(text string, most int) string {
	text = printable(text)
	if utf8.RuneCountInString(text) > most {
		return string([]rune(text)[:most]) + "…"
	}
	return text
}

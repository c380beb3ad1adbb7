package main

import (
	"fmt"
	"io"
	"strings"
	"unicode"

	"github.com/rivo/uniseg"
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

// width is how many columns of a terminal a text takes. An emoji and a Chinese character take two each.
func width(text string) int { return uniseg.StringWidth(text) }

// cut divides a text after as many of its characters as fit into so many columns. A character may be several runes, and
// is not divided.
func cut(text string, columns int) (start, rest string) {
	rest = text
	for state, used := -1, 0; rest != ""; {
		_, after, wide, next := uniseg.FirstGraphemeClusterInString(rest, state)
		if used += wide; used > columns {
			break
		}
		rest, state = after, next
	}
	return text[:len(text)-len(rest)], rest
}

// few is the beginning of a text from elsewhere, of so many columns.
func few(text string, most int) string {
	text = printable(text)
	if width(text) > most {
		text, _ = cut(text, most)
		return text + "…"
	}
	return text
}

// counted is a number with what it counts: "1 chat", "2 chats".
func counted(n int, thing string) string {
	if n != 1 {
		thing += "s"
	}
	return fmt.Sprintf("%d %s", n, thing)
}

// say writes a text of one or more lines. On a terminal it breaks them between words.
func say(out io.Writer, text string) {
	if isTerminal(out) {
		lines := strings.Split(text, "\n")
		for i, line := range lines {
			lines[i] = wrap(line, columns(out)-1, "")
		}
		text = strings.Join(lines, "\n")
	}
	fmt.Fprintln(out, text)
}

// wrapHard breaks a text between words, and a word that alone has more columns within it. Only a character that is wider
// than that stays whole.
func wrapHard(text string, columns int) string {
	lines := strings.Split(wrap(text, columns, ""), "\n")
	var fitting []string
	for _, line := range lines {
		for {
			start, rest := cut(line, columns)
			if start == "" { // not even one character fits
				start, rest, _, _ = uniseg.FirstGraphemeClusterInString(line, -1)
			}
			fitting = append(fitting, start)
			if line = rest; line == "" {
				break
			}
		}
	}
	return strings.Join(fitting, "\n")
}

// wrap breaks a line between words, so that each piece has at the most so many columns, unless a word alone has more.
// All pieces but the first begin with the indent.
func wrap(line string, columns int, indent string) string {
	var b strings.Builder
	used := 0
	for i, word := range strings.Split(line, " ") {
		wide := width(word)
		switch {
		case i == 0:
		case used+1+wide > columns:
			b.WriteString("\n" + indent)
			used = len(indent)
		default:
			b.WriteByte(' ')
			used++
		}
		b.WriteString(word)
		used += wide
	}
	return b.String()
}

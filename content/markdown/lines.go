package markdown

import (
	"bytes"
	"strings"
	"unicode"

	"github.com/seed-a6e4e5a4/imbot/content"
)

// line is a line of a message, or a block of code.
type line struct {
	quote  int // how many quotes it is in
	starts int // the most important of the units that begin with it
	isCode bool
	runs   []run // of code a single one, without a style
}

// The units of which a message is made.
const (
	lineOnly  = iota
	leafBlock // such as a paragraph in a list
	topBlock  // such as a list
)

// run is text of one style.
type run struct {
	style

	text []byte
}

type style struct {
	link                 *link
	bold, italic, strike bool
}

// link is one that there may be, so that two links to the same address stay two.
type link struct{ address string }

// render returns lines as a text.
func render(lines []line) content.Text {
	var c composer
	for start := 0; start < len(lines); {
		end := start
		for end < len(lines) && (lines[end].quote > 0) == (lines[start].quote > 0) {
			end++
		}
		if start > 0 {
			c.plain("\n")
		}
		if lines[start].quote == 0 {
			c.lines(lines[start:end])
		} else {
			var quote composer
			quote.lines(lines[start:end])
			c.text(content.Quote(quote.values()...))
		}
		start = end
	}
	return content.Join(c.values()...)
}

// composer collects what is joined. As long a plain text as possible is one value.
type composer struct {
	parts []any
	last  strings.Builder
}

func (c *composer) plain(text string) { c.last.WriteString(text) }

func (c *composer) text(text content.Text) {
	c.parts = append(c.values(), text)
}

func (c *composer) values() []any {
	if c.last.Len() > 0 {
		c.parts = append(c.parts, c.last.String())
		c.last.Reset()
	}
	return c.parts
}

// lines adds lines that are all in a quote or all in none.
func (c *composer) lines(lines []line) {
	for i, l := range lines {
		if i > 0 {
			c.plain("\n")
		}
		if l.quote > 1 {
			c.text(content.Raw(strings.Repeat(">>", l.quote-1)))
		}
		if l.isCode {
			c.text(content.Code(string(l.runs[0].text)))
			continue
		}
		c.runs(l.runs, 0)
	}
}

// codes are what styles are made of, the outermost first.
var codes = []struct {
	same func(a, b style) bool
	wrap func(s style, inner []any) (content.Text, bool)
}{
	{
		func(a, b style) bool { return a.link == b.link },
		func(s style, inner []any) (content.Text, bool) {
			if s.link == nil {
				return content.Text{}, false
			}
			return content.Link(s.link.address, inner...), true
		},
	},
	{
		func(a, b style) bool { return a.bold == b.bold },
		func(s style, inner []any) (content.Text, bool) { return content.Bold(inner...), s.bold },
	},
	{
		func(a, b style) bool { return a.italic == b.italic },
		func(s style, inner []any) (content.Text, bool) { return content.Italic(inner...), s.italic },
	},
	{
		func(a, b style) bool { return a.strike == b.strike },
		func(s style, inner []any) (content.Text, bool) { return content.Strike(inner...), s.strike },
	},
}

// runs adds runs, with the codes from a depth on.
func (c *composer) runs(runs []run, depth int) {
	if depth == len(codes) {
		for _, r := range runs {
			c.plain(string(r.text))
		}
		return
	}
	code := codes[depth]
	for start := 0; start < len(runs); {
		end := start + 1
		for end < len(runs) && code.same(runs[start].style, runs[end].style) {
			end++
		}
		if _, has := code.wrap(runs[start].style, nil); has {
			var inner composer
			inner.runs(runs[start:end], depth+1)
			wrapped, _ := code.wrap(runs[start].style, inner.values())
			c.text(wrapped)
		} else {
			c.runs(runs[start:end], depth+1)
		}
		start = end
	}
}

// isBlank reports whether nothing is to be seen in lines.
func isBlank(lines []line) bool {
	for _, l := range lines {
		for _, r := range l.runs {
			if bytes.ContainsFunc(r.text, func(c rune) bool { return c != '\u200b' && !unicode.IsSpace(c) }) {
				return false
			}
		}
	}
	return true
}

// trim leaves out blank lines at the start and the end.
func trim(lines []line) []line {
	for len(lines) > 0 && isBlank(lines[:1]) {
		lines = lines[1:]
	}
	for len(lines) > 0 && isBlank(lines[len(lines)-1:]) {
		lines = lines[:len(lines)-1]
	}
	return lines
}

package markdown

import (
	"cmp"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/seed-a6e4e5a4/imbot/content"
)

// room is how long the text of a message may be by the count of costs.
const room = content.MaxTextLength - 10

// splitter fills messages with lines.
type splitter struct {
	parts []content.Text
	lines []line // of the message to come
	cost  int
}

// flush ends a message.
func (s *splitter) flush() {
	if !isBlank(s.lines) {
		s.parts = append(s.parts, render(trim(s.lines)))
	}
	s.lines, s.cost = nil, 0
}

func (s *splitter) add(lines []line, cost int) {
	if s.cost+cost > room {
		s.flush()
	}
	s.lines = append(s.lines, lines...)
	s.cost += cost
}

// pack adds lines, unit by unit. A unit that is too long for a message is packed by the smaller units it is made of.
func (s *splitter) pack(lines []line, finer int) {
	for start := 0; start < len(lines); {
		end, cost := start+1, lines[start].cost()
		for end < len(lines) && lines[end].starts < topBlock-finer {
			cost += lines[end].cost()
			end++
		}
		switch unit := lines[start:end]; {
		case cost <= room:
			s.add(unit, cost)
		case len(unit) > 1:
			s.pack(unit, finer+1)
		default:
			s.split(unit[0])
		}
		start = end
	}
}

// split adds the pieces of a line that is too long for a message, the first to what there is, if that is not much.
func (s *splitter) split(l line) {
	if s.cost > room/2 {
		s.flush()
	}
	piece := line{quote: l.quote, isCode: l.isCode}
	for left := l.runs; len(left) > 0; {
		piece.runs, left = cut(left, room-s.cost-piece.cost(), l.isCode)
		s.add([]line{piece}, piece.cost())
		if len(left) > 0 {
			s.flush()
		}
		piece.runs = nil
	}
}

// cut returns as many runs as have room, and the rest: at the end of a line of code if there is one, else between words,
// else between characters as people see them.
func cut(runs []run, room int, isCode bool) (head, rest []run) {
	type place struct{ run, start, end int } // what is cut out
	var lineEnd, wordEnd, charEnd *place
	var before rune
	cost := 0
	for i, r := range runs {
		cost += r.cost()
		for at := 0; at < len(r.text); {
			c, size := utf8.DecodeRune(r.text[at:])
			if cost += costOf(c); cost > room && (i > 0 || at > 0) {
				here := &place{i, at, at}
				if !joins(before, c) {
					charEnd = here
				}
				end := cmp.Or(lineEnd, wordEnd, charEnd, here)
				return divide(runs, end.run, end.start, end.end)
			}
			if (i > 0 || at > 0) && !joins(before, c) {
				charEnd = &place{i, at, at}
			}
			before = c
			switch {
			case i == 0 && at == 0: // a piece has something in it
			case c == '\n' && isCode:
				lineEnd = &place{i, at, at + size}
			case c == ' ' || c == '\n' || c == '\t':
				wordEnd = &place{i, at, at + size}
			}
			at += size
		}
	}
	return runs, nil
}

// joins reports whether two characters are parts of one that people see: with an accent, or an emoji of several.
func joins(before, c rune) bool {
	const joiner, lightest, darkest = '\u200d', '\U0001f3fb', '\U0001f3ff' // the colors of skin
	return before == joiner || c == joiner || c >= lightest && c <= darkest || unicode.In(c, unicode.Mn, unicode.Me, unicode.Variation_Selector)
}

// divide divides runs at a place in one of them.
func divide(runs []run, i, start, end int) (head, rest []run) {
	head = append(head, runs[:i]...)
	if start > 0 {
		head = append(head, run{runs[i].style, runs[i].text[:start]})
	}
	if end == len(runs[i].text) {
		return head, runs[i+1:]
	}
	runs[i].text = runs[i].text[end:]
	return head, runs[i:]
}

// cost returns how many characters a line has in a message at most, with its codes and the end of the line.
func (l line) cost() int {
	n := 1 + len(">>")*l.quote
	if l.isCode {
		n += len("[code][/code]")
	}
	for _, r := range l.runs {
		n += r.cost()
		for _, c := range string(r.text) {
			n += costOf(c)
		}
	}
	return n
}

func (s style) cost() int {
	n := 0
	if s.link != nil {
		n += utf8.RuneCountInString(content.Link(s.link.address, "x").String()) - 1
	}
	for _, has := range []bool{s.bold, s.italic, s.strike} {
		if has {
			n += len("[b][/b]")
		}
	}
	return n
}

// guarded are the characters beside which package content may put an invisible one.
const guarded = `[]()<>\&:#-/wW`

func costOf(c rune) int {
	switch {
	case strings.ContainsRune(guarded, c),
		c >= '\u202a' && c <= '\u202e', c >= '\u2066' && c <= '\u2068': // what turns the direction, and is ended
		return 2
	}
	return 1
}

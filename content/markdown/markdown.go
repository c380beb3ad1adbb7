package markdown

import (
	"strings"

	"github.com/seed-a6e4e5a4/imbot/content"
)

// Text returns Markdown as the text of a message. It may be longer than a message, which [content.CheckText] finds and
// [Split] avoids. A source in which there is nothing to be seen is an empty text.
func Text(source string) content.Text {
	return render(read(source))
}

// Split returns Markdown as the texts of as many messages as it takes: one, if it is not too long for that, and none if
// there is nothing to be seen. A message ends before a block, such as a paragraph or a list. A block that is too long
// by itself is split between its lines, such a line between words, and such a word between letters. What goes on in the next
// message, as a quote, a link or a block of code, ends in the one and begins again in the other.
//
// Every text is right for [content.CheckText]. Nothing but spaces and line breaks is left out between two of them.
func Split(source string) []content.Text {
	lines := read(source)
	if isBlank(lines) {
		return nil
	}
	if whole := render(lines); content.CheckText(whole.String()) == nil {
		return []content.Text{whole}
	}
	var s splitter
	s.pack(lines, 0)
	s.flush()
	return s.parts
}

// read returns the lines of a message, without blank ones at the start and the end.
func read(source string) []line {
	b := newBuilder(prepare(source))
	b.blocks(b.parse())
	return trim(b.lines)
}

// prepare makes a source fit to be parsed.
func prepare(source string) string {
	source = strings.ToValidUTF8(source, "\ufffd")
	source = strings.NewReplacer("\r\n", "\n", "\r", "\n", "\x00", "\ufffd").Replace(source)
	const most = 8 // lines, as all open blocks keep something of each
	var b strings.Builder
	blank := 0
	for l := range strings.Lines(source) {
		if blank++; strings.Trim(l, " \t\n") != "" {
			blank = 0
		}
		if blank <= most {
			b.WriteString(l)
		}
	}
	return b.String()
}

package content

import (
	"fmt"
	"slices"
	"strings"
)

// Text is the text of a message, ready to be sent: String is what goes into its field. It consists of plain text, which
// is shown letter by letter whoever wrote it, and of the codes that the functions of this package put there. No plain
// text can become a code, also not where two of them meet. The zero Text is empty.
type Text struct{ parts pieces }

type pieces []part

// part is a piece of a Text; only newLine has no text.
type part struct {
	kind kind
	text string
}

type kind int

const (
	plain   kind = iota // letters to be shown
	code                // codes of Bitrix24, sent as they are
	newLine             // what is around it stands on lines of its own
)

// Join returns the parts one after another, with nothing between them. A part is a [Text], which stays what it is, or
// any other value, which is plain text: what [fmt.Sprint] makes of it.
func Join(values ...any) Text {
	var t Text
	for _, value := range values {
		text, ok := value.(Text)
		if !ok {
			text.parts = pieces{}.add(plain, closed(fmt.Sprint(value)))
		}
		for _, p := range text.parts {
			t.parts = t.parts.add(p.kind, p.text)
		}
	}
	return t
}

// add appends a part, and makes one of plain text and plain text.
func (p pieces) add(kind kind, text string) pieces {
	last := len(p) - 1
	switch {
	case text == "" && kind != newLine:
		return p
	case kind == plain && last >= 0 && p[last].kind == plain:
		p[last].text += text
		return p
	}
	return append(p, part{kind, text})
}

// Escape returns plain text, which is shown letter by letter: no code in it takes effect. What a chat does with any
// text stays: an address becomes a link, the address of a picture shows it, and :) becomes a smile.
//
// Bitrix24 has no escape character, and decodes entities such as &#91; before it looks for codes. So an invisible
// character, U+200B, is put between the letters of what would be a code, as Bitrix24's own clients do: after every "[",
// and into #BR#, ](, >>, a row of dashes, HTML, entities, hexadecimal emoji, the \n of attachments, the #### of
// placeholders, and a /me or /loud, in any letter case, at the start of a message. Whoever copies the text copies it,
// and it counts for [MaxTextLength]. In a text with codes an address that a code would become a part of is no link.
//
// A character that turns the direction of letters around (U+202A to U+202E, U+2066 to U+2068) is ended behind the text,
// by U+202C or U+2069: what follows stands as it was written.
func Escape(text string) Text { return Join(text) }

// Raw returns codes as they are, for what has no function here: "[icon=https://bot.example/i.png size=20]". It must
// never be given anything that somebody else wrote.
func Raw(codes string) Text { return Text{pieces{}.add(code, codes)} }

// String returns the text as a message has it.
func (t Text) String() string {
	var b strings.Builder
	amongCodes := slices.ContainsFunc(t.parts, func(p part) bool { return p.kind == code })
	for i, p := range t.parts {
		if p.kind == newLine {
			continue
		}
		text := p.text
		if p.kind == plain {
			text = escape(text, neighbors{
				first:      strings.TrimFunc(b.String(), isTrimmed) == "",
				amongCodes: amongCodes,
				afterCode:  i > 0 && t.parts[i-1].kind == code,
				beforeCode: i+1 < len(t.parts) && t.parts[i+1].kind == code && t.parts[i+1].text[0] != '\n',
			})
		}
		if written := b.String(); i > 0 && t.parts[i-1].kind == newLine && written != "" &&
			!strings.HasSuffix(written, "\n") && text[0] != '\n' {
			b.WriteByte('\n')
		}
		b.WriteString(text)
	}
	return b.String()
}

// MarshalText returns the same as String.
func (t Text) MarshalText() ([]byte, error) { return []byte(t.String()), nil }

package content

import (
	"regexp"
	"slices"
	"strings"
	"unicode"
)

// invisible is put between letters that would be a code. Bitrix24's clients use the same character for that.
const invisible = "\u200b"

// neighbors is what stands around plain text.
type neighbors struct {
	first      bool // nothing before it but what servers and clients trim
	amongCodes bool // the message has codes
	afterCode  bool
	beforeCode bool
}

var (
	entityRest = regexp.MustCompile(`^#?[0-9A-Za-z]+;`)
	emojiRest  = regexp.MustCompile(`^[0-9A-Fa-f]{6,}:`) // ":f09f938e:" is how a portal stores an emoji
	tagRest    = regexp.MustCompile(`^(?i:/?(code|put|send))`)
	address    = regexp.MustCompile(`(?i)://|www\.`)
	addressed  = regexp.MustCompile(`^(?i:[a-z]+://|www\.)[^(“‘«]*$`)
	word       = regexp.MustCompile(`[^ \t\r\n\f"{}]+`)
	tagStart   = regexp.MustCompile(`^[/A-Za-z]`)

	commandStart = regexp.MustCompile(`^(?i:/(me|loud))`) // whether letter case matters is up to each client
)

// escape returns plain text with invisible characters where it would be a code.
func escape(text string, around neighbors) string {
	if around.amongCodes {
		text = partAddresses(text, around.beforeCode)
	}
	var b strings.Builder
	if around.afterCode && text[0] == '(' { // Markdown: [code](address)
		b.WriteString(invisible)
	}
	command := -1 // where a /me or /loud begins
	if around.first {
		trimmed := strings.TrimLeftFunc(text, isTrimmed)
		if commandStart.MatchString(trimmed) {
			command = len(text) - len(trimmed)
		}
	}
	partLetters(&b, text, func(i, same int) bool { return i == command || breaks(text[i], text[i+1:], same) })
	return b.String()
}

// partLetters writes a text with an invisible character after each letter, the same-th of its kind in a row, that is to
// have one.
func partLetters(b *strings.Builder, text string, after func(i, same int) bool) {
	same := 0
	for i := range len(text) {
		if i > 0 && text[i] != text[i-1] {
			same = 0
		}
		same++
		b.WriteByte(text[i])
		if after(i, same) {
			b.WriteString(invisible)
			same = 0
		}
	}
}

// breaks reports whether a character, the same-th of its kind in a row, would be a part of a code with the rest.
func breaks(c byte, rest string, same int) bool {
	switch c {
	case '[':
		return true
	case ']':
		return strings.HasPrefix(rest, "(")
	case '>':
		return strings.HasPrefix(rest, ">")
	case '<':
		return tagStart.MatchString(rest)
	case '\\':
		return rest != "" && strings.IndexByte(`nt"\`, rest[0]) >= 0
	case '&':
		return entityRest.MatchString(rest)
	case ':':
		return emojiRest.MatchString(rest)
	case '#':
		return same == 3 || len(rest) >= 3 && strings.EqualFold(rest[:3], "BR#")
	case '-':
		return same == 5
	}
	return false
}

// partAddresses keeps the server from making links of addresses in a text with codes, but for those that are words of
// their own: it ends an address at white space, and one in brackets at the next bracket, whatever codes there are
// before.
func partAddresses(text string, beforeCode bool) string {
	var b strings.Builder
	done := 0
	for _, at := range word.FindAllStringIndex(text, -1) {
		w := text[at[0]:at[1]]
		if addressed.MatchString(w) && (at[1] < len(text) || !beforeCode) {
			continue
		}
		b.WriteString(text[done:at[0]])
		b.WriteString(address.ReplaceAllStringFunc(w, func(found string) string {
			if found == "://" {
				return ":" + invisible + "//"
			}
			return found[:3] + invisible + "."
		}))
		done = at[1]
	}
	return b.String() + text[done:]
}

// isTrimmed reports whether PHP or JavaScript trims a character off the start of a message.
func isTrimmed(r rune) bool { return unicode.IsSpace(r) || r == 0 || r == '\ufeff' }

// The characters that turn the direction of letters around, and those that end that.
const (
	endOfEmbedding = '\u202c'
	endOfIsolate   = '\u2069'
)

// closed returns a text that turns no letters around behind its end: what does so in it is ended there.
func closed(text string) string {
	if !strings.ContainsFunc(text, turns) {
		return text
	}
	var open []rune // what ends each of those that are open, the innermost last
	isolates := 0   // how many of these are isolates
	pop := func() (end rune) {
		end, open = open[len(open)-1], open[:len(open)-1]
		return end
	}
	for _, r := range text {
		switch r {
		case '\u202a', '\u202b', '\u202d', '\u202e':
			open = append(open, endOfEmbedding)
		case '\u2066', '\u2067', '\u2068':
			open = append(open, endOfIsolate)
			isolates++
		case endOfEmbedding: // which ends nothing that is outside of its isolate
			if n := len(open); n > 0 && open[n-1] == endOfEmbedding {
				pop()
			}
		case endOfIsolate: // and all embeddings in it
			if isolates == 0 {
				continue
			}
			isolates--
			for pop() != endOfIsolate { //nolint:revive // all that is to be done
			}
		}
	}
	slices.Reverse(open)
	return text + string(open)
}

// turns reports whether a character turns the direction of letters around.
func turns(r rune) bool {
	return r >= '\u202a' && r <= '\u202e' && r != endOfEmbedding || r >= '\u2066' && r <= '\u2068'
}

// escapeCode returns the inside of a [code] block. Little is looked for there, and little is changed, as it is copied.
func escapeCode(text string) string {
	text = closed(text)
	var b strings.Builder
	partLetters(&b, text, func(i, same int) bool {
		switch text[i] {
		case '[':
			return tagRest.MatchString(text[i+1:])
		case ':', '#':
			return breaks(text[i], text[i+1:], same)
		}
		return false
	})
	return b.String()
}

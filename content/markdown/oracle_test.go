package markdown_test

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-a6e4e5a4/imbot/content"
	"github.com/seed-a6e4e5a4/imbot/content/markdown"
)

// What follows knows nothing of how the package works. It finds what a server or a client of Bitrix24 takes for more
// than letters, and leaves out what the package may write.
var (
	codeBlock = regexp.MustCompile(`(?s)\[code\](.*?)\[/code\]`)
	inCode    = regexp.MustCompile(`(?i)\[/?(?:code|put|send)|####|:[0-9a-f]{8}:`)
	ours      = regexp.MustCompile(`\[/?[bis]\]|\[url=((?:(?i:https?)://[^\[\]\s"'<>/]|/)[^\[\]\s"'<>]*)\]|\[/url\]`)
	quoteMark = regexp.MustCompile(`(?m)^(?:>>)+`)
	tags      = regexp.MustCompile(`(?i)\[/?(?:b|i|u|s|p|size|color|font|url|user|chat|dialog|context|code|icode|quote|img|` +
		`icon|put|send|call|pch|date|timestamp|disk|attach|source|br|hr|h1|h2|like|dislike|rating|list|table|tr|td|th|` +
		`video|nomodify|\*)(?:[ =][^\]]*)?\]`)
	marks = regexp.MustCompile(`(?i)#BR#|####|-{6}|\]\(|>>|</?[a-z][^>]*>|&#?[0-9a-z]+;|:[0-9a-f]{8}:|(?-i:\\[nt"\\])|` +
		`^[\s\x00\x{feff}]*/(?:me|loud)`)
)

// visible returns what people see of a message, without spaces, and fails where a code is not one that Markdown asks for.
func visible(t *testing.T, message string) string {
	t.Helper()
	var shown strings.Builder
	at := 0
	text := func(text string) {
		if problem := unbalanced(text); problem != "" {
			t.Fatalf("%s in %.3000q", problem, message)
		}
		text = quoteMark.ReplaceAllString(ours.ReplaceAllString(text, "\x01]"), "\x01]")
		if shown.Len() > 0 { // there is a code before
			text = "\x01]" + text
		}
		if found := append(tags.FindAllString(text, -1), marks.FindAllString(text, -1)...); len(found) > 0 {
			t.Fatalf("%.300q in %.3000q", found, message)
		}
		shown.WriteString(strings.ReplaceAll(text, "\x01]", ""))
	}
	for _, block := range codeBlock.FindAllStringSubmatchIndex(message, -1) {
		text(message[at:block[0]])
		code := message[block[2]:block[3]]
		if found := inCode.FindAllString(code, -1); len(found) > 0 {
			t.Fatalf("%.300q in the code of %.3000q", found, message)
		}
		shown.WriteString(code)
		at = block[1]
	}
	text(message[at:])
	return bare(shown.String())
}

// unbalanced says where a code does not end in its line, in the order in which they began, or begins within itself.
func unbalanced(text string) string {
	for l := range strings.Lines(text) {
		var open []string
		for _, code := range ours.FindAllString(l, -1) {
			name, isEnd := strings.CutPrefix(strings.Trim(code, "[]"), "/")
			name, _, _ = strings.Cut(name, "=")
			last := len(open) - 1
			switch {
			case !isEnd && slices.Contains(open, name), isEnd && (last < 0 || open[last] != name):
				return fmt.Sprintf("%s after %v", code, open)
			case isEnd:
				open = open[:last]
			default:
				open = append(open, name)
			}
		}
		if len(open) > 0 {
			return fmt.Sprintf("%v are open", open)
		}
	}
	return ""
}

// bare leaves out what is not seen.
func bare(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) || r == '\u200b' || r == '\u202c' || r == '\u2069' {
			return -1
		}
		return r
	}, text)
}

// checkAll holds what a source becomes against everything that is promised of any.
func checkAll(t *testing.T, source string) {
	t.Helper()
	text := markdown.Text(source).String()
	if strings.Contains(text, "\x01") {
		return // which stands for codes below, and an entity may be it, too
	}
	whole := visible(t, text)
	var joined strings.Builder
	parts := markdown.Split(source)
	for _, part := range parts {
		message := part.String()
		require.NoError(t, content.CheckText(message))
		seen := visible(t, message)
		require.NotEmpty(t, seen)
		joined.WriteString(seen)
	}
	if whole != joined.String() {
		t.Fatalf("%.3000q is split into %.3000q", whole, joined.String())
	}
	if content.CheckText(text) == nil {
		require.LessOrEqual(t, len(parts), 1)
	}
}

// repeated returns what takes two messages, if the source is not too short or long for that.
func repeated(source string) string {
	between := "\n\n"
	if len(source)%2 == 0 {
		between = ""
	}
	return strings.Repeat(source+between, 25000/(len(source)+2))
}

func FuzzText(f *testing.F) {
	for _, source := range sources(f) {
		f.Add(source)
	}
	f.Fuzz(func(t *testing.T, source string) {
		checkAll(t, source)
	})
}

func FuzzSplit(f *testing.F) {
	for _, source := range written() {
		f.Add(source)
	}
	f.Fuzz(func(t *testing.T, source string) { checkAll(t, repeated(source)) })
}

// What has none of the characters of Markdown stays as it is, whatever Bitrix24 would see in it.
func FuzzText_plain(f *testing.F) {
	for _, source := range sources(f) {
		f.Add(source)
	}
	f.Fuzz(func(t *testing.T, source string) {
		source = strings.Map(func(r rune) rune {
			if strings.ContainsRune("*_~`<>!|#+-=.&\\:@()0123456789\t\n\r\x00\x01", r) || r == '\ufffd' {
				return -1
			}
			return r
		}, strings.ToValidUTF8(source, ""))
		source = "x " + strings.Join(strings.Fields(source), " ")
		got := markdown.Text(source).String()
		require.Empty(t, ours.FindAllString(got, -1), "%q", got)
		assert.Equal(t, bare(source), visible(t, got))
	})
}

func sources(tb testing.TB) []string {
	tb.Helper()
	all := written()
	for _, example := range specification(tb) {
		all = append(all, example.Markdown)
	}
	return all
}

// written returns the sources that are written here.
func written() []string {
	var all []string
	for _, pair := range pairs {
		all = append(all, pair.source)
	}
	for i, text := range hostile {
		all = append(all, text,
			"["+text+"](https://bot.example/"+text+") **"+text+"**\n\n> "+text+"\n- `"+hostile[(i+5)%len(hostile)]+"`\n")
	}
	return all
}

// hostile is what somebody may write for Bitrix24 rather than for a reader.
var hostile = []string{
	"[b]x[/b]", "[/b]", "[URL=https://evil.example]bank[/URL]", "[user=all]all[/user]", "[send=/pay]ok[/send]",
	"[put=x]y[/put]", "[code]x[/code]", "[/code]", "[/url]", "a[br]b#BR#c", ">>quoted", "\\>\\>x", "&gt;&gt;x",
	"------------------------------------------------------", "\\------", "&#91;b&#93;x&#91;/b&#93;", "&amp;#91;b]", "&lt;b&gt;",
	"\\[b\\]x\\[/b\\]", ":f09f938e:", "\\####X", "/me waves", "/loud x", "\\](x)", "]\u200b(x)", "[\u200bb]", "https://a.example[/b]x",
	"www.a.example(https://b.example c", "<https://a.example/[b]>", "![b](https://a.example/[/url])", "[*]x[/*]", "[b][i](",
	"[x](/company/)", "[x](//evil.example)", "[x](javascript:alert(1))", "[x](data:text/html,x)", "[/me](/me)", "*/me*", "a\\\n/me", ">/me", "```\nx\n```\n/me", "```\nx\n```\n(y",
	"[b]: https://a.example\n\n[b]x[/b]", "`[b]x[/b]`", "    [/code][b]x", "```\n[/CODE][b]\n```", "|[b]|\n|-|\n|[/code]|", "\xff[b]", "\u202e**\u2066x**\u202b",
}

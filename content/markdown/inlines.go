package markdown

import (
	"bufio"
	"bytes"
	"strings"

	"github.com/yuin/goldmark/ast"
	east "github.com/yuin/goldmark/extension/ast"
	"github.com/yuin/goldmark/renderer/html"

	"github.com/seed-a6e4e5a4/imbot/content"
)

// maxAddress is how long an address may be to be linked to, in bytes. Each part of a link in a message has all of it.
const maxAddress = 2000

// inlines adds the text in a block, or in a part of it.
func (b *builder) inlines(parent ast.Node, s style) {
	for n := parent.FirstChild(); n != nil; n = n.NextSibling() {
		b.inline(n, s)
	}
}

func (b *builder) inline(n ast.Node, s style) {
	switch n := n.(type) {
	case *ast.Text:
		text := n.Segment.Value(b.source)
		if n.IsRaw() {
			b.write(string(text), s)
		} else {
			b.write(unescape(text), s)
		}
		switch {
		case n.HardLineBreak():
			b.breakLine()
		case n.SoftLineBreak():
			b.write(" ", s)
		}
	case *ast.String:
		b.write(string(n.Value), s)
	case *ast.CodeSpan:
		b.write("`"+b.codeSpan(n)+"`", s)
	case *ast.Emphasis:
		if n.Level == 1 {
			s.italic = true
		} else {
			s.bold = true
		}
		b.inlines(n, s)
	case *east.Strikethrough:
		s.strike = true
		b.inlines(n, s)
	case *ast.Link:
		b.link(n, n.Destination, n.Reference != nil, s)
	case *ast.Image:
		b.link(n, n.Destination, n.Reference != nil, s)
	case *ast.AutoLink:
		if address := string(n.URL(b.source)); n.AutoLinkType == ast.AutoLinkURL && b.canLink(address, s) {
			s.link = &link{address}
		}
		b.write(string(n.Label(b.source)), s)
	case *ast.RawHTML:
		b.write(strings.ReplaceAll(string(n.Segments.Value(b.source)), "\n", " "), s)
	case *east.TaskCheckBox:
		if n.IsChecked {
			b.write("☑ ", s)
		} else {
			b.write("☐ ", s)
		}
	default:
		b.inlines(n, s)
	}
}

func (b *builder) codeSpan(n ast.Node) string {
	var code strings.Builder
	for c := n.FirstChild(); c != nil; c = c.NextSibling() {
		if t, ok := c.(*ast.Text); ok {
			code.Write(t.Segment.Value(b.source))
		}
	}
	text := strings.ReplaceAll(code.String(), "\n", " ")
	if b.flat { // a table has bars between its cells
		text = strings.ReplaceAll(text, `\|`, "|")
	}
	return text
}

// link adds a link, or text with an address behind it. A link within a link is just its text.
func (b *builder) link(n ast.Node, destination []byte, byReference bool, s style) {
	if byReference { // a definition of a thousand bytes may be used a thousand times
		if b.addresses < len(destination) {
			destination = nil
		}
		b.addresses -= len(destination)
	}
	address := unescape(destination)
	within := s.link != nil
	linked := address != "" && !within && b.canLink(address, s)
	if linked {
		s.link = &link{address}
	}
	at := b.here()
	b.inlines(n, s)
	label := b.since(at)
	switch {
	case strings.TrimSpace(label) == "":
		b.write(address, s)
	case !linked && !within && address != "" && address != label:
		b.write(" ("+address+")", s)
	}
}

// canLink reports whether there may be a link to an address, which is for package content to say.
func (b *builder) canLink(address string, s style) bool {
	return !b.flat && s.link == nil && len(address) <= maxAddress &&
		strings.HasPrefix(content.Link(address, "x").String(), "[url=")
}

var unescapeHTML = strings.NewReplacer("&amp;", "&", "&lt;", "<", "&gt;", ">", "&quot;", `"`)

// unescape returns text without backslashes and entities.
func unescape(text []byte) string {
	if !bytes.ContainsAny(text, `\&`) {
		return string(text)
	}
	var b bytes.Buffer
	w := bufio.NewWriter(&b)
	html.DefaultWriter.Write(w, text)
	_ = w.Flush() // a buffer takes everything
	return unescapeHTML.Replace(b.String())
}

package markdown

import (
	"bytes"
	"strconv"
	"strings"

	"github.com/yuin/goldmark/ast"
	east "github.com/yuin/goldmark/extension/ast"
	"github.com/yuin/goldmark/text"
)

const (
	// Clients may show several spaces as one, but not these, as many as for a tab.
	indentation = "\u00a0\u00a0\u00a0\u00a0"
	rule        = "──────────"
)

var bullets = []string{"• ", "◦ ", "▪ "}

// builder makes lines of what was parsed.
type builder struct {
	source    []byte
	lines     []line
	quote     int  // how many quotes are open
	level     int  // how many lists are open
	bullets   int  // how many of them have bullets
	inItem    bool // the next line begins an item, with a marker
	marker    string
	blank     bool // a blank line comes before it, as in the source
	outside   int  // in how few quotes a line since the last one would have been
	top       bool // it begins a block that is in no other
	glued     bool // it stays with the line before
	flat      bool // there can be no links
	addresses int  // how many bytes of them may be written by reference
}

func newBuilder(source string) *builder {
	return &builder{source: []byte(source), addresses: len(source) + 10000}
}

func (b *builder) parse() ast.Node { return newParser().Parse(text.NewReader(b.source)) }

// blocks adds what is in a container.
func (b *builder) blocks(parent ast.Node) {
	for n := parent.FirstChild(); n != nil; n = n.NextSibling() {
		b.top = b.top || parent.Kind() == ast.KindDocument
		b.blank = b.blank || n.HasBlankPreviousLines()
		b.block(n)
	}
}

func (b *builder) block(n ast.Node) {
	switch n := n.(type) {
	case *ast.Blockquote:
		b.outside = min(b.outside, b.quote)
		b.quote++
		b.blocks(n)
		b.quote--
		b.outside = min(b.outside, b.quote)
	case *ast.List:
		b.list(n)
	case *ast.Heading:
		b.begin()
		b.inlines(n, style{bold: true})
		b.glued = true
	case *ast.ThematicBreak:
		b.begin()
		b.write(rule, style{})
	case *ast.CodeBlock, *ast.FencedCodeBlock:
		b.code(string(n.Lines().Value(b.source)))
	case *ast.HTMLBlock:
		html := string(n.Lines().Value(b.source))
		if n.HasClosure() {
			html += string(n.ClosureLine.Value(b.source))
		}
		b.begin()
		for i, l := range strings.Split(strings.TrimRight(html, " \t\n"), "\n") {
			if i > 0 {
				b.breakLine()
			}
			b.write(l, style{})
		}
	case *east.Table:
		b.code(b.table(n))
	case *ast.LinkReferenceDefinition:
	default:
		b.begin()
		b.inlines(n, style{})
	}
}

// list adds the items of a list. The markers of items that begin on the same line stand side by side.
func (b *builder) list(n *ast.List) {
	bullet := bullets[min(b.bullets, len(bullets)-1)]
	b.level++
	if !n.IsOrdered() {
		b.bullets++
	}
	number := n.Start
	for item := n.FirstChild(); item != nil; item = item.NextSibling() {
		b.blank = b.blank || item.HasBlankPreviousLines()
		if !b.inItem {
			b.inItem, b.marker = true, strings.Repeat(indentation, b.level-1)
		}
		switch {
		case n.IsOrdered():
			b.marker += strconv.Itoa(number) + string(n.Marker) + " "
			number++
		case !isTask(item):
			b.marker += bullet
		}
		b.blocks(item)
		if b.inItem { // it is empty
			b.begin()
		}
	}
	b.level--
	if !n.IsOrdered() {
		b.bullets--
	}
}

func isTask(item ast.Node) bool {
	first := item.FirstChild()
	return first != nil && first.FirstChild() != nil && first.FirstChild().Kind() == east.KindTaskCheckBox
}

// code adds a block of code.
func (b *builder) code(text string) {
	text = strings.TrimSuffix(text, "\n")
	if b.inItem {
		b.begin()
	}
	if text != "" {
		b.open(true)
		b.lines[len(b.lines)-1].runs = []run{{text: []byte(text)}}
	}
}

// begin begins the first line of a block of text.
func (b *builder) begin() {
	b.open(false)
	start := strings.Repeat(indentation, b.level)
	if b.inItem {
		start = b.marker
	}
	b.write(start, style{})
	b.inItem = false
}

// open begins a line, after a blank one where that is needed: between two quotes, and where the source has one. There is
// room around quotes and code as it is.
func (b *builder) open(isCode bool) {
	l := line{quote: b.quote, isCode: isCode, starts: leafBlock}
	if b.top {
		l.starts = topBlock
	}
	if last := len(b.lines) - 1; last >= 0 {
		before := b.lines[last]
		between := min(before.quote, l.quote)
		switch {
		case b.outside < between:
			b.lines = append(b.lines, line{quote: b.outside})
		case b.blank && before.quote == l.quote && !before.isCode && !l.isCode:
			b.lines = append(b.lines, line{quote: l.quote})
		}
		if b.glued {
			l.starts = lineOnly
		}
	}
	b.lines = append(b.lines, l)
	b.blank, b.top, b.glued, b.outside = false, false, false, b.quote
}

// breakLine begins a line within a block of text.
func (b *builder) breakLine() {
	b.lines = append(b.lines, line{quote: b.quote})
	b.write(strings.Repeat(indentation, b.level), style{})
}

// write adds text to the last line.
func (b *builder) write(text string, s style) {
	if text == "" {
		return
	}
	l := &b.lines[len(b.lines)-1]
	if last := len(l.runs) - 1; last >= 0 && l.runs[last].style == s {
		l.runs[last].text = append(l.runs[last].text, text...)
		return
	}
	l.runs = append(l.runs, run{s, []byte(text)})
}

// position is a place in what was written.
type position struct{ line, run, at int }

func (b *builder) here() position {
	p := position{line: len(b.lines) - 1}
	if runs := b.lines[p.line].runs; len(runs) > 0 {
		p.run = len(runs) - 1
		p.at = len(runs[p.run].text)
	}
	return p
}

// since returns what was written since then.
func (b *builder) since(p position) string {
	var all bytes.Buffer
	for _, l := range b.lines[p.line:] {
		for _, r := range l.runs[min(p.run, len(l.runs)):] {
			all.Write(r.text[p.at:])
			p.at = 0
		}
		p.run, p.at = 0, 0
	}
	return all.String()
}

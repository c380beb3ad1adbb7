package markdown

import (
	"strings"
	"unicode"

	"github.com/yuin/goldmark/ast"
	east "github.com/yuin/goldmark/extension/ast"
)

// maxColumn is how far columns are filled up, in letters. Longer cells push what follows them to the right.
const maxColumn = 40

// table returns a table as text of letters of one width.
func (b *builder) table(table *east.Table) string {
	var rows [][]string
	widths := make([]int, len(table.Alignments))
	for row := table.FirstChild(); row != nil; row = row.NextSibling() {
		var cells []string
		for cell := row.FirstChild(); cell != nil && len(cells) < len(widths); cell = cell.NextSibling() {
			text := b.cell(cell)
			widths[len(cells)] = min(max(widths[len(cells)], width(text)), maxColumn)
			cells = append(cells, text)
		}
		rows = append(rows, cells)
	}
	var out strings.Builder
	for i, row := range rows {
		var l strings.Builder
		for column, cell := range row {
			if column > 0 {
				l.WriteString(" | ")
			}
			left, right := 0, max(widths[column]-width(cell), 0)
			switch table.Alignments[column] {
			case east.AlignRight:
				left, right = right, 0
			case east.AlignCenter:
				left, right = right/2, right-right/2
			case east.AlignLeft, east.AlignNone:
			}
			l.WriteString(strings.Repeat(" ", left) + cell + strings.Repeat(" ", right))
		}
		out.WriteString(strings.TrimRight(l.String(), " ") + "\n")
		if i == 0 {
			for column, w := range widths {
				if column > 0 {
					out.WriteString("-+-")
				}
				out.WriteString(strings.Repeat("-", w))
			}
			out.WriteString("\n")
		}
	}
	return out.String()
}

// cell returns the text of a cell, in which there are no codes.
func (b *builder) cell(n ast.Node) string {
	inner := builder{source: b.source, lines: make([]line, 1), flat: true, addresses: b.addresses}
	inner.inlines(n, style{})
	b.addresses = inner.addresses
	return strings.TrimSpace(inner.since(position{}))
}

// width returns how many letters wide a text is.
func width(text string) int {
	n := 0
	for _, r := range text {
		switch {
		case unicode.In(r, unicode.Mn, unicode.Me, unicode.Cf):
		case unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Hangul) || r >= 0x1F300 && r <= 0x1FAFF:
			n += 2
		default:
			n++
		}
	}
	return n
}

package markdown

import (
	"bytes"

	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"
)

const (
	maxDepth = 12      // quotes and lists in each other
	patience = 1 << 20 // steps that may be in vain in one block
)

// newParser returns a parser that takes no more than a time that is proportional to the source. The parsers of goldmark
// look as far as the end of a block for what closes a construct, and again for the next one.
func newParser() parser.Parser {
	b := &budget{}
	var blocks []util.PrioritizedValue
	for _, p := range parser.DefaultBlockParsers() {
		if own, ok := p.Value.(parser.BlockParser); ok && (p.Priority == 300 || p.Priority == 800) { // lists and quotes
			p.Value = shallow{own}
		}
		blocks = append(blocks, p)
	}
	inline := []util.PrioritizedValue{
		util.Prioritized(extension.NewTaskCheckBoxParser(), 0),
		util.Prioritized(delimiters{parser.NewEmphasisParser(), b}, 500),
		util.Prioritized(delimiters{extension.NewStrikethroughParser(), b}, 500),
		util.Prioritized(patient{parser.NewCodeSpanParser(), b}, 100),
		util.Prioritized(links{parser.NewLinkParser(), b}, 200),
		util.Prioritized(angles{patient{parser.NewAutoLinkParser(), b}}, 300),
		util.Prioritized(angles{patient{parser.NewRawHTMLParser(), b}}, 400),
		util.Prioritized(words{extension.NewLinkifyParser(), b}, 999),
	}
	return parser.NewParser(
		parser.WithBlockParsers(blocks...),
		parser.WithInlineParsers(inline...),
		parser.WithParagraphTransformers(
			util.Prioritized(definitions{parser.LinkReferenceParagraphTransformer}, 100),
			util.Prioritized(tables{extension.NewTableParagraphTransformer()}, 200),
		),
	)
}

// shallow opens no container within too many.
type shallow struct{ parser.BlockParser }

func (s shallow) Open(parent ast.Node, reader text.Reader, pc parser.Context) (ast.Node, parser.State) {
	depth := 0
	for n := parent; n != nil; n = n.Parent() {
		if n.Kind() == ast.KindBlockquote || n.Kind() == ast.KindList {
			depth++
		}
	}
	if depth >= maxDepth {
		return nil, parser.NoChildren
	}
	return s.BlockParser.Open(parent, reader, pc)
}

// budget is what may still be tried in a block.
type budget struct {
	block      ast.Node
	size       int // of the block, in bytes
	left       int // steps
	delimiters int
	brackets   []int // where those that are open stand
}

// of returns the budget of a block.
func (b *budget) of(block ast.Node) *budget {
	if b.block == block {
		return b
	}
	size := sizeOf(block)
	*b = budget{block: block, size: size, left: max(patience, 64*size)}
	return b
}

// patient tries what may be in vain until that has cost too much.
type patient struct {
	parser.InlineParser

	budget *budget
}

func (p patient) Parse(parent ast.Node, block text.Reader, pc parser.Context) ast.Node {
	b := p.budget.of(parent)
	if b.left <= 0 {
		return nil
	}
	node := p.InlineParser.Parse(parent, block, pc)
	if node == nil || node.Kind() == ast.KindText { // what was not closed
		b.left -= b.size
	}
	return node
}

// angles tries what begins with "<", where it is not just a sign of its own.
type angles struct{ patient }

func (a angles) Parse(parent ast.Node, block text.Reader, pc parser.Context) ast.Node {
	line, _ := block.PeekLine()
	if len(line) < 2 || !util.IsAlphaNumeric(line[1]) && bytes.IndexByte([]byte("/!?"), line[1]) < 0 {
		return nil
	}
	return a.patient.Parse(parent, block, pc)
}

// links looks from each "]" back to its "[", and from "](" and "][" to the end of the block.
type links struct {
	parser.InlineParser

	budget *budget
}

func (l links) Parse(parent ast.Node, block text.Reader, pc parser.Context) ast.Node {
	b := l.budget.of(parent)
	if b.left <= 0 {
		return nil
	}
	line, segment := block.PeekLine()
	node := l.InlineParser.Parse(parent, block, pc)
	switch open := len(b.brackets); {
	case line[0] != ']' && node != nil:
		b.brackets = append(b.brackets, segment.Start)
	case line[0] == ']' && open > 0:
		b.left -= segment.Start - b.brackets[open-1]
		b.brackets = b.brackets[:open-1]
		if node == nil && len(line) > 1 && (line[1] == '(' || line[1] == '[') {
			b.left -= b.size
		}
	}
	return node
}

// CloseBlock makes text of the brackets that are open.
func (l links) CloseBlock(parent ast.Node, block text.Reader, pc parser.Context) {
	if own, ok := l.InlineParser.(parser.CloseBlocker); ok {
		own.CloseBlock(parent, block, pc)
	}
}

// delimiters are compared with all before them.
type delimiters struct {
	parser.InlineParser

	budget *budget
}

func (d delimiters) Parse(parent ast.Node, block text.Reader, pc parser.Context) ast.Node {
	b := d.budget.of(parent)
	if b.left <= 0 {
		return nil
	}
	node := d.InlineParser.Parse(parent, block, pc)
	if node != nil {
		b.delimiters++
		b.left -= b.delimiters
	}
	return node
}

// words look for an address in what follows a space.
type words struct {
	parser.InlineParser

	budget *budget
}

func (w words) Parse(parent ast.Node, block text.Reader, pc parser.Context) ast.Node {
	b := w.budget.of(parent)
	if b.left <= 0 {
		return nil
	}
	line, _ := block.PeekLine()
	node := w.InlineParser.Parse(parent, block, pc)
	if node == nil {
		if n := bytes.IndexAny(line[1:], " \t\n"); n > 64 || n < 0 {
			b.left -= len(line)
		}
	}
	return node
}

// definitions are taken out of a paragraph one by one. A paragraph with a footnote stays as it is: "[^1]: see" would be
// the definition of a link, and be gone.
type definitions struct{ parser.ParagraphTransformer }

func (d definitions) Transform(node *ast.Paragraph, reader text.Reader, pc parser.Context) {
	lines := node.Lines()
	for i := range lines.Len() {
		segment := lines.At(i)
		l := bytes.TrimLeft(segment.Value(reader.Source()), " ")
		if bytes.HasPrefix(l, []byte("[^")) && bytes.Contains(l, []byte("]:")) {
			return
		}
	}
	if n := lines.Len(); n <= 1000 && n*sizeOf(node) <= 8*patience {
		d.ParagraphTransformer.Transform(node, reader, pc)
	}
}

// tables have as many cells in every row, written down or not.
type tables struct{ parser.ParagraphTransformer }

func (t tables) Transform(node *ast.Paragraph, reader text.Reader, pc parser.Context) {
	lines := node.Lines()
	columns := 0
	for i := range lines.Len() {
		segment := lines.At(i)
		if l := segment.Value(reader.Source()); len(bytes.Trim(l, "|-: \t\n")) == 0 {
			columns = max(columns, bytes.Count(l, []byte("|"))+1)
		}
	}
	if columns*lines.Len() <= sizeOf(node)+1000 {
		t.ParagraphTransformer.Transform(node, reader, pc)
	}
}

func sizeOf(block ast.Node) int {
	lines := block.Lines()
	if lines.Len() == 0 {
		return 0
	}
	return lines.At(lines.Len()-1).Stop - lines.At(0).Start
}

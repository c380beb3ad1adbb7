package docs

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"regexp"
	"strings"
)

// Comments reads the pieces of code in the doc comments of the Go files below root, but for those of tests. A comment
// does not say which language its code is in: what begins like a command is one, and all else is taken for Go.
func Comments(root string) ([]Block, error) {
	var blocks []Block
	err := walk(root, func(file string) error {
		if filepath.Ext(file) != ".go" || strings.HasSuffix(file, "_test.go") {
			return nil
		}
		fset := token.NewFileSet()
		parsed, err := parser.ParseFile(fset, filepath.Join(root, file), nil, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		for _, group := range parsed.Comments {
			blocks = append(blocks, indented(file, fset, group)...)
		}
		return nil
	})
	return blocks, err
}

// indented returns the indented parts of a comment. A line without text belongs to the part before it, and the part
// goes on where the next line is indented as well.
func indented(file string, fset *token.FileSet, group *ast.CommentGroup) []Block {
	var blocks []Block
	var open *Block
	for _, comment := range group.List {
		code, isCode := strings.CutPrefix(comment.Text, "//\t")
		switch {
		case isCode && open == nil:
			blocks = append(blocks, Block{File: file, Line: fset.Position(comment.Pos()).Line})
			open = &blocks[len(blocks)-1]
			if !command.MatchString(code) {
				open.Language = "go"
			}
			open.Text = code + "\n"
		case isCode:
			open.Text += code + "\n"
		case comment.Text == "//" && open != nil:
			open.Text += "\n"
		default:
			open = nil
		}
	}
	for i := range blocks {
		blocks[i].Text = strings.TrimRight(blocks[i].Text, "\n") + "\n"
	}
	return blocks
}

var command = regexp.MustCompile(`^([A-Z][A-Z0-9_]*=\S* )*(make|curl|git|cd|\.ci/run|go (run|test|get|build|install|vet|mod|tool|generate|doc))\b`)

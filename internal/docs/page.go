package docs

import (
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"regexp"
	"slices"
	"strings"
)

// Page is a Markdown file.
type Page struct {
	// File is its path from the root of the repository, with slashes.
	File string
	// Blocks are the pieces of code in it.
	Blocks []Block
	// Lines is the text around them: those of the code are empty.
	Lines []string
}

// Block is a piece of code in the documentation.
type Block struct {
	// File is where it stands, and Line the number of its first line there.
	File string
	Line int
	// Language is what it is marked as: "go", "json" and so on.
	Language string
	// Text is the code.
	Text string
	// Given declares what the code uses and does not declare: "hook string; n int".
	Given string
}

// Pages reads the Markdown files below root.
func Pages(root string) ([]Page, error) {
	var pages []Page
	err := walk(root, ".md", func(file string, text []byte) error {
		pages = append(pages, ReadPage(file, string(text)))
		return nil
	})
	return pages, err
}

// skipped are folders with nothing of ours to read.
var skipped = []string{".git", "node_modules", "testdata"}

// walk calls visit for each file of the repository that has the extension, with its path from root.
func walk(root, extension string, visit func(file string, text []byte) error) error {
	files := os.DirFS(root)
	return fs.WalkDir(files, ".", func(file string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && slices.Contains(skipped, entry.Name()):
			return fs.SkipDir
		case entry.IsDir() || path.Ext(file) != extension:
			return nil
		}
		text, err := fs.ReadFile(files, file)
		if err != nil {
			return err
		}
		return visit(file, text)
	})
}

var (
	fence = regexp.MustCompile("^ *(```+) *([A-Za-z0-9]*)")
	given = regexp.MustCompile(`^<!-- given: (.*) -->$`)
)

// ReadPage reads the text of a page. Code stands between fences; the comment <!-- given: NAME TYPE; … --> before the
// opening one declares what the code uses besides.
func ReadPage(file, text string) Page {
	page := Page{File: file, Lines: strings.Split(text, "\n")}
	var open *Block
	var closing, declared string
	for i, line := range page.Lines {
		match := fence.FindStringSubmatch(line)
		switch {
		case open == nil && match != nil:
			open, closing = &Block{File: file, Line: i + 2, Language: match[2], Given: declared}, match[1]
		case open == nil:
			if comment := given.FindStringSubmatch(line); comment != nil {
				declared = comment[1]
			} else if strings.TrimSpace(line) != "" {
				declared = ""
			}
			continue
		case strings.TrimSpace(line) == closing:
			page.Blocks = append(page.Blocks, *open)
			open, declared = nil, ""
		default:
			open.Text += line + "\n"
		}
		page.Lines[i] = ""
	}
	if open != nil { // never closed
		page.Blocks = append(page.Blocks, *open)
	}
	return page
}

// command is how a command begins. What is indented in a doc comment and no command is Go.
var command = regexp.MustCompile(`^([A-Z0-9_]+=\S* )*(go|make) `)

// Comments reads the indented parts of the doc comments in the Go files below root, but for those of tests.
func Comments(root string) ([]Block, error) {
	var blocks []Block
	err := walk(root, ".go", func(file string, text []byte) error {
		if strings.HasSuffix(file, "_test.go") {
			return nil
		}
		fset := token.NewFileSet()
		parsed, err := parser.ParseFile(fset, file, text, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		for _, group := range parsed.Comments {
			var open *Block
			for _, comment := range group.List {
				code, isCode := strings.CutPrefix(comment.Text, "//\t")
				switch {
				case isCode && open == nil:
					blocks = append(blocks, Block{File: file, Line: fset.Position(comment.Pos()).Line, Text: code + "\n"})
					open = &blocks[len(blocks)-1]
					if !command.MatchString(code) {
						open.Language = "go"
					}
				case isCode:
					open.Text += code + "\n"
				case comment.Text == "//" && open != nil:
					open.Text += "\n"
				default:
					open = nil
				}
			}
		}
		return nil
	})
	return blocks, err
}

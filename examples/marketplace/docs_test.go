package main

import (
	"bytes"
	"go/ast"
	"go/parser"
	"go/printer"
	"go/token"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-a6e4e5a4/imbot/internal/docs"
)

// declarations returns the functions, types and variables of a file by their names, as gofmt writes them.
func declarations(t *testing.T, name string, source any) map[string]string {
	t.Helper()
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, name, source, parser.ParseComments)
	require.NoError(t, err)
	found := map[string]string{}
	for _, declaration := range file.Decls {
		var name string
		switch d := declaration.(type) {
		case *ast.FuncDecl:
			name = d.Name.Name
		case *ast.GenDecl:
			if d.Tok == token.IMPORT {
				continue
			}
			switch spec := d.Specs[0].(type) {
			case *ast.TypeSpec:
				name = spec.Name.Name
			case *ast.ValueSpec:
				name = spec.Names[0].Name
			}
		}
		var text bytes.Buffer
		require.NoError(t, printer.Fprint(&text, fset, &printer.CommentedNode{Node: declaration, Comments: file.Comments}))
		found[name] = text.String()
	}
	return found
}

// What the page shows is what this program does, and it is short.
func TestDocs_showThisProgram(t *testing.T) {
	t.Parallel()
	pages, err := docs.Pages("../..")
	require.NoError(t, err)
	own := declarations(t, "vendor.go", nil)
	shown := map[string]bool{}
	for _, page := range pages {
		if page.File != "docs/marketplace.md" {
			continue
		}
		for _, block := range page.Blocks {
			text := block.Text
			switch {
			case block.Language != "go":
				continue
			case strings.HasPrefix(text, "package main"):
				assert.LessOrEqual(t, ownLines(text), 60)
			case strings.HasPrefix(text, "//"):
				text = "package main\n" + text
			default:
				continue
			}
			for name, code := range declarations(t, block.File, text) {
				if name != "main" && name != "must" {
					assert.Equal(t, own[name], code, name)
					shown[name] = true
				}
			}
		}
	}
	for name := range own {
		assert.True(t, shown[name], "%s is not shown", name)
	}
}

// ownLines counts the lines of a program that are neither empty nor comments nor imports.
func ownLines(text string) int {
	_, text, _ = strings.Cut(text, "\n)\n")
	n := 0
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "//") {
			n++
		}
	}
	return n
}

// The tests of other modules compile the rest of the documentation; what uses several of them, they cannot.
func TestDocs_codeCompiles(t *testing.T) {
	t.Parallel()
	mistake := "_, _ = eventqueue.Open(ctx)\n_ = sqlstore.NewInstallations"
	docs.TestCode(t, "../..", "examples/marketplace", mistake, "not enough arguments")
}

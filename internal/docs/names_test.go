package docs_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/internal/docs"
)

var (
	inlineCode = regexp.MustCompile("`([^`]+)`")
	qualified  = regexp.MustCompile(`\b([a-z][a-z0-9]*)\.([A-Z]\w*)`)
	alone      = regexp.MustCompile(`(?:^|[^.\w])((?:With|Err)[A-Z]\w*)`)
)

// What a page calls by its name is exported by that package; an option or an error without its package is somewhere.
func TestNamesExist(t *testing.T) {
	t.Parallel()
	pages, err := docs.Pages(root)
	require.NoError(t, err)
	exported, anywhere := map[string]map[string]bool{}, map[string]bool{}
	for _, folder := range packageFolders(t) {
		if name := path.Base(folder); !strings.HasPrefix(folder, "internal") && name != "api" {
			noteExported(t, folder, exported, anywhere)
		}
	}
	noteExported(t, "imbottest", exported, anywhere)
	require.Greater(t, len(exported), 9)
	checked := 0
	for _, page := range pages {
		if page.File == "CHANGELOG.md" || page.File == "CONTRIBUTING.md" { // what was, and what could be
			continue
		}
		for i, line := range page.Lines {
			for _, code := range inlineCode.FindAllStringSubmatch(line, -1) {
				for _, name := range qualified.FindAllStringSubmatch(code[1], -1) {
					if names := exported[name[1]]; names != nil {
						checked++
						assert.True(t, names[name[2]], "%s:%d: there is no %s", page.File, i+1, name[0])
					}
				}
				for _, name := range alone.FindAllStringSubmatch(code[1], -1) {
					checked++
					assert.True(t, anywhere[name[1]], "%s:%d: there is no %s", page.File, i+1, name[1])
				}
			}
		}
	}
	assert.Greater(t, checked, 200)
}

// noteExported notes the exported names of a package, by the name that it has in code.
func noteExported(t *testing.T, folder string, exported map[string]map[string]bool, anywhere map[string]bool) {
	t.Helper()
	files, err := filepath.Glob(path.Join(root, folder, "*.go"))
	require.NoError(t, err)
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
		require.NoError(t, err)
		names := exported[file.Name.Name]
		if names == nil {
			names = map[string]bool{}
			exported[file.Name.Name] = names
		}
		for _, declaration := range file.Decls {
			for _, found := range namesOf(declaration) {
				names[found], anywhere[found] = true, true
			}
		}
	}
}

// namesOf returns the names that a declaration makes known to a package.
func namesOf(declaration ast.Decl) (names []string) {
	switch d := declaration.(type) {
	case *ast.FuncDecl:
		if d.Recv == nil {
			names = append(names, d.Name.Name)
		}
	case *ast.GenDecl:
		for _, spec := range d.Specs {
			switch spec := spec.(type) {
			case *ast.TypeSpec:
				names = append(names, spec.Name.Name)
			case *ast.ValueSpec:
				for _, name := range spec.Names {
					names = append(names, name.Name)
				}
			}
		}
	}
	return names
}

// code is a code of the portal, as pages write it.
var code = regexp.MustCompile("`([A-Za-z]+(?:_[A-Za-z]+)+)`")

// The codes that the tables for operators begin with are codes that the library knows what to say of.
func TestOperatingPage_codes(t *testing.T) {
	t.Parallel()
	pages, err := docs.Pages(root)
	require.NoError(t, err)
	unknown, count := imbot.Explain(imbot.Code("NO_SUCH_CODE")), 0
	for _, page := range pages {
		if page.File != "docs/operating.md" && page.File != "docs/start.md" {
			continue
		}
		for i, line := range page.Lines {
			if !strings.HasPrefix(line, "| ") {
				continue
			}
			for _, match := range code.FindAllStringSubmatch(strings.SplitN(line, "|", 3)[1], -1) {
				if strings.HasPrefix(match[1], "EXAMPLE_") {
					continue
				}
				count++
				assert.NotEqual(t, unknown, imbot.Explain(imbot.Code(match[1])), "%s:%d: what is %s?", page.File, i+1, match[1])
			}
		}
	}
	assert.Greater(t, count, 10)
}

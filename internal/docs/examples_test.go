package docs_test

import (
	"go/ast"
	"go/doc"
	"go/parser"
	"go/token"
	"path"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// calledByOthers has the methods that nobody calls by name.
var calledByOthers = map[string]string{
	"Error":  "fmt",
	"Is":     "errors",
	"Unwrap": "errors", "Format": "fmt", "String": "fmt", "LogValue": "log/slog",
	"MarshalJSON": "encoding/json", "UnmarshalJSON": "encoding/json", "MarshalText": "encoding/json", "UnmarshalText": "encoding/json",
	"ServeHTTP": "net/http",
}

// Whoever looks a func or a method up finds an Example there, with output that is checked; or it is listed here.
func TestExamples(t *testing.T) {
	t.Parallel()
	listed := map[string]bool{}
	for _, folder := range []string{".", "oauth", "events", "imbottest", "redisstore"} {
		prefix := strings.TrimPrefix(folder+".", "..")
		fset := token.NewFileSet()
		files, bodies := parsePackage(t, fset, folder)
		pkg, err := doc.NewFromFiles(fset, files, path.Join(modulePath, folder))
		require.NoError(t, err)
		for _, f := range funcsOf(pkg) {
			name := prefix + f.name
			if calledByOthers[f.own] != "" && f.own != f.name {
				continue
			}
			example, isShown := shownBy[name]
			_, isExempt := noExample[name]
			listed[name] = isShown || isExempt
			switch {
			case hasOutput(f.examples):
				assert.False(t, isShown || isExempt, "%s has an Example: take it off the list", name)
			case isShown:
				body, ok := bodies["Example"+example]
				assert.True(t, ok, "%s is shown by no Example%s", name, example)
				assert.Contains(t, body, f.own, "Example%s does not show %s", example, name)
			default:
				assert.True(t, isExempt, "%s has no Example with output", name)
			}
		}
	}
	for name := range shownBy {
		assert.True(t, listed[name], "%s is gone: take it off the list", name)
	}
	for name, why := range noExample {
		assert.True(t, listed[name], "%s is gone: take it off the list", name)
		assert.NotEmpty(t, why)
	}
}

// exportedFunc is a func or method of a package.
type exportedFunc struct {
	name, own string // "Type.Method", "Method"
	examples  []*doc.Example
}

func funcsOf(pkg *doc.Package) []exportedFunc {
	var all []exportedFunc
	for _, f := range pkg.Funcs {
		all = append(all, exportedFunc{f.Name, f.Name, f.Examples})
	}
	for _, typ := range pkg.Types {
		for _, f := range typ.Funcs {
			all = append(all, exportedFunc{f.Name, f.Name, f.Examples})
		}
		for _, f := range typ.Methods {
			all = append(all, exportedFunc{typ.Name + "." + f.Name, f.Name, f.Examples})
		}
	}
	return all
}

func hasOutput(examples []*doc.Example) bool {
	for _, example := range examples {
		if example.Output != "" || example.EmptyOutput {
			return true
		}
	}
	return false
}

// parsePackage parses the files of a package with its tests, and returns the bodies of its Examples.
func parsePackage(t *testing.T, fset *token.FileSet, folder string) (files []*ast.File, bodies map[string]map[string]bool) {
	t.Helper()
	names, err := filepath.Glob(path.Join(root, folder, "*.go"))
	require.NoError(t, err)
	bodies = map[string]map[string]bool{}
	for _, name := range names {
		file, err := parser.ParseFile(fset, name, nil, parser.ParseComments)
		require.NoError(t, err)
		files = append(files, file)
		for _, decl := range file.Decls {
			if f, ok := decl.(*ast.FuncDecl); ok && strings.HasPrefix(f.Name.Name, "Example") {
				bodies[f.Name.Name] = identsOf(f.Body)
			}
		}
	}
	return files, bodies
}

func identsOf(body ast.Node) map[string]bool {
	idents := map[string]bool{}
	ast.Inspect(body, func(node ast.Node) bool {
		if ident, ok := node.(*ast.Ident); ok {
			idents[ident.Name] = true
		}
		return true
	})
	return idents
}

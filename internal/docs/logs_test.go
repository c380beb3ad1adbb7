package docs_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// logRow is a row of the table of records: the level, the text, and the attributes.
var logRow = regexp.MustCompile("(?m)^\\| ([A-Z]+) \\| `([^`]+)` \\| ([^|]+) \\|")

// docs/operating.md lists the records that the library logs: all of them, with their levels and attributes, and no other.
func TestOperatingPage_logs(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile(root + "/docs/operating.md")
	require.NoError(t, err)
	documented := map[string]map[string]bool{}
	for _, row := range logRow.FindAllStringSubmatch(string(text), -1) {
		attrs := map[string]bool{}
		for _, name := range regexp.MustCompile("`([^`]+)`").FindAllStringSubmatch(row[3], -1) {
			attrs[name[1]] = true
		}
		documented[row[1]+" "+row[2]] = attrs
	}
	assert.Equal(t, recordsOf(t), documented)
}

// levels has the level of each method of a *slog.Logger that has one.
var levels = map[string]string{"DebugContext": "DEBUG", "InfoContext": "INFO", "WarnContext": "WARN", "ErrorContext": "ERROR"}

// recordsOf returns the records that the packages for users log, each with the names of its attributes.
func recordsOf(t *testing.T) map[string]map[string]bool {
	t.Helper()
	found := map[string]map[string]bool{}
	for _, folder := range packageFolders(t) {
		if folder == "internal/secrettest" {
			continue // it logs what tests give it
		}
		paths, err := filepath.Glob(path.Join(root, folder, "*.go"))
		require.NoError(t, err)
		for _, name := range paths {
			if strings.HasSuffix(name, "_test.go") {
				continue
			}
			file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
			require.NoError(t, err)
			for _, declaration := range file.Decls {
				noteRecords(declaration, found)
			}
		}
	}
	return found
}

// noteRecords notes the records of a function. A record that is given a variable has the attributes that stand elsewhere
// in the function.
func noteRecords(declaration ast.Decl, found map[string]map[string]bool) {
	attrs := map[string]bool{}
	ast.Inspect(declaration, func(node ast.Node) bool {
		call, isCall := node.(*ast.CallExpr)
		if !isCall {
			return true
		}
		called, isSelector := call.Fun.(*ast.SelectorExpr)
		if !isSelector {
			return true
		}
		if of, isName := called.X.(*ast.Ident); isName && of.Name == "slog" && len(call.Args) == 2 {
			attrs[literal(call.Args[0])] = true
		}
		level, message := levels[called.Sel.Name], 1
		if called.Sel.Name == "LogAttrs" {
			if constant, isConstant := call.Args[1].(*ast.SelectorExpr); isConstant {
				level, message = strings.ToUpper(strings.TrimPrefix(constant.Sel.Name, "Level")), 2
			}
		}
		if level != "" && len(call.Args) > message {
			own := map[string]bool{}
			for _, arg := range call.Args[message+1:] {
				noteAttrs(arg, own)
			}
			if call.Ellipsis != token.NoPos {
				own = attrs
			}
			found[level+" "+literal(call.Args[message])] = own
			return false
		}
		return true
	})
}

// noteAttrs notes the name of an attribute that is written down where it is logged.
func noteAttrs(arg ast.Expr, into map[string]bool) {
	if call, isCall := arg.(*ast.CallExpr); isCall && len(call.Args) == 2 {
		into[literal(call.Args[0])] = true
	}
}

// literal returns the text of a string that is written down, and nothing for any other expression.
func literal(expr ast.Expr) string {
	if basic, isBasic := expr.(*ast.BasicLit); isBasic {
		text, _ := strconv.Unquote(basic.Value)
		return text
	}
	return ""
}

// packageFolders returns the folders of all packages that are neither internal nor programs nor for tests.
func packageFolders(t *testing.T) []string {
	t.Helper()
	var folders []string
	err := fs.WalkDir(os.DirFS(root), ".", func(name string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case !entry.IsDir():
			return nil
		case strings.HasPrefix(name, ".git"), entry.Name() == "testdata", entry.Name() == "node_modules",
			name == "cmd", name == "examples", name == "tools", name == "imbottest":
			return fs.SkipDir
		}
		folders = append(folders, name)
		return nil
	})
	require.NoError(t, err)
	return folders
}

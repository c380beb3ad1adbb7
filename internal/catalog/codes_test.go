package catalog_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// meantCodes are codes that have no name in Go.
var meantCodes = exceptions{
	"BOT_TOKEN_NOT_SPECIFIED of imbot.v2.Bot.get has no name":    "matches imbot.ErrClientIDMissing",
	"BOT_NOT_FOUND of imbot.v2.Bot.get has no name":              "matches imbot.ErrBotID",
	"BOT_ID_REQUIRED of imbot.v2.Bot.unregister has no name":     "matches imbot.ErrBotID",
	"BOT_OWNERSHIP_ERROR of imbot.v2.Bot.unregister has no name": "matches imbot.ErrAppID",
}

// TestCodes looks for a name of each documented code.
func TestCodes(t *testing.T) {
	t.Parallel()
	named := namedCodes(t, filepath.Join("..", ".."))
	for code := range namedCodes(t, filepath.Join("..", "..", "imbotv2")) {
		named[code] = true
	}
	require.True(t, named["CHAT_ID_EMPTY"], "names are found at all")
	seen := make(map[string]bool)
	var differences []string
	for _, m := range read(t).Methods {
		for _, e := range m.Errors {
			if !named[strings.ToUpper(e.Code)] && !seen[e.Code] { // letter case does not matter
				differences = append(differences, e.Code+" of "+m.Name+" has no name")
			}
			seen[e.Code] = true
		}
	}
	meantCodes.check(t, differences)
}

// namedCodes returns the codes that exported constants and variables of a package are given, in upper case.
func namedCodes(t *testing.T, folder string) map[string]bool {
	t.Helper()
	codes := make(map[string]bool)
	require.NoError(t, filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && path != folder:
			return filepath.SkipDir
		case entry.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go"):
			return nil
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		for _, decl := range file.Decls {
			values, isValues := decl.(*ast.GenDecl)
			if !isValues || values.Tok != token.CONST && values.Tok != token.VAR {
				continue
			}
			for _, spec := range values.Specs {
				if spec, ok := spec.(*ast.ValueSpec); ok && spec.Names[0].IsExported() {
					noteCodes(spec, codes)
				}
			}
		}
		return nil
	}))
	return codes
}

// noteCodes notes the texts that a constant or variable is given.
func noteCodes(spec *ast.ValueSpec, codes map[string]bool) {
	for _, value := range spec.Values {
		ast.Inspect(value, func(node ast.Node) bool {
			if literal, ok := node.(*ast.BasicLit); ok && literal.Kind == token.STRING {
				if text, err := strconv.Unquote(literal.Value); err == nil {
					codes[strings.ToUpper(text)] = true
				}
			}
			return true
		})
	}
}

package imbotv2_test

import (
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// constantsIn returns the constants of a file that are texts, by their names.
func constantsIn(t *testing.T, file string) map[string]string {
	t.Helper()
	parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
	require.NoError(t, err)
	texts := map[string]string{}
	for _, decl := range parsed.Decls {
		gen, ok := decl.(*ast.GenDecl)
		if !ok || gen.Tok != token.CONST {
			continue
		}
		for _, spec := range gen.Specs {
			value := spec.(*ast.ValueSpec)
			literal, isText := value.Values[0].(*ast.BasicLit)
			require.True(t, isText, value.Names[0].Name)
			texts[value.Names[0].Name], err = strconv.Unquote(literal.Value)
			require.NoError(t, err)
		}
	}
	return texts
}

// A constant is named after its code, without the word ERROR, and no code has two.
func TestCodes_names(t *testing.T) {
	t.Parallel()
	capitals := map[string]string{"ID": "ID", "IDS": "IDs", "URL": "URL", "UUID": "UUID", "ERROR": ""}
	seen := map[string]bool{}
	for name, code := range constantsIn(t, "errors.go") {
		want := strings.Builder{}
		want.WriteString("Err")
		for part := range strings.SplitSeq(code, "_") {
			word, isKnown := capitals[part]
			if !isKnown {
				word = part[:1] + strings.ToLower(part[1:])
			}
			want.WriteString(word)
		}
		assert.Equal(t, want.String(), name)
		assert.False(t, seen[code], code)
		seen[code] = true
	}
}

// Every code that the documentation or a server has for a method of the second generation has a constant here, or
// matches one of the first generation.
func TestCodes_haveAConstant(t *testing.T) {
	t.Parallel()
	known := map[string]bool{
		// What every method that acts as a bot may be answered with, in the terms of the first generation.
		"BOT_TOKEN_NOT_SPECIFIED": true, "BOT_ID_REQUIRED": true, "BOT_NOT_FOUND": true, "BOT_OWNERSHIP_ERROR": true, "ACCESS_DENIED": true,
		"100": true, // the number of an exception of PHP: any parameter may be meant
	}
	for _, code := range constantsIn(t, "errors.go") {
		known[code] = true
	}
	files, err := filepath.Glob("../testdata/imbot.v2.*/*.json")
	require.NoError(t, err)
	var codes int
	for _, file := range files {
		data, err := os.ReadFile(file)
		require.NoError(t, err)
		var answer struct{ Error string }
		require.NoError(t, json.Unmarshal(data, &answer))
		if answer.Error != "" {
			codes++
			assert.True(t, known[answer.Error], "%s: %s has no constant", file, answer.Error)
		}
	}
	assert.NotZero(t, codes)
}

// Package mutations plants bugs, one at a time, and expects the tests that each row names to fail.
//
// The rows are data, in a file for each subject. A plain go test checks that every row fits the source; make mutations
// plants the bugs.
package mutations

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const root = "../.."

// row is a bug that would break a promise.
type row struct {
	name string
	file string // from the root of the repository
	// kills has the folder of a package and the tests of it that fail: "./oauth TestRefresh TestStore". Where it is
	// empty, any test of the root module may be the one that fails.
	kills    string
	old, new string // old stands once in the file
}

// subjects are all rows. The first of each subject is the one that tells the most.
var subjects = [][]row{
	callRows, answersRows, batchRows, leaveRows, leaveAllRows, limitsRows, httpRows, oauthRows, portalsRows, eventsRows, secretsRows, v1Rows,
	v2Rows, messagesRows, storesRows, eventqueueRows, telemetryRows, programRows,
}

// tests returns the folder of the package and the tests that fail.
func (r row) tests() (folder string, names []string) {
	folder, list, _ := strings.Cut(r.kills, " ")
	return folder, strings.Fields(list)
}

// A row whose text or test has changed would plant nothing, or run nothing.
func TestRows(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for _, r := range slices.Concat(subjects...) {
		assert.False(t, seen[r.name], "there are two rows %q", r.name)
		seen[r.name] = true
		source, err := os.ReadFile(filepath.Join(root, r.file))
		if assert.NoError(t, err, r.name) {
			assert.Equal(t, 1, strings.Count(string(source), r.old), "%s: how often %s has the text", r.name, r.file)
			assert.NotEqual(t, r.old, r.new, r.name)
		}
		if r.kills == "" {
			continue
		}
		folder, names := r.tests()
		require.NotEmpty(t, names, "%s: %q is not a folder and the names of tests", r.name, r.kills)
		declared := testsIn(t, folder)
		for _, name := range names {
			assert.Contains(t, declared, name, "%s: there is no such test in %s", r.name, folder)
		}
	}
}

// testsIn returns the tests, examples and fuzz tests of a package, with the files that they are in, from the root.
func testsIn(t *testing.T, folder string) map[string]string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(root, folder, "*_test.go"))
	require.NoError(t, err)
	declared := map[string]string{}
	for _, file := range files {
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.SkipObjectResolution)
		require.NoError(t, err)
		name, err := filepath.Rel(root, file)
		require.NoError(t, err)
		for _, decl := range parsed.Decls {
			if f, ok := decl.(*ast.FuncDecl); ok && f.Recv == nil {
				declared[f.Name.Name] = filepath.ToSlash(name)
			}
		}
	}
	return declared
}

package docs_test

import (
	"go/parser"
	"go/token"
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

const modulePath = "github.com/seed-a6e4e5a4/imbot"

// The table in docs/architecture.md says which packages may import which; "internal/…" stands for all of them.
func TestImportsAreThoseOfTheArchitecture(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile(root + "/docs/architecture.md")
	require.NoError(t, err)
	_, table, found := strings.Cut(string(page), "| package | may import, of this repository |\n|---|---|\n")
	require.True(t, found)
	table, _, _ = strings.Cut(table, "\n\n")
	names := regexp.MustCompile("`([^`]+)`")
	packages := 0
	for line := range strings.Lines(table) {
		cells := strings.Split(line, "|")
		require.Len(t, cells, 4)
		if cells[2] == " what users may " {
			continue
		}
		allowed, except, _ := strings.Cut(cells[2], "but for")
		may := map[string]bool{}
		for _, match := range names.FindAllStringSubmatch(allowed, -1) {
			may[match[1]] = true
		}
		for _, match := range names.FindAllStringSubmatch(except, -1) {
			may[match[1]] = false
		}
		for _, match := range names.FindAllStringSubmatch(cells[1], -1) {
			packages++
			for _, imported := range importsOf(t, match[1]) {
				is, listed := may[imported]
				isInternal := strings.HasPrefix(imported, "internal/") && may["internal/…"]
				assert.True(t, is || isInternal && !listed, "%s imports %s", match[1], imported)
			}
		}
	}
	assert.Equal(t, 39, packages)
}

// importsOf returns which packages of this repository the files of one import, by the names that the table has.
func importsOf(t *testing.T, name string) []string {
	t.Helper()
	folder := name
	if name == "imbot" {
		folder = "."
	}
	files, err := filepath.Glob(path.Join(root, folder, "*.go"))
	require.NoError(t, err)
	require.NotEmpty(t, files, name)
	var imports []string
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ImportsOnly)
		require.NoError(t, err)
		for _, spec := range parsed.Imports {
			imported, err := strconv.Unquote(spec.Path.Value)
			require.NoError(t, err)
			if own, ok := strings.CutPrefix(imported, path.Dir(modulePath)+"/"); ok {
				imports = append(imports, strings.TrimPrefix(own, "imbot/"))
			}
		}
	}
	return imports
}

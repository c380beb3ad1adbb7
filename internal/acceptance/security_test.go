package acceptance_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Each claim of SECURITY.md names the tests that hold it, and the folders where they are.
func TestSecurity_namesItsTests(t *testing.T) {
	t.Parallel()
	_, table, found := strings.Cut(readFile(t, "SECURITY.md"), "| claim | tests |\n|---|---|\n")
	require.True(t, found)
	table, _, _ = strings.Cut(table, "\n\n")
	quoted := regexp.MustCompile("`([^`]+)`")
	named := 0
	for row := range strings.SplitSeq(table, "\n") {
		cells := strings.Split(row, "|")
		require.Len(t, cells, 4, row)
		for part := range strings.SplitSeq(cells[2], ";") {
			tests, folders, found := strings.Cut(strings.Replace(part, "the root", "`.`", 1), " in ")
			require.True(t, found, part)
			for _, folder := range quoted.FindAllStringSubmatch(folders, -1) {
				there := testsIn(t, folder[1])
				for _, name := range quoted.FindAllStringSubmatch(tests, -1) {
					assert.True(t, there[name[1]], "%s in %s", name[1], folder[1])
					named++
				}
			}
		}
	}
	assert.GreaterOrEqual(t, named, 30)
}

// testsIn returns the names of the functions in the tests of a folder.
func testsIn(t *testing.T, folder string) map[string]bool {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(root, folder, "*_test.go"))
	require.NoError(t, err)
	require.NotEmpty(t, files, folder)
	names := map[string]bool{}
	for _, file := range files {
		code, err := os.ReadFile(file)
		require.NoError(t, err)
		for _, name := range regexp.MustCompile(`(?m)^func (\w+)\(`).FindAllStringSubmatch(string(code), -1) {
			names[name[1]] = true
		}
	}
	return names
}

package acceptance_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// root is the folder of the module.
const root = "../.."

// readFile returns a file of the module, by its path there.
func readFile(t testing.TB, name string) string {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(name)))
	require.NoError(t, err)
	return string(content)
}

// testdata returns an answer or a request of testdata.
func testdata(t testing.TB, name string) string {
	t.Helper()
	return readFile(t, "testdata/"+name)
}

// testdataIn returns the names of the files in the folders of testdata that match a pattern.
func testdataIn(t testing.TB, folders string) []string {
	t.Helper()
	folder := filepath.Join(root, "testdata")
	paths, err := filepath.Glob(filepath.Join(folder, folders, "*.json"))
	require.NoError(t, err)
	require.NotEmpty(t, paths, folders)
	names := make([]string, len(paths))
	for i, path := range paths {
		name, err := filepath.Rel(folder, path)
		require.NoError(t, err)
		names[i] = filepath.ToSlash(name)
	}
	return names
}

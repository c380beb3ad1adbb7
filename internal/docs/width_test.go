package docs_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// widest is how many characters a line of prose may have.
const widest = 120

// unbreakable is what has to stand in one line however long it is: tables, links, and the output of examples.
var unbreakable = regexp.MustCompile(`^\s*(\||\[[^]]+\]:|- \[|// (Output:|imbot|[a-z]+\.))|https?://\S{60}`)

// Prose, in pages as in comments, is not wider than an editor.
func TestProseIsNotTooWide(t *testing.T) {
	t.Parallel()
	comment := regexp.MustCompile(`^\s*// \S`)
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		extension := filepath.Ext(path)
		switch {
		case entry.IsDir() && (entry.Name() == ".git" || entry.Name() == "testdata"):
			return filepath.SkipDir
		case entry.IsDir() || extension != ".go" && extension != ".md":
			return nil
		}
		content, err := os.ReadFile(path)
		require.NoError(t, err)
		code := false
		number := 0
		for line := range strings.Lines(string(content)) {
			number++
			line = strings.TrimRight(line, "\n")
			if strings.HasPrefix(strings.TrimSpace(line), "```") {
				code = !code
			}
			isProse := extension == ".md" && !code || comment.MatchString(line)
			if isProse && utf8.RuneCountInString(line) > widest && !unbreakable.MatchString(line) {
				assert.Fail(t, "too wide", "%s:%d: %s", path, number, line)
			}
		}
		return nil
	})
	require.NoError(t, err)
}

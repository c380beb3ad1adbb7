package docs_test

import (
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var (
	goFile    = regexp.MustCompile(`[\w*/]+\.go\b`)
	chainStep = regexp.MustCompile(`(?m)^\t*(?:return )?c\.(\w+)[()]`)
)

// docs/architecture.md names files and packages that are there, and leaves none out.
func TestArchitecturePage(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile(root + "/docs/architecture.md")
	require.NoError(t, err)
	page := string(text)

	covered := map[string]bool{}
	for _, pattern := range goFile.FindAllString(page, -1) {
		found, err := filepath.Glob(path.Join(root, pattern))
		require.NoError(t, err)
		assert.NotEmpty(t, found, "there is no %s", pattern)
		for _, file := range found {
			covered[filepath.Base(file)] = true
		}
	}
	files, err := filepath.Glob(root + "/*.go")
	require.NoError(t, err)
	for _, file := range files {
		if name := filepath.Base(file); !strings.HasSuffix(name, "_test.go") {
			assert.True(t, covered[name], "%s is in no layer", name)
		}
	}

	for _, folder := range append(packageFolders(t), "imbottest", "cmd/imbot") {
		if files, err := filepath.Glob(path.Join(root, folder, "*.go")); err == nil && len(files) > 0 && folder != "." {
			assert.True(t, strings.Contains(page, "`"+folder+"`") || strings.Contains(page, "`"+folder+"/`"), "%s is not named", folder)
		}
	}
}

// The picture of a call has the steps of the chain, in their order.
func TestArchitecturePage_stepsOfACall(t *testing.T) {
	t.Parallel()
	code, err := os.ReadFile(root + "/call.go")
	require.NoError(t, err)
	_, chain, found := strings.Cut(string(code), "\nfunc newChain(c *core) step {\n")
	require.True(t, found)
	chain, _, _ = strings.Cut(chain, "\n}\n")
	var steps []string
	for _, step := range chainStep.FindAllStringSubmatch(chain, -1) {
		steps = append(steps, step[1])
	}
	require.Len(t, steps, 5)
	page, err := os.ReadFile(root + "/docs/architecture.md")
	require.NoError(t, err)
	assert.Contains(t, string(page), " prepare --> "+strings.Join(steps, " --> ")+"\n")
}

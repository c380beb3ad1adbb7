package docs_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-a6e4e5a4/imbot/internal/docs"
)

var testNames = regexp.MustCompile(`(?m)^func (Test\w+)\(`)

// The tests in docs/testing.md pass, as they stand there.
func TestTestingPage(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile(root + "/docs/testing.md")
	require.NoError(t, err)
	var source strings.Builder
	source.WriteString("package bot_test\n\nimport (\n\"context\"; \"errors\"; \"net/http\"; \"testing\"; \"testing/synctest\"; \"time\"\n" +
		"\"" + modulePath + "\"; \"" + modulePath + "/events\"; \"" + modulePath + "/imbottest\"; \"" + modulePath + "/imbotv2\"\n)\n")
	var names []string
	for _, block := range docs.ReadPage("docs/testing.md", string(text)).Blocks {
		if found := testNames.FindStringSubmatch(block.Text); block.Language == "go" && found != nil {
			source.WriteString("\n" + block.Text)
			names = append(names, found[1])
		}
	}
	require.GreaterOrEqual(t, len(names), 5)
	file := filepath.Join(t.TempDir(), "bot_test.go")
	require.NoError(t, os.WriteFile(file, []byte(source.String()), 0o600))

	run := exec.CommandContext(t.Context(), "go", "test", "-v", file)
	run.Dir = root
	out, err := run.CombinedOutput()

	require.NoError(t, err, string(out))
	for _, name := range names {
		assert.Equal(t, 1, strings.Count(string(out), "\n--- PASS: "+name+" "), "%s\n%s", name, out)
	}
}

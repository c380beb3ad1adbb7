package docs_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var (
	service        = regexp.MustCompile(`(?m)((?:^//.*\n)+)^type (\w+Service) struct`)
	exampleOf      = regexp.MustCompile(`// Example: https://pkg\.go\.dev/github\.com/seed-a6e4e5a4/imbot(/\w+)?#example-(\w+)\.(\w+)\n`)
	servicePackage = map[string]string{".": "", "imbotv2": "/imbotv2"}
)

// The comment of each service leads to an example of one of its methods.
func TestServices_linkTheirExamples(t *testing.T) {
	t.Parallel()
	services := 0
	for folder, imported := range servicePackage {
		files, err := filepath.Glob(filepath.Join(root, folder, "*.go"))
		require.NoError(t, err)
		var code, tests strings.Builder
		for _, file := range files {
			to := &code
			if strings.HasSuffix(file, "_test.go") {
				to = &tests
			}
			text, err := os.ReadFile(file)
			require.NoError(t, err)
			to.Write(text)
		}
		for _, found := range service.FindAllStringSubmatch(code.String(), -1) {
			services++
			link := exampleOf.FindStringSubmatch(found[1])
			if assert.NotNil(t, link, found[2]) {
				assert.Equal(t, imported, link[1])
				assert.Regexp(t, `(?m)^func Example`+link[2]+"_"+link[3]+`\(\)`, tests.String())
			}
		}
	}
	assert.GreaterOrEqual(t, services, 20)
}

package docs_test

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-a6e4e5a4/imbot/internal/docs"
)

const root = "../.."

// noGo is what stands in doc comments like code and is none: the first line of each, by its file.
var noGo = map[string]string{
	"auth.go":                       "https://portal.example/rest/",
	"cmd/imbot/main.go":             "export BITRIX24_WEBHOOK_URL",
	"internal/phpform/doc.go":       "data[BOT]",
	"internal/phpquery/phpquery.go": `{"CHAT_ID":13`,
	"oauth/endpoint.go":             "https://portal.example/oauth/authorize/",
	"oauth/errors.go":               "oauth: invalid_request",
	"redisstore/doc.go":             "{imbot:KEY}:token",
}

// What uses a nested module is checked by the tests there.
func TestGoCodeCompiles(t *testing.T) {
	t.Parallel()
	pages, err := docs.Pages(root)
	require.NoError(t, err)
	blocks, err := docs.Comments(root)
	require.NoError(t, err)
	blocks = slices.DeleteFunc(blocks, func(b docs.Block) bool {
		return noGo[b.File] != "" && strings.HasPrefix(b.Text, noGo[b.File])
	})
	for _, page := range pages {
		for _, block := range page.Blocks {
			assert.Contains(t, []string{"", "sh", "go", "json", "text", "csv", "mermaid", "python", "javascript", "promql", "ini", "dockerfile"}, block.Language, "%s:%d", block.File, block.Line)
		}
		blocks = append(blocks, page.Blocks...)
	}
	problems, err := docs.CheckGo(root, ".", blocks)
	require.NoError(t, err)
	assert.Empty(t, problems)
}

func TestLinksLeadSomewhere(t *testing.T) {
	t.Parallel()
	pages, err := docs.Pages(root)
	require.NoError(t, err)
	assert.Empty(t, docs.CheckLinks(root, pages))
}

// What is said in one language is said in the other: the code, the sections, and in each section the names, the links
// and the number of rows and items.
func TestREADMEsAreOfOneContent(t *testing.T) {
	t.Parallel()
	assert.Equal(t, outline(t, "README.md"), outline(t, "README.ru.md"))
	russian, err := os.ReadFile(filepath.Join(root, "README.ru.md"))
	require.NoError(t, err)
	assert.NotContains(t, string(russian), "apidocs.bitrix24.com", "there is a Russian documentation")
	assert.LessOrEqual(t, strings.Count(string(russian), "\n"), 200, "people decide in two minutes; the pages in docs/ have room")
}

var (
	comments = regexp.MustCompile(`(?m)\s*(^|\s)// .*$`)
	details  = regexp.MustCompile("^(#+|\\||-) |`[^`]+`|\\]\\([^)#][^)]*\\)")
	external = strings.NewReplacer("README.ru.md", "README.md", "bitrix24.ru", "bitrix24.com")
)

// outline returns what a page and its translation have in common.
func outline(t *testing.T, file string) []string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, file))
	require.NoError(t, err)
	page := docs.ReadPage(file, string(text))
	var code, sections, section []string
	for _, block := range page.Blocks {
		code = append(code, block.Language+"\n"+block.Given+"\n"+comments.ReplaceAllString(block.Text, ""))
	}
	for _, line := range page.Lines {
		if strings.HasPrefix(line, "#") {
			slices.Sort(section) // the languages have their own order of words
			sections, section = append(sections, strings.Join(section, "\n")), nil
		}
		section = append(section, details.FindAllString(external.Replace(line), -1)...)
	}
	slices.Sort(section)
	return slices.Concat(code, sections, []string{strings.Join(section, "\n")})
}

// The root stays small enough to find one's way: what needs no access to the package is tested in internal/acceptance.
func TestRoot_hasFewFiles(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob(filepath.Join(root, "*.go"))
	require.NoError(t, err)
	assert.LessOrEqual(t, len(files), 75)
}

package docs_test

import (
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
	"internal/phpform/doc.go":       "data[BOT]",
	"internal/phpquery/phpquery.go": `{"CHAT_ID":13`,
	"oauth/endpoint.go":             "https://portal.example/oauth/authorize/",
	"oauth/errors.go":               "oauth: invalid_request",
	"redisstore/doc.go":             "{imbot:KEY}:token",
}

func allBlocks(t *testing.T) []docs.Block {
	t.Helper()
	pages, err := docs.Pages(root)
	require.NoError(t, err)
	var blocks []docs.Block
	for _, page := range pages {
		blocks = append(blocks, page.Blocks...)
	}
	comments, err := docs.Comments(root)
	require.NoError(t, err)
	found := map[string]bool{}
	for _, block := range comments {
		if start := noGo[block.File]; start != "" && strings.HasPrefix(block.Text, start) {
			found[block.File] = true
			continue
		}
		blocks = append(blocks, block)
	}
	for file := range noGo {
		assert.True(t, found[file], "%s has no such text any more", file)
	}
	return blocks
}

// What needs a nested module is compiled by the tests of that.
func TestGoCodeCompiles(t *testing.T) {
	t.Parallel()
	problems, err := docs.CheckGo(root, ".", allBlocks(t))
	require.NoError(t, err)
	for _, problem := range problems {
		t.Error(problem)
	}
}

func TestCommandsExist(t *testing.T) {
	t.Parallel()
	blocks := allBlocks(t)
	pages, err := docs.Pages(root)
	require.NoError(t, err)
	for _, page := range pages {
		blocks = append(blocks, docs.InlineCommands(page)...)
	}
	for _, problem := range docs.CheckCommands(root, blocks) {
		t.Error(problem)
	}
}

func TestLinksLeadSomewhere(t *testing.T) {
	t.Parallel()
	pages, err := docs.Pages(root)
	require.NoError(t, err)
	for _, problem := range docs.CheckLinks(root, pages) {
		t.Error(problem)
	}
}

// Code that no test knows how to look at would go stale unseen.
func TestCodeIsMarked(t *testing.T) {
	t.Parallel()
	pages, err := docs.Pages(root)
	require.NoError(t, err)
	for _, page := range pages {
		for _, block := range page.Blocks {
			assert.Contains(t, []string{"", "sh", "go", "json", "text", "csv"}, block.Language, "%s:%d", block.File, block.Line)
			assert.False(t, block.Given != "" && block.Language != "go", "%s:%d: only Go code is given anything", block.File, block.Line)
		}
		for i, line := range page.Lines {
			isCode := strings.HasPrefix(line, "    ") && (i == 0 || page.Lines[i-1] == "")
			assert.False(t, isCode, "%s:%d: put the code between fences, where it is looked at", page.File, i+1)
		}
	}
}

package docs_test

import (
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-a6e4e5a4/imbot/internal/docs"
)

// llms.txt has the form of https://llmstxt.org: a title, a summary, and lists of links with a line about each. That the
// links lead somewhere is what TestLinksLeadSomewhere sees to.
func TestLLMsHasItsForm(t *testing.T) {
	t.Parallel()
	page := readPage(t, "llms.txt")
	require.Equal(t, "# imbot", page.Lines[0])
	require.True(t, strings.HasPrefix(page.Lines[2], "> "), "a summary")
	item := regexp.MustCompile(`^- \[[^\]]+\]\(https://github\.com/seed-a6e4e5a4/imbot/blob/main/[^)]+\): \S`)
	inLists, links := false, 0
	for i, line := range page.Lines[1:] {
		if strings.HasPrefix(line, "## ") {
			inLists = true
		} else if inLists && line != "" {
			assert.Regexp(t, item, line, "llms.txt:%d", i+2)
			links++
		}
	}
	assert.NotZero(t, links)
	assert.Empty(t, page.Blocks)

	pages, err := docs.Pages(root)
	require.NoError(t, err)
	listed := strings.Join(page.Lines, "\n")
	for _, other := range pages {
		if other.File != "llms.txt" {
			assert.Contains(t, listed, "/blob/main/"+other.File+")", "a page that it does not name")
		}
	}
}

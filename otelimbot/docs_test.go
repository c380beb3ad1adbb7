package otelimbot_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/seed-a6e4e5a4/imbot/internal/docs"
)

// The tests of the root module compile the rest of the documentation; what uses this package, they cannot.
func TestDocs_codeCompiles(t *testing.T) {
	t.Parallel()
	blocks, err := docs.Comments("..")
	require.NoError(t, err)
	pages, err := docs.Pages("..")
	require.NoError(t, err)
	for _, page := range pages {
		blocks = append(blocks, page.Blocks...)
	}
	problems, err := docs.CheckGo("..", "otelimbot", blocks)
	require.NoError(t, err)

	mistake := docs.Block{File: "X.md", Line: 4, Language: "go", Text: "t, err := otelimbot.New(7)\n"}
	found, err := docs.CheckGo("..", "otelimbot", []docs.Block{mistake})
	require.NoError(t, err)
	require.Len(t, found, 1)
	require.Contains(t, found[0], "X.md:4: cannot use 7")
	for _, problem := range problems {
		t.Error(problem)
	}
}

// The package exports no errors that would have to be explained.
func TestErrors_areExplained(t *testing.T) {
	t.Parallel()
	names, err := docs.Errors(".")
	require.NoError(t, err)
	require.Empty(t, names)
}

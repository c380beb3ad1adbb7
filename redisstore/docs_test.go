package redisstore_test

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/internal/docs"
	"github.com/seed-a6e4e5a4/imbot/redisstore"
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
	problems, err := docs.CheckGo("..", "redisstore", blocks)
	require.NoError(t, err)

	mistake := docs.Block{File: "X.md", Line: 4, Language: "go", Text: "store := redisstore.NewStore(memberID)\n"}
	found, err := docs.CheckGo("..", "redisstore", []docs.Block{mistake})
	require.NoError(t, err)
	require.Len(t, found, 1)
	require.Contains(t, found[0], "X.md:4: not enough arguments")
	for _, problem := range problems {
		t.Error(problem)
	}
}

// Every error that the package exports has an advice of its own.
func TestErrors_areExplained(t *testing.T) {
	t.Parallel()
	explained := map[string]error{
		"ErrOvertaken": redisstore.ErrOvertaken,
	}
	fallback := imbot.Explain(errors.New("x"))
	names, err := docs.Errors(".")
	require.NoError(t, err)
	require.Len(t, names, len(explained))
	for name := range names {
		require.Error(t, explained[name], name)
		require.NotEqual(t, fallback, imbot.Explain(explained[name]), name)
	}
}

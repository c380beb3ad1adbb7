package markdown_test

import (
	"testing"

	"github.com/seed-a6e4e5a4/imbot/internal/docs"
)

// The tests of the root module compile the rest of the documentation; what uses this package, they cannot.
func TestDocs_codeCompiles(t *testing.T) {
	t.Parallel()
	docs.TestCode(t, "../..", "content/markdown", "parts := markdown.Split(7)", "cannot use 7")
}

// The package exports no errors that would have to be explained.
func TestErrors_areExplained(t *testing.T) {
	t.Parallel()
	docs.TestErrors(t, ".", nil)
}

package sqlstore_test

import (
	"testing"

	"github.com/seed-a6e4e5a4/imbot/internal/docs"
	"github.com/seed-a6e4e5a4/imbot/sqlstore"
)

// The tests of the root module compile the rest of the documentation; what uses this package, they cannot.
func TestDocs_codeCompiles(t *testing.T) {
	t.Parallel()
	docs.TestCode(t, "..", "sqlstore", "store := sqlstore.NewTokens(memberID)", "not enough arguments")
}

func TestErrors_areExplained(t *testing.T) {
	t.Parallel()
	docs.TestErrors(t, ".", map[string]error{
		"ErrOvertaken":   sqlstore.ErrOvertaken,
		"ErrUncertain":   sqlstore.ErrUncertain,
		"ErrNewerSchema": sqlstore.ErrNewerSchema,
	})
}

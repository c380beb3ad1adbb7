package sqlstore_test

import (
	"testing"

	"github.com/seed-a6e4e5a4/imbot/internal/api"
)

func TestAPI(t *testing.T) {
	t.Parallel()
	api.Test(t, "..", "sqlstore", "github.com/seed-a6e4e5a4/imbot/sqlstore")
}

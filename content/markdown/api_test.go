package markdown_test

import (
	"testing"

	"github.com/seed-a6e4e5a4/imbot/internal/api"
)

func TestAPI(t *testing.T) {
	t.Parallel()
	api.Test(t, "../..", "content/markdown", "github.com/seed-a6e4e5a4/imbot/content/markdown")
}

package otelimbot_test

import (
	"flag"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-a6e4e5a4/imbot/internal/api"
)

var updateAPI = flag.Bool("update", false, "list what is exported now as that of the version in internal/version")

// What the last release exports is there, unchanged, or CHANGELOG.md says what became of it.
func TestAPI(t *testing.T) {
	t.Parallel()
	const path = "github.com/seed-a6e4e5a4/imbot/otelimbot"
	if *updateAPI {
		require.NoError(t, api.Update("..", "otelimbot", path))
	}
	changes, err := api.Unannounced("..", "otelimbot", path)
	require.NoError(t, err)
	assert.Empty(t, changes, "removed or changed: name it in CHANGELOG.md, in a line that starts with **Breaking:**")
}

package docs_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-a6e4e5a4/imbot/imbottest"
)

// The first program of each README does what it says.
func TestReadmeProgram(t *testing.T) {
	t.Parallel()
	for _, page := range []string{"README.md", "README.ru.md"} {
		t.Run(page, func(t *testing.T) {
			t.Parallel()
			text, err := os.ReadFile(filepath.Join(root, page))
			require.NoError(t, err)
			_, program, found := strings.Cut(string(text), "```go\npackage main\n")
			require.True(t, found)
			program, _, found = strings.Cut("package main\n"+program, "```\n")
			require.True(t, found)
			file := filepath.Join(t.TempDir(), "main.go")
			require.NoError(t, os.WriteFile(file, []byte(program), 0o600))
			portal := imbottest.NewPortal(t)

			run := exec.CommandContext(t.Context(), "go", "run", file)
			run.Dir = root
			run.Env = append(os.Environ(), "BITRIX24_WEBHOOK_URL="+portal.ServerWebhookURL(), "BITRIX24_CLIENT_ID="+imbottest.ClientID)
			out, err := run.CombinedOutput()

			require.NoError(t, err, string(out))
			assert.Equal(t, "the bot is out: left\n", string(out))
			assert.False(t, portal.Has(imbottest.ChatGroup, imbottest.BotMain))
		})
	}
}

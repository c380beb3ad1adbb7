package main

import (
	"bufio"
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// marked returns the block of code that stands behind a comment in docs/start.md.
func marked(t *testing.T, comment string) string {
	t.Helper()
	page, err := os.ReadFile("../../docs/start.md")
	require.NoError(t, err)
	_, block, found := strings.Cut(string(page), "<!-- "+comment+" -->\n```")
	require.True(t, found, comment)
	_, block, _ = strings.Cut(block, "\n")
	block, _, found = strings.Cut(block, "\n```\n")
	require.True(t, found, comment)
	return block + "\n"
}

// TestStart_docs holds that the program of docs/start.md does what the page says, with the commands that stand there, and
// that it is a service: SIGTERM ends it well, and it goes on where it was when it is started again.
func TestStart_docs(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"sh", "curl"} {
		if _, err := exec.LookPath(name); errors.Is(err, exec.ErrNotFound) && os.Getenv("CI") == "" {
			t.Skipf("there is no %s", name)
		}
	}
	folder := t.TempDir()
	source, program := filepath.Join(folder, "main.go"), filepath.Join(folder, "echobot.exe")
	require.NoError(t, os.WriteFile(source, []byte(marked(t, "program")), 0o600))
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	output, err := exec.CommandContext(ctx, "go", "build", "-o", program, source).CombinedOutput()
	require.NoError(t, err, string(output))
	places, _ := served(t)
	address, _ := places["url"].(string)
	start := func() (end func()) {
		cmd := exec.CommandContext(ctx, program)
		cmd.Dir = folder
		cmd.Env = append(os.Environ(), "BITRIX24_WEBHOOK_URL="+address+"/rest/1/s3cr3t00/", "BITRIX24_CLIENT_ID=EXAMPLE_CLIENT_ID")
		said, err := cmd.StderrPipe()
		require.NoError(t, err)
		require.NoError(t, cmd.Start())
		lines := bufio.NewScanner(said)
		require.True(t, lines.Scan())
		assert.Regexp(t, `Bot 456 is ready\. Ctrl-C ends this program\.$`, lines.Text())
		return func() {
			assert.NoError(t, cmd.Process.Signal(syscall.SIGTERM))
			for lines.Scan() { // a request that is cut short may be told of
				assert.Contains(t, lines.Text(), "bitrix24 outcome unknown")
			}
			assert.NoError(t, cmd.Wait())
		}
	}
	shell := func(commands []string) string {
		text := strings.ReplaceAll(strings.Join(commands, "\n"), "http://127.0.0.1:8024", address)
		output, err := exec.CommandContext(ctx, "sh", "-ec", text).Output()
		require.NoError(t, err)
		return string(output)
	}
	commands := strings.Split(strings.TrimSpace(marked(t, "conversation")), "\n")
	require.Len(t, commands, 3)

	start()() // the bot is registered, and has nothing to do
	shell(commands[:2])
	end := start() // what was written meanwhile has waited
	answered := func() bool { return strings.Contains(shell(commands[2:]), `"text":"You said: Hello"`) }
	require.Eventually(t, answered, time.Minute, 20*time.Millisecond)
	end()
	start()() // nothing is answered twice
	assert.Equal(t, 1, strings.Count(shell(commands[2:]), "You said"))
}

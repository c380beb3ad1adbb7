//go:build darwin || freebsd || linux || netbsd || openbsd

package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-a6e4e5a4/imbot/imbottest"
)

// fifo is a file that nobody writes to.
func fifo(t *testing.T) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "fifo")
	require.NoError(t, syscall.Mkfifo(name, 0o600))
	return name
}

// Opening a file of chats may take for ever, and so may reading it. An interrupt ends that.
func TestInterrupted_atTheFile(t *testing.T) {
	t.Parallel()
	for _, isOpen := range []bool{false, true} {
		chats := fifo(t)
		if isOpen {
			file, err := os.OpenFile(chats, os.O_RDWR, 0)
			require.NoError(t, err)
			t.Cleanup(func() { _ = file.Close() })
		}
		env := environment(portalWith(t, 1))
		interrupts := make(chan os.Signal, 1)
		interrupts <- os.Interrupt
		var out, errs bytes.Buffer
		code := run(t.Context(), []string{"bulk", "--chats", chats, "--bot", "39", "--outcomes", outcomesFile(t), "--yes"},
			func(name string) string { return env[name] }, interrupts, streams{strings.NewReader(""), &out, &errs})
		assert.Equal(t, exitInterrupted, code, errs.String())
	}
}

// A file of secrets may be a pipe that a program writes to, and an interrupt ends the wait for that.
func TestInterrupted_atTheSecrets(t *testing.T) {
	t.Parallel()
	for _, args := range []string{"members 13", "bulk --chats x --yes", "events", "bots", "register x"} {
		interrupts := make(chan os.Signal, 1)
		interrupts <- os.Interrupt
		var out, errs bytes.Buffer
		code := run(t.Context(), append(strings.Fields(args), "--secrets", fifo(t)), func(string) string { return "" }, interrupts,
			streams{strings.NewReader(""), &out, &errs})
		assert.Equal(t, exitInterrupted, code, errs.String())
		assert.True(t, strings.HasSuffix(errs.String(), ": interrupted, and nothing was sent\n"), errs.String())
	}

	portal, secrets := imbottest.NewPortal(t), fifo(t)
	go func() {
		_ = os.WriteFile(secrets, []byte("BITRIX24_WEBHOOK_URL="+portal.ServerWebhookURL()+"\nBITRIX24_CLIENT_ID="+imbottest.ClientID+"\n"), 0)
	}()
	got := call(t, nil, 0, "members", "13", "--bot", "39", "--secrets", secrets)
	assert.Equal(t, exitDone, got.code, got.err)
}

// What is no file is not opened to see what is in it.
func TestOutcomes_fifo(t *testing.T) {
	t.Parallel()
	_, err := openOutcomes(fifo(t), site, bot)
	require.ErrorContains(t, err, "no regular file")
}

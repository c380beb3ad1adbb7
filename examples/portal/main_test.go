package main

import (
	"bufio"
	"context"
	"io"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var curl = regexp.MustCompile(`(?s)curl -X POST \\\n\s+-H 'Content-Type: application/json' \\\n\s+-H 'Accept: application/json' \\\n\s+-d '([^']*)' \\\n\s+(http://127\.0\.0\.1:\d+/\S+)`)

// The printed calls are made as curl would make them.
func TestRun_printsCallsThatWork(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	read, write := io.Pipe()
	done := make(chan error, 1)
	go func() {
		done <- run(ctx, []string{"-addr", "127.0.0.1:0"}, write)
	}()
	calls := curl.FindAllStringSubmatch(readUntil(t, read, 3), -1)
	require.Len(t, calls, 3)

	for i, want := range []string{`^{"result":true,"time":{`, `^{"result":true,"time":{`, `^{"error":"CHAT_ID_EMPTY","error_description":"Chat ID can\\u0027t be empty"}$`} {
		req, err := http.NewRequestWithContext(ctx, http.MethodPost, calls[i][2], strings.NewReader(calls[i][1]))
		require.NoError(t, err)
		req.Header.Set("Content-Type", "application/json")
		resp, err := http.DefaultClient.Do(req) //nolint:forbidigo // this stands for curl, not for the package's client
		require.NoError(t, err)
		body, err := io.ReadAll(resp.Body)
		require.NoError(t, err)
		require.NoError(t, resp.Body.Close())
		assert.Regexp(t, want, strings.TrimSpace(string(body)))
	}

	cancel()
	require.NoError(t, <-done)
}

// readUntil reads lines until there are n addresses of calls among them.
func readUntil(t *testing.T, r io.Reader, n int) string {
	t.Helper()
	var text strings.Builder
	lines := bufio.NewScanner(r)
	for lines.Scan() {
		text.WriteString(lines.Text() + "\n")
		if len(curl.FindAllString(text.String(), -1)) == n {
			break
		}
	}
	require.NoError(t, lines.Err())
	return text.String()
}

func TestRun_mistakes(t *testing.T) {
	t.Parallel()
	for _, addr := range []string{"0.0.0.0:0", "192.0.2.1:0", ":0", "nothing"} {
		assert.Error(t, run(t.Context(), []string{"-addr", addr}, io.Discard), addr)
	}
}

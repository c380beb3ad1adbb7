package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-a6e4e5a4/imbot/imbottest"
)

// A run that was meant for a real portal does not turn into the demonstration because something is missing.
func TestRun_missingCredentials(t *testing.T) {
	t.Parallel()
	const hook, endpoint = "https://portal.example/rest/1/EXAMPLE_SECRET/", "https://portal.example/rest/"
	chats := idsOf(t, 3)
	tests := []struct {
		name string
		env  map[string]string
		args []string
		says string
	}{
		{"nothing", nil, nil, "say so by --demo"},
		{"chats", nil, []string{"--chats", chats, "--yes"}, "there are no credentials"},
		{"probe", nil, []string{"--probe", "1-5", "--yes"}, "there are no credentials"},
		{"outcomes", nil, []string{"--outcomes", outcomesFile(t), "--yes"}, "there are no credentials"},
		{"bot", nil, []string{"--bot", "39", "--yes"}, "there are no credentials"},
		{"bot of the environment", map[string]string{"BITRIX24_BOT_ID": "39"}, []string{"--yes"}, "there are no credentials"},
		{"refused", nil, []string{"--refused", "--yes"}, "there are no credentials"},
		{"enterprise", nil, []string{"--enterprise", "--yes"}, "there are no credentials"},
		{"no webhook", map[string]string{"BITRIX24_CLIENT_ID": "x"}, []string{"--yes"}, "BITRIX24_WEBHOOK_URL is not set"},
		{"no CLIENT_ID", map[string]string{"BITRIX24_WEBHOOK_URL": hook}, []string{"--yes"}, "BITRIX24_CLIENT_ID is not set"},
		{"no token", map[string]string{"BITRIX24_ENDPOINT": endpoint}, []string{"--yes"}, "BITRIX24_TOKEN is not set"},
		{"no endpoint", map[string]string{"BITRIX24_TOKEN": "x"}, []string{"--yes"}, "BITRIX24_ENDPOINT is not set"},
		{"two addresses", map[string]string{"BITRIX24_WEBHOOK_URL": hook, "BITRIX24_ENDPOINT": endpoint}, []string{"--yes"}, "which is it to be?"},
		{"no bot", map[string]string{"BITRIX24_WEBHOOK_URL": hook, "BITRIX24_CLIENT_ID": "x"}, []string{"--chats", chats, "--yes"}, "which bot?"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got := start(t, tt.env, "", nil, tt.args...)
			assert.Equal(t, exitUsage, got.code, got.out)
			assert.Contains(t, got.err, tt.says)
			assert.NotContains(t, got.err, "in memory, and")
			assert.NotContains(t, got.err, "EXAMPLE_SECRET")
			assert.NoFileExists(t, "outcomes.csv")
		})
	}
}

// Mistakes of the user are told, and nothing is sent.
func TestRun_usage(t *testing.T) {
	t.Parallel()
	portal := imbottest.NewPortal(t)
	good := environment(portal)
	good["BITRIX24_BOT_ID"] = "39"
	noBot := environment(portal)
	empty := filepath.Join(t.TempDir(), "empty.txt")
	require.NoError(t, os.WriteFile(empty, []byte("# none yet\n\n"), 0o600))
	long := filepath.Join(t.TempDir(), "long.txt")
	require.NoError(t, os.WriteFile(long, []byte("13\n14\n"+strings.Repeat("1", 1<<17)+"\n"), 0o600))
	bad := filepath.Join(t.TempDir(), "chats.txt")
	require.NoError(t, os.WriteFile(bad, []byte("13\nchat\n\n-5\n"), 0o600))
	other := filepath.Join(t.TempDir(), "other.csv")
	require.NoError(t, os.WriteFile(other, []byte("name;age\nx;1\n"), 0o600))
	tests := []struct {
		name  string
		env   map[string]string
		stdin string
		args  []string
		says  string
	}{
		{"nobody to ask", good, "", []string{"--chats", idsOf(t, 3)}, "say so by --yes"},
		{"nobody to ask before a probe", good, "", []string{"--probe", "1-500"}, "say so by --yes"},
		{"nobody to ask, as the chats are read", good, "13", []string{"--chats", "-", "--probe", "1-5"}, "say so by --yes"},
		{"no chats", good, "", []string{"--yes"}, "which chats?"},
		{"bad lines", good, "", []string{"--chats", bad, "--yes"}, bad + ":2: "},
		{"bad lines further down", good, "", []string{"--chats", bad, "--yes"}, bad + ":4: "},
		{"no file", good, "", []string{"--chats", bad + "x", "--yes"}, "--chats: no such file"},
		{"no folder", good, "13", []string{"--chats", "-", "--yes", "--out", "/nowhere/x.csv"}, "--outcomes: no such file"},
		{"another file", good, "13", []string{"--chats", "-", "--yes", "--outcomes", other}, "no file of outcomes"},
		{"a range without an end", good, "", []string{"--probe", "5", "--yes"}, "such as 1-500"},
		{"a range of nobody", noBot, "", []string{"--probe", "1-5", "--yes"}, "Name it by --bot"},
		{"an empty file", good, "", []string{"--chats", empty, "--yes"}, "no chat ids in " + empty},
		{"an empty input", good, "", []string{"--chats", "-", "--yes"}, "no chat ids in standard input"},
		{"an endless line", good, "", []string{"--chats", long, "--yes"}, long + ":3: a line this long"},
		{"a folder of chats", good, "", []string{"--chats", filepath.Dir(long), "--yes"}, "is a directory"},
		{"outcomes to a device", good, "13", []string{"--chats", "-", "--yes", "--outcomes", os.DevNull}, "no regular file"},
		{"outcomes to a folder", good, "13", []string{"--chats", "-", "--yes", "--outcomes", filepath.Dir(long)}, "no regular file"},
		{"batches of nothing", good, "13", []string{"--chats", "-", "--yes", "--batch-size", "0"}, "from 1 to 50"},
		{"batches too large", good, "13", []string{"--chats", "-", "--yes", "--batch-size", "51"}, "from 1 to 50"},
		{"too many at once", good, "13", []string{"--chats", "-", "--yes", "--concurrency", "251"}, "from 1 to 250"},
		{"no time", good, "13", []string{"--chats", "-", "--yes", "--timeout=-1s"}, "imbot bulk: --timeout may not be negative"},
		{"a negative bot", good, "13", []string{"--chats", "-", "--yes", "--bot=-1"}, "--bot has to be positive"},
		{"no bot in the environment", map[string]string{"BITRIX24_BOT_ID": "x"}, "13", []string{"--chats", "-", "--yes"}, "--bot"},
		{"a secret for an argument", good, "13", []string{portal.WebhookURL()}, "looks like the URL of a webhook"},
		{"a secret for a file", good, "13", []string{"--chats", portal.WebhookURL(), "--yes"}, "looks like the URL of a webhook"},
		{"a secret for a file of outcomes", good, "13", []string{"--chats", "-", "--outcomes=" + portal.WebhookURL(), "--yes"}, "looks like the URL of a webhook"},
		{"a secret for a number", good, "13", []string{"--bot=" + imbottest.Secret}, "--bot"},
		{"a secret for a flag that is not there", good, "13", []string{"--webhook=" + portal.WebhookURL()}, "looks like the URL of a webhook"},
		{"an unknown flag", good, "", []string{"--webhook", "x"}, "unknown flag"},
		{"a bad webhook", map[string]string{"BITRIX24_WEBHOOK_URL": "https://portal.example/rest/1/", "BITRIX24_CLIENT_ID": "x"}, "13", []string{"--chats", "-", "--bot", "39", "--yes"}, "webhook URL"},
		{"two credentials", map[string]string{"BITRIX24_WEBHOOK_URL": "x", "BITRIX24_TOKEN": "y"}, "13", []string{"--chats", "-", "--yes"}, "which is it to be?"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			args := tt.args
			if !strings.Contains(strings.Join(args, " "), "--out") {
				args = append(args, "--outcomes", outcomesFile(t))
			}
			got := start(t, tt.env, tt.stdin, nil, args...)
			assert.Equal(t, exitUsage, got.code)
			assert.Contains(t, got.err, tt.says)
			assert.Contains(t, got.err, "Nothing was sent.")
			assert.Empty(t, got.out)
			assert.NotContains(t, got.err, "CHAT_ID_EMPTY")
			if len(args) > len(tt.args) {
				assert.NoFileExists(t, args[len(args)-1])
			}
		})
	}
	t.Cleanup(func() { assert.Empty(t, portal.Calls()) })
}

// A file that was given by mistake is not copied to the screen.
func TestReadIDs_mistakes(t *testing.T) {
	t.Parallel()
	var lines strings.Builder
	for i := range 30 {
		fmt.Fprintf(&lines, "%d\nTOKEN=EXAMPLE_SECRET\x1b[2J\n", i+1)
	}
	_, err := readIDs("file", strings.NewReader(lines.String()))
	require.Error(t, err)
	told := strings.Split(err.Error(), "\n")
	require.Len(t, told, 11)
	assert.Equal(t, `file:2: "TOKE…" is no chat id: want 13 or chat13`, told[0])
	assert.Equal(t, "and 20 more wrong lines", told[10])
	assert.NotContains(t, err.Error(), "EXAMPLE")
}

// A refusal of the caller is no outcome of a chat: all is done again when it is over.
func TestRun_badCredentials(t *testing.T) {
	t.Parallel()
	portal := portalWith(t, 100)
	env := environment(portal)
	env["BITRIX24_WEBHOOK_URL"] = portal.URL() + "/rest/1/EXAMPLEwrong/"
	file, chats := outcomesFile(t), idsOf(t, 100)
	got := start(t, env, "", nil, "--chats", chats, "--bot", "39", "--outcomes", file, "--yes")
	assert.Equal(t, exitSomeAreIn, got.code)
	assert.Contains(t, got.out, "INVALID_CREDENTIALS")
	assert.NotContains(t, got.out+got.err, "EXAMPLEwrong")
	got = start(t, environment(portal), "", nil, "--chats", chats, "--bot", "39", "--outcomes", file, "--yes")
	assert.Equal(t, wholeTable, got.out)
}

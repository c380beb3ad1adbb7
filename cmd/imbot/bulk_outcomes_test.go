package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"
	"unicode"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-a6e4e5a4/imbot"
)

const (
	bot  = imbot.BotID(39)
	site = "https://portal.example"
)

// left is a result of a chat that the bot left, and lost one of which nothing is known.
func left(id imbot.ChatID) imbot.LeaveResult {
	return imbot.LeaveResult{Request: imbot.ChatLeaveRequest{ChatID: id, BotID: bot}, Outcome: imbot.LeaveOutcome{State: imbot.Left, Attempts: 1}}
}

func lost(id imbot.ChatID) imbot.LeaveResult {
	err := fmt.Errorf("%w: \"no\nanswer\",\r\nat all", imbot.ErrOutcomeUnknown)
	return imbot.LeaveResult{Request: imbot.ChatLeaveRequest{ChatID: id, BotID: bot}, Err: err}
}

func opened(t *testing.T, name string, bot imbot.BotID) *outcomes {
	t.Helper()
	file, err := openOutcomes(name, site, bot)
	require.NoError(t, err)
	require.NoError(t, file.begin(nil))
	return file
}

func added(file *outcomes, result imbot.LeaveResult) error { return file.add(result, entryOf(result)) }

func TestOutcomes_resume(t *testing.T) {
	t.Parallel()
	name := outcomesFile(t)
	file := opened(t, name, bot)
	for _, result := range []imbot.LeaveResult{left(1001), lost(1002), lost(1003), left(1003)} {
		require.NoError(t, added(file, result))
	}
	require.NoError(t, added(file, imbot.LeaveResult{Request: imbot.ChatLeaveRequest{ChatID: 1001, BotID: bot}, Err: imbot.ErrNotExecuted}))
	require.NoError(t, file.Close())

	file = opened(t, name, bot)
	assert.Equal(t, []imbot.ChatID{1002, 1004}, file.missing([]imbot.ChatID{1001, 1002, 1003, 1004}, false))
	_, err := openOutcomes(name, site, bot)
	require.ErrorContains(t, err, "another imbot bulk")
	require.NoError(t, file.Close())

	other := opened(t, name, 40)
	assert.Equal(t, []imbot.ChatID{1001}, other.missing([]imbot.ChatID{1001}, false), "that another bot is out says nothing of this one")
	require.NoError(t, other.Close())
}

// Wherever a file was cut, it goes on behind its last whole line, and nothing is taken for done that is not.
func TestOutcomes_cutAnywhere(t *testing.T) {
	t.Parallel()
	name := outcomesFile(t)
	file := opened(t, name, bot)
	for _, result := range []imbot.LeaveResult{left(1001), lost(1002), left(1003)} {
		require.NoError(t, added(file, result))
	}
	require.NoError(t, file.Close())
	content, err := os.ReadFile(name)
	require.NoError(t, err)
	assert.Equal(t, 4, strings.Count(string(content), "\n"), "a line for each, whatever is in the texts")

	for cut := range content {
		require.NoError(t, os.WriteFile(name, content[:cut], 0o600))
		file := opened(t, name, bot)
		lines := strings.Count(string(content[:cut]), "\n")
		assert.Equal(t, lines < 2, len(file.missing([]imbot.ChatID{1001}, false)) == 1, "cut at %d", cut)
		assert.Len(t, file.missing([]imbot.ChatID{1002, 1003}, false), 2, "cut at %d", cut)
		require.NoError(t, added(file, left(1004)))
		require.NoError(t, file.Close())
		file = opened(t, name, bot)
		assert.Empty(t, file.missing([]imbot.ChatID{1004}, false), "cut at %d", cut)
		require.NoError(t, file.Close())
	}
}

// A file of something else stays as it is.
func TestOutcomes_anotherFile(t *testing.T) {
	t.Parallel()
	for _, content := range []string{"13", "13\n14", "13\n14\n", "name;age\nx;1\n", "chat_id,name\n13,x\n", strings.Join(header, ",") + "\n13,39\n", strings.Join(header, ",") + "\nx,39," + site + ",left,,,,,\n14"} {
		name := outcomesFile(t)
		require.NoError(t, os.WriteFile(name, []byte(content), 0o600))
		_, err := openOutcomes(name, site, bot)
		require.ErrorContains(t, err, "no file of outcomes", "%q", content)
		after, err := os.ReadFile(name)
		require.NoError(t, err)
		assert.Equal(t, content, string(after))
	}
}

// fullDisk has room for half a line.
type fullDisk struct{ *os.File }

func (d fullDisk) Write(p []byte) (int, error) {
	n, _ := d.File.Write(p[:len(p)/2])
	return n, errors.New("no space left on device")
}

func TestOutcomes_fullDisk(t *testing.T) {
	t.Parallel()
	name := outcomesFile(t)
	file := opened(t, name, bot)
	require.NoError(t, added(file, left(1001)))
	file.out = fullDisk{file.file}
	require.ErrorIs(t, added(file, left(1002)), errUnwritable)
	file.out = file.file
	require.NoError(t, added(file, left(1003)), "there may be room again")
	require.NoError(t, file.Close())
	assert.Equal(t, 1, file.table([]imbot.ChatID{1002}).counts[open], "the table is not ahead of the file")
	file = opened(t, name, bot)
	assert.Equal(t, []imbot.ChatID{1002}, file.missing([]imbot.ChatID{1001, 1002, 1003}, false))
	require.NoError(t, file.Close())
}

// What one portal did says nothing of another, and its file stays as it is.
func TestOutcomes_anotherPortal(t *testing.T) {
	t.Parallel()
	name := outcomesFile(t)
	file := opened(t, name, bot)
	require.NoError(t, added(file, left(1001)))
	require.NoError(t, file.Close())
	before, err := os.ReadFile(name)
	require.NoError(t, err)
	before = append(before, "100"...) // a torn line
	require.NoError(t, os.WriteFile(name, before, 0o600))
	for _, other := range []string{"https://other.example", "http://portal.example", inMemory} {
		_, err = openOutcomes(name, other, bot)
		require.ErrorContains(t, err, "of the portal "+site+", and not of "+other)
	}
	after, err := os.ReadFile(name)
	require.NoError(t, err)
	assert.Equal(t, string(before), string(after))
}

func TestNameOf(t *testing.T) {
	t.Parallel()
	for address, want := range map[string]string{
		"https://Portal.Example/rest/1/SECRET/":    "https://portal.example",
		"HTTPS://portal.example:443/rest/1/SECRET": "https://portal.example",
		"https://portal.example:8443/rest/":        "https://portal.example:8443",
		"http://127.0.0.1:80/rest/":                "http://127.0.0.1",
	} {
		assert.Equal(t, want, nameOf(address))
	}
}

// A program for tables may have saved the file, with a mark in front.
func TestOutcomes_byteOrderMark(t *testing.T) {
	t.Parallel()
	name := outcomesFile(t)
	file := opened(t, name, bot)
	require.NoError(t, added(file, left(1001)))
	require.NoError(t, file.Close())
	content, err := os.ReadFile(name)
	require.NoError(t, err)
	for cut := range len(content) + 1 {
		saved := byteOrderMark + strings.ReplaceAll(string(content[:cut]), "\n", "\r\n")
		require.NoError(t, os.WriteFile(name, []byte(saved), 0o600))
		file = opened(t, name, bot)
		assert.Equal(t, cut == len(content), len(file.missing([]imbot.ChatID{1001}, false)) == 0, "cut at %d", cut)
		require.NoError(t, added(file, left(1002)))
		require.NoError(t, file.Close())
		file = opened(t, name, bot)
		assert.Empty(t, file.missing([]imbot.ChatID{1002}, false), "cut at %d", cut)
		require.NoError(t, file.Close())
	}
}

// Nothing is made before there is something to write, and nobody takes the file meanwhile.
func TestOutcomes_made(t *testing.T) {
	t.Parallel()
	name := outcomesFile(t)
	first, err := openOutcomes(name, site, bot)
	require.NoError(t, err)
	assert.NoFileExists(t, name)
	second := opened(t, name, bot)
	require.ErrorContains(t, first.begin(nil), "another imbot bulk")
	require.NoError(t, added(second, left(1001)))
	require.NoError(t, second.Close())
	require.NoError(t, first.Close())
}

// What was found is in the file before it is left, and is not done.
func TestOutcomes_found(t *testing.T) {
	t.Parallel()
	name := outcomesFile(t)
	file, err := openOutcomes(name, site, bot)
	require.NoError(t, err)
	require.NoError(t, file.begin([]imbot.ChatID{1003, 1001, 1009}))
	require.NoError(t, added(file, left(1003)))
	require.NoError(t, file.Close())
	file = opened(t, name, bot)
	assert.Equal(t, []imbot.ChatID{1001, 1003}, file.within(span{1001, 1008}))
	assert.Equal(t, []imbot.ChatID{1001}, file.missing([]imbot.ChatID{1001, 1003}, false))
	assert.Equal(t, 1, file.table([]imbot.ChatID{1001, 1003}).counts[open])
	assert.True(t, file.table([]imbot.ChatID{1001, 1003}).isOpen())
	require.NoError(t, file.Close())
}

// What the portal says is one line, and moves no cursor.
func TestOutcomes_printable(t *testing.T) {
	t.Parallel()
	name := outcomesFile(t)
	file := opened(t, name, bot)
	code := imbot.Code("ODD\n\x1b[2J\r\u202ecode\xff")
	result := imbot.LeaveResult{Request: imbot.ChatLeaveRequest{ChatID: 1001, BotID: bot}, Err: &imbot.APIError{Code: code, Description: "a\u2028b\x07"}}
	require.NoError(t, added(file, result))
	require.NoError(t, file.Close())
	content, err := os.ReadFile(name)
	require.NoError(t, err)
	assert.Equal(t, 2, strings.Count(string(content), "\n"))
	for _, r := range strings.TrimSpace(strings.ReplaceAll(string(content), "\n", "")) {
		assert.True(t, unicode.IsPrint(r), "%q", r)
	}

	var out bytes.Buffer
	odd := tableOfOutcomes{counts: map[entry]int{{failed, string(code)}: 1}, total: 1}
	odd.print(&out)
	assert.Contains(t, out.String(), "1  failed: ODD  [2J  code?\n   start again\n1  chat\n")
	assert.Equal(t, 3, strings.Count(out.String(), "\n"))
}

package main

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-a6e4e5a4/imbot"
)

const bot = imbot.BotID(39)

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
	file, err := openOutcomes(name, bot)
	require.NoError(t, err)
	return file
}

func TestOutcomes_resume(t *testing.T) {
	t.Parallel()
	name := outcomesFile(t)
	file := opened(t, name, bot)
	for _, result := range []imbot.LeaveResult{left(1001), lost(1002), lost(1003), left(1003)} {
		require.NoError(t, file.add(result))
	}
	require.NoError(t, file.add(imbot.LeaveResult{Request: imbot.ChatLeaveRequest{ChatID: 1001, BotID: bot}, Err: imbot.ErrNotExecuted}))
	require.NoError(t, file.Close())

	file = opened(t, name, bot)
	assert.Equal(t, []imbot.ChatID{1002, 1004}, file.missing([]imbot.ChatID{1001, 1002, 1003, 1004}, false))
	_, err := openOutcomes(name, bot)
	require.ErrorContains(t, err, "another bulkleave")
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
		require.NoError(t, file.add(result))
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
		require.NoError(t, file.add(left(1004)))
		require.NoError(t, file.Close())
		file = opened(t, name, bot)
		assert.Empty(t, file.missing([]imbot.ChatID{1004}, false), "cut at %d", cut)
		require.NoError(t, file.Close())
	}
}

// A file of something else stays as it is.
func TestOutcomes_anotherFile(t *testing.T) {
	t.Parallel()
	for _, content := range []string{"13", "13\n14", "13\n14\n", "name;age\nx;1\n", "chat_id,name\n13,x\n", strings.Join(header, ",") + "\n13,39\n", strings.Join(header, ",") + "\nx,39,left,,,,,\n14"} {
		name := outcomesFile(t)
		require.NoError(t, os.WriteFile(name, []byte(content), 0o600))
		_, err := openOutcomes(name, bot)
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
	require.NoError(t, file.add(left(1001)))
	file.out = fullDisk{file.file}
	require.ErrorIs(t, file.add(left(1002)), errUnwritable)
	file.out = file.file
	require.NoError(t, file.add(left(1003)), "there may be room again")
	require.NoError(t, file.Close())
	file = opened(t, name, bot)
	assert.Equal(t, []imbot.ChatID{1002}, file.missing([]imbot.ChatID{1001, 1002, 1003}, false))
	require.NoError(t, file.Close())
}

package main

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/imbottest"
)

// asProgram makes a child process of the tests the program itself.
const asProgram = "IMBOT_AS_PROGRAM"

func TestMain(m *testing.M) {
	if os.Getenv(asProgram) != "" {
		main()
	}
	os.Exit(m.Run())
}

// program is one that is to work on a portal.
func program(t *testing.T, portal *imbottest.Portal, args ...string) *exec.Cmd {
	t.Helper()
	self, err := os.Executable()
	require.NoError(t, err)
	cmd := exec.CommandContext(t.Context(), self, append([]string{"bulk"}, args...)...)
	cmd.Env = append(os.Environ(), asProgram+"=1")
	for name, value := range environment(portal) {
		cmd.Env = append(cmd.Env, name+"="+value)
	}
	return cmd
}

// child is a program at work on a portal.
func child(t *testing.T, portal *imbottest.Portal, args ...string) (*exec.Cmd, *output) {
	t.Helper()
	cmd := program(t, portal, args...)
	out := &output{text: make(map[string]chan struct{})}
	cmd.Stdout, cmd.Stderr = out, out
	require.NoError(t, cmd.Start())
	return cmd, out
}

// output is what a program prints, which can be waited for.
type output struct {
	mu      sync.Mutex
	printed bytes.Buffer
	text    map[string]chan struct{}
}

// Write implements io.Writer.
func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	n, err := o.printed.Write(p)
	for text, found := range o.text {
		if strings.Contains(o.printed.String(), text) {
			close(found)
			delete(o.text, text)
		}
	}
	return n, err
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.printed.String()
}

// await waits until a text has been printed.
func (o *output) await(t *testing.T, text string) {
	t.Helper()
	found := make(chan struct{})
	o.mu.Lock()
	if strings.Contains(o.printed.String(), text) {
		close(found)
	} else {
		o.text[text] = found
	}
	o.mu.Unlock()
	select {
	case <-found:
	case <-time.After(time.Minute):
		t.Errorf("it did not print %q, but %s", text, o)
	}
}

// finals are the chats that a file of outcomes says are done, and how many lines it has.
func finals(t *testing.T, portal *imbottest.Portal, name string) (done map[imbot.ChatID]bool, lines int) {
	t.Helper()
	done = make(map[imbot.ChatID]bool)
	content, err := os.ReadFile(name)
	if errors.Is(err, fs.ErrNotExist) {
		return done, 0
	}
	require.NoError(t, err)
	lines = bytes.Count(content, []byte("\n"))
	row := regexp.MustCompile(`(?m)^(\d+),39,` + regexp.QuoteMeta(portal.URL()) + `,(left|already out|out|refused),.*\n`)
	for _, match := range row.FindAllSubmatch(content, -1) {
		id, err := imbot.ParseChatID(string(match[1]))
		require.NoError(t, err)
		done[id] = true
	}
	return done, lines
}

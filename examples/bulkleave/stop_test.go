package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/imbottest"
)

// asProgram makes a child process of the tests the program itself.
const asProgram = "BULKLEAVE_AS_PROGRAM"

func TestMain(m *testing.M) {
	if os.Getenv(asProgram) != "" {
		interrupts := make(chan os.Signal, 2)
		signal.Notify(interrupts, os.Interrupt)
		os.Exit(run(context.Background(), os.Args[1:], os.Getenv, interrupts, streams{os.Stdin, os.Stdout, os.Stderr}))
	}
	os.Exit(m.Run())
}

// child is a program at work on a portal.
func child(t *testing.T, portal *imbottest.Portal, args ...string) (*exec.Cmd, *output) {
	t.Helper()
	self, err := os.Executable()
	require.NoError(t, err)
	cmd := exec.CommandContext(t.Context(), self, args...)
	cmd.Env = append(os.Environ(), asProgram+"=1")
	for name, value := range environment(portal) {
		cmd.Env = append(cmd.Env, name+"="+value)
	}
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

// A run that was killed, at whatever moment, and started again ends with the same table as one that was not, and no bot
// has left twice.
func TestKilledAndResumed(t *testing.T) {
	t.Parallel()
	for at := range 20 {
		for _, after := range []bool{false, true} {
			t.Run(fmt.Sprintf("at request %d, after the act %v", at+1, after), func(t *testing.T) {
				t.Parallel()
				portal := portalWith(t, 100)
				file, chats := outcomesFile(t), idsOf(t, 100)
				var requests atomic.Int64
				now := make(chan struct{})
				portal.FaultFunc(func(imbottest.Call) imbottest.Fault {
					if requests.Add(1) != int64(at+1) {
						return imbottest.NoFault()
					}
					if after {
						time.AfterFunc(time.Millisecond, func() { close(now) })
						return imbottest.SlowAfter(time.Minute)
					}
					close(now)
					return imbottest.SlowBefore(time.Minute)
				})
				args := []string{"--chats", chats, "--bot", "39", "--outcomes", file, "--yes", "--batch-size", "5", "--concurrency", "3"}
				cmd, out := child(t, portal, args...)
				select {
				case <-now:
				case <-time.After(time.Minute):
					t.Error("the program never got there")
				}
				require.NoError(t, cmd.Process.Kill())
				require.Error(t, cmd.Wait(), out)
				assert.NotContains(t, out.String(), "out of the chat", "it was killed before the end")
				portal.FaultFunc(nil)

				got := start(t, environment(portal), "", nil, args...)

				assert.Equal(t, wholeTable, got.out)
				for i := range 100 {
					assert.LessOrEqual(t, portal.Removals(imbot.ChatID(1001+i)), 1)
				}
			})
		}
	}
}

// The first interrupt waits for what is at the portal, and writes it down. The second does not wait.
func TestInterrupted(t *testing.T) {
	t.Parallel()
	for _, twice := range []bool{false, true} {
		t.Run(fmt.Sprintf("twice %v", twice), func(t *testing.T) {
			t.Parallel()
			portal := portalWith(t, 100)
			file, chats := outcomesFile(t), idsOf(t, 100)
			arrived, answer := make(chan struct{}, 1), make(chan struct{})
			var requests atomic.Int64
			portal.FaultFunc(func(imbottest.Call) imbottest.Fault {
				if requests.Add(1) != 4 {
					return imbottest.NoFault()
				}
				arrived <- struct{}{}
				if twice {
					return imbottest.SlowAfter(time.Minute)
				}
				<-answer
				return imbottest.NoFault()
			})
			args := []string{"--chats", chats, "--bot", "39", "--outcomes", file, "--yes", "--batch-size", "5", "--concurrency", "1"}
			cmd, out := child(t, portal, args...)
			<-arrived
			require.NoError(t, cmd.Process.Signal(os.Interrupt))
			out.await(t, "Stopping when")
			if twice {
				require.NoError(t, cmd.Process.Signal(os.Interrupt))
			} else {
				close(answer)
			}
			err := cmd.Wait()
			var exit *exec.ExitError
			require.ErrorAs(t, err, &exit, out)
			assert.Equal(t, exitInterrupted, exit.ExitCode(), out)
			assert.EqualValues(t, 4, requests.Load(), "nothing more was sent")
			content, err := os.ReadFile(file)
			require.NoError(t, err)
			unknowns := 1 // the chat without the bot, which is not looked at any more
			if twice {
				unknowns += 5 // and a batch
			}
			assert.Equal(t, unknowns, strings.Count(string(content), ",unknown,"), "%s", content)
			if !twice {
				assert.Equal(t, 1+1+3*5, strings.Count(string(content), "\n"), "the header, the first, and three batches")
			}
			portal.FaultFunc(nil)
			assert.Equal(t, wholeTable, start(t, environment(portal), "", nil, args...).out)
		})
	}
}

// While the portal takes no more, there is nothing to wait for.
func TestInterrupted_whileBlocked(t *testing.T) {
	t.Parallel()
	portal := imbottest.NewPortal(t)
	portal.On("imbot.chat.leave", imbottest.Refuse(429, "OPERATION_TIME_LIMIT", ""))
	interrupts := make(chan os.Signal, 1)
	errs := &output{text: make(map[string]chan struct{})}
	go func() {
		errs.await(t, "the portal takes no more until ")
		interrupts <- os.Interrupt
	}()
	env := environment(portal)
	var out bytes.Buffer
	code := run(t.Context(), []string{"--chats", "-", "--bot", "39", "--outcomes", outcomesFile(t), "--yes"},
		func(name string) string { return env[name] }, interrupts, streams{strings.NewReader("13\n15"), &out, errs})
	assert.Equal(t, exitInterrupted, code)
	assert.Contains(t, out.String(), "not done")
	assert.Len(t, portal.Calls("imbot.chat.leave"), 1, "nothing was tried again")
}

// person sits at a terminal and types something, or nothing.
type person struct{ io.Reader }

// IsTerminal tells the program that there is somebody to ask.
func (person) IsTerminal() bool { return true }

func TestConfirm(t *testing.T) {
	t.Parallel()
	for answer, want := range map[string]int{"y\n": exitAllOut, "YES \n": exitAllOut, "\n": exitUsage, "n\n": exitUsage, "yesterday\n": exitUsage, "": exitUsage} {
		t.Run(answer, func(t *testing.T) {
			t.Parallel()
			portal := portalWith(t, 1)
			env := environment(portal)
			var out, errs bytes.Buffer
			code := run(t.Context(), []string{"--chats", idsOf(t, 1), "--bot", "39", "--outcomes", outcomesFile(t)},
				func(name string) string { return env[name] }, nil, streams{person{strings.NewReader(answer)}, &out, &errs})
			assert.Equal(t, want, code, errs.String())
			assert.Contains(t, errs.String(), "Leave 1 chats? [y/N] ")
			assert.Equal(t, want != exitAllOut, portal.Has(1001, imbottest.BotMain))
		})
	}
}

// An interrupt before the work has begun ends the program at once, whatever it waits for: an answer, ids, the portal.
func TestInterrupted_before(t *testing.T) {
	t.Parallel()
	typing, typed := io.Pipe() // nobody types
	t.Cleanup(func() { _ = typed.Close() })
	tests := []struct {
		name  string
		in    io.Reader
		args  []string
		await string
	}{
		{"at the question", person{typing}, []string{"--chats", idsOf(t, 3)}, "[y/N]"},
		{"at the ids", typing, []string{"--chats", "-", "--yes"}, ""},
		{"at the portal", strings.NewReader(""), []string{"--probe", "1-500", "--yes"}, "Looking for"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			portal := portalWith(t, 3)
			portal.FaultFunc(func(imbottest.Call) imbottest.Fault { return imbottest.SlowBefore(time.Hour) })
			interrupts := make(chan os.Signal, 1)
			errs := &output{text: make(map[string]chan struct{})}
			go func() {
				errs.await(t, tt.await)
				interrupts <- os.Interrupt
			}()
			env := environment(portal)
			var out bytes.Buffer
			code := run(t.Context(), append(tt.args, "--bot", "39", "--outcomes", outcomesFile(t)),
				func(name string) string { return env[name] }, interrupts, streams{tt.in, &out, errs})
			assert.Equal(t, exitInterrupted, code)
			assert.Contains(t, errs.String(), "interrupted before anything was left")
			assert.Empty(t, portal.Calls("imbot.chat.leave"))
		})
	}
}

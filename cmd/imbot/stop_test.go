package main

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/imbottest"
)

// A run that was killed, at whatever moment, and started again ends with the same table as one that was not. It goes on
// where the file ends: no bot leaves twice, and what is final is not even asked for again.
func TestKilledAndResumed(t *testing.T) {
	t.Parallel()
	for _, how := range [][]string{{"--chats", idsOf(t, 100)}, {"--probe", "1001-1100"}} {
		args := slices.Concat(how, []string{"--bot", "39", "--yes", "--batch-size", "5", "--concurrency", "3"})
		undisturbed := start(t, environment(portalWith(t, 100)), "", nil, append(args, "--outcomes", outcomesFile(t))...)
		for at := range 20 {
			for _, after := range []bool{false, true} {
				t.Run(fmt.Sprintf("%s at request %d, after the act %v", how[0], at+1, after), func(t *testing.T) {
					t.Parallel()
					testKilledAndResumed(t, args, int64(at+1), after, undisturbed.out)
				})
			}
		}
	}
}

func testKilledAndResumed(t *testing.T, args []string, at int64, after bool, want string) {
	t.Helper()
	portal, file := portalWith(t, 100), outcomesFile(t)
	var requests atomic.Int64
	now := make(chan struct{})
	portal.FaultFunc(func(imbottest.Call) imbottest.Fault {
		if requests.Add(1) != at {
			return imbottest.NoFault()
		}
		if after {
			time.AfterFunc(time.Millisecond, func() { close(now) })
			return imbottest.SlowAfter(time.Minute)
		}
		close(now)
		return imbottest.SlowBefore(time.Minute)
	})
	args = append(slices.Clone(args), "--outcomes", file)
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
	done, lines := finals(t, portal, file)
	if at >= 10 { // of those before it, three at the most are not answered
		assert.NotEmpty(t, done)
	}
	if args[0] == "--probe" && at > 2 { // which it looks in
		assert.Greater(t, lines, 90, "what was found is written down before it is left")
	}
	before := len(portal.Calls("imbot.chat.leave"))

	got := start(t, environment(portal), "", nil, args...)

	assert.Equal(t, want, got.out)
	for _, call := range portal.Calls("imbot.chat.leave")[before:] {
		id, err := imbot.ParseChatID(fmt.Sprint(call.Params["CHAT_ID"]))
		require.NoError(t, err)
		assert.False(t, done[id], "chat %d is final in the file", id)
	}
	for i := range 100 {
		assert.LessOrEqual(t, portal.Removals(imbot.ChatID(1001+i)), 1)
	}
}

// A probe does not look again where the file knows the bot, and does not lose what a killed run has left.
func TestProbe_resumed(t *testing.T) {
	t.Parallel()
	portal, file := portalWith(t, 100), outcomesFile(t)
	args := []string{"--probe", "1001-1100", "--bot", "39", "--outcomes", file, "--yes"}
	first := start(t, environment(portal), "", nil, args...)
	looks := len(portal.Calls("imbot.chat.user.list"))
	assert.Equal(t, 100, looks)
	again := start(t, environment(portal), "", nil, args...)
	assert.Equal(t, first.out, again.out)
	assert.Len(t, portal.Calls("imbot.chat.user.list"), looks+10, "those in which it was not found")
}

// The first interrupt waits for what is at the portal, and writes it down. The second does not wait.
func TestInterrupted(t *testing.T) {
	t.Parallel()
	tests := []struct {
		signal os.Signal
		twice  bool
	}{{os.Interrupt, false}, {os.Interrupt, true}, {syscall.SIGTERM, false}, {syscall.SIGTERM, true}}
	if !signal.Ignored(syscall.SIGHUP) { // as by nohup, which the program heeds
		tests = append(tests, tests[0])
		tests[len(tests)-1].signal = syscall.SIGHUP
	}
	for _, tt := range tests {
		twice := tt.twice
		t.Run(fmt.Sprintf("%v, twice %v", tt.signal, twice), func(t *testing.T) {
			t.Parallel()
			portal := portalWith(t, 100)
			file, chats := outcomesFile(t), idsOf(t, 100)
			arrived, answer := make(chan struct{}, 1), make(chan struct{})
			var requests atomic.Int64
			portal.FaultFunc(func(imbottest.Call) imbottest.Fault {
				if requests.Add(1) != 3 {
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
			require.NoError(t, cmd.Process.Signal(tt.signal))
			out.await(t, "Stopping when")
			if twice {
				require.NoError(t, cmd.Process.Signal(tt.signal))
			} else {
				close(answer)
			}
			err := cmd.Wait()
			var exit *exec.ExitError
			require.ErrorAs(t, err, &exit, out)
			assert.Equal(t, exitInterrupted, exit.ExitCode(), out)
			assert.EqualValues(t, 3, requests.Load(), "nothing more was sent")
			content, err := os.ReadFile(file)
			require.NoError(t, err)
			unknowns := 1 // the chat without the bot, which is not looked at any more
			if twice {
				unknowns = 5 // the batch, with that chat in it
			}
			assert.Equal(t, unknowns, strings.Count(string(content), ",unknown,"), "%s", content)
			if !twice {
				assert.Equal(t, 1+1+2*5, strings.Count(string(content), "\n"), "the header, the first, and two batches")
			}
			portal.FaultFunc(nil)
			assert.Equal(t, wholeTable, start(t, environment(portal), "", nil, args...).out)
		})
	}
}

// What reads the output ends first, as tee does at Ctrl-C. The program ends cleanly all the same.
func TestInterrupted_brokenPipe(t *testing.T) {
	t.Parallel()
	portal := portalWith(t, 100)
	file := outcomesFile(t)
	arrived, answer := make(chan struct{}, 1), make(chan struct{})
	var requests atomic.Int64
	portal.FaultFunc(func(imbottest.Call) imbottest.Fault {
		if requests.Add(1) == 3 {
			arrived <- struct{}{}
			<-answer
		}
		return imbottest.NoFault()
	})
	read, written, err := os.Pipe()
	require.NoError(t, err)
	cmd := program(t, portal, "--chats", idsOf(t, 100), "--bot", "39", "--outcomes", file, "--yes", "--batch-size", "5", "--concurrency", "1")
	cmd.Stdout, cmd.Stderr = written, written
	require.NoError(t, cmd.Start())
	require.NoError(t, written.Close())
	<-arrived
	require.NoError(t, read.Close())
	require.NoError(t, cmd.Process.Signal(os.Interrupt))
	time.AfterFunc(100*time.Millisecond, func() { close(answer) }) // so that there is something to say before
	var exit *exec.ExitError
	require.ErrorAs(t, cmd.Wait(), &exit)
	assert.Equal(t, exitInterrupted, exit.ExitCode(), exit)
	done, _ := finals(t, portal, file)
	assert.Len(t, done, 1+2*5-1, "all that was answered, but for the chat that was not looked at any more")
}

// stuck is a terminal that takes no text.
type stuck struct{ until <-chan struct{} }

// Write implements io.Writer.
func (s stuck) Write(p []byte) (int, error) {
	<-s.until
	return len(p), nil
}

// The third interrupt ends it whatever it waits for.
func TestStopper_third(t *testing.T) {
	t.Parallel()
	for _, ended := range []bool{false, true} {
		interrupts, code, free := make(chan os.Signal), make(chan int, 1), make(chan struct{})
		ctx, s := watch(t.Context(), interrupts, stuck{free}, func(c int) { code <- c })
		assert.True(t, s.begin())
		interrupts <- os.Interrupt
		assert.True(t, waitFor(s.stop))
		require.NoError(t, ctx.Err())
		interrupts <- os.Interrupt
		assert.True(t, waitFor(ctx.Done()))
		end := make(chan struct{})
		if ended {
			go func() {
				s.end()
				close(end)
			}()
		}
		assert.Empty(t, code)
		interrupts <- os.Interrupt
		assert.Equal(t, exitInterrupted, <-code)
		close(free)
		if !ended {
			s.end()
			close(end)
		}
		assert.True(t, waitFor(end))
	}
}

func waitFor(closed <-chan struct{}) bool {
	select {
	case <-closed:
		return true
	case <-time.After(time.Minute):
		return false
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
		errs.await(t, " (time used up)")
		interrupts <- os.Interrupt
	}()
	env := environment(portal)
	var out bytes.Buffer
	code := run(t.Context(), []string{"bulk", "--chats", "-", "--bot", "39", "--outcomes", outcomesFile(t), "--yes", "--concurrency", "1"},
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
			code := run(t.Context(), []string{"bulk", "--chats", idsOf(t, 1), "--bot", "39", "--outcomes", outcomesFile(t)},
				func(name string) string { return env[name] }, nil, streams{person{strings.NewReader(answer)}, &out, &errs})
			assert.Equal(t, want, code, errs.String())
			assert.Contains(t, errs.String(), "Leave 1 chat? [y/N] ")
			assert.Equal(t, want != exitAllOut, portal.Has(1001, imbottest.BotMain))
		})
	}
}

// late sits at a terminal and takes some time to answer.
type late struct {
	person

	after time.Duration
}

// Read implements io.Reader.
func (l late) Read(p []byte) (int, error) {
	<-time.After(l.after)
	return l.person.Read(p)
}

// The time of --timeout is for the portal: who is asked whether a bot is to be deleted may take longer.
func TestUnregister_late(t *testing.T) {
	t.Parallel()
	for answer, want := range map[string]int{"y\n": exitUnknown, "n\n": exitUsage} {
		portal := imbottest.NewPortal(t)
		if want == exitUnknown {
			portal.Fault("imbot.v2.Bot.unregister", imbottest.SlowBefore(time.Hour))
		}
		env := asMain(portal)
		var out, errs bytes.Buffer
		in := late{person{strings.NewReader(answer)}, 250 * time.Millisecond}
		code := run(t.Context(), []string{"unregister", "--timeout", "200ms"}, func(name string) string { return env[name] }, nil, streams{in, &out, &errs})
		assert.Equal(t, want, code, errs.String())
		assert.NotContains(t, errs.String(), "nothing was sent")
	}
}

// Who interrupts a question is told that nothing was sent.
func TestInterrupted_nothingSent(t *testing.T) {
	t.Parallel()
	for _, args := range []string{"unregister", "unregister --json"} {
		typing, typed := io.Pipe() // nobody types
		t.Cleanup(func() { _ = typed.Close() })
		portal := imbottest.NewPortal(t)
		env := asMain(portal)
		interrupts := make(chan os.Signal, 1)
		errs := &output{text: make(map[string]chan struct{})}
		go func() {
			errs.await(t, "Delete bot 39 for good? [y/N] ")
			interrupts <- os.Interrupt
		}()
		var out bytes.Buffer
		code := run(t.Context(), strings.Fields(args), func(name string) string { return env[name] }, interrupts, streams{person{typing}, &out, errs})
		assert.Equal(t, exitInterrupted, code)
		assert.Equal(t, "Delete bot 39 for good? [y/N] \nimbot unregister: interrupted, and nothing was sent\n", errs.String())
		if strings.HasSuffix(args, "--json") {
			assert.JSONEq(t, `{"outcome":"interrupted","error":{"message":"interrupted, and nothing was sent","temporary":false}}`, out.String())
		} else {
			assert.Empty(t, out.String())
		}
		assert.Empty(t, portal.Calls())
	}
}

// An interrupt before the work has begun ends the program at once, whatever it waits for: an answer, ids, the portal.
func TestInterrupted_before(t *testing.T) {
	t.Parallel()
	typing, typed := io.Pipe() // nobody types
	t.Cleanup(func() { _ = typed.Close() })
	tests := []struct {
		name     string
		in       io.Reader
		args     []string
		await    string
		atPortal bool
	}{
		{name: "at the question", in: person{typing}, args: []string{"--chats", idsOf(t, 3)}, await: "[y/N]"},
		{name: "at the ids", in: typing, args: []string{"--chats", "-", "--yes"}},
		{name: "at the portal", in: strings.NewReader(""), args: []string{"--probe", "1-500", "--yes"}, atPortal: true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			portal := portalWith(t, 3)
			interrupts := make(chan os.Signal, 1)
			errs := &output{text: make(map[string]chan struct{})}
			interrupt := sync.OnceFunc(func() { interrupts <- os.Interrupt })
			if tt.atPortal {
				portal.FaultFunc(func(imbottest.Call) imbottest.Fault {
					interrupt()
					return imbottest.SlowBefore(time.Hour)
				})
			} else {
				go func() {
					errs.await(t, tt.await)
					interrupt()
				}()
			}
			env := environment(portal)
			var out bytes.Buffer
			code := run(t.Context(), append(append([]string{"bulk"}, tt.args...), "--bot", "39", "--outcomes", outcomesFile(t)),
				func(name string) string { return env[name] }, interrupts, streams{tt.in, &out, errs})
			assert.Equal(t, exitInterrupted, code)
			assert.Contains(t, errs.String(), "imbot bulk: interrupted before anything was left\n")
			assert.True(t, strings.HasSuffix(errs.String(), "anything was left\n"), "there is no more to say: %s", errs)
			assert.Empty(t, portal.Calls("imbot.chat.leave"))
		})
	}
}

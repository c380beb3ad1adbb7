// Imbot is a program for who operates chat bots of Bitrix24: it gets a bot out of chats, shows its chats and bots, the
// events that wait for it, and serves a portal for tests.
//
//	export BITRIX24_WEBHOOK_URL=https://… BITRIX24_CLIENT_ID=… BITRIX24_BOT_ID=39
//	imbot leave chat13
//	imbot bulk --chats chats.txt
//	imbot portal
//
// Credentials come from the environment or from a file, and never from the command line.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"sync/atomic"

	"github.com/alecthomas/kong"

	"github.com/seed-a6e4e5a4/imbot/internal/version"
)

// The exit codes.
const (
	exitDone        = 0   // done, or there was nothing to do
	exitRefused     = 1   // the portal said no; of bulk: the bot is still in some chats, or that is not known
	exitUsage       = 2   // nothing was sent, or nothing that changes anything: a mistake of who started the program
	exitUnknown     = 3   // the portal may have acted, nobody can tell
	exitFailed      = 4   // it was not done, and may work later: no connection, a limit; or it was not printed
	exitInterrupted = 130 // by a signal, or because the time was up
)

const exitCodes = `Exit codes: 0 done, or nothing to do. 1 the portal said no. 2 a mistake in how the program was called, nothing was done. 3 unknown: the portal may have acted. 4 not done, and it may work later: no connection, a limit; or done, and the output was lost. 130 interrupted, or the time was up.`

const credentialsHelp = `Credentials come from the environment, or from a file of such lines (--secrets): BITRIX24_WEBHOOK_URL with BITRIX24_CLIENT_ID (which imbot.v2 calls botToken), or BITRIX24_ENDPOINT with BITRIX24_TOKEN. They are never arguments, which other users of the machine can read. BITRIX24_BOT_ID names the bot.`

// commands are the command line.
type commands struct {
	Leave      leaveCommand      `cmd:"" help:"Get a bot out of a chat, and be certain that it is out."`
	CanLeave   canLeaveCommand   `cmd:"" help:"Tell whether a bot may leave a chat, without leaving."`
	Bulk       bulkCommand       `cmd:"" help:"Get a bot out of many chats, with a file of outcomes to go on from."`
	Members    membersCommand    `cmd:"" help:"List the members of a chat."`
	Bots       botsCommand       `cmd:"" help:"List bots of the portal."`
	Register   registerCommand   `cmd:"" help:"Register a bot."`
	Unregister unregisterCommand `cmd:"" help:"Delete a bot."`
	Say        sayCommand        `cmd:"" help:"Write a message as a bot."`
	Events     eventsCommand     `cmd:"" help:"Show the events that wait for a bot, and leave them there."`
	Portal     portalCommand     `cmd:"" help:"Serve a portal for tests on this machine, for programs in any language."`

	Version kong.VersionFlag `help:"Print the version."`
}

// process is what the program has from its surroundings.
type process struct {
	in         io.Reader
	out, err   *shared
	getenv     getenv
	interrupts <-chan os.Signal
	command    string // the one that runs, for texts
	isJSON     bool   // what is printed is for programs

	throttled atomic.Int64 // when the portal last had too many requests, in nanoseconds since 1970
}

type getenv func(string) string

// flags takes from the environment what may also be a flag.
func (g getenv) flags(_ *kong.Context, _ *kong.Path, flag *kong.Flag) (any, error) {
	if value := g("BITRIX24_BOT_ID"); flag.Name == "bot" && value != "" {
		return value, nil
	}
	return nil, nil //nolint:nilnil // so kong has it
}

// streams are those of the program.
type streams struct {
	in       io.Reader
	out, err io.Writer
}

func main() {
	interrupts := make(chan os.Signal, 3)
	notify(interrupts)
	os.Exit(run(context.Background(), os.Args[1:], os.Getenv, interrupts, streams{os.Stdin, os.Stdout, os.Stderr}))
}

// run does what the command line says, and returns the exit code.
func run(ctx context.Context, args []string, env getenv, interrupts <-chan os.Signal, std streams) int {
	p := &process{in: std.in, out: &shared{out: std.out}, err: &shared{out: std.err}, getenv: env, interrupts: interrupts}
	if hasWebhook(args) {
		return p.usage(errSecretArgument)
	}
	var c commands
	asked := false
	parser, err := kong.New(&c, kong.Name("imbot"), kong.Writers(p.out, p.err), kong.Exit(func(int) { asked = true }),
		kong.Resolvers(kong.ResolverFunc(env.flags)), kong.Bind(p), kong.Vars{"version": version.Version},
		kong.ConfigureHelp(kong.HelpOptions{Compact: true, WrapUpperBound: columns(p.out)}),
		kong.Description("For who operates chat bots of Bitrix24.\n\n"+credentialsHelp+"\n\n"+exitCodes))
	var parsed *kong.Context
	if err == nil {
		p.command = p.begins(parser, args)
		parsed, err = parser.Parse(args)
	}
	switch {
	case asked: // for help, which has been given
		return exitDone
	case err != nil:
		return p.usage(p.mistake(err, parser, args))
	}
	selected, isCommand := parsed.Selected().Target.Addr().Interface().(command)
	if !isCommand {
		return p.usage(usagef("%s is no command", p.command))
	}
	if reading, ok := selected.(interface {
		secrets(ctx context.Context, p *process) error
	}); ok {
		if err := reading.secrets(ctx, p); err != nil {
			return p.end(exitDone, err)
		}
	}
	return p.end(selected.run(ctx, p))
}

// begins returns the command that the arguments begin with, for what is said of mistakes in them.
func (p *process) begins(parser *kong.Kong, args []string) string {
	p.isJSON = slices.Contains(args, "--json")
	for _, node := range parser.Model.Children {
		if len(args) > 0 && node.Name == args[0] {
			return node.Name
		}
	}
	return ""
}

// command is one of the commands. It prints what it has to show, and returns why it could not do what it is for.
type command interface {
	run(ctx context.Context, p *process) (code int, err error)
}

// usageError is a mistake of who started the program.
type usageError struct {
	text string
	did  string // what was done nevertheless; empty: nothing was sent
}

func (e *usageError) Error() string { return e.text }

func usagef(format string, args ...any) error { return &usageError{text: fmt.Sprintf(format, args...)} }

// end tells why the command could not be done, and returns the exit code.
func (p *process) end(code int, err error) int {
	if lost := p.out.lost(); err == nil && code == exitDone && lost != nil && !hasGone(lost) {
		say(p.err, "imbot "+p.command+": it was done, and what came of it could not be printed: "+printableLines(lost.Error()))
		return exitFailed
	}
	if err == nil {
		return code
	}
	if isUsage(err) {
		return p.usage(err)
	}
	if code == exitDone {
		code = codeOf(err)
	}
	p.tell(err)
	return code
}

// usage tells of a mistake in how the program was called.
func (p *process) usage(err error) int {
	did := "Nothing was sent."
	if wrong, ok := errors.AsType[*usageError](err); ok && wrong.did != "" {
		did = wrong.did
	}
	if p.isJSON {
		p.printJSON(failure{Outcome: "usage", Error: described{Message: printableLines(err.Error())}})
	}
	say(p.err, strings.TrimSpace("imbot "+p.command)+": "+printableLines(err.Error()))
	say(p.err, did+" "+strings.TrimSpace("imbot "+p.command)+" --help tells more.")
	return exitUsage
}

// mistake is what is wrong with the arguments, as kong has it, but for the name of the command, which stands before it
// already.
func (p *process) mistake(err error, parser *kong.Kong, args []string) error {
	if parser == nil || p.command != "" || len(args) > 0 && strings.HasPrefix(args[0], "-") {
		return errors.New(strings.TrimPrefix(p.withoutArguments(err, args), p.command+": "))
	}
	var names []string
	for _, node := range parser.Model.Children {
		names = append(names, node.Name)
	}
	return usagef("want one of the commands %s", strings.Join(names, ", "))
}

// withoutArguments leaves out of a text what somebody may have put on the command line that belongs into the
// environment. No secret is as short as a number.
func (p *process) withoutArguments(err error, args []string) string {
	text := err.Error()
	for _, arg := range args {
		if arg == p.command {
			continue
		}
		name, value, isFlag := strings.Cut(arg, "=")
		if !isFlag || !strings.HasPrefix(arg, "-") {
			value = name
		}
		if len(value) >= 8 && !strings.HasPrefix(value, "--") {
			text = strings.ReplaceAll(text, value, "…")
		}
	}
	return text
}

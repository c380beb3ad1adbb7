// Bulkleave gets a bot out of many chats of a Bitrix24 portal, and keeps a file of what came of each.
//
//	go run . --yes                                          on a portal in memory
//	BITRIX24_WEBHOOK_URL=https://… BITRIX24_CLIENT_ID=… go run . --bot 39 --chats chats.txt
//
// Stopped by Ctrl-C or in any other way, it goes on where it was when it is started again with the same file of
// outcomes.
package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/alecthomas/kong"

	"github.com/seed-a6e4e5a4/imbot"
)

// The exit codes.
const (
	exitAllOut      = 0
	exitSomeAreIn   = 1
	exitUsage       = 2
	exitInterrupted = 130
)

// settings are the command line. What is secret comes from the environment alone: other users of a machine can read
// the command lines of its programs.
type settings struct {
	Chats       string           `help:"File of chat ids, one in a line, as 13 or chat13; - is standard input." placeholder:"FILE"`
	Probe       span             `help:"Look for the bot in the chats with these ids, such as 1-500: no method lists the chats of a bot. A bot may read the members of the chats that it is in, so this finds all of those in the range, but for the general chat, which this program does not leave. It tells nothing of chats outside the range, costs a request for 50 ids, and does not know how far the ids of the portal go." placeholder:"FROM-TO"`
	Bot         int64            `help:"Bot that leaves, or BITRIX24_BOT_ID. The file of outcomes says of which bot they are, so a real run needs it." placeholder:"ID"`
	Outcomes    string           `help:"CSV file of outcomes, of one portal. What this bot has done by it is not done again. By default outcomes.csv; that of the demonstration is made anew each time." aliases:"out" placeholder:"FILE"`
	Refused     bool             `help:"Do again what was refused, when the reason is out of the way."`
	Yes         bool             `help:"Do not ask." short:"y"`
	Demo        bool             `help:"Work on a portal in memory, whatever the environment and the other flags say. That is also what is done without credentials and without any flag about chats, a bot or a file."`
	Enterprise  bool             `help:"The portal has the Enterprise plan, and takes 5 requests a second instead of 2."`
	BatchSize   int              `help:"Chats in a batch at the most, 1 to 50." default:"50"`
	Concurrency int              `help:"Batches at the portal at the same time at the most, 1 to 250." default:"250"`
	Timeout     time.Duration    `help:"Stop looking for the bot and leaving after this time, such as 30m." placeholder:"DURATION"`
	streams     streams          `kong:"-"`
	getenv      getenv           `kong:"-"`
	interrupts  <-chan os.Signal `kong:"-"`
	clock       clock            `kong:"-"`
	probed      bool             `kong:"-"` // something was sent
}

// Validate is called by kong.
func (s *settings) Validate() error {
	switch {
	case s.BatchSize < 1 || s.BatchSize > 50:
		return errors.New("--batch-size has to be from 1 to 50")
	case s.Concurrency < 1 || s.Concurrency > 250:
		return errors.New("--concurrency has to be from 1 to 250")
	case s.Bot < 0:
		return errors.New("--bot has to be positive")
	case s.Timeout < 0:
		return errors.New("--timeout has to be positive")
	default:
		return nil
	}
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

func run(ctx context.Context, args []string, env getenv, interrupts <-chan os.Signal, std streams) int {
	std.err = &shared{out: std.err} // an interrupt is answered while the progress is shown
	s := settings{streams: std, getenv: env, interrupts: interrupts}
	asked := false
	parser, err := kong.New(&s, kong.Name("bulkleave"), kong.Writers(std.out, std.err), kong.Exit(func(int) { asked = true }), kong.Resolvers(kong.ResolverFunc(env.flags)),
		kong.Description("Gets a bot out of many chats. Credentials come from BITRIX24_WEBHOOK_URL with BITRIX24_CLIENT_ID, or from BITRIX24_ENDPOINT with BITRIX24_TOKEN. Without any of them and without any flag but --yes, this is a demonstration on a portal in memory."))
	if err == nil {
		_, err = parser.Parse(args)
	}
	switch {
	case asked: // for help, which has been given
		return exitAllOut
	case err != nil:
		return s.usage(withoutArguments(err, args))
	}
	code, err := s.leave(ctx)
	if err != nil {
		if _, wrong := errors.AsType[*usageError](err); wrong {
			return s.usage(err)
		}
		say(std.err, "bulkleave: "+printableLines(err.Error()))
		if code == exitUsage {
			fmt.Fprintln(std.err, "No chat was left.")
		}
		return max(code, exitSomeAreIn)
	}
	return code
}

// usageError is a mistake of who started the program.
type usageError struct{ text string }

func (e *usageError) Error() string { return e.text }

func usagef(format string, args ...any) error { return &usageError{fmt.Sprintf(format, args...)} }

func (s *settings) usage(err error) int {
	what := "Nothing was sent."
	if s.probed {
		what = "No chat was left."
	}
	say(s.streams.err, "bulkleave: "+printableLines(err.Error()))
	fmt.Fprintln(s.streams.err, what+" --help tells more.")
	return exitUsage
}

// withoutArguments leaves out of a text what somebody may have put on the command line that belongs into the
// environment. No secret is as short as a number.
func withoutArguments(err error, args []string) error {
	text := err.Error()
	for _, arg := range args {
		name, value, isFlag := strings.Cut(arg, "=")
		if !isFlag || !strings.HasPrefix(arg, "-") {
			value = name
		}
		if len(value) >= 8 && !strings.HasPrefix(value, "--") {
			text = strings.ReplaceAll(text, value, "…")
		}
	}
	return errors.New(text)
}

// leave does what the program is for.
func (s *settings) leave(ctx context.Context) (code int, err error) {
	ctx, stop := watch(ctx, s.interrupts, s.streams.err, os.Exit)
	defer stop.end()
	s.clock.most = s.Timeout
	portal, err := s.portal()
	if err != nil {
		return exitUsage, err
	}
	defer portal.close()
	file, err := openOutcomes(s.Outcomes, portal.name, imbot.BotID(s.Bot))
	if err != nil {
		return exitUsage, err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	chats, todo, err := s.prepare(stop.prepare, portal.client, file) //nolint:contextcheck // it is made of ctx, and ends earlier
	switch {
	case stop.prepare.Err() != nil || err == nil && !stop.begin():
		return exitInterrupted, errInterrupted
	case errors.Is(err, errTimeUp):
		return exitInterrupted, err
	case err != nil:
		return exitUsage, err
	}
	stopped, err := s.work(ctx, portal.client, file, todo, stop)
	table := file.table(chats)
	table.print(s.streams.out)
	switch {
	case stopped && !errors.Is(err, errUnwritable) && table.isOpen():
		why := "Interrupted."
		if !stop.asked() {
			why = "The time is up."
		}
		fmt.Fprintln(s.streams.err, why+" Start it again with the same arguments, and it goes on.")
		return exitInterrupted, nil
	case err != nil:
		return exitSomeAreIn, err
	case table.allOut():
		return exitAllOut, nil
	default:
		return exitSomeAreIn, nil
	}
}

// prepare finds out which chats are meant and which of them are to be left, and whether they really are to be.
func (s *settings) prepare(ctx context.Context, client *imbot.Client, file *outcomes) (chats, todo []imbot.ChatID, err error) {
	chats, found, err := s.chats(ctx, client, file)
	if err != nil {
		return nil, nil, err
	}
	todo = file.missing(chats, s.Refused)
	if len(todo) > 0 {
		err = s.confirm(ctx, len(todo), len(chats)-len(todo))
		if err == nil {
			err = file.begin(found)
		}
	}
	return chats, todo, err
}

// work leaves the chats, and writes down what came of each as it comes. The error is why that came to an end, or else
// the last reason for which something was not even done.
func (s *settings) work(ctx context.Context, client *imbot.Client, file *outcomes, todo []imbot.ChatID, stop *stopper) (stopped bool, err error) {
	ctx, cancel := s.clock.limit(ctx)
	defer cancel()
	show := leaving{progress: newProgress(s.streams.err, "leaving", "chat", len(todo))}
	defer show.end()
	var unwritten error
	note := func(result imbot.LeaveResult) {
		e := entryOf(result)
		if problem := file.add(result, e); problem != nil && unwritten == nil {
			unwritten = problem
		}
		if e.outcome == failed {
			err = fmt.Errorf("not done: %w", result.Err)
		}
		show.result(result, e)
	}
	requests := func(yield func(imbot.ChatLeaveRequest) bool) {
		for _, id := range todo {
			if !yield(imbot.ChatLeaveRequest{ChatID: id, BotID: imbot.BotID(s.Bot)}) {
				return
			}
		}
	}
	for result := range client.Chat.LeaveAll(ctx, requests,
		imbot.WithBatchSize(s.BatchSize), imbot.WithConcurrency(s.Concurrency), imbot.WithStop(stop.stop), imbot.WithUnreported(note),
		imbot.WithProgress(show.reached)) {
		if note(result); unwritten != nil {
			break // without the file there is no going on
		}
	}
	return stop.asked() || ctx.Err() != nil, cmp.Or(unwritten, err)
}

// Bulkleave gets a bot out of many chats of a Bitrix24 portal, and keeps a file of what came of each.
//
//	go run . --yes                                          on a portal in memory
//	BITRIX24_WEBHOOK_URL=https://… BITRIX24_CLIENT_ID=… go run . --bot 39 --chats chats.txt
//
// Stopped by Ctrl-C or in any other way, it goes on where it was when it is started again with the same file of outcomes.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
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
	Probe       span             `help:"Look for the bot in the chats with these ids, such as 1-500. There is no method that lists a bot's chats; this sees those whose members the bot may read, which are those that it is in." placeholder:"FROM-TO"`
	Bot         int64            `help:"Bot that leaves. Without it the portal takes the first of its application, and nothing can be verified." env:"BITRIX24_BOT_ID" placeholder:"ID"`
	Outcomes    string           `help:"CSV file of outcomes. What is in it already is not done again." default:"outcomes.csv" placeholder:"FILE"`
	Yes         bool             `help:"Do not ask." short:"y"`
	Enterprise  bool             `help:"The portal has the Enterprise plan, and takes 5 requests a second instead of 2."`
	BatchSize   int              `help:"Chats in a batch at the most, 1 to 50." default:"50"`
	Concurrency int              `help:"Batches at the portal at the same time at the most, 1 to 250." default:"250"`
	Timeout     time.Duration    `help:"Stop after this time." placeholder:"DURATION"`
	streams     streams          `kong:"-"`
	getenv      getenv           `kong:"-"`
	interrupts  <-chan os.Signal `kong:"-"`
}

type getenv func(string) string

// streams are those of the program.
type streams struct {
	in       io.Reader
	out, err io.Writer
}

func main() {
	interrupts := make(chan os.Signal, 2)
	signal.Notify(interrupts, os.Interrupt)
	os.Exit(run(context.Background(), os.Args[1:], os.Getenv, interrupts, streams{os.Stdin, os.Stdout, os.Stderr}))
}

func run(ctx context.Context, args []string, env getenv, interrupts <-chan os.Signal, std streams) int {
	s := settings{streams: std, getenv: env, interrupts: interrupts}
	asked := false
	parser, err := kong.New(&s, kong.Name("bulkleave"), kong.Writers(std.out, std.err), kong.Exit(func(int) { asked = true }),
		kong.Description("Gets a bot out of many chats. Credentials come from BITRIX24_WEBHOOK_URL with BITRIX24_CLIENT_ID, or from BITRIX24_ENDPOINT with BITRIX24_TOKEN; without them, this is a demonstration on a portal in memory."))
	if err == nil {
		_, err = parser.Parse(args)
	}
	switch {
	case asked: // for help, which has been given
		return exitAllOut
	case err != nil:
		return s.usage(err)
	}
	code, err := s.leave(ctx)
	if err != nil {
		if _, wrong := errors.AsType[*usageError](err); wrong {
			return s.usage(err)
		}
		fmt.Fprintln(std.err, "bulkleave:", err)
		return max(code, exitSomeAreIn)
	}
	return code
}

// usageError is a mistake of who started the program.
type usageError struct{ text string }

func (e *usageError) Error() string { return e.text }

func usagef(format string, args ...any) error { return &usageError{fmt.Sprintf(format, args...)} }

func (s *settings) usage(err error) int {
	fmt.Fprintln(s.streams.err, "bulkleave:", err)
	fmt.Fprintln(s.streams.err, "Nothing was sent. --help tells more.")
	return exitUsage
}

// leave does what the program is for.
func (s *settings) leave(ctx context.Context) (code int, err error) {
	if s.Timeout > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, s.Timeout)
		defer cancel()
	}
	client, closePortal, err := s.client()
	if err != nil {
		return exitUsage, err
	}
	defer closePortal()
	file, err := openOutcomes(s.Outcomes, imbot.BotID(s.Bot))
	if err != nil {
		return exitUsage, err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	chats, err := s.chats(ctx, client)
	if err != nil {
		return exitUsage, err
	}
	todo := file.missing(chats)
	if len(todo) > 0 {
		if err := s.confirm(len(todo), len(chats)-len(todo)); err != nil {
			return exitUsage, err
		}
	}
	stopped, err := s.work(ctx, client, file, todo)
	table := file.table(chats)
	table.print(s.streams.out)
	switch {
	case err != nil:
		return exitSomeAreIn, err
	case stopped:
		fmt.Fprintln(s.streams.err, "Interrupted. Start it again with the same arguments, and it goes on.")
		return exitInterrupted, nil
	case table.allOut():
		return exitAllOut, nil
	default:
		return exitSomeAreIn, nil
	}
}

// work leaves the chats, and writes down what came of each as it comes.
func (s *settings) work(ctx context.Context, client *imbot.Client, file *outcomes, todo []imbot.ChatID) (stopped bool, err error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	stop := watch(s.interrupts, cancel, s.streams.err)
	defer stop.end()
	show := newProgress(s.streams.err, len(todo))
	defer show.end()
	note := func(result imbot.LeaveResult) {
		if e := file.add(result); e != nil && err == nil {
			err = e
		}
		show.result(result)
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
		imbot.WithProgress(show.progress)) {
		if note(result); err != nil {
			break // without the file there is no going on
		}
	}
	return stop.asked() || ctx.Err() != nil, err
}

package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/seed-a6e4e5a4/imbot"
)

// What the exit codes mean of many chats.
const (
	exitAllOut    = exitDone
	exitSomeAreIn = exitRefused
)

// bulkCommand gets a bot out of many chats, and keeps a file of what came of each. Stopped in any way, it goes on where
// it was when it is started again with the same file.
type bulkCommand struct {
	access
	asBot
	printing
	Chats       string        `help:"File of chat ids, one in a line, as 13 or chat13; - is standard input." placeholder:"FILE"`
	Probe       span          `help:"Look for the bot in the chats with these ids, such as 1-500: no method lists the chats of a bot. A bot may read the members of the chats that it is in, so this finds all of those in the range, but for the general chat, which this command does not leave. It tells nothing of chats outside the range, costs a request for 50 ids, and does not know how far the ids of the portal go." placeholder:"FROM-TO"`
	Outcomes    string        `help:"CSV file of outcomes, of one portal. What this bot has done by it is not done again. By default outcomes.csv; that of the demonstration is made anew each time." aliases:"out" placeholder:"FILE"`
	Refused     bool          `help:"Do again what was refused, when the reason is out of the way."`
	Yes         bool          `help:"Do not ask." short:"y"`
	Demo        bool          `help:"Work on a portal in memory with some hundred chats, whatever the environment and the other flags say. Some of the chats refuse to be left."`
	BatchSize   int           `help:"Chats in a batch at the most, 1 to 50." default:"50"`
	Concurrency int           `help:"Batches at the portal at the same time at the most, 1 to 250." default:"250"`
	Timeout     time.Duration `help:"Stop looking for the bot and leaving after this time, such as 30m." placeholder:"DURATION"`
	p           *process      `kong:"-"`
	clock       clock         `kong:"-"`
	probed      bool          `kong:"-"` // something was sent
}

// Help implements kong.HelpProvider.
func (*bulkCommand) Help() string {
	return "Each outcome is written to a file as it comes, and started again with the same file this does what is left, after an interrupt and after kill -9. At the first Ctrl-C nothing more is sent, and what is at the portal is waited for; the second does not wait.\n\nExit codes: 0 the bot is out of all chats, or was found in none. 1 it is still in some, or that is not known. 2 a mistake in how the program was called, or the bot was not found for a failure; no chat was left. 130 interrupted, or the time was up."
}

// Validate is called by kong.
func (s *bulkCommand) Validate() error {
	switch {
	case s.BatchSize < 1 || s.BatchSize > 50:
		return errors.New("--batch-size has to be from 1 to 50")
	case s.Concurrency < 1 || s.Concurrency > 250:
		return errors.New("--concurrency has to be from 1 to 250")
	case s.Bot < 0:
		return errors.New("--bot has to be positive")
	default:
		return notNegative(s.Timeout)
	}
}

// secrets reads the file of secrets, which the demonstration has no use for.
func (s *bulkCommand) secrets(ctx context.Context, p *process) error {
	if s.Demo {
		return nil
	}
	return s.access.secrets(ctx, p)
}

func (s *bulkCommand) run(ctx context.Context, p *process) (int, error) {
	s.p = p
	code, err := s.leave(ctx)
	if err == nil {
		return code, nil
	}
	did := "No chat was left."
	if wrong, ok := errors.AsType[*usageError](err); ok {
		if s.probed {
			err = &usageError{text: wrong.text, did: did}
		}
		return code, err
	}
	p.tell(err)
	if code == exitUsage {
		fmt.Fprintln(p.err, did)
	}
	return max(code, exitSomeAreIn), nil
}

// leave does what the program is for.
func (s *bulkCommand) leave(ctx context.Context) (code int, err error) {
	ctx, stop := watch(ctx, s.p.interrupts, s.p.err, os.Exit)
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
	if s.p.isJSON {
		s.p.printJSON(table.json(s.Outcomes))
	} else {
		table.print(s.p.out)
	}
	switch {
	case stopped && !errors.Is(err, errUnwritable) && table.isOpen():
		why := "Interrupted."
		if !stop.asked() {
			why = "The time is up."
		}
		fmt.Fprintln(s.p.err, why+" Start it again with the same arguments, and it goes on.")
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
func (s *bulkCommand) prepare(ctx context.Context, client *imbot.Client, file *outcomes) (chats, todo []imbot.ChatID, err error) {
	if s.Probe != (span{}) && !s.canConfirm() { // or many requests would be made for nothing
		return nil, nil, usagef("this would leave the chats that it finds the bot in, and there is nobody to ask whether that is meant: say so by --yes")
	}
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
func (s *bulkCommand) work(ctx context.Context, client *imbot.Client, file *outcomes, todo []imbot.ChatID, stop *stopper) (stopped bool, err error) {
	ctx, cancel := s.clock.limit(ctx)
	defer cancel()
	isEnding := func() bool { return stop.asked() || ctx.Err() != nil }
	show := leaving{progress: newProgress(s.p.err, "leaving", "chat", len(todo)), throttled: &s.p.throttled, isEnding: isEnding}
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

package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/imbotv2"
)

// leaveCommand gets a bot out of a chat.
type leaveCommand struct {
	access
	asBot
	printing
	timed
	Chat chatArgument `arg:"" help:"The chat, as 13 or chat13."`
	V2   bool         `name:"v2" help:"Leave by imbot.v2.Chat.leave, which leaves the general chat and those of workgroups, too."`
}

// Help implements kong.HelpProvider.
func (*leaveCommand) Help() string {
	return "Afterwards the bot is out of the chat, or the exit code is not 0. A lost answer is repeated, and the members of the chat are looked at where the portal's answer is not proof.\n\n" + exitCodes
}

// chatArgument is a chat id on the command line.
type chatArgument imbot.ChatID

// UnmarshalText reads 13 or chat13.
func (c *chatArgument) UnmarshalText(text []byte) error {
	id, err := imbot.ParseChatID(string(text))
	if err != nil {
		return errors.New("want a chat such as 13 or chat13")
	}
	*c = chatArgument(id)
	return nil
}

// id returns the chat.
func (c chatArgument) id() imbot.ChatID { return imbot.ChatID(c) }

func (c *leaveCommand) run(ctx context.Context, p *process) (int, error) {
	client, bot, err := c.actor(p, &c.asBot, true)
	if err != nil {
		return exitUsage, err
	}
	ctx, cancel := p.bounded(ctx, c.Timeout)
	defer cancel()
	outcome, err := c.leave(ctx, client, bot)
	if err != nil {
		return codeOf(err), err
	}
	if p.isJSON {
		p.printJSON(struct {
			Outcome  imbot.LeaveState `json:"outcome"`
			Chat     imbot.ChatID     `json:"chat"`
			Bot      imbot.BotID      `json:"bot"`
			Verified bool             `json:"verified"`
			Attempts int              `json:"attempts"`
		}{outcome.State, c.Chat.id(), bot, outcome.Verified, outcome.Attempts})
		return exitDone, nil
	}
	text := map[imbot.LeaveState]string{
		imbot.Left:       "Bot %d has left chat %d.",
		imbot.AlreadyOut: "Bot %d was not in chat %d.",
		imbot.Out:        "Bot %d is out of chat %d. An answer was lost, so it may have been out before.",
	}[outcome.State]
	text = fmt.Sprintf(text, bot, c.Chat)
	if outcome.Verified {
		text += " Its members were looked at."
	}
	say(p.out, text)
	return exitDone, nil
}

func (c *leaveCommand) leave(ctx context.Context, client *imbot.Client, bot imbot.BotID) (imbot.LeaveOutcome, error) {
	if c.V2 {
		return imbotv2.New(client).As(imbotv2.Identity{BotID: bot}).Chat.EnsureLeft(ctx, imbotv2.ChatLeaveRequest{DialogID: c.Chat.id().DialogID()})
	}
	return client.Chat.EnsureLeft(ctx, imbot.ChatLeaveRequest{ChatID: c.Chat.id(), BotID: bot})
}

// timed is how long a command may take.
type timed struct {
	Timeout time.Duration `help:"Give up after this time; 0 waits as long as it takes." default:"2m" placeholder:"DURATION"`
}

// Validate is called by kong.
func (t timed) Validate() error { return notNegative(t.Timeout) }

func notNegative(timeout time.Duration) error {
	if timeout < 0 {
		return errors.New("--timeout may not be negative")
	}
	return nil
}

// bounded is a context that ends with a time, if there is any, and with the first interrupt.
func (p *process) bounded(ctx context.Context, most time.Duration) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithTimeout(ctx, cmp.Or(most, forEver))
	go func() {
		select {
		case <-p.interrupts:
			cancel()
		case <-ctx.Done():
		}
	}()
	return ctx, cancel
}

// forEver is a time that does not pass.
const forEver = 100 * 365 * 24 * time.Hour

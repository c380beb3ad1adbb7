package main

import (
	"cmp"
	"context"
	"fmt"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/imbotv2"
)

// unregisterCommand deletes a bot.
type unregisterCommand struct {
	access
	asBot
	printing
	timed
	Yes bool `help:"Do not ask." short:"y"`
}

// Help implements kong.HelpProvider.
func (*unregisterCommand) Help() string {
	return "By imbot.v2.Bot.unregister. The bot leaves all its chats, and its commands and events are gone. It cannot be undone. What the bot has written stays.\n\n" + exitCodes
}

func (c *unregisterCommand) run(ctx context.Context, p *process) (int, error) {
	bot, err := c.bot(p, &c.asBot)
	if err != nil {
		return exitUsage, err
	}
	ctx, cancel := p.bounded(ctx, 0)
	defer cancel()
	if !c.Yes {
		if err := p.ask(ctx, fmt.Sprintf("Delete bot %d for good", c.Bot)); err != nil {
			return codeOf(err), err
		}
	}
	ctx, stop := context.WithTimeout(ctx, cmp.Or(c.Timeout, forEver)) // from here on, as people take their time
	defer stop()
	if _, err := bot.Unregister(ctx, imbotv2.BotUnregisterRequest{}); err != nil {
		return codeOf(err), err
	}
	if p.isJSON {
		p.printJSON(struct {
			Outcome string      `json:"outcome"`
			Bot     imbot.BotID `json:"bot"`
		}{"deleted", imbot.BotID(c.Bot)})
		return exitDone, nil
	}
	say(p.out, fmt.Sprintf("Bot %d is deleted.", c.Bot))
	return exitDone, nil
}

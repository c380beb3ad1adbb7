package main

import (
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/content"
	"github.com/seed-a6e4e5a4/imbot/imbotv2"
)

// sayCommand writes a message.
type sayCommand struct {
	access
	asBot
	printing
	timed
	Dialog string `arg:"" help:"Where: a chat, as chat13 or 13, or a user, as user1."`
	Text   string `arg:"" help:"What: the text; - reads it from standard input."`
	BB     bool   `name:"bb" help:"The text has BB codes, such as [B]bold[/B]. Without it, what looks like one is shown as it is."`
}

// Help implements kong.HelpProvider.
func (*sayCommand) Help() string {
	return "By imbot.v2.Chat.Message.send. Where an answer is lost, the message is sent again under the number of the first time, so that it is there once. Exit code 3: it may be there.\n\n" + exitCodes
}

// dialogOf reads where a message goes.
func dialogOf(text string) (imbot.DialogID, error) {
	if user, isUser := strings.CutPrefix(text, "user"); isUser {
		if _, err := imbot.ParseChatID(user); err == nil && !strings.HasPrefix(user, "chat") {
			return imbot.DialogID(user), nil
		}
	} else if chat, err := imbot.ParseChatID(text); err == nil {
		return chat.DialogID(), nil
	}
	return "", usagef("want a chat such as chat13 or 13, or a user such as user1")
}

func (c *sayCommand) run(ctx context.Context, p *process) (int, error) {
	dialog, err := dialogOf(c.Dialog)
	if err != nil {
		return exitUsage, err
	}
	bot, err := c.bot(p, &c.asBot)
	if err != nil {
		return exitUsage, err
	}
	ctx, cancel := p.bounded(ctx, c.Timeout)
	defer cancel()
	text := c.Text
	if text == "-" {
		read, err := unless(ctx, func() ([]byte, error) { return io.ReadAll(io.LimitReader(p.in, 1<<20)) })
		if err != nil {
			return codeOf(err), err
		}
		text = strings.TrimRight(string(read), "\r\n")
	}
	if !c.BB {
		text = content.Escape(text).String()
	}
	sent, err := bot.Say(ctx, dialog, text, imbotv2.Once())
	if err != nil {
		return codeOf(err), err
	}
	if p.isJSON {
		p.printJSON(struct {
			Message imbot.MessageID `json:"message"`
			Dialog  imbot.DialogID  `json:"dialog"`
		}{sent.Result.ID, dialog})
		return exitDone, nil
	}
	say(p.out, fmt.Sprintf("Message %d is in %s.", sent.Result.ID, c.Dialog))
	return exitDone, nil
}

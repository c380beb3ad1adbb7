package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/seed-a6e4e5a4/imbot"
)

// canLeaveCommand tells whether a bot may leave a chat.
type canLeaveCommand struct {
	access
	asBot
	printing
	timed
	Chat chatArgument `arg:"" help:"The chat, as 13 or chat13."`
}

// Help implements kong.HelpProvider.
func (*canLeaveCommand) Help() string {
	return "It reads what the portal says about the chat (imbot.dialog.get), and changes nothing. The portal may decide otherwise when the bot leaves.\n\nExit code 1: the bot may not leave, or the portal refused to tell. " + exitCodes
}

func (c *canLeaveCommand) run(ctx context.Context, p *process) (int, error) {
	client, bot, err := c.actor(p, &c.asBot, false)
	if err != nil {
		return exitUsage, err
	}
	ctx, cancel := p.bounded(ctx, c.Timeout)
	defer cancel()
	found, err := client.Chat.CanLeave(ctx, imbot.ChatLeaveRequest{ChatID: c.Chat.id(), BotID: bot})
	if err != nil {
		return codeOf(err), err
	}
	code, answer := exitDone, "may"
	if !found.Allowed {
		code, answer = exitRefused, "may not"
	}
	reason := ""
	if found.Reason != nil {
		reason = found.Reason.Error()
	}
	why := imbot.Explain(found.Reason)
	if p.isJSON {
		p.printJSON(struct {
			Allowed bool         `json:"allowed"`
			IsOwner bool         `json:"is_owner"`
			Reason  string       `json:"reason,omitempty"`
			Meaning string       `json:"meaning,omitempty"`
			Action  string       `json:"action,omitempty"`
			Chat    imbot.ChatID `json:"chat"`
			Bot     imbot.BotID  `json:"bot"`
		}{found.Allowed, found.IsOwner, reason, why.Meaning, why.Action, c.Chat.id(), bot})
		return code, nil
	}
	text := fmt.Sprintf("Bot %d %s leave chat %d", bot, answer, c.Chat)
	if found.IsOwner {
		text += ", which it owns"
	}
	text += "."
	say(p.out, strings.TrimSpace(text+" "+explained(why)))
	return code, nil
}

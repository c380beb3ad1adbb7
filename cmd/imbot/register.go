package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/imbotv2"
)

// registerCommand registers a bot.
type registerCommand struct {
	access
	printing
	timed
	Code     string `arg:"" help:"What the application calls the bot, such as support."`
	Name     string `help:"What people read. By default the code." placeholder:"NAME"`
	Position string `help:"What stands below the name." placeholder:"TEXT"`
	Type     string `help:"bot hears what is said to it, supervisor all in its chats, personal likewise as the assistant of a user, openline customers." enum:"bot,supervisor,personal,openline" default:"bot"`
	Handler  string `help:"Have the events posted to this address. Without it they are fetched, as imbot events does." placeholder:"URL"`
}

// Help implements kong.HelpProvider.
func (*registerCommand) Help() string {
	return "By imbot.v2.Bot.register. By webhook, BITRIX24_CLIENT_ID is a secret of your choice, at most 40 characters: whoever has it acts as the bot. A bot that has the code is shown, and stays what it is; where that is not what was asked for, this says so. It does no harm to repeat it.\n\n" + exitCodes
}

func (c *registerCommand) run(ctx context.Context, p *process) (int, error) {
	client, found, err := c.client(p, true)
	if err != nil {
		return exitUsage, err
	}
	ctx, cancel := p.bounded(ctx, c.Timeout)
	defer cancel()
	fields := imbotv2.BotRegisterFields{Code: c.Code, Type: imbotv2.BotType(c.Type), EventMode: imbotv2.EventModeFetch}
	fields.Properties.Name, fields.Properties.WorkPosition = c.Name, c.Position
	if c.Name == "" {
		fields.Properties.Name = c.Code
	}
	if c.Handler != "" {
		fields.EventMode, fields.WebhookURL = imbotv2.EventModeWebhook, c.Handler
	}
	if found.webhook {
		fields.BotToken = found.clientID
	}
	registered, err := imbotv2.New(client).Bot.Register(ctx, imbotv2.BotRegisterRequest{Fields: fields})
	if err != nil {
		return codeOf(err), err
	}
	bot, differs := registered.Result.Bot, registered.Result.Differs(fields)
	if p.isJSON {
		p.printJSON(struct {
			Bot       imbot.BotID       `json:"bot"`
			Code      string            `json:"code"`
			Type      imbotv2.BotType   `json:"type"`
			EventMode imbotv2.EventMode `json:"event_mode"`
			Differs   []string          `json:"differs,omitempty"`
		}{bot.ID, bot.Code, bot.Type, bot.EventMode, differs})
		return exitDone, nil
	}
	say(p.out, fmt.Sprintf("Bot %d has the code %s.", bot.ID, printable(bot.Code)))
	if len(differs) > 0 {
		say(p.out, "It was there before, and is not what was asked for: "+strings.Join(differs, ", ")+". imbot.v2.Bot.update changes that.")
	}
	say(p.out, fmt.Sprintf("Use it by: export BITRIX24_BOT_ID=%d", bot.ID))
	return exitDone, nil
}

package main

import (
	"context"
	"strconv"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/imbotv2"
)

// botsCommand lists bots.
type botsCommand struct {
	access
	printing
	timed
	V2 bool `name:"v2" help:"List one's own by imbot.v2.Bot.list, which tells the type, how events come, and in how many chats a bot is. A portal may not have it yet."`
}

// Help implements kong.HelpProvider.
func (*botsCommand) Help() string {
	return "Without --v2, the bots of all applications are listed (imbot.bot.list); with it, those of the application or, by webhook, of the BITRIX24_CLIENT_ID.\n\n" + exitCodes
}

func (c *botsCommand) run(ctx context.Context, p *process) (int, error) {
	client, _, err := c.client(p, c.V2)
	if err != nil {
		return exitUsage, err
	}
	ctx, cancel := p.bounded(ctx, c.Timeout)
	defer cancel()
	if c.V2 {
		return c.second(ctx, p, client)
	}
	list, err := client.Bot.List(ctx, imbot.BotListRequest{})
	if err != nil {
		return codeOf(err), err
	}
	type line struct {
		ID       imbot.BotID `json:"id"`
		Code     string      `json:"code"`
		Name     string      `json:"name"`
		OpenLine bool        `json:"open_line"`
	}
	lines, rows := []line{}, [][]string{}
	for _, bot := range list.Result {
		lines = append(lines, line{bot.ID, bot.Code, bot.Name, bot.OpenLine})
		rows = append(rows, []string{strconv.FormatInt(int64(bot.ID), 10), printable(bot.Code), yes(bot.OpenLine), printable(bot.Name)})
	}
	p.list("bots", "bot", []string{"ID", "CODE", "OPEN LINES", "NAME"}, rows, lines)
	return exitDone, nil
}

// second lists by the second generation.
func (c *botsCommand) second(ctx context.Context, p *process, client *imbot.Client) (int, error) {
	type line struct {
		ID        imbot.BotID       `json:"id"`
		Code      string            `json:"code"`
		Type      imbotv2.BotType   `json:"type"`
		EventMode imbotv2.EventMode `json:"event_mode,omitempty"`
		Chats     int64             `json:"chats"`
		Messages  int64             `json:"messages"`
	}
	lines, rows := []line{}, [][]string{}
	for bot, err := range imbotv2.New(client).Bot.All(ctx, imbotv2.BotListRequest{}) {
		if err != nil {
			return codeOf(err), err
		}
		lines = append(lines, line{bot.ID, bot.Code, bot.Type, bot.EventMode, bot.CountChat, bot.CountMessage})
		rows = append(rows, []string{
			strconv.FormatInt(int64(bot.ID), 10), printable(bot.Code), printable(string(bot.Type)), printable(string(bot.EventMode)),
			strconv.FormatInt(bot.CountChat, 10), strconv.FormatInt(bot.CountMessage, 10),
		})
	}
	p.list("bots", "bot", []string{"ID", "CODE", "TYPE", "EVENTS", "CHATS", "MESSAGES"}, rows, lines)
	return exitDone, nil
}

// list prints rows as a table with their number, or lines as JSON.
func (p *process) list(name, thing string, header []string, rows [][]string, lines any) {
	if p.isJSON {
		p.printJSON(map[string]any{name: lines})
		return
	}
	if len(rows) > 0 {
		table(p.out, header, rows)
	}
	say(p.out, counted(len(rows), thing))
}

func yes(b bool) string {
	if b {
		return "yes"
	}
	return "no"
}

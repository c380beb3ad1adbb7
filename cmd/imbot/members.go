package main

import (
	"context"
	"slices"
	"strconv"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/imbotv2"
)

// membersCommand lists the members of a chat.
type membersCommand struct {
	access
	asBot
	printing
	timed
	Chat  chatArgument `arg:"" help:"The chat, as 13 or chat13. The bot has to be in it."`
	Names bool         `help:"Show names and kinds, too, by imbot.v2.Chat.User.list, which knows them for at most 200 members."`
}

// Help implements kong.HelpProvider.
func (*membersCommand) Help() string {
	return "All members are listed, by imbot.chat.user.list.\n\n" + exitCodes
}

// memberLine is a member as JSON.
type memberLine struct {
	ID   imbot.UserID `json:"id"`
	Name string       `json:"name,omitempty"`
	Kind string       `json:"kind,omitempty"`
}

// mostNamed is how many members imbot.v2.Chat.User.list tells of.
const mostNamed = 200

func (c *membersCommand) run(ctx context.Context, p *process) (int, error) {
	client, bot, err := c.actor(p, &c.asBot, true)
	if err != nil {
		return exitUsage, err
	}
	ctx, cancel := p.bounded(ctx, c.Timeout)
	defer cancel()
	list, err := client.Chat.User.List(ctx, imbot.ChatUserListRequest{ChatID: c.Chat.id(), BotID: bot})
	if err != nil {
		return codeOf(err), err
	}
	members := make([]memberLine, 0, len(list.Result))
	for _, id := range list.Result {
		members = append(members, memberLine{ID: id})
	}
	if c.Names {
		if err := c.name(ctx, client, bot, members); err != nil {
			return codeOf(err), err
		}
	}
	if p.isJSON {
		p.printJSON(struct {
			Chat    imbot.ChatID `json:"chat"`
			Members []memberLine `json:"members"`
		}{c.Chat.id(), members})
		return exitDone, nil
	}
	if len(members) == 0 {
		say(p.out, "The portal shows no member: bot "+strconv.FormatInt(int64(bot), 10)+" is not in the chat, or there is no such chat.")
		return exitDone, nil
	}
	header, rows := []string{"ID"}, make([][]string, 0, len(members))
	if c.Names {
		header = append(header, "KIND", "NAME")
	}
	for _, member := range members {
		row := []string{strconv.FormatInt(int64(member.ID), 10)}
		if c.Names {
			row = append(row, member.Kind, printable(member.Name))
		}
		rows = append(rows, row)
	}
	table(p.out, header, rows)
	say(p.out, counted(len(members), "member"))
	return exitDone, nil
}

// name adds to the members what the second generation knows of them.
func (c *membersCommand) name(ctx context.Context, client *imbot.Client, bot imbot.BotID, members []memberLine) error {
	named, err := imbotv2.New(client).As(imbotv2.Identity{BotID: bot}).Chat.User.List(ctx,
		imbotv2.UserListRequest{DialogID: c.Chat.id().DialogID(), Limit: mostNamed})
	if err != nil {
		return err
	}
	for i := range members {
		if at := slices.IndexFunc(named.Result, func(u imbotv2.User) bool { return u.ID == members[i].ID }); at >= 0 {
			user := named.Result[at]
			members[i].Name, members[i].Kind = user.Name, "user"
			switch {
			case user.Bot:
				members[i].Kind = "bot"
			case user.Extranet:
				members[i].Kind = "guest"
			case user.Connector:
				members[i].Kind = "customer"
			}
		}
	}
	return nil
}

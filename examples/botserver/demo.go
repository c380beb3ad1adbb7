package main

import (
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/imbottest"
)

// privateChat is where a user has opened a dialog with the bot. There is nothing to leave.
const privateChat imbot.ChatID = 19

// chats are those that the bot is added to.
var chats = []imbot.ChatID{imbottest.ChatElsewhere, imbottest.ChatOwned, privateChat}

// demo starts the bot on a portal on this machine, which does what leads to events.
func demo(ctx context.Context, s settings, out io.Writer) error {
	portal := imbottest.Start()
	defer portal.Close()
	portal.AddChat(imbottest.Chat{ID: privateChat, Kind: imbottest.Private, Members: []imbot.UserID{imbottest.Employee}})
	client, err := imbot.NewClient(imbot.Webhook(portal.ServerWebhookURL()))
	if err != nil {
		return err
	}
	server, err := start(ctx, s, client, "EXAMPLE_TOKEN", "127.0.0.1:0", "", out)
	if err != nil {
		return err
	}
	printMembers(portal, out, "Before:")
	portal.SendEvents(server.address)
	for _, chat := range chats {
		portal.AddMember(chat, imbot.UserID(server.bot.as.ID()), imbottest.Employee)
	}
	for _, delivery := range portal.Deliveries() {
		fmt.Fprintf(out, "The portal posted %s and was answered %d.\n", delivery.Event, delivery.Status)
	}
	if err := server.end(ctx); err != nil {
		return err
	}
	printMembers(portal, out, "After: ")
	return nil
}

func printMembers(portal *imbottest.Portal, out io.Writer, when string) {
	var texts []string
	for _, chat := range chats {
		texts = append(texts, fmt.Sprintf("%d has %v", chat, portal.Members(chat)))
	}
	fmt.Fprintf(out, "%s the chat %s\n", when, strings.Join(texts, ", the chat "))
}

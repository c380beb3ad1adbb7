package imbotv2_test

import (
	"context"
	"fmt"
	"log"

	"github.com/seed-a6e4e5a4/imbot/imbottest"
	"github.com/seed-a6e4e5a4/imbot/imbotv2"
)

// The answer of the portal is lost, and the message is there once.
func ExampleOnce() {
	portal, bot := startBot()
	defer portal.Close()
	portal.Fault("imbot.v2.Chat.Message.send", imbottest.LoseAfter())

	_, err := bot.Say(context.Background(), "chat13", "Your order is ready", imbotv2.Once())
	if err != nil {
		log.Fatal(err)
	}

	fmt.Println(len(portal.Calls()), len(portal.Messages(imbottest.ChatGroup)))
	// Output: 2 1
}

package imbotv2_test

import (
	"context"
	"fmt"
	"log"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/content"
	"github.com/seed-a6e4e5a4/imbot/imbottest"
	"github.com/seed-a6e4e5a4/imbot/imbotv2"
)

// startSupervisor starts a portal for an Example, with a bot that may read the messages of chat 90.
func startSupervisor() (*imbottest.Portal, *imbotv2.Bot) {
	portal := imbottest.Start()
	portal.AddBot(imbottest.Bot{ID: 60, ClientID: "EXAMPLE_BOT_TOKEN", Type: "supervisor"})
	portal.AddChat(imbottest.Chat{ID: 90, Members: []imbot.UserID{imbottest.Employee, 60}})
	return portal, imbotv2.New(portal.Client()).As(imbotv2.Identity{BotID: 60, BotToken: "EXAMPLE_BOT_TOKEN"})
}

// Once somebody has chosen, the buttons go, and the text says what was chosen.
func ExampleMessageService_Update() {
	portal, bot := startBot()
	defer portal.Close()
	ctx := context.Background()
	sent, err := bot.Say(ctx, "chat13", "Coffee or tea?", imbotv2.WithKeyboard(content.NewKeyboard(
		content.Row(content.CommandButton("Coffee", "take", "coffee"), content.CommandButton("Tea", "take", "tea")))))
	if err != nil {
		log.Fatal(err)
	}

	_, err = bot.Chat.Message.Update(ctx, imbotv2.MessageUpdateRequest{MessageID: sent.Result.ID, Fields: imbotv2.MessageUpdateFields{
		Message: "Tea it is", Keyboard: new(content.Keyboard),
	}})
	if err != nil {
		log.Fatal(err)
	}

	message := portal.Messages(imbottest.ChatGroup)[0]
	fmt.Println(message.Text, len(message.Keyboard))
	// Output: Tea it is 0
}

func ExampleMessageService_Delete() {
	portal, bot := startBot()
	defer portal.Close()
	ctx := context.Background()
	sent, err := bot.Say(ctx, "chat13", "Oops")
	if err != nil {
		log.Fatal(err)
	}

	_, err = bot.Chat.Message.Delete(ctx, imbotv2.MessageDeleteRequest{MessageID: sent.Result.ID})
	if err != nil {
		log.Fatal(err)
	}

	fmt.Println(portal.Messages(imbottest.ChatGroup)[0].Deleted)
	// Output: true
}

// Only bots that were registered as a supervisor or as personal may ask for messages.
func ExampleMessageService_Get() {
	portal, bot := startSupervisor()
	defer portal.Close()
	id := portal.PostMessage(90, imbottest.Employee, "Good morning")

	got, err := bot.Chat.Message.Get(context.Background(), imbotv2.MessageGetRequest{MessageID: id})
	if err != nil {
		log.Fatal(err)
	}

	fmt.Println(got.Result.Message.Text, got.Result.User.ID)
	// Output: Good morning 1
}

func ExampleMessageService_GetContext() {
	portal, bot := startSupervisor()
	defer portal.Close()
	portal.PostMessage(90, imbottest.Employee, "Good morning")
	id := portal.PostMessage(90, imbottest.Employee, "It is broken")
	portal.PostMessage(90, imbottest.Employee, "Again")

	got, err := bot.Chat.Message.GetContext(context.Background(), imbotv2.MessageGetContextRequest{MessageID: id, Range: 10})
	if err != nil {
		log.Fatal(err)
	}

	for _, message := range got.Result.Messages {
		fmt.Println(message.Text)
	}
	// Output:
	// Good morning
	// It is broken
	// Again
}

// What was written since a message comes page by page, however much it is.
func ExampleMessageService_Newer() {
	portal, bot := startSupervisor()
	defer portal.Close()
	known := portal.PostMessage(90, imbottest.Employee, "Good morning")
	for i := range 120 {
		portal.PostMessage(90, imbottest.Employee, fmt.Sprint("line ", i))
	}

	count, last := 0, ""
	for message, err := range bot.Chat.Message.Newer(context.Background(), imbotv2.MessageGetContextRequest{MessageID: known}) {
		if err != nil {
			log.Fatal(err)
		}
		count, last = count+1, message.Text
	}

	fmt.Println(count, last)
	// Output: 120 line 119
}

// The loop may end wherever it likes: what is not needed is not asked for.
func ExampleMessageService_Older() {
	portal, bot := startSupervisor()
	defer portal.Close()
	portal.PostMessage(90, imbottest.Employee, "The lamp is broken")
	portal.PostMessage(90, imbottest.Employee, "Which one?")
	last := portal.PostMessage(90, imbottest.Employee, "That one")

	for message, err := range bot.Chat.Message.Older(context.Background(), imbotv2.MessageGetContextRequest{MessageID: last}) {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(message.Text)
	}
	// Output:
	// Which one?
	// The lamp is broken
}

func ExampleMessageService_Read() {
	portal, bot := startBot()
	defer portal.Close()
	portal.PostMessage(imbottest.ChatGroup, imbottest.Employee, "Good morning")

	read, err := bot.Chat.Message.Read(context.Background(), imbotv2.MessageReadRequest{DialogID: "chat13"})
	if err != nil {
		log.Fatal(err)
	}

	fmt.Println(len(read.Result.ViewedMessages), read.Result.Counter)
	// Output: 1 0
}

func ExampleReactionService_Add() {
	portal, bot := startBot()
	defer portal.Close()
	id := portal.PostMessage(imbottest.ChatGroup, imbottest.Employee, "Done!")

	_, err := bot.Chat.Message.Reaction.Add(context.Background(), imbotv2.ReactionAddRequest{MessageID: id, Reaction: "clappingHands"})
	if err != nil {
		log.Fatal(err)
	}

	fmt.Println(portal.Messages(imbottest.ChatGroup)[0].Reactions[imbot.UserID(bot.ID())])
	// Output: [clappingHands]
}

func ExampleReactionService_Delete() {
	portal, bot := startBot()
	defer portal.Close()
	ctx := context.Background()
	id := portal.PostMessage(imbottest.ChatGroup, imbottest.Employee, "Working on it")
	_, err := bot.Chat.Message.Reaction.Add(ctx, imbotv2.ReactionAddRequest{MessageID: id, Reaction: "eyes"})
	if err != nil {
		log.Fatal(err)
	}

	_, err = bot.Chat.Message.Reaction.Delete(ctx, imbotv2.ReactionDeleteRequest{MessageID: id, Reaction: "eyes"})
	if err != nil {
		log.Fatal(err)
	}

	fmt.Println(len(portal.Messages(imbottest.ChatGroup)[0].Reactions[imbot.UserID(bot.ID())]))
	// Output: 0
}

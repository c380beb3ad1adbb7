package imbot_test

import (
	"context"
	"errors"
	"fmt"
	"log"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/content"
	"github.com/seed-a6e4e5a4/imbot/imbottest"
)

// startClient starts a portal for an Example, with a client for the bots that are in it.
func startClient() (*imbottest.Portal, *imbot.Client) {
	portal := imbottest.Start()
	client := portal.Client(imbot.WithClientID(imbottest.ClientID))
	return portal, client
}

// A program can register its bot whenever it starts: one that has the code is returned, and stays as it is.
func ExampleBotService_Register() {
	portal, client := startClient()
	defer portal.Close()
	request := imbot.BotRegisterRequest{
		Code: "support_bot", EventHandler: "https://bot.example/events",
		Properties: imbot.BotProperties{Name: "Support", Color: imbot.ColorMint},
	}

	first, err := client.Bot.Register(context.Background(), request)
	if err != nil {
		log.Fatal(err)
	}
	second, err := client.Bot.Register(context.Background(), request)
	if err != nil {
		log.Fatal(err)
	}

	fmt.Println(first.Result == second.Result)
	// Output: true
}

func ExampleBotService_Update() {
	portal, client := startClient()
	defer portal.Close()

	_, err := client.Bot.Update(context.Background(), imbot.BotUpdateRequest{BotID: imbottest.BotMain, Fields: imbot.BotUpdateFields{
		Properties: &imbot.BotProperties{Name: "Help desk", WorkPosition: "Answers questions"},
	}})
	if err != nil {
		log.Fatal(err)
	}
	bots, err := client.Bot.List(context.Background(), imbot.BotListRequest{})
	if err != nil {
		log.Fatal(err)
	}

	fmt.Println(bots.Result[0].ID, bots.Result[0].Name)
	// Output: 39 Help desk
}

// Whoever unregisters a bot that is gone is told so.
func ExampleBotService_Unregister() {
	portal, client := startClient()
	defer portal.Close()
	request := imbot.BotUnregisterRequest{BotID: imbottest.BotMain}

	_, err := client.Bot.Unregister(context.Background(), request)
	fmt.Println(err)
	_, err = client.Bot.Unregister(context.Background(), request)
	fmt.Println(errors.Is(err, imbot.ErrBotID))
	// Output:
	// <nil>
	// true
}

// What somebody else wrote is escaped, so that no code in it takes effect.
func ExampleMessageService_Add() {
	portal, client := startClient()
	defer portal.Close()

	sent, err := client.Message.Add(context.Background(), imbot.MessageAddRequest{
		BotID: imbottest.BotMain, DialogID: imbottest.ChatGroup.DialogID(),
		Message:  content.Join(content.Bold("Order 42"), ": ", "2 < 3").String(),
		Keyboard: content.NewKeyboard(content.Row(content.CommandButton("Accept", "accept", "42"))),
	})
	if err != nil {
		log.Fatal(err)
	}

	for _, message := range portal.Messages(imbottest.ChatGroup) {
		fmt.Println(message.ID == sent.Result, message.Text, message.Keyboard != nil)
	}
	// Output: true [b]Order 42[/b]: 2 < 3 true
}

// Once a button was pressed, the buttons are taken away: by a keyboard that has none.
func ExampleMessageService_Update() {
	portal, client := startClient()
	defer portal.Close()
	sent, err := client.Message.Add(context.Background(), imbot.MessageAddRequest{
		DialogID: imbottest.ChatGroup.DialogID(), Message: "Order 42",
		Keyboard: content.NewKeyboard(content.Row(content.CommandButton("Accept", "accept", "42"))),
	})
	if err != nil {
		log.Fatal(err)
	}

	_, err = client.Message.Update(context.Background(), imbot.MessageUpdateRequest{
		MessageID: sent.Result, Message: "Order 42 is accepted", Keyboard: &content.Keyboard{},
	})
	if err != nil {
		log.Fatal(err)
	}

	message := portal.Messages(imbottest.ChatGroup)[0]
	fmt.Println(message.Text, message.Keyboard == nil)
	// Output: Order 42 is accepted true
}

// A bot deletes what it wrote, and nothing else.
func ExampleMessageService_Delete() {
	portal, client := startClient()
	defer portal.Close()
	foreign := portal.PostMessage(imbottest.ChatGroup, imbottest.Employee, "hello")

	_, err := client.Message.Delete(context.Background(), imbot.MessageDeleteRequest{MessageID: foreign})

	fmt.Println(errors.Is(err, imbot.ErrCantEditMessage))
	// Output: true
}

func ExampleMessageService_Like() {
	portal, client := startClient()
	defer portal.Close()
	request := imbot.MessageLikeRequest{
		MessageID: portal.PostMessage(imbottest.ChatGroup, imbottest.Employee, "hello"), Action: imbot.LikeSet,
	}

	_, err := client.Message.Like(context.Background(), request)
	fmt.Println(err)
	_, err = client.Message.Like(context.Background(), request)
	fmt.Println(errors.Is(err, imbot.ErrWithoutChanges))
	// Output:
	// <nil>
	// true
}

// registerEcho registers a command for an Example.
func registerEcho(client *imbot.Client) imbot.CommandID {
	command, err := client.Command.Register(context.Background(), imbot.CommandRegisterRequest{
		BotID: imbottest.BotMain, Command: "echo", EventCommandAdd: "https://bot.example/events",
		Lang: []imbot.CommandLang{{LanguageID: "en", Title: "Repeats a text", Params: "text"}},
	})
	if err != nil {
		log.Fatal(err)
	}
	return command.Result
}

// A bot has one command by a word, however often it is registered.
func ExampleCommandService_Register() {
	portal, client := startClient()
	defer portal.Close()
	request := imbot.CommandRegisterRequest{
		BotID: imbottest.BotMain, Command: "help", EventCommandAdd: "https://bot.example/events",
		Lang: []imbot.CommandLang{{LanguageID: "en", Title: "Shows what the bot can do"}},
	}

	first, err := client.Command.Register(context.Background(), request)
	if err != nil {
		log.Fatal(err)
	}
	second, err := client.Command.Register(context.Background(), request)
	if err != nil {
		log.Fatal(err)
	}

	fmt.Println(first.Result == second.Result)
	// Output: true
}

func ExampleCommandService_Update() {
	portal, client := startClient()
	defer portal.Close()

	response, err := client.Command.Update(context.Background(), imbot.CommandUpdateRequest{
		CommandID: registerEcho(client), Fields: imbot.CommandUpdateFields{Hidden: new(imbot.Yes)},
	})
	if err != nil {
		log.Fatal(err)
	}

	fmt.Println(response.Result)
	// Output: true
}

func ExampleCommandService_Unregister() {
	portal, client := startClient()
	defer portal.Close()
	request := imbot.CommandUnregisterRequest{CommandID: registerEcho(client)}

	_, err := client.Command.Unregister(context.Background(), request)
	fmt.Println(err)
	_, err = client.Command.Unregister(context.Background(), request)
	fmt.Println(errors.Is(err, imbot.ErrCommandID))
	// Output:
	// <nil>
	// true
}

// An answer that comes too late is not sent, and the portal says so.
func ExampleCommandService_Answer() {
	portal, client := startClient()
	defer portal.Close()
	command := registerEcho(client)
	given := portal.PostMessage(imbottest.ChatGroup, imbottest.Employee, "/echo hello")

	_, err := client.Command.Answer(context.Background(), imbot.CommandAnswerRequest{
		CommandID: command, MessageID: given, Message: "hello",
	})
	if errors.Is(err, imbot.ErrDeclined) {
		fmt.Println("more than ten minutes have passed")
	}

	messages := portal.Messages(imbottest.ChatGroup)
	fmt.Println(messages[len(messages)-1].Text, err)
	// Output: hello <nil>
}

package imbotv2_test

import (
	"context"
	"fmt"
	"log"
	"strings"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/content"
	"github.com/seed-a6e4e5a4/imbot/imbottest"
	"github.com/seed-a6e4e5a4/imbot/imbotv2"
)

// startBot starts a portal for an Example, with a bot that is in chat 13.
func startBot() (*imbottest.Portal, *imbotv2.Bot) {
	portal := imbottest.Start()
	return portal, imbotv2.New(portal.Client()).As(imbotv2.Identity{BotID: imbottest.BotMain, BotToken: imbottest.ClientID})
}

// A program can register its bot whenever it starts: one that is there already is returned, as it is.
func ExampleBotService_Register() {
	portal := imbottest.Start()
	defer portal.Close()
	v2 := imbotv2.New(portal.Client())
	fields := imbotv2.BotRegisterFields{
		Code: "support_bot", BotToken: "EXAMPLE_BOT_TOKEN",
		Properties: imbotv2.BotProperties{Name: "Support"},
	}

	first, err := v2.Bot.Register(context.Background(), imbotv2.BotRegisterRequest{Fields: fields})
	if err != nil {
		log.Fatal(err)
	}
	fields.Properties.Name = "Help desk"
	second, err := v2.Bot.Register(context.Background(), imbotv2.BotRegisterRequest{Fields: fields})
	if err != nil {
		log.Fatal(err)
	}

	fmt.Println(first.Result.Bot.ID == second.Result.Bot.ID, second.Result.Differs(fields))
	// Output: true [properties.name]
}

func ExampleBot_Get() {
	portal, bot := startBot()
	defer portal.Close()

	got, err := bot.Get(context.Background(), imbotv2.BotGetRequest{})
	if err != nil {
		log.Fatal(err)
	}

	fmt.Println(got.Result.Bot.ID, got.Result.Bot.Code, got.Result.Bot.Type)
	// Output: 39 main bot
}

func ExampleBot_Unregister() {
	portal, bot := startBot()
	defer portal.Close()

	_, err := bot.Unregister(context.Background(), imbotv2.BotUnregisterRequest{})
	if err != nil {
		log.Fatal(err)
	}

	fmt.Println(portal.Has(imbottest.ChatGroup, imbottest.BotMain))
	// Output: false
}

func ExampleChatService_Get() {
	portal, bot := startBot()
	defer portal.Close()

	got, err := bot.Chat.Get(context.Background(), imbotv2.ChatGetRequest{DialogID: "chat13"})
	if err != nil {
		log.Fatal(err)
	}

	fmt.Println(got.Result.Chat.Name, got.Result.Chat.Owner)
	// Output: Group 1
}

func ExampleUserService_List() {
	portal, bot := startBot()
	defer portal.Close()

	got, err := bot.Chat.User.List(context.Background(), imbotv2.UserListRequest{DialogID: "chat13", Order: &imbotv2.UserOrder{UserID: imbotv2.Ascending}})
	if err != nil {
		log.Fatal(err)
	}

	for _, user := range got.Result {
		fmt.Println(user.ID, user.Bot)
	}
	// Output:
	// 1 false
	// 39 true
	// 50 true
}

// What others wrote is escaped by package content, which has keyboards, too.
func ExampleMessageService_Send() {
	portal, bot := startBot()
	defer portal.Close()

	sent, err := bot.Chat.Message.Send(context.Background(), imbotv2.MessageSendRequest{
		DialogID: "chat13",
		Fields: imbotv2.MessageSendFields{
			Message:  content.Join("Order ", content.Bold("A-17"), " is ready").String(),
			Keyboard: content.NewKeyboard(content.Row(content.LinkButton("Show", "https://bot.example/A-17"))),
		},
	})
	if err != nil {
		log.Fatal(err)
	}

	fmt.Println(sent.Result.ID > 0, portal.Messages(imbottest.ChatGroup)[0].Text)
	// Output: true Order [b]A-17[/b] is ready
}

func ExampleInputActionService_Notify() {
	portal, bot := startBot()
	defer portal.Close()

	response, err := bot.Chat.InputAction.Notify(context.Background(), imbotv2.InputActionNotifyRequest{
		DialogID: "chat13", StatusMessageCode: imbotv2.ActionSearching, Duration: 10,
	})
	if err != nil {
		log.Fatal(err)
	}

	fmt.Println(response.Result)
	// Output: true
}

func ExampleCommandService_Register() {
	portal, bot := startBot()
	defer portal.Close()

	registered, err := bot.Command.Register(context.Background(), imbotv2.CommandRegisterRequest{
		Fields: imbotv2.CommandRegisterFields{Command: "help", Title: imbotv2.Localized{"en": "Show help"}},
	})
	if err != nil {
		log.Fatal(err)
	}

	fmt.Println(registered.Result.Command.Command)
	// Output: /help
}

func ExampleCommandService_Answer() {
	portal, bot := startBot()
	defer portal.Close()
	portal.On("imbot.v2.Command.answer", imbottest.Result(map[string]bool{"result": true}))

	_, err := bot.Command.Answer(context.Background(), imbotv2.CommandAnswerRequest{
		CommandID: 42, MessageID: 789, DialogID: "chat13",
		Fields: imbotv2.CommandAnswerFields{
			Message:  "Which one?",
			Keyboard: content.NewKeyboard(content.Row(content.CommandButton("The first", "take", "1"))),
		},
	})
	if err != nil {
		log.Fatal(err)
	}

	fmt.Println(string(portal.Calls()[0].Body))
	// Output: {"botId":39,"commandId":42,"messageId":789,"dialogId":"chat13","fields":{"message":"Which one?","keyboard":{"BOT_ID":39,"BUTTONS":[{"TEXT":"The first","COMMAND":"take","COMMAND_PARAMS":"1"}]}},"botToken":"my"}
}

func ExampleBot_Say() {
	portal, bot := startBot()
	defer portal.Close()
	ctx := context.Background()

	first, err := bot.Say(ctx, "chat13", "Hello")
	if err != nil {
		log.Fatal(err)
	}
	_, err = bot.Say(ctx, "chat13", "How can I help?", imbotv2.AsReplyTo(first.Result.ID), imbotv2.WithoutPreview(),
		imbotv2.WithKeyboard(content.NewKeyboard(content.Row(content.CommandButton("Help", "help", "")))),
		imbotv2.WithAttach(content.NewAttach(content.MessageBlock("Ask me anything"))))
	if err != nil {
		log.Fatal(err)
	}

	for _, message := range portal.Messages(imbottest.ChatGroup) {
		fmt.Println(message.Text)
	}
	// Output:
	// Hello
	// How can I help?
}

func ExampleBot_Reply() {
	portal, bot := startBot()
	defer portal.Close()
	event := &imbotv2.Event{
		Name: imbotv2.EventMessageAdd, DialogID: "27", Chat: imbotv2.Chat{ID: 5, Type: imbotv2.ChatPrivate},
		User: imbotv2.User{ID: 27}, Message: &imbotv2.Message{ID: 789, AuthorID: 27, Text: "hi"},
	}

	sent, err := bot.Reply(context.Background(), event, "You said: "+content.Escape(event.Message.Text).String())
	if err != nil {
		log.Fatal(err)
	}

	fmt.Println(sent.Result.ID > 0)
	// Output: true
}

// An address is for the request that downloads the file, and for no log.
func ExampleDownloadURL_Reveal() {
	address := imbotv2.DownloadURL("https://portal.example/rest/1/EXAMPLE_SECRET/download/?token=EXAMPLE_TOKEN")

	fmt.Println(address)
	fmt.Println(address.Reveal() != "")

	previews := imbotv2.HiddenJSON(`{"preview":"https://portal.example/rest/1/EXAMPLE_SECRET/download/"}`)
	fmt.Println(previews, len(previews.Reveal()))
	// Output:
	// ***
	// true
	// *** 68
}

func ExampleEventService_Get() {
	portal, bot := startBot()
	defer portal.Close()
	portal.On("imbot.v2.Event.get", imbottest.Result(map[string]any{
		"events":     []any{map[string]any{"eventId": 417, "type": "ONIMBOTV2JOINCHAT", "data": map[string]any{"dialogId": "chat13"}}},
		"nextOffset": 418, "hasMore": false,
	}))

	got, err := bot.Event.Get(context.Background(), imbotv2.EventGetRequest{Limit: 50})
	if err != nil {
		log.Fatal(err)
	}

	for _, event := range got.Result.Events {
		fmt.Println(event.EventID, event.Name == imbotv2.EventJoinChat, event.DialogID)
	}
	// Output: 417 true chat13
}

// A file is read while it is sent, and not held in memory.
func ExampleFileService_Upload() {
	portal, bot := startBot()
	defer portal.Close()
	report := strings.NewReader("Nothing to report.") // or an *os.File

	sent, err := bot.File.Upload(context.Background(), imbotv2.FileUploadRequest{
		DialogID: "chat13",
		Fields:   imbotv2.FileUploadFields{Name: "report.txt", Content: imbot.NewFileContent(report, report.Size()), Message: "As you asked"},
	})
	if err != nil {
		log.Fatal(err)
	}

	fmt.Println(sent.Result.File.Name, sent.Result.File.Size)
	// Output: report.txt 18
}

package imbotv2_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"os"
	"slices"
	"strings"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/content"
	"github.com/seed-a6e4e5a4/imbot/imbottest"
	"github.com/seed-a6e4e5a4/imbot/imbotv2"
)

func echo(ctx context.Context, client *imbot.Client, folder string) error {
	bot := imbotv2.New(client).As(imbotv2.Identity{BotID: 456, BotToken: os.Getenv("BITRIX24_BOT_TOKEN")})
	mux := imbotv2.NewMux()
	mux.Message(func(ctx context.Context, event *imbotv2.Event) error {
		_, err := bot.Reply(ctx, event, "You said: "+content.Escape(event.TextWithoutMention()).String())
		return err
	})
	// A reply whose answer was lost is not repeated. After a restart, what was done with all before it does not come again.
	mux.Errors(func(_ context.Context, err error) { log.Print(err) })
	offsets := imbotv2.NewFileOffsets(folder)              // knows which events are done
	return mux.Run(ctx, bot, imbotv2.WithOffsets(offsets)) // events.WithMux(mux) serves the same where the portal posts its events
}

func Example() {
	// A portal for the example, on which somebody has written to the bot.
	portal := imbottest.Start()
	defer portal.Close()
	_ = os.Setenv("BITRIX24_BOT_TOKEN", "EXAMPLE_BOT_TOKEN")
	portal.AddBot(imbottest.Bot{ID: 456, ClientID: "EXAMPLE_BOT_TOKEN", EventMode: "fetch"})
	chat := portal.PrivateChat(456, imbottest.Employee)
	portal.PostMessage(chat, imbottest.Employee, "hello [b]bot[/b]")

	ctx, stop := context.WithCancel(context.Background())
	client := portal.Client(imbot.WithObserver(func(_ context.Context, attempt imbot.Attempt) {
		if attempt.Method == "imbot.v2.Chat.Message.send" {
			stop()
		}
	}))
	folder, err := os.MkdirTemp("", "offsets")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(echo(ctx, client, folder))
	_ = os.RemoveAll(folder)

	written := portal.Messages(chat)
	fmt.Println(strings.ReplaceAll(written[len(written)-1].Text, "\u200b", "")) // what makes the codes plain text
	// Output:
	// <nil>
	// You said: hello [b]bot[/b]
}

// The second generation names a chat by its dialog, and asks no owner to stay.
func ExampleChatService_Leave() {
	portal := imbottest.Start()
	defer portal.Close()
	bot := imbotv2.New(portal.Client()).As(imbotv2.Identity{BotID: imbottest.BotMain, BotToken: imbottest.ClientID})

	response, err := bot.Chat.Leave(context.Background(), imbotv2.ChatLeaveRequest{DialogID: imbottest.ChatCRM.DialogID()})
	if err != nil {
		log.Fatal(err)
	}

	fmt.Println(response.Result)
	// Output: true
}

func ExampleChatService_EnsureLeft() {
	portal := imbottest.Start()
	defer portal.Close()
	bot := imbotv2.New(portal.Client()).As(imbotv2.Identity{BotID: imbottest.BotMain, BotToken: imbottest.ClientID})

	outcome, err := bot.Chat.EnsureLeft(context.Background(), imbotv2.ChatLeaveRequest{DialogID: imbottest.ChatElsewhere.DialogID()})
	if err != nil {
		log.Fatal(err)
	}

	fmt.Println(outcome.State, outcome.Verified)
	// Output: already out true
}

// Bots of one portal share a client: its connections, limits and options.
func ExampleNew() {
	portal := imbottest.Start()
	defer portal.Close()
	v2 := imbotv2.New(portal.Client())
	main := v2.As(imbotv2.Identity{BotID: imbottest.BotMain, BotToken: imbottest.ClientID})
	second := v2.As(imbotv2.Identity{BotID: imbottest.BotSecond, BotToken: imbottest.ClientID})

	for _, bot := range []*imbotv2.Bot{main, second} {
		outcome, err := bot.Chat.EnsureLeft(context.Background(), imbotv2.ChatLeaveRequest{DialogID: imbottest.ChatGroup.DialogID()})
		fmt.Println(bot.ID(), outcome.State, err)
	}
	// Output:
	// 39 left <nil>
	// 41 already out <nil>
}

// In a batch, a request names its bot.
func ExampleBot_Client() {
	portal := imbottest.Start()
	defer portal.Close()
	bot := imbotv2.New(portal.Client()).As(imbotv2.Identity{BotID: imbottest.BotMain, BotToken: imbottest.ClientID})

	batch := bot.Client().NewBatch()
	left := imbot.Queue(batch, imbotv2.MethodChatLeave, imbotv2.ChatLeaveRequest{BotID: bot.ID(), DialogID: "chat13"})
	if err := batch.Do(context.Background()); err != nil {
		log.Fatal(err)
	}
	response, err := left.Result()
	if err != nil {
		log.Fatal(err)
	}

	fmt.Println(response.Result)
	// Output: true
}

func ExampleChatService_LeaveAll() {
	portal := imbottest.Start()
	defer portal.Close()
	bot := imbotv2.New(portal.Client()).As(imbotv2.Identity{BotID: imbottest.BotMain, BotToken: imbottest.ClientID})

	requests := slices.Values([]imbotv2.ChatLeaveRequest{{DialogID: "chat13"}, {DialogID: "chat14"}, {DialogID: "27"}})
	for result := range bot.Chat.LeaveAll(context.Background(), requests) {
		fmt.Println(result.Request.DialogID, result.Outcome.State, errors.Is(result.Err, imbot.ErrDialogIDEmpty))
	}
	// Output:
	// chat13 left false
	// chat14 already out false
	// 27  true
}

package imbot_test

import (
	"context"
	"fmt"
	"log"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/imbottest"
)

func ExampleChatService_UpdateTitle() {
	portal := imbottest.Start()
	defer portal.Close()
	client := portal.Client(imbot.WithClientID(imbottest.ClientID))

	_, err := client.Chat.UpdateTitle(context.Background(), imbot.ChatUpdateTitleRequest{ChatID: imbottest.ChatOwned, Title: "Archive", BotID: 39})
	if err != nil {
		log.Fatal(err)
	}

	chat, _ := portal.Chat(imbottest.ChatOwned)
	fmt.Println(chat.Title)
	// Output: Archive
}

func ExampleChatService_UpdateColor() {
	portal := imbottest.Start()
	defer portal.Close()
	client := portal.Client(imbot.WithClientID(imbottest.ClientID))

	_, err := client.Chat.UpdateColor(context.Background(), imbot.ChatUpdateColorRequest{ChatID: imbottest.ChatOwned, Color: imbot.ColorMint, BotID: 39})
	if err != nil {
		log.Fatal(err)
	}

	chat, _ := portal.Chat(imbottest.ChatOwned)
	fmt.Println(chat.Color)
	// Output: MINT
}

func ExampleChatService_SetManager() {
	portal := imbottest.Start()
	defer portal.Close()
	client := portal.Client(imbot.WithClientID(imbottest.ClientID))
	manager := portal.Members(imbottest.ChatOwned)[1]

	_, err := client.Chat.SetManager(context.Background(), imbot.ChatSetManagerRequest{
		ChatID: imbottest.ChatOwned, UserID: manager, BotID: 39, IsManager: new(imbot.Yes),
	})
	if err != nil {
		log.Fatal(err)
	}

	chat, _ := portal.Chat(imbottest.ChatOwned)
	fmt.Println(chat.Managers)
	// Output: [1]
}

// Whoever has the chat open sees that the bot is about to say something.
func ExampleChatService_SendTyping() {
	portal := imbottest.Start()
	defer portal.Close()
	client := portal.Client(imbot.WithClientID(imbottest.ClientID))

	response, err := client.Chat.SendTyping(context.Background(), imbot.ChatSendTypingRequest{DialogID: imbot.ChatID(13).DialogID(), BotID: 39})
	if err != nil {
		log.Fatal(err)
	}

	fmt.Println(response.Result)
	// Output: true
}

func ExampleChatUserService_Delete() {
	portal := imbottest.Start()
	defer portal.Close()
	client := portal.Client(imbot.WithClientID(imbottest.ClientID))

	_, err := client.Chat.User.Delete(context.Background(), imbot.ChatUserDeleteRequest{ChatID: imbottest.ChatOwned, UserID: 1, BotID: 39})
	if err != nil {
		log.Fatal(err)
	}

	fmt.Println(portal.Members(imbottest.ChatOwned))
	// Output: [39]
}

// The second generation names a chat by its dialog, and asks no owner to stay.
func ExampleV2ChatService_Leave() {
	portal := imbottest.Start()
	defer portal.Close()
	client := portal.Client(imbot.WithClientID(imbottest.ClientID))

	response, err := client.V2.Chat.Leave(context.Background(), imbot.V2ChatLeaveRequest{BotID: 39, DialogID: imbottest.ChatCRM.DialogID()})
	if err != nil {
		log.Fatal(err)
	}

	fmt.Println(response.Result)
	// Output: true
}

func ExampleV2ChatService_EnsureLeft() {
	portal := imbottest.Start()
	defer portal.Close()
	client := portal.Client(imbot.WithClientID(imbottest.ClientID))

	outcome, err := client.V2.Chat.EnsureLeft(context.Background(), imbot.V2ChatLeaveRequest{BotID: 39, DialogID: imbottest.ChatElsewhere.DialogID()})
	if err != nil {
		log.Fatal(err)
	}

	fmt.Println(outcome.State, outcome.Verified)
	// Output: already out true
}

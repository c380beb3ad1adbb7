package imbot_test

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"log"
	"strings"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/imbottest"
)

func ExampleChatService_Leave() {
	portal := imbottest.Start()
	defer portal.Close()
	client := portal.Client(imbot.WithClientID(imbottest.ClientID))

	response, err := client.Chat.Leave(context.Background(), imbot.ChatLeaveRequest{ChatID: 13, BotID: 39})
	if err != nil {
		log.Fatal(err)
	}

	fmt.Println(response.Result, response.Time.HasOperating)
	// Output: true true
}

// The bot owns the chat and may not leave it: the sentinel is the reason, and its code stands for several reasons.
func ExampleChatService_Leave_owner() {
	portal := imbottest.Start(imbottest.WithWire(imbottest.Documented))
	defer portal.Close()
	client := portal.Client(imbot.WithClientID(imbottest.ClientID))

	_, err := client.Chat.Leave(context.Background(), imbot.ChatLeaveRequest{ChatID: imbottest.ChatCRM, BotID: 39})

	fmt.Println(err)
	fmt.Println(errors.Is(err, imbot.ErrLeaveOwnerForbidden), errors.Is(err, imbot.ErrAccess), errors.Is(err, imbot.ErrNotInChat))
	// Output:
	// imbot.chat.leave: ACCESS_ERROR: LEAVE_OWNER_FORBIDDEN (HTTP 403)
	// true true false
}

// The first answer is lost on its way back. The bot is out, and that is what is said.
func ExampleChatService_EnsureLeft() {
	portal := imbottest.Start()
	defer portal.Close()
	portal.Fault("imbot.chat.leave", imbottest.LoseAfter())
	client := portal.Client(imbot.WithClientID(imbottest.ClientID))

	outcome, err := client.Chat.EnsureLeft(context.Background(), imbot.ChatLeaveRequest{ChatID: 13, BotID: 39})
	if err != nil {
		log.Fatal(err)
	}

	fmt.Printf("%s after %d attempts, verified: %v\n", outcome.State, outcome.Attempts, outcome.Verified)
	// Output: out after 2 attempts, verified: true
}

// A bot that may not leave because it owns the chat hands it over to another member first.
func ExampleChatService_CanLeave() {
	portal := imbottest.Start()
	defer portal.Close()
	owned := map[string]any{"id": 13, "owner": 39, "restrictions": map[string]bool{"leave": true, "leave_owner": false}}
	portal.On("imbot.dialog.get", imbottest.Result(owned))
	portal.On("imbot.chat.setOwner", imbottest.Result(true))
	portal.On("imbot.chat.leave", imbottest.Result(true))
	client := portal.Client(imbot.WithClientID(imbottest.ClientID))
	ctx := context.Background()
	leave := imbot.ChatLeaveRequest{ChatID: 13, BotID: 39}

	found, err := client.Chat.CanLeave(ctx, leave)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(found.Allowed, found.Reason)
	if errors.Is(found.Reason, imbot.ErrLeaveOwnerForbidden) {
		if _, err := client.Chat.SetOwner(ctx, imbot.ChatSetOwnerRequest{ChatID: 13, UserID: 1, BotID: 39}); err != nil {
			log.Fatal(err)
		}
	}
	_, err = client.Chat.Leave(ctx, leave)
	fmt.Println(err)
	// Output:
	// false imbot: the owner of the chat may not leave it
	// <nil>
}

func ExampleChatService_Add() {
	portal := imbottest.Start()
	defer portal.Close()
	portal.On("imbot.chat.add", imbottest.Result(2725))
	client := portal.Client(imbot.WithClientID(imbottest.ClientID))

	response, err := client.Chat.Add(context.Background(), imbot.ChatAddRequest{
		Type:  imbot.ChatOpen,
		Title: "Deal 13",
		Color: imbot.ColorMint,
		Users: []imbot.UserID{7, 9},
		// By these Chat.Get finds the chat again.
		EntityType: "CRM", EntityID: "DEAL|13",
		BotID: 39,
	})
	if err != nil {
		log.Fatal(err)
	}

	fmt.Println(response.Result.DialogID())
	// Output: chat2725
}

func ExampleChatService_Get() {
	portal := imbottest.Start()
	defer portal.Close()
	portal.On("imbot.chat.get", imbottest.Result(map[string]int{"ID": 2725}), imbottest.Result(nil))
	client := portal.Client()

	for _, lead := range []string{"LEAD|13", "LEAD|404"} {
		response, err := client.Chat.Get(context.Background(), imbot.ChatGetRequest{EntityType: "CRM", EntityID: lead})
		switch {
		case errors.Is(err, imbot.ErrNotFound):
			fmt.Println("no chat for", lead)
		case err != nil:
			log.Fatal(err)
		default:
			fmt.Println("chat", response.Result.ID)
		}
	}
	// Output:
	// chat 2725
	// no chat for LEAD|404
}

// A bot that owns the chat and may therefore not leave it hands it over first.
func ExampleChatService_SetOwner() {
	portal := imbottest.Start()
	defer portal.Close()
	portal.On("imbot.chat.leave", imbottest.Refuse(403, "ACCESS_ERROR", "LEAVE_OWNER_FORBIDDEN"), imbottest.Result(true))
	portal.On("imbot.chat.setOwner", imbottest.Result(true))
	client := portal.Client(imbot.WithClientID(imbottest.ClientID))
	ctx := context.Background()
	leave := imbot.ChatLeaveRequest{ChatID: 13, BotID: 39}

	_, err := client.Chat.Leave(ctx, leave)
	if errors.Is(err, imbot.ErrLeaveOwnerForbidden) {
		if _, err = client.Chat.SetOwner(ctx, imbot.ChatSetOwnerRequest{ChatID: 13, UserID: 7, BotID: 39}); err != nil {
			log.Fatal(err)
		}
		_, err = client.Chat.Leave(ctx, leave)
	}

	fmt.Println(err)
	// Output: <nil>
}

func ExampleChatService_UpdateAvatar() {
	portal := imbottest.Start()
	defer portal.Close()
	client := portal.Client(imbot.WithClientID(imbottest.ClientID))

	avatar, err := imbot.ReadImage(strings.NewReader("<svg/>"))
	fmt.Println(err)

	_, err = client.Chat.UpdateAvatar(context.Background(), imbot.ChatUpdateAvatarRequest{ChatID: 13, Avatar: avatar, BotID: 39})
	fmt.Println(errors.Is(err, imbot.ErrAvatar))
	// Output:
	// imbot: AVATAR: is not a PNG, JPEG or GIF: AVATAR_ERROR
	// true
}

func ExampleReadImage() {
	picture := "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mNk+A8AAQUBAScY42YAAAAASUVORK5CYII="

	image, err := imbot.ReadImage(base64.NewDecoder(base64.StdEncoding, strings.NewReader(picture)))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(len(image), "bytes")
	// Output: 68 bytes
}

func ExampleChatUserService_Add() {
	portal := imbottest.Start()
	defer portal.Close()
	portal.On("imbot.chat.user.add", imbottest.Result(true))
	client := portal.Client(imbot.WithClientID(imbottest.ClientID))

	response, err := client.Chat.User.Add(context.Background(), imbot.ChatUserAddRequest{
		ChatID:      13,
		Users:       []imbot.UserID{7, 9},
		HideHistory: new(imbot.No),
		BotID:       39,
	})
	if err != nil {
		log.Fatal(err)
	}

	fmt.Println(response.Result)
	// Output: true
}

func ExampleChatUserService_List() {
	portal := imbottest.Start()
	defer portal.Close()
	client := portal.Client(imbot.WithClientID(imbottest.ClientID))

	response, err := client.Chat.User.List(context.Background(), imbot.ChatUserListRequest{ChatID: 13, BotID: 39})
	if err != nil {
		log.Fatal(err)
	}

	fmt.Println(response.Result)
	// Output: [1 39 50]
}

func ExampleBotService_List() {
	portal := imbottest.Start()
	defer portal.Close()
	portal.On("imbot.bot.list", imbottest.Result(map[string]any{
		"41": map[string]any{"ID": 41, "NAME": "Second", "CODE": "second", "OPENLINE": "Y"},
		"39": map[string]any{"ID": 39, "NAME": "First", "CODE": "first", "OPENLINE": "N"},
	}))
	client := portal.Client()

	response, err := client.Bot.List(context.Background(), imbot.BotListRequest{})
	if err != nil {
		log.Fatal(err)
	}

	for _, bot := range response.Result {
		fmt.Println(bot.ID, bot.Name, bot.OpenLine)
	}
	// Output:
	// 39 First false
	// 41 Second true
}

// Before it leaves, a bot may look whether it can.
func ExampleDialogService_Get() {
	portal := imbottest.Start()
	defer portal.Close()
	portal.On("imbot.dialog.get", imbottest.Result(map[string]any{
		"id": 13, "owner": 39, "restrictions": map[string]bool{"leave": true, "leave_owner": false},
	}))
	client := portal.Client()

	response, err := client.Dialog.Get(context.Background(), imbot.DialogGetRequest{DialogID: imbot.ChatID(13).DialogID()})
	if err != nil {
		log.Fatal(err)
	}

	dialog := response.Result
	fmt.Println(dialog.Owner == 39, dialog.Restrictions.Known && !dialog.Restrictions.LeaveOwner)
	// Output: true true
}

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

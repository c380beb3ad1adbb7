package imbotv2_test

import (
	"context"
	"errors"
	"fmt"
	"log"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/imbottest"
	"github.com/seed-a6e4e5a4/imbot/imbotv2"
)

// The list shows the bots of the token that the client has.
func ExampleBotService_List() {
	portal := imbottest.Start()
	defer portal.Close()
	v2 := imbotv2.New(portal.Client(imbot.WithClientID(imbottest.ClientID)))

	list, err := v2.Bot.List(context.Background(), imbotv2.BotListRequest{Limit: 1})
	if err != nil {
		log.Fatal(err)
	}

	for _, bot := range list.Result.Bots {
		fmt.Println(bot.ID, bot.Code)
	}
	fmt.Println(list.Result.HasNextPage)
	// Output:
	// 39 main
	// true
}

// All pages are read while the loop goes on.
func ExampleBotService_All() {
	portal := imbottest.Start()
	defer portal.Close()
	v2 := imbotv2.New(portal.Client(imbot.WithClientID(imbottest.ClientID)))

	for bot, err := range v2.Bot.All(context.Background(), imbotv2.BotListRequest{Limit: 1}) {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(bot.ID, bot.Type)
	}
	// Output:
	// 39 bot
	// 41 bot
}

// To change the name alone, what else people see of the bot is sent as it is.
func ExampleBot_Update() {
	portal, bot := startBot()
	defer portal.Close()
	ctx := context.Background()

	got, err := bot.Get(ctx, imbotv2.BotGetRequest{})
	if err != nil {
		log.Fatal(err)
	}
	user := got.Result.Users[0]
	changed, err := bot.Update(ctx, imbotv2.BotUpdateRequest{Fields: imbotv2.BotUpdateFields{
		Properties:   &imbotv2.BotProperties{Name: "Help desk", LastName: user.LastName, WorkPosition: user.WorkPosition, Gender: user.Gender},
		BackgroundID: imbotv2.NoBackground,
	}})
	if err != nil {
		log.Fatal(err)
	}

	fmt.Println(changed.Result.Users[0].FirstName, changed.Result.Bot.BackgroundID == "")
	// Output: Help desk true
}

func ExampleRevisionService_Get() {
	portal := imbottest.Start()
	defer portal.Close()
	v2 := imbotv2.New(portal.Client())

	revision, err := v2.Revision.Get(context.Background(), imbotv2.RevisionGetRequest{})
	switch {
	case errors.Is(err, imbot.ErrMethodNotFound):
		fmt.Println("older than revision 33")
	case err != nil:
		log.Fatal(err)
	default:
		fmt.Println(revision.Result.REST >= 33)
	}
	// Output: true
}

func ExampleChatService_Add() {
	portal, bot := startBot()
	defer portal.Close()

	made, err := bot.Chat.Add(context.Background(), imbotv2.ChatAddRequest{Fields: imbotv2.ChatAddFields{
		Title: "Order A-17", Color: imbotv2.ColorMint, UserIDs: []imbot.UserID{imbottest.Employee}, Message: "What is missing?",
	}})
	if err != nil {
		log.Fatal(err)
	}

	fmt.Println(made.Result.Chat.Name, portal.Has(made.Result.Chat.ID, bot.ID()), made.Result.Chat.Role)
	// Output: Order A-17 true owner
}

// Only what is set is changed.
func ExampleChatService_Update() {
	portal, bot := startBot()
	defer portal.Close()
	ctx, dialog := context.Background(), imbottest.ChatOwned.DialogID()

	_, err := bot.Chat.Update(ctx, imbotv2.ChatUpdateRequest{DialogID: dialog, Fields: imbotv2.ChatUpdateFields{Description: "Done"}})
	if err != nil {
		log.Fatal(err)
	}

	got, err := bot.Chat.Get(ctx, imbotv2.ChatGetRequest{DialogID: dialog})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(got.Result.Chat.Description)
	// Output: Done
}

// Portals do not look whether the new owner is in the chat: who hands it over does.
func ExampleChatService_SetOwner() {
	portal, bot := startBot()
	defer portal.Close()
	ctx, dialog := context.Background(), imbottest.ChatOwned.DialogID()

	if _, err := bot.Chat.User.Add(ctx, imbotv2.UserAddRequest{DialogID: dialog, UserIDs: []imbot.UserID{imbottest.Employee}}); err != nil {
		log.Fatal(err)
	}
	response, err := bot.Chat.SetOwner(ctx, imbotv2.ChatSetOwnerRequest{DialogID: dialog, UserID: imbottest.Employee})
	if err != nil {
		log.Fatal(err)
	}

	fmt.Println(response.Result)
	// Output: true
}

// The bot has to own the chat.
func ExampleManagerService_Add() {
	portal, bot := startBot()
	defer portal.Close()
	ctx, users := context.Background(), []imbot.UserID{imbottest.Employee}

	_, err := bot.Chat.Manager.Add(ctx, imbotv2.ManagerAddRequest{DialogID: imbottest.ChatGroup.DialogID(), UserIDs: users})
	fmt.Println(errors.Is(err, imbotv2.ErrNotPermitted))
	response, err := bot.Chat.Manager.Add(ctx, imbotv2.ManagerAddRequest{DialogID: imbottest.ChatOwned.DialogID(), UserIDs: users})
	if err != nil {
		log.Fatal(err)
	}

	fmt.Println(response.Result)
	// Output:
	// true
	// true
}

func ExampleManagerService_Delete() {
	portal, bot := startBot()
	defer portal.Close()

	response, err := bot.Chat.Manager.Delete(context.Background(), imbotv2.ManagerDeleteRequest{
		DialogID: imbottest.ChatOwned.DialogID(), UserIDs: []imbot.UserID{imbottest.Employee},
	})
	if err != nil {
		log.Fatal(err)
	}

	fmt.Println(response.Result)
	// Output: true
}

// Users who may not be in the chat are skipped without an error.
func ExampleUserService_Add() {
	portal, bot := startBot()
	defer portal.Close()
	portal.AddUser(imbottest.User{ID: 28, Inactive: true})

	_, err := bot.Chat.User.Add(context.Background(), imbotv2.UserAddRequest{
		DialogID: imbottest.ChatOwned.DialogID(), UserIDs: []imbot.UserID{imbottest.Employee, 28},
	})
	if err != nil {
		log.Fatal(err)
	}

	fmt.Println(portal.Has(imbottest.ChatOwned, imbottest.BotMain), portal.Members(imbottest.ChatOwned))
	// Output: true [39 1]
}

// A user who is not in the chat is as good as removed.
func ExampleUserService_Delete() {
	portal, bot := startBot()
	defer portal.Close()
	request := imbotv2.UserDeleteRequest{DialogID: imbottest.ChatOwned.DialogID(), UserID: imbottest.Employee}

	for range 2 {
		response, err := bot.Chat.User.Delete(context.Background(), request)
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(response.Result)
	}
	// Output:
	// true
	// true
}

// While the bot works on an answer, nobody is to type.
func ExampleTextFieldService_Enabled() {
	portal, bot := startBot()
	defer portal.Close()
	ctx := context.Background()

	_, err := bot.Chat.TextField.Enabled(ctx, imbotv2.TextFieldEnabledRequest{DialogID: "chat13", Enabled: new(false)})
	if err != nil {
		log.Fatal(err)
	}

	got, err := bot.Chat.Get(ctx, imbotv2.ChatGetRequest{DialogID: "chat13"})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(got.Result.Chat.TextFieldEnabled)
	// Output: false
}

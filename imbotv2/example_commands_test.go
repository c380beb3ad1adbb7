package imbotv2_test

import (
	"context"
	"fmt"
	"io"
	"log"
	"net/http"
	"strings"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/imbottest"
	"github.com/seed-a6e4e5a4/imbot/imbotv2"
)

// startWithCommand starts a portal for an Example, with a bot that has the command /help.
func startWithCommand() (*imbottest.Portal, *imbotv2.Bot, imbotv2.CommandID) {
	portal, bot := startBot()
	registered, err := bot.Command.Register(context.Background(), imbotv2.CommandRegisterRequest{
		Fields: imbotv2.CommandRegisterFields{Command: "help", Title: imbotv2.Localized{"en": "Help", "de": "Hilfe"}},
	})
	if err != nil {
		log.Fatal(err)
	}
	return portal, bot, registered.Result.Command.ID
}

func ExampleCommandService_List() {
	portal, bot, _ := startWithCommand()
	defer portal.Close()

	list, err := bot.Command.List(context.Background(), imbotv2.CommandListRequest{})
	if err != nil {
		log.Fatal(err)
	}

	for _, command := range list.Result.Commands {
		if command.BotID == bot.ID() {
			fmt.Println(command.Command, command.Title)
		}
	}
	// Output: /help Help
}

// Every portal has commands of its own, whose ids are texts.
func ExampleCommandID_IsBuiltIn() {
	portal, bot, _ := startWithCommand()
	defer portal.Close()
	list, err := bot.Command.List(context.Background(), imbotv2.CommandListRequest{})
	if err != nil {
		log.Fatal(err)
	}

	for _, command := range list.Result.Commands {
		if command.ID.IsBuiltIn() {
			fmt.Print(command.ID, command.Command, " ")
		}
	}
	// Output: def0/me def1/loud def2/>> def3/rename def4/getDialogId def5/webrtcDebug
}

// The text in one language changes, and that in another is taken away.
func ExampleCommandService_Update() {
	portal, bot, id := startWithCommand()
	defer portal.Close()

	updated, err := bot.Command.Update(context.Background(), imbotv2.CommandUpdateRequest{CommandID: id, Fields: imbotv2.CommandUpdateFields{
		Command: "assist", Title: imbotv2.LocalizedChange{"en": new("Assistance"), "de": nil},
	}})
	if err != nil {
		log.Fatal(err)
	}

	fmt.Println(updated.Result.Command.Command)
	// Output: /assist
}

func ExampleCommandService_Unregister() {
	portal, bot, id := startWithCommand()
	defer portal.Close()

	response, err := bot.Command.Unregister(context.Background(), imbotv2.CommandUnregisterRequest{CommandID: id})
	if err != nil {
		log.Fatal(err)
	}

	fmt.Println(response.Result)
	// Output: true
}

// The address of a file is for one request, and for no log.
func ExampleFileService_Download() {
	portal, bot := startBot()
	defer portal.Close()
	ctx := context.Background()
	report := strings.NewReader("Nothing to report.")
	sent, err := bot.File.Upload(ctx, imbotv2.FileUploadRequest{
		DialogID: "chat13", Fields: imbotv2.FileUploadFields{Name: "report.txt", Content: imbot.NewFileContent(report, report.Size())},
	})
	if err != nil {
		log.Fatal(err)
	}

	found, err := bot.File.Download(ctx, imbotv2.FileDownloadRequest{FileID: sent.Result.File.ID})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(found.Result.DownloadURL)

	req, err := http.NewRequestWithContext(ctx, http.MethodGet, found.Result.DownloadURL.Reveal(), http.NoBody)
	if err != nil {
		log.Fatal("the portal gave an address that is none") // err has the address in it
	}
	resp, err := portal.HTTPClient().Do(req)
	if err != nil {
		log.Fatal("the file did not come")
	}
	defer func() { _ = resp.Body.Close() }()
	text, _ := io.ReadAll(resp.Body)
	fmt.Println(string(text))
	// Output:
	// ***
	// Nothing to report.
}

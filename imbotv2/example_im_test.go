package imbotv2_test

import (
	"context"
	"fmt"
	"log"
	"strings"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/imbottest"
	"github.com/seed-a6e4e5a4/imbot/imbotv2"
)

// startUser starts a portal for an Example, with a user who is in chat 90.
func startUser() (*imbottest.Portal, *imbotv2.Client) {
	portal := imbottest.Start(imbottest.Empty())
	portal.AddWebhook(imbottest.Webhook{UserID: imbottest.Employee, Secret: imbottest.Secret, Scopes: []string{"im"}})
	portal.AddChat(imbottest.Chat{ID: 90, Members: []imbot.UserID{imbottest.Employee, 2}})
	return portal, imbotv2.New(portal.Client())
}

// The offset of the next request deletes what has come.
func ExampleIMEventService_Get() {
	portal, v2 := startUser()
	defer portal.Close()
	ctx := context.Background()
	if _, err := v2.IM.Event.Subscribe(ctx, imbotv2.IMEventSubscribeRequest{}); err != nil {
		log.Fatal(err)
	}
	portal.PostMessage(90, 2, "Good morning")

	var offset imbotv2.EventID
	for range 2 {
		got, err := v2.IM.Event.Get(ctx, imbotv2.IMEventGetRequest{Offset: offset})
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(len(got.Result.Events))
		offset = got.Result.NextOffset
	}
	// Output:
	// 1
	// 0
}

func ExampleIMEventService_Subscribe() {
	portal, v2 := startUser()
	defer portal.Close()

	response, err := v2.IM.Event.Subscribe(context.Background(), imbotv2.IMEventSubscribeRequest{})
	if err != nil {
		log.Fatal(err)
	}

	fmt.Println(response.Result)
	// Output: true
}

func ExampleIMEventService_Unsubscribe() {
	portal, v2 := startUser()
	defer portal.Close()

	response, err := v2.IM.Event.Unsubscribe(context.Background(), imbotv2.IMEventUnsubscribeRequest{})
	if err != nil {
		log.Fatal(err)
	}

	fmt.Println(response.Result)
	// Output: true
}

func ExampleIMFileService_Upload() {
	portal, v2 := startUser()
	defer portal.Close()
	report := strings.NewReader("Nothing to report.")

	sent, err := v2.IM.File.Upload(context.Background(), imbotv2.IMFileUploadRequest{
		DialogID: "chat90",
		Fields:   imbotv2.IMFileUploadFields{Name: "report.txt", Content: imbot.NewFileContent(report, report.Size())},
	})
	if err != nil {
		log.Fatal(err)
	}

	fmt.Println(sent.Result.File.Name, sent.Result.File.Status, sent.Result.File.URLDownload)
	// Output: report.txt done ***
}

func ExampleIMFileService_Download() {
	portal, v2 := startUser()
	defer portal.Close()
	ctx := context.Background()
	report := strings.NewReader("Nothing to report.")
	sent, err := v2.IM.File.Upload(ctx, imbotv2.IMFileUploadRequest{
		DialogID: "chat90",
		Fields:   imbotv2.IMFileUploadFields{Name: "report.txt", Content: imbot.NewFileContent(report, report.Size())},
	})
	if err != nil {
		log.Fatal(err)
	}

	found, err := v2.IM.File.Download(ctx, imbotv2.IMFileDownloadRequest{DialogID: "chat90", FileID: sent.Result.File.ID})
	if err != nil {
		log.Fatal(err)
	}

	fmt.Println(found.Result.DownloadURL != "")
	// Output: true
}

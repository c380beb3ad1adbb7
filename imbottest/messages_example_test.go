package imbottest_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"

	"github.com/seed-a6e4e5a4/imbot/imbottest"
)

// call sends a call by the user's webhook and returns the status of the answer.
func call(portal *imbottest.Portal, method, body string) int {
	req, err := http.NewRequestWithContext(context.Background(), http.MethodPost, portal.WebhookURL()+method, strings.NewReader(body))
	if err != nil {
		return 0
	}
	req.Header.Set("Content-Type", "application/json")
	resp, err := portal.HTTPClient().Do(req)
	if err != nil {
		return 0
	}
	defer resp.Body.Close()
	return resp.StatusCode
}

func ExamplePortal_Messages() {
	portal := imbottest.Start()
	defer portal.Close()
	call(portal, "imbot.v2.Chat.Message.send", `{"botId":39,"botToken":"my","dialogId":"27","fields":{"message":"Hello"}}`)

	for _, message := range portal.Messages(portal.PrivateChat(imbottest.BotMain, 27)) {
		fmt.Println(message.Author, message.Text)
	}
	// Output: 39 Hello
}

func ExampleWithFileLimit() {
	portal := imbottest.Start(imbottest.WithFileLimit(3))
	defer portal.Close()
	status := call(portal, "imbot.v2.File.upload",
		`{"botId":39,"botToken":"my","dialogId":"chat13","fields":{"name":"a.txt","content":"aGVsbG8="}}`)
	fmt.Println(status == http.StatusBadRequest, len(portal.Messages(imbottest.ChatGroup)))
	// Output: true 0
}

package imbottest_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"

	"github.com/seed-a6e4e5a4/imbot"
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

// fetched returns the types of the events that a bot with the token t has not confirmed.
func fetched(portal *imbottest.Portal, bot imbot.BotID) (types []string) {
	client := portal.Client()
	type request struct {
		BotID    imbot.BotID `json:"botId"`
		BotToken string      `json:"botToken"`
	}
	type events struct {
		Events []struct{ Type string }
	}
	method := imbot.Method[request, events]{Name: "imbot.v2.Event.get"}
	res, err := imbot.Call(context.Background(), client, method, request{bot, "t"})
	if err != nil {
		return nil
	}
	for _, event := range res.Result.Events {
		types = append(types, event.Type)
	}
	return types
}

// What people do comes to a bot of imbot.v2 as events.
func ExamplePortal_PostReply() {
	portal := imbottest.Start(imbottest.Empty())
	defer portal.Close()
	portal.AddBot(imbottest.Bot{ID: 60, ClientID: "t", EventMode: "fetch"})
	portal.AddChat(imbottest.Chat{ID: 5, Members: []imbot.UserID{1, 60}})
	call(portal, "imbot.v2.Chat.Message.send", `{"botId":60,"botToken":"t","dialogId":"chat5","fields":{"message":"Hello"}}`)
	hello := portal.Messages(5)[0].ID

	reply := portal.PostReply(hello, 1, "Who are you?")
	portal.EditMessage(reply, "Who are you, bot?")
	portal.DeleteMessage(reply)
	portal.AddReaction(hello, 1, "like")
	portal.RemoveReaction(hello, 1, "like")
	portal.OpenDialog(60, 1, map[string]any{"from": "a link"})
	portal.PostFile(portal.PrivateChat(60, 1), 1, "a.txt", []byte("a"))

	for _, event := range fetched(portal, 60) {
		fmt.Println(event)
	}
	// Output:
	// ONIMBOTV2MESSAGEADD
	// ONIMBOTV2MESSAGEUPDATE
	// ONIMBOTV2MESSAGEDELETE
	// ONIMBOTV2REACTIONCHANGE
	// ONIMBOTV2REACTIONCHANGE
	// ONIMBOTV2JOINCHAT
	// ONIMBOTV2CONTEXTGET
	// ONIMBOTV2MESSAGEADD
}

func ExamplePortal_PressButton() {
	portal := imbottest.Start(imbottest.Empty())
	defer portal.Close()
	portal.AddBot(imbottest.Bot{ID: 60, ClientID: "t", EventMode: "fetch"})
	portal.AddChat(imbottest.Chat{ID: 5, Members: []imbot.UserID{1, 60}})
	call(portal, "imbot.v2.Command.register", `{"botId":60,"botToken":"t","fields":{"command":"yes","hidden":true}}`)
	call(portal, "imbot.v2.Chat.Message.send", `{"botId":60,"botToken":"t","dialogId":"chat5",
		"fields":{"message":"Sure?","keyboard":[{"TEXT":"Yes!","COMMAND":"yes"}]}}`)

	portal.PressButton(portal.Messages(5)[0].ID, 1, "Yes!")

	fmt.Println(fetched(portal, 60))
	// Output: [ONIMBOTV2COMMANDADD]
}

// A portal that was restored counts from a lower number, and an offset that a client has kept deletes what it has not
// seen.
func ExamplePortal_SetNextEventID() {
	portal := imbottest.Start(imbottest.Empty())
	defer portal.Close()
	portal.AddBot(imbottest.Bot{ID: 60, ClientID: "t", EventMode: "fetch"})
	portal.SetNextEventID(7)
	portal.PostMessage(portal.PrivateChat(60, 1), 1, "Hello")
	fmt.Println(fetched(portal, 60))

	call(portal, "imbot.v2.Event.get", `{"botId":60,"botToken":"t","offset":1001}`)

	fmt.Println(fetched(portal, 60))
	// Output:
	// [ONIMBOTV2JOINCHAT ONIMBOTV2MESSAGEADD]
	// []
}

func ExampleDoubleEvents() {
	portal := imbottest.Start(imbottest.DoubleEvents())
	defer portal.Close()
	portal.SendEventsTo(http.NotFoundHandler())
	portal.AddBot(imbottest.Bot{ID: 60, ClientID: "t", EventMode: "webhook"})
	portal.AddMember(imbottest.ChatGroup, 60, imbottest.Employee)

	for _, delivery := range portal.Deliveries() {
		fmt.Println(delivery.Event, delivery.Status)
	}
	// Output:
	// ONIMBOTV2JOINCHAT 404
	// ONIMBOTV2JOINCHAT 404
}

package imbot_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"os"
	"time"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/imbottest"
)

func leaveChat(ctx context.Context) (imbot.LeaveState, error) {
	client, err := imbot.NewClient(
		imbot.Webhook(os.Getenv("BITRIX24_WEBHOOK_URL")),
		imbot.WithClientID(os.Getenv("BITRIX24_CLIENT_ID")),
	)
	if err != nil {
		return "", err
	}
	outcome, err := client.Chat.EnsureLeft(ctx, imbot.ChatLeaveRequest{ChatID: 13, BotID: 39})
	return outcome.State, err // the bot is out; or the error tells: refused, still in the chat, or unknown
}

func Example() {
	// A portal for the example; a program has the URL of a real one in its environment.
	portal := imbottest.Start()
	defer portal.Close()
	_ = os.Setenv("BITRIX24_WEBHOOK_URL", portal.ServerWebhookURL())
	_ = os.Setenv("BITRIX24_CLIENT_ID", imbottest.ClientID)

	fmt.Println(leaveChat(context.Background()))
	// Output: left <nil>
}

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

// The bot owns the chat and may not leave it: the sentinel tells the reason, its code the family of reasons.
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

func ExampleWithObserver() {
	portal := imbottest.Start()
	defer portal.Close()
	portal.Fault("imbot.chat.leave", imbottest.RefuseDial())
	client := portal.Client(imbot.WithClientID(imbottest.ClientID),
		imbot.WithRetry(imbot.RetryPolicy{MaxAttempts: 2, BaseDelay: time.Millisecond}),
		imbot.WithObserver(func(_ context.Context, a imbot.Attempt) {
			fmt.Println(a.Method, a.Number, a.StatusCode)
		}))

	_, err := client.Chat.Leave(context.Background(), imbot.ChatLeaveRequest{ChatID: 13, BotID: 39})
	if err != nil {
		log.Fatal(err)
	}
	// Output:
	// imbot.chat.leave 1 0
	// imbot.chat.leave 2 200
}

func ExampleWebhook() {
	auth := imbot.Webhook("https://portal.example/rest/1/EXAMPLE_SECRET/")
	fmt.Println(auth)

	_, err := imbot.NewClient(imbot.Webhook("https://portal.example/rest/1/EXAMPLE_SECRET/imbot.chat.leave"))
	fmt.Println(err)
	// Output:
	// imbot.Webhook(https://portal.example/rest/***)
	// imbot: webhook URL: something follows the secret, perhaps a method: want https://PORTAL/rest/USER_ID/SECRET/
}

func ExampleOAuth() {
	portal := imbottest.Start()
	defer portal.Close()
	auth := imbot.OAuth(portal.Endpoint(), imbot.StaticToken(imbottest.TokenOK))
	client, err := imbot.NewClient(auth, imbot.WithHTTPClient(portal.HTTPClient()))
	if err != nil {
		log.Fatal(err)
	}

	_, err = client.Chat.Leave(context.Background(), imbot.ChatLeaveRequest{ChatID: 13, BotID: imbottest.BotOfApp})

	fmt.Println(err)
	// Output: <nil>
}

// A method that has no wrapper in this package is declared in a line or two, and called like the others.
func ExampleCall() {
	type MessageAddRequest struct {
		DialogID imbot.DialogID `json:"DIALOG_ID"`
		BotID    imbot.BotID    `json:"BOT_ID,omitempty"`
		Message  string         `json:"MESSAGE"`
	}
	messageAdd := imbot.Method[MessageAddRequest, int64]{Name: "imbot.message.add"}

	portal := imbottest.Start()
	defer portal.Close()
	portal.On("imbot.message.add", imbottest.Result(7021))

	response, err := imbot.Call(context.Background(), portal.Client(), messageAdd, MessageAddRequest{
		DialogID: imbot.ChatID(13).DialogID(), BotID: 39, Message: "Goodbye",
	})
	if err != nil {
		log.Fatal(err)
	}

	fmt.Println("message", response.Result)
	// Output: message 7021
}

// Any code can be asked for, with or without a constant, in any letter case.
func ExampleCode() {
	portal := imbottest.Start()
	defer portal.Close()
	portal.On("imbot.chat.leave", imbottest.Refuse(400, "SOMETHING_NEW", "Not described anywhere"))

	_, err := portal.Client().Chat.Leave(context.Background(), imbot.ChatLeaveRequest{ChatID: 13})

	fmt.Println(errors.Is(err, imbot.Code("something_new")))
	// Output: true
}

func ExampleParseChatID() {
	fmt.Println(imbot.ParseChatID("chat13"))
	// Output: 13 <nil>
}

func ExampleChatID_DialogID() {
	fmt.Println(imbot.ChatID(13).DialogID())
	// Output: chat13
}

package events_test

import (
	"context"
	"fmt"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"
	"time"

	"github.com/seed-a6e4e5a4/imbot/events"
	"github.com/seed-a6e4e5a4/imbot/imbotv2"
)

// posted is what a portal posts about a message of the second generation, shortened.
func posted(ts string) *http.Request {
	request := httptest.NewRequestWithContext(context.Background(), http.MethodPost, "/", strings.NewReader("event=ONIMBOTV2MESSAGEADD"+
		"&data[bot][id]=456&data[message][id]=9&data[message][text]=hello&data[chat][id]=5&data[chat][dialogId]=chat5&data[user][id]=27"+
		"&ts="+ts+"&auth[domain]=portal.example&auth[application_token]=customEXAMPLE_BOT_TOKEN"))
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return request
}

// botToken is the Lookup of a program with one bot, on one portal.
func botToken(_ context.Context, sender events.Sender) (string, error) {
	if sender.Domain == "portal.example" {
		return "EXAMPLE_BOT_TOKEN", nil
	}
	return "", nil
}

// What a bot does about its events is the same for those that are fetched.
func ExampleWithMux() {
	mux := imbotv2.NewMux()
	mux.Message(func(_ context.Context, event *imbotv2.Event) error {
		fmt.Println(event.User.ID, "says", event.Message.Text, "in", event.DialogID)
		return nil
	})
	handler, err := events.NewHandler(botToken, events.WithMux(mux))
	if err != nil {
		log.Fatal(err)
	}

	handler.ServeHTTP(httptest.NewRecorder(), posted("1789545901"))
	fmt.Println(handler.Shutdown(context.Background()))
	// Output:
	// 27 says hello in chat5
	// <nil>
}

// A cloud function is stopped when it has answered, so it answers last.
func ExampleWithSynchronous() {
	handler, err := events.NewHandler(botToken, events.WithSynchronous(), events.OnOther(func(context.Context, *events.Event) error {
		fmt.Println("working")
		return nil
	}))
	if err != nil {
		log.Fatal(err)
	}

	answer := httptest.NewRecorder()
	handler.ServeHTTP(answer, posted("1789545901"))
	fmt.Println("answered", answer.Code)
	// Output:
	// working
	// answered 200
}

func ExampleWithoutRepeats() {
	handler, err := events.NewHandler(botToken, events.WithSynchronous(), events.WithoutRepeats(time.Minute),
		events.OnOther(func(_ context.Context, event *events.Event) error {
			fmt.Println(event.Name)
			return nil
		}))
	if err != nil {
		log.Fatal(err)
	}

	for range 2 {
		answer := httptest.NewRecorder()
		handler.ServeHTTP(answer, posted("1789545901"))
		fmt.Println("answered", answer.Code)
	}
	// Output:
	// ONIMBOTV2MESSAGEADD
	// answered 200
	// answered 200
}

// After a pause a bot does not do what was asked for long ago.
func ExampleWithMaxAge() {
	handler, err := events.NewHandler(botToken, events.WithMaxAge(time.Hour),
		events.WithErrorHandler(func(_ context.Context, err error) { fmt.Println(err) }),
		events.OnOther(func(context.Context, *events.Event) error { return nil }))
	if err != nil {
		log.Fatal(err)
	}

	handler.ServeHTTP(httptest.NewRecorder(), posted("1600000000"))
	fmt.Println(handler.Shutdown(context.Background()))
	// Output:
	// events: "ONIMBOTV2MESSAGEADD": events: the event is too old
	// <nil>
}

func ExampleEvent_Message() {
	event, err := events.Parse(posted("1789545901"))
	if err != nil {
		log.Fatal(err)
	}
	if message, ok := event.Message(); ok {
		fmt.Println(message.ID, message.Text)
	}
	_, ok := event.Command()
	fmt.Println(ok)
	_, ok = event.Reaction()
	fmt.Println(ok)
	_, ok = event.Context()
	fmt.Println(ok)
	// Output:
	// 9 hello
	// false
	// false
	// false
}

// An event of the first generation may be for several bots, and is one in the second for each.
func ExampleEvent_FetchedAll() {
	request := httptest.NewRequestWithContext(context.Background(), http.MethodPost, "/", strings.NewReader("event=ONIMBOTMESSAGEADD"+
		"&data[BOT][39][BOT_ID]=39&data[BOT][40][BOT_ID]=40&data[PARAMS][MESSAGE_ID]=9&data[PARAMS][MESSAGE]=hello"))
	event, err := events.Parse(request)
	if err != nil {
		log.Fatal(err)
	}
	for fetched := range event.FetchedAll() {
		fmt.Println(fetched.Name, fetched.Bot.ID, fetched.Message.Text)
	}
	fmt.Println(event.Fetched().Bot.ID)
	// Output:
	// ONIMBOTV2MESSAGEADD 39 hello
	// ONIMBOTV2MESSAGEADD 40 hello
	// 39
}

func ExampleEvent_ID() {
	first, err := events.Parse(posted("1789545901"))
	if err != nil {
		log.Fatal(err)
	}
	second, err := events.Parse(posted("1789545902"))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(first.ID() == second.ID())
	// Output: true
}

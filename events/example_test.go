package events_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/events"
	"github.com/seed-a6e4e5a4/imbot/imbottest"
)

// A bot that was registered by a webhook leaves every chat that it is added to. The portal is one for tests; of a real
// one it takes the webhook's client, and the CLIENT_ID that the bot was registered with.
func ExampleHandler() {
	portal := imbottest.Start()
	defer portal.Close()
	client := portal.Client()

	clientID := func(context.Context, events.Sender) (string, error) { return imbottest.ClientID, nil }
	handler, err := events.NewHandler(clientID, events.OnJoinChat(func(ctx context.Context, event *events.Event) error {
		for _, bot := range event.Bots {
			if request, ok := event.LeaveRequest(bot); ok {
				if _, err := client.Chat.EnsureLeft(ctx, request); err != nil {
					return err
				}
			}
		}
		return nil
	}))
	if err != nil {
		fmt.Println(err)
		return
	}

	portal.SendEventsTo(handler)
	portal.AddMember(imbottest.ChatElsewhere, imbot.UserID(imbottest.BotMain), imbottest.Employee)
	fmt.Println("answered", portal.Deliveries()[0].Status)

	if err := handler.Shutdown(context.Background()); err != nil {
		fmt.Println(err)
	}
	fmt.Println("in the chat:", portal.Has(imbottest.ChatElsewhere, imbottest.BotMain))
	// Output:
	// answered 200
	// in the chat: false
}

// Without a Handler, verifying is up to the caller.
func ExampleParse() {
	const stored = "EXAMPLE_APPLICATION_TOKEN" // since the application was installed
	receive := func(w http.ResponseWriter, r *http.Request) {
		event, err := events.Parse(r)
		if err != nil || !event.Verify(stored) {
			http.Error(w, "refused", http.StatusForbidden)
			return
		}
		fmt.Println(event.Name, event.ChatID, event.Bots, event.Param("LANGUAGE"))
	}

	request := httptest.NewRequestWithContext(context.Background(), http.MethodPost, "/", strings.NewReader("event=ONIMBOTJOINCHAT"+
		"&data[BOT][571][BOT_CODE]=greeter&data[BOT][571][access_token]=EXAMPLE_TOKEN"+
		"&data[PARAMS][CHAT_ID]=1157&data[PARAMS][LANGUAGE]=en"+
		"&auth[member_id]=m1&auth[application_token]=EXAMPLE_APPLICATION_TOKEN"))
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	receive(httptest.NewRecorder(), request)
	// Output: ONIMBOTJOINCHAT 1157 [events.Bot{ID:571 Code:"greeter" ClientID:"" Token:***}] en
}

// The bot of an application acts by the token that came with the event, at the address that came with the installation.
func ExampleBot_Client() {
	portal := imbottest.Start()
	defer portal.Close()
	installed := portal.OAuthClient(imbot.StaticToken(imbottest.TokenOK))
	endpoint := portal.Endpoint() // stored when the application was installed

	portal.SendEventsTo(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		event, err := events.Parse(r)
		if err != nil || !event.Verify(imbottest.ApplicationToken) {
			return
		}
		client, err := event.Bots[0].Client(installed, endpoint)
		if err != nil {
			return
		}
		request, _ := event.LeaveRequest(event.Bots[0])
		outcome, err := client.Chat.EnsureLeft(r.Context(), request)
		fmt.Println(outcome.State, err)
	}))
	portal.AddMember(imbottest.ChatElsewhere, imbot.UserID(imbottest.BotOfApp), imbottest.Employee)
	// Output: left <nil>
}

package imbottest_test

import (
	"context"
	"fmt"
	"log"
	"net/http"
	"net/url"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/imbottest"
)

// A portal with nothing in it but what the test is about.
func ExampleEmpty() {
	portal := imbottest.Start(imbottest.Empty())
	defer portal.Close()
	portal.AddUser(imbottest.User{ID: 7, Extranet: true})
	portal.AddBot(imbottest.Bot{ID: 100, Code: "greeter", ClientID: "EXAMPLE_CLIENT"})
	portal.AddChat(imbottest.Chat{ID: 5, Kind: imbottest.Group, Owner: 1, Members: []imbot.UserID{1, 7, 100}})
	client := portal.Client(imbot.WithClientID("EXAMPLE_CLIENT"))

	outcome, err := client.Chat.EnsureLeft(context.Background(), imbot.ChatLeaveRequest{ChatID: 5, BotID: 100})

	fmt.Println(outcome.State, err, portal.Members(5), portal.Removals(5))
	// Output: left <nil> [1 7] 1
}

// What a method changed can be looked at.
func ExamplePortal_Chat() {
	portal := imbottest.Start()
	defer portal.Close()
	client := portal.Client(imbot.WithClientID(imbottest.ClientID))

	added, err := client.Chat.Add(context.Background(), imbot.ChatAddRequest{Title: "Launch", Type: imbot.ChatOpen, BotID: imbottest.BotMain})
	if err != nil {
		log.Fatal(err)
	}

	chat, ok := portal.Chat(added.Result)
	fmt.Println(ok, chat.Title, chat.Kind, chat.Owner)
	// Output: true Launch OpenChat 39
}

// What was sent, as it was sent.
func ExamplePortal_Calls() {
	portal := imbottest.Start()
	defer portal.Close()
	_, err := portal.Client().Chat.Leave(context.Background(), imbot.ChatLeaveRequest{ChatID: 13, BotID: 39, ClientID: imbottest.ClientID})
	if err != nil {
		log.Fatal(err)
	}

	for _, call := range portal.Calls("imbot.chat.leave") {
		fmt.Println(call.HTTPMethod, call.Method, call.Auth, call.Status)
		fmt.Printf("%s\n", call.Body)
	}
	// Output:
	// POST imbot.chat.leave AuthWebhook 200
	// {"CHAT_ID":13,"BOT_ID":39,"CLIENT_ID":"my"}
}

// Over a loopback connection any program can call, in any language.
func ExamplePortal_ServerWebhookURL() {
	portal := imbottest.Start()
	defer portal.Close()

	request, err := http.NewRequestWithContext(context.Background(), http.MethodGet, portal.ServerWebhookURL()+"imbot.bot.list", http.NoBody)
	if err != nil {
		log.Fatal(err)
	}
	response, err := http.DefaultTransport.RoundTrip(request)
	if err != nil {
		log.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()

	fmt.Println(response.StatusCode, response.Header.Get("Content-Type"))
	// Output: 200 application/json; charset=utf-8
}

// Webhooks and tokens may do what their scopes say.
func ExamplePortal_AddWebhook() {
	portal := imbottest.Start()
	defer portal.Close()
	portal.AddWebhook(imbottest.Webhook{UserID: imbottest.Employee, Secret: "EXAMPLE_SECRET", Scopes: []string{imbottest.ScopeBots}})
	portal.AddToken(imbottest.Token{AccessToken: "EXAMPLE_TOKEN", App: imbottest.App, UserID: imbottest.Employee, Scopes: []string{"crm"}})

	hook := imbot.Webhook("https://" + imbottest.Host + "/rest/1/EXAMPLE_SECRET/")
	client, err := imbot.NewClient(hook, imbot.WithHTTPClient(portal.HTTPClient()))
	if err != nil {
		log.Fatal(err)
	}
	_, err = client.Bot.List(context.Background(), imbot.BotListRequest{})
	fmt.Println(err)

	_, err = portal.OAuthClient(imbot.StaticToken("EXAMPLE_TOKEN")).Bot.List(context.Background(), imbot.BotListRequest{})
	fmt.Println(err)
	// Output:
	// <nil>
	// imbot.bot.list: insufficient_scope: The request requires higher privileges than provided by the access token (HTTP 401)
}

// The portal moves; clients do not know of the new name.
func ExamplePortal_Rename() {
	portal := imbottest.Start()
	defer portal.Close()
	portal.Rename("renamed.example")

	_, err := portal.Client().Bot.List(context.Background(), imbot.BotListRequest{})
	fmt.Println(err)
	// Output: imbot.bot.list: not followed: redirect to renamed.example (HTTP 302)
}

// A self-hosted portal keeps no counters of working time.
func ExampleSelfHosted() {
	portal := imbottest.Start(imbottest.SelfHosted())
	defer portal.Close()

	response, err := portal.Client().Bot.List(context.Background(), imbot.BotListRequest{})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(response.Time.HasOperating)
	// Output: false
}

// Documentation and servers disagree about some codes. Sentinels match both.
func ExampleWithWire() {
	for _, wire := range []imbottest.Wire{imbottest.Current, imbottest.Documented} {
		portal := imbottest.Start(imbottest.WithWire(wire))
		client := portal.Client(imbot.WithClientID(imbottest.ClientID))

		_, err := client.Chat.Leave(context.Background(), imbot.ChatLeaveRequest{ChatID: imbottest.ChatElsewhere, BotID: imbottest.BotMain})
		fmt.Println(wire, err)
		portal.Close()
	}
	// Output:
	// Current imbot.chat.leave: ACCESS_DENIED_KICK: Access denied to kick user from chat (HTTP 400)
	// Documented imbot.chat.leave: WRONG_REQUEST: You don't have access or user isn't member in chat (HTTP 400)
}

// Events are posted to a handler in memory, or to one that listens: see SendEvents.
func ExamplePortal_SendEventsTo() {
	portal := imbottest.Start()
	defer portal.Close()
	portal.SendEventsTo(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := r.ParseForm(); err != nil {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		fmt.Println(r.PostForm.Get("event"), "for", r.PostForm.Get("auth[member_id]") == imbottest.MemberID)
	}))

	portal.AddMember(imbottest.ChatElsewhere, imbot.UserID(imbottest.BotMain), imbottest.Employee)
	portal.PostMessage(imbottest.ChatElsewhere, imbottest.Employee, "hello", imbottest.BotMain)
	portal.DeleteBot(imbottest.BotMain)

	for _, delivery := range portal.Deliveries() {
		fmt.Println("answered", delivery.Status)
	}
	// Output:
	// ONIMBOTJOINCHAT for true
	// ONIMBOTMESSAGEADD for true
	// ONIMBOTDELETE for true
	// answered 200
	// answered 200
	// answered 200
}

// A portal that runs for long does not keep every call.
func ExampleKeepCalls() {
	portal := imbottest.Start(imbottest.KeepCalls(2))
	defer portal.Close()
	for range 5 {
		if _, err := portal.Client().Bot.List(context.Background(), imbot.BotListRequest{}); err != nil {
			log.Fatal(err)
		}
	}
	fmt.Println(len(portal.Calls()))
	// Output: 2
}

func ExamplePortal_CloseSite() {
	portal := imbottest.Start()
	defer portal.Close()
	client := portal.Client()
	list := func() {
		_, err := client.Bot.List(context.Background(), imbot.BotListRequest{})
		fmt.Println(err)
	}

	portal.CloseSite(0)
	list()
	portal.Reopen()
	portal.Overload(0)
	list()
	portal.Reopen()
	list()
	// Output:
	// imbot.bot.list: PORTAL_DELETED: Portal was deleted (HTTP 403)
	// imbot.bot.list: OVERLOAD_LIMIT: REST API is blocked due to overload. (HTTP 401)
	// <nil>
}

// In memory: no network and no goroutine, so that a bubble of testing/synctest can hold all of it.
func ExamplePortal_RoundTripper() {
	portal := imbottest.Start()
	defer portal.Close()
	own := &http.Client{Transport: portal.RoundTripper()}

	client, err := imbot.NewClient(imbot.Webhook(portal.WebhookURL()), imbot.WithHTTPClient(own))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(client)
	fmt.Println(portal.Endpoint(), portal.TokenURL()) // for applications
	// Output:
	// imbot.Client(imbot.Webhook(https://portal.example/rest/***))
	// https://portal.example/rest/ https://oauth.example/oauth/token/
}

// On a loopback port: for programs that bring a transport of their own.
func ExamplePortal_URL() {
	portal := imbottest.Start()
	defer portal.Close()

	for _, address := range []string{portal.URL(), portal.ServerEndpoint(), portal.ServerTokenURL()} {
		u, err := url.Parse(address)
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(u.Scheme, u.Hostname()+u.Path)
	}
	// Output:
	// http 127.0.0.1
	// http 127.0.0.1/rest/
	// http 127.0.0.1/oauth-server/oauth/token/
}

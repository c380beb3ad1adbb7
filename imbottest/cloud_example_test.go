package imbottest_test

import (
	"context"
	"fmt"
	"log"
	"net/http"
	"net/http/httptest"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/imbottest"
)

// Two portals on which the same application is installed. Its token for one is none for the other.
func ExampleCloud() {
	first := imbottest.Start(imbottest.WithHost("first.example"), imbottest.WithMemberID("first"))
	defer first.Close()
	second := imbottest.Start(imbottest.WithHost("second.example"), imbottest.WithMemberID("second"))
	defer second.Close()
	cloud := imbottest.NewCloud(first, second)

	grant := first.IssueTokens(imbottest.App)
	fmt.Println(grant.MemberID, grant.ClientEndpoint)
	for _, portal := range []*imbottest.Portal{first, second} {
		client, err := imbot.NewClient(imbot.OAuth(portal.Endpoint(), imbot.StaticToken(grant.AccessToken)), imbot.WithHTTPClient(cloud.HTTPClient()))
		if err != nil {
			log.Fatal(err)
		}
		_, err = client.Chat.Leave(context.Background(), imbot.ChatLeaveRequest{ChatID: imbottest.ChatGroup, BotID: imbottest.BotOfApp})
		fmt.Println(client.Portal(), err)
	}
	// Output:
	// first https://first.example/rest/
	// first.example <nil>
	// second.example imbot.chat.leave: invalid_token: Unable to get application by token (HTTP 401)
}

// A program serves a portal beside a page of its own.
func ExampleWithAddress() {
	mux := http.NewServeMux()
	server := httptest.NewServer(mux)
	defer server.Close()
	portal := imbottest.Start(imbottest.WithAddress(server.URL))
	defer portal.Close()
	mux.Handle("/rest/", portal)
	mux.HandleFunc("/hello", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "Hello") })

	fmt.Println(portal.ServerWebhookURL() == server.URL+"/rest/1/s3cr3t00/")
	client, err := imbot.NewClient(imbot.Webhook(portal.ServerWebhookURL()), imbot.WithClientID(imbottest.ClientID))
	if err != nil {
		log.Fatal(err)
	}
	_, err = client.Chat.Leave(context.Background(), imbot.ChatLeaveRequest{ChatID: imbottest.ChatGroup, BotID: imbottest.BotMain})
	fmt.Println(err, portal.Has(imbottest.ChatGroup, imbottest.BotMain))
	// Output:
	// true
	// <nil> false
}

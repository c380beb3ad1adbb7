package imbottest_test

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"log"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/imbottest"
)

// askForTokens asks the OAuth server for a new pair, as package oauth does: by a refresh token, or by a code. It
// returns the access token, or the error in its place.
func askForTokens(portal *imbottest.Portal, app imbottest.Application, name, value string) string {
	form := url.Values{"client_id": {app.ID}, "client_secret": {app.Secret}, name: {value}}
	form.Set("grant_type", map[string]string{"code": "authorization_code", "refresh_token": "refresh_token"}[name])
	request, err := http.NewRequestWithContext(context.Background(), http.MethodPost, portal.TokenURL(), strings.NewReader(form.Encode()))
	if err != nil {
		log.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	response, err := portal.HTTPClient().Do(request)
	if err != nil {
		log.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	var answer struct {
		AccessToken string `json:"access_token"`
		Error       string `json:"error"`
	}
	if err := json.NewDecoder(response.Body).Decode(&answer); err != nil {
		log.Fatal(err)
	}
	return cmp.Or(answer.Error, answer.AccessToken)
}

var exampleApp = imbottest.Application{ID: imbottest.App, Secret: imbottest.AppSecret}

// Tokens expire when the test says so. A refresh token works once.
func ExamplePortal_Expire() {
	portal := imbottest.Start()
	defer portal.Close()
	grant := portal.IssueTokens(imbottest.App)
	portal.Expire(grant.AccessToken)

	list := func(token string) {
		_, err := portal.OAuthClient(imbot.StaticToken(token)).Bot.List(context.Background(), imbot.BotListRequest{})
		fmt.Println(err)
	}
	list(grant.AccessToken)
	list(askForTokens(portal, exampleApp, "refresh_token", grant.RefreshToken))
	fmt.Println(askForTokens(portal, exampleApp, "refresh_token", grant.RefreshToken))
	for _, call := range portal.TokenCalls() {
		fmt.Println(call.Form.Get("grant_type"), call.Status)
	}
	// Output:
	// imbot.bot.list: expired_token: The access token provided has expired (HTTP 401)
	// <nil>
	// invalid_grant
	// refresh_token 200
	// refresh_token 400
}

func ExampleRefuseTokens() {
	portal := imbottest.Start()
	defer portal.Close()
	portal.FaultTokens(imbottest.RefuseTokens(http.StatusBadRequest, "invalid_scope", ""))

	fmt.Println(askForTokens(portal, exampleApp, "code", portal.Authorize(imbottest.App)))
	// Output: invalid_scope
}

// What the OAuth server says of an application that is not paid for, or gone.
func ExamplePortal_RemoveApplication() {
	portal := imbottest.Start()
	defer portal.Close()
	grant := portal.IssueTokens(imbottest.App)

	portal.EndSubscription(imbottest.App)
	fmt.Println(askForTokens(portal, exampleApp, "refresh_token", grant.RefreshToken))
	portal.AddApplication(exampleApp) // paid for again
	portal.RemoveApplication(imbottest.App)
	fmt.Println(askForTokens(portal, exampleApp, "refresh_token", grant.RefreshToken))
	// Output:
	// PAYMENT_REQUIRED
	// NOT_INSTALLED
}

// An application of one's own, and the code that a user brings back who has authorized it.
func ExamplePortal_Authorize() {
	portal := imbottest.Start()
	defer portal.Close()
	own := imbottest.Application{ID: "app.example", Secret: "EXAMPLE_SECRET", Scopes: []string{imbottest.ScopeBots}}
	portal.AddApplication(own)

	token := askForTokens(portal, own, "code", portal.Authorize(own.ID))
	client, err := imbot.NewClient(imbot.OAuth(portal.Endpoint(), imbot.StaticToken(token)), imbot.WithHTTPClient(portal.HTTPClient()))
	if err != nil {
		log.Fatal(err)
	}
	_, err = client.Bot.List(context.Background(), imbot.BotListRequest{})
	fmt.Println(err)
	// Output: <nil>
}

// Installing brings a pair of tokens, and removing none. The handler may listen anywhere that can be reached.
func ExamplePortal_InstallApp() {
	portal := imbottest.Start()
	defer portal.Close()
	handler := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := r.ParseForm(); err != nil {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		fmt.Println(r.PostForm.Get("event"), r.PostForm.Has("auth[refresh_token]"))
	}))
	defer handler.Close()

	portal.SendEvents(handler.URL)
	portal.InstallApp(imbottest.App)
	portal.UninstallApp(imbottest.App)
	// Output:
	// ONAPPINSTALL true
	// ONAPPUNINSTALL false
}

// A portal opens the installer of an application in a frame.
func ExamplePortal_Frame() {
	portal := imbottest.Start()
	defer portal.Close()
	form := portal.Frame(imbottest.App)
	fmt.Println(form.Get("AUTH_ID"), form.Get("REFRESH_ID"), form.Get("DOMAIN"))
	fmt.Println(form.Get("APPLICATION_TOKEN") == imbottest.ApplicationToken)
	// Output:
	// access-1 refresh-1 portal.example
	// true
}

package imbottest_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/imbottest"
)

// leaveUnder makes one attempt to leave a group under a fault, and returns what the caller is told and what happened.
func leaveUnder(fault imbottest.Fault) string { return attemptUnder(fault, false) }

// leaveImpatiently does the same, and gives up as soon as the request is at the portal.
func leaveImpatiently(fault imbottest.Fault) string { return attemptUnder(fault, true) }

func attemptUnder(fault imbottest.Fault, impatient bool) string {
	portal := imbottest.Start()
	defer portal.Close()
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	portal.FaultFunc(func(imbottest.Call) imbottest.Fault {
		if impatient {
			cancel()
		}
		return fault
	})
	client := portal.Client(imbot.WithClientID(imbottest.ClientID), imbot.WithRetry(imbot.RetryPolicy{}))

	_, err := client.Chat.Leave(ctx, imbot.ChatLeaveRequest{ChatID: imbottest.ChatGroup, BotID: imbottest.BotMain})
	told := "refused, or not sent"
	switch {
	case err == nil:
		told = "left"
	case errors.Is(err, imbot.ErrOutcomeUnknown):
		told = "unknown"
	}
	return fmt.Sprintf("told: %s; in the chat: %v", told, portal.Has(imbottest.ChatGroup, imbottest.BotMain))
}

func ExampleLoseBefore() {
	fmt.Println(leaveUnder(imbottest.LoseBefore()))
	// Output: told: unknown; in the chat: true
}

func ExampleLoseAfter() {
	fmt.Println(leaveUnder(imbottest.LoseAfter()))
	// Output: told: unknown; in the chat: false
}

func ExampleRefuseDial() {
	fmt.Println(leaveUnder(imbottest.RefuseDial()))
	// Output: told: refused, or not sent; in the chat: true
}

func ExampleTruncate() {
	fmt.Println(leaveUnder(imbottest.Truncate(7)))
	// Output: told: unknown; in the chat: false
}

func ExampleCutJSON() {
	fmt.Println(leaveUnder(imbottest.CutJSON(7)))
	// Output: told: unknown; in the chat: false
}

func ExampleWrongLength() {
	fmt.Println(leaveUnder(imbottest.WrongLength()))
	// Output: told: unknown; in the chat: false
}

func ExampleHTML() {
	fmt.Println(leaveUnder(imbottest.HTML(http.StatusForbidden)))
	// Output: told: refused, or not sent; in the chat: true
}

func ExampleHTMLAfter() {
	fmt.Println(leaveUnder(imbottest.HTMLAfter(http.StatusBadGateway)))
	// Output: told: unknown; in the chat: false
}

func ExampleInside200() {
	fmt.Println(leaveUnder(imbottest.Inside200("ACCESS_ERROR", "Action unavailable")))
	// Output: told: refused, or not sent; in the chat: true
}

func ExampleRedirectTo() {
	fmt.Println(leaveUnder(imbottest.RedirectTo("https://elsewhere.example/login")))
	// Output: told: refused, or not sent; in the chat: true
}

func ExampleNoFault() {
	fmt.Println(leaveUnder(imbottest.NoFault()))
	// Output: told: left; in the chat: false
}

// The caller is gone before the portal acts.
func ExampleSlowBefore() {
	fmt.Println(leaveImpatiently(imbottest.SlowBefore(time.Hour)))
	// Output: told: unknown; in the chat: true
}

// The portal has acted when the caller loses patience.
func ExampleSlowAfter() {
	fmt.Println(leaveImpatiently(imbottest.SlowAfter(time.Hour)))
	// Output: told: unknown; in the chat: false
}

// Every second call is lost.
func ExamplePortal_FaultFunc() {
	portal := imbottest.Start()
	defer portal.Close()
	calls := 0
	portal.FaultFunc(func(imbottest.Call) imbottest.Fault {
		if calls++; calls%2 == 0 {
			return imbottest.LoseAfter()
		}
		return imbottest.NoFault()
	})
	client := portal.Client(imbot.WithRetry(imbot.RetryPolicy{}))

	for range 4 {
		_, err := client.Bot.List(context.Background(), imbot.BotListRequest{})
		fmt.Println(errors.Is(err, imbot.ErrOutcomeUnknown))
	}
	// Output:
	// false
	// true
	// false
	// true
}

// What real answers look like, and worse ones.
func ExampleRaw() {
	portal := imbottest.Start()
	defer portal.Close()
	portal.On("imbot.bot.list",
		imbottest.Raw(http.StatusOK, "text/html", "<html>Log in</html>"),
		imbottest.Broken(),
		imbottest.Result([]any{}))
	client := portal.Client(imbot.WithRetry(imbot.RetryPolicy{}))

	for range 3 {
		_, err := client.Bot.List(context.Background(), imbot.BotListRequest{})
		fmt.Println(errors.Is(err, imbot.ErrOutcomeUnknown), err == nil)
	}
	// Output:
	// true false
	// true false
	// false true
}

// A fault of a method whose name has a slip is never met, and a test with it shows nothing.
func ExamplePortal_Unmet() {
	portal := imbottest.Start() // one of NewPortal says it by itself, when the test ends
	defer portal.Close()
	portal.Fault("imbot.chat.laeve", imbottest.LoseAfter())

	_, err := portal.Client(imbot.WithClientID(imbottest.ClientID)).Chat.Leave(context.Background(), imbot.ChatLeaveRequest{ChatID: 13, BotID: 39})

	fmt.Println(err)
	for _, unmet := range portal.Unmet() {
		fmt.Println(unmet)
	}
	// Output:
	// <nil>
	// Fault: 0 of 1 faults for imbot.chat.laeve were met: the portal has no model of it, is there a slip in the name?
}

// Only the first of two answers is lost for certain: where nobody asks again, the second is never sent.
func ExampleFault_Optional() {
	portal := imbottest.Start()
	defer portal.Close()
	portal.Fault("imbot.bot.list", imbottest.LoseAfter(), imbottest.LoseAfter().Optional())

	_, err := portal.Client(imbot.WithRetry(imbot.RetryPolicy{})).Bot.List(context.Background(), imbot.BotListRequest{})

	fmt.Println(errors.Is(err, imbot.ErrOutcomeUnknown), portal.Unmet())
	// Output: true []
}

// Tests that share their preparations do not need all of them.
func ExampleAnswer_Optional() {
	portal := imbottest.Start()
	defer portal.Close()
	portal.On("imbot.app.register", imbottest.Result(11))
	portal.On("imbot.message.delete", imbottest.Result(true).Optional())

	for _, unmet := range portal.Unmet() {
		fmt.Println(unmet)
	}
	// Output: On: there was no call of imbot.app.register, which the portal has no model of
}

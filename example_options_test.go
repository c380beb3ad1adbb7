package imbot_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"log/slog"
	"net/http"
	"os"
	"time"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/imbottest"
)

// A bot that was registered by a webhook belongs to a CLIENT_ID.
func ExampleWithClientID() {
	portal := imbottest.Start()
	defer portal.Close()
	leave := imbot.ChatLeaveRequest{ChatID: 13, BotID: 39}

	_, err := portal.Client().Chat.Leave(context.Background(), leave)
	fmt.Println(errors.Is(err, imbot.ErrClientIDMissing))

	_, err = portal.Client(imbot.WithClientID(imbottest.ClientID)).Chat.Leave(context.Background(), leave)
	fmt.Println(err)
	// Output:
	// true
	// <nil>
}

// The Transport and the Timeout of the client are used, and the client itself is left alone.
func ExampleWithHTTPClient() {
	portal := imbottest.Start()
	defer portal.Close()
	own := &http.Client{Transport: portal.RoundTripper(), Timeout: 10 * time.Second}

	client, err := imbot.NewClient(imbot.Webhook(portal.WebhookURL()), imbot.WithHTTPClient(own))
	if err != nil {
		log.Fatal(err)
	}
	bots, err := client.Bot.List(context.Background(), imbot.BotListRequest{})
	fmt.Println(len(bots.Result) > 0, err)
	// Output: true <nil>
}

// Portals count the requests of all programs behind one address, so clients of one portal share a limiter.
func ExampleWithLimiter() {
	limiter := imbot.NewLimiter(imbot.PlanEnterprise)
	for _, hook := range []string{"https://portal.example/rest/1/EXAMPLE_SECRET_1/", "https://portal.example/rest/7/EXAMPLE_SECRET_2/"} {
		if _, err := imbot.NewClient(imbot.Webhook(hook), imbot.WithLimiter(limiter)); err != nil {
			log.Fatal(err)
		}
	}
	fmt.Printf("together %v requests a second, after %d at once\n", limiter.Limit(), limiter.Burst())
	// Output: together 5 requests a second, after 250 at once
}

func ExampleNewLimiter() {
	limiter := imbot.NewLimiter(imbot.PlanStandard)

	fmt.Println(limiter.Limit(), limiter.Burst())
	// Output: 2 50
}

func ExamplePlan_String() {
	fmt.Println(imbot.PlanStandard, imbot.PlanEnterprise)
	// Output: Standard Enterprise
}

func ExampleWithLogger() {
	portal := imbottest.Start()
	defer portal.Close()
	withoutTimes := func(_ []string, a slog.Attr) slog.Attr {
		if a.Key == slog.TimeKey || a.Value.Kind() == slog.KindDuration {
			return slog.Attr{}
		}
		return a
	}
	logger := slog.New(slog.NewTextHandler(os.Stdout, &slog.HandlerOptions{Level: slog.LevelDebug, ReplaceAttr: withoutTimes}))

	client := portal.Client(imbot.WithLogger(logger))
	_, _ = client.Chat.Leave(context.Background(), imbot.ChatLeaveRequest{ChatID: 13, BotID: 39})
	// Output: level=DEBUG msg="bitrix24 request" method=imbot.chat.leave portal=portal.example attempt=1 status=403 code=ACCESS_DENIED
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

// A trace is told when a call begins and how it ended. What it puts into the context is there for all that the call does.
func ExampleWithTrace() {
	portal := imbottest.Start()
	defer portal.Close()
	portal.Fault("imbot.chat.leave", imbottest.RefuseDial())
	type spanKey struct{}
	client := portal.Client(imbot.WithClientID(imbottest.ClientID),
		imbot.WithRetry(imbot.RetryPolicy{MaxAttempts: 2, BaseDelay: time.Millisecond}),
		imbot.WithTrace(func(ctx context.Context, call imbot.CallInfo) (context.Context, func(imbot.CallResult)) {
			return context.WithValue(ctx, spanKey{}, "span of "+call.Method), func(result imbot.CallResult) {
				fmt.Println(call.Method, result.Outcome, "after", result.Attempts, "requests")
			}
		}),
		imbot.WithObserver(func(ctx context.Context, a imbot.Attempt) {
			fmt.Println("request", a.Number, "in", ctx.Value(spanKey{}))
		}))

	_, err := client.Chat.Leave(context.Background(), imbot.ChatLeaveRequest{ChatID: 13, BotID: 39})
	if err != nil {
		log.Fatal(err)
	}
	// Output:
	// request 1 in span of imbot.chat.leave
	// request 2 in span of imbot.chat.leave
	// imbot.chat.leave done after 2 requests
}

// A goal takes several calls. What is put into the context when it begins is there for all of them.
func ExampleWithGoalTrace() {
	portal := imbottest.Start()
	defer portal.Close()
	portal.Fault("imbot.chat.leave", imbottest.LoseAfter())
	type spanKey struct{}
	client := portal.Client(imbot.WithClientID(imbottest.ClientID),
		imbot.WithGoalTrace(func(ctx context.Context, goal imbot.GoalInfo) (context.Context, func(imbot.GoalResult)) {
			return context.WithValue(ctx, spanKey{}, goal.Goal), func(result imbot.GoalResult) {
				fmt.Println(goal.Goal, result.Left, result.Out, result.Failed)
			}
		}),
		imbot.WithTrace(func(ctx context.Context, call imbot.CallInfo) (context.Context, func(imbot.CallResult)) {
			fmt.Println(call.Method, "in", ctx.Value(spanKey{}))
			return ctx, nil
		}))

	_, err := client.Chat.EnsureLeft(context.Background(), imbot.ChatLeaveRequest{ChatID: 13, BotID: 39})
	if err != nil {
		log.Fatal(err)
	}
	// Output:
	// imbot.chat.leave in ensure left
	// imbot.chat.user.list in ensure left
	// ensure left 0 1 0
}

// A package that watches clients hands out one option.
func ExampleWithOptions() {
	portal := imbottest.Start()
	defer portal.Close()
	watch := imbot.WithOptions(
		imbot.WithObserver(func(_ context.Context, a imbot.Attempt) { fmt.Println("HTTP", a.StatusCode) }),
		imbot.WithTrace(func(ctx context.Context, _ imbot.CallInfo) (context.Context, func(imbot.CallResult)) {
			return ctx, func(result imbot.CallResult) { fmt.Println(result.Outcome, result.Code) }
		}),
	)

	client := portal.Client(imbot.WithClientID(imbottest.ClientID), watch)
	_, _ = client.Chat.Leave(context.Background(), imbot.ChatLeaveRequest{ChatID: imbottest.ChatGeneral, BotID: 39})
	// Output:
	// HTTP 403
	// refused ACCESS_ERROR
}

// Middleware sees each request without the webhook and without the token: tracing may record its address.
func ExampleWithMiddleware() {
	portal := imbottest.Start()
	defer portal.Close()
	trace := func(next http.RoundTripper) http.RoundTripper {
		return transport(func(req *http.Request) (*http.Response, error) {
			fmt.Println(req.Method, req.URL)
			return next.RoundTrip(req)
		})
	}

	client := portal.Client(imbot.WithMiddleware(trace))
	_, err := client.Bot.List(context.Background(), imbot.BotListRequest{})
	fmt.Println(err)
	// Output:
	// POST https://portal.example/rest/imbot.bot.list
	// <nil>
}

type transport func(*http.Request) (*http.Response, error)

func (f transport) RoundTrip(req *http.Request) (*http.Response, error) { return f(req) }

// A program with a user in front of it gives up earlier; the zero policy never repeats.
func ExampleWithRetry() {
	portal := imbottest.Start()
	defer portal.Close()
	portal.Fault("imbot.bot.list", imbottest.RefuseDial(), imbottest.RefuseDial(), imbottest.RefuseDial())
	quick := imbot.RetryPolicy{MaxAttempts: 2, BaseDelay: time.Millisecond}

	_, err := portal.Client(imbot.WithRetry(quick)).Bot.List(context.Background(), imbot.BotListRequest{})
	fmt.Println(err != nil)
	_, err = portal.Client(imbot.WithRetry(imbot.RetryPolicy{})).Bot.List(context.Background(), imbot.BotListRequest{})
	fmt.Println(err != nil)
	fmt.Println("reached the portal:", len(portal.Calls()))
	// Output:
	// true
	// true
	// reached the portal: 0
}

func ExampleWithUserAgent() {
	portal := imbottest.Start()
	defer portal.Close()

	_, err := portal.Client(imbot.WithUserAgent("greeter/2.1")).Bot.List(context.Background(), imbot.BotListRequest{})
	if err != nil {
		log.Fatal(err)
	}
	var product string
	_, _ = fmt.Sscan(portal.Calls()[0].Header.Get("User-Agent"), &product)
	fmt.Println(product)
	// Output: greeter/2.1
}

// A self-hosted portal that gets another address of the same owner.
func ExampleWithRedirectPolicy() {
	portal := imbottest.Start()
	defer portal.Close()
	portal.Rename("team.portal.example")
	ours := func(from, to string) bool { return from == "portal.example" && to == "team.portal.example" }

	_, err := portal.Client(imbot.WithRedirectPolicy(ours)).Bot.List(context.Background(), imbot.BotListRequest{})
	fmt.Println(err)
	// Output: <nil>
}

func ExampleNoRedirect() {
	portal := imbottest.Start()
	defer portal.Close()
	portal.Rename("renamed.portal.example")

	_, err := portal.Client(imbot.WithRedirectPolicy(imbot.NoRedirect)).Bot.List(context.Background(), imbot.BotListRequest{})
	if redirect, ok := errors.AsType[*imbot.RedirectError](err); ok {
		fmt.Println("not followed to", redirect.Host)
	}
	// Output: not followed to renamed.portal.example
}

func ExampleRenamedPortal() {
	fmt.Println(imbot.RenamedPortal("example.bitrix24.com", "example-new.bitrix24.com"))
	fmt.Println(imbot.RenamedPortal("example.bitrix24.com", "example.bitrix24.ru"))
	fmt.Println(imbot.RenamedPortal("example.bitrix24.com", "portal.example"))
	// Output:
	// true
	// false
	// false
}

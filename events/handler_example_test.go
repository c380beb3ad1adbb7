package events_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"time"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/events"
	"github.com/seed-a6e4e5a4/imbot/imbottest"
)

// knownPortals is what a program has stored when its application was installed.
func knownPortals(_ context.Context, sender events.Sender) (string, error) {
	if sender.MemberID == imbottest.MemberID {
		return imbottest.ApplicationToken, nil
	}
	return "", nil
}

// There is a callback for each kind of event. With one worker they are called one after the other.
func ExampleNewHandler() {
	portal := imbottest.Start()
	defer portal.Close()
	say := func(what string) events.Callback {
		return func(_ context.Context, event *events.Event) error {
			fmt.Println(what, event.Name)
			return nil
		}
	}
	handler, err := events.NewHandler(knownPortals,
		events.OnAppInstall(say("installed:")),
		events.OnJoinChat(say("added:")),
		events.OnMessageAdd(say("told something:")),
		events.OnBotDelete(say("deleted:")),
		events.OnAppUninstall(say("removed:")),
		events.OnOther(say("something else:")),
		events.WithWorkers(1))
	if err != nil {
		log.Fatal(err)
	}

	portal.SendEventsTo(handler)
	portal.InstallApp(imbottest.App)
	portal.AddMember(imbottest.ChatElsewhere, imbot.UserID(imbottest.BotOfApp), imbottest.Employee)
	portal.PostMessage(imbottest.ChatGroup, imbottest.Employee, "hello", imbottest.BotOfApp)
	portal.DeleteBot(imbottest.BotOfApp)
	portal.UninstallApp(imbottest.App)
	fmt.Println(handler.Shutdown(context.Background()))
	// Output:
	// installed: ONAPPINSTALL
	// added: ONIMBOTJOINCHAT
	// told something: ONIMBOTMESSAGEADD
	// deleted: ONIMBOTDELETE
	// removed: ONAPPUNINSTALL
	// <nil>
}

// forged is a post that anybody could send.
func forged() *http.Request {
	request := httptest.NewRequestWithContext(context.Background(), http.MethodPost, "/", strings.NewReader("event=ONIMBOTJOINCHAT"+
		"&data[BOT][39][BOT_CODE]=greeter&data[PARAMS][CHAT_ID]=13&auth[member_id]=m1&auth[application_token]=EXAMPLE_GUESS"))
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return request
}

func ExampleWithErrorHandler() {
	handler, err := events.NewHandler(knownPortals,
		events.WithErrorHandler(func(_ context.Context, err error) { fmt.Println(err, errors.Is(err, events.ErrUnverified)) }))
	if err != nil {
		log.Fatal(err)
	}

	answer := httptest.NewRecorder()
	handler.ServeHTTP(answer, forged())
	fmt.Println(answer.Code)
	// Output:
	// events: unverified: no application token is known for the portal (HTTP 403) true
	// 403
}

func ExampleWithLogger() {
	withoutTime := func(_ []string, a slog.Attr) slog.Attr {
		if a.Key == slog.TimeKey {
			return slog.Attr{}
		}
		return a
	}
	logger := slog.New(slog.NewTextHandler(os.Stdout, &slog.HandlerOptions{ReplaceAttr: withoutTime}))
	handler, err := events.NewHandler(knownPortals, events.WithLogger(logger))
	if err != nil {
		log.Fatal(err)
	}

	handler.ServeHTTP(httptest.NewRecorder(), forged())
	// Output: level=WARN msg="event refused" status=403 error="events: unverified: no application token is known for the portal (HTTP 403)"
}

// An installation brings the token by which later events are verified. Who may install is for the program to say.
func ExampleWithInstallCheck() {
	portal := imbottest.Start()
	defer portal.Close()
	expected := map[string]bool{imbottest.MemberID: true} // portals that customers have named
	stored := map[string]string{}

	handler, err := events.NewHandler(
		func(_ context.Context, sender events.Sender) (string, error) { return stored[sender.MemberID], nil },
		events.WithInstallCheck(func(_ context.Context, event *events.Event) error {
			if !expected[event.MemberID] {
				return errors.New("nobody has announced this portal")
			}
			stored[event.MemberID] = event.ApplicationToken // and event.Auth, for calls
			return nil
		}))
	if err != nil {
		log.Fatal(err)
	}

	portal.SendEventsTo(handler)
	portal.InstallApp(imbottest.App)
	fmt.Println(portal.Deliveries()[0].Status, stored[imbottest.MemberID] == imbottest.ApplicationToken)
	// Output: 200 true
}

// A callback that waits for something which does not come is told when its time is over.
func ExampleWithCallbackTimeout() {
	portal := imbottest.Start()
	defer portal.Close()
	handler, err := events.NewHandler(knownPortals,
		events.WithCallbackTimeout(time.Millisecond), // in earnest, as long as its calls may take
		events.WithErrorHandler(func(_ context.Context, err error) { fmt.Println(err) }),
		events.OnMessageAdd(func(ctx context.Context, _ *events.Event) error {
			<-ctx.Done()
			return ctx.Err()
		}))
	if err != nil {
		log.Fatal(err)
	}

	portal.SendEventsTo(handler)
	portal.PostMessage(imbottest.ChatGroup, imbottest.Employee, "hello", imbottest.BotOfApp)
	fmt.Println(handler.Shutdown(context.Background()))
	// Output:
	// events: "ONIMBOTMESSAGEADD": context deadline exceeded
	// <nil>
}

// When all workers have work and the queue is full, events are refused instead of piling up.
func ExampleWithQueue() {
	portal := imbottest.Start()
	defer portal.Close()
	begun, goOn := make(chan bool), make(chan bool)
	handler, err := events.NewHandler(knownPortals, events.WithWorkers(1), events.WithQueue(0),
		events.OnMessageAdd(func(context.Context, *events.Event) error {
			begun <- true
			<-goOn
			return nil
		}))
	if err != nil {
		log.Fatal(err)
	}

	portal.SendEventsTo(handler)
	portal.PostMessage(imbottest.ChatGroup, imbottest.Employee, "first", imbottest.BotOfApp)
	<-begun
	portal.PostMessage(imbottest.ChatGroup, imbottest.Employee, "second", imbottest.BotOfApp)
	close(goOn)

	for _, delivery := range portal.Deliveries() {
		fmt.Println(delivery.Status)
	}
	fmt.Println(handler.Shutdown(context.Background()))
	// Output:
	// 200
	// 503
	// <nil>
}

// Events are kept before the portal is answered, and worked on later. The queue here is a channel; that of module
// eventqueue keeps them on disk.
func ExampleWithEnqueue() {
	queue := make(chan []byte, 10)
	put := func(_ context.Context, event *events.Event) error {
		kept, err := event.MarshalBinary() // without tokens
		if err == nil {
			queue <- kept
		}
		return err
	}
	clientID := func(context.Context, events.Sender) (string, error) { return imbottest.ClientID, nil }
	handler, err := events.NewHandler(clientID, events.WithEnqueue(put),
		events.OnJoinChat(func(_ context.Context, event *events.Event) error {
			fmt.Println("joined", event.ChatID)
			return nil
		}))
	if err != nil {
		fmt.Println(err)
		return
	}
	portal := imbottest.Start()
	defer portal.Close()
	portal.SendEventsTo(handler)
	portal.AddMember(imbottest.ChatElsewhere, imbot.UserID(imbottest.BotMain), imbottest.Employee)
	fmt.Println("answered", portal.Deliveries()[0].Status)

	event := new(events.Event)
	if err := event.UnmarshalBinary(<-queue); err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("kept:", event.Kept())
	fmt.Println(handler.Work(context.Background(), event))
	// Output:
	// answered 200
	// kept: true
	// joined 14
	// <nil>
}

// A trace is called for each post, and for the work for its event. What it puts into the context is there for the callback.
func ExampleWithTrace() {
	portal := imbottest.Start()
	defer portal.Close()
	handler, err := events.NewHandler(knownPortals, events.WithSynchronous(),
		events.OnJoinChat(func(context.Context, *events.Event) error { return nil }),
		events.WithTrace(func(ctx context.Context, step events.StepInfo) (context.Context, func(events.StepResult)) {
			return ctx, func(result events.StepResult) { fmt.Println(step.Step, result.Name, result.Outcome) }
		}))
	if err != nil {
		log.Fatal(err)
	}
	portal.SendEventsTo(handler)
	portal.AddMember(imbottest.ChatElsewhere, imbot.UserID(imbottest.BotOfApp), imbottest.Employee)
	if err := handler.Shutdown(context.Background()); err != nil {
		log.Fatal(err)
	}
	// Output:
	// work ONIMBOTJOINCHAT done
	// receive ONIMBOTJOINCHAT accepted
}

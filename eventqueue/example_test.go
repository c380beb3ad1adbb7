package eventqueue_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/eventqueue"
	"github.com/seed-a6e4e5a4/imbot/events"
	"github.com/seed-a6e4e5a4/imbot/imbottest"
	"github.com/seed-a6e4e5a4/imbot/imbotv2"
)

// openTemp opens a queue in a folder that is removed when it is closed.
func openTemp(ctx context.Context) (queue *eventqueue.Queue, closeAll func(), err error) {
	dir, err := os.MkdirTemp("", "eventqueue")
	if err != nil {
		return nil, nil, err
	}
	queue, err = eventqueue.Open(ctx, dir)
	return queue, func() { _ = errors.Join(queue.Close(), os.RemoveAll(dir)) }, err
}

// A portal is answered 200 when its event is on disk, and the work is done by the callbacks of the handler.
func ExampleOpen() {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	queue, closeAll, err := openTemp(ctx)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer closeAll()
	clientID := func(context.Context, events.Sender) (string, error) { return imbottest.ClientID, nil }
	handler, err := events.NewHandler(clientID, events.WithEnqueue(queue.Put),
		events.OnJoinChat(func(_ context.Context, event *events.Event) error {
			fmt.Println("joined", event.ChatID)
			cancel()
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
	fmt.Println(queue.Work(ctx, handler.Work))
	// Output:
	// answered 200
	// joined 14
	// <nil>
}

// Replicas share a queue on a server. The one here is for the example, on a loopback port.
func ExampleConnect() {
	dir, err := os.MkdirTemp("", "eventqueue")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer func() { _ = os.RemoveAll(dir) }()
	natsServer, err := server.NewServer(&server.Options{Host: "127.0.0.1", Port: server.RANDOM_PORT, JetStream: true, StoreDir: dir, NoSigs: true, NoLog: true})
	if err != nil {
		fmt.Println(err)
		return
	}
	natsServer.Start()
	defer natsServer.Shutdown()

	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	conn, err := nats.Connect(natsServer.ClientURL(), nats.MaxReconnects(-1))
	if err != nil {
		fmt.Println(err)
		return
	}
	defer conn.Close()
	var queues []*eventqueue.Queue // of two replicas; each has a connection of its own
	for range 2 {
		queue, err := eventqueue.Connect(ctx, conn, eventqueue.WithName("BOT"), eventqueue.WithReplicas(1))
		if err != nil {
			fmt.Println(err)
			return
		}
		queues = append(queues, queue)
	}
	fmt.Println(queues[0].Put(ctx, &events.Event{Name: events.BotDelete, MemberID: "m1", Bots: []events.Bot{{ID: 9}}}))
	fmt.Println(queues[1].Work(ctx, func(_ context.Context, event *events.Event) error {
		fmt.Println(event.Name, event.MemberID)
		cancel()
		return nil
	}))
	// Output:
	// <nil>
	// ONIMBOTDELETE m1
	// <nil>
}

// What fails three times is kept as a dead letter, and put back when the reason is gone.
func ExampleQueue_PutBack() {
	ctx := context.Background()
	queue, closeAll, err := openTemp(ctx)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer closeAll()
	for _, portal := range []string{"m1", "m2"} {
		if err := queue.Put(ctx, &events.Event{Name: events.BotDelete, MemberID: portal, Bots: []events.Bot{{ID: 9}}}); err != nil {
			fmt.Println(err)
			return
		}
	}
	working, stop := context.WithCancel(ctx)
	dead := make(chan bool, 2)
	go func() { <-dead; <-dead; stop() }()
	err = queue.Work(working, func(context.Context, *events.Event) error { return errors.New("the database is away") },
		eventqueue.WithMaxDeliver(2), eventqueue.WithDead(func(context.Context, eventqueue.DeadLetter) { dead <- true }))
	fmt.Println(err)

	for letter, err := range queue.DeadLetters(ctx) {
		if err != nil {
			fmt.Println(err)
			return
		}
		if letter.Event.MemberID == "m2" {
			fmt.Println("discarded:", queue.Discard(ctx, letter.ID))
			continue
		}
		fmt.Println(letter.Event.Name, letter.Attempts, letter.Reason)
		fmt.Println("put back:", queue.PutBack(ctx, letter.ID))
	}
	working, stop = context.WithCancel(ctx)
	err = queue.Work(working, func(_ context.Context, event *events.Event) error {
		fmt.Println("done", event.MemberID)
		stop()
		return nil
	})
	fmt.Println(err)
	// Unordered output:
	// <nil>
	// discarded: <nil>
	// ONIMBOTDELETE 2 the database is away
	// put back: <nil>
	// done m1
	// <nil>
}

// A worker without a handler, such as a program of its own, has the functions of a Mux called.
func ExampleForMux() {
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	queue, closeAll, err := openTemp(ctx)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer closeAll()
	mux := imbotv2.NewMux()
	mux.BotDelete(func(_ context.Context, event *imbotv2.Event) error {
		fmt.Println("deleted", event.Bot.ID)
		stop()
		return nil
	})
	fmt.Println(queue.Put(ctx, &events.Event{Name: events.BotDelete, MemberID: "m1", Bots: []events.Bot{{ID: 9}}}))
	fmt.Println(queue.Work(ctx, eventqueue.ForMux(mux)))
	// Output:
	// <nil>
	// deleted 9
	// <nil>
}

// How a worker works: what it does at the same time, how often it tries, how long it ends, and who hears of failures.
func ExampleQueue_Work() {
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	dir, err := os.MkdirTemp("", "eventqueue")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer func() { _ = os.RemoveAll(dir) }()
	queue, err := eventqueue.Open(ctx, dir, eventqueue.WithSyncAlways(), eventqueue.WithDuplicateWindow(time.Minute))
	if err != nil {
		fmt.Println(err)
		return
	}
	defer func() { fmt.Println(queue.Close()) }()
	fmt.Println(queue.Put(ctx, &events.Event{Name: events.BotDelete, MemberID: "m1", Bots: []events.Bot{{ID: 9}}}))
	attempts := 0
	err = queue.Work(ctx, func(context.Context, *events.Event) error {
		attempts++
		if attempts == 1 {
			return errors.New("not now")
		}
		stop()
		return nil
	}, eventqueue.WithConcurrency(8), eventqueue.WithGrace(10*time.Second), eventqueue.WithErrorHandler(func(_ context.Context, err error) { fmt.Println(err) }))
	fmt.Println(err)
	// Output:
	// <nil>
	// eventqueue: "ONIMBOTDELETE", attempt 1: not now
	// <nil>
	// <nil>
}

// Chats that are to be left are kept first, so that a restart in the middle loses none of them. With package portals, the
// function for ForClients is registry.Client.
func ExampleQueue_PutLeave() {
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	queue, closeAll, err := openTemp(ctx)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer closeAll()
	portal := imbottest.Start()
	defer portal.Close()
	fmt.Println(queue.PutLeave(ctx, "m1",
		imbot.ChatLeaveRequest{ChatID: imbottest.ChatGroup, BotID: imbottest.BotMain},
		imbot.ChatLeaveRequest{ChatID: imbottest.ChatElsewhere, BotID: imbottest.BotMain}, // it is not in there
	))
	fmt.Println(queue.Put(ctx, &events.Event{Name: events.BotDelete, MemberID: "m1", Bots: []events.Bot{{ID: imbottest.BotMain}}}))

	clientOf := func(_ context.Context, memberID string) (*imbot.Client, error) {
		fmt.Println("client of", memberID)
		return portal.Client(imbot.WithClientID(imbottest.ClientID)), nil
	}
	err = queue.Work(ctx, func(_ context.Context, event *events.Event) error {
		fmt.Println(event.Name)
		stop()
		return nil
	}, eventqueue.WithLeaves(eventqueue.ForClients(clientOf)))
	fmt.Println(err, portal.Has(imbottest.ChatGroup, imbottest.BotMain))
	// Output:
	// <nil>
	// <nil>
	// client of m1
	// ONIMBOTDELETE
	// <nil> false
}

// What a gauge shows: how much waits, for how long, and what needs a person.
func ExampleQueue_Stats() {
	ctx := context.Background()
	queue, closeAll, err := openTemp(ctx)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer closeAll()
	if err := queue.Put(ctx, &events.Event{Name: events.BotDelete, MemberID: "m1", Bots: []events.Bot{{ID: 9}}}); err != nil {
		fmt.Println(err)
		return
	}
	stats, err := queue.Stats(ctx)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(stats.Pending, stats.Working, stats.DeadLetters, time.Since(stats.Oldest) < time.Hour)
	// Output:
	// 1 0 0 true
}

package imbotv2_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"os"
	"time"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/content"
	"github.com/seed-a6e4e5a4/imbot/imbottest"
	"github.com/seed-a6e4e5a4/imbot/imbotv2"
)

// message is an event as the portal has it: somebody wrote to the bot.
func message(id int, chat, text string) map[string]any {
	return map[string]any{"eventId": id, "type": imbotv2.EventMessageAdd, "date": "2026-11-28T10:00:00+00:00", "data": map[string]any{
		"message": map[string]any{"id": 700 + id, "authorId": 1, "text": text}, "chat": map[string]any{"id": 13, "dialogId": chat}, "user": map[string]any{"id": 1},
	}}
}

// page is an answer of imbot.v2.Event.get.
func page(events ...map[string]any) imbottest.Answer {
	return imbottest.Result(map[string]any{"events": append([]map[string]any{}, events...), "nextOffset": 0, "hasMore": false})
}

// An event is done when the loop comes back for the next one, and not if the loop is left.
func ExampleBot_Events() {
	portal, bot := startBot()
	defer portal.Close()
	portal.On("imbot.v2.Event.get", page(message(417, "chat13", "hi"), message(533, "chat13", "stop")))

	store := imbotv2.NewMemoryOffsets()
	for event, err := range bot.Events(context.Background(), imbotv2.WithOffsets(store)) {
		if err != nil {
			log.Fatal(err)
		}
		if event.Message == nil {
			continue
		}
		fmt.Println(event.Message.Text)
		if event.Message.Text == "stop" {
			event.Done()
			break
		}
	}

	offset, _ := store.Load(context.Background(), imbotv2.OffsetKey{Portal: bot.Client().Portal(), BotID: bot.ID()})
	fmt.Println(offset.EventID)
	// Output:
	// hi
	// stop
	// 533
}

// The same functions serve events that are fetched, as here, and events that are posted.
func ExampleMux() {
	portal, bot := startBot()
	defer portal.Close()
	portal.On("imbot.v2.Event.get", page(message(417, "1", "hi")), page())
	ctx, stop := context.WithCancel(context.Background())

	mux := imbotv2.NewMux()
	mux.Message(func(ctx context.Context, event *imbotv2.Event) error {
		defer stop()
		_, err := bot.Reply(ctx, event, "You said: "+content.Escape(event.TextWithoutMention()).String())
		return err
	})
	mux.Command("help", func(ctx context.Context, event *imbotv2.Event) error {
		_, err := bot.Reply(ctx, event, "Say anything.")
		return err
	})
	mux.JoinChat(func(ctx context.Context, event *imbotv2.Event) error {
		_, err := bot.Chat.EnsureLeft(ctx, imbotv2.ChatLeaveRequest{DialogID: event.DialogID})
		return imbotv2.TryAgain(err) // nothing happens twice: it may be called again after a lost answer, too
	})
	mux.Errors(func(_ context.Context, err error) { log.Print(err) })
	mux.Failed(func(_ context.Context, event *imbotv2.Event, err error) { log.Print(event, err) })

	err := mux.Run(ctx, bot, imbotv2.WithWorkers(4), imbotv2.WithTries(2), imbotv2.WithCallbackTimeout(time.Minute),
		imbotv2.WithPageSize(50), imbotv2.WithPauses(time.Second, 10*time.Second))

	fmt.Println(portal.Messages(imbottest.ChatPrivate)[0].Text, err)
	// Output: You said: hi <nil>
}

// To leave twice does no harm, so that the function may be called again where it is not known what became of it.
func ExampleTryAgain() {
	portal, bot := startBot()
	defer portal.Close()
	portal.Fault("imbot.v2.Chat.leave", imbottest.LoseAfter())
	ctx, event := context.Background(), &imbotv2.Event{Name: imbotv2.EventJoinChat, DialogID: "chat13"}

	mux := imbotv2.NewMux()
	mux.JoinChat(func(ctx context.Context, event *imbotv2.Event) error {
		_, err := bot.Chat.Leave(ctx, imbotv2.ChatLeaveRequest{DialogID: event.DialogID})
		return imbotv2.TryAgain(err)
	})
	err := mux.Handle(ctx, event)

	fmt.Println(errors.Is(err, imbot.ErrOutcomeUnknown))
	// Output: true
}

// Who calls functions for events by a queue of its own asks what to do about an error.
func ExampleMayTryAgain() {
	lost := fmt.Errorf("no answer: %w", imbot.ErrOutcomeUnknown)
	fmt.Println(imbotv2.MayTryAgain(imbot.ErrQueryLimitExceeded), imbotv2.MayTryAgain(lost), imbotv2.MayTryAgain(imbotv2.TryAgain(lost)))
	// Output: true false true
}

// A Mux can be asked about a single event, as tests do.
func ExampleMux_Handle() {
	errNoReaction := errors.New("no reaction wanted")
	mux := imbotv2.NewMux()
	say := func(text string) imbotv2.EventFunc {
		return func(context.Context, *imbotv2.Event) error {
			fmt.Println(text)
			return nil
		}
	}
	mux.MessageUpdate(say("changed"))
	mux.MessageDelete(say("deleted"))
	mux.Context(say("opened"))
	mux.BotDelete(say("gone"))
	mux.Reaction(func(context.Context, *imbotv2.Event) error { return errNoReaction })
	mux.Other(say("anything else"))

	for _, event := range []*imbotv2.Event{
		{Name: imbotv2.EventMessageUpdate, Message: &imbotv2.Message{ID: 1}},
		{Name: imbotv2.EventMessageDelete, Message: &imbotv2.Message{ID: 1}},
		{Name: imbotv2.EventContextGet},
		{Name: imbotv2.EventBotDelete},
		{Name: imbotv2.EventReactionChange, Message: &imbotv2.Message{ID: 1}, Reaction: &imbotv2.ReactionChange{Reaction: "like", Action: imbotv2.ReactionSet}},
		{Name: imbotv2.EventJoinChat},
	} {
		if err := mux.Handle(context.Background(), event); err != nil {
			fmt.Println(err)
		}
	}
	// Output:
	// changed
	// deleted
	// opened
	// gone
	// no reaction wanted
	// anything else
}

// In a group, a message to a bot begins with its name.
func ExampleEvent_TextWithoutMention() {
	event := imbotv2.Event{
		Name: imbotv2.EventMessageAdd, Bot: imbotv2.BotInfo{ID: 456},
		Message: &imbotv2.Message{Text: "[USER=456]Echo[/USER], what is the time?"},
	}
	fmt.Println(event.TextWithoutMention())
	// Output: what is the time?
}

func ExampleFileOffsets() {
	folder, err := os.MkdirTemp("", "offsets")
	if err != nil {
		log.Fatal(err)
	}
	defer func() { _ = os.RemoveAll(folder) }()
	ctx, key := context.Background(), imbotv2.OffsetKey{Portal: "portal.example", BotID: 456}

	if err := imbotv2.NewFileOffsets(folder).Save(ctx, key, imbotv2.Offset{EventID: 417}); err != nil {
		log.Fatal(err)
	}
	offset, err := imbotv2.NewFileOffsets(folder).Load(ctx, key)

	fmt.Println(offset.EventID, err)
	// Output: 417 <nil>
}

// Where the events of a person are wanted too, and what cannot be fetched is not worth waiting for.
func ExampleWithUserEvents() {
	portal, bot := startBot()
	defer portal.Close()
	portal.On("imbot.v2.Event.get", page(message(417, "chat13", "hi")))

	for event, err := range bot.Events(context.Background(), imbotv2.WithUserEvents(), imbotv2.WithSkipTooLarge()) {
		fmt.Println(event.EventID, err)
		break
	}
	fmt.Println(string(portal.Calls("imbot.v2.Event.get")[0].Body))
	// Output:
	// 417 <nil>
	// {"botId":39,"limit":100,"withUserEvents":true,"botToken":"my"}
}

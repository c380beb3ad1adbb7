package main

import (
	"context"
	"errors"
	"log"
	"net/http"
	"strings"
	"sync"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/content"
	"github.com/seed-a6e4e5a4/imbot/imbotv2"
)

// echobot is what the bot does. Its methods are called for events of several dialogs at the same time.
type echobot struct {
	as    *imbotv2.Bot
	files http.RoundTripper // which downloads them
	log   *log.Logger
	told  sync.Map // the events after which a chat was told why the bot leaves
}

// mux says which method is for which event.
func (b *echobot) mux() *imbotv2.Mux {
	mux := imbotv2.NewMux()
	mux.Message(b.message)
	mux.Command("help", b.help)
	mux.JoinChat(b.joined)
	mux.Errors(func(_ context.Context, err error) { b.log.Print("It goes on after: ", err) })
	mux.Failed(b.failed)
	return mux
}

// failed reports an event that its method is not called for again.
func (b *echobot) failed(_ context.Context, event *imbotv2.Event, err error) {
	if errors.Is(err, imbot.ErrOutcomeUnknown) {
		b.log.Printf("The answer in %s may be there or not: %v", event.DialogID, err)
		return
	}
	b.log.Printf("Given up: %v: %v", event, err)
}

// message says again what somebody wrote. The text goes through content, so that no code in it takes effect.
func (b *echobot) message(ctx context.Context, event *imbotv2.Event) error {
	for _, id := range event.Message.Params.FileIDs {
		if err := b.file(ctx, event, id); err != nil {
			return err
		}
	}
	if event.Message.Text == "" {
		return nil
	}
	answer := content.Join("You said:", content.Quote(event.TextWithoutMention()))
	if content.CheckText(answer.String()) != nil {
		answer = content.Escape("That is too long to be said again.")
	}
	return b.reply(ctx, event, answer)
}

// help answers the command, whether it was typed or a button was pressed.
func (b *echobot) help(ctx context.Context, event *imbotv2.Event) error {
	text := content.Join("I say again what you write, and take files. ", content.Bold("Added to a group, I leave."))
	return b.reply(ctx, event, text)
}

// joined greets whoever opens a chat with the bot. Group chats it leaves, and says why.
func (b *echobot) joined(ctx context.Context, event *imbotv2.Event) error {
	if isPrivate := strings.Trim(string(event.DialogID), "0123456789") == ""; isPrivate { // it has the name of the user
		return b.reply(ctx, event, content.Escape("Hello! Write something."))
	}
	if _, again := b.told.LoadOrStore(event.EventID, true); !again {
		if _, err := b.as.Say(ctx, event.DialogID, "I am for chats of two, so I leave this one."); err != nil {
			b.log.Printf("The reason for leaving %s may not be there: %v", event.DialogID, err)
		}
	}
	return imbotv2.TryAgain(b.leave(ctx, event.DialogID))
}

// leave leaves a chat, and tells in words what came of it.
func (b *echobot) leave(ctx context.Context, chat imbot.DialogID) error {
	outcome, err := b.as.Chat.EnsureLeft(ctx, imbotv2.ChatLeaveRequest{DialogID: chat})
	switch {
	case outcome.State == imbot.Left:
		b.log.Printf("The bot left %s: the portal has confirmed it.", chat)
	case outcome.State == imbot.AlreadyOut:
		b.log.Printf("The bot was out of %s already.", chat)
	case outcome.State == imbot.Out:
		b.log.Printf("The bot is out of %s: an answer was lost, but it is not among the members.", chat)
	case errors.Is(err, imbot.ErrStillInChat):
		b.log.Printf("The bot is still in %s: %v", chat, err)
	case errors.Is(err, imbot.ErrOutcomeUnknown):
		b.log.Printf("The bot may be in %s or out of it: %v", chat, err)
	default:
		b.log.Printf("The bot has not left %s: %v", chat, err)
	}
	return err
}

// reply shows that the bot is writing, and answers with a button that runs the command.
func (b *echobot) reply(ctx context.Context, event *imbotv2.Event, text content.Text) error {
	_, _ = b.as.Chat.InputAction.Notify(ctx, imbotv2.InputActionNotifyRequest{DialogID: event.DialogID}) // or not
	help := content.NewKeyboard(content.Row(content.CommandButton("Help", "help", "")))
	_, err := b.as.Reply(ctx, event, text.String(), imbotv2.WithKeyboard(help))
	return err
}

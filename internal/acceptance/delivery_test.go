package acceptance_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/content"
	"github.com/seed-a6e4e5a4/imbot/events"
	"github.com/seed-a6e4e5a4/imbot/imbottest"
	"github.com/seed-a6e4e5a4/imbot/imbotv2"
)

// talkative returns what a bot does: it answers, offers a button, and leaves group chats.
func talkative(bot *imbotv2.Bot, note func(string)) *imbotv2.Mux {
	mux := imbotv2.NewMux()
	mux.Message(func(ctx context.Context, event *imbotv2.Event) error {
		note("message of " + event.User.Name + " in " + string(event.Chat.Type))
		_, err := bot.Reply(ctx, event, "You said: "+content.Escape(event.Message.Text).String(),
			imbotv2.WithKeyboard(content.NewKeyboard(content.Row(content.CommandButton("Help", "help", "me")))))
		return err
	})
	mux.Command("help", func(ctx context.Context, event *imbotv2.Event) error {
		note("command by " + string(event.Command.Context) + " " + event.Command.Params)
		_, err := bot.Say(ctx, event.DialogID, "Help for "+event.Command.Params)
		return err
	})
	mux.Reaction(func(_ context.Context, event *imbotv2.Event) error {
		note("reaction " + string(event.Reaction.Reaction) + " " + string(event.Reaction.Action))
		return nil
	})
	mux.MessageUpdate(func(_ context.Context, event *imbotv2.Event) error {
		note("changed to " + event.Message.Text)
		return nil
	})
	mux.MessageDelete(func(context.Context, *imbotv2.Event) error {
		note("deleted")
		return nil
	})
	mux.Context(func(_ context.Context, event *imbotv2.Event) error {
		note("opened with " + string(event.Context.Raw))
		return nil
	})
	mux.JoinChat(func(ctx context.Context, event *imbotv2.Event) error {
		if event.Chat.Type == imbotv2.ChatPrivate {
			note("a private chat")
			return nil
		}
		outcome, err := bot.Chat.EnsureLeft(ctx, imbotv2.ChatLeaveRequest{DialogID: event.DialogID})
		note("joined, and " + string(outcome.State))
		return err
	})
	return mux
}

// One program works alike on events that it fetches and on events that are posted to it.
func TestDelivery_fetchedAndPosted(t *testing.T) {
	t.Parallel()
	const (
		bot   imbot.BotID  = 456
		club  imbot.ChatID = 20
		other imbot.ChatID = 21
	)
	saw, wrote := map[string][]string{}, map[string][]string{}
	for _, mode := range []string{"fetch", "webhook"} {
		synctest.Test(t, func(t *testing.T) {
			portal := imbottest.NewPortal(t)
			portal.AddBot(imbottest.Bot{ID: bot, Code: "talkative", ClientID: "EXAMPLE_BOT_TOKEN", EventMode: mode, Type: "personal"})
			portal.AddChat(imbottest.Chat{ID: club, Owner: 1, Members: []imbot.UserID{1, 27, imbot.UserID(bot)}})
			portal.AddChat(imbottest.Chat{ID: other, Owner: 1, Members: []imbot.UserID{1, 27}})
			acting := imbotv2.New(portal.Client()).As(imbotv2.Identity{BotID: bot, BotToken: "EXAMPLE_BOT_TOKEN"})
			registered, err := acting.Command.Register(t.Context(), imbotv2.CommandRegisterRequest{
				Fields: imbotv2.CommandRegisterFields{Command: "help", Title: imbotv2.Localized{"en": "Help"}},
			})
			require.NoError(t, err)
			require.Positive(t, registered.Result.Command.ID)
			mux := talkative(acting, func(text string) { saw[mode] = append(saw[mode], text) })

			ctx, stop := context.WithCancel(t.Context())
			done := make(chan error, 1)
			if mode == "fetch" {
				go func() { done <- mux.Run(ctx, acting) }()
			} else {
				handler, err := events.NewHandler(func(context.Context, events.Sender) (string, error) { return "EXAMPLE_BOT_TOKEN", nil },
					events.WithMux(mux), events.WithSynchronous(), events.WithErrorHandler(func(_ context.Context, err error) { t.Error(err) }))
				require.NoError(t, err)
				portal.SendEventsTo(handler)
				go func() {
					<-ctx.Done()
					done <- handler.Shutdown(context.WithoutCancel(ctx))
				}()
			}
			for _, act := range []func(){
				func() { portal.PostMessage(portal.PrivateChat(bot, 27), 27, "hello [b]you[/b]") },
				func() { portal.PostMessage(club, 27, "/help all") },
				func() { portal.PostMessage(club, 27, "what?") },
				func() {
					messages := portal.Messages(club)
					portal.PressButton(messages[len(messages)-1].ID, 1, "Help")
				},
				func() {
					messages := portal.Messages(club)
					portal.AddReaction(messages[len(messages)-1].ID, 27, "like") // what the bot wrote
					portal.EditMessage(messages[1].ID, "edited")
				},
				func() { portal.DeleteMessage(portal.Messages(club)[1].ID) },
				func() { portal.OpenDialog(bot, 27, map[string]string{"from": "a link"}) },
				func() { portal.AddMember(other, imbot.UserID(bot), 1) },
			} {
				act()
				time.Sleep(2 * time.Minute) // fake clock
				synctest.Wait()
			}
			stop()
			if err := <-done; !errors.Is(err, context.Canceled) {
				require.NoError(t, err)
			}
			for _, chat := range []imbot.ChatID{portal.PrivateChat(bot, 27), club, other} {
				for _, message := range portal.Messages(chat) {
					wrote[mode] = append(wrote[mode], chatText(message))
				}
			}
			assert.False(t, portal.Has(other, bot))
		})
	}
	assert.Equal(t, saw["fetch"], saw["webhook"])
	assert.Equal(t, wrote["fetch"], wrote["webhook"])
	assert.Len(t, saw["fetch"], 10)
}

func chatText(m imbottest.Message) string {
	text := string(m.ChatID.DialogID()) + ": " + m.Text
	if len(m.Keyboard) > 0 {
		text += " [buttons]"
	}
	return text
}

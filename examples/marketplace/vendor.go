package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/content"
	"github.com/seed-a6e4e5a4/imbot/events"
	"github.com/seed-a6e4e5a4/imbot/imbotv2"
	"github.com/seed-a6e4e5a4/imbot/oauth"
	"github.com/seed-a6e4e5a4/imbot/portals"
)

// vendor has one bot on many portals.
type vendor struct {
	registry *portals.Registry // a client for each portal
	url      string            // where portals post events, such as https://bot.example/events
}

// handler says what is done about which event.
func (v *vendor) handler(opts ...events.Option) (*events.Handler, error) {
	mux := imbotv2.NewMux()
	mux.Message(v.answer(echo))
	mux.Command("help", v.answer(help))
	return events.NewHandler(v.registry.Lookup, append(opts, events.WithMux(mux), events.WithInstallCheck(v.registry.Install),
		events.OnAppInstall(v.installed), events.OnAppUninstall(v.registry.Uninstall))...)
}

func echo(event *imbotv2.Event) content.Text { return content.Quote(event.TextWithoutMention()) }

func help(*imbotv2.Event) content.Text { return content.Escape("I say again what you write.") }

// answer replies where the event happened, as the bot of that portal.
func (v *vendor) answer(text func(*imbotv2.Event) content.Text) imbotv2.EventFunc {
	return func(ctx context.Context, event *imbotv2.Event) error {
		client, err := v.registry.Client(ctx, event.MemberID)
		if err != nil {
			return err
		}
		_, err = imbotv2.New(client).As(imbotv2.Identity{BotID: event.Bot.ID}).Reply(ctx, event, text(event).String())
		return err
	}
}

// eventBind has the portal post other events than those of bots.
var eventBind = imbot.Method[map[string]string, bool]{Name: "event.bind"}

// installed registers the bot on a portal. To do it again changes nothing.
func (v *vendor) installed(ctx context.Context, event *events.Event) error {
	client, err := v.registry.Client(ctx, event.MemberID)
	if err != nil {
		return err
	}
	all := imbotv2.New(client)
	bot := imbotv2.BotRegisterFields{Code: "echo", Properties: imbotv2.BotProperties{Name: "Echo"}, EventMode: imbotv2.EventModeWebhook, WebhookURL: v.url}
	made, err := all.Bot.Register(ctx, imbotv2.BotRegisterRequest{Fields: bot})
	if err != nil {
		return err
	}
	_, err = imbot.Call(ctx, client, eventBind, map[string]string{"event": events.AppUninstall, "handler": v.url})
	if err == nil || errors.Is(err, imbot.Code("ERROR_CORE")) { // it is bound already
		command := imbotv2.CommandRegisterFields{Command: "help", Title: imbotv2.Localized{"en": "What I can do"}}
		_, err = all.As(imbotv2.Identity{BotID: made.Result.Bot.ID}).Command.Register(ctx, imbotv2.CommandRegisterRequest{Fields: command})
	}
	return err
}

// frame is the page that installs an application which has pages of its own. put keeps the installation as an event.
func frame(registry *portals.Registry, put func(context.Context, *events.Event) error) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		token, err := oauth.FromFrame(r)
		event := &events.Event{
			Name: events.AppInstall, MemberID: token.MemberID, Auth: token, ApplicationToken: r.PostFormValue("APPLICATION_TOKEN"), Time: time.Now(),
		}
		if err == nil {
			err = registry.Install(r.Context(), event) // asks the OAuth server whose tokens these are
		}
		if err == nil {
			err = put(r.Context(), event)
		}
		if err != nil {
			http.Error(w, "The installation has failed.", http.StatusForbidden)
			return
		}
		_, _ = fmt.Fprint(w, `<script src="https://api.bitrix24.com/api/v1/"></script><script>BX24.init(() => BX24.installFinish())</script>`)
	}
}

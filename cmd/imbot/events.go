package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/seed-a6e4e5a4/imbot/imbotv2"
)

// eventsCommand shows the events of a bot.
type eventsCommand struct {
	access
	asBot
	printing
	Once    bool          `help:"End when what waits is shown, instead of waiting for more."`
	Confirm bool          `help:"Confirm what was shown: the portal deletes it, and no other program sees it any more."`
	Timeout time.Duration `help:"End after this time. Without it, when it is interrupted." placeholder:"DURATION"`
}

// Help implements kong.HelpProvider.
func (*eventsCommand) Help() string {
	return "The events are fetched by imbot.v2.Event.get, without an offset: that deletes nothing, so the program of the bot gets all of them as if this one had not looked. Only the oldest 1,000 can be seen that way; the others come when those are confirmed, by the program of the bot or by --confirm. The portal itself deletes an event after a day. Do not use --confirm while another program fetches for the bot: what is confirmed here never gets there.\n\nWith --json, each event is a line as the portal has it, without tokens. An interrupt is how this ends, and the exit code is 0 then. " + exitCodes
}

// Validate is called by kong.
func (c *eventsCommand) Validate() error { return notNegative(c.Timeout) }

// The portal asks for pauses of 5 to 30 seconds.
const (
	shortestPause = 5 * time.Second
	longestPause  = 30 * time.Second
	mostEvents    = 1000
)

func (c *eventsCommand) run(ctx context.Context, p *process) (int, error) {
	bot, err := c.bot(p, &c.asBot)
	if err != nil {
		return exitUsage, err
	}
	ctx, cancel := p.bounded(ctx, c.Timeout)
	defer cancel()
	watch := watching{p: p, bot: bot, confirm: c.Confirm, shown: map[imbotv2.EventID]bool{}}
	pause := shortestPause
	for first := true; ; first = false {
		fresh, err := watch.fetch(ctx)
		outcome, code := "", exitDone
		if err != nil {
			outcome, code = outcomeOf(err)
		}
		switch {
		case ctx.Err() != nil:
			return exitDone, nil
		case err != nil && (c.Once || outcome == "refused" || outcome == "usage"):
			return code, err
		case err != nil:
			p.tell(err)
		case c.Once && fresh == 0:
			return exitDone, nil
		}
		if p.out.lost() != nil {
			return exitDone, nil // what nobody has seen is not confirmed
		}
		if pause = min(2*pause, longestPause); fresh > 0 {
			pause = shortestPause
		}
		if c.Once && c.Confirm {
			continue // the next request confirms
		}
		if c.Once {
			return exitDone, nil
		}
		if first {
			say(p.err, c.waiting())
		}
		select {
		case <-ctx.Done():
		case <-time.After(pause):
		}
	}
}

// waiting tells what comes next.
func (c *eventsCommand) waiting() string {
	if c.Confirm {
		return "Waiting for more. What was shown is deleted by the next request; Ctrl-C ends this."
	}
	return "Waiting for more, and deleting nothing. Ctrl-C ends this."
}

// watching is what was shown of the events of a bot.
type watching struct {
	p       *process
	bot     *imbotv2.Bot
	confirm bool
	offset  imbotv2.EventID // confirms all below it; zero: nothing
	shown   map[imbotv2.EventID]bool
	asked   bool // whether events can be fetched
	toldAll bool // that there are too many to see all
}

// fetch shows the events that wait and were not shown yet, and returns how many.
func (w *watching) fetch(ctx context.Context) (fresh int, err error) {
	page, err := w.bot.Event.Get(ctx, imbotv2.EventGetRequest{Offset: w.offset, Limit: mostEvents})
	if err != nil {
		return 0, err
	}
	there := map[imbotv2.EventID]bool{}
	for i := range page.Result.Events {
		event := &page.Result.Events[i]
		there[event.EventID] = true
		if !w.shown[event.EventID] {
			fresh++
			w.show(event)
		}
		if w.confirm {
			w.offset = event.EventID + 1
		}
	}
	w.shown = there
	if len(there) == mostEvents && !w.confirm && !w.toldAll {
		w.toldAll = true
		say(w.p.err, "More than 1,000 events wait. The others can be seen when these are confirmed.")
	}
	return fresh, w.check(ctx, len(there))
}

// check finds out, once, whether there will ever be an event: those of a bot whose events are posted cannot be fetched.
func (w *watching) check(ctx context.Context, waiting int) error {
	if w.asked || waiting > 0 {
		return nil
	}
	bot, err := w.bot.Get(ctx, imbotv2.BotGetRequest{})
	if err != nil {
		return err
	}
	w.asked = true
	if bot.Result.Bot.EventMode == imbotv2.EventModeWebhook {
		return &usageError{text: "the events of this bot are posted to an address, so none can be fetched; imbot.v2.Bot.update changes its eventMode to fetch", did: "Nothing was changed."}
	}
	say(w.p.err, "No event waits.")
	return nil
}

// show prints an event.
func (w *watching) show(event *imbotv2.Event) {
	if w.p.isJSON {
		data, err := decoded(event.Data)
		if err != nil {
			data = nil
		}
		w.p.printJSON(struct {
			EventID imbotv2.EventID `json:"eventId"`
			Type    string          `json:"type"`
			Date    time.Time       `json:"date"`
			Data    any             `json:"data"`
		}{event.EventID, event.Name, event.Date, withoutAuth(data)})
		return
	}
	head, body := describe(event)
	fmt.Fprintln(w.p.out, wrap(fmt.Sprintf("%d  %s  %s", event.EventID, event.Date.Local().Format(time.TimeOnly), head), columns(w.p.out)-1, "      "))
	if body != "" {
		fmt.Fprintln(w.p.out, "      "+strings.ReplaceAll(wrapHard(few(body, 500), max(columns(w.p.out)-7, 10)), "\n", "\n      "))
	}
}

// decoded is JSON as a value, in which each number has all its digits.
func decoded(text json.RawMessage) (value any, err error) {
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	err = decoder.Decode(&value)
	return value, err
}

// withoutAuth leaves out of a value what a portal puts there for the program that an event is for.
func withoutAuth(value any) any {
	switch value := value.(type) {
	case map[string]any:
		for name, part := range value {
			if strings.EqualFold(name, "auth") {
				delete(value, name)
				continue
			}
			value[name] = withoutAuth(part)
		}
	case []any:
		for i, part := range value {
			value[i] = withoutAuth(part)
		}
	}
	return value
}

// describe says what an event is about, and what was written.
func describe(event *imbotv2.Event) (head, body string) {
	const most = 64 // more than any name and dialog has
	name := few(strings.TrimPrefix(strings.TrimPrefix(event.Name, "ONIMBOTV2"), "ONIMV2"), most)
	what := map[string]string{
		imbotv2.EventMessageAdd: "message", imbotv2.EventMessageUpdate: "message changed", imbotv2.EventMessageDelete: "message deleted",
		imbotv2.EventJoinChat: "joined", imbotv2.EventContextGet: "opened with a context", imbotv2.EventCommandAdd: "command",
		imbotv2.EventReactionChange: "reaction",
	}[event.Name]
	if what == "" {
		what = strings.ToLower(name)
	}
	head = what
	if event.DialogID != "" {
		head += " in " + few(string(event.DialogID), most)
	}
	if event.User.ID != 0 {
		head += fmt.Sprintf(" by user %d", event.User.ID)
	}
	switch {
	case event.Command != nil:
		body = strings.TrimSpace(event.Command.Command + " " + event.Command.Params)
	case event.Reaction != nil:
		body = string(event.Reaction.Action) + " " + string(event.Reaction.Reaction)
	case event.Message != nil && event.Message.Text != "":
		body = event.Message.Text
	case event.Message != nil:
		body = fmt.Sprintf("message %d", event.Message.ID)
	case event.Context != nil:
		if value, err := decoded(event.Context.Raw); err == nil {
			body = string(encoded(withoutAuth(value)))
		}
	}
	return head, body
}

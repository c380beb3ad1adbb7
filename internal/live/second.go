package main

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/content"
	"github.com/seed-a6e4e5a4/imbot/imbotv2"
)

// The texts that this program sends. They are shown in the transcript.
const (
	botName     = "imbot live check"
	chatTitle   = "imbot live check, to be deleted"
	messageText = "This is a check of the library imbot."
	commandWord = "imbotlive"
	handlerURL  = "https://bot.example/" // which does not exist
)

var ownTexts = []string{
	botName, chatTitle, messageText, commandWord, "/" + commandWord, handlerURL, "Check", "Again", "Y", "N",
}

// Methods without a wrapper, for which the library promises no more than for those with one.
var (
	revisionGet = imbot.Method[struct{}, map[string]any]{Name: "imbot.v2.Revision.get", Idempotent: true}
	chatAdd     = imbot.Method[map[string]any, imbotv2.ChatGetResult]{Name: "imbot.v2.Chat.add"}
)

// second goes through the second generation.
type second struct {
	t           *transcript
	v2          *imbotv2.Client
	code, token string

	bot     *imbotv2.Bot
	made    bool // there may be a bot
	removed bool // and it surely is no longer
	pause   time.Duration
}

func (s *second) walk(ctx context.Context, client *imbot.Client) {
	t := s.t
	_, err := imbot.Call(ctx, client, revisionGet, struct{}{})
	t.done("v2: the revision is there", err)
	fields := imbotv2.BotRegisterFields{
		Code: s.code, BotToken: s.token, EventMode: imbotv2.EventModeFetch, Properties: imbotv2.BotProperties{Name: botName},
	}
	registered, err := s.v2.Bot.Register(ctx, imbotv2.BotRegisterRequest{Fields: fields})
	s.made = mayBeDone(err)
	if !t.done("v2: a bot is registered", err) {
		return
	}
	s.bot = s.v2.As(imbotv2.Identity{BotID: registered.Result.Bot.ID, BotToken: s.token})
	differs := strings.Join(registered.Result.Differs(fields), ", ")
	t.promise("v2: it is as it was asked for", differs == "", "differs in: "+cmp.Or(differs, "nothing"))
	again, err := s.v2.Bot.Register(ctx, imbotv2.BotRegisterRequest{Fields: fields})
	if t.done("v2: to register it again is no mistake", err) {
		t.promise("v2: it is the same bot then", again.Result.Bot.ID == s.bot.ID(), yesNo(again.Result.Bot.ID == s.bot.ID()))
	}
	_, err = s.bot.Get(ctx, imbotv2.BotGetRequest{})
	t.done("v2: the bot is found", err)

	made, err := imbot.Call(ctx, s.bot.Client(), chatAdd, map[string]any{
		"botId": s.bot.ID(), "fields": map[string]any{"title": chatTitle},
	})
	if !t.done("v2: a group chat is made", err) {
		return
	}
	chat := made.Result.Chat.ID
	s.talk(ctx, chat)
	s.leave(ctx, client.As(s.token), chat)
}

// talk does what bots do in a chat.
func (s *second) talk(ctx context.Context, chat imbot.ChatID) {
	t, dialog := s.t, chat.DialogID()
	keyboard := content.NewKeyboard(content.Row(
		content.CommandButton("Check", commandWord, ""), content.CommandButton("Again", commandWord, ""),
	))
	_, err := s.bot.Say(ctx, dialog, messageText, imbotv2.WithKeyboard(keyboard))
	t.done("v2: a message with a keyboard is sent", err)
	_, err = s.bot.Chat.InputAction.Notify(ctx, imbotv2.InputActionNotifyRequest{DialogID: dialog})
	t.done("v2: it is shown that the bot writes", err)
	_, err = s.bot.Command.Register(ctx, imbotv2.CommandRegisterRequest{Fields: imbotv2.CommandRegisterFields{
		Command: commandWord, Title: imbotv2.Localized{"en": "Check"},
	}})
	t.done("v2: a command is registered", err)
	s.fetch(ctx, chat)
}

// fetch looks for the one event that the bot has caused: that it came into the chat which it made.
func (s *second) fetch(ctx context.Context, chat imbot.ChatID) {
	const tries = 3
	var page imbotv2.EventGetResult
	isJoin := func(e imbotv2.Event) bool { return e.Name == imbotv2.EventJoinChat && e.Chat.ID == chat }
	for try := 1; ; try++ {
		got, err := s.bot.Event.Get(ctx, imbotv2.EventGetRequest{})
		if err != nil {
			s.t.done("v2: events are fetched", err)
			return
		}
		page = got.Result
		if try == tries || slices.ContainsFunc(page.Events, isJoin) || !wait(ctx, s.pause) {
			break
		}
	}
	found := slices.ContainsFunc(page.Events, isJoin)
	if !s.t.promise("v2: that it came into its chat is an event", found, yesNo(found)) {
		return
	}
	_, err := s.bot.Event.Get(ctx, imbotv2.EventGetRequest{Offset: page.NextOffset})
	s.t.done("v2: an offset is taken", err)
	got, err := s.bot.Event.Get(ctx, imbotv2.EventGetRequest{})
	if s.t.done("v2: events are fetched again", err) {
		gone := !slices.ContainsFunc(got.Result.Events, func(e imbotv2.Event) bool { return e.EventID < page.NextOffset })
		s.t.promise("v2: those below the offset are gone", gone, yesNo(gone))
	}
}

// leave leaves the chat, and holds what is said of that beside the members.
func (s *second) leave(ctx context.Context, members *imbot.Client, chat imbot.ChatID) {
	t, req := s.t, imbotv2.ChatLeaveRequest{DialogID: chat.DialogID()}
	member := imbot.ChatLeaveRequest{ChatID: chat, BotID: s.bot.ID()}
	t.isMember(ctx, members, "v2: before, it is among the members", member, true)
	outcome, err := s.bot.Chat.EnsureLeft(ctx, req)
	t.left("v2: EnsureLeft leaves", outcome, err, imbot.Left)
	_, err = s.bot.Chat.Leave(ctx, req)
	t.refused("v2: a second Leave is refused", err, imbot.ErrNotInChat)
	outcome, err = s.bot.Chat.EnsureLeft(ctx, req)
	t.left("v2: a second EnsureLeft says so", outcome, err, imbot.AlreadyOut)
	t.isMember(ctx, members, "v2: after, it is not among the members that it gets", member, false)
	_, err = s.bot.Chat.Get(ctx, imbotv2.ChatGetRequest{DialogID: chat.DialogID()})
	t.refused("v2: the chat is closed to it", err, imbot.ErrNotInChat)

	_, err = s.bot.Unregister(ctx, imbotv2.BotUnregisterRequest{})
	s.removed = t.done("v2: the bot is unregistered", err)
	_, err = s.bot.Get(ctx, imbotv2.BotGetRequest{})
	t.refused("v2: it is not found any more", err, imbot.ErrBotID)
}

// mayBeDone reports whether a call that ended with an error may have done something: all but a refusal may.
func mayBeDone(err error) bool {
	_, refused := errors.AsType[*imbot.APIError](err)
	return !refused || errors.Is(err, imbot.ErrOutcomeUnknown)
}

// clean removes the bot, whatever came before, and returns what stays.
func (s *second) clean(ctx context.Context) string {
	if !s.made || s.removed {
		return ""
	}
	bot := s.bot
	if bot == nil { // the answer to its registration was lost
		found, err := s.v2.As(imbotv2.Identity{BotToken: s.token}).Get(ctx, imbotv2.BotGetRequest{Code: s.code})
		switch {
		case errors.Is(err, imbot.ErrBotID):
			return ""
		case err != nil:
			return "perhaps a bot of the second generation: " + s.t.outcome(err)
		}
		bot = s.v2.As(imbotv2.Identity{BotID: found.Result.Bot.ID, BotToken: s.token})
	}
	_, err := bot.Unregister(ctx, imbotv2.BotUnregisterRequest{})
	if errors.Is(err, imbot.ErrOutcomeUnknown) {
		_, err = bot.Unregister(ctx, imbotv2.BotUnregisterRequest{}) // a second call tells
	}
	if err == nil || errors.Is(err, imbot.ErrBotID) {
		return ""
	}
	return "the bot of the second generation: " + s.t.outcome(err)
}

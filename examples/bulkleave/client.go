package main

import (
	"bufio"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"golang.org/x/term"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/imbottest"
)

// portal is where the work is done.
type portal struct {
	client *imbot.Client
	name   string // its scheme and host, for the file of outcomes
	close  func()
}

// inMemory is the name of the portal of the demonstration.
const inMemory = "demonstration"

// isDemonstration tells whether nothing was said that is about a portal of the user's.
func (s *settings) isDemonstration() bool {
	for _, name := range []string{"BITRIX24_WEBHOOK_URL", "BITRIX24_CLIENT_ID", "BITRIX24_ENDPOINT", "BITRIX24_TOKEN"} {
		if s.getenv(name) != "" {
			return s.Demo
		}
	}
	asked := s.Chats != "" || s.Probe != (span{}) || s.Outcomes != "" || s.Bot != 0 || s.Refused || s.Enterprise
	return s.Demo || !asked
}

// auth takes the credentials from the environment.
func (s *settings) auth() (auth imbot.Auth, address string, err error) {
	webhook, clientID := s.getenv("BITRIX24_WEBHOOK_URL"), s.getenv("BITRIX24_CLIENT_ID")
	endpoint, token := s.getenv("BITRIX24_ENDPOINT"), s.getenv("BITRIX24_TOKEN")
	switch {
	case webhook != "" && token != "":
		err = usagef("there are a BITRIX24_WEBHOOK_URL and a BITRIX24_TOKEN; which is it to be?")
	case webhook != "" && endpoint != "":
		err = usagef("there are a BITRIX24_WEBHOOK_URL and a BITRIX24_ENDPOINT; which is it to be?")
	case webhook != "" && clientID == "":
		err = usagef("BITRIX24_CLIENT_ID is not set: a webhook needs the CLIENT_ID that the bot was registered with")
	case webhook != "":
		return imbot.Webhook(webhook), webhook, nil
	case token != "" && endpoint == "":
		err = usagef("BITRIX24_ENDPOINT is not set: BITRIX24_TOKEN alone does not tell the portal")
	case token != "":
		return imbot.OAuth(endpoint, imbot.StaticToken(token)), endpoint, nil
	case endpoint != "":
		err = usagef("BITRIX24_TOKEN is not set: BITRIX24_ENDPOINT needs one")
	case clientID != "":
		err = usagef("BITRIX24_WEBHOOK_URL is not set: BITRIX24_CLIENT_ID needs one")
	default:
		err = usagef("there are no credentials: set BITRIX24_WEBHOOK_URL and BITRIX24_CLIENT_ID, or BITRIX24_ENDPOINT and BITRIX24_TOKEN. To do this on a portal in memory, say so by --demo")
	}
	return auth, "", err
}

// portal makes the client for the portal that the environment names, or for one in memory.
func (s *settings) portal() (*portal, error) {
	if s.isDemonstration() {
		return s.demonstration()
	}
	auth, address, err := s.auth()
	switch {
	case err != nil:
		return nil, err
	case s.Chats == "" && s.Probe == (span{}):
		return nil, usagef("which chats? Name a file of them by --chats, or look for them by --probe")
	case s.Bot == 0:
		return nil, usagef("which bot? Name it by --bot or BITRIX24_BOT_ID: a file of outcomes has to say whose they are")
	}
	s.Outcomes = cmp.Or(s.Outcomes, "outcomes.csv")
	plan := imbot.PlanStandard
	if s.Enterprise {
		plan = imbot.PlanEnterprise
	}
	opts := []imbot.Option{imbot.WithLimiter(imbot.NewLimiter(plan)), imbot.WithUserAgent("bulkleave/1")}
	if clientID := s.getenv("BITRIX24_CLIENT_ID"); clientID != "" {
		opts = append(opts, imbot.WithClientID(clientID))
	}
	client, err := imbot.NewClient(auth, opts...)
	if err != nil {
		return nil, &usageError{err.Error()}
	}
	return &portal{client, nameOf(address), func() {}}, nil
}

// nameOf is the part of an address without secrets: scheme and host.
func nameOf(address string) string {
	u, err := url.Parse(address)
	if err != nil { // a client was made of it
		return ""
	}
	scheme, host := strings.ToLower(u.Scheme), strings.ToLower(u.Host)
	return scheme + "://" + strings.TrimSuffix(host, map[string]string{"https": ":443", "http": ":80"}[scheme])
}

const (
	demoBot   = imbottest.BotMain
	demoChats = 400
)

// demonstration starts a portal with some hundred chats, most of which the bot may leave. What comes of them is written
// where no run on a real portal takes it for its own.
func (s *settings) demonstration() (*portal, error) {
	tidy := func() {}
	if s.Outcomes == "" {
		folder, err := os.MkdirTemp("", "bulkleave-")
		if err != nil {
			return nil, err
		}
		s.Outcomes = filepath.Join(folder, "outcomes.csv")
		tidy = func() { _ = os.Remove(folder) } // where nothing was written
	}
	memory := imbottest.Start(imbottest.CostTakesTime(), imbottest.WithCost(imbottest.LogNormalCost(1, 4*time.Millisecond, 0.5)))
	kinds := []imbottest.Kind{imbottest.Group, imbottest.OpenChat, imbottest.Group, imbottest.CRM, imbottest.Group, imbottest.Workgroup, imbottest.Group}
	bot := imbot.UserID(demoBot)
	for i := range demoChats {
		chat := imbottest.Chat{ID: imbot.ChatID(1000 + i), Kind: kinds[i%len(kinds)], Owner: imbottest.Employee, Members: []imbot.UserID{imbottest.Employee, bot}}
		switch i % 10 {
		case 3:
			chat.Owner = bot
		case 7:
			chat.Members = []imbot.UserID{imbottest.Employee}
		}
		memory.AddChat(chat)
	}
	if s.Chats == "" && s.Probe == (span{}) {
		s.Probe = span{1000, 1000 + demoChats - 1}
	}
	if s.Bot == 0 {
		s.Bot = int64(demoBot)
	}
	say(s.streams.err, "This is a demonstration: the portal is in memory, and nothing leaves this machine. Some of its chats refuse to be left, so it ends with exit code 1.")
	fmt.Fprintln(s.streams.err, "The outcomes are in "+s.Outcomes)
	return &portal{memory.Client(imbot.WithClientID(imbottest.ClientID)), inMemory, func() {
		memory.Close()
		tidy()
	}}, nil
}

// confirm asks whether it is meant.
func (s *settings) confirm(ctx context.Context, todo, done int) error {
	question := "Leave " + counted(todo, "chat")
	if done == 1 {
		question += " (1 is done already)"
	} else if done > 1 {
		question += fmt.Sprintf(" (%d are done already)", done)
	}
	if s.Yes {
		fmt.Fprintln(s.streams.err, question+".")
		return nil
	}
	if s.Chats == "-" || !isTerminal(s.streams.in) {
		return usagef("this would leave %s, and there is nobody to ask whether that is meant: say so by --yes", counted(todo, "chat"))
	}
	fmt.Fprint(s.streams.err, question+"? [y/N] ")
	answer, err := unless(ctx, func() (string, error) {
		text, err := bufio.NewReader(s.streams.in).ReadString('\n')
		if errors.Is(err, io.EOF) {
			err = nil // which is an answer: no
		}
		return text, err
	})
	if err != nil {
		return err
	}
	if answer = strings.ToLower(strings.TrimSpace(answer)); answer != "y" && answer != "yes" {
		return usagef("not confirmed")
	}
	return nil
}

func isTerminal(stream any) bool {
	if known, ok := stream.(interface{ IsTerminal() bool }); ok {
		return known.IsTerminal()
	}
	file, ok := stream.(*os.File)
	return ok && term.IsTerminal(int(file.Fd()))
}

// usualColumns is how wide a terminal is that does not tell.
const usualColumns = 80

// columns tells how wide a terminal is.
func columns(stream any) int {
	if known, ok := stream.(interface{ Columns() int }); ok {
		return known.Columns()
	}
	if file, ok := stream.(*os.File); ok {
		if width, _, err := term.GetSize(int(file.Fd())); err == nil && width > 0 {
			return width
		}
	}
	return usualColumns
}

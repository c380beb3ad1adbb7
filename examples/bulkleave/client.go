package main

import (
	"bufio"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"golang.org/x/term"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/imbottest"
)

// client makes the client for the portal that the environment names, or for one in memory.
func (s *settings) client() (client *imbot.Client, closePortal func(), err error) {
	var auth imbot.Auth
	webhook, endpoint, token := s.getenv("BITRIX24_WEBHOOK_URL"), s.getenv("BITRIX24_ENDPOINT"), s.getenv("BITRIX24_TOKEN")
	switch {
	case webhook != "" && token != "":
		return nil, nil, usagef("there are a BITRIX24_WEBHOOK_URL and a BITRIX24_TOKEN; which is it to be?")
	case webhook != "":
		auth = imbot.Webhook(webhook)
	case token != "":
		auth = imbot.OAuth(endpoint, imbot.StaticToken(token))
	default:
		return s.demonstration()
	}
	if s.Chats == "" && s.Probe == (span{}) {
		return nil, nil, usagef("which chats? Name a file of them by --chats, or look for them by --probe")
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
	client, err = imbot.NewClient(auth, opts...)
	if err != nil {
		return nil, nil, &usageError{err.Error()}
	}
	return client, func() {}, nil
}

const (
	demoBot   = imbottest.BotMain
	demoChats = 400
)

// demonstration starts a portal with some hundred chats, most of which the bot may leave. What comes of them is written
// where no run on a real portal takes it for its own.
func (s *settings) demonstration() (*imbot.Client, func(), error) {
	if s.Outcomes == "" {
		folder, err := os.MkdirTemp("", "bulkleave-")
		if err != nil {
			return nil, nil, err
		}
		s.Outcomes = filepath.Join(folder, "outcomes.csv")
	}
	portal := imbottest.Start(imbottest.CostTakesTime(), imbottest.WithCost(imbottest.LogNormalCost(1, 4*time.Millisecond, 0.5)))
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
		portal.AddChat(chat)
	}
	if s.Chats == "" && s.Probe == (span{}) {
		s.Probe = span{1000, 1000 + demoChats - 1}
	}
	if s.Bot == 0 {
		s.Bot = int64(demoBot)
	}
	fmt.Fprintln(s.streams.err, "There are no credentials in the environment, so this is a portal in memory, and nothing leaves this machine.")
	fmt.Fprintln(s.streams.err, "The outcomes are in "+s.Outcomes)
	return portal.Client(imbot.WithClientID(imbottest.ClientID)), portal.Close, nil
}

// confirm asks whether it is meant.
func (s *settings) confirm(ctx context.Context, todo, done int) error {
	question := fmt.Sprintf("Leave %d chats", todo)
	if done > 0 {
		question += fmt.Sprintf(" (%d are done already)", done)
	}
	if s.Yes {
		fmt.Fprintln(s.streams.err, question+".")
		return nil
	}
	if s.Chats == "-" || !isTerminal(s.streams.in) {
		return usagef("this would leave %d chats, and there is nobody to ask whether that is meant: say so by --yes", todo)
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
	if told, ok := stream.(interface{ IsTerminal() bool }); ok {
		return told.IsTerminal()
	}
	file, ok := stream.(*os.File)
	return ok && term.IsTerminal(int(file.Fd()))
}

package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

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

// portal makes the client for the portal that the settings name, or for one in memory.
func (s *bulkCommand) portal() (*portal, error) {
	if s.Demo {
		return s.demonstration()
	}
	client, found, err := s.client(s.p, true)
	switch {
	case errors.Is(err, errNoCredentials):
		return nil, usagef("%v. To do this on a portal in memory, say so by --demo", err)
	case err != nil:
		return nil, err
	case s.Chats == "" && s.Probe == (span{}):
		return nil, usagef("which chats? Name a file of them by --chats, or look for them by --probe")
	}
	if _, err := s.id(found); err != nil {
		return nil, err
	}
	s.Outcomes = cmp.Or(s.Outcomes, "outcomes.csv")
	return &portal{client, nameOf(found.address), func() {}}, nil
}

const (
	demoBot   = imbottest.BotMain
	demoChats = 400
)

// demonstration starts a portal with some hundred chats, most of which the bot may leave. What comes of them is written
// where no run on a real portal takes it for its own.
func (s *bulkCommand) demonstration() (*portal, error) {
	tidy := func() {}
	if s.Outcomes == "" {
		folder, err := os.MkdirTemp("", "imbot-bulk-")
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
	s.Bot = int64(demoBot) // whatever the environment says
	say(s.p.err, "This is a demonstration: the portal is in memory, and nothing leaves this machine. Some of its chats refuse to be left, so it ends with exit code 1.")
	fmt.Fprintln(s.p.err, "The outcomes are in "+s.Outcomes)
	return &portal{memory.Client(imbot.WithClientID(imbottest.ClientID)), inMemory, func() {
		memory.Close()
		tidy()
	}}, nil
}

// canConfirm tells whether it is known to be meant, or somebody can be asked. Standard input cannot have both the chats
// and the answer.
func (s *bulkCommand) canConfirm() bool { return s.Yes || s.Chats != "-" && isTerminal(s.p.in) }

// confirm asks whether it is meant.
func (s *bulkCommand) confirm(ctx context.Context, todo, done int) error {
	question := "Leave " + counted(todo, "chat")
	if done == 1 {
		question += " (1 is done already)"
	} else if done > 1 {
		question += fmt.Sprintf(" (%d are done already)", done)
	}
	if s.Yes {
		fmt.Fprintln(s.p.err, question+".")
		return nil
	}
	if !s.canConfirm() {
		return usagef("this would leave %s, and there is nobody to ask whether that is meant: say so by --yes", counted(todo, "chat"))
	}
	return s.p.ask(ctx, question)
}

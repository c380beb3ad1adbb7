package main

import (
	"context"
	"crypto/rand"
	"errors"
	"io"
	"os"
	"strconv"
	"strings"
	"sync"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/imbottest"
)

// company is a portal in memory, and what the demonstration knows of it.
type company struct {
	*imbottest.Portal

	name, memberID string
	bot            imbot.BotID
	dialog         imbot.ChatID // of the bot and ann
	written        int          // messages and commands that want an answer
}

const ann imbot.UserID = 1

// The group chats that the bot is in on each portal.
const firstChat, chatsToLeave = 1000, 60

func newCompany(name string, number int) *company {
	c := &company{name: name, memberID: strings.ToLower(rand.Text())} // another one each time, as replicas remember it
	c.Portal = imbottest.Start(imbottest.Empty(), imbottest.WithMemberID(c.memberID), imbottest.WithHost("example-"+strconv.Itoa(number)+".bitrix24.com"))
	c.On("event.bind", imbottest.Result(true)) // a method that the portal in memory does not have
	return c
}

// write writes to the bot, and returns when the vendor has answered the portal.
func (c *company) write(text string) {
	c.written++
	c.PostMessage(c.dialog, ann, text)
}

// answers returns how many messages of the bot stand in its chat with ann.
func (c *company) answers() int {
	n := 0
	for _, message := range c.Messages(c.dialog) {
		if message.Author == imbot.UserID(c.bot) {
			n++
		}
	}
	return n
}

// stillIn returns how many of the group chats the bot is in.
func (c *company) stillIn() int {
	n := 0
	for i := range chatsToLeave {
		if c.Has(firstChat+imbot.ChatID(i), c.bot) {
			n++
		}
	}
	return n
}

// demo plays what happens to a vendor with three portals in memory. It fails if anything was lost.
func demo(ctx context.Context, s settings, out io.Writer) error {
	scene := newStage(&lockedWriter{to: out})
	for i, name := range []string{"Acme", "Bolt", "Cove"} {
		scene.companies = append(scene.companies, newCompany(name, i+1))
	}
	defer func() {
		for _, c := range scene.companies {
			c.Close()
		}
	}()
	if s.replicas == 1 {
		folder, err := os.MkdirTemp("", "marketplace")
		if err != nil {
			return err
		}
		defer func() { _ = os.RemoveAll(folder) }()
		s.data, s.shared = folder, addresses{}
	}
	if err := scene.open(ctx, s); err != nil {
		return errors.Join(err, scene.end(ctx))
	}
	if err := errors.Join(scene.play(ctx), scene.forget(ctx), scene.end(ctx)); err != nil {
		return err
	}
	return scene.sum()
}

// lockedWriter lets several goroutines print.
type lockedWriter struct {
	mu sync.Mutex
	to io.Writer
}

// Write implements io.Writer.
func (w *lockedWriter) Write(text []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.to.Write(text)
}

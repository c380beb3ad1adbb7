package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"strings"
	"sync"
	"time"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/content"
	"github.com/seed-a6e4e5a4/imbot/imbottest"
	"github.com/seed-a6e4e5a4/imbot/imbotv2"
)

// The people of the conversation, and the group chat.
const (
	ann   imbot.UserID = 1
	ben   imbot.UserID = 2
	lunch imbot.ChatID = 21
)

// demo plays a conversation on a portal in memory.
func demo(ctx context.Context, out io.Writer) error {
	portal := imbottest.Start(imbottest.Empty())
	defer portal.Close()
	fmt.Fprintln(out, "BITRIX24_WEBHOOK_URL is not set, so this is a portal in memory, and nothing leaves this machine.")
	if err := play(ctx, portal, out); err != nil {
		return err
	}
	fmt.Fprintln(out, "\nOn a real portal: BITRIX24_WEBHOOK_URL=https://… BITRIX24_BOT_TOKEN=… go run ./examples/echobot")
	return nil
}

// play starts the bot on a portal, and does what people do there.
func play(ctx context.Context, portal *imbottest.Portal, out io.Writer) error {
	s := &stage{portal: portal, out: out, done: make(chan imbotv2.EventID, 1), shown: map[imbot.ChatID]int{}}
	bot, err := register(ctx, portal.Client(), "EXAMPLE_TOKEN", log.New(&s.notes, "", 0))
	if err != nil {
		return err
	}
	bot.files = portal.RoundTripper()
	running, stop := context.WithCancel(ctx)
	defer stop()
	ended := make(chan error, 1)
	go func() {
		soon := imbotv2.WithPauses(5*time.Millisecond, 50*time.Millisecond)
		ended <- bot.mux().Run(running, bot.as, imbotv2.WithOffsets(s), soon)
	}()
	for _, step := range script {
		s.notes.flush(out)
		fmt.Fprintf(out, "\n%s.\n", step.what)
		chat := step.do(portal, bot.as.ID())
		select {
		case <-s.done:
		case err := <-ended:
			return err
		}
		s.show(chat)
	}
	s.notes.flush(out)
	stop()
	return <-ended
}

// script is what people do. Each step makes one event, in the chat that it returns.
var script = []struct {
	what string
	do   func(p *imbottest.Portal, bot imbot.BotID) imbot.ChatID
}{
	{"Ann opens a chat with the bot", func(p *imbottest.Portal, bot imbot.BotID) imbot.ChatID {
		return p.PrivateChat(bot, ann) // which makes it, the first time
	}},
	{"Ann writes", func(p *imbottest.Portal, bot imbot.BotID) imbot.ChatID {
		chat := p.PrivateChat(bot, ann)
		p.PostMessage(chat, ann, "Is [b]this[/b] bold?")
		return chat
	}},
	{"Ann presses the button", func(p *imbottest.Portal, bot imbot.BotID) imbot.ChatID {
		chat := p.PrivateChat(bot, ann)
		written := p.Messages(chat)
		p.PressButton(written[len(written)-1].ID, ann, "Help")
		return chat
	}},
	{"Ann sends a file", func(p *imbottest.Portal, bot imbot.BotID) imbot.ChatID {
		chat := p.PrivateChat(bot, ann)
		p.PostFile(chat, ann, "menu.txt", []byte("Soup\nPancakes\n"))
		return chat
	}},
	{"Ben adds the bot to a group chat", func(p *imbottest.Portal, bot imbot.BotID) imbot.ChatID {
		p.AddChat(imbottest.Chat{ID: lunch, Title: "Lunch", Owner: ben, Members: []imbot.UserID{ann, ben}})
		p.AddMember(lunch, imbot.UserID(bot), ben)
		return lunch
	}},
}

// stage is what is seen of a conversation.
type stage struct {
	portal  *imbottest.Portal
	out     io.Writer
	notes   notes                // what the program says meanwhile
	done    chan imbotv2.EventID // the events that the bot is done with
	shown   map[imbot.ChatID]int // how many messages of a chat were shown
	writing int                  // how often the bot was seen writing
}

// Load returns that no event is done yet.
func (s *stage) Load(context.Context, imbotv2.OffsetKey) (imbotv2.Offset, error) {
	return imbotv2.Offset{}, nil
}

// Save hears which event is done.
func (s *stage) Save(_ context.Context, _ imbotv2.OffsetKey, offset imbotv2.Offset) error {
	if offset.EventID != 0 {
		s.done <- offset.EventID
	}
	return nil
}

// drawn is how the texts of the conversation are shown in a terminal: bold, quotes, and nothing for what is invisible.
var drawn = strings.NewReplacer("[b]", "*", "[/b]", "*", "\n>>", "\n          > ", "\u200b", "")

// show prints the messages of a chat that are new, as people see them.
func (s *stage) show(chat imbot.ChatID) {
	written := s.portal.Messages(chat)
	for _, m := range written[s.shown[chat]:] {
		name := map[imbot.UserID]string{ann: "Ann", ben: "Ben"}[m.Author]
		if name == "" {
			name = "Echo"
			if n := s.portal.CallCount(imbotv2.MethodInputActionNotify.Name); n > s.writing {
				fmt.Fprintln(s.out, "    (Echo is writing)")
				s.writing = n
			}
		}
		text := drawn.Replace(m.Text)
		if len(m.Files) > 0 {
			text = "<" + m.Files[0].Name + "> " + text
		}
		fmt.Fprintf(s.out, "    %s: %s\n", name, strings.TrimSpace(text))
		var buttons []content.Button
		if json.Unmarshal(m.Keyboard, &buttons) == nil {
			for _, b := range buttons {
				fmt.Fprintf(s.out, "          [ %s ]\n", b.Text)
			}
		}
	}
	s.shown[chat] = len(written)
}

// notes keeps what is logged until it is its turn to be printed.
type notes struct {
	mu   sync.Mutex
	kept bytes.Buffer
}

// Write keeps a line.
func (n *notes) Write(line []byte) (int, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.kept.Write(line)
}

// flush prints the lines.
func (n *notes) flush(out io.Writer) {
	n.mu.Lock()
	defer n.mu.Unlock()
	_, _ = n.kept.WriteTo(out)
}

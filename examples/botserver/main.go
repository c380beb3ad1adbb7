// Botserver is a bot that leaves every chat that it is added to, unless the chat is on its list.
//
//	go run ./examples/botserver -allow 15
//
// It brings a portal for tests with it, which installs the bot's application, adds the bot to chats and posts the
// events over a loopback connection. With -wait it goes on until Ctrl-C or SIGTERM, and prints the address to post
// events to. Either way it ends as a server should: no new events, then the end of those it has said yes to, then the
// end of what they have begun to renew.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/signal"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/events"
	"github.com/seed-a6e4e5a4/imbot/imbottest"
	"github.com/seed-a6e4e5a4/imbot/oauth"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:], os.Stdout)
	stop()
	if err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "botserver:", err)
		os.Exit(1)
	}
}

// settings is what the command line says.
type settings struct {
	allowed map[imbot.ChatID]bool
	wait    bool
}

func parse(args []string, out io.Writer) (settings, error) {
	s := settings{allowed: map[imbot.ChatID]bool{imbottest.ChatOwned: true}}
	flags := flag.NewFlagSet("botserver", flag.ContinueOnError)
	flags.SetOutput(out)
	flags.Func("allow", `the chats where the bot may stay, as "13,chat15"; 15 without it`, func(text string) error {
		clear(s.allowed)
		for name := range strings.SplitSeq(text, ",") {
			id, err := imbot.ParseChatID(strings.TrimSpace(name))
			if err != nil {
				return err
			}
			s.allowed[id] = true
		}
		return nil
	})
	flags.BoolVar(&s.wait, "wait", false, "go on until Ctrl-C or SIGTERM")
	if err := flags.Parse(args); err != nil {
		return s, err
	}
	if flags.NArg() > 0 {
		return s, fmt.Errorf("%q is no flag; chats are named by -allow", flags.Arg(0))
	}
	return s, nil
}

func run(ctx context.Context, args []string, out io.Writer) error {
	s, err := parse(args, out)
	if err != nil {
		return err
	}
	out = &lockedWriter{to: out}
	portal := imbottest.Start()
	defer portal.Close()
	app := oauth.App{ID: imbottest.App, Secret: imbottest.AppSecret, TokenURL: portal.ServerTokenURL()} //nolint:contextcheck // the portal serves until it is closed
	bot := newBot(app, portal.ServerEndpoint(), s.allowed, out)                                         //nolint:contextcheck // the same
	handler, err := bot.handler()
	if err != nil {
		return err
	}
	var config net.ListenConfig
	listener, err := config.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	server := &http.Server{Handler: handler, ReadHeaderTimeout: patience, ReadTimeout: patience}
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()

	address := "http://" + listener.Addr().String()
	show(portal, out, address) //nolint:contextcheck // the same
	if s.wait {
		fmt.Fprintf(out, "The bot listens at %s/ until Ctrl-C.\n", address)
		select {
		case <-ctx.Done():
		case err = <-served:
			return err
		}
	}
	if err := drain(ctx, server, handler, bot); err != nil {
		return err
	}
	printMembers(portal, out, "After: ")
	return nil
}

// privateChat is where a user has opened a dialog with the bot. There is nothing to leave.
const privateChat imbot.ChatID = 19

// show makes the portal do what leads to events.
func show(portal *imbottest.Portal, out io.Writer, address string) {
	portal.AddChat(imbottest.Chat{ID: privateChat, Kind: imbottest.Private, Members: []imbot.UserID{imbottest.Employee}})
	printMembers(portal, out, "Before:")
	portal.SendEvents(address)
	portal.InstallApp(imbottest.App)
	for _, chat := range chats {
		portal.AddMember(chat, imbot.UserID(imbottest.BotOfApp), imbottest.Employee)
	}
	for _, delivery := range portal.Deliveries() {
		fmt.Fprintf(out, "The portal posted %s and was answered %d.\n", delivery.Event, delivery.Status)
	}
}

// chats are those that the bot is added to.
var chats = []imbot.ChatID{imbottest.ChatElsewhere, imbottest.ChatOwned, privateChat}

func printMembers(portal *imbottest.Portal, out io.Writer, when string) {
	var texts []string
	for _, chat := range chats {
		texts = append(texts, fmt.Sprintf("%d has %v", chat, portal.Members(chat)))
	}
	fmt.Fprintf(out, "%s the chat %s\n", when, strings.Join(texts, ", the chat "))
}

// patience is how long a request may take to arrive, and the work to end.
const patience = 10 * time.Second

// drain ends a server: first it takes no more requests, then the handler finishes what it has accepted, and then the
// pairs of tokens that are being renewed are saved. A call that was given up on the way has not ended its renewal.
func drain(ctx context.Context, server *http.Server, handler *events.Handler, bot *bot) error {
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), patience)
	defer cancel()
	err := errors.Join(server.Shutdown(last), handler.Shutdown(last))
	saved, cancelSaved := context.WithTimeout(context.WithoutCancel(ctx), patience)
	defer cancelSaved()
	return errors.Join(err, bot.wait(saved))
}

// lockedWriter lets callbacks print at the same time.
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

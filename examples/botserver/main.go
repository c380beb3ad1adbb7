// Botserver is a bot of one portal that leaves every chat that it is added to, unless the chat is on its list.
//
//	go run ./examples/botserver -allow 15                  # a demonstration
//	go run ./examples/botserver -allow 15 -listen :8080    # for a real portal
//
// The demonstration brings a portal with it, which adds the bot to chats and posts the events over a loopback connection.
// For a real portal, BITRIX24_WEBHOOK_URL is an incoming webhook with the permission imbot, BITRIX24_BOT_TOKEN a secret
// of your choice, and BITRIX24_EVENTS_URL where the portal reaches the address of -listen. Either way it ends as a server
// should: no new events, and then the end of the work for those that it has said yes to.
//
// A bot for many portals, which keeps events until their work is done, is in examples/marketplace.
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
	listen  string
}

func parse(args []string, out io.Writer) (settings, error) {
	s := settings{allowed: map[imbot.ChatID]bool{15: true}}
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
	flags.StringVar(&s.listen, "listen", "", "the `address` to listen at for a real portal, such as :8080")
	if err := flags.Parse(args); err != nil {
		return s, err
	}
	if flags.NArg() > 0 {
		return s, fmt.Errorf("%q is not a flag; chats are named by -allow", flags.Arg(0))
	}
	return s, nil
}

func run(ctx context.Context, args []string, out io.Writer) error {
	s, err := parse(args, out)
	if err != nil {
		return err
	}
	out = &lockedWriter{to: out}
	if s.listen == "" {
		return demo(ctx, s, out)
	}
	client, err := imbot.NewClient(imbot.Webhook(os.Getenv("BITRIX24_WEBHOOK_URL")))
	if err != nil {
		return err
	}
	url := os.Getenv("BITRIX24_EVENTS_URL")
	if url == "" {
		return errors.New("BITRIX24_EVENTS_URL is not set")
	}
	server, err := start(ctx, s, client, os.Getenv("BITRIX24_BOT_TOKEN"), s.listen, url, out)
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "The bot %d listens at %s until Ctrl-C.\n", server.bot.as.ID(), server.address)
	select {
	case <-ctx.Done():
	case err = <-server.served:
	}
	return errors.Join(err, server.end(ctx))
}

// server is a bot that listens.
type server struct {
	bot     *bot
	address string // http://127.0.0.1:12345
	served  chan error

	http    *http.Server
	handler *events.Handler
}

// patience is how long a request may take to arrive, and the work to end.
const patience = 10 * time.Second

// start listens, and registers the bot with url for its events; an empty one is the address that it listens at.
func start(ctx context.Context, s settings, client *imbot.Client, token, address, url string, out io.Writer) (*server, error) {
	b := &bot{allowed: s.allowed, out: out}
	handler, err := b.handler(token)
	if err != nil {
		return nil, err
	}
	var config net.ListenConfig
	listener, err := config.Listen(ctx, "tcp", address)
	if err != nil {
		return nil, err
	}
	listening := &server{
		bot: b, address: "http://" + listener.Addr().String(), served: make(chan error, 1), handler: handler,
		http: &http.Server{Handler: handler, ReadHeaderTimeout: patience, ReadTimeout: patience},
	}
	if url == "" {
		url = listening.address
	}
	if b.as, err = register(ctx, client, token, url); err != nil {
		return nil, errors.Join(err, listener.Close())
	}
	go func() { listening.served <- listening.http.Serve(listener) }()
	return listening, nil
}

// end takes no more requests, and waits until the handler has finished what it has accepted.
func (s *server) end(ctx context.Context) error {
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), patience)
	defer cancel()
	return errors.Join(s.http.Shutdown(last), s.handler.Shutdown(last))
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

// Marketplace is what a vendor runs who sells one bot to many portals: it is installed by events and by a page in a
// frame, answers people and their commands, and loses nothing that it has said yes to.
//
//	go run .                 # a demonstration with three portals in memory
//	go run . -replicas 3     # the same by three replicas, with Postgres, Redis and NATS
//	go run . -listen :8080   # for real portals
//
// For real portals BITRIX24_CLIENT_ID, BITRIX24_CLIENT_SECRET and BITRIX24_EVENTS_URL say which application it is and
// where portals reach it. DATABASE_URL, REDIS_URL and NATS_URL, or the flags of these names, say where replicas keep what
// they share; without them one process keeps all in the folder of -data.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"os"
	"os/signal"
	"syscall"

	"github.com/seed-a6e4e5a4/imbot/oauth"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:], os.Stdout)
	stop()
	if err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "marketplace:", err)
		os.Exit(1)
	}
}

// settings is what the command line says.
type settings struct {
	data     string
	shared   addresses
	listen   string
	replicas int
}

func parse(args []string, out io.Writer) (settings, error) {
	var s settings
	flags := flag.NewFlagSet("marketplace", flag.ContinueOnError)
	flags.SetOutput(out)
	flags.StringVar(&s.listen, "listen", "", "the `address` to listen at for real portals, such as :8080")
	flags.StringVar(&s.data, "data", "data", "the `folder` of a process that shares nothing; the demonstration has one of its own")
	flags.IntVar(&s.replicas, "replicas", 1, "how many replicas take part in the demonstration; two or more share Postgres, Redis and NATS")
	flags.StringVar(&s.shared.database, "database", os.Getenv("DATABASE_URL"), "the `URL` of the PostgreSQL that replicas share")
	flags.StringVar(&s.shared.redis, "redis", os.Getenv("REDIS_URL"), "the `URL` of their Redis")
	flags.StringVar(&s.shared.nats, "nats", os.Getenv("NATS_URL"), "the `URL` of their NATS server, which has JetStream")
	if err := flags.Parse(args); err != nil {
		return s, err
	}
	switch {
	case flags.NArg() > 0:
		return s, fmt.Errorf("%q is not a flag", flags.Arg(0))
	case s.replicas < 1:
		return s, errors.New("-replicas has to be at least 1")
	case s.listen != "" && s.replicas > 1:
		return s, errors.New("-replicas is for the demonstration; for real portals, start several processes")
	case s.replicas > 1:
		return s, s.shared.check()
	}
	return s, nil
}

func run(ctx context.Context, args []string, out io.Writer) error {
	s, err := parse(args, out)
	if err != nil {
		return err
	}
	if s.listen == "" {
		return demo(ctx, s, out)
	}
	return serve(ctx, s, out)
}

// open opens what replicas share, where the settings name any of it, or else a folder.
func (s settings) open(ctx context.Context) (storage, error) {
	if s.shared != (addresses{}) {
		return openShared(ctx, s.shared)
	}
	return openFolder(ctx, s.data)
}

// serve is the vendor's backend.
func serve(ctx context.Context, s settings, out io.Writer) error {
	storage, err := s.open(ctx)
	if err != nil {
		return err
	}
	app := oauth.App{ID: os.Getenv("BITRIX24_CLIENT_ID"), Secret: os.Getenv("BITRIX24_CLIENT_SECRET")}
	report := func(_ context.Context, err error) { fmt.Fprintln(os.Stderr, "marketplace:", err) }
	r, err := newReplica(app, storage, os.Getenv("BITRIX24_EVENTS_URL"), report)
	if err != nil {
		return err
	}
	var config net.ListenConfig
	listener, err := config.Listen(ctx, "tcp", s.listen)
	if err != nil {
		return errors.Join(err, r.end(ctx))
	}
	fmt.Fprintf(out, "Portals post events to http://%s/, and open http://%[1]s/install. It ends by Ctrl-C.\n", listener.Addr())
	return r.serve(ctx, listener)
}

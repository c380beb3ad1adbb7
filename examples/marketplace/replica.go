package main

import (
	"context"
	"errors"
	"net"
	"net/http"
	"time"

	"github.com/seed-a6e4e5a4/imbot/eventqueue"
	"github.com/seed-a6e4e5a4/imbot/events"
	"github.com/seed-a6e4e5a4/imbot/oauth"
	"github.com/seed-a6e4e5a4/imbot/otelimbot"
	"github.com/seed-a6e4e5a4/imbot/portals"
)

// replica is one process of the vendor. In the demonstration several of them are in this process.
type replica struct {
	*vendor
	http.Handler // what portals post to

	installations portals.Store
	queue         *eventqueue.Queue
	events        *events.Handler
	close         func() error // what it has open
}

// newReplica returns a replica. It owns what storage has, also where there is an error. Traces and metrics go to the global
// providers of OpenTelemetry, which drop them unless the program has set others.
func newReplica(app oauth.App, s storage, url string, onError func(context.Context, error), opts ...portals.Option) (*replica, error) {
	fail := func(err error) (*replica, error) { return nil, errors.Join(err, s.close()) }
	telemetry, err := otelimbot.New(otelimbot.WithMethods(eventBind.Name))
	if err != nil {
		return fail(err)
	}
	unwatch, err := watch(telemetry, s.queue)
	if err != nil {
		return fail(err)
	}
	closeStorage := s.close
	s.close = func() error { return errors.Join(unwatch(), closeStorage()) }
	opts = append(opts, portals.WithClientOptions(telemetry.Client()))
	if s.limiter != nil {
		opts = append(opts, portals.WithLimiter(s.limiter))
	}
	registry, err := portals.New(telemetry.App(app), s.installations, opts...)
	if err != nil {
		return fail(err)
	}
	v := &vendor{registry: registry, url: url}
	handler, err := v.handler(events.WithEnqueue(s.queue.Put), events.WithErrorHandler(onError), telemetry.Events())
	if err != nil {
		return fail(err)
	}
	routes := http.NewServeMux()
	routes.Handle("POST /", handler)
	routes.Handle("POST /install", frame(registry, s.queue.Put))
	return &replica{vendor: v, Handler: routes, installations: s.installations, queue: s.queue, events: handler, close: s.close}, nil
}

// patience is how long the end may take.
const patience = time.Minute

// work works on events until ctx ends. done is called after each that was worked on.
func (r *replica) work(ctx context.Context, done func(*events.Event), opts ...eventqueue.WorkOption) error {
	return r.queue.Work(ctx, func(ctx context.Context, event *events.Event) error {
		err := r.events.Work(ctx, event)
		if err == nil {
			done(event)
		}
		return err
	}, opts...)
}

// end ends a replica whose work has ended: no events any more, no renewals of tokens, and what it has open.
func (r *replica) end(ctx context.Context) error {
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), patience)
	defer cancel()
	return errors.Join(r.events.Shutdown(last), r.registry.Wait(last), r.close())
}

// serve listens until ctx ends. Then it takes no more events, and ends when what was begun is done.
func (r *replica) serve(ctx context.Context, listener net.Listener) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	server := &http.Server{Handler: r, ReadTimeout: 10 * time.Second}
	served := make(chan error, 1)
	go func() {
		served <- server.Serve(listener)
		stop()
	}()
	err := r.work(ctx, func(*events.Event) {}, eventqueue.WithLeaves(eventqueue.ForClients(r.registry.Client)))
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), patience)
	defer cancel()
	err = errors.Join(err, server.Shutdown(last))
	if failed := <-served; !errors.Is(failed, http.ErrServerClosed) {
		err = errors.Join(err, failed)
	}
	return errors.Join(err, r.end(ctx))
}

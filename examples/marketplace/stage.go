package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/eventqueue"
	"github.com/seed-a6e4e5a4/imbot/events"
	"github.com/seed-a6e4e5a4/imbot/imbottest"
	"github.com/seed-a6e4e5a4/imbot/oauth"
	"github.com/seed-a6e4e5a4/imbot/portals"
)

// stage is where the demonstration plays: the portals, and the replicas of the vendor with a load balancer before them.
type stage struct {
	out       io.Writer
	companies []*company
	frames    int // how many installations came by a frame

	mu      sync.Mutex
	running []*running
	next    int             // which of them gets the next request
	worked  map[string]bool // the events that were worked on, by their ids
	dead    []string        // what could not be worked on
	changed chan struct{}   // closed when work was done
}

// running is a replica that works.
type running struct {
	*replica

	stop     context.CancelFunc
	ended    chan error
	requests sync.WaitGroup // that are not answered yet
}

func newStage(out io.Writer) *stage {
	return &stage{out: out, worked: make(map[string]bool), changed: make(chan struct{})}
}

// open starts the replicas.
func (s *stage) open(ctx context.Context, settings settings) error {
	inMemory := make([]*imbottest.Portal, 0, len(s.companies))
	for _, c := range s.companies {
		inMemory = append(inMemory, c.Portal)
		c.SendEventsTo(s)
	}
	cloud := imbottest.NewCloud(inMemory...).HTTPClient()
	app := oauth.App{ID: imbottest.App, Secret: imbottest.AppSecret, TokenURL: inMemory[0].TokenURL(), HTTPClient: cloud}
	for range settings.replicas {
		storage, err := settings.open(ctx)
		if err != nil {
			return err
		}
		r, err := newReplica(app, storage, "https://bot.example/", s.failed, portals.WithClientOptions(imbot.WithHTTPClient(cloud)))
		if err != nil {
			return err
		}
		working, stop := context.WithCancel(ctx)
		started := &running{replica: r, stop: stop, ended: make(chan error, 1)}
		s.running = append(s.running, started)
		leaves := eventqueue.WithLeaves(s.leaves(eventqueue.ForClients(r.registry.Client)))
		go func() { started.ended <- r.work(working, s.done, eventqueue.WithDead(s.died), leaves) }()
	}
	return nil
}

// ServeHTTP is the load balancer: the replicas get requests in turn.
func (s *stage) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	s.next++
	its := s.running[s.next%len(s.running)]
	its.requests.Add(1)
	s.mu.Unlock()
	defer its.requests.Done()
	its.ServeHTTP(w, r)
}

// one returns a replica.
func (s *stage) one() *running {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.running[0]
}

// update ends one replica, as an update of the program does: first it gets no requests any more.
func (s *stage) update(ctx context.Context) error {
	s.mu.Lock()
	last := len(s.running) - 1
	old := s.running[last]
	s.running = s.running[:last]
	s.mu.Unlock()
	old.requests.Wait()
	old.stop()
	return errors.Join(<-old.ended, old.end(ctx))
}

// forget deletes what is stored of the portals, as they are gone after the demonstration.
func (s *stage) forget(ctx context.Context) error {
	var problems []error
	for _, c := range s.companies {
		problems = append(problems, s.one().installations.Delete(context.WithoutCancel(ctx), c.memberID))
	}
	return errors.Join(problems...)
}

// end ends all replicas.
func (s *stage) end(ctx context.Context) error {
	var problems []error
	for _, r := range s.running {
		r.stop()
		problems = append(problems, <-r.ended, r.end(ctx))
	}
	return errors.Join(problems...)
}

func (s *stage) failed(_ context.Context, err error) { fmt.Fprintln(s.out, "   Failed:", err) }

// done is called for each event that was worked on.
func (s *stage) done(event *events.Event) {
	s.change(func() { s.worked[event.ID()] = true })
}

// leaves tells when work has left chats.
func (s *stage) leaves(work eventqueue.LeavesCallback) eventqueue.LeavesCallback {
	return func(ctx context.Context, leaves eventqueue.Leaves) error {
		defer s.change(func() {})
		return work(ctx, leaves)
	}
}

// died is called for each event that was given up.
func (s *stage) died(_ context.Context, letter eventqueue.DeadLetter) {
	s.change(func() { s.dead = append(s.dead, letter.Reason) })
}

func (s *stage) change(do func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	do()
	close(s.changed)
	s.changed = make(chan struct{})
}

// posted returns how many events were answered 200.
func (s *stage) posted() int {
	n := s.frames
	for _, c := range s.companies {
		for _, delivery := range c.Deliveries() {
			if delivery.Status == http.StatusOK {
				n++
			}
		}
	}
	return n
}

// finished returns how many events were worked on or given up.
func (s *stage) finished() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.worked) + len(s.dead)
}

// await waits until all that portals have posted is worked on.
func (s *stage) await(ctx context.Context) error {
	return s.until(ctx, func() string {
		if n, posted := s.finished(), s.posted(); n < posted {
			return fmt.Sprintf("%d of %d events were worked on", n, posted)
		}
		return ""
	})
}

// until waits until there is nothing missing. It looks when work was done.
func (s *stage) until(ctx context.Context, missing func() string) error {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	for {
		s.mu.Lock()
		changed := s.changed
		s.mu.Unlock()
		what := missing()
		if what == "" {
			return nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return fmt.Errorf("%s: %w", what, context.Cause(ctx))
		}
	}
}

// sum says what has become of everything, and fails if something was lost.
func (s *stage) sum() error {
	posted, written, answered := s.posted(), 0, 0
	refused := slices.Clone(s.dead)
	for _, c := range s.companies {
		written += c.written
		answered += c.answers()
		for _, delivery := range c.Deliveries() {
			if delivery.Status != http.StatusOK {
				refused = append(refused, fmt.Sprintf("%s was answered %d", delivery.Event, delivery.Status))
			}
		}
	}
	fmt.Fprintf(s.out, "\nThe portals have posted %d events, and %d were worked on.\n", posted, len(s.worked))
	fmt.Fprintf(s.out, "People have asked %d times, and the portals have %d answers of the bot.\n", written, answered)
	if len(refused) > 0 || posted != len(s.worked) || written != answered {
		return fmt.Errorf("something was lost or done twice: %v", refused)
	}
	fmt.Fprintln(s.out, "Nothing was lost.")
	return nil
}

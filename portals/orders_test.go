package portals_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"github.com/seed-a6e4e5a4/imbot/events"
	"github.com/seed-a6e4e5a4/imbot/portals"
)

// story is what happens to a portal, and how its events are delivered.
type story struct {
	isKnown    bool     // it was installed, and called, by each process before
	acts       []string // in the order of their times
	deliveries []delivery
}

// delivery is an event, or a call, that comes to a process.
type delivery struct {
	act     int // which of the acts; a call for -1
	process int
	after   time.Duration // after the one before has begun
}

// stories draws a story.
func stories(processes int) *rapid.Generator[story] {
	return rapid.Custom(func(t *rapid.T) story {
		s := story{isKnown: rapid.Bool().Draw(t, "known"), acts: rapid.SliceOfN(rapid.SampledFrom([]string{actInstall, actRemove, actRename}), 1, 7).Draw(t, "acts")}
		var which []int
		for i := range s.acts {
			which = append(which, i)
			if rapid.IntRange(0, 3).Draw(t, "twice") == 0 {
				which = append(which, i)
			}
		}
		for range rapid.IntRange(0, 4).Draw(t, "calls") {
			which = append(which, -1)
		}
		for _, act := range rapid.Permutation(which).Draw(t, "order") {
			s.deliveries = append(s.deliveries, delivery{
				act: act, process: rapid.IntRange(0, processes-1).Draw(t, "process"),
				after: rapid.SampledFrom([]time.Duration{0, 0, time.Millisecond, 15 * time.Millisecond, time.Second}).Draw(t, "after"),
			})
		}
		return s
	})
}

// Whatever happens to a portal, and in whatever order and to which of three processes its events come, one after the
// other or at the same time: afterwards all of them know it as its events say by their times.
func TestOrder_random(t *testing.T) {
	t.Parallel()
	eachStore(t, func(t *testing.T, one, other portals.Store) {
		_, inFiles := one.(*portals.DirStore)
		n := 0
		rapid.Check(t, func(rt *rapid.T) {
			s := stories(3).Draw(rt, "story")
			if n++; inFiles && n > 25 {
				return // there are too many to wait for the disk in each
			}
			var problem error
			synctest.Test(t, func(t *testing.T) { problem = s.run(t, []portals.Store{one, other, one}, member(n)) })
			if problem != nil {
				rt.Fatalf("%v", problem)
			}
		})
	})
}

// run tells what is wrong in the end.
func (s story) run(t *testing.T, stores []portals.Store, memberID string) error {
	t.Helper()
	w := newWorld()
	w.add(memberID)
	var registries []*portals.Registry
	for _, store := range stores {
		registries = append(registries, w.registry(t, store))
	}
	ctx := t.Context()
	defer func() { _ = stores[0].Delete(context.WithoutCancel(ctx), memberID) }()
	isInstalled, last := false, time.Time{}
	if s.isKnown {
		event := w.install(memberID)
		problems := []error{registries[0].Install(ctx, event)}
		for _, registry := range registries {
			problems = append(problems, call(ctx, registry, memberID))
		}
		if err := errors.Join(problems...); err != nil {
			return err
		}
		isInstalled, last = true, event.Time
	}
	var posted []*events.Event
	for i, act := range s.acts { // it happens, and is not heard of yet
		time.Sleep(time.Second) // fake clock
		var event *events.Event
		switch act {
		case actInstall:
			event = w.install(memberID)
			isInstalled, last = true, event.Time
		case actRemove:
			event = removal(memberID)
			w.revoke(memberID)
			isInstalled = false
		default:
			w.rename(memberID, fmt.Sprintf("example-%d-%s", i, host(memberID)))
		}
		posted = append(posted, event)
	}
	w.slow = 10 * time.Millisecond
	var group sync.WaitGroup
	var mu sync.Mutex
	var problems []error
	for _, d := range s.deliveries {
		time.Sleep(d.after) // fake clock
		group.Go(func() {
			err := s.deliver(ctx, registries[d.process], d, posted, memberID)
			mu.Lock()
			defer mu.Unlock()
			problems = append(problems, err)
		})
	}
	group.Wait()
	return errors.Join(errors.Join(problems...), w.check(ctx, registries, stores[0], memberID, isInstalled, last))
}

// deliver has one event come. What it says may be history by now, and its tokens dead: then it is refused, and that is
// no problem.
func (s story) deliver(ctx context.Context, registry *portals.Registry, d delivery, posted []*events.Event, memberID string) error {
	if d.act < 0 || posted[d.act] == nil {
		_ = call(ctx, registry, memberID)
		return nil
	}
	event := posted[d.act]
	if event.Name == events.AppUninstall {
		return registry.Uninstall(ctx, event)
	}
	err := registry.Install(ctx, event)
	for _, later := range s.acts[d.act:] {
		if later == actRemove {
			return nil
		}
	}
	return err
}

// check tells what registries know of a portal that is not so.
func (w *world) check(ctx context.Context, registries []*portals.Registry, store portals.Store, memberID string, isInstalled bool, last time.Time) error {
	var problems []error
	wrong := func(text string, args ...any) { problems = append(problems, fmt.Errorf(text, args...)) }
	time.Sleep(time.Hour) // fake clock; the next pair says where the portal is now
	for _, i := range rand.Perm(len(registries)) {
		registry := registries[i]
		if err := call(ctx, registry, memberID); (err == nil) != isInstalled {
			wrong("process %d: installed is %v, and a call ends in %w", i, isInstalled, err)
		}
		if err := registry.Wait(ctx); err != nil {
			wrong("process %d: %w", i, err)
		}
		for _, sender := range []events.Sender{{MemberID: memberID}, {Domain: w.portals[memberID].host}} {
			token, err := registry.Lookup(ctx, sender)
			if err != nil || (token == applicationToken(memberID)) != isInstalled {
				wrong("process %d: installed is %v, and the proof of %+v is %q, %w", i, isInstalled, sender, token, err)
			}
		}
	}
	kept, err := store.Load(ctx, memberID)
	switch {
	case !isInstalled && !errors.Is(err, portals.ErrNotInstalled):
		wrong("it is kept though it was removed: %w", err)
	case isInstalled && (err != nil || !kept.InstalledAt.Equal(last) || !strings.Contains(kept.ClientEndpoint, w.portals[memberID].host)):
		wrong("installed at %v, kept %v, %w", last, kept, err)
	}
	return errors.Join(problems...)
}

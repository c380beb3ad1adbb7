package acceptance_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/imbottest"
	"github.com/seed-a6e4e5a4/imbot/imbotv2"
)

const (
	listener imbot.BotID  = 60 // hears all that is said in its chats
	ann      imbot.UserID = 27
)

// eventsWorld is a portal in which people write, a third of all requests for events meets a misfortune, and a bot whose
// program is ended and started again.
type eventsWorld struct {
	portal  *imbottest.Portal
	bot     *imbotv2.Bot
	store   *imbotv2.MemoryOffsets
	written int

	mu       sync.Mutex
	luck     *rand.Rand
	calm     bool           // nothing goes wrong any more
	finished map[string]int // how often the program was done with a message, by its text
	losses   int            // how often the store was lost
}

func newEventsWorld(rt *rapid.T) *eventsWorld {
	seed := rapid.Uint64().Draw(rt, "luck")
	w := &eventsWorld{
		portal: imbottest.Start(imbottest.Empty()), store: imbotv2.NewMemoryOffsets(),
		luck: rand.New(rand.NewPCG(seed, seed)), finished: map[string]int{},
	}
	w.portal.AddBot(imbottest.Bot{ID: listener, Code: "listener", ClientID: "t", EventMode: "fetch", Type: "personal"})
	for id := range imbot.ChatID(3) {
		w.portal.AddChat(imbottest.Chat{ID: id + 1, Owner: ann, Members: []imbot.UserID{imbottest.Employee, ann, imbot.UserID(listener)}})
	}
	w.portal.FaultFunc(func(imbottest.Call) imbottest.Fault {
		w.mu.Lock()
		defer w.mu.Unlock()
		if w.calm || w.luck.IntN(3) > 0 {
			return imbottest.NoFault()
		}
		return misfortunes[w.luck.IntN(len(misfortunes))]
	})
	w.bot = imbotv2.New(w.portal.Client()).As(imbotv2.Identity{BotID: listener, BotToken: "t"})
	return w
}

// write has somebody write so many messages, with pauses.
func (w *eventsWorld) write(n int) {
	for range n {
		w.mu.Lock()
		pause, chat := time.Duration(w.luck.IntN(30_000))*time.Millisecond, imbot.ChatID(1+w.luck.IntN(3))
		w.written++
		text := strconv.Itoa(w.written)
		w.mu.Unlock()
		time.Sleep(pause) // fake clock
		w.portal.PostMessage(chat, ann, text)
	}
}

// finish notes that the program is done with a message.
func (w *eventsWorld) finish(event *imbotv2.Event) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.finished[event.Message.Text]++
}

// check checks that each message was finished, and not more often than the store was lost.
func (w *eventsWorld) check(rt *rapid.T) {
	for n := range w.written {
		times := w.finished[strconv.Itoa(n+1)]
		if times == 0 {
			rt.Fatalf("message %d of %d was lost", n+1, w.written)
		}
		if times > 1+w.losses {
			rt.Fatalf("message %d was worked on %d times; the store was lost %d times", n+1, times, w.losses)
		}
	}
}

// unexpected reports an error that no misfortune explains.
func unexpected(err error) bool {
	return errors.Is(err, imbotv2.ErrEventsTaken) || errors.Is(err, imbotv2.ErrEventGap) || errors.Is(err, imbotv2.ErrEventsPosted) ||
		errors.Is(err, imbotv2.ErrFetchedTwice) || errors.Is(err, imbot.ErrBotID)
}

// session runs the program for a time, until it is ended in one of many ways.
func (w *eventsWorld) session(ctx context.Context, rt *rapid.T, forTime time.Duration, endAt int) {
	ctx, cancel := context.WithTimeout(ctx, forTime)
	defer cancel()
	defer func() {
		if r := recover(); r != nil && r != "of the caller" {
			panic(r)
		}
	}()
	var last *imbotv2.Event // finished when the loop comes back for another one
	seen, lastID := 0, imbotv2.EventID(0)
	for event, err := range w.bot.Events(ctx, imbotv2.WithOffsets(w.store), imbotv2.WithPageSize(1+w.pick(20))) {
		if last != nil {
			w.finish(last)
			last = nil
		}
		if err != nil {
			if unexpected(err) || errors.Is(err, imbotv2.ErrOffsetDropped) {
				rt.Fatalf("%v", err)
			}
			continue
		}
		if event.EventID <= lastID || event.Message == nil {
			rt.Fatalf("event %d after %d: %v", event.EventID, lastID, event)
		}
		lastID, last = event.EventID, event
		if seen++; seen != endAt {
			continue
		}
		switch w.pick(4) {
		case 0:
			return
		case 1:
			panic("of the caller")
		case 2:
			event.Done()
			w.finish(event)
			return
		default:
			cancel() // and the loop goes on as far as it does
		}
	}
	if last != nil {
		w.finish(last)
	}
}

func (w *eventsWorld) pick(n int) int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.luck.IntN(n)
}

// lose loses the store, now and then.
func (w *eventsWorld) lose(rt *rapid.T) {
	if rapid.IntRange(0, 4).Draw(rt, "store") == 0 {
		w.store, w.losses = imbotv2.NewMemoryOffsets(), w.losses+1
	}
}

// Each message that people write is worked on, whatever becomes of answers and of the program, and once if the offsets
// are kept.
func TestEvents_worlds(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		inBubble(t, func(t *testing.T) {
			w := newEventsWorld(rt)
			defer w.portal.Close()
			done := make(chan struct{})
			messages := rapid.IntRange(1, 40).Draw(rt, "messages")
			go func() {
				w.write(messages)
				close(done)
			}()
			for range rapid.IntRange(0, 5).Draw(rt, "sessions") {
				w.session(t.Context(), rt, time.Duration(rapid.IntRange(1, 300).Draw(rt, "seconds"))*time.Second, rapid.IntRange(1, 20).Draw(rt, "end"))
				w.lose(rt)
			}
			<-done
			w.rest()
			w.session(t.Context(), rt, 30*time.Minute, -1)
			w.check(rt)

			if rapid.Bool().Draw(rt, "another count") { // a portal whose database is new
				time.Sleep(2 * time.Minute) // fake clock
				w.portal.SetNextEventID(1)
				w.write(3)
				w.countAnew(t.Context(), rt)
				w.check(rt)
			}
		})
	})
}

// rest lets nothing go wrong any more.
func (w *eventsWorld) rest() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.calm = true
}

// countAnew runs the program once more, where a stored offset is of another count.
func (w *eventsWorld) countAnew(ctx context.Context, rt *rapid.T) {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Minute)
	defer cancel()
	dropped := 0
	for event, err := range w.bot.Events(ctx, imbotv2.WithOffsets(w.store)) {
		switch {
		case errors.Is(err, imbotv2.ErrOffsetDropped):
			dropped++
		case err != nil:
			rt.Fatalf("%v", err)
		default:
			w.finish(event)
		}
	}
	if dropped > 1 {
		rt.Fatalf("the offset was dropped %d times", dropped)
	}
}

// The same holds for a Mux whose functions fail, and the events of each dialog come in their order.
func TestEvents_worldsOfAMux(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		inBubble(t, func(t *testing.T) {
			w := newEventsWorld(rt)
			defer w.portal.Close()
			messages := rapid.IntRange(1, 40).Draw(rt, "messages")
			done := make(chan struct{})
			go func() {
				w.write(messages)
				close(done)
			}()
			poison := rapid.SliceOfN(rapid.IntRange(1, 40), 0, 3).Draw(rt, "poison")
			w.losses = 1 << 20 // what was done behind an event that is open comes again after a restart
			for range rapid.IntRange(0, 4).Draw(rt, "sessions") {
				w.runMux(t, rt, poison, time.Duration(rapid.IntRange(1, 300).Draw(rt, "seconds"))*time.Second)
				w.lose(rt)
			}
			<-done
			w.rest()
			w.runMux(t, rt, poison, 30*time.Minute)
			w.check(rt)
		})
	})
}

// runMux runs a Mux for a time.
func (w *eventsWorld) runMux(t *testing.T, rt *rapid.T, poison []int, forTime time.Duration) {
	ctx, cancel := context.WithTimeout(t.Context(), forTime)
	defer cancel()
	var mu sync.Mutex
	order := map[imbot.DialogID][]imbotv2.EventID{}
	var failure error
	mux := imbotv2.NewMux()
	mux.Errors(func(_ context.Context, err error) {
		mu.Lock()
		defer mu.Unlock()
		if unexpected(err) {
			failure = err
		}
	})
	finish := func(event *imbotv2.Event) {
		mu.Lock()
		order[event.DialogID] = append(order[event.DialogID], event.EventID)
		mu.Unlock()
		w.finish(event)
	}
	mux.Message(func(ctx context.Context, event *imbotv2.Event) error {
		var n int
		_, _ = fmt.Sscan(event.Message.Text, &n)
		select {
		case <-time.After(time.Duration(w.pick(8000)) * time.Millisecond):
		case <-ctx.Done():
			return ctx.Err()
		}
		switch {
		case slices.Contains(poison, n) && n%2 == 0:
			panic("of the caller")
		case slices.Contains(poison, n):
			return errors.New("always fails")
		case w.pick(10) == 0:
			return errors.New("fails now and then")
		}
		finish(event)
		return nil
	})
	mux.Failed(func(_ context.Context, event *imbotv2.Event, _ error) { finish(event) })
	if err := mux.Run(ctx, w.bot, imbotv2.WithOffsets(w.store), imbotv2.WithWorkers(1+w.pick(4)), imbotv2.WithPageSize(1+w.pick(20))); err != nil {
		rt.Fatalf("%v", err)
	}
	synctest.Wait()
	if failure != nil {
		rt.Fatalf("%v", failure)
	}
	for dialog, ids := range order {
		if !slices.IsSorted(ids) {
			rt.Fatalf("%s: %v are not in order", dialog, ids)
		}
	}
}

package imbotv2_test

import (
	"context"
	"errors"
	"net/http"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/imbottest"
	"github.com/seed-a6e4e5a4/imbot/imbotv2"
)

// Each event has the function that was registered for it, and what that is promised.
func TestMux_Handle(t *testing.T) {
	t.Parallel()
	message := &imbotv2.Message{ID: 1}
	command := func(word string) *imbotv2.Event {
		return &imbotv2.Event{Name: imbotv2.EventCommandAdd, Command: &imbotv2.CommandCall{Command: word}}
	}
	tests := map[string]struct {
		event *imbotv2.Event
		want  string
	}{
		"message":                  {&imbotv2.Event{Name: imbotv2.EventMessageAdd, Message: message}, "message"},
		"message without it":       {&imbotv2.Event{Name: imbotv2.EventMessageAdd}, "other"},
		"update":                   {&imbotv2.Event{Name: imbotv2.EventMessageUpdate, Message: message}, "update"},
		"delete":                   {&imbotv2.Event{Name: imbotv2.EventMessageDelete, Message: message}, "delete"},
		"join":                     {&imbotv2.Event{Name: imbotv2.EventJoinChat}, "join"},
		"gone":                     {&imbotv2.Event{Name: imbotv2.EventBotDelete}, "gone"},
		"context":                  {&imbotv2.Event{Name: imbotv2.EventContextGet}, "context"},
		"reaction":                 {&imbotv2.Event{Name: imbotv2.EventReactionChange, Message: message, Reaction: new(imbotv2.ReactionChange)}, "reaction"},
		"reaction to nothing":      {&imbotv2.Event{Name: imbotv2.EventReactionChange, Reaction: new(imbotv2.ReactionChange)}, "other"},
		"command":                  {command("/help"), "help"},
		"command, as it was typed": {command("HELP"), "help"},
		"another command":          {command("/rename"), "any command"},
		"command without it":       {&imbotv2.Event{Name: imbotv2.EventCommandAdd}, "other"},
		"of a user":                {&imbotv2.Event{Name: imbotv2.EventUserMessageAdd, Message: message}, "other"},
		"unknown":                  {&imbotv2.Event{Name: "ONIMBOTV2SOMETHING"}, "other"},
	}
	called := func(name string) imbotv2.EventFunc {
		return func(context.Context, *imbotv2.Event) error { return errors.New(name) }
	}
	mux := imbotv2.NewMux()
	mux.Message(called("an earlier one"))
	mux.Message(called("message"))
	mux.MessageUpdate(called("update"))
	mux.MessageDelete(called("delete"))
	mux.JoinChat(called("join"))
	mux.BotDelete(called("gone"))
	mux.Context(called("context"))
	mux.Reaction(called("reaction"))
	mux.Command(" /Help", called("help"))
	mux.Command("", called("any command"))
	mux.Other(called("other"))
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			require.EqualError(t, mux.Handle(t.Context(), tt.event), tt.want)
			require.NoError(t, imbotv2.NewMux().Handle(t.Context(), tt.event))
		})
	}
}

// in returns an event of a dialog.
func in(dialog string, id int) map[string]any {
	event := eventAt(id, time.Now())
	event["data"].(map[string]any)["chat"] = map[string]any{"id": 13, "dialogId": dialog}
	return event
}

// seen is a list that goroutines add to.
type seen struct {
	mu  sync.Mutex
	ids []int
}

func (s *seen) add(event *imbotv2.Event) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ids = append(s.ids, int(event.EventID))
}

func (s *seen) all() []int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.ids)
}

// A slow dialog holds up no other; what is done behind it is not confirmed before it is.
func TestMux_Run_slowDialog(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		portal, bot := botOf(t, pageOf(false, in("chat1", 1), in("chat2", 2), in("chat1", 3), in("chat2", 4)),
			pageOf(false, in("chat1", 1), in("chat2", 2), in("chat1", 3), in("chat2", 4), in("chat3", 5)),
			pageOf(false, in("chat1", 1), in("chat2", 2), in("chat1", 3), in("chat2", 4), in("chat3", 5)), pageOf(false))
		ctx, cancel := context.WithCancel(t.Context())
		var done seen
		mux := imbotv2.NewMux()
		mux.Message(func(_ context.Context, event *imbotv2.Event) error {
			if event.EventID == 1 {
				time.Sleep(12 * time.Second) // fake clock
			}
			done.add(event)
			if event.EventID == 5 {
				assert.Equal(t, 5*time.Second, time.Since(start))
			}
			return nil
		})
		result := make(chan error, 1)
		go func() { result <- mux.Run(ctx, bot) }()

		time.Sleep(time.Second) // fake clock
		synctest.Wait()
		assert.Equal(t, []int{2, 4}, done.all())
		time.Sleep(59 * time.Second) // fake clock
		synctest.Wait()
		assert.Equal(t, []int{2, 4, 5, 1, 3}, done.all())
		cancel()
		require.NoError(t, <-result)
		assert.Equal(t, [][2]int{{0, 100}, {0, 104}, {0, 105}, {6, 100}}, asked(t, portal)[:4], "nothing is confirmed while the first event is open")
	})
}

// An event whose function always fails is tried again with pauses, handed to another function, and the rest goes on.
func TestMux_Run_failures(t *testing.T) {
	t.Parallel()
	errPoison := errors.New("cannot be worked on")
	failing := map[string]imbotv2.EventFunc{
		"error":    func(context.Context, *imbotv2.Event) error { return errPoison },
		"panic":    func(context.Context, *imbotv2.Event) error { panic(errPoison) },
		"Goexit":   func(context.Context, *imbotv2.Event) error { runtime.Goexit(); return nil },
		"too slow": func(ctx context.Context, _ *imbotv2.Event) error { <-ctx.Done(); return ctx.Err() },
	}
	for name, fail := range failing {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				portal, bot := botOf(t, pageOf(false, in("chat1", 1), in("chat1", 2)),
					pageOf(false, in("chat1", 1), in("chat1", 2)), pageOf(false, in("chat1", 1), in("chat1", 2)), pageOf(false))
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				var done seen
				var failures, dead []error
				mux := imbotv2.NewMux()
				mux.Message(func(ctx context.Context, event *imbotv2.Event) error {
					if event.EventID == 1 {
						return fail(ctx, event)
					}
					done.add(event)
					return nil
				})
				mux.Errors(func(_ context.Context, err error) { failures = append(failures, err) })
				mux.Failed(func(_ context.Context, event *imbotv2.Event, err error) {
					assert.Equal(t, imbotv2.EventID(1), event.EventID)
					dead = append(dead, err)
				})
				go func() {
					time.Sleep(5 * time.Minute) // fake clock
					cancel()
				}()

				require.NoError(t, mux.Run(ctx, bot, imbotv2.WithCallbackTimeout(time.Second)))

				assert.Equal(t, []int{2}, done.all())
				assert.Len(t, failures, 2)
				require.Len(t, dead, 1)
				switch name {
				case "error":
					require.ErrorIs(t, dead[0], errPoison)
				case "too slow":
					require.ErrorIs(t, dead[0], context.DeadlineExceeded)
				default:
					var panicked *imbotv2.PanicError
					require.ErrorAs(t, dead[0], &panicked)
					assert.Equal(t, name == "panic", panicked.Stack != nil)
					assert.Equal(t, name == "panic", errors.Is(dead[0], errPoison))
					assert.Equal(t, name == "Goexit", strings.HasSuffix(dead[0].Error(), "ended its goroutine"))
				}
				requests := asked(t, portal)
				assert.Equal(t, 3, requests[len(requests)-1][0])
			})
		})
	}
}

// Without a function for events that fail, none of them is passed over.
func TestMux_Run_endsWithAFailure(t *testing.T) {
	t.Parallel()
	errPoison := errors.New("cannot be worked on")
	synctest.Test(t, func(t *testing.T) {
		portal, bot := botOf(t, pageOf(false, in("chat1", 1), in("chat1", 2), in("chat2", 3)))
		store := imbotv2.NewMemoryOffsets()
		var done seen
		mux := imbotv2.NewMux()
		mux.Message(func(_ context.Context, event *imbotv2.Event) error {
			if event.EventID == 2 {
				return errPoison
			}
			done.add(event)
			return nil
		})
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		err := mux.Run(ctx, bot, imbotv2.WithOffsets(store), imbotv2.WithTries(1))
		require.ErrorIs(t, err, errPoison)
		offset, _ := store.Load(t.Context(), key)
		assert.Equal(t, imbotv2.EventID(1), offset.EventID, "3 is done, and comes again all the same")
		assert.Contains(t, done.all(), 1)
		for _, request := range asked(t, portal) {
			assert.LessOrEqual(t, request[0], 2)
		}
	})
	t.Run("of the function for failures", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			_, bot := botOf(t, pageOf(false, in("chat1", 1)))
			mux := imbotv2.NewMux()
			mux.Message(func(context.Context, *imbotv2.Event) error { return errPoison })
			mux.Failed(func(context.Context, *imbotv2.Event, error) { panic("the disk is full") })
			err := mux.Run(t.Context(), bot)
			require.ErrorAs(t, err, new(*imbotv2.PanicError))
		})
	})
}

// When ctx ends, functions that run are waited for; what they have not done comes again.
func TestMux_Run_stops(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		_, bot := botOf(t, pageOf(false, in("chat1", 1), in("chat1", 2), in("chat2", 3)))
		store := imbotv2.NewMemoryOffsets()
		ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
		defer cancel()
		returned := 0
		mux := imbotv2.NewMux()
		mux.Message(func(ctx context.Context, event *imbotv2.Event) error {
			if event.EventID == 1 {
				<-ctx.Done()
				time.Sleep(time.Minute) // fake clock
				returned++
				return nil
			}
			<-ctx.Done()
			return ctx.Err()
		})
		require.NoError(t, mux.Run(ctx, bot, imbotv2.WithOffsets(store)))
		assert.Equal(t, 1, returned)
		offset, _ := store.Load(t.Context(), key)
		assert.Equal(t, imbotv2.EventID(1), offset.EventID)
	})
}

// An answer may be too large because of events that are still worked on. None of them is called too large, and none comes
// twice, when they are done before the answer has come.
func TestMux_Run_tooLargeWithOpenEvents(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		large := `{"result":{"events":[{"eventId":1,"type":"X","data":{}},{"eventId":2,"type":"X","data":{"x":"` + strings.Repeat("a", 10<<20) + `"}}]}}`
		portal := imbottest.NewPortal(t)
		portal.On("imbot.v2.Event.get", pageOf(false, in("chat1", 1), in("chat2", 2)),
			imbottest.Raw(200, "application/json", large), pageOf(false, in("chat2", 2), in("chat3", 3)), pageOf(false))
		slow := imbot.WithMiddleware(func(next http.RoundTripper) http.RoundTripper {
			return roundTripper(func(req *http.Request) (*http.Response, error) {
				resp, err := next.RoundTrip(req)
				time.Sleep(2 * time.Second) // fake clock
				return resp, err
			})
		})
		bot := imbotv2.New(portal.Client(slow)).As(imbotv2.Identity{BotID: imbottest.BotMain})
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		var done seen
		var errs []error
		mux := imbotv2.NewMux()
		mux.Message(func(_ context.Context, event *imbotv2.Event) error {
			time.Sleep(6 * time.Second) // fake clock
			done.add(event)
			return nil
		})
		mux.Errors(func(_ context.Context, err error) { errs = append(errs, err) })
		require.NoError(t, mux.Run(ctx, bot, imbotv2.WithPageSize(1), imbotv2.WithSkipTooLarge()))
		assert.ElementsMatch(t, []int{1, 2, 3}, done.all())
		require.Len(t, errs, 1)
		require.ErrorIs(t, errs[0], imbot.ErrAnswerTooLarge)
		assert.NotErrorAs(t, errs[0], new(*imbotv2.EventTooLargeError))
		assert.Equal(t, [][2]int{{0, 1}, {0, 3}, {3, 1}}, asked(t, portal)[:3])
	})
}

// When ctx has ended no function is called, also where there is room for one.
func TestMux_Run_callsNoneAfterTheEnd(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var events []map[string]any
		for id := range 64 {
			events = append(events, in(string(imbot.ChatID(id/2+1).DialogID()), id+1))
		}
		_, bot := botOf(t, pageOf(false, events...))
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		var called seen
		mux := imbotv2.NewMux()
		mux.Message(func(ctx context.Context, event *imbotv2.Event) error {
			called.add(event)
			<-ctx.Done()
			return nil
		})
		require.NoError(t, mux.Run(ctx, bot, imbotv2.WithWorkers(32)))
		assert.Len(t, called.all(), 32, "the first event of each dialog")
	})
}

// A function for errors that does not return is not passed over either.
func TestMux_Run_errorsFails(t *testing.T) {
	t.Parallel()
	for name, fail := range map[string]func(){"panic": func() { panic("ouch") }, "Goexit": runtime.Goexit} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				_, bot := botOf(t, pageOf(false, in("chat1", 1), in("chat1", 2)))
				ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
				defer cancel()
				mux := imbotv2.NewMux()
				mux.Message(func(context.Context, *imbotv2.Event) error { return errors.New("cannot be worked on") })
				mux.Errors(func(context.Context, error) { fail() })
				require.ErrorAs(t, mux.Run(ctx, bot), new(*imbotv2.PanicError))
			})
		})
	}
}

func TestMux_Run_portalRefuses(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		_, bot := botOf(t, imbottest.Broken(), imbottest.Refuse(400, "BOT_NOT_FOUND", ""))
		reported := 0
		mux := imbotv2.NewMux()
		mux.Errors(func(_ context.Context, err error) {
			reported++
			assert.ErrorIs(t, err, imbot.ErrOutcomeUnknown)
		})
		require.ErrorIs(t, mux.Run(t.Context(), bot), imbot.ErrBotID)
		assert.Equal(t, 1, reported)
	})
}

// Two programs at the same events: what the other one has confirmed is not waited for, and is reported.
func TestMux_Run_eventsAreTaken(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		portal, bot := botOf(t, pageOf(false, in("chat1", 1), in("chat2", 2)), pageOf(false, in("chat3", 3)), pageOf(false))
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		var errs []error
		mux := imbotv2.NewMux()
		mux.Errors(func(_ context.Context, err error) { errs = append(errs, err) })
		mux.Message(func(ctx context.Context, event *imbotv2.Event) error {
			if event.EventID == 1 {
				<-ctx.Done()
			}
			return nil
		})
		require.NoError(t, mux.Run(ctx, bot))
		require.Len(t, errs, 1)
		require.ErrorIs(t, errs[0], imbotv2.ErrEventsTaken)
		requests := asked(t, portal)
		assert.Equal(t, 4, requests[len(requests)-1][0])
	})
}

// No more functions run at the same time than may.
func TestMux_Run_workers(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var events []map[string]any
		for id := range 50 {
			events = append(events, in(string(imbot.ChatID(id+1).DialogID()), id+1))
		}
		_, bot := botOf(t, pageOf(false, events...), pageOf(false))
		ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
		defer cancel()
		var mu sync.Mutex
		now, most := 0, 0
		mux := imbotv2.NewMux()
		mux.Message(func(context.Context, *imbotv2.Event) error {
			mu.Lock()
			now++
			most = max(most, now)
			mu.Unlock()
			time.Sleep(time.Second) // fake clock
			mu.Lock()
			now--
			mu.Unlock()
			return nil
		})
		require.NoError(t, mux.Run(ctx, bot, imbotv2.WithWorkers(7), imbotv2.WithPauses(10*time.Minute, 10*time.Minute)))
		assert.Equal(t, 7, most)
	})
}

// A Mux needs no constructor, and a function can be taken back.
func TestMux_zero(t *testing.T) {
	t.Parallel()
	var mux imbotv2.Mux
	called := 0
	count := func(context.Context, *imbotv2.Event) error { called++; return nil }
	mux.Message(count)
	mux.Command("help", count)
	event := &imbotv2.Event{Name: imbotv2.EventMessageAdd, Message: new(imbotv2.Message)}
	require.NoError(t, mux.Handle(t.Context(), event))
	require.NoError(t, mux.Handle(t.Context(), &imbotv2.Event{Name: imbotv2.EventCommandAdd, Command: &imbotv2.CommandCall{Command: "/help"}}))
	mux.Message(nil)
	require.NoError(t, mux.Handle(t.Context(), event))
	assert.Equal(t, 2, called)
}

// A bot that would hear nothing for ever is not left to itself in silence.
func TestMux_Run_posted(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		portal := imbottest.NewPortal(t)
		portal.AddBot(imbottest.Bot{ID: 60, ClientID: "t", EventMode: "webhook"})
		bot := imbotv2.New(portal.Client()).As(imbotv2.Identity{BotID: 60, BotToken: "t"})
		require.ErrorIs(t, imbotv2.NewMux().Run(t.Context(), bot), imbotv2.ErrEventsPosted)
	})
}

// Events that name no dialog hold up none of the others.
func TestMux_Run_withoutDialog(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		_, bot := botOf(t, pageOf(false, in("", 1), in("", 2)), pageOf(false, in("", 1)), pageOf(false))
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		var done seen
		mux := imbotv2.NewMux()
		mux.Message(func(_ context.Context, event *imbotv2.Event) error {
			if event.EventID == 1 {
				time.Sleep(10 * time.Second) // fake clock
			}
			done.add(event)
			return nil
		})
		require.NoError(t, mux.Run(ctx, bot))
		assert.Equal(t, []int{2, 1}, done.all())
	})
}

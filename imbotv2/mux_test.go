package imbotv2_test

import (
	"context"
	"errors"
	"slices"
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

// What a function has done when ctx ended under it is not done again by the next run, which has the same store. A function
// that had not returned nil is called again, and so is one for an event behind that.
func TestMux_Run_again(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		opts func(t *testing.T) []imbotv2.EventsOption
		fail int // the event that is not done
		want []int
	}{
		"with offsets": {func(t *testing.T) []imbotv2.EventsOption {
			return []imbotv2.EventsOption{imbotv2.WithOffsets(imbotv2.NewFileOffsets(t.TempDir()))}
		}, 0, nil},
		"behind one that is not done": {func(t *testing.T) []imbotv2.EventsOption {
			return []imbotv2.EventsOption{imbotv2.WithOffsets(imbotv2.NewFileOffsets(t.TempDir()))}
		}, 2, []int{2, 3}},
		"without": {func(*testing.T) []imbotv2.EventsOption { return nil }, 0, []int{1, 2, 3}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			opts := tt.opts(t)
			synctest.Test(t, func(t *testing.T) {
				_, bot := botOf(t, pageOf(false, in("chat1", 1), in("chat2", 2), in("chat3", 3)))
				var replied seen
				run := func(forTime time.Duration, fail int) {
					ctx, cancel := context.WithTimeout(t.Context(), forTime)
					defer cancel()
					mux := muxOf(func(ctx context.Context, event *imbotv2.Event) error {
						replied.add(event)
						<-ctx.Done()
						if int(event.EventID) == fail {
							return ctx.Err()
						}
						return nil
					})
					require.NoError(t, mux.Run(ctx, bot, opts...))
				}
				run(time.Second, tt.fail)
				first := replied.all()
				require.ElementsMatch(t, []int{1, 2, 3}, first)
				run(3*time.Second, 0)
				assert.ElementsMatch(t, tt.want, replied.all()[len(first):])
			})
		})
	}
}

func TestMux_Run_portalRefuses(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		_, bot := botOf(t, imbottest.Broken(), imbottest.Refuse(400, "BOT_NOT_FOUND", ""))
		reported := 0
		mux := muxOf(nil)
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

package imbotv2_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/imbottest"
	"github.com/seed-a6e4e5a4/imbot/imbotv2"
)

// muxOf returns a mux that does the same about every message, nothing where f is nil.
func muxOf(f imbotv2.EventFunc) *imbotv2.Mux {
	mux := imbotv2.NewMux()
	mux.Message(func(ctx context.Context, event *imbotv2.Event) error {
		if f == nil {
			return nil
		}
		return f(ctx, event)
	})
	return mux
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

// A function that may have sent a message is not called again, whatever was lost, and the event is not handed out again.
func TestMux_Run_unknownOutcome(t *testing.T) {
	t.Parallel()
	unknown := fmt.Errorf("no answer: %w", imbot.ErrOutcomeUnknown)
	mistake := fmt.Errorf("before it was sent: %w", &imbot.ParamError{Param: "text", Err: errors.New("is too long")})
	refused := errors.New("refused")
	for name, test := range map[string]struct {
		err   error
		calls int
	}{
		"unknown":         {unknown, 1},
		"a mistake":       {mistake, 1},
		"refused":         {refused, 3},
		"still there":     {fmt.Errorf("%w, and %w", imbot.ErrStillInChat, unknown), 3},
		"unknown, again":  {imbotv2.TryAgain(unknown), 3},
		"mistaken, again": {fmt.Errorf("leaving: %w", imbotv2.TryAgain(mistake)), 3},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				portal, bot := botOf(t, pageOf(false, in("chat1", 1), in("chat1", 2)), pageOf(false, in("chat1", 1), in("chat1", 2)), pageOf(false))
				ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
				defer cancel()
				var called seen
				mux := muxOf(func(_ context.Context, event *imbotv2.Event) error {
					called.add(event)
					if event.EventID == 1 {
						return test.err
					}
					return nil
				})
				var reported []error
				mux.Errors(func(_ context.Context, err error) { reported = append(reported, err) })
				require.NoError(t, mux.Run(ctx, bot))
				assert.Len(t, called.all(), test.calls+1, "and for the other event")
				require.Len(t, reported, test.calls, "the last one too, as there is no function for failures")
				require.ErrorIs(t, reported[0], test.err)
				assert.Contains(t, reported[0].Error(), "event 1, ONIMBOTV2MESSAGEADD: ")
				requests := asked(t, portal)
				assert.Equal(t, 3, requests[len(requests)-1][0])
			})
		})
	}
	require.NoError(t, imbotv2.TryAgain(nil))
}

// A run that ends with what nobody was told, or while a message is sent, does not send it once more when it begins again.
func TestMux_Run_endsWithAnUnknownOutcome(t *testing.T) {
	t.Parallel()
	for _, isCanceled := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			_, bot := botOf(t, pageOf(false, in("chat1", 1), in("chat2", 2)), pageOf(false, in("chat1", 1), in("chat2", 2)))
			store := imbotv2.NewMemoryOffsets()
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			var called seen
			run := func(ctx context.Context) error {
				mux := muxOf(func(_ context.Context, event *imbotv2.Event) error {
					called.add(event)
					if event.EventID == 2 {
						return nil
					}
					time.Sleep(time.Second) // fake clock
					if isCanceled {
						cancel()
					}
					return imbot.ErrOutcomeUnknown
				})
				return mux.Run(ctx, bot, imbotv2.WithOffsets(store))
			}
			require.ErrorIs(t, run(ctx), imbot.ErrOutcomeUnknown)
			again, end := context.WithTimeout(t.Context(), time.Second)
			defer end()
			require.NoError(t, run(again))
			assert.ElementsMatch(t, []int{1, 2}, called.all())
		})
	}
}

// Where the run ends, events that wait have not failed for it: they come again.
func TestMux_Run_endsForOneEventAlone(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		_, bot := botOf(t, pageOf(false, in("chat1", 1), in("chat2", 2), in("chat3", 3)))
		store := imbotv2.NewMemoryOffsets()
		mux := muxOf(func(ctx context.Context, event *imbotv2.Event) error {
			if event.EventID == 1 {
				return imbot.ErrOutcomeUnknown
			}
			<-ctx.Done()
			return context.Cause(ctx)
		})
		require.ErrorIs(t, mux.Run(t.Context(), bot, imbotv2.WithOffsets(store)), imbot.ErrOutcomeUnknown)
		offset, err := store.Load(t.Context(), key)
		require.NoError(t, err)
		assert.Equal(t, imbotv2.EventID(1), offset.EventID)
	})
}

// The portal takes a message and loses the answer: it is there once all the same.
func TestMux_Run_answersOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		portal := imbottest.NewPortal(t)
		portal.AddBot(imbottest.Bot{ID: 60, ClientID: "t", EventMode: "fetch"})
		chat := portal.PrivateChat(60, imbottest.Employee)
		portal.PostMessage(chat, imbottest.Employee, "ping")
		portal.Fault("imbot.v2.Chat.Message.send", imbottest.LoseAfter())
		bot := imbotv2.New(portal.Client()).As(imbotv2.Identity{BotID: 60, BotToken: "t"})
		mux := muxOf(func(ctx context.Context, event *imbotv2.Event) error {
			_, err := bot.Reply(ctx, event, "pong")
			return err
		})
		var reported []error
		mux.Errors(func(_ context.Context, err error) { reported = append(reported, err) })
		for range 3 {
			ctx, cancel := context.WithTimeout(t.Context(), 10*time.Minute)
			require.NoError(t, mux.Run(ctx, bot))
			cancel()
		}
		answers := 0
		for _, message := range portal.Messages(chat) {
			if message.Text == "pong" {
				answers++
			}
		}
		assert.Equal(t, 1, answers)
		require.Len(t, reported, 1)
		require.ErrorIs(t, reported[0], imbot.ErrOutcomeUnknown)
	})
}

// A bot that would hear nothing for ever is not left to itself, whether or not there is a function for errors.
func TestMux_Run_inVain(t *testing.T) {
	t.Parallel()
	posted := func(t *testing.T) *imbotv2.Bot {
		t.Helper()
		portal := imbottest.NewPortal(t)
		portal.AddBot(imbottest.Bot{ID: 60, ClientID: "t", EventMode: "webhook"})
		return imbotv2.New(portal.Client()).As(imbotv2.Identity{BotID: 60, BotToken: "t"})
	}
	fetching := func(t *testing.T) *imbotv2.Bot {
		t.Helper()
		_, bot := botOf(t, pageOf(false).Optional())
		return bot
	}
	errStore := errors.New("the disk is full")
	for name, test := range map[string]struct {
		bot  func(*testing.T) *imbotv2.Bot
		opt  imbotv2.EventsOption
		want error
	}{
		"posted":        {posted, nil, imbotv2.ErrEventsPosted},
		"fetched twice": {fetching, nil, imbotv2.ErrFetchedTwice},
		"no store":      {fetching, imbotv2.WithOffsets(&brokenStore{load: errStore}), errStore},
		"no folder":     {fetching, imbotv2.WithOffsets(imbotv2.NewFileOffsets("")), new(imbot.ParamError)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				bot := test.bot(t)
				mux := muxOf(nil)
				mux.Errors(func(context.Context, error) {})
				ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
				defer cancel()
				if name == "fetched twice" {
					first := make(chan error, 1)
					go func() { first <- mux.Run(ctx, bot) }()
					synctest.Wait()
					defer func() { cancel(); assert.NoError(t, <-first) }()
				}
				err := mux.Run(ctx, bot, test.opt)
				if name == "no folder" {
					require.ErrorAs(t, err, new(*imbot.ParamError))
					return
				}
				require.ErrorIs(t, err, test.want)
			})
		})
	}
}

// What cannot do anything is refused.
func TestMux_Run_mistakes(t *testing.T) {
	t.Parallel()
	portal, bot := botOf(t, pageOf(false).Optional())
	removed := muxOf(nil)
	removed.Message(nil)
	for name, run := range map[string]func() error{
		"nil mux":    func() error { return (*imbotv2.Mux)(nil).Run(t.Context(), bot) },
		"empty mux":  func() error { return imbotv2.NewMux().Run(t.Context(), bot) },
		"no longer":  func() error { return removed.Run(t.Context(), bot) },
		"nil bot":    func() error { return muxOf(nil).Run(t.Context(), nil) },
		"zero bot":   func() error { return muxOf(nil).Run(t.Context(), new(imbotv2.Bot)) },
		"nil option": func() error { return muxOf(nil).Run(t.Context(), bot, nil, imbotv2.WithTries(0)) },
	} {
		require.ErrorAs(t, run(), new(*imbot.ParamError), name)
	}
	_, err := bot.Reply(t.Context(), nil, "hello")
	require.ErrorIs(t, err, imbotv2.ErrNowhereToReply)
	assert.Empty(t, portal.Calls())
}

// An event that is posted is tried once, and goes where those that are fetched go in the end.
func TestMux_Handle_fails(t *testing.T) {
	t.Parallel()
	errPoison := errors.New("cannot be worked on")
	event := &imbotv2.Event{EventID: 1, Name: imbotv2.EventMessageAdd, Message: &imbotv2.Message{ID: 1}}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	mux := muxOf(func(context.Context, *imbotv2.Event) error { return errPoison })
	assert.Equal(t, errPoison, mux.Handle(ctx, event))

	var reported []error
	mux.Errors(func(ctx context.Context, err error) {
		assert.NoError(t, ctx.Err(), "there is time for it")
		reported = append(reported, err)
	})
	assert.Equal(t, errPoison, mux.Handle(ctx, event))
	require.Len(t, reported, 1)
	require.ErrorIs(t, reported[0], errPoison)

	mux.Failed(func(_ context.Context, failed *imbotv2.Event, err error) {
		assert.Equal(t, event, failed)
		reported = append(reported, err)
		panic("the disk is full")
	})
	err := mux.Handle(ctx, event)
	require.ErrorIs(t, err, errPoison)
	require.ErrorAs(t, err, new(*imbotv2.PanicError))
	assert.Len(t, reported, 2)

	mux.Message(func(context.Context, *imbotv2.Event) error { panic(errPoison) })
	require.ErrorIs(t, mux.Handle(ctx, event), errPoison)
}

// A function for errors that panics, or ends its goroutine, ends the run with that, and neither the program nor the work
// on a dialog.
func TestMux_Run_functionForErrorsFails(t *testing.T) {
	t.Parallel()
	failing := map[string]func(context.Context, error){
		"panic":  func(context.Context, error) { panic("the log is full") },
		"Goexit": func(context.Context, error) { runtime.Goexit() },
	}
	answers := map[string]imbottest.Answer{
		"an error of the portal": imbottest.Broken(),
		"an error of a function": pageOf(false, in("chat1", 1), in("chat1", 2)),
	}
	for how, fail := range failing {
		for about, answer := range answers {
			t.Run(how+" about "+about, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					_, bot := botOf(t, answer)
					ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
					defer cancel()
					mux := imbotv2.NewMux()
					mux.Message(func(context.Context, *imbotv2.Event) error { return errors.New("cannot be worked on") })
					mux.Errors(fail)
					require.ErrorAs(t, mux.Run(ctx, bot), new(*imbotv2.PanicError))
				})
			})
		}
	}
}

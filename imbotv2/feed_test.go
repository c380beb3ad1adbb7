package imbotv2_test

import (
	"context"
	"errors"
	"math"
	"net/http"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"
	"weak"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-a6e4e5a4/imbot"
	"github.com/seed-a6e4e5a4/imbot/imbottest"
	"github.com/seed-a6e4e5a4/imbot/imbotv2"
)

// A portal that wants to be left alone for a day or more would have deleted events by then.
func TestEvents_waitsForAnHourAtMost(t *testing.T) {
	t.Parallel()
	for pause, want := range map[time.Duration]time.Duration{time.Second: time.Hour, 2 * time.Hour: 2 * time.Hour} {
		t.Run(pause.String(), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				start := time.Now()
				portal := imbottest.NewPortal(t)
				portal.On("imbot.v2.Event.get", imbottest.Refuse(503, "OVERLOAD_LIMIT", ""), pageOf(false, eventAt(1, start)))
				tomorrow := imbot.WithMiddleware(func(next http.RoundTripper) http.RoundTripper {
					return roundTripper(func(req *http.Request) (*http.Response, error) {
						resp, err := next.RoundTrip(req)
						if err == nil && resp.StatusCode == http.StatusServiceUnavailable {
							resp.Header.Set("Retry-After", "86400")
						}
						return resp, err
					})
				})
				bot := imbotv2.New(portal.Client(tomorrow)).As(imbotv2.Identity{BotID: imbottest.BotMain})
				ids, errs := collect(t.Context(), bot, 48*time.Hour, func(*imbotv2.Event) bool { return true }, imbotv2.WithPauses(pause, pause))
				assert.Equal(t, []int{1}, ids)
				assert.Len(t, errs, 1)
				assert.Equal(t, want, portal.Calls()[1].At.Sub(start).Round(time.Second))
			})
		})
	}
}

// An answer that is too large because of events that are open says nothing about the next one, and nothing is skipped.
func TestEvents_tooLargeWithOpenEvents(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		large := imbottest.Raw(200, "application/json",
			`{"result":{"events":[{"eventId":1,"type":"ONIMBOTV2MESSAGEADD","data":{"x":"`+strings.Repeat("a", 10<<20)+`"}}]}}`)
		portal, bot := botOf(t, pageOf(false, in("chat1", 1)), large, large, pageOf(false, in("chat1", 2)))
		ctx, cancel := context.WithTimeout(t.Context(), 58*time.Second)
		defer cancel()
		var errs []error
		var done seen
		mux := imbotv2.NewMux()
		mux.Message(func(_ context.Context, event *imbotv2.Event) error {
			time.Sleep(18 * time.Second) // fake clock
			done.add(event)
			return nil
		})
		mux.Errors(func(_ context.Context, err error) { errs = append(errs, err) })
		require.NoError(t, mux.Run(ctx, bot, imbotv2.WithSkipTooLarge(), imbotv2.WithPageSize(1)))
		assert.Equal(t, []int{1, 2}, done.all())
		require.Len(t, errs, 2)
		for _, err := range errs {
			require.ErrorIs(t, err, imbot.ErrAnswerTooLarge)
			require.NotErrorAs(t, err, new(*imbotv2.EventTooLargeError))
		}
		assert.Equal(t, [][2]int{{0, 1}, {0, 2}, {0, 2}, {2, 1}}, asked(t, portal)[:4])
	})
}

// Answers that no portal gives are errors, after which it goes on: they confirm nothing, and take no memory.
func TestEvents_impossibleAnswers(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 9, 16, 11, 5, 1, 0, time.UTC)
	more := make([]map[string]any, 1001)
	for i := range more {
		more[i] = eventAt(i+1, now)
	}
	last := eventAt(2, now)
	last["eventId"] = int64(math.MaxInt64)
	for name, answer := range map[string]imbottest.Answer{
		"a number that has no next one": pageOf(false, eventAt(1, now), last),
		"a negative number":             pageOf(false, eventAt(-1, now)),
		"more events than 1,000":        pageOf(true, more...),
		"the same event twice":          pageOf(false, eventAt(1, now), eventAt(1, now)),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				portal, bot := botOf(t, answer, pageOf(false, eventAt(7, time.Now())))
				ids, errs := collect(t.Context(), bot, 9*time.Second, nil)
				assert.Equal(t, []int{7}, ids)
				require.Len(t, errs, 1)
				require.ErrorIs(t, errs[0], imbot.ErrUnexpectedResult)
				assert.Equal(t, [][2]int{{0, 100}, {0, 100}}, asked(t, portal))
			})
		})
	}
}

// An event that is worked on for long does not keep the events in memory that came in the same answer.
func TestMux_Run_forgetsWhatIsDone(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		events := []map[string]any{in("chat1", 1), in("chat2", 2), in("chat3", 3)}
		_, bot := botOf(t, pageOf(false, events[:2]...), pageOf(false, events...))
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		mux := imbotv2.NewMux()
		var done weak.Pointer[imbotv2.Message]
		mux.Message(func(ctx context.Context, event *imbotv2.Event) error {
			if event.EventID == 2 {
				done = weak.Make(event.Message)
				return nil
			}
			<-ctx.Done()
			return ctx.Err()
		})
		result := make(chan error, 1)
		go func() { result <- mux.Run(ctx, bot) }()
		time.Sleep(6 * time.Second) // fake clock
		synctest.Wait()
		runtime.GC()
		assert.NotZero(t, done)
		assert.Nil(t, done.Value())
		cancel()
		require.NoError(t, <-result)
	})
}

// onceBroken is a store that fails for one event, once.
type onceBroken struct {
	imbotv2.MemoryOffsets

	event imbotv2.EventID
}

func (s *onceBroken) Save(ctx context.Context, key imbotv2.OffsetKey, offset imbotv2.Offset) error {
	if offset.EventID == s.event {
		s.event = 0
		return errors.New("the disk is full")
	}
	return s.MemoryOffsets.Save(ctx, key, offset)
}

// What the store failed to save is saved when the loop ends.
func TestEvents_savesAgainAtTheEnd(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		_, bot := botOf(t, pageOf(false, eventAt(1, time.Now()), eventAt(2, time.Now())))
		store := &onceBroken{event: 2}
		ids, errs := collect(t.Context(), bot, time.Second, nil, imbotv2.WithOffsets(store))
		assert.Equal(t, []int{1, 2}, ids)
		assert.Len(t, errs, 1)
		ids, errs = collect(t.Context(), bot, time.Second, nil, imbotv2.WithOffsets(store))
		assert.Empty(t, ids)
		assert.Empty(t, errs)
	})
}

// A dialog that is held up for ever holds up the others when 1,000 events are open or behind it, and takes no more memory.
func TestMux_Run_openEventsAreBounded(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var answers []imbottest.Answer
		var events []map[string]any
		for range 3 {
			for range 400 {
				events = append(events, in("chat1", len(events)+1))
			}
			answers = append(answers, pageOf(true, events[:min(len(events), 1000)]...))
		}
		portal, bot := botOf(t, answers...)
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Minute)
		defer cancel()
		mux := imbotv2.NewMux()
		mux.Message(func(ctx context.Context, _ *imbotv2.Event) error {
			<-ctx.Done()
			return ctx.Err()
		})
		require.NoError(t, mux.Run(ctx, bot, imbotv2.WithPageSize(400)))
		assert.Equal(t, [][2]int{{0, 400}, {0, 800}, {0, 1000}}, asked(t, portal))
	})
}

// An offset that is ahead, which only a mistake can bring about, takes events for done.
func TestEvents_offsetOfAnotherBot(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		now := time.Now()
		store := imbotv2.NewMemoryOffsets()
		require.NoError(t, store.Save(t.Context(), key, imbotv2.Offset{EventID: 5000, Date: now, FetchedAt: now}))
		_, bot := botOf(t, pageOf(false, eventAt(4990, now.Add(-time.Minute)), eventAt(4991, now), eventAt(5001, now)))
		ids, errs := collect(t.Context(), bot, time.Second, nil, imbotv2.WithOffsets(store))
		assert.Equal(t, []int{5001}, ids)
		assert.Empty(t, errs)
	})
}

// An event that is too large is skipped by its own number, and by none that somebody wrote into it.
func TestEvents_tooLargeWithAnotherNumber(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		large := imbottest.Raw(200, "application/json", `{"result":{"events":[{"type":"ONIMBOTV2CONTEXTGET","eventId":417,"data":{"context":`+
			`{"events":[{"eventId":999999}]},"x":"`+strings.Repeat("a", 10<<20)+`"}}]}}`)
		portal, bot := botOf(t, large, pageOf(false))
		_, errs := collect(t.Context(), bot, 9*time.Second, nil, imbotv2.WithPageSize(1), imbotv2.WithSkipTooLarge())
		require.Len(t, errs, 1)
		require.ErrorIs(t, errs[0], imbot.ErrAnswerTooLarge)
		assert.Equal(t, [][2]int{{0, 1}, {0, 1}}, asked(t, portal))
	})
}
